"""EIP-712 data of relayed acts, derived from the ABI alone (see `contracts/interfaces/IActForwarder.sol`).

Type name: the function's, with a capital first letter. Fields: `address actor`, the function's parameters without
leading underscores, `uint256 nonce,uint40 deadline,uint32 gas`. A parameter that bears one of those names gets a
trailing underscore, so that no message has one name twice. Struct parameters are nested types, named as in Solidity.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from ledger.adapters.evm.abi import Param
from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import Digest32
from ledger.ports.contracts import ActHeader

BEFORE = (("actor", "address"),)
AFTER = (("nonce", "uint256"), ("deadline", "uint40"), ("gas", "uint32"))
HEADER_NAMES = frozenset(name for name, _ in BEFORE + AFTER)
DOMAIN = (("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"))

Types = dict[str, list[dict[str, str]]]


def field_name(param: Param) -> str:
    """Name of a parameter in the signed message."""
    return f"{param.name}_" if param.name in HEADER_NAMES else param.name


def type_name(function: str) -> str:
    """EIP-712 type of an act."""
    return function[0].upper() + function[1:]


def types_of(function: str, inputs: Sequence[Param]) -> Types:
    """EIP-712 types of an act and of the structs in its parameters, without the domain's.

    Raises:
        Malformed: A parameter is unnamed, or nested deeper than the forwarder reads.
    """
    primary = type_name(function)
    types: Types = {}
    own = []
    for param in inputs:
        if not param.name:
            raise _unsupported(function, param, "has no name")
        if param.dims not in ((), (None,)) or (param.dims and param.base in ("bytes", "string")):
            raise _unsupported(function, param, "is an array that the forwarder does not read")
        if param.struct:
            if any(not m.name or m.dims or m.base in ("tuple", "bytes", "string") for m in param.members):
                raise _unsupported(function, param, "has members that are not single words")
            if param.struct == primary:
                raise _unsupported(function, param, "has the act's own type name")
            types[param.struct] = [_field(m.name, m.base) for m in param.members]
        own.append(_field(field_name(param), (param.struct or param.base) + "[]" * len(param.dims)))
    types[primary] = [*(_field(*f) for f in BEFORE), *own, *(_field(*f) for f in AFTER)]
    return types


def encode_type(primary: str, types: Types) -> str:
    """EIP-712 encodeType: the primary type, then the others in order of name."""
    others = sorted(name for name in types if name != primary)
    fields = {name: ",".join(f"{field['type']} {field['name']}" for field in types[name]) for name in types}
    return "".join(f"{name}({fields[name]})" for name in (primary, *others))


def layout_of(inputs: Sequence[Param]) -> bytes:
    """The forwarder's description of the parameters' place in calldata; see `ActType`."""
    parts = []
    for param in inputs:
        if param.struct:
            members = ",".join(f"{m.base} {m.name}" for m in param.members)
            mark = b"\x03" if param.dims else b"\x04"
            parts.append(mark + keccak(text=f"{param.struct}({members})") + bytes([len(param.members)]))
        elif param.dims:
            parts.append(b"\x01")
        else:
            parts.append(b"\x02" if param.base in ("bytes", "string") else b"\x00")
    return b"".join(parts)


def full_message(function: str, inputs: Sequence[Param], values: Sequence[Any], header: ActHeader) -> dict[str, Any]:
    """The message that a wallet signs, from canonical values in order."""
    own = {field_name(p): _json(value) for p, value in zip(inputs, values, strict=True)}
    return {
        "types": {"EIP712Domain": [_field(*f) for f in DOMAIN], **types_of(function, inputs)},
        "primaryType": type_name(function),
        "domain": {
            "name": "Tamga",
            "version": "1",
            "chainId": header.chain_id,
            "verifyingContract": header.target,
        },
        "message": {
            "actor": header.actor,
            **own,
            "nonce": str(header.nonce),
            "deadline": str(header.deadline),
            "gas": str(header.gas),
        },
    }


def digest(message: Mapping[str, Any]) -> Digest32:
    """EIP-712 digest of a full message of ours."""
    types: Types = {name: fields for name, fields in message["types"].items() if name != "EIP712Domain"}
    domain = {"EIP712Domain": message["types"]["EIP712Domain"]}
    return Digest32(
        keccak(
            b"\x19\x01"
            + _hash_struct("EIP712Domain", domain, message["domain"])
            + _hash_struct(message["primaryType"], types, message["message"])
        )
    )


def _hash_struct(name: str, types: Types, values: Mapping[str, Any]) -> bytes:
    members = {other: fields for other, fields in types.items() if other == name or _uses(types[name], other)}
    words = [keccak(text=encode_type(name, members))]
    words += [_word(field["type"], types, values[field["name"]]) for field in types[name]]
    return keccak(b"".join(words))


def _uses(fields: Sequence[Mapping[str, str]], name: str) -> bool:
    return any(field["type"].removesuffix("[]") == name for field in fields)


def _word(kind: str, types: Types, value: Any) -> bytes:
    if kind.endswith("[]"):
        return keccak(b"".join(_word(kind[:-2], types, item) for item in value))
    if kind in types:
        return _hash_struct(kind, types, value)
    if kind == "string":
        return keccak(text=value)
    if kind.startswith("bytes"):
        raw = bytes.fromhex(value[2:])
        return keccak(raw) if kind == "bytes" else encode([kind], [raw])
    return encode([kind], [int(value) if kind.startswith(("uint", "int")) else value])


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _field(name: str, kind: str) -> dict[str, str]:
    return {"name": name, "type": kind}


def _unsupported(function: str, param: Param, why: str) -> Malformed:
    return Malformed(Fault("unsupported_act", f"/{function}/{param.name}", f"the parameter {why}"))
