"""What was sealed for somebody who has yet to sign its anchor, so that it is not kept for ever if they never do."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ledger.domain.ids import Address, Cid, RecordId


@dataclass(frozen=True)
class Draft:
    """One sealed batch without an anchor, as far as is known.

    Attributes:
        manifest: Its manifest's CID.
        roots: Roots that were pinned for it, the manifest among them.
        owner: Key that is to sign the anchor.
        since: Height of the last final block when it was sealed: no anchor of it is in that one or below.
        sealed_at: When [unix s].
        size_bytes: Of all its blocks.
    """

    manifest: Cid
    roots: tuple[Cid, ...]
    owner: Address
    since: int
    sealed_at: int
    size_bytes: int


class DraftStore(ABC):
    """Keeps drafts for all workers of a facade. Every method raises `Unavailable` while the database is away."""

    @abstractmethod
    def add(self, draft: Draft) -> None:
        """Keep a draft."""

    @abstractmethod
    def bytes_of(self, owner: Address) -> int:
        """Bytes of all drafts of a key."""

    @abstractmethod
    def of_key(self, owner: Address) -> Sequence[Draft]:
        """Drafts of a key, the oldest first."""

    @abstractmethod
    def sealed_before(self, instant: int) -> Sequence[Draft]:
        """Drafts of all keys that were sealed before an instant [unix s], the oldest first."""

    @abstractmethod
    def cite(self, records: Collection[RecordId], manifests: Collection[Cid]) -> None:
        """Note that who cites one of these records relies on all of these drafts."""

    @abstractmethod
    def cited_by(self, records: Collection[RecordId]) -> Sequence[Draft]:
        """Drafts that who cites one of these records relies on, the oldest first."""

    @abstractmethod
    def forget(self, manifests: Collection[Cid]) -> None:
        """Drop drafts, by their manifests, and who relies on them."""
