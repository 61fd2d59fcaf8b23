"""`SECURITY.md` says what every public field of every contract tells a fellow member, and names its tests.

Given the ABI and the storage layout of the deployed contracts
    when a contract has a view, an event or a stored variable
        → its table in `SECURITY.md` should name it, or the line of those that several share
    when a table names a field
        → that contract should have it
Given the table of attacks
    when a row claims that an attack fails
        → it should name a test that exists
"""

import re
from pathlib import Path

import pytest

from ledger import artifacts

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()
NAME = re.compile(r"`(\w+)`")
TEST = re.compile(r"`([\w./]+\.t\.sol)::(\w+)`")
READS = ("view", "pure")


def contracts() -> dict[str, set[str]]:
    """Views, events and stored variables of each deployed contract."""
    found = {}
    for name, artifact in artifacts.load().items():
        abi = artifact["abi"]
        if not any(entry["type"] == "function" for entry in abi):
            continue
        told = {entry["name"] for entry in abi if entry["type"] == "event"}
        told |= {entry["name"] for entry in abi if entry["type"] == "function" and entry["stateMutability"] in READS}
        found[name] = told | {slot["label"] for slot in artifact["storageLayout"]}
    return found


def section(title: str) -> str:
    """Text of a section of the page, up to the next heading."""
    heading = re.search(rf"^#+ `?{re.escape(title)}`?$", PAGE, re.M)
    assert heading, f"SECURITY.md has no section {title}"
    return re.split(r"^#+ ", PAGE[heading.end() :], maxsplit=1, flags=re.M)[0]


def first_cells(text: str) -> list[str]:
    return [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]


def common() -> set[str]:
    line = re.search(r"^Common to several: (.*?)\(", section("Every public field"), re.M | re.S)
    assert line, "the line of shared fields is gone"
    return set(NAME.findall(line.group(1)))


@pytest.mark.parametrize("contract", sorted(contracts()))
def test_every_field_is_explained(contract: str) -> None:
    named = [name for cell in first_cells(section(contract)) for name in NAME.findall(cell)]
    assert len(named) == len(set(named)), "a field stands in two rows"
    fields = contracts()[contract]
    assert sorted(fields - set(named) - common()) == [], "not explained"
    assert sorted(set(named) - fields) == [], "the contract has no such field"


def test_shared_fields_are_shared() -> None:
    assert len(contracts()) >= 13
    for name in common():
        assert sum(name in fields for fields in contracts().values()) >= 2


def test_each_attack_names_its_tests() -> None:
    rows = [line for line in section("Attacks on the contracts, thought through").splitlines() if line.startswith("| ")]
    assert len(rows) > 10
    assert [row for row in rows[1:] if not TEST.search(row)] == []


def test_named_tests_exist() -> None:
    wrong = [
        f"{file}::{name}"
        for file, name in TEST.findall(PAGE)
        if not (ROOT / "tests/contracts" / file).is_file()
        or not re.search(rf"\bfunction {name}\(", (ROOT / "tests/contracts" / file).read_text())
    ]
    assert wrong == []
