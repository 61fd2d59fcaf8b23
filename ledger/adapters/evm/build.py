"""What a fresh compilation says of each contract's code, and of the source behind any byte of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.adapters.evm.solidity import FOLDER, compile_sources, read_sources

OUTPUTS: Final = (
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.linkReferences",
    "evm.deployedBytecode.immutableReferences",
    "evm.deployedBytecode.sourceMap",
)
PUSH1: Final = 0x60
PUSH32: Final = 0x7F


@dataclass(frozen=True)
class Immutable:
    """A value that the constructor wrote into the code.

    Attributes:
        name: Of the variable, in the source.
        places: Byte offsets in the code, of 32 bytes each.
    """

    name: str
    places: tuple[int, ...]


@dataclass(frozen=True)
class Place:
    """Where in the source an instruction comes from.

    Attributes:
        function: `Contract.function`, or the contract's name for what the compiler adds by itself.
        file: Name of the source.
        line: From 1.
    """

    function: str
    file: str
    line: int


@dataclass(frozen=True)
class Code:
    """One contract's code as compiled.

    Attributes:
        name: Contract or linked library.
        code: Deployed code, metadata included; zeros where addresses and immutables go.
        links: Library → byte offsets of its address.
        immutables: What the constructor fills in.
        is_library: Its code starts with its own address.
        source_map: The compiler's, compressed.
    """

    name: str
    code: bytes
    links: Mapping[str, tuple[int, ...]]
    immutables: tuple[Immutable, ...]
    is_library: bool
    source_map: str


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    name: str
    is_function: bool


class Build:
    """Everything compiled from one folder of sources."""

    def __init__(self, root: Path, compiler: Path) -> None:
        """Compile; takes half a minute.

        Args:
            root: A clone: `contracts` and `node_modules` are looked for there.
            compiler: solc of the version that the sources ask for.

        Raises:
            Malformed: No such sources, or they do not compile: in the compiler's words.
        """
        self.root = root
        self._texts = read_sources(root / FOLDER, root)
        output = compile_sources(self._texts, OUTPUTS, compiler)
        self._files = {source["id"]: name for name, source in output["sources"].items()}
        self._spans = {name: list(_spans(source["ast"])) for name, source in output["sources"].items()}
        variables = {
            node["id"]: node["name"]
            for source in output["sources"].values()
            for node in _walk(source["ast"])
            if node.get("nodeType") == "VariableDeclaration"
        }
        self._codes = {
            name: _code(name, made["evm"]["deployedBytecode"], variables)
            for by_name in output["contracts"].values()
            for name, made in by_name.items()
        }

    def code(self, contract: str) -> Code | None:
        """The code of a contract by its name; None for one that these sources do not have."""
        found = self._codes.get(contract)
        return found if found is not None and found.code else None

    def places(self, code: Code) -> list[Place | None]:
        """The source of each instruction of `code`, in order; None where the compiler names none."""
        found: list[Place | None] = []
        start = length = file = 0
        for entry in code.source_map.split(";"):
            given = entry.split(":")
            start = int(given[0]) if given[0] else start
            length = int(given[1]) if len(given) > 1 and given[1] else length
            file = int(given[2]) if len(given) > 2 and given[2] else file
            found.append(self._place(start, length, file))
        return found

    def _place(self, start: int, length: int, file: int) -> Place | None:
        name = self._files.get(file)
        if name is None:
            return None
        around = [span for span in self._spans[name] if span.start <= start and start + length <= span.end]
        if not around:
            return None
        contract = next((span.name for span in around if not span.is_function), "")
        function = next((span.name for span in around if span.is_function), "")
        line = self._texts[name].encode()[:start].count(b"\n") + 1
        return Place(".".join(part for part in (contract, function) if part), name, line)


def instructions(code: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each instruction, its pushed value included."""
    at = 0
    while at < len(code):
        size = code[at] - PUSH1 + 2 if PUSH1 <= code[at] <= PUSH32 else 1
        yield at, code[at : at + size]
        at += size


def _code(name: str, made: Mapping[str, Any], variables: Mapping[int, str]) -> Code:
    links = {
        library: tuple(sorted(place["start"] for place in places))
        for by_name in made["linkReferences"].values()
        for library, places in by_name.items()
    }
    digits = made["object"]
    for places in links.values():
        for place in places:
            digits = digits[: 2 * place] + "0" * 40 + digits[2 * place + 40 :]
    code = bytes.fromhex(digits)
    immutables = tuple(
        Immutable(variables[int(number)], tuple(sorted(place["start"] for place in places)))
        for number, places in sorted(made["immutableReferences"].items())
    )
    return Code(name, code, links, immutables, code.startswith(b"\x73" + bytes(20)), made.get("sourceMap", ""))


def _spans(ast: Mapping[str, Any]) -> Iterator[_Span]:
    for node in _walk(ast):
        kind = node.get("nodeType")
        if kind in ("ContractDefinition", "FunctionDefinition", "ModifierDefinition"):
            start, length, _ = map(int, node["src"].split(":"))
            name = node["name"] or node.get("kind", "")
            yield _Span(start, start + length, name, kind != "ContractDefinition")


def _walk(node: Any) -> Iterator[Mapping[str, Any]]:
    waiting: list[Any] = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, Sequence) and not isinstance(found, str):
            waiting.extend(found)
