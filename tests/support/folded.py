"""The folded rows beside the contracts' own answers: whatever was done on a chain, both say the same."""

from collections.abc import Mapping
from typing import Any

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.domain.codes import named
from ledger.domain.folding.declarations import OUTCOMES
from ledger.ports.chain import ChainReader, Head
from ledger.ports.state_store import Row, Wanted
from ledger.services.indexing import Indexer

MOST = 10_000


def compare_with_chain(reader: ChainReader, database: Database) -> dict[str, int]:
    """Index the whole chain and compare every row with its contract. Returns how many rows of each kind agreed."""
    index, states = SqlIndexStore(database), SqlStateStore(database)
    for _ in Indexer(reader, index).catch_up():
        pass
    head = index.cursor()
    assert head is not None
    checks = {
        "declaration": _declaration,
        "permit": _permit,
        "application": _application,
        "debt": _debt,
        "guarantee": _guarantee,
        "refund": _refund,
        "account": _account,
        "participant": _participant,
        "key": _key,
        "record": _record,
        "supply": _supply,
    }
    compared = {}
    for kind, check in checks.items():
        rows = states.listed(Wanted(kind, head.time), block=head.number, limit=MOST)
        for row in rows:
            ours, theirs = check(reader, head, row)
            differ = {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}
            assert not differ, (row.entity, differ)
        compared[kind] = len(rows)
    return compared


Pair = tuple[Mapping[str, Any], Mapping[str, Any]]


def _declaration(reader: ChainReader, head: Head, row: Row) -> Pair:
    state = row.state
    chain = reader.call("DeclarationRegistry", "state", (state["case"],), at=head)
    numbers = range(1, state["item_count"] + 1) if state["outcomes"] else ()
    items = reader.call_many([("DeclarationRegistry", "item", (state["case"], n)) for n in numbers], at=head)
    same = {
        "version": "version",
        "declarant": "declarant",
        "importer": "importer",
        "carrier": "carrier",
        "office": "office",
        "regime": "regime",
        "itemCount": "item_count",
        "lodgedAt": "lodged_at",
        "acceptedAt": "accepted_at",
        "arrivedAt": "arrived_at",
        "exitedAt": "exited_at",
        "releasedAt": "released_at",
        "ruleVersion": "rule_version",
        "irregularityNotified": "irregularity_notified",
    }
    words = {"status": "DeclarationStatus", "control": "ControlState", "request": "OpenRequest"}
    ours = {
        **{name: state[ours] for name, ours in same.items()},
        **{name: state[name] for name in words},
        "controlKind": state["control_kind"],
        "representation": state["representation"],
        "mrn": (state["mrn"] or "").encode().ljust(18, b"\0"),
        "outcomes": [OUTCOMES[letter] for letter in state["outcomes"]],
    }
    theirs = {
        **{name: chain[name] for name in same},
        **{name: named(enumeration, chain[name]) for name, enumeration in words.items()},
        "controlKind": named("ControlKind", chain["controlKind"]),
        "representation": named("Representation", chain["representation"]),
        "mrn": chain["mrn"],
        "outcomes": [named("ItemOutcome", item["outcome"]) for item in items],
    }
    return ours, theirs


def _permit(reader: ChainReader, head: Head, row: Row) -> Pair:
    state = row.state
    permit = state["permit"]
    chain = reader.call("PermitRegistry", "permitHead", (permit,), at=head)
    worth = reader.call("PermitRegistry", "stateAt", (permit, head.time), at=head)
    live = state["replaced_by"] is None
    lines = [
        reader.call("PermitRegistry", "lineOf", (permit, n), at=head) for n in range(chain["lines"] if live else 0)
    ]
    ours = {
        "state": state["stored"],
        "version": state["version"],
        "issuer": state["issuer"],
        "worth": row.status(head.time),
        "lines": [(li["terms"], li["available"], li["reserved"], li["written_off"]) for li in state["lines"]]
        if live
        else [],
    }
    theirs = {
        "state": named("PermitState", chain["state"]),
        "version": chain["version"],
        "issuer": chain["issuer"],
        "worth": named("PermitState", worth),
        "lines": [tuple(line) for line in lines],
    }
    if not live:  # a replaced permit's exhaustion is its successor's
        del ours["worth"], theirs["worth"]
    return ours, theirs


def _application(reader: ChainReader, head: Head, row: Row) -> Pair:
    chain = reader.call("PermitRegistry", "applicationOf", (row.state["application"],), at=head)
    ours = {name: row.state[name] for name in ("trader", "agency", "version")}
    theirs = {name: chain[name] for name in ours}
    return {**ours, "state": row.state["status"]}, {**theirs, "state": named("PermitState", chain["state"])}


def _debt(reader: ChainReader, head: Head, row: Row) -> Pair:
    state, case = row.state, row.state["case"]
    chain = reader.call("DebtLedger", "caseOf", (case,), at=head)
    worth = reader.call("DebtLedger", "stateOf", (case, head.time), at=head)
    same = {"declarationVersion": "declaration_version", "assessedVersion": "assessed_version", "dueAt": "due_at"}
    plain = ("debtor", "office", "version", "closed", "assessed", "paid", "refunded", "settled", "secured", "approved")
    ours = {
        **{name: state[ours] for name, ours in same.items()},
        **{name: state[name] for name in plain},
        "basis": state["basis"],
        "state": row.status(head.time),
        "owed": state["owed"],
    }
    theirs = {
        **{name: chain[name] for name in (*same, *plain)},
        "basis": named("FiscalState", chain["basis"]),
        "state": named("FiscalState", worth),
        "owed": reader.call("DebtLedger", "owedOn", (case,), at=head),
    }
    return ours, theirs


def _guarantee(reader: ChainReader, head: Head, row: Row) -> Pair:
    state = row.state
    chain = reader.call("DebtLedger", "guaranteeOf", (state["guarantee"],), at=head)
    worth = reader.call("DebtLedger", "guaranteeStateAt", (state["guarantee"], head.time), at=head)
    plain = ("guarantor", "principal", "version", "free", "reserved", "called", "pending", "notice")
    ours = {**{name: state[name] for name in plain}, "worth": row.status(head.time), "until": state["valid_until"]}
    theirs = {**{name: chain[name] for name in plain}, "until": chain["validUntil"]}
    return ours, {**theirs, "worth": named("GuaranteeState", worth)}


def _refund(reader: ChainReader, head: Head, row: Row) -> Pair:
    chain = reader.call("DebtLedger", "refundOf", (row.state["refund"],), at=head)
    ours = {name: row.state[name] for name in ("version", "claimed", "approved")}
    theirs = {name: chain[name] for name in ours}
    return {**ours, "state": row.state["status"]}, {**theirs, "state": named("RefundState", chain["state"])}


def _account(reader: ChainReader, head: Head, row: Row) -> Pair:
    prepaid = reader.call("DebtLedger", "prepaidOf", (row.state["participant"],), at=head)
    return {"prepaid": row.state["prepaid"]}, {"prepaid": prepaid}


def _participant(reader: ChainReader, head: Head, row: Row) -> Pair:
    state, number = row.state, row.state["participant"]
    chain = reader.call("ParticipantRegistry", "participantAt", (number, head.time), at=head)
    types = [int(document_type) for document_type in state["accreditations"]]
    periods = [
        reader.call("ParticipantRegistry", "accreditationAt", (number, kind, head.time), at=head) for kind in types
    ]
    ours = {
        "status": state["status"],
        "roles": state["roles"],
        "version": state["version"],
        "accreditations": [
            (a["valid_from"], a["valid_until"], a["blocked_from"]) for a in state["accreditations"].values()
        ],
    }
    theirs = {
        "status": named("ParticipantStatus", chain["status"]),
        "roles": chain["roles"],
        "version": chain["version"],
        "accreditations": [(p["from"], p["until"], p["blockedFrom"]) for p in periods],
    }
    return ours, theirs


def _key(reader: ChainReader, head: Head, row: Row) -> Pair:
    state = row.state
    chain = reader.call("ParticipantRegistry", "keyAt", (state["key"], head.time), at=head)
    same = {"validFrom": "valid_from", "validUntil": "valid_until", "blockedFrom": "blocked_from"}
    plain = ("participant", "roles", "office")
    ours = {**{name: state[ours] for name, ours in same.items()}, **{name: state[name] for name in plain}}
    return ours, {name: chain[name] for name in ours}


def _record(reader: ChainReader, head: Head, row: Row) -> Pair:
    asked = (row.state["issuer"], row.state["record_id"], head.time)
    status, since = reader.call("DocumentRegistry", "statusAt", asked, at=head)
    words = ("ACTIVE", "SUSPENDED", "REVOKED", "SUPERSEDED", "SUSPENDED_BY_AUTHORITY")
    ours = {"status": row.state["status"], "since": row.state["since"]}
    return ours, {"status": words[status], "since": since}


def _supply(reader: ChainReader, head: Head, row: Row) -> Pair:
    return {"supply": row.state["supply"]}, {"supply": reader.call("SettlementToken", "totalSupply", (), at=head)}
