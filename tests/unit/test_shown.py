"""Values from the chain in answers: instants in UTC, amounts as text, codes as they are written.

given every member of the states that are told as a whole → its name says what its Solidity type does
given an event → each member is told by its type, at any depth; what has not come is null, a length of time is a number
"""

from collections.abc import Iterator, Sequence

from ledger.adapters.evm.abi import Param
from ledger.adapters.evm.contracts import Contracts
from ledger.bootstrap import event_fields
from ledger.domain.shown import AMOUNT_NAMES, AMOUNTS, DURATIONS, INSTANT, INSTANT_NAMES, shown_state
from ledger.services.act_values import told

CODEC = Contracts.packaged()
VIEWS = (
    ("DeclarationRegistry", "state"),
    ("DeclarationRegistry", "item"),
    ("DeclarationRegistry", "checks"),
    ("DeclarationRegistry", "permitUses"),
    ("DebtLedger", "caseOf"),
    ("PermitRegistry", "permitHead"),
    ("DocumentRegistry", "statusAt"),
)


def members(params: Sequence[Param]) -> Iterator[Param]:
    for param in params:
        yield from members(param.members) if param.members else [param]


def test_names_in_states_say_what_their_types_do() -> None:
    found = [each for contract, function in VIEWS for each in members(CODEC.function(contract, function).outputs)]
    assert {each.name for each in found if each.base == INSTANT} - DURATIONS == INSTANT_NAMES
    assert {each.name for each in found if each.base in AMOUNTS} == AMOUNT_NAMES


def test_a_state_is_told_in_times_and_texts() -> None:
    state = {"debt": {"assessed": 232399, "dueAt": 0, "version": 3}, "items": [{"permit_uses": [{"quantity": 7}]}]}
    assert shown_state({**state, "lodgedAt": 1_795_708_074}) == {
        "debt": {"assessed": "232399", "dueAt": None, "version": 3},
        "items": [{"permit_uses": [{"quantity": "7"}]}],
        "lodgedAt": "2026-11-26T15:47:54Z",
    }


def test_an_event_is_told_by_its_types() -> None:
    charge = {"caseId": 1 << 56, "code": b"CUD", "difference": -1, "total": 26_999}
    assert told(event_fields("DebtLedger", "ChargePosted"), charge) == {
        "caseId": str(1 << 56),
        "code": "CUD",
        "difference": "-1",
        "total": "26999",
    }
    line = {"terms": b"\1" * 32, "authorised": 100_000_000}
    issued = {"permit": b"\2" * 32, "validFrom": 0, "validUntil": 4_102_444_800, "lines": [line], "singleUse": False}
    assert told(event_fields("PermitRegistry", "PermitIssued"), issued) == {
        "permit": "0x" + "02" * 32,
        "validFrom": None,
        "validUntil": "2100-01-01T00:00:00Z",
        "lines": [{"terms": "0x" + "01" * 32, "authorised": "100000000"}],
        "singleUse": False,
    }
    terms = {"appealPeriod": 2_592_000, "open": True, "procedure": b"H"}
    assert told(event_fields("RuleRegistry", "RegimeSet"), {"regime": 4000, "terms": terms}) == {
        "regime": 4000,
        "terms": {"appealPeriod": 2_592_000, "open": True, "procedure": "H"},
    }
