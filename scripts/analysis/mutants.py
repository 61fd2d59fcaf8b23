"""Small changes of the contracts, each of which a test must notice: all of them in one copy of the sources.

Every mutant lies behind a number: `Mutant__.on(7)` is true if the block's coinbase is 7, so that one build runs them
all (mutant schemata; Untch, Offutt and Harrold 1993). Each keeps the type of what it replaces.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scripts.analysis import syntax
from scripts.analysis.coverage import is_condition, is_inside_function
from scripts.analysis.syntax import Node

ALL: Final = 2**160 - 1
"""The coinbase with which no mutant is on, and each one reached tells its number."""
FILE: Final = "Mutant__.sol"
SELECTOR: Final = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
library Mutant__ {
    function _on(uint256 id) private view returns (bool yes) {
        assembly ("memory-safe") {
            switch eq(coinbase(), 0xffffffffffffffffffffffffffffffffffffffff)
            case 0 { yes := eq(coinbase(), id) }
            default {
                let at := mload(0x40)
                mstore(at, id)
                pop(staticcall(gas(), 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE, at, 32, 0, 0))
            }
        }
    }
    function _asPure(function(uint256) internal view returns (bool) from)
        private pure returns (function(uint256) internal pure returns (bool) to)
    {
        assembly { to := from }
    }
    function on(uint256 id) internal pure returns (bool) { return _asPure(_on)(id); }
}
"""
RELATIONS: Final = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
}  # fmt: skip
"""Each with its boundary moved, and negated."""
ARITHMETIC: Final = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "&",
}  # fmt: skip
COMPOUND: Final = {"+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "^=": "|=", "<<=": ">>=", ">>=": "<<=", "*=": "/="}


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        number: What switches it on.
        file: Source name.
        line: Where it begins.
        function: In which function.
        before: Original text, on one line.
        after: What takes its place; empty for something left out.
        nth: Which of those that are alike in the function, from 1.
    """

    number: int
    file: str
    line: int
    function: str
    before: str
    after: str
    nth: int

    @property
    def name(self) -> str:
        """What journal and list of survivors call it: nothing that moves with the lines."""
        place, count = (
            f"{self.file.removeprefix('contracts/')} {self.function}",
            f" #{self.nth}" if self.nth > 1 else "",
        )
        return f"{place}: {self.before} → {self.after or '(nothing)'}{count}"


class Mutator:
    """Writes mutants into files and numbers them, from 1."""

    def __init__(self, roots: dict[str, Node]) -> None:
        self.mutants: list[Mutant] = []
        self._alike: Counter[tuple[str, str, str, str]] = Counter()
        self._members: dict[int, list[str]] = {}
        for node in (node for root in roots.values() for node in root.walk()):
            if node.type == "EnumDefinition":
                names = [member["name"] for member in node.ast["members"]]
                self._members |= {member["id"]: names for member in node.ast["members"]}

    def write(self, name: str, root: Node, source: str) -> str:
        """The source with all its mutants, none of them on."""
        text = source.encode()

        def add(node: Node, before: bytes, after: bytes) -> bytes:
            number = len(self.mutants) + 1
            function = node.above("FunctionDefinition", "ModifierDefinition")
            where = "" if function is None else str(function.ast["name"] or function.ast["kind"])
            line = text.count(b"\n", 0, node.start) + 1
            what = (name, where, _line(before), _line(after))
            self._alike[what] += 1
            self.mutants.append(Mutant(number, name, line, *what[1:], nth=self._alike[what]))
            return b"Mutant__.on(%d)" % number

        def change(node: Node, before: bytes, now: bytes) -> bytes:
            if not is_inside_function(node) or node.above("InlineAssembly", "ModifierInvocation") is not None:
                return now
            cast = _cast(node)
            for after in self._expressions(node, text):
                now = b"%s(%s ? %s : %s)" % (cast, add(node, before, after), after, now)
            if _is_guard(node):
                now = b"(!%s && %s)" % (add(node, b"if (%s) revert" % before, b""), now)
            if _can_be_left_out(node):
                now = b"{ if (!%s) { %s } }" % (add(node, before, b""), now)
            return now

        written = syntax.rewrite(root, text, change)
        return (text[: root.start] + written + text[root.end :]).decode() + f'\nimport {{Mutant__}} from "{FILE}";\n'

    def _expressions(self, node: Node, text: bytes) -> Iterator[bytes]:
        """What an expression can be instead, with the same type."""
        own = text[node.start : node.end]
        if node.type == "BinaryOperation":
            yield from _binary(node, text)
        elif node.type == "UnaryOperation" and node.ast["operator"] in ("!", "~") and not _is_folded(node):
            yield text[node.children[0].start : node.children[0].end]
        elif node.type == "Assignment" and node.ast["operator"] in COMPOUND:
            left, right = node.children
            yield b"(%s %s %s)" % (
                text[left.start : left.end],
                COMPOUND[node.ast["operator"]].encode(),
                text[right.start : right.end],
            )
        elif node.type == "Literal" and node.ast["kind"] == "bool":
            yield b"false" if node.ast["value"] == "true" else b"true"
        elif node.type == "Literal" and node.ast["kind"] == "number" and _cast(node):
            value = int(node.ast["value"].replace("_", ""), 0)
            yield str(value + 1).encode()
        elif _is_constant(node):
            yield own + (b" - 1" if node.ast.get("memberName") == "max" else b" + 1")
        elif node.type == "MemberAccess" and node.ast.get("referencedDeclaration") in self._members:
            names = self._members[node.ast["referencedDeclaration"]]
            other = names[(names.index(node.ast["memberName"]) + 1) % len(names)]
            yield text[node.start : node.children[0].end] + b"." + other.encode()
        elif node.role in ("condition", "leftExpression", "rightExpression") and is_condition(node):
            yield b"!(%s)" % own
        if node.role == "expression" and node.parent is not None and node.parent.type == "Return":
            if node.type in ("FunctionCall", "Identifier") and node.solidity_type == "bool":
                yield b"!(%s)" % own
            elif node.solidity_type.startswith("uint") and node.type != "Literal" and not _is_folded(node):
                yield b"%s(0)" % node.solidity_type.encode()


def _binary(node: Node, text: bytes) -> Iterator[bytes]:
    operator, (left, right) = node.ast["operator"], node.children
    if _is_folded(node) or "function" in node.ast:
        return
    a, b = text[left.start : left.end], text[right.start : right.end]
    if operator in ("&&", "||"):
        yield from (a, b)
    for other in RELATIONS.get(operator, ()):
        if node.ast["commonType"]["typeString"].startswith(("enum", "bool", "bytes", "address")) and len(other) == 1:
            continue
        yield b"%s %s %s" % (a, other.encode(), b)
    if operator in ARITHMETIC:
        yield b"%s %s %s" % (a, ARITHMETIC[operator].encode(), b)


def _cast(node: Node) -> bytes:
    """The type that a number takes from where it stands; empty if it is not mutated there."""
    above = node.parent
    if node.type != "Literal" or node.ast["kind"] != "number" or above is None or _is_folded(above):
        return b""
    if node.ast.get("subdenomination") is not None:
        return b""
    if above.type == "BinaryOperation" and "function" not in above.ast:
        shift = above.ast["operator"] in ("<<", ">>", "**")
        if shift and node.role == "rightExpression":
            return b"uint256"
        common = above.solidity_type if shift else above.ast["commonType"]["typeString"]
        return common.encode() if common.startswith("uint") else b""
    if above.type == "Assignment" and node.role == "rightHandSide":
        return above.solidity_type.encode() if above.solidity_type.startswith("uint") else b""
    return b""


def _is_folded(node: Node) -> bool:
    return node.solidity_type.startswith(("int_const", "rational_const"))


def _is_constant(node: Node) -> bool:
    if node.type not in ("Identifier", "MemberAccess") or not node.ast.get("isPure"):
        return False
    if node.parent is None or node.parent.type in ("MemberAccess", "FunctionCallOptions"):
        return False
    return node.solidity_type.startswith("uint") and "[" not in node.solidity_type


def _is_guard(node: Node) -> bool:
    above = node.parent
    if above is None or above.type != "IfStatement" or node.role != "condition":
        return False
    body = above.child("trueBody")
    if body is not None and body.type == "Block" and len(body.children) == 1:
        body = body.children[0]
    return body is not None and body.type == "RevertStatement"


def _can_be_left_out(node: Node) -> bool:
    if node.role in ("initializationExpression", "loopExpression"):
        return False
    if node.type == "EmitStatement":
        return True
    if node.type != "ExpressionStatement":
        return False
    kind = node.children[0].solidity_type  # what a pointer points to must be known on every path
    return not any(word in kind for word in ("storage", "calldata"))


def _line(text: bytes) -> str:
    return " ".join(text.decode().split())
