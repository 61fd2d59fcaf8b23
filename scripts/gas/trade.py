"""Escrows: bound to a release, or to documents that are presented; disputed, divided. Taken back: see `late`."""

from typing import Any, Final

from ledger.domain.reason_codes import EscrowReason
from scripts.gas.meter import Slots, entity, key, request
from scripts.gas.stage import CARRIAGE, EVIDENCE, IMPORTER, KEY, LICENCE, QUARANTINE, SELLER, Stage

RELEASE, DOCUMENTS = 0, 1
"""`EscrowCondition`."""
PRICE: Final = 1_000
LONG_S: Final = 86_400
"""Time that an escrow leaves its seller [s]."""
SEQUENCE: Final = 4
"""Of the quarantine service's batches, after those of `papers`."""
NOWHERE: Final = "0x" + "00" * 20
STATE: Final = "parties, state and end"
HELD: Final = "version and amount"
PAID: Final = "paid and proposer"
SHARE: Final = "share proposed"
OF_SELLER, OF_BUYER = "credit of the seller", "credit of the buyer"
ASKED: Final = ({"issuer": QUARANTINE, "docType": LICENCE},)


def escrows(stage: Stage) -> None:
    """Each act of an escrow's table, then the money out."""
    place = stage.meter.reader.address_of("TradeEscrow")
    stage.play("trader", "token.approve", (place, 10**12))
    _released(stage)
    _presented(stage)
    _disputed(stage)
    _divided(stage)
    stage.act(
        "seller", "escrow.withdraw", (request("withdraw price"), PRICE, key("seller").address),
        Slots(
            read=(KEY,), changed=(OF_SELLER, "balance of the escrows"), new=("request", "balance of the payee"),
        ),
    )  # fmt: skip


def _released(stage: Stage) -> None:
    """Paid in part by agreement, the rest for the release of an MRN."""
    case = stage.released("sold")
    mrn = stage.meter.view("DeclarationRegistry", "state", case)["mrn"]
    registry = stage.meter.reader.address_of("DeclarationRegistry")
    funded = Slots(
        read=(KEY, "standing of the seller", "listing of the registry"),
        changed=("balance of the payer", "allowance"),
        new=(STATE, HELD, "registry", "MRN", "balance of the escrows"),
    )
    stage.act("trader", "escrow.openEscrow.release", terms(stage, "sale", RELEASE, LONG_S, registry, mrn), funded)
    sale = entity(IMPORTER, "sale")
    part = Slots(read=(KEY, STATE), changed=(HELD,), new=(PAID, OF_SELLER))
    stage.act("trader", "escrow.payPart", (sale, 1, PRICE // 4, EscrowReason.PART_AGREED, EVIDENCE), part)
    claimed = Slots(read=(KEY, "registry", "MRN", "case", "instants"), changed=(STATE, HELD, PAID, OF_SELLER))
    stage.act("seller", "escrow.claimRelease", (sale, 2), claimed)


def _presented(stage: Stage) -> None:
    """Paid for a document that the seller presents and the buyer accepts."""
    record, anchor = _anchored(stage)
    funded = Slots(
        read=(KEY, "standing of the seller", "standing of the arbiter"),
        changed=("balance of the payer", "allowance", "balance of the escrows"),
        new=(STATE, HELD, "number of documents", "document"),
    )
    stage.act("trader", "escrow.openEscrow.one_document", terms(stage, "papers", DOCUMENTS, LONG_S), funded)
    papers = entity(IMPORTER, "papers")
    present = Slots(read=(KEY, "document", "anchor", "status"), changed=(STATE, HELD), new=("record presented",))
    stage.act("seller", "escrow.present", (papers, 1, 0, record, anchor, 0, []), present)
    accept = Slots(read=(KEY,), changed=(STATE, HELD, OF_SELLER), new=(PAID,))
    stage.act("trader", "escrow.acceptDocuments", (papers, 2), accept)


def _disputed(stage: Stage) -> None:
    """Divided by the arbiter."""
    case = opened(stage, "dispute", LONG_S)
    dispute = Slots(read=(KEY,), changed=(STATE, HELD))
    stage.act("trader", "escrow.dispute", (case, 1, EscrowReason.DOCUMENTS_DISCREPANT, EVIDENCE), dispute)
    award = Slots(read=(KEY,), changed=(STATE, HELD, OF_SELLER), new=(PAID, OF_BUYER))
    stage.act("carrier", "escrow.arbitrate", (case, 2, PRICE // 2, EscrowReason.AWARD, EVIDENCE), award)


def _divided(stage: Stage) -> None:
    """Divided as one party proposes and the other accepts."""
    case = opened(stage, "divided", LONG_S)
    propose = Slots(read=(KEY, STATE, HELD), new=(PAID, SHARE))
    stage.act("trader", "escrow.proposeSplit", (case, 1, PRICE // 2), propose)
    accept = Slots(read=(KEY,), changed=(STATE, HELD, PAID, SHARE, OF_SELLER, OF_BUYER))
    stage.act("seller", "escrow.acceptSplit", (case, 1, PRICE // 2), accept)


def opened(stage: Stage, name: str, time_s: int) -> bytes:
    """An escrow for one document that ends in `time_s`; returns its key."""
    stage.play("trader", "escrow.openEscrow", terms(stage, name, DOCUMENTS, time_s))
    return entity(IMPORTER, name)


def terms(
    stage: Stage, name: str, condition: int, time_s: int, registry: str = NOWHERE, mrn: bytes = bytes(18)
) -> tuple[Any, ...]:
    """Arguments of `openEscrow`; an escrow for documents names the carrier as its arbiter."""
    arbiter, asked = (CARRIAGE, ASKED) if condition == DOCUMENTS else (0, ())
    until = stage.meter.now() + time_s
    return (request(name), SELLER, arbiter, condition, PRICE, until, registry, mrn, asked, EVIDENCE)


def _anchored(stage: Stage) -> tuple[bytes, dict[str, Any]]:
    """A record of the quarantine service, anchored in a batch of its own."""
    record = request("record presented")
    head = SEQUENCE << 56 | LICENCE << 32 | 1
    manifest = request("manifest presented")
    stage.play("service", "documents.anchor", (head, record, manifest))
    word = int(key("service").address, 16) << 96 | head
    return record, {"issuer": QUARANTINE, "h": word, "root": record, "manifest": manifest, "time": stage.meter.now()}
