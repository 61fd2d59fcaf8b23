"""Events of a small trade in memory, as the contracts would tell them: for stores that fold them.

`births()` brings every entity about; `moves()` are strategies of what may happen to them after, in any order.
"""

from typing import Any

from hypothesis import strategies as st

from tests.support.fake_chain import contract_address

Told = tuple[str, str, dict[str, Any]]

CUSTOMS, QUARANTINE, IMPORTER, BROKER, RIVAL = 1, 2, 5, 6, 7
CASES = [1 << 56 | n for n in (1, 2, 3)]
PERMITS = [bytes([0x40 + n]) * 32 for n in (1, 2)]
SUCCESSOR = b"\x4f" * 32
GUARANTEE, REFUND, PAYMENT, APPLICATION = (bytes([n]) * 32 for n in (0x61, 0x62, 0x63, 0x64))
NOTHING = bytes(32)
KEYS = {number: contract_address(f"key of {number}") for number in (CUSTOMS, QUARANTINE, IMPORTER, BROKER, RIVAL)}
FOREVER = (1 << 40) - 1


def key_word(participant: int, *, flags: int = 0, roles: int = 1, blocked: int = 0) -> int:
    return participant | FOREVER << 104 | blocked << 144 | roles << 184 | flags << 240


def admitted(participant: int) -> list[Told]:
    key = {"key": KEYS[participant], "participant": participant, "actor": KEYS[CUSTOMS], "version": 1}
    who = {"participant": participant, "roles": 1, "supervisor": 0, "profile": NOTHING}
    return [
        ("ParticipantRegistry", "ParticipantAdmitted", who),
        ("ParticipantRegistry", "KeyChanged", {**key, "word": key_word(participant)}),
    ]


def lodged(case: int, *, importer: int = IMPORTER, declarant: int = BROKER, office: int = 7, items: int = 3) -> Told:
    lodgement = {
        "dataRecord": case.to_bytes(32),
        "importer": importer,
        "carrier": 0,
        "office": office,
        "regime": 4000,
        "itemCount": items,
        "representation": 1,
    }
    args = {"caseId": case, "actor": KEYS[declarant], "declarant": declarant, "lodgement": lodgement}
    return "DeclarationRegistry", "Lodged", args


def accepted(case: int, *, actor: int = CUSTOMS) -> Told:
    args = {"caseId": case, "actor": KEYS[actor], "version": 1, "mrn": b"26UZ%014d" % (case & 0xFF)}
    return "DeclarationRegistry", "Accepted", args


def opened(case: int, *, debtor: int = IMPORTER) -> Told:
    args = {"caseId": case, "version": 1, "declarationVersion": 1, "debtor": debtor, "office": 7}
    return "DebtLedger", "CaseOpened", args


def issued(permit: bytes, *, root: bytes | None = None, application: bytes = NOTHING) -> Told:
    args = {
        "permit": permit,
        "actor": KEYS[QUARANTINE],
        "issuer": QUARANTINE,
        "docType": 851001,
        "validFrom": 0,
        "validUntil": 1_700_000_500,
        "singleUse": False,
        "lines": [{"terms": NOTHING, "authorised": 100}],
        "root": root or permit,
        "application": application,
        "evidence": NOTHING,
    }
    return "PermitRegistry", "PermitIssued", args


def used(permit: bytes, case: int, state: int, available: int, reserved: int, written_off: int) -> Told:
    balances = {"available": available, "reserved": reserved, "writtenOff": written_off}
    args = {"permit": permit, "caseId": case, "caseVersion": 1, "item": 1, "line": 0, "state": state, "quantity": 1}
    return "PermitRegistry", "PermitUsed", args | balances


def posted(case: int, entry: int, difference: int, total: int) -> Told:
    args = {"caseId": case, "entry": entry, "code": b"CUD", "difference": difference, "total": total}
    return "DebtLedger", "ChargePosted", args


def assessed(case: int, amount: int) -> Told:
    args = {
        "caseId": case,
        "version": 2,
        "actor": KEYS[CUSTOMS],
        "declarationVersion": 1,
        "basis": 1,
        "assessed": amount,
    }
    return "DebtLedger", "Assessed", args


def paid(case: int, entry: int, amount: int, *, participant: int = IMPORTER, payment: bytes = PAYMENT) -> Told:
    who = {"actor": KEYS[participant], "participant": participant, "payment": payment}
    return "DebtLedger", "Paid", {"caseId": case, "entry": entry, "amount": amount, "excess": 0, "source": 0, **who}


def births() -> list[Told]:
    """Every participant, permit, declaration, debt and guarantee of the trade."""
    offered = {
        "guarantee": GUARANTEE,
        "version": 1,
        "guarantor": IMPORTER,
        "principal": IMPORTER,
        "securityType": 1,
        "caseId": 0,
        "amount": 500,
        "validUntil": 1_700_000_900,
        "notice": 60,
    }
    asked = {"application": APPLICATION, "version": 1, "trader": IMPORTER, "agency": QUARANTINE, "docType": 851001}
    return [
        *(event for number in KEYS for event in admitted(number)),
        ("PermitRegistry", "PermitApplied", {**asked, "actor": KEYS[IMPORTER]}),
        issued(PERMITS[0], application=APPLICATION),
        issued(PERMITS[1]),
        *(lodged(case) for case in CASES[:2]),
        lodged(CASES[2], importer=RIVAL, declarant=RIVAL),
        *(accepted(case) for case in CASES),
        *(opened(case) for case in CASES[:2]),
        opened(CASES[2], debtor=RIVAL),
        ("DebtLedger", "GuaranteeOffered", {**offered, "actor": KEYS[IMPORTER]}),
        ("DebtLedger", "RefundClaimed", claimed(CASES[0])),
    ]


def claimed(case: int) -> dict[str, Any]:
    asked = {"refund": REFUND, "version": 1, "actor": KEYS[IMPORTER], "caseId": case, "payment": PAYMENT}
    return {**asked, "amount": 10, "ground": 1, "basis": NOTHING, "offsetConsent": False}


case = st.sampled_from(CASES)
permit = st.sampled_from(PERMITS)
amount = st.integers(0, 50)
items = st.tuples(st.integers(1, 3), st.integers(1, 3)).map(sorted)


def _on_case(name: str, **more: Any) -> st.SearchStrategy[Told]:
    return case.map(
        lambda c: ("DeclarationRegistry", name, {"caseId": c, "actor": KEYS[CUSTOMS], "version": 1, **more})
    )


def _settled(c: int, span: list[int], outcome: int) -> Told:
    args = {"caseId": c, "actor": KEYS[CUSTOMS], "from": span[0], "to": span[1], "outcome": outcome}
    return "DeclarationRegistry", "ItemsSettled", args


def _asked(c: int, agency: int) -> Told:
    entry = {"item": 1, "agency": agency, "checkCode": 1}
    return "DeclarationRegistry", "ItemsEntered", {"caseId": c, "actor": KEYS[CUSTOMS], "agencies": [entry], "uses": []}


moves: st.SearchStrategy[Told] = st.one_of(
    _on_case("Routed", control=2, kind=1),
    _on_case("Controlled", control=4),
    _on_case("Arrived"),
    _on_case("Cleared"),
    _on_case("VersionMade", dataRecord=b"\x09" * 32, byCustoms=False, changedItems=[]),
    _on_case("Requested", request=1, dataRecord=b"\x08" * 32),
    _on_case("Reassigned", office=9, officer=KEYS[CUSTOMS]),
    st.builds(_settled, case, items, st.integers(1, 3)),
    st.builds(_asked, case, st.sampled_from([QUARANTINE, RIVAL])),
    _on_case("ChecksTakenOver", agency=QUARANTINE, successor=RIVAL, **{"from": 1, "to": 3}),
    st.builds(used, permit, case, st.integers(1, 4), amount, amount, amount),
    st.builds(posted, case, st.just(1), amount, amount),
    st.builds(assessed, case, amount),
    st.builds(paid, case, st.just(2), amount),
    permit.map(lambda p: issued(SUCCESSOR, root=p)),
    permit.map(lambda p: ("PermitRegistry", "PermitChanged", {"permit": p, "version": 2, "state": 5, "reason": 1})),
    case.map(
        lambda c: (
            "DebtLedger",
            "SecurityMoved",
            {"guarantee": GUARANTEE, "caseId": c, "caseVersion": 2, "amount": 5, "free": 1, "reserved": 5},
        )
    ),
    st.sampled_from([IMPORTER, RIVAL]).map(
        lambda p: ("DebtLedger", "PrepaidMoved", {"participant": p, "key": PAYMENT, "amount": 3, "balance": 3})
    ),
)
"""One thing that happens."""

blocks = st.lists(st.lists(moves, max_size=4), min_size=1, max_size=8)
"""What happens block by block."""
