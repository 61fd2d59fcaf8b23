"""Webhooks and how far each was served, shared by all workers of a facade."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ledger.domain.ids import Address
from ledger.ports.index_store import Position


@dataclass(frozen=True)
class Webhook:
    """An address that wants to be told of acts.

    Attributes:
        id: 32 hex digits.
        key: Key that registered it: what is sent is what this key may read when it is sent.
        url: Where to.
        secret: Signs deliveries.
        served: Acts up to this position were delivered, or were not for it; None: none.
        tries: Failed tries in a row.
        next_try: Not before [unix s].
        trouble: What the last try met; "" when it went well.
        paused: Whether it waits for its owner.
        turn: Counts how often it was taken or resumed: who gives it back late finds another number.
    """

    id: str
    key: Address
    url: str
    secret: bytes
    served: Position | None
    tries: int
    next_try: int
    trouble: str
    paused: bool
    turn: int = 0


class WebhookStore(ABC):
    """Keeps webhooks. Every method raises `Unavailable` while the database is away."""

    @abstractmethod
    def add(self, webhook: Webhook, *, at_most: int) -> Webhook:
        """Keep a new webhook; one of the same id that is there already is returned as it is.

        Raises `LimitExceeded` if its key has `at_most` already, also if they are added at once.
        """

    @abstractmethod
    def of_key(self, key: Address) -> Sequence[Webhook]:
        """Webhooks of a key, by id."""

    @abstractmethod
    def remove(self, key: Address, webhook: str) -> bool:
        """Remove a webhook of this key; False if there is none."""

    @abstractmethod
    def resume(self, key: Address, webhook: str, after: Position | None) -> bool:
        """Serve a webhook of this key anew, from `after` on, at once; False if there is none."""

    @abstractmethod
    def take(self, *, now: int, until: int, besides: Collection[Address] = ()) -> Webhook | None:
        """Take the webhook that is due longest, for nobody else to take before `until` [unix s]; None if none is.

        Args:
            besides: Keys whose webhooks are left alone.
        """

    @abstractmethod
    def settle(self, webhook: Webhook) -> None:
        """Keep what became of a webhook that was taken, and give it back; nothing if it was resumed or removed since.

        Args:
            webhook: As it was taken, with `served`, `tries`, `next_try`, `trouble`, `paused` as they are now.
        """
