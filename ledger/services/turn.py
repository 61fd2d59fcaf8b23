"""One command's turn with a key: what it sends goes through the outbox, and is seen to its end.

A command may be killed at any moment, and what it signed may lie in a pool for a long time. Kept in the outbox, it is
carried to its end by whoever takes the key's next turn, before anything of its own, so that no nonce is used twice. And
the same command, given again while that was on its way, is the same act: it is answered with what became of the first.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from ledger.domain.errors import Conflict, Refused, Unavailable
from ledger.domain.ids import Address, TxHash
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services.anchor_queue import AnchorQueue, refusal_of
from ledger.services.sender import Sender
from ledger.services.storing import StoredBatch
from ledger.services.submission import Submission

CARRIED_S: Final = 60.0
"""Until what was sent is final: a QBFT network with a validator down needs some seconds."""


class Turn:
    """Sends for one key, whose signer this process holds alone."""

    def __init__(self, sender: Sender, anchors: AnchorQueue, left: Sequence[OutboxRow]) -> None:
        """Nothing is sent yet.

        Args:
            sender: Held `alone`.
            anchors: Of the same key.
            left: What a process that is gone had left on its way, as it ended.
        """
        self._sender, self._anchors, self._left = sender, anchors, list(left)

    def transact(self, to: Address, calldata: bytes, *, gas: int, drawn: bytes = b"") -> TxHash:
        """Simulate, send, and wait until it is final.

        Args:
            to: Contract called.
            calldata: Full calldata.
            gas: Gas limit.
            drawn: Value in the calldata that was drawn for this command, and says nothing of what is wanted.

        Returns:
            Its transaction; that of the same act, if a process that is gone had left it on its way.

        Raises:
            ActRefused: The contract refused it, in the simulation or when it was mined.
            Conflict: The key was used elsewhere meanwhile.
            Refused: The node does not take it; it is given up.
            Unavailable: Not final in time. If it was accepted, it is carried in this key's next turn.
        """
        for row in self._left:
            if (row.to, row.gas) == (to, gas) and _is_same(row.calldata, calldata, drawn):
                self._left.remove(row)
                return _carried(row)
        key = f"turn:{secrets.token_hex(16)}"
        self._sender.submit(Submission(key, to, calldata, gas))
        return _carried(self._driven(key))

    def anchor(self, batch: StoredBatch) -> None:
        """Anchor a batch that has no anchor, in its issuer's next number; errors as `transact`."""
        row = self._driven(self._anchors.accept_now(batch))
        if row.state is not OutboxState.FINAL:  # it may be final by another's transaction
            raise refusal_of(row)

    def _driven(self, key: str) -> OutboxRow:
        try:
            return self._sender.drive([key], timeout_s=CARRIED_S)[0]
        except Unavailable as away:
            raise Unavailable(f"the act is accepted, and goes on in the key's next turn: {away}") from away
        except Conflict:
            raise
        except Refused as refusal:  # whoever sent it is told now, so it need not wait for a decision
            self._sender.give_up_refused(key, str(refusal))
            with suppress(Unavailable):
                self._sender.drive([key], timeout_s=CARRIED_S)
            raise


def _carried(row: OutboxRow) -> TxHash:
    if row.state is not OutboxState.FINAL or row.tx_hash is None:
        raise refusal_of(row)
    return row.tx_hash


def _is_same(one: bytes, other: bytes, drawn: bytes) -> bool:
    """Whether two calls differ at most in what was drawn for the second."""
    at = other.find(drawn) if drawn else len(other)
    end = at + len(drawn)
    return len(one) == len(other) and (one[:at], one[end:]) == (other[:at], other[end:])
