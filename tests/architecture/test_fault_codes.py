"""The codes of faults are one closed list, which the interface's contract holds.

given every place of the code, behind the interface, that makes a fault
  → its code is in the list, and nothing else is; the few that are computed are named here
given a fault's code in the contract
  → it is one of the list, or the name of a contract's own error: nothing that pydantic or a reader makes up
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.contract import FILE
from api.fault_codes import CODES, CONTRACTS_OWN
from api.faults import FAULTS, fault_of
from ledger.adapters.evm.contracts import Contracts
from ledger.domain.canonical import _CODES

ROOT = Path(__file__).parents[2]
ELSEWHERE = (
    "ledger/bootstrap", "ledger/cli", "ledger/client.py", "ledger/config.py", "ledger/devnet",
    "ledger/adapters/car_file.py", "ledger/adapters/key_file.py", "ledger/adapters/keystore.py",
    "ledger/adapters/keyring.py", "ledger/adapters/names_file.py", "ledger/adapters/addresses.py",
    "ledger/adapters/evm/build.py", "ledger/adapters/evm/http.py", "ledger/adapters/evm/network.py",
    "ledger/adapters/evm/solidity.py",
)  # fmt: skip
"""What no request reaches: commands, and what is read when a facade starts."""
MAKERS = {"Fault": 0, "Misfit": 0, "malformed": 0, "pdf_fault": 0, "fault": 0, "stop": 0}
"""What makes a fault, and the place of its code among the arguments."""
COMPUTED = {
    *(f"{kind}_{what}" for kind in ("mrn", "grn") for what in ("shape", "check_digit")),
    *_CODES.values(),
    *(code for code, _ in FAULTS.values()),
    "syntax", "not_json", "invalid_value", "limit_exceeded", "malformed", "unknown",
}  # fmt: skip
"""`reference_numbers`, `canonical`, `api.faults`; errors that are told as faults; a refusal that nobody can read."""


def made() -> Iterator[str]:
    for file in sorted([*(ROOT / "api").rglob("*.py"), *(ROOT / "ledger").rglob("*.py")]):
        if str(file.relative_to(ROOT)).startswith(ELSEWHERE):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in MAKERS and node.args and isinstance(code := node.args[MAKERS[name]], ast.Constant):
                yield str(code.value)


def test_the_list_is_what_the_code_makes() -> None:
    now = set(made()) | COMPUTED
    assert (now - CODES, CODES - now) == (set(), set()), "put new codes into api/fault_codes.py, take old ones out"


def test_what_the_library_calls_a_fault_is_not_told() -> None:
    for kind in ("url_parsing", "some_type_of_tomorrow"):
        told = fault_of({"type": kind, "loc": ("body", "url"), "msg": "Input should be a valid URL", "ctx": {}})
        assert (told.code, told.path, told.text) == ("invalid_value", "/body/url", "Input should be a valid URL")


def test_the_contract_holds_it() -> None:
    shapes: Any = json.loads(FILE.read_text(encoding="utf-8"))["components"]["schemas"]
    known, own = shapes["FaultOut"]["properties"]["code"]["anyOf"]
    assert (set(known["enum"]), own["pattern"]) == (CODES, CONTRACTS_OWN)


@pytest.mark.parametrize("name", sorted(entry.name for entry in Contracts.packaged().errors()))
def test_a_contracts_error_is_told_from_ours(name: str) -> None:
    assert re.fullmatch(CONTRACTS_OWN, name)
    assert name not in CODES
