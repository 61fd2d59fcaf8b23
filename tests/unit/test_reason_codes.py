"""Reason codes: words and numbers.

given the Solidity libraries   → each list has their names and numbers
given an act's argument        → a word becomes its number, at any depth; no word of the list is told with its path
given a code in an act of old  → its word; one of a national list its number
"""

import re
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from ledger.bootstrap.interfaces import act_inputs, every_act
from ledger.domain.declaration import DeclarationReason
from ledger.domain.errors import Malformed
from ledger.domain.reason_codes import (
    GIVEN,
    NAMES,
    DebtReason,
    EscrowReason,
    PermitReason,
    RegistryReason,
    reasons_of,
    word_of,
)
from ledger.ports.contracts import ActParam
from ledger.services.act_values import shown, values_of, words_of

TYPES = Path(__file__).parents[2] / "contracts/types"
BOUNDS = ("LAST", "LAST_REFUND_GROUND", "NATIONAL")
"""Constants that are no reasons of their own."""


@pytest.mark.parametrize(
    ("library", "listed"),
    [
        ("Reasons", RegistryReason),
        ("PermitReasons", PermitReason),
        ("DebtReasons", DebtReason),
        ("EscrowReasons", EscrowReason),
        ("DeclarationReasons", DeclarationReason),
    ],
)
def test_a_list_is_the_contracts(library: str, listed: type[IntEnum]) -> None:
    text = (TYPES / f"{library}.sol").read_text()
    codes = {name: int(value) for name, value in re.findall(r"constant (\w+) = (\d+);", text)}
    assert {n: c for n, c in codes.items() if n not in ("NONE", *BOUNDS)} == {
        each.name: each.value for each in listed if each.name != "NONE"
    }


def param(contract: str, function: str, name: str) -> ActParam:
    return next(each for each in act_inputs(contract, function) if each.name == name)


def value_of(wanted: ActParam, value: Any) -> Any:
    values, faults = values_of([wanted], {wanted.name: value})
    if faults:
        raise Malformed(*faults)
    return values[wanted.name]


def test_every_reason_of_an_act_has_its_contracts_words() -> None:
    found = 0
    for act in every_act():
        for each in act.parameters:
            for inner in (each, *each.members):
                if inner.name in NAMES:
                    assert words_of(inner) == GIVEN[reasons_of(act.contract).__name__]
                    found += 1
    assert found > 50


@pytest.mark.parametrize(
    ("contract", "function", "name", "value", "wanted"),
    [
        ("PermitRegistry", "suspend", "reason", "HAZARD", 105),
        ("PermitRegistry", "suspend", "reason", "hazard", 105),
        ("PermitRegistry", "suspend", "reason", "105", "105"),
        ("DebtLedger", "claimRefund", "ground", "OVERPAID", 201),
        ("DeclarationRegistry", "release", "reason", 1007, 1007),
        ("TradeEscrow", "dispute", "reason", "NO_ANSWER", 304),
        (
            "DeclarationRegistry",
            "decideItems",
            "decisions",
            [{"item": 1, "checkCode": 7, "decision": "RELEASE", "validUntil": "1970-01-01T00:01:00Z"}],
            [{"item": 1, "checkCode": 7, "decision": 3, "validUntil": 60}],
        ),
        ("DeclarationRegistry", "decideItems", "decisions", "no list", "no list"),
    ],
)
def test_words_become_numbers(contract: str, function: str, name: str, value: Any, wanted: Any) -> None:
    assert value_of(param(contract, function, name), value) == wanted


def test_what_is_shown_can_be_given_back() -> None:
    decisions = param("DeclarationRegistry", "decideItems", "decisions")
    signed = [{"item": 1, "checkCode": 7, "decision": 3, "validUntil": 60}]
    words = shown(decisions, signed)
    assert words == [{"item": 1, "checkCode": 7, "decision": "RELEASE", "validUntil": "1970-01-01T00:01:00Z"}]
    assert value_of(decisions, words) == signed
    assert shown(param("DeclarationRegistry", "release", "reason"), 1007) == 1007


def test_every_word_that_is_none_is_told_with_its_path() -> None:
    decisions = [{"item": 1, "decision": "MAYBE", "validUntil": "soon"}, {"item": 2, "decision": "HOLD"}]
    with pytest.raises(Malformed) as caught:
        value_of(param("DeclarationRegistry", "decideItems", "decisions"), decisions)
    assert [(f.code, f.path) for f in caught.value.faults] == [
        ("unknown_word", "/decisions/0/decision"),
        ("not_a_time", "/decisions/0/validUntil"),
    ]


def test_what_only_the_contract_writes_is_no_word_of_an_act() -> None:
    with pytest.raises(Malformed, match="unknown_word at /reason"):
        value_of(param("DeclarationRegistry", "release", "reason"), "GREEN_LANE")
    assert word_of("DeclarationRegistry", DeclarationReason.GREEN_LANE) == "GREEN_LANE"


def test_a_national_code_is_told_as_its_number() -> None:
    assert word_of("DeclarationRegistry", 1007) == "1007"
    assert word_of("ParticipantRegistry", 6) == "KEY_LOST"
