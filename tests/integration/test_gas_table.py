"""The gas table is what a real node says of these contracts.

Given the contracts as exported
    when every act of the course is played again on an engine of its own
        → it should cost what the table says, to the unit
Given every function of the contracts that changes state
    when it is not in the table
        → the README should name it under its reason, and no other
Given the table
    when an act costs more than its goal
        → its reason should say where the rest goes, and add up
    when the issue that set the goals named one
        → it should be there, and met or explained
"""

import re

import pytest

from ledger import artifacts
from scripts.gas import table
from scripts.gas.meter import CONTRACTS

pytestmark = pytest.mark.integration
FIELDS = {"gas", "relayed", "floor", "goal", "slots", "reason"}
LIBRARIES = {name for artifact in artifacts.load().values() for name in artifact["linkReferences"]}
"""Parts of a contract: called by it alone."""
MET = {"documents.anchor.batch_1000": 58_000, "declarations.release.each_further_item": 45_000}
"""Goals that are kept: a change that breaks one is refused, not explained."""


def test_the_table_is_what_the_chain_says() -> None:
    assert table.differences(table.kept(), table.measure()) == []


def test_every_entry_is_whole() -> None:
    for name, entry in table.kept().items():
        assert entry.keys() == FIELDS, name
        assert entry["slots"], name
        assert entry["floor"] <= entry["gas"] < entry["relayed"] or name in table.DIFFERENCES, name


def test_what_is_not_in_the_table_is_said() -> None:
    in_table = {(CONTRACTS[short], act) for short, act in (name.split(".")[:2] for name in table.kept())}
    changing = {
        (name, entry["name"])
        for name, artifact in artifacts.load().items()
        if name not in LIBRARIES
        for entry in artifact["abi"]
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
    }
    listed = table.FILE.with_name("README.md").read_text().partition("### Not in the table")[2]
    said = [
        (name, function.strip())
        for name, functions in re.findall(r"^- `(\w+)`: (\w+(?:,\s+\w+)*)$", listed, re.MULTILINE)
        for function in functions.split(",")
    ]
    assert sorted(said) == sorted(changing - in_table)


def test_what_is_above_its_goal_says_where_it_goes() -> None:
    for name, entry in table.kept().items():
        assert bool(entry["reason"]) == (entry["gas"] > entry["goal"]), name
        if entry["reason"]:
            parts = [int(number.replace(",", "")) for number in re.findall(r"(-?[\d,]+) (?:to|for)\b", entry["reason"])]
            assert entry["floor"] + sum(parts) == entry["gas"], name


@pytest.mark.parametrize(("name", "goal"), MET.items())
def test_goals_that_are_met_stay_met(name: str, goal: int) -> None:
    entry = table.kept()[name]
    assert entry["goal"] == goal
    assert entry["gas"] <= goal
