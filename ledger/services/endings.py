"""How a row ends: what its receipt, its effect, or what stood in for it come to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ledger.domain.errors import ActRefused, Unavailable
from ledger.ports.chain import ChainReader, ChainWriter, Head, Receipt
from ledger.ports.contracts import ContractCodec
from ledger.ports.outbox import RENEWED, OutboxRow, OutboxState, Release
from ledger.services import effects
from ledger.services.effects import Effect, Outcome


class Endings:
    """Asks the chain what rows come to; writes nothing.

    Args:
        reader: The chain.
        writer: The same node, which tells why it would refuse a row today.
        codec: Decodes refusals.
    """

    def __init__(self, reader: ChainReader, writer: ChainWriter, codec: ContractCodec) -> None:
        self._reader, self._writer, self._codec = reader, writer, codec

    def on_chain(self, effect: Effect, final: Head) -> Outcome | None:
        """What became of an act up to a final block, by whomever it was carried; None: nothing."""
        return effects.on_chain(effect, self._reader, self._codec, final)

    def by_effect(self, row: OutboxRow, final: Head) -> OutboxRow | None:
        """FINAL or REFUSED if its effect, or its refusal, is in a final block; None: it is not, or it has none."""
        return self.many_by_effect([row], final)[0]

    def many_by_effect(self, rows: Sequence[OutboxRow], final: Head) -> list[OutboxRow | None]:
        """`by_effect` of each, asked together."""
        stored = [None if row.effect is None else effects.from_json(row.effect) for row in rows]
        asked = [effect for effect in stored if effect is not None]
        found = iter(effects.many_on_chain(asked, self._reader, self._codec, final))
        outcomes = [None if effect is None else next(found) for effect in stored]
        return [
            None if outcome is None else _as_outcome(row, outcome) for row, outcome in zip(rows, outcomes, strict=True)
        ]

    def by_receipt(self, row: OutboxRow, receipt: Receipt, final: Head) -> OutboxRow:
        """FINAL or REFUSED for a row that was mined in a final block."""
        if row.effect is None:
            return _ended(row) if receipt.succeeded else self._refused(row)
        effect = effects.from_json(row.effect)
        outcome = effects.in_events(effect, receipt.events, self._codec) if receipt.succeeded else None
        outcome = outcome or self.on_chain(effect, final)
        return self._refused(row) if outcome is None else _as_outcome(row, outcome)

    def by_release(self, row: OutboxRow, release: Release, final: Head) -> OutboxRow:
        """For a row whose nonce was spent on nothing: somebody else may have carried the act, or it begins anew."""
        ended = self.by_effect(row, final)
        if ended is not None:
            return ended
        if row.trouble == RENEWED:
            return replace(row, state=OutboxState.ACCEPTED, nonce=None, raw=None, tx_hash=None, error=None)
        return replace(row, state=OutboxState.REFUSED, error=decision(row) or over_block_gas(row, release.block_gas))

    def canonical(self, receipts: Sequence[Receipt | None], final: Head) -> set[Head]:
        """Blocks of the receipts that the node still has at their height."""
        blocks = sorted({receipt.block for receipt in receipts if receipt is not None}, key=lambda head: head.number)
        if not blocks:
            return set()
        found = self._reader.blocks([block.number for block in blocks])
        if any(there is None and block.number <= final.number for block, there in zip(blocks, found, strict=True)):
            raise Unavailable("the node lost a block that it called final")
        return {block for block, there in zip(blocks, found, strict=True) if there == block}

    def _refused(self, row: OutboxRow) -> OutboxRow:
        """With the contract's reason today for what it refused when it was mined."""
        error: Mapping[str, Any] = {
            "error": "unknown",
            "arguments": {"text": "refused when it was mined, would be taken now"},
        }
        try:
            self._writer.simulate(row.signer, row.to, row.calldata, gas=row.gas)
        except ActRefused as refusal:
            error = {"error": refusal.error, "arguments": refusal.arguments}
        return replace(row, state=OutboxState.REFUSED, error=as_json(error))


def mined(row: OutboxRow, receipt: Receipt) -> OutboxRow:
    """MINED, in the receipt's block."""
    block, error = receipt.block, decision(row)
    return replace(row, state=OutboxState.MINED, block_number=block.number, block_hash=block.hash, error=error)


def decision(row: OutboxRow) -> str | None:
    """The error that an open row keeps when it moves on: what its operator decided."""
    return row.error if row.is_decided else None


def over_block_gas(row: OutboxRow, block_gas: int) -> str:
    """The error of a row that no block can hold."""
    return as_json({"error": "OverBlockGas", "arguments": {"gas": row.gas, "blockGas": block_gas}})


def as_json(error: Mapping[str, Any]) -> str:
    """An error as a row keeps it."""
    return json.dumps(error, default=lambda value: "0x" + bytes(value).hex())


def _ended(row: OutboxRow) -> OutboxRow:
    return replace(row, state=OutboxState.FINAL, error=None)


def _as_outcome(row: OutboxRow, outcome: Outcome) -> OutboxRow:
    """FINAL or REFUSED, in the block of the effect, which may be another transaction's."""
    block = outcome.event.block
    placed = replace(_ended(row), block_number=block.number, block_hash=block.hash)
    if outcome.refusal is None:
        return placed
    return replace(placed, state=OutboxState.REFUSED, error=as_json(outcome.refusal))
