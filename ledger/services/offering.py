"""Offering signed transactions to the node: for the first time, and again after a while.

What is offered again is what was stored; where a nonce was released, what stands in for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ledger.domain.errors import Refused
from ledger.ports.chain import ChainWriter
from ledger.ports.outbox import NODE_REFUSES, Outbox, OutboxRow, OutboxState, Release
from ledger.services.endings import as_json

RESEND_AFTER_S: Final = 3.0
"""A transaction without a receipt is offered again after this long: a restarted network has forgotten its pool."""


class Offering:
    """What the holder of a signer has offered, and when; nothing of it outlives the hold.

    Args:
        writer: The node's pool.
        outbox: Where is written down what the node refuses.
        monotonic: Seconds that only grow.
    """

    def __init__(self, writer: ChainWriter, outbox: Outbox, monotonic: Callable[[], float]) -> None:
        self._writer, self._outbox, self._monotonic = writer, outbox, monotonic
        self._sent_at: dict[str, float] = {}

    def forget_all(self) -> None:
        """Nothing was offered yet: another process held the signer, or the chain was reorganised."""
        self._sent_at.clear()

    def forget(self, key: str) -> None:
        """This row is at its end, or will be signed anew."""
        self._sent_at.pop(key, None)

    def was_taken(self, row: OutboxRow) -> bool:
        """Whether the node took it when it was offered."""
        return row.key in self._sent_at

    def due(self, flying: Sequence[OutboxRow]) -> list[OutboxRow]:
        """What was signed before and is to be offered now, for the first time in this life or once more."""
        return [row for row in flying if row.state is OutboxState.SIGNED or self.is_due_again(row)]

    def is_due_again(self, row: OutboxRow) -> bool:
        """Whether a transaction that was offered should be offered again."""
        last = self._sent_at.get(row.key)
        return row.state is OutboxState.SENT and (last is None or self._monotonic() - last >= RESEND_AFTER_S)

    def send(self, rows: Sequence[OutboxRow], releases: Mapping[int, Release]) -> None:
        """Offer rows, or what stands in for them, in order of nonce.

        Args:
            rows: Signed.
            releases: What stands in, by nonce.

        Raises:
            Refused: The node does not take one; the row says so.
            Unavailable: No node, or no database.
        """
        now = self._monotonic()
        due = sorted(rows, key=lambda row: row.nonce or 0)
        offers = [row if row.nonce is None else releases.get(row.nonce, row) for row in due]
        answers = self._writer.send_many([offer.raw for offer in offers if offer.raw is not None]) if due else []
        self._sent_at |= {row.key: now for row, answer in zip(due, answers, strict=True) if answer is None}
        refused = [(row, answer) for row, answer in zip(due, answers, strict=True) if isinstance(answer, Refused)]
        if refused:
            self._note_refused(refused)
            row, answer = refused[0]
            raise Refused(f"{row.key}: {answer}; see `tamga outbox list`") from answer
        for other in answers:
            if other is not None:
                raise other

    def _note_refused(self, refused: Sequence[tuple[OutboxRow, Refused]]) -> None:
        """Write down what the node says against rows that nobody has decided about."""
        moves = []
        for row, answer in refused:
            error = as_json({"error": NODE_REFUSES, "arguments": {"text": str(answer)}})
            if not row.is_decided and row.error != error:
                moves.append((replace(row, error=error), row.state))
        self._outbox.advance_many(moves)
