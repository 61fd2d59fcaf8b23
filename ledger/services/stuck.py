"""What of an outbox no process brings to an end by itself, and why; an operator decides about each.

A row in CONFLICT stops its signer, and so does one that the node refuses: nothing is signed behind it. An anchor that
was refused is tried once more by each process that collects, and stays refused while what stands against it lasts.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from ledger.domain.errors import NotFound, Unavailable
from ledger.domain.ids import Address, Digest32, ParticipantId
from ledger.ports.chain import ChainReader
from ledger.ports.contracts import ContractCodec
from ledger.ports.outbox import Outbox, OutboxRow, OutboxState
from ledger.services import effects
from ledger.services.anchor_queue import explained, refused_anchors, told_error
from ledger.services.anchoring import find_anchor
from ledger.services.effects import ActEffect, AnchorEffect
from ledger.services.naming import NamedCall, name_call


@dataclass(frozen=True)
class Stuck:
    """One row that waits for a decision.

    Attributes:
        row: The row.
        what: What it is about, in words.
        why: What stands against it.
        manifest: The batch that it anchors, if it does.
        is_anchored: Whether that batch has an anchor all the same; None: no anchor, or the chain could not be asked.
        call: What it asks of which contract; None: of none of ours, or the chain could not be asked.
    """

    row: OutboxRow
    what: str
    why: str
    manifest: Digest32 | None = None
    is_anchored: bool | None = None
    call: NamedCall | None = None

    @property
    def is_conflict(self) -> bool:
        """Whether its signer was used elsewhere."""
        return self.row.state is OutboxState.CONFLICT


def find_stuck(outbox: Outbox, reader: ChainReader, codec: ContractCodec) -> Iterator[Stuck]:
    """Yield what is stuck, signer by signer: first what stops it, then anchors that are refused.

    What the node refuses is listed until its nonce is spent, though it be decided about.

    Raises:
        Unavailable: No database. Without a node it is not known what was anchored otherwise, nor what contract stands
            at an address.
    """
    names: Mapping[Address, str] = {}
    with suppress(Unavailable):
        names = reader.contracts_at(reader.head())
    for row, effect, why in _rows(outbox):
        call = name_call(codec, names, row.to, row.calldata)
        found = _stuck(row, effect, why, reader, call)
        if row.state is not OutboxState.REFUSED or not found.is_anchored:
            yield found


def _rows(outbox: Outbox) -> Iterator[tuple[OutboxRow, effects.Effect | None, str]]:
    """What may be stuck, its effect, and what stands against it."""
    for signer in outbox.signers():
        for row in outbox.in_state(signer, OutboxState.CONFLICT):
            effect = None if row.effect is None else effects.from_json(row.effect)
            yield row, effect, row.error or ""
        for state in (OutboxState.SIGNED, OutboxState.SENT):
            for row in outbox.in_state(signer, state):
                if row.trouble is not None:
                    effect = None if row.effect is None else effects.from_json(row.effect)
                    yield row, effect, explained(row)
        for row, anchor in refused_anchors(outbox, signer):
            yield row, anchor, told_error(row)


def _stuck(
    row: OutboxRow, effect: effects.Effect | None, why: str, reader: ChainReader, call: NamedCall | None
) -> Stuck:
    named = None if call is None else f"{call.contract}.{call.function}: {call.meaning}"
    match effect:
        case AnchorEffect():
            what = f"anchor of batch {effect.manifest.hex()}"
            return Stuck(row, what, why, effect.manifest, _is_anchored(effect, reader), call)
        case ActEffect():
            what = f"act 0x{effect.act_id.hex()} of {effect.actor}"
            return Stuck(row, what if named is None else f"{what}, {named}", why, call=call)
        case None:
            return Stuck(row, named or f"transaction to {row.to}", why, call=call)


def _is_anchored(effect: AnchorEffect, reader: ChainReader) -> bool | None:
    try:
        find_anchor(reader, ParticipantId(effect.issuer), effect.manifest, until=reader.final_head())
    except NotFound:
        return False
    except Unavailable:
        return None
    return True
