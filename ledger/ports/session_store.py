"""Sign-ins of one facade, shared by all its workers. Nothing in it opens anything: tokens are kept as hashes."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from ledger.domain.ids import Address, Digest32


@dataclass(frozen=True)
class StoredSession:
    """A sign-in.

    Attributes:
        token_hash: SHA-256 of the token.
        key: The key that signed in.
        expires_at: First second at which it counts no more [unix s].
    """

    token_hash: Digest32
    key: Address
    expires_at: int


class SessionStore(ABC):
    """Nonces and sessions. Every method is one database transaction, and raises `Unavailable` while it is away."""

    @abstractmethod
    def add_nonce(self, nonce: str, *, expires_at: int, now: int) -> None:
        """Keep a nonce until it is used or expires [unix s]; what had expired by `now` is forgotten."""

    @abstractmethod
    def open(self, nonce: str, session: StoredSession, *, now: int) -> bool:
        """Use up a nonce and keep the session that it opens: both, or neither.

        Returns:
            Whether the nonce was there, unused and not expired.
        """

    @abstractmethod
    def find(self, token_hash: Digest32, *, now: int) -> StoredSession | None:
        """The session, if it is there and has not expired."""

    @abstractmethod
    def end(self, token_hash: Digest32) -> None:
        """Forget a session; nothing happens if it is not there."""
