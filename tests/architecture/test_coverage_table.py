"""The pages beside the contract tests name what exists, and leave out no act.

Given `COVERAGE.md` and `INVARIANTS.md`
    when a row names a function
        → a contract should have it
    when a row names a test
        → that file should have it
    when a row proves nothing
        → it should say that something is missing
    when the ABI has a function that changes state
        → some row should name it
"""

import re
from functools import cache
from pathlib import Path

import pytest

from ledger import artifacts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "contracts"
PAGES = ("COVERAGE.md", "INVARIANTS.md")
FUNCTION = re.compile(r"`([A-Z]\w*)\.([A-Za-z]\w*)`")
TEST = re.compile(r"`([\w./]+\.(?:sol|py))::(\w+)`")
SECTIONS = ("4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.8", "4.9", "7")
"""Tables of the domain guide that the contracts are the law of."""
READS = ("view", "pure")
DECLARED = re.compile(r"^    function (\w+)\([^;]*?\)\s*external([^;]*);", re.M | re.S)


@cache
def functions() -> dict[str, dict[str, bool]]:
    """Functions of every deployed contract, and whether each is an act; from its interface if it was never exported."""
    found = {}
    for source in sorted((ROOT / "contracts").glob("*.sol")):
        interface = ROOT / "contracts" / "interfaces" / f"I{source.stem}.sol"
        if interface.exists():
            declared = re.findall(
                r"^    function (\w+)\([^;]*?\)\s*external([^;]*);", interface.read_text(), re.M | re.S
            )
            found[source.stem] = {name: not set(READS) & set(after.split()) for name, after in declared}
    for name, artifact in artifacts.load().items():
        abi = [entry for entry in artifact["abi"] if entry["type"] == "function"]
        if abi:
            found[name] = {entry["name"]: entry["stateMutability"] not in READS for entry in abi}
    return found


def rows(page: str) -> list[tuple[int, str]]:
    """Table rows of a page with their line numbers, headings left out."""
    lines = list(enumerate((FOLDER / page).read_text().splitlines(), 1))
    heads = {number - 1 for number, line in lines if line.startswith("|---")}
    return [
        (number, line)
        for number, line in lines
        if line.startswith("|") and not line.startswith("|---") and number not in heads
    ]


@pytest.mark.parametrize("page", PAGES)
def test_functions_exist(page: str) -> None:
    known = functions()
    named = [(number, *pair) for number, line in rows(page) for pair in FUNCTION.findall(line)]
    wrong = [one for one in named if one[2] not in known.get(one[1], {})]
    assert not wrong


@pytest.mark.parametrize("page", PAGES)
def test_tests_exist(page: str) -> None:
    wrong = []
    for number, line in enumerate((FOLDER / page).read_text().splitlines(), 1):
        for file, name in TEST.findall(line):
            path, keyword = (FOLDER / file, "function") if file.endswith(".sol") else (ROOT / file, "def")
            if not path.is_file() or not re.search(rf"\b{keyword} {name}\(", path.read_text()):
                wrong.append(f"{page}:{number}: {file}::{name}")
    assert not wrong


@pytest.mark.parametrize("page", PAGES)
def test_a_row_is_proved_or_says_what_is_missing(page: str) -> None:
    proved = re.compile(r"::|missing|off the chain", re.I)
    assert [number for number, line in rows(page) if not proved.search(line)] == []


def test_every_table_of_the_guide_is_there() -> None:
    headings = re.findall(r"^## ([\d.]+) ", (FOLDER / "COVERAGE.md").read_text(), re.M)
    assert tuple(headings) == SECTIONS


def test_no_act_is_left_out() -> None:
    named = {pair for _, line in rows("COVERAGE.md") for pair in FUNCTION.findall(line)}
    acts = {(contract, name) for contract, all_ in functions().items() for name, is_act in all_.items() if is_act}
    assert len(acts) > 100
    assert sorted(acts - named) == []
