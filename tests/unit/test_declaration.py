"""The declaration's tables against the golden vectors, the contracts' sources and the samples' numbers."""

import json
import re
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from ledger.domain import declaration as law
from ledger.domain.declaration import ControlAct, ControlState, DeclarationAct, DeclarationStatus, HeldFor, Reason
from ledger.domain.errors import ActRefused, Malformed
from ledger.domain.reference_numbers import MAX_COUNTER, check_digit, mrn, parse_mrn

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests/golden/declaration_transitions.json").read_text())
TYPES = (ROOT / "contracts/types/Declaration.sol").read_text()
REASONS = (ROOT / "contracts/types/DeclarationReasons.sol").read_text()
Table = Mapping[tuple[Any, Any], Any]
SOLIDITY_TEST = (ROOT / "tests/contracts/declaration/Transitions.t.sol").read_text()


def digest(table: Table, states: type[IntEnum], acts: type[IntEnum]) -> str:
    """Hash of the table as the Solidity test walks it: by act, by state, 0xff where refused."""
    cells = bytes(table.get((state, act), 0xFF) for act in acts for state in states)
    return keccak(cells).hex()


@pytest.mark.parametrize(
    ("name", "table", "states", "acts"),
    [
        ("status", law.NEXT, DeclarationStatus, DeclarationAct),
        ("control", law.NEXT_CONTROL, ControlState, ControlAct),
    ],
)
def test_table_is_the_golden_one_which_the_contract_test_walks(
    name: str, table: Table, states: type[IntEnum], acts: type[IntEnum]
) -> None:
    assert {f"{s.name} {a.name}": e.name for (s, a), e in table.items()} == GOLDEN[name]["next"]
    assert digest(table, states, acts) == GOLDEN[name]["digest"]
    assert GOLDEN[name]["digest"] in SOLIDITY_TEST


@pytest.mark.parametrize(
    "enum",
    [
        law.DeclarationStatus,
        law.DeclarationAct,
        law.Representation,
        law.ControlState,
        law.ControlKind,
        law.ControlAct,
        law.AgencyDecision,
        law.ItemOutcome,
        law.OpenRequest,
        law.JointKind,
        law.RefusalKind,
        law.AppealState,
        law.HeldFor,
    ],
)
def test_enumeration_has_the_names_and_order_of_the_contract(enum: type[IntEnum]) -> None:
    body = re.search(rf"enum {enum.__name__} {{(.*?)}}", TYPES, re.DOTALL)
    assert body is not None
    names = [name.strip() for name in body[1].split(",")]
    assert names == [member.name for member in enum]
    assert [member.value for member in enum] == list(range(len(names)))


def test_the_national_list_starts_where_the_contract_says() -> None:
    assert f"NATIONAL = {law.FIRST_NATIONAL_REASON};" in REASONS


def test_every_act_has_a_row() -> None:
    assert set(law.MOVES) | set(law.STAYS) == set(DeclarationAct)
    assert not set(law.MOVES) & set(law.STAYS)


@pytest.mark.parametrize("end", [DeclarationStatus.REJECTED, DeclarationStatus.INVALIDATED])
def test_an_end_is_left_only_by_what_the_law_lists(end: DeclarationStatus) -> None:
    leaving = {act for (status, act), to in law.NEXT.items() if status is end and to is not end}
    assert leaving == ({DeclarationAct.REOPEN_REJECTION} if end is DeclarationStatus.REJECTED else set())


def test_release_is_reached_through_acceptance_alone() -> None:
    assert {s for (s, a) in law.NEXT if a is DeclarationAct.RELEASE} == {
        DeclarationStatus.ACCEPTED,
        DeclarationStatus.PARTLY_RELEASED,
        DeclarationStatus.RELEASED,
    }


def test_absent_pairs_are_refused_with_both_values() -> None:
    with pytest.raises(ActRefused) as refused:
        law.next_status(DeclarationStatus.LODGED, DeclarationAct.RELEASE)
    assert refused.value.error == "NotInStatus"
    assert refused.value.arguments == {"act": DeclarationAct.RELEASE, "status": DeclarationStatus.LODGED}
    with pytest.raises(ActRefused) as refused:
        law.next_control(ControlState.UNROUTED, ControlAct.START)
    assert refused.value.error == "NotInControl"
    assert refused.value.arguments == {"act": ControlAct.START, "state": ControlState.UNROUTED}


def test_present_pairs_give_the_next_state() -> None:
    assert law.next_status(DeclarationStatus.ACCEPTING, DeclarationAct.SEAL) is DeclarationStatus.ACCEPTED
    assert law.next_control(ControlState.REQUIRED, ControlAct.START) is ControlState.IN_PROGRESS


@pytest.mark.parametrize(
    ("count", "open_items", "denied", "status"),
    [
        (3, 3, 0, DeclarationStatus.ACCEPTED),
        (3, 2, 0, DeclarationStatus.PARTLY_RELEASED),
        (3, 1, 1, DeclarationStatus.PARTLY_RELEASED),
        (3, 0, 2, DeclarationStatus.RELEASED),
        (3, 0, 0, DeclarationStatus.RELEASED),
        (3, 0, 3, DeclarationStatus.ACCEPTED),
        (3, 2, 1, DeclarationStatus.ACCEPTED),
    ],
)
def test_status_follows_from_items(count: int, open_items: int, denied: int, status: DeclarationStatus) -> None:
    assert law.after_items(count, open_items, denied) is status


def test_reason_is_read_by_order_and_by_name() -> None:
    expected = Reason(item=2, code=HeldFor.AGENCY_HOLD, agency=7, check_code=219, use=0)
    assert Reason.from_chain((2, 11, 7, 219, 0)) == expected
    assert Reason.from_chain({"item": 2, "code": 11, "agency": 7, "checkCode": 219, "use": 0}) == expected
    with pytest.raises(ValueError, match="99"):
        Reason.from_chain((0, 99, 0, 0, 0))


# numbers


def test_check_digit_of_the_published_example() -> None:
    assert check_digit("24GBDIRIGZ7QLCPAA") == "8"
    number = parse_mrn("24GBDIRIGZ7QLCPAA8")
    assert (number.year, number.country, number.procedure) == (24, "GB", "A")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("24GBDIRIGZ7QLCPAA7", "mrn_check_digit"),
        ("24GBDIRIGZ7QLCPAA", "mrn_shape"),
        ("24gbDIRIGZ7QLCPAA8", "mrn_shape"),
        ("24GBDIRIGZ7QLCPA18", "mrn_shape"),
        ("٢٤GBDIRIGZ7QLCPAA8", "mrn_shape"),
        ("24GBDIRIGZ7QLCPAA8\n", "mrn_shape"),
    ],
)
def test_wrong_mrn_names_its_fault_and_place(text: str, code: str) -> None:
    with pytest.raises(Malformed) as malformed:
        parse_mrn(text, "/mrn")
    assert [(f.code, f.path) for f in malformed.value.faults] == [(code, "/mrn")]


def test_exchanged_neighbours_are_caught() -> None:
    good = "24GBDIRIGZ7QLCPAA8"
    for i in range(16):
        if good[i] == good[i + 1]:
            continue
        changed = good[:i] + good[i + 1] + good[i] + good[i + 2 : -1]
        assert check_digit(changed) != "8", changed


@pytest.mark.parametrize(("version", "counter"), [(0, 1), (36, 1), (1, 0), (1, MAX_COUNTER + 1)])
def test_numbers_outside_the_format_are_refused(version: int, counter: int) -> None:
    with pytest.raises(ValueError, match="is not 1 to"):
        mrn(0, "UZ", version, counter, "A")
