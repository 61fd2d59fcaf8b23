"""Idempotency keys of requests: which key stood for which request, so that it never stands for another."""

from abc import ABC, abstractmethod

from ledger.domain.ids import Digest32


class RequestKeys(ABC):
    """Keys by who used them, shared by all workers of a facade."""

    @abstractmethod
    def claim(self, owner: str, key: str, request: Digest32, *, now: int) -> bool:
        """Let `key` of `owner` stand for a request; durable when this returns.

        Call it before the work, and let the work itself be the same when it is done twice: a process that dies between
        the two has claimed a key, and the request is sent again.

        Args:
            owner: Who sends it: keys of others do not clash with theirs.
            key: Idempotency key.
            request: Hash of the request.
            now: Instant [unix s]; keys that are a month old are forgotten.

        Returns:
            Whether it is new.

        Raises:
            Conflict: The key stands for another request.
            Unavailable: The database is away.
        """

    @abstractmethod
    def release(self, owner: str, key: str, request: Digest32) -> None:
        """Let `key` of `owner` stand for nothing again: the request was refused and did nothing. Raises `Unavailable`.

        Nothing happens if it stands for another request, or if an answer was kept.
        """

    @abstractmethod
    def answer(self, owner: str, key: str) -> bytes | None:
        """What was answered to the request that `key` of `owner` stands for; None if nothing was kept.

        Raises `Unavailable`.
        """

    @abstractmethod
    def bytes_of(self, owner: str) -> int:
        """Bytes of all answers that are kept for `owner`. Raises `Unavailable`."""

    @abstractmethod
    def keep(self, owner: str, key: str, answer: bytes, *, now: int) -> bytes:
        """Keep an answer for repeats of the request, for work that would come out differently if it were done again.

        It is kept as long as its key; one over 4 KiB for two days.

        Returns:
            The answer that stands: of two that come at once, the first.

        Raises:
            Unavailable: The database is away.
        """
