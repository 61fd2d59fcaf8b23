"""Batches that issuers anchored, and records whose status changed (domain guide 4.8).

A record that never changed has no row: it is in force.
"""

from typing import Final

from ledger.domain.anchor import unpack_h
from ledger.domain.folding.book import Book, Emitted, Rules, State, party, record
from ledger.domain.judging import DocumentState

REGISTRY: Final = "DocumentRegistry"


def _anchored(state: State, event: Emitted, book: Book) -> None:
    head = unpack_h(event.args["h"])
    state |= {
        "issuer": event.args["issuer"],
        "sequence": head.seq,
        "document_type": head.doc_type,
        "size": head.size,
        "key": head.key,
        "root": event.args["root"],
        "manifest": event.args["manifest"],
        "registry": event.contract,
        "anchored_at": event.block.time,
        "status": "ANCHORED",
    }
    party(state, event.args["issuer"], "issuer")


def _changed(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {
        "issuer": args["issuer"],
        "record_id": args["recordId"],
        "status": DocumentState(args.get("status", 0)).name,
        "version": args.get("version", 0),
        "since": event.block.time,
        "reason": args.get("reason", 0),
        "evidence": record(args.get("evidence")),
    }
    party(state, args["issuer"], "issuer")


def _anchor_of(event: Emitted) -> str:
    return f"anchor:{event.args['issuer']}/{unpack_h(event.args['h']).seq}@{event.contract}"


def _record_of(event: Emitted) -> str:
    return f"record:{event.args['issuer']}/0x{event.args['recordId'].hex()}"


RULES: Final[Rules] = {
    (REGISTRY, "Anchored"): ((_anchor_of, _anchored),),
    (REGISTRY, "StatusChanged"): ((_record_of, _changed),),
}
