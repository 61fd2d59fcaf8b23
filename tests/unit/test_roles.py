"""Given the Solidity library of roles, the Python ones should be the same, bit by bit."""

import re
from pathlib import Path

from ledger.domain.roles import Role

SOURCE = Path(__file__).resolve().parents[2] / "contracts" / "types" / "Roles.sol"


def test_roles_are_the_contracts() -> None:
    found = re.findall(r"constant ([A-Z_]+) = 1 << ([0-9]+);", SOURCE.read_text())
    assert {role.name: role.value for role in Role} == {name: 1 << int(shift) for name, shift in found}


def test_names_are_those_of_the_bits_that_are_set() -> None:
    assert (Role.OGA | Role.DECLARANT).names == ("DECLARANT", "OGA")
    assert Role(1 << 30).names == ()
