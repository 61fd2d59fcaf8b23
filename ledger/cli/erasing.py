"""`tamga erase`: taking one document out of the world."""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from typing import Annotated, Final

import typer

from ledger.bootstrap.chain import CLOCK
from ledger.bootstrap.documents import open_contents
from ledger.bootstrap.verifying import local_records
from ledger.cli import context, durable, notes
from ledger.cli.documents import Key, Manifest, digest_of
from ledger.cli.output import Json, console, show_json
from ledger.domain.errors import ActRefused
from ledger.domain.ids import ParticipantId, RecordId
from ledger.domain.limits import ACT_GAS_BASE, ACT_GAS_PER_BYTE
from ledger.domain.tombstone import ErasureReason, dump_tombstone
from ledger.ports.signer import Signer
from ledger.services.anchoring import REGISTRY
from ledger.services.erasing import erase as erase_everywhere
from ledger.services.erasing import sign_tombstone
from ledger.services.opening import BatchReader

TOMBSTONE: Final = ".tombstone.json"
NO_EVIDENCE: Final = bytes(32)


class Why(StrEnum):
    """Why a document is erased: `tombstone.ErasureReason`, as it is typed."""

    RETENTION_ENDED = "retention-ended"
    DATA_SUBJECT = "data-subject"
    COURT_ORDER = "court-order"
    SEALED_IN_ERROR = "sealed-in-error"


ORDER_REASONS: Final = {Why.RETENTION_ENDED: 11, Why.DATA_SUBJECT: 12, Why.COURT_ORDER: 5, Why.SEALED_IN_ERROR: 1}
"""Codes of `Reasons.sol`: LAW, DATA_SUBJECT, ORDER, ERROR."""


def erase(
    manifest: Manifest,
    leaf: Annotated[int, typer.Option(min=0, help="Position of the document in its batch.")],
    reason: Annotated[Why, typer.Option(help="Why, for its tombstone.")],
    key: Key,
    as_json: Json = False,
) -> None:
    """Erase a document of ours from every content store, for ever, and leave a signed tombstone in `tombstones`.

    The erasure is ordered on the chain first, which refuses while a declaration needs the document.

    If a store is away the others are done all the same, and the exit code is 3: erase again when it is back. Proofs
    given out earlier still verify. Nobody can take the document back from who kept a copy.
    """
    signer, ledger = context.signer(key), context.hand().chain.network.ledger_id
    contents = open_contents(context.config())
    batch = BatchReader(contents, digest_of(manifest))
    issuer, own = batch.manifest.issuer, context.participant_of(signer)
    if issuer != own:
        raise ActRefused("NotIssuer", {"participant": own, "issuer": issuer})
    record_id = batch.record_id(leaf)
    folder = context.config().home / "tombstones"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{record_id.hex()}{TOMBSTONE}"
    _order_erasure(signer, issuer, record_id, reason)
    if not file.exists():  # before the erasure: without its tombstone an erased document looks like a lost one
        made = sign_tombstone(signer, ledger, issuer, record_id, ErasureReason[reason.name], CLOCK.now())
        durable.write(file, dump_tombstone(made))
    with context.pinning():
        notes.note_erasure(record_id, batch.envelope(leaf))
        erase_everywhere(contents.stores, batch, leaf, ordered=partial(_ordered, issuer))
    contents.close()
    records = local_records(context.config())
    if records is not None:
        records.forget(record_id)
    if as_json:
        show_json({"record_id": record_id, "reason": reason, "tombstone": str(file)})
        return
    console.print(f"erased record 0x{record_id.hex()}")
    console.print(str(file), markup=False, soft_wrap=True)


def _ordered(issuer: ParticipantId, records: Sequence[RecordId]) -> frozenset[RecordId]:
    """Which of an issuer's records were ordered to be erased, at a final block. Raises `Unavailable` without a node."""
    reader = context.hand().chain.reader
    calls = [(REGISTRY, "erasureOrderedAt", (issuer, record)) for record in records]
    found = reader.call_many(calls, at=reader.final_head())
    for refusal in found:
        if isinstance(refusal, ActRefused):  # no answer is no order
            raise refusal
    return frozenset(record for record, since in zip(records, found, strict=True) if since)


def _order_erasure(signer: Signer, issuer: ParticipantId, record_id: RecordId, reason: Why) -> None:
    """Say on the chain that the document goes, once. Raises `ActRefused` while a declaration needs it."""
    chain = context.hand().chain

    def is_ordered() -> bool:
        return bool(chain.reader.call(REGISTRY, "erasureOrderedAt", (issuer, record_id), at=chain.reader.final_head()))

    if is_ordered():
        return
    call = chain.contracts.encode_call(REGISTRY, "orderErasure", (record_id, ORDER_REASONS[reason], NO_EVIDENCE))
    gas = ACT_GAS_BASE + ACT_GAS_PER_BYTE * len(call)
    with context.turn_of(signer) as turn:
        if not is_ordered():  # by what was on its way before this turn
            turn.transact(chain.reader.address_of(REGISTRY), call, gas=gas)
