"""Who may read what: the rules alone.

given a declaration of a trader, lodged by a broker, carried and secured by others, with two items asked of agencies
  customs and auditor should see all of it; trader and broker too, and a broker with the trader's power of attorney
  the carrier should see no debt, the guarantor and the treasury nothing but the debt
  an agency should see the items that it was asked about, and of others' decisions nothing
  a stranger, and who has not signed in, should see nothing
"""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain import rights
from ledger.domain.caller import Caller
from ledger.domain.ids import Address, ParticipantId
from ledger.domain.rights import DeclarationParties, DeclarationView, PermitParties, declaration_view
from ledger.domain.roles import Role

TRADER, BROKER, CARRIER, GUARANTOR, QUARANTINE, VETERINARY, STRANGER = map(ParticipantId, range(1, 8))
OFFICE, COURT = ParticipantId(20), ParticipantId(21)
PARTIES = DeclarationParties(
    declarant=BROKER,
    importer=TRADER,
    carrier=CARRIER,
    guarantors=frozenset({GUARANTOR}),
    agencies={1: frozenset({QUARANTINE}), 2: frozenset({QUARANTINE, VETERINARY}), 3: frozenset({VETERINARY})},
)


def of(participant: ParticipantId, roles: Role) -> Caller:
    return Caller(Address("0x" + "11" * 20), participant, roles, 0)


@pytest.mark.parametrize("role", [*rights.CUSTOMS, Role.AUDITOR])
def test_customs_and_auditors_see_all(role: Role) -> None:
    view = declaration_view(of(OFFICE, role), PARTIES)
    assert view is not None
    assert view.is_whole
    assert view.opens_records == (role is not Role.AUDITOR), "contents are an auditor's by a grant alone"


@pytest.mark.parametrize(("participant", "role"), [(TRADER, Role.DECLARANT), (BROKER, Role.BROKER)])
def test_its_declarant_and_importer_see_all(participant: ParticipantId, role: Role) -> None:
    assert declaration_view(of(participant, role), PARTIES) == DeclarationView(participant, None, debt=True)


def test_who_represents_the_importer_now_sees_all_with_a_brokers_key() -> None:
    parties = replace(PARTIES, representatives=frozenset({STRANGER}))
    assert declaration_view(of(STRANGER, Role.BROKER), parties) == DeclarationView(STRANGER, None, debt=True)
    assert declaration_view(of(STRANGER, Role.DECLARANT), parties) is None


@pytest.mark.parametrize(
    ("caller", "view"),
    [
        (of(CARRIER, Role.CARRIER), DeclarationView(CARRIER, None, debt=False)),
        (of(GUARANTOR, Role.GUARANTOR), DeclarationView(GUARANTOR, frozenset(), debt=True)),
        (of(OFFICE, Role.TREASURY), DeclarationView(OFFICE, frozenset(), debt=True)),
        (of(QUARANTINE, Role.OGA), DeclarationView(QUARANTINE, frozenset({1, 2}), debt=False)),
        (of(VETERINARY, Role.OGA), DeclarationView(VETERINARY, frozenset({2, 3}), debt=False)),
        (of(QUARANTINE, Role.ISSUER), None),  # a key of the agency that decides nothing
        (of(STRANGER, Role.DECLARANT | Role.BROKER | Role.CARRIER | Role.OGA), None),
        (of(STRANGER, Role.REGISTRAR | Role.SERVICE_ANCHOR), None),
        (None, None),
    ],
)
def test_others_see_what_they_need(caller: Caller | None, view: DeclarationView | None) -> None:
    assert declaration_view(caller, PARTIES) == view


STATE: dict[str, Any] = {
    "mrn": "26UZ",
    "items": [
        {"number": 1, "checks": [{"agency": QUARANTINE}], "permit_uses": ["x"]},
        {"number": 2, "checks": [{"agency": QUARANTINE}, {"agency": VETERINARY}], "permit_uses": []},
        {"number": 3, "checks": [{"agency": VETERINARY}], "permit_uses": []},
    ],
    "missing": [
        {"item": 0, "code": "DEBT_UNPAID", "agency": 0},
        {"item": 0, "code": "NOT_ARRIVED", "agency": 0},
        {"item": 2, "code": "AGENCY_PENDING", "agency": VETERINARY},
        {"item": 2, "code": "AGENCY_HOLD", "agency": QUARANTINE},
        {"item": 3, "code": "AGENCY_PENDING", "agency": VETERINARY},
    ],
    "debt": {"owed": "5"},
}


@pytest.mark.parametrize(
    ("role", "stands_for", "items"),
    [
        (Role.OGA, {QUARANTINE}, {2}),
        (Role.OGA, {QUARANTINE, VETERINARY}, {2, 3}),
        (Role.OGA, {STRANGER}, None),
        (Role.ISSUER, {QUARANTINE}, None),  # a key of the agency that decides nothing
    ],
)
def test_who_stands_in_for_an_agency_sees_what_waits_for_it(
    role: Role, stands_for: set[ParticipantId], items: set[int] | None
) -> None:
    waiting = {1: frozenset[ParticipantId](), 2: frozenset({QUARANTINE}), 3: frozenset({VETERINARY})}
    view = declaration_view(of(COURT, role), replace(PARTIES, waiting=waiting), frozenset(stands_for))
    assert (None if view is None else view.items) == (None if items is None else frozenset(items))


def test_who_stands_in_for_an_agency_is_told_its_checks_and_nobody_elses() -> None:
    view = DeclarationView(COURT, frozenset({2}), debt=False, stands_for=frozenset({QUARANTINE}))
    shown = view.of_state(STATE)
    assert [(item["number"], item["checks"]) for item in shown["items"]] == [(2, [{"agency": QUARANTINE}])]
    assert [reason["code"] for reason in shown["missing"]] == ["NOT_ARRIVED", "AGENCY_HOLD"]
    told = view.of_act("DeclarationRegistry", "ItemsEntered", {**ENTERED, "from": 1, "to": 2}, OFFICE)
    assert told is not None
    assert told["agencies"] == []  # the first item is not among what waits


def test_an_agencys_view_leaves_out_what_is_not_its_own() -> None:
    shown = DeclarationView(QUARANTINE, frozenset({1, 2}), debt=False).of_state(STATE)
    assert [(i["number"], i["checks"], i["permit_uses"]) for i in shown["items"]] == [
        (1, [{"agency": QUARANTINE}], None),
        (2, [{"agency": QUARANTINE}], None),
    ]
    assert [reason["code"] for reason in shown["missing"]] == ["NOT_ARRIVED", "AGENCY_HOLD"]
    assert shown["debt"] is None
    assert shown["mrn"] == "26UZ"


def test_a_whole_view_leaves_out_nothing() -> None:
    assert DeclarationView(TRADER, None, debt=True).of_state(STATE) == STATE


@pytest.mark.parametrize(
    ("contract", "event", "arguments", "participant", "shown"),
    [
        ("DeclarationRegistry", "Lodged", {}, BROKER, True),
        ("DeclarationRegistry", "ItemsDecided", {"agency": QUARANTINE}, QUARANTINE, True),
        ("DeclarationRegistry", "ItemsDecided", {"agency": VETERINARY}, VETERINARY, False),
        ("DebtLedger", "Assessed", {}, OFFICE, False),
        ("DeclarationRegistry", "ChecksTakenOver", {"agency": QUARANTINE, "successor": CARRIER}, CARRIER, True),
        ("DeclarationRegistry", "ChecksTakenOver", {"agency": CARRIER, "successor": QUARANTINE}, CARRIER, True),
        ("DeclarationRegistry", "ChecksTakenOver", {"agency": VETERINARY, "successor": CARRIER}, CARRIER, False),
        ("PermitRegistry", "PermitUsed", {}, OFFICE, False),
        ("PermitRegistry", "PermitIssued", {}, QUARANTINE, True),
        ("DeclarationRegistry", "ItemsSettled", {"from": 2, "to": 3}, OFFICE, False),
        ("DeclarationRegistry", "ItemsSettled", {"from": 1, "to": 3}, OFFICE, True),
        ("DeclarationRegistry", "JointProposed", {"act": {"from": 2, "to": 2}}, OFFICE, False),
        ("DeclarationRegistry", "JointProposed", {"act": {"from": 0, "to": 0}}, OFFICE, True),
        ("DeclarationRegistry", "ChecksTakenOver", {"agency": VETERINARY, "successor": COURT}, OFFICE, False),
        ("DeclarationRegistry", "ChecksTakenOver", {"agency": VETERINARY, "successor": QUARANTINE}, OFFICE, True),
        ("DeclarationRegistry", "RecordsCited", {"issuer": VETERINARY}, OFFICE, False),
    ],
)
def test_an_agencys_history(
    contract: str, event: str, arguments: dict[str, Any], participant: ParticipantId, *, shown: bool
) -> None:
    view = DeclarationView(QUARANTINE, frozenset({1}), debt=False)
    assert view.shows_act(contract, event, arguments, participant) is shown


ENTERED = {
    "from": 1,
    "to": 2,
    "agencies": [{"item": 1, "agency": QUARANTINE}, {"item": 2, "agency": VETERINARY}],
    "uses": [{"permit": b"a", "item": 1}, {"permit": b"b", "item": 2}],
}


def test_an_agency_is_told_its_own_checks_and_nobodys_permits() -> None:
    told = DeclarationView(QUARANTINE, frozenset({1}), debt=False).of_act(
        "DeclarationRegistry", "ItemsEntered", ENTERED, OFFICE
    )
    assert told == {"from": 1, "to": 2, "agencies": [{"item": 1, "agency": QUARANTINE}], "uses": []}
    changed = DeclarationView(QUARANTINE, frozenset({1}), debt=False).of_act(
        "DeclarationRegistry", "VersionMade", {"changedItems": [1, 2]}, BROKER
    )
    assert changed == {"changedItems": [1]}


@pytest.mark.parametrize("reader", [TRADER, BROKER])
def test_who_sees_the_whole_is_told_the_whole(reader: ParticipantId) -> None:
    view = DeclarationView(reader, None, debt=True)
    assert view.of_act("DeclarationRegistry", "ItemsEntered", ENTERED, OFFICE) is ENTERED


def test_the_money_of_a_declaration_is_all_that_its_guarantor_sees() -> None:
    view = DeclarationView(GUARANTOR, frozenset(), debt=True)
    state = {**STATE, "case": "7", "status": "ACCEPTED", "version": 1, "importer": TRADER, "regime": 4000}
    assert view.of_state(state) == {
        "case": "7",
        "mrn": "26UZ",
        "status": "ACCEPTED",
        "version": 1,
        "items": [],
        "missing": [{"item": 0, "code": "DEBT_UNPAID", "agency": 0}],
        "debt": {"owed": "5"},
    }
    shown = [
        view.shows_act(contract, event, ENTERED, OFFICE)
        for contract, event in (
            ("DebtLedger", "Assessed"),
            ("DeclarationRegistry", "ItemsEntered"),
            ("DeclarationRegistry", "Requested"),
            ("PermitRegistry", "PermitUsed"),
        )
    ]
    assert shown == [True, False, False, False]


def test_who_may_read_a_permit_is_told_its_own_use_of_a_declaration() -> None:
    told = rights.of_permit_act(b"b", "DeclarationRegistry", ENTERED)
    assert told == {"from": 1, "to": 2, "agencies": [], "uses": [{"permit": b"b", "item": 2}]}
    used = {"permit": b"b", "quantity": 7}
    assert rights.of_permit_act(b"b", "PermitRegistry", used) is used


def test_a_permit_is_for_its_agency_its_holder_customs_and_auditors() -> None:
    permit = PermitParties(QUARANTINE, successor=GUARANTOR, applicant=TRADER, users=frozenset({BROKER}))
    readers = [
        of(QUARANTINE, Role.ISSUER), of(TRADER, Role.DECLARANT), of(BROKER, Role.DECLARANT),
        of(OFFICE, Role.CUSTOMS_OFFICER), of(COURT, Role.AUDITOR), of(GUARANTOR, Role.OGA),
    ]  # fmt: skip
    strangers = [None, of(VETERINARY, Role.OGA), of(STRANGER, Role.DECLARANT), of(OFFICE, Role.TREASURY)]
    assert [rights.may_read_permit(caller, permit) for caller in readers] == [True] * 6
    assert [rights.may_read_permit(caller, permit) for caller in strangers] == [False] * 4


def test_the_use_of_a_document_is_for_its_issuer_and_above() -> None:
    assert rights.may_read_use(of(QUARANTINE, Role.OGA), QUARANTINE, None)
    assert rights.may_read_use(of(OFFICE, Role.CUSTOMS_RISK), QUARANTINE, None)
    assert rights.may_read_use(of(COURT, Role.REGISTRAR), QUARANTINE, COURT)
    assert not rights.may_read_use(of(TRADER, Role.DECLARANT), QUARANTINE, COURT)
    assert not rights.may_read_use(None, QUARANTINE, None)


def test_authorisations_accounts_and_acts_are_ones_own() -> None:
    trader, treasury, aeo = (
        of(TRADER, Role.DECLARANT), of(OFFICE, Role.TREASURY), of(OFFICE, Role.AEO_UNIT),
    )  # fmt: skip
    assert [rights.may_read_participant(c, TRADER) for c in (trader, treasury, aeo, None)] == [True, False, True, False]
    assert [rights.may_read_account(c, TRADER) for c in (trader, treasury, aeo, None)] == [True, True, False, False]
    assert rights.may_follow_act(trader, TRADER)
    assert not rights.may_follow_act(trader, BROKER)
    assert not rights.may_follow_act(trader, None)
    assert rights.may_follow_act(of(COURT, Role.AUDITOR), BROKER)


def test_a_contradiction_is_shown_to_customs_and_to_its_two_sides() -> None:
    assert rights.sides_shown(of(OFFICE, Role.CUSTOMS_RISK)) is None
    for role in (Role.OGA, Role.AUDITOR, Role.DECLARANT):
        assert rights.sides_shown(of(QUARANTINE, role)) == {QUARANTINE}
