"""The contracts' sources as trees, and their text with some nodes written differently.

Trees are solc's compact AST; places in it are byte offsets, so texts are bytes here.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.adapters.evm import solidity
from ledger.devnet.places import ROOT

SOURCES: Final = ("contracts/**/*.sol", "tests/contracts/**/*.sol")
SIMPLE: Final = frozenset(
    {
        "Break", "Continue", "EmitStatement", "ExpressionStatement", "PlaceholderStatement", "Return",
        "RevertStatement", "VariableDeclarationStatement",
    }
)  # fmt: skip
"""Statements that end with a semicolon, which solc leaves out of their place."""
STATEMENTS: Final = SIMPLE | {"DoWhileStatement", "ForStatement", "IfStatement", "InlineAssembly", "TryStatement"} | {
    "WhileStatement"
}  # fmt: skip


@dataclass(eq=False)
class Node:
    """One node of the tree.

    Attributes:
        ast: What solc says of it.
        start: First byte.
        end: One past the last byte; after the semicolon for a statement.
        role: What it is to its parent (`condition`, `trueBody`, `statements`).
        parent: None for a file.
        children: In the order of the text.
    """

    ast: Mapping[str, Any]
    start: int
    end: int
    role: str = ""
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)

    @property
    def type(self) -> str:
        """What solc calls this kind of node."""
        return str(self.ast["nodeType"])

    @property
    def solidity_type(self) -> str:
        """Type of an expression in solc's words (`uint128`, `enum RefundState`)."""
        return str((self.ast.get("typeDescriptions") or {}).get("typeString") or "")

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def above(self, *types: str) -> "Node | None":
        """The nearest node above of one of these kinds."""
        node = self.parent
        while node is not None and node.type not in types:
            node = node.parent
        return node

    def child(self, role: str) -> "Node | None":
        """The child of that role, if there is one."""
        return next((child for child in self.children if child.role == role), None)


def tree(ast: Mapping[str, Any], text: bytes) -> Node:
    """The tree of one file."""
    return _node(ast, text, "", None)


def _node(ast: Mapping[str, Any], text: bytes, role: str, parent: Node | None) -> Node:
    start, length, _ = (int(part) for part in ast["src"].split(":"))
    node = Node(ast, start, start + length, role, parent)
    found = [_node(below, text, name, node) for name, below in _below(ast)]
    for child in sorted(found, key=lambda one: (one.start, -one.end)):
        if not node.children or child.start >= node.children[-1].end:
            node.children.append(child)
    if node.children:
        node.end = max(node.end, node.children[-1].end)
    if node.type in SIMPLE and role != "initializationExpression" and role != "loopExpression":
        rest = text[node.end :]
        gap = len(rest) - len(rest.lstrip())
        if rest[gap : gap + 1] == b";":
            node.end += gap + 1
    return node


def _below(ast: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in ast.items():
        for below in value if isinstance(value, list) else [value]:
            kind = below.get("nodeType", "") if isinstance(below, dict) and "src" in below else ""
            if kind and not kind.startswith("Yul") and kind != "StructuredDocumentation":
                yield name, below


def rewrite(node: Node, text: bytes, change: Callable[[Node, bytes, bytes], bytes]) -> bytes:
    """The node's text, each node below it and then itself passed through `change(node, original, rewritten)`."""
    parts, at = [], node.start
    for child in node.children:
        parts += [text[at : child.start], rewrite(child, text, change)]
        at = child.end
    parts.append(text[at : node.end])
    return change(node, text[node.start : node.end], b"".join(parts))


def sources() -> dict[str, str]:
    """Contracts, their tests, and what both import, by source name."""
    files = {file.relative_to(ROOT).as_posix(): file for pattern in SOURCES for file in ROOT.glob(pattern)}
    return solidity.with_imports(files, ROOT)


def closure(name: str, texts: Mapping[str, str]) -> set[str]:
    """A source and all that it imports, by source name."""
    found, left = {name}, [name]
    while left:
        at = left.pop()
        new = set(solidity.imports_of(at, texts[at])) - found
        found |= new
        left += new
    return found


def trees(texts: Mapping[str, str]) -> dict[str, Node]:
    """The tree of each of our contracts' files."""
    output = solc(texts, ["ast"], [])
    return {
        name: tree(made["ast"], texts[name].encode())
        for name, made in output["sources"].items()
        if name.startswith("contracts/")
    }


def solc(texts: Mapping[str, str], of_files: list[str], of_contracts: list[str]) -> dict[str, Any]:
    """Run the compiler without its optimizer, which takes most of its time.

    Raises:
        SystemExit: The compiler's own messages.
    """
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sorted(texts.items())},
        "settings": {
            **solidity.SETTINGS,
            "optimizer": {"enabled": False},
            "outputSelection": {"*": {"": of_files, "*": of_contracts}},
        },
    }
    done = subprocess.run(
        [solidity.compiler_of(ROOT), "--standard-json"],
        input=json.dumps(request),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    output: dict[str, Any] = json.loads(done.stdout)
    errors = [one["formattedMessage"] for one in output.get("errors", ()) if one["severity"] == "error"]
    if errors:
        raise SystemExit("\n".join(errors[:20]))
    return output
