"""Line and branch coverage of the contracts by their Solidity tests.

A line is covered if the statement that begins on it was reached. A branch is one outcome of a condition: every
operand of `&&` and `||`, wherever it stands, and every condition of `if`, `?:` and loops has two, true and false;
`try` has one for success and one for each `catch`. Probes are written into a copy of the sources, so tests that
measure gas may fail there; nothing else may.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.devnet.places import ROOT
from scripts.analysis import runner, syntax
from scripts.analysis.syntax import Node

UNREACHABLE: Final = ROOT / "scripts" / "analysis" / "unreachable.toml"
PROBE_FILE: Final = "Probe__.sol"
PROBE: Final = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
library Probe__ {
    function _tell(uint256 id) private view {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, id)
            pop(staticcall(gas(), 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE, at, 32, 0, 0))
        }
    }
    function _asPure(function(uint256) internal view from) private pure returns (function(uint256) internal pure to) {
        assembly { to := from }
    }
    function hit(uint256 id) internal pure { _asPure(_tell)(id); }
    function yes(uint256 id) internal pure returns (bool) { _asPure(_tell)(id); return true; }
    function no(uint256 id) internal pure returns (bool) { _asPure(_tell)(id); return false; }
}
"""
"""Tells a number to Hardhat's EVM, which collects them."""


@dataclass
class Measured:
    """One file.

    Attributes:
        lines: Line number → the probes of the statements that begin on it.
        branches: Probe → line and outcome.
    """

    lines: dict[int, list[int]] = field(default_factory=dict)
    branches: dict[int, str] = field(default_factory=dict)


@dataclass
class Coverage:
    """What was measured: each file's probes, and those passed.

    Attributes:
        files: By source name.
        hits: Probes that were passed.
        failed: Tests that failed under measurement.
    """

    files: dict[str, Measured]
    hits: frozenset[int]
    failed: list[str]

    def missed_lines(self, name: str) -> list[int]:
        """Lines on which a statement was never reached."""
        return [line for line, probes in self.files[name].lines.items() if not set(probes) <= self.hits]

    def missed_branches(self, name: str) -> list[str]:
        """Outcomes that never came about."""
        return [where for probe, where in self.files[name].branches.items() if probe not in self.hits]


class Probes:
    """Writes probes into files and numbers them, from 1."""

    def __init__(self) -> None:
        self._count = 0
        self.files: dict[str, Measured] = {}

    def write(self, name: str, root: Node, source: str) -> str:
        """The source with its probes."""
        text, measured = source.encode(), Measured()

        def next_line(node: Node) -> tuple[int, int]:
            self._count += 1
            return self._count, text.count(b"\n", 0, node.start) + 1

        def change(node: Node, _: bytes, now: bytes) -> bytes:
            if is_condition(node):
                number, line = next_line(node)
                self._count += 1
                shown = " ".join(text[node.start : node.end].decode().split())[:60]
                measured.branches |= {number: f"{line} true: {shown}", number + 1: f"{line} false: {shown}"}
                now = b"(%s ? Probe__.yes(%d) : Probe__.no(%d))" % (now, number, number + 1)
            if node.type == "Block" and node.parent is not None and node.parent.type == "TryCatchClause":
                number, line = next_line(node)
                measured.branches[number] = f"{line} {'catch' if node.parent.ast['errorName'] == '' else 'success'}"
                now = b"{ Probe__.hit(%d);" % number + now[1:]
            if node.type in syntax.STATEMENTS and node.role not in ("initializationExpression", "loopExpression"):
                number, line = next_line(node)
                measured.lines.setdefault(line, []).append(number)
                now = b"Probe__.hit(%d); %s" % (number, now)
                if node.role != "statements":  # the body of an `if` or a loop, without braces
                    now = b"{ %s }" % now
            return now

        written = syntax.rewrite(root, text, change)
        if not measured.lines:
            return source
        self.files[name] = measured
        return (
            text[: root.start] + written + text[root.end :]
        ).decode() + f'\nimport {{Probe__}} from "{PROBE_FILE}";\n'


def is_condition(node: Node) -> bool:
    """Whether a boolean expression decides something and is not itself made of others that do."""
    inner = node
    while inner.type == "TupleExpression" and len(inner.children) == 1:
        inner = inner.children[0]
    if inner.type == "BinaryOperation" and inner.ast["operator"] in ("&&", "||"):
        return False
    role, above = node.role, node.parent
    if above is None or node.solidity_type != "bool" or not is_inside_function(node):
        return False
    if above.type in ("IfStatement", "ForStatement", "WhileStatement", "DoWhileStatement", "Conditional"):
        return role == "condition"
    return above.type == "BinaryOperation" and above.ast["operator"] in ("&&", "||")


def is_inside_function(node: Node) -> bool:
    """Whether the node is in a function's body, not in a constant or a type."""
    return node.above("FunctionDefinition", "ModifierDefinition") is not None


def unreachable() -> set[tuple[str, str]]:
    """File and text of what no test can reach, see `unreachable.toml`."""
    entries = tomllib.loads(UNREACHABLE.read_text(encoding="utf-8"))["unreachable"]
    return {(entry["file"], missed) for entry in entries for missed in entry["missed"]}


def measure(texts: Mapping[str, str] | None = None) -> Coverage:
    """Instrument, compile and run all Solidity tests: some five minutes."""
    texts = dict(texts or syntax.sources())
    probes = Probes()
    for name, root in syntax.trees(texts).items():
        texts[name] = probes.write(name, root, texts[name])
    texts[PROBE_FILE] = PROBE
    with runner.build(texts) as made:
        outcome = made.run(list(made.suites), collect=True)
    return Coverage(probes.files, outcome.hits, outcome.failed)
