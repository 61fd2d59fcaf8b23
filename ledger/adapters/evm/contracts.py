"""The contracts' ABI: calls, events and errors to and from Python values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from ledger import artifacts
from ledger.adapters.evm import typed_data
from ledger.adapters.evm.abi import Param, arrange, decode_values, encode_values, params
from ledger.adapters.evm.inherited import NOTICES, PARAMETERS
from ledger.domain.errors import Fault, LimitExceeded, Malformed, NotFound
from ledger.domain.ids import Address, Digest32
from ledger.domain.limits import MAX_CALLDATA_BYTES
from ledger.domain.reason_codes import NAMES, reasons_of
from ledger.ports.contracts import ActHeader, ActParam, ActType, Args, ContractCodec

PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "no such enum value",
    0x22: "damaged storage encoding",
    0x31: "pop of an empty array",
    0x32: "index out of range",
    0x41: "too much memory",
    0x51: "call of an uninitialised function",
}
"""Solidity's Panic codes."""


@dataclass(frozen=True)
class Entry:
    """A function, event or error of an ABI.

    Attributes:
        name: ABI name.
        selector: 4 bytes for functions and errors, 32 for events (topic 0).
        inputs, outputs: Parameters; outputs of functions only.
    """

    name: str
    selector: bytes
    inputs: tuple[Param, ...]
    outputs: tuple[Param, ...]


@dataclass(frozen=True)
class Artifact:
    """One contract as compiled.

    Attributes:
        name: Contract name, the same as its Directory entry.
        abi: Its ABI, as compiled.
        functions: By ABI name (our contracts overload none).
        events: By topic 0.
        acts: Names of the functions that an actor can sign.
        notices: NatSpec by function.
        parameters: NatSpec of parameters by act.
        bytecode: Creation code; library addresses still blank.
        deployed: Runtime code; library addresses and immutables still blank.
        links: Library name → byte offsets in `bytecode` of its 20-byte address.
        deployed_links: The same in `deployed`.
        immutables: (offset, length) in `deployed`.
    """

    name: str
    abi: Sequence[Any]
    functions: Mapping[str, Entry]
    events: Mapping[bytes, Entry]
    acts: tuple[str, ...]
    notices: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, str]]
    constructor: tuple[Param, ...]
    bytecode: str
    deployed: str
    links: Mapping[str, Sequence[int]]
    deployed_links: Mapping[str, Sequence[int]]
    immutables: Sequence[tuple[int, int]]


class Contracts(ContractCodec):
    """Registry of the generated artifacts; the codec of every adapter and service."""

    def __init__(self, folder: Path) -> None:
        loaded = artifacts.load(folder)
        self._artifacts = {name: _artifact(name, raw) for name, raw in loaded.items()}
        self._errors = {
            entry.selector: entry for raw in loaded.values() for entry in _entries(raw["abi"], "error").values()
        }
        self._events = {topic: event for art in self._artifacts.values() for topic, event in art.events.items()}
        self._selectors = {
            name: {entry.selector: entry for entry in art.functions.values()} for name, art in self._artifacts.items()
        }

    @classmethod
    def packaged(cls) -> "Contracts":
        """The artifacts that came with this package. Raises `NotFound` naming the mend if they were never generated."""
        return cls(artifacts.FOLDER)

    def names(self) -> Sequence[str]:
        """Every contract and linked library."""
        return tuple(self._artifacts)

    def artifact(self, contract: str) -> Artifact:
        """One contract. Raises `NotFound`."""
        found = self._artifacts.get(contract)
        if found is None:
            raise NotFound("contract", contract)
        return found

    def function(self, contract: str, function: str) -> Entry:
        """One function. Raises `NotFound`."""
        found = self.artifact(contract).functions.get(function)
        if found is None:
            raise NotFound("function", f"{contract}.{function}")
        return found

    def errors(self) -> Sequence[Entry]:
        """Every error of every contract, in each of its forms."""
        return tuple(self._errors.values())

    def event(self, contract: str, event: str) -> Entry:
        """One event by name. Raises `NotFound`."""
        for entry in self.artifact(contract).events.values():
            if entry.name == event:
                return entry
        raise NotFound("event", f"{contract}.{event}")

    def acts(self, contract: str) -> Sequence[ActType]:
        """See the port."""
        return tuple(self.act_type(contract, function) for function in self.artifact(contract).acts)

    def act_type(self, contract: str, function: str) -> ActType:
        """See the port."""
        if function not in self.artifact(contract).acts:
            raise NotFound("act", f"{contract}.{function}")
        entry = self.function(contract, function)
        types = typed_data.types_of(function, entry.inputs)
        type_string = typed_data.encode_type(typed_data.type_name(function), types)
        return ActType(function, entry.selector, type_string, typed_data.layout_of(entry.inputs))

    def encode_call(self, contract: str, function: str, args: Args = ()) -> bytes:
        """See the port."""
        entry = self.function(contract, function)
        return entry.selector + encode_values(entry.inputs, arrange(entry.inputs, args))

    def decode_call(self, contract: str, calldata: bytes) -> tuple[str, dict[str, Any]]:
        """See the port."""
        if len(calldata) > MAX_CALLDATA_BYTES:
            raise LimitExceeded("calldata", MAX_CALLDATA_BYTES)
        self.artifact(contract)
        entry = self._selectors[contract].get(calldata[:4])
        if entry is None:
            raise NotFound("function", f"{contract}.0x{calldata[:4].hex()}")
        try:
            values = decode_values(entry.inputs, calldata[4:])
        except Malformed as error:
            raise Malformed(*(replace(fault, path="/data") for fault in error.faults)) from error
        if encode_values(entry.inputs, values) != calldata[4:]:
            raise Malformed(Fault("not_canonical", "/data", "another encoding of the same values"))
        return entry.name, {param.name: value for param, value in zip(entry.inputs, values, strict=True)}

    def decode_result(self, contract: str, function: str, output: bytes) -> Any:
        """One output as itself, several as a tuple; structs as dicts. Raises `Malformed`."""
        entry = self.function(contract, function)
        values = decode_values(entry.outputs, output)
        return values[0] if len(values) == 1 else tuple(values)

    def typed_data(self, contract: str, function: str, args: Args, header: ActHeader) -> dict[str, Any]:
        """See the port."""
        self.act_type(contract, function)
        inputs = self.function(contract, function).inputs
        return typed_data.full_message(function, inputs, arrange(inputs, args), header)

    def act_id(self, typed_data_: Mapping[str, Any]) -> Digest32:
        """See the port."""
        return typed_data.digest(typed_data_)

    def notice(self, contract: str, function: str) -> str:
        """See the port."""
        self.function(contract, function)
        return self.artifact(contract).notices.get(function, "")

    def parameters(self, contract: str, function: str) -> Sequence[ActParam]:
        """See the port."""
        self.act_type(contract, function)
        return self.inputs(contract, function)

    def inputs(self, contract: str, function: str) -> Sequence[ActParam]:
        """What any function takes, an act or not. Raises `NotFound`."""
        told = self.artifact(contract).parameters.get(function, {})
        notes = {name.lstrip("_"): text for name, text in told.items()}
        inputs = self.function(contract, function).inputs
        return tuple(_act_param(contract, param, notes.get(param.name, "")) for param in inputs)

    def refusal(self, revert_data: bytes) -> tuple[str, dict[str, Any]]:
        """See the port."""
        entry = self._errors.get(revert_data[:4]) or BUILT_IN.get(revert_data[:4])
        if entry is None:
            return "unknown", {"data": "0x" + revert_data[:256].hex()}
        try:
            values = decode_values(entry.inputs, revert_data[4:])
        except Malformed:
            return "unknown", {"data": "0x" + revert_data[:256].hex()}
        arguments = {p.name or f"arg{i}": v for i, (p, v) in enumerate(zip(entry.inputs, values, strict=True))}
        if entry.name == "Panic":
            arguments["meaning"] = PANICS.get(arguments["code"], "unknown")
        if entry.name == "CallFailed":  # a decision of governance, refused by what it calls
            error, inner = self.refusal(arguments["reason"])
            arguments["reason"] = {"error": error, "arguments": inner}
        return entry.name, arguments

    def is_code_of(self, contract: str, code: bytes) -> bool:
        """Whether `code` is the contract's, whatever its immutables and the addresses of its libraries.

        A library's code starts with its own address, so that it knows a direct call: bytes 1 to 20.
        """
        artifact = self.artifact(contract)
        digits = artifact.deployed.removeprefix("0x")
        blanks = [(place, 20) for places in artifact.deployed_links.values() for place in places]
        blanks += artifact.immutables
        if digits.startswith("73" + "00" * 20):
            blanks.append((1, 20))
        own, other = list(digits), list(code.hex())
        for start, length in blanks:
            own[2 * start : 2 * (start + length)] = other[2 * start : 2 * (start + length)] = "0" * 2 * length
        return own == other

    def creation_code(self, contract: str, args: Args, libraries: Mapping[str, Address]) -> bytes:
        """Creation code, libraries linked, constructor arguments appended. Raises `NotFound`, `Malformed`."""
        artifact = self.artifact(contract)
        code = _link(artifact.bytecode, artifact.links, libraries)
        return code + encode_values(artifact.constructor, arrange(artifact.constructor, args))

    def decode_log(
        self, contract: str | None, topics: Sequence[bytes], data: bytes
    ) -> tuple[str, dict[str, Any]] | None:
        """Name and arguments of a log; an event that a linked library declares is known by any contract.

        None for an event that no artifact has. An indexed argument of dynamic type is its hash.
        """
        known = self._artifacts[contract].events if contract in self._artifacts else {}
        entry = known.get(topics[0]) or self._events.get(topics[0]) if topics else None
        if entry is None:
            return None
        indexed = [p for p in entry.inputs if p.indexed]
        if len(indexed) != len(topics) - 1:
            return None
        from_topics = {p.name: _topic_value(p, t) for p, t in zip(indexed, topics[1:], strict=True)}
        plain = [p for p in entry.inputs if not p.indexed]
        from_data = dict(zip((p.name for p in plain), decode_values(plain, data), strict=True))
        return entry.name, {p.name: (from_topics if p.indexed else from_data)[p.name] for p in entry.inputs}

    def topics(self, contract: str, event: str, where: Mapping[str, Any]) -> list[bytes | None]:
        """Topic filter for `event` with the given indexed arguments. Raises `NotFound` or `Malformed`."""
        entry = self.event(contract, event)
        indexed = [p for p in entry.inputs if p.indexed]
        unknown = sorted(where.keys() - {p.name for p in indexed})
        if unknown:
            raise Malformed(*(Fault("unknown_field", f"/{name}", f"not indexed in {event}") for name in unknown))
        wanted = [encode_values([p], arrange([p], [where[p.name]])) if p.name in where else None for p in indexed]
        return [entry.selector, *wanted]


def _act_param(contract: str, param: Param, note: str) -> ActParam:
    members = tuple(_act_param(contract, member, "") for member in param.members)
    enum = reasons_of(contract).__name__ if param.name in NAMES else param.enum
    return ActParam(param.name, param.base, param.struct, members, bool(param.dims), enum, note)


def _topic_value(param: Param, topic: bytes) -> Any:
    dynamic = param.dims or param.base in ("bytes", "string", "tuple")
    return topic if dynamic else decode_values([param], topic)[0]


def _entries(abi: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Entry]:
    found = {}
    for raw in abi:
        if raw["type"] == kind and not raw.get("anonymous"):
            signature = f"{raw['name']}({','.join(collapse_if_tuple(dict(p)) for p in raw['inputs'])})"
            hashed = keccak(text=signature)
            selector = hashed if kind == "event" else hashed[:4]
            key = raw["name"] if kind == "function" else signature
            found[key] = Entry(raw["name"], selector, params(raw["inputs"]), params(raw.get("outputs", ())))
    return found


def _artifact(name: str, raw: Mapping[str, Any]) -> Artifact:
    constructors = [entry["inputs"] for entry in raw["abi"] if entry["type"] == "constructor"]
    return Artifact(
        name=name,
        abi=raw["abi"],
        functions=_entries(raw["abi"], "function"),
        events={entry.selector: entry for entry in _entries(raw["abi"], "event").values()},
        acts=tuple(raw["acts"]),
        notices={**NOTICES.get(name, {}), **raw["notices"]},
        parameters={**PARAMETERS.get(name, {}), **raw.get("parameters", {})},
        constructor=params(constructors[0]) if constructors else (),
        bytecode=raw["bytecode"],
        deployed=raw["deployedBytecode"],
        links=raw["linkReferences"],
        deployed_links=raw["deployedLinkReferences"],
        immutables=[(start, length) for start, length in raw["immutables"]],
    )


def _link(code: str, links: Mapping[str, Sequence[int]], libraries: Mapping[str, Address]) -> bytes:
    digits = list(code.removeprefix("0x"))
    for library, places in links.items():
        if library not in libraries:
            raise NotFound("linked library", library)
        for place in places:
            digits[2 * place : 2 * place + 40] = libraries[library].removeprefix("0x").lower()
    return bytes.fromhex("".join(digits))


def _built_in(signature: str, *names: str) -> tuple[bytes, Entry]:
    name, kinds = signature.rstrip(")").split("(")
    inputs = params([{"name": n, "type": k} for n, k in zip(names, kinds.split(","), strict=True)])
    selector = keccak(text=signature)[:4]
    return selector, Entry(name, selector, inputs, ())


BUILT_IN = dict((_built_in("Error(string)", "message"), _built_in("Panic(uint256)", "code")))
"""Solidity's own errors."""
