"""Every list × every reader × own and foreign rows: whose rows a reader is given, by id.

given a ledger with rows of every kind, of an importer and of its rival, of two agencies, two brokers and a guarantor
  a list of the interface that is not placed in this table should fail the test
  when a reader asks → it should be given these rows and no other
  when it asks for a foreign row by the filter that names its owner → nothing
  when it may ask for none → 404, as for what is not there
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from api.app import create
from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.roles import Role
from tests.support import trade_events as trade
from tests.support.fake_chain import FakeChain
from tests.support.trade_events import BROKER, CASES, CUSTOMS, IMPORTER, KEYS, PERMITS, QUARANTINE, RIVAL, Told
from tests.unit import test_api_queries
from tests.unit.test_api_queries import SUCCESSOR, Office, World

office = test_api_queries.office

AUDITOR, TREASURY, LICENSING, GUARANTOR, OTHER_BROKER, REVENUE, AUDIT = 8, 9, 11, 12, 13, 14, 15
READERS = {
    **test_api_queries.ROLES,
    LICENSING: Role.CUSTOMS_LICENSING,
    GUARANTOR: Role.GUARANTOR,
    OTHER_BROKER: Role.BROKER,
    REVENUE: Role.CUSTOMS_REVENUE,
    AUDIT: Role.CUSTOMS_AUDIT,
}
NAMES = (
    *("permit", "application", "guarantee", "record", "own record", "fallback", "minted", "redeemed"),
    *("payment", "broker's payment", "rival's payment", "refund", "own refund"),
)
NAMED = {name: hashlib.sha256(name.encode()).digest() for name in NAMES}


def anchored(issuer: int, sequence: int) -> Told:
    h = pack_h(bytes(20), pack_head(sequence, 851001, 1))
    return "DocumentRegistry", "Anchored", {"issuer": issuer, "h": h, "root": b"\1" * 32, "manifest": b"\2" * 32}


def revoked(issuer: int, record: str) -> Told:
    return "DocumentRegistry", "StatusChanged", {"issuer": issuer, "recordId": NAMED[record], "status": 2, "version": 1}


def empowered(client: int, broker: int) -> Told:
    power = {"scope": 7, "from": 1, "until": trade.FOREVER}
    return "AuthorisationRegistry", "PowerChanged", {"client": client, "broker": broker, "power": power, "version": 1}


def asked_of(case: int, agency: int) -> Told:
    asked = [{"item": 1, "agency": agency, "checkCode": 218}]
    entered = {"caseId": case, "actor": KEYS[CUSTOMS], "agencies": asked, "uses": []}
    return "DeclarationRegistry", "ItemsEntered", entered


def further() -> list[Told]:
    """What the rival, its agency and its guarantor have, and what the trade lacks."""
    births = {name: args for _, name, args in trade.births()}
    applied = {**births["PermitApplied"], "application": NAMED["application"], "trader": RIVAL, "agency": SUCCESSOR}
    _, _, permit = trade.issued(NAMED["permit"], application=NAMED["application"])
    offered = {**births["GuaranteeOffered"], "guarantee": NAMED["guarantee"], "guarantor": GUARANTOR}
    claimed = {**trade.claimed(CASES[2]), "refund": NAMED["refund"], "payment": NAMED["rival's payment"]}
    own = {**trade.claimed(CASES[0]), "refund": NAMED["own refund"]}
    leaked = {"key": KEYS[RIVAL], "participant": RIVAL, "actor": KEYS[CUSTOMS], "version": 2}
    bank = {"actor": KEYS[CUSTOMS], "amount": 7}
    on_paper = {"actor": KEYS[CUSTOMS], "key": NAMED["fallback"], "act": b"\1\2\3\4", "occurredAt": 99}
    return [
        ("PermitRegistry", "PermitApplied", {**applied, "actor": KEYS[RIVAL]}),
        ("PermitRegistry", "PermitIssued", {**permit, "issuer": SUCCESSOR}),
        ("DebtLedger", "GuaranteeOffered", {**offered, "principal": RIVAL, "actor": KEYS[RIVAL]}),
        trade.paid(CASES[0], 1, 10, payment=NAMED["payment"]),
        trade.paid(CASES[1], 1, 10, participant=BROKER, payment=NAMED["broker's payment"]),
        trade.paid(CASES[2], 1, 10, participant=RIVAL, payment=NAMED["rival's payment"]),
        ("DebtLedger", "RefundClaimed", {**claimed, "actor": KEYS[RIVAL]}),
        ("DebtLedger", "RefundClaimed", {**own, "payment": NAMED["payment"]}),
        *(anchored(issuer, 1) for issuer in (IMPORTER, RIVAL, QUARANTINE)),
        revoked(IMPORTER, "own record"),
        revoked(RIVAL, "record"),
        empowered(IMPORTER, BROKER),
        empowered(RIVAL, OTHER_BROKER),
        asked_of(CASES[0], QUARANTINE),
        asked_of(CASES[2], SUCCESSOR),
        ("DeclarationRegistry", "FallbackEntered", {**on_paper, "caseId": CASES[0]}),
        ("SettlementToken", "Minted", {**bank, "bankReference": NAMED["minted"], "to": KEYS[IMPORTER]}),
        ("SettlementToken", "Redeemed", {**bank, "bankReference": NAMED["redeemed"], "from": KEYS[RIVAL]}),
        ("ParticipantRegistry", "KeyChanged", {**leaked, "word": trade.key_word(RIVAL, flags=1, blocked=1)}),
    ]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(test_api_queries, "ROLES", READERS)
    made = World(FakeChain())
    made.chain.mine(*trade.births())
    made.chain.mine(*further())
    made.chain.answer("RuleRegistry", "versionAt", lambda *_: 1)
    return made


def ids(*found: bytes) -> list[str]:
    return ["0x" + each.hex() for each in found]


CUSTOMS_KEYS = (CUSTOMS, REVENUE, AUDIT)
CASES_OF_ALL = (*CUSTOMS_KEYS, AUDITOR)
MONEY = (*CASES_OF_ALL, TREASURY)
AUDITS = (AUDITOR, AUDIT)
A, B, C = (str(case) for case in CASES)
P1, P2, P3 = ids(*PERMITS, NAMED["permit"])
G1, G2 = ids(trade.GUARANTEE, NAMED["guarantee"])
R1, R2, R3 = ids(trade.REFUND, NAMED["own refund"], NAMED["refund"])
PAID, BY_BROKER, BY_RIVAL = ids(NAMED["payment"], NAMED["broker's payment"], NAMED["rival's payment"])
S1, S2 = ids(NAMED["own record"], NAMED["record"])
ASKED, ASKED_BY_RIVAL = ids(trade.APPLICATION, NAMED["application"])

Rows = Mapping[int, list[str]]
"""Ids of the rows that a reader is given; who is not named is given none."""


def of_all(readers: tuple[int, ...], *rows: str) -> dict[int, list[str]]:
    return {reader: list(rows) for reader in readers}


LISTS: Mapping[str, tuple[str, Rows]] = {
    "/v1/declarations": (
        "case",
        {**of_all(CASES_OF_ALL, A, B, C), IMPORTER: [A, B], BROKER: [A, B], RIVAL: [C], QUARANTINE: [A], SUCCESSOR: [C]}
        | {OTHER_BROKER: []},  # its power gives it sight of the one that it asks for, and no list
    ),
    "/v1/permits": (
        "permit",
        {**of_all(CASES_OF_ALL, P1, P2, P3), IMPORTER: [P1], RIVAL: [P3], QUARANTINE: [P1, P2], SUCCESSOR: [P3]},
    ),
    "/v1/permit-applications": (
        "application",
        {**of_all(CASES_OF_ALL, ASKED, ASKED_BY_RIVAL), IMPORTER: [ASKED], RIVAL: [ASKED_BY_RIVAL]}
        | {QUARANTINE: [ASKED], SUCCESSOR: [ASKED_BY_RIVAL]},
    ),
    "/v1/documents": (
        "issuer",
        {**of_all(CASES_OF_ALL, "2", "5", "7"), IMPORTER: ["5"], RIVAL: ["7"], QUARANTINE: ["2"]},
    ),
    "/v1/document-statuses": ("record_id", {**of_all(CASES_OF_ALL, S1, S2), IMPORTER: [S1], RIVAL: [S2]}),
    "/v1/debts": ("case", {**of_all(MONEY, A, B, C), IMPORTER: [A, B], BROKER: [A, B], RIVAL: [C]}),
    "/v1/payments": (
        "payment",
        {**of_all(MONEY, PAID, BY_BROKER, BY_RIVAL), IMPORTER: [PAID, BY_BROKER]}
        | {BROKER: [BY_BROKER], RIVAL: [BY_RIVAL]},
    ),
    "/v1/guarantees": ("guarantee", {**of_all(MONEY, G1, G2), IMPORTER: [G1], RIVAL: [G2], GUARANTOR: [G2]}),
    "/v1/refunds": ("refund", {**of_all(MONEY, R1, R2, R3), IMPORTER: [R1, R2], RIVAL: [R3]}),
    "/v1/powers": (
        "client",
        {**of_all((*CASES_OF_ALL, LICENSING), "5", "7"), IMPORTER: ["5"], BROKER: ["5"], RIVAL: ["7"]}
        | {OTHER_BROKER: ["7"]},
    ),
    "/v1/participants": ("participant", of_all(tuple(READERS), "1", "2", "5", "6", "7")),
    "/v1/participants/{participant}/keys": ("key", of_all(tuple(READERS), str(KEYS[IMPORTER]))),
    "/v1/rules": ("group", {}),
    "/v1/regimes": ("regime", {}),
    "/v1/code-lists": ("name", {}),
    "/v1/settlement/moves": ("bank_reference", of_all(MONEY, *ids(NAMED["minted"], NAMED["redeemed"]))),
    "/v1/audit/fallbacks": ("case", of_all(AUDITS, A)),
    "/v1/audit/compromised-keys": ("key", of_all(AUDITS, str(KEYS[RIVAL]))),
}
NOT_THERE = {"/v1/settlement/moves", "/v1/audit/fallbacks", "/v1/audit/compromised-keys"}
"""Lists that are not there for who may see none of their rows."""
FOREIGN = {
    "/v1/declarations": "importer",
    "/v1/permits": "applicant",
    "/v1/permit-applications": "applicant",
    "/v1/documents": "issuer",
    "/v1/document-statuses": "issuer",
    "/v1/debts": "debtor",
    "/v1/payments": "debtor",
    "/v1/guarantees": "principal",
    "/v1/refunds": "payer",
    "/v1/powers": "client",
}
"""Under which filter a list names the owner of a row."""


def shown(answer: Any, name: str) -> list[str]:
    found = [each[name] for each in answer["items"]]
    return sorted(str(each["id"] if isinstance(each, dict) else each) for each in found)


def test_every_list_is_placed() -> None:
    paths: dict[str, Any] = create().openapi()["paths"]
    listed = {
        path
        for path, operations in paths.items()
        if "PageOut_" in str(operations.get("get", {}).get("responses", {}).get("200"))
    }
    assert listed == LISTS.keys(), "place new lists in this table"


@pytest.mark.parametrize("path", LISTS)
def test_whose_rows_each_reader_is_given(office: Office, path: str) -> None:
    name, rows = LISTS[path]
    for reader in READERS:
        answer = office.ask(path.format(participant=IMPORTER), reader)
        if path in NOT_THERE and reader not in rows:
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), reader
        else:
            assert shown(answer.raise_for_status().json(), name) == sorted(rows.get(reader, [])), reader


@pytest.mark.parametrize("path", FOREIGN)
def test_a_filter_shows_nothing_that_is_anothers(office: Office, path: str) -> None:
    for owner, other in ((RIVAL, IMPORTER), (IMPORTER, RIVAL)):
        asked = {FOREIGN[path]: owner}
        assert office.get(path, other, **asked)["items"] == []
        assert office.get(path, owner, **asked)["items"] != []
