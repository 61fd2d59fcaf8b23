"""What is deployed is small enough, is what it says for good, and speaks one language in its refusals.

Given the runtime code of each deployed contract and linked library
    → it should be at most 24 KiB (EIP-170)
    → it should hold no CALLCODE and no SELFDESTRUCT
    → it should DELEGATECALL linked libraries alone, the AccessManager its own code: never what a caller names
Given its ABI
    → it should have no owner, no upgrade, no implementation
Given the errors of all of them
    when two have one selector
        → their parameters should have the same names in the same order, so that a decoder by selector is right
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_utils.abi import function_abi_to_4byte_selector

from ledger import artifacts

ROOT = Path(__file__).parents[2]
LOADED = artifacts.load()
MOST_BYTES = 24_576
"""EIP-170."""
PUSH1, PUSH32 = 0x60, 0x7F
PUSH20 = 0x73
CALLCODE, DELEGATECALL, SELFDESTRUCT = 0xF2, 0xF4, 0xFF
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
OF_PROXIES = frozenset(
    {
        *("owner", "transferOwnership", "renounceOwnership", "pendingOwner", "acceptOwnership", "setOwner"),
        *("upgradeTo", "upgradeToAndCall", "implementation", "proxiableUUID", "changeAdmin", "admin", "initialize"),
    }
)


def runtime(name: str) -> bytes:
    """Code as deployed; the places of linked libraries are zeros."""
    return bytes.fromhex(_unlinked(LOADED[name]["deployedBytecode"]))


def _unlinked(text: str) -> str:
    digits = text.removeprefix("0x")
    while (start := digits.find("__$")) >= 0:
        digits = digits[:start] + "0" * 40 + digits[start + 40 :]
    return digits


def instructions(code: bytes) -> Iterator[tuple[int, int]]:
    """Offset and opcode of each instruction; what PUSHes carry is passed over."""
    at = 0
    while at < len(code):
        yield at, code[at]
        at += 1 + (code[at] - PUSH1 + 1 if PUSH1 <= code[at] <= PUSH32 else 0)


def test_all_are_looked_at() -> None:
    assert {"DebtLedger", "DeclarationRegistry", "GuaranteeDesk", "AccessManager"} <= LOADED.keys()


@pytest.mark.parametrize("name", sorted(LOADED))
def test_code_is_within_the_limit(name: str) -> None:
    size = len(runtime(name))
    assert 0 < size <= MOST_BYTES, f"{name} has {size} bytes of runtime code, {size - MOST_BYTES} above 24 KiB"


@pytest.mark.parametrize("name", sorted(LOADED))
def test_code_is_nobody_elses_to_choose(name: str) -> None:
    found = list(instructions(runtime(name)))
    opcodes = [opcode for _, opcode in found]
    assert CALLCODE not in opcodes, f"{name} has a CALLCODE"
    assert SELFDESTRUCT not in opcodes, f"{name} has a SELFDESTRUCT"
    linked = [at for places in LOADED[name]["deployedLinkReferences"].values() for at in places]
    assert set(linked) <= {at + 1 for at, opcode in found if opcode == PUSH20}, f"{name} links otherwise than by PUSH20"
    if linked:  # the compiler's own calls of libraries; that no source has any other is looked at below
        return
    # OpenZeppelin's `multicall` runs the manager's own functions: `Address.functionDelegateCall(address(this), …)`.
    assert opcodes.count(DELEGATECALL) == (name == "AccessManager"), f"{name} delegates, and links no library"


@pytest.mark.parametrize("name", sorted(LOADED))
def test_there_is_no_owner_and_no_upgrade(name: str) -> None:
    functions = {entry.get("name") for entry in LOADED[name]["abi"] if entry["type"] == "function"}
    assert functions & OF_PROXIES == set()
    assert not any(entry["type"] in ("fallback", "receive") for entry in LOADED[name]["abi"])


def test_our_sources_delegate_nothing_by_themselves() -> None:
    sources = sorted((ROOT / "contracts").rglob("*.sol"))
    assert len(sources) > 50
    delegating = re.compile(r"delegatecall|functionDelegateCall|callcode|selfdestruct", re.I)
    found = [file.name for file in sources if delegating.search(COMMENT.sub("", file.read_text()))]
    assert found == [], "a library is called by the compiler's own link, nothing else is delegated to"


def errors() -> dict[bytes, dict[tuple[str, ...], set[str]]]:
    """Selector → name and parameters' names → the contracts that have the error so."""
    found: dict[bytes, dict[tuple[str, ...], set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, artifact in LOADED.items():
        for entry in artifact["abi"]:
            if entry["type"] == "error":
                found[function_abi_to_4byte_selector(entry)][_shape(entry)].add(name)
    return found


def _shape(entry: Any) -> tuple[str, ...]:
    return entry["name"], *(parameter["name"] for parameter in entry["inputs"])


def test_errors_with_one_selector_are_one_error() -> None:
    found = errors()
    assert len(found) > 100
    several = {
        shape: sorted(contracts)
        for of_selector in found.values()
        if len(of_selector) > 1
        for shape, contracts in of_selector.items()
    }
    assert several == {}, "a decoder by selector would show one's values under the other's names"
