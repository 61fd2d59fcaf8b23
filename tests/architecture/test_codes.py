"""The words that answers show are those of the contracts, number by number."""

import re
from pathlib import Path

import pytest

from ledger.domain.codes import ENUMS, in_words, named
from ledger.domain.judging import ANY_ANCHOR, DocumentState
from ledger.domain.units import ENUMERATIONS, IN

CONTRACTS = Path(__file__).parents[2] / "contracts"
SOURCES = "\n".join(path.read_text() for path in sorted(CONTRACTS.rglob("*.sol")))


def members(enumeration: str) -> list[str]:
    """Members of a Solidity enumeration, in order."""
    (body,) = re.findall(rf"^\s*enum {enumeration} \{{([^}}]*)\}}", SOURCES, re.MULTILINE)
    return [name for name in (re.sub(r"//.*", "", line).strip(" ,") for line in body.splitlines()) if name]


@pytest.mark.parametrize("enumeration", ENUMS)
def test_names_are_the_contracts(enumeration: str) -> None:
    assert list(ENUMS[enumeration]) == members(enumeration)


def test_document_states_are_the_contracts() -> None:
    assert [state.name for state in DocumentState] == members("DocumentStatus")


def test_roles_that_anchor_are_the_contracts() -> None:
    bits = dict(re.findall(r"uint32 internal constant (\w+) = 1 << (\d+);", SOURCES))
    assert 1 << int(bits["ISSUER"]) | 1 << int(bits["SERVICE_ANCHOR"]) == ANY_ANCHOR


def test_every_field_has_its_words() -> None:
    assert {*ENUMERATIONS.values(), *(meaning for meaning in IN.values() if isinstance(meaning, str))} <= set(ENUMS)


def test_a_number_that_nobody_knows_stays_a_number() -> None:
    assert named("ControlKind", 99) == "99"
    assert in_words({"status": 7, "items": [{"outcome": 1}], "count": 7}) == {
        "status": "RELEASED",
        "items": [{"outcome": "RELEASED"}],
        "count": 7,
    }
