"""Every act of every contract is done twice by a test (guide 7.5).

Given the ABI of the deployed contracts
    when a function changes state
        → `tests/contracts/declaration/Doubles.t.sol` or a file of `tests/contracts/doubles/` should do it twice
    when such a file names an act
        → a contract should have it
"""

import re
from pathlib import Path

from ledger import artifacts

TESTS = Path(__file__).parents[1] / "contracts"
NAMED = re.compile(r'"([A-Z]\w+)\.(\w+)"')
OF_DECLARATIONS = re.compile(r"(?:_twice|_repeats)\([^;{]*?encodeCall\(\s*registry\.(\w+)")


def acts() -> set[tuple[str, str]]:
    return {
        (name, entry["name"])
        for name, artifact in artifacts.load().items()
        for entry in artifact["abi"]
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
    }


def doubled() -> set[tuple[str, str]]:
    files = sorted((TESTS / "doubles").glob("*.t.sol"))
    named = {(contract, act) for file in files for contract, act in NAMED.findall(file.read_text())}
    declarations = (TESTS / "declaration" / "Doubles.t.sol").read_text()
    return named | {("DeclarationRegistry", act) for act in OF_DECLARATIONS.findall(declarations)}


def test_every_act_is_done_twice() -> None:
    assert len(acts()) > 150
    assert sorted(acts() - doubled()) == []


def test_every_act_done_twice_exists() -> None:
    assert sorted(doubled() - acts()) == []
