"""The play speaks the contracts' language.

Given the Solidity libraries, it should use their numbers for reason codes
"""

import re
from pathlib import Path

from scripts.demo import clearing
from scripts.demo.cast import MEMBERS, all_seats

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"


def constants(library: str) -> dict[str, int]:
    text = (CONTRACTS / "types" / f"{library}.sol").read_text()
    found = re.findall(r"constant ([A-Z_]+) = (?:1 << ([0-9]+)|([0-9]+));", text)
    return {name: 1 << int(shift) if shift else int(plain) for name, shift, plain in found}


def test_reasons_are_the_contracts() -> None:
    assert constants("DebtReasons")["FIRST_ASSESSMENT"] == clearing.FIRST_ASSESSMENT
    permits = constants("PermitReasons")
    assert (permits["HAZARD"], permits["CAUSE_REMOVED"]) == (clearing.HAZARD, clearing.CAUSE_REMOVED)


def test_every_seat_has_a_name_of_its_own() -> None:
    names = [seat.name for _, seat in all_seats()]
    assert len(names) == len(set(names))
    assert {member.name for member in MEMBERS} >= {"customs", "quarantine", "chamber", "treasury", "auditor"}
