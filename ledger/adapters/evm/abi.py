"""ABI values: Python (and JSON) values to words, and back, by the parameter entries of an ABI.

Canonical Python values: `bytesN` and `bytes` are bytes, integers int, addresses EIP-55 text, structs dicts by member
name, arrays lists. On the way in a JSON spelling is taken as well: 0x hex for bytes, decimal text for integers.
Nothing is guessed, cut or padded: what does not fit is `Malformed`, with the path of every misfit.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.address import is_address, is_checksum_formatted_address, to_checksum_address

from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import Address

_WORD: Final = 32
_BOOLS: Final = {bytes(_WORD): False, bytes(_WORD - 1) + b"\1": True}
_ADDRESS_PAD: Final = bytes(_WORD - 20)


class Param:
    """One parameter (or struct member, or output) of an ABI entry, parsed once.

    Attributes:
        name: Without leading underscores.
        abi_type: Canonical type for the codec: structs as `(uint8,bytes32)`, arrays with `[]`.
        base: Type without array brackets: `uint96`, `tuple`.
        struct: Solidity name of the struct, empty for other types.
        dims: Array brackets, outermost last: () for a value, (None,) for `T[]`, (4,) for `T[4]`.
        members: Members of a struct.
        enum: Solidity name of the enumeration, empty for other types.
        indexed: For event parameters.
        bits: Width of an unsigned integer; 0 for other types.
    """

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.name: str = entry["name"].lstrip("_")
        self.base, *brackets = entry["type"].split("[")
        self.dims = tuple(int(size[:-1]) if size != "]" else None for size in brackets)
        self.members: tuple[Param, ...] = tuple(Param(member) for member in entry.get("components", ()))
        self.indexed: bool = entry.get("indexed", False)
        self.struct = ""
        told: str = entry.get("internalType", "")
        self.enum = told.removeprefix("enum ").split("[")[0].split(".")[-1] if told.startswith("enum ") else ""
        inner: str = self.base
        if self.base == "tuple":
            self.struct = entry["internalType"].removeprefix("struct ").split("[")[0].split(".")[-1]
            inner = "(" + ",".join(member.abi_type for member in self.members) + ")"
        self.bits = int(self.base[4:]) if self.base.startswith("uint") else 0
        self.abi_type: str = inner + "".join(f"[{'' if size is None else size}]" for size in self.dims)


def params(entries: Sequence[Mapping[str, Any]]) -> tuple[Param, ...]:
    """Parse the `inputs` or `outputs` of an ABI entry."""
    return tuple(Param(entry) for entry in entries)


def arrange(inputs: Sequence[Param], given: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """Canonical values in the order of `inputs`, from values in order or by name.

    Raises:
        Malformed: Every misfit, with its path.
    """
    faults: list[Fault] = []
    values = _members(inputs, given, "", faults)
    if faults:
        raise Malformed(*faults)
    return values


def encode_values(inputs: Sequence[Param], values: Sequence[Any]) -> bytes:
    """ABI-encode canonical values (as `arrange` gives them)."""
    words = [_to_word(param, value) for param, value in zip(inputs, values, strict=True)]
    if None not in words:
        return b"".join(words)  # type: ignore[arg-type]  # a list's items are not narrowed by what it does not contain
    plain = [_plain(param, value, len(param.dims)) for param, value in zip(inputs, values, strict=True)]
    return encode([param.abi_type for param in inputs], plain)


def decode_values(outputs: Sequence[Param], data: bytes) -> list[Any]:
    """Decode ABI bytes to canonical values. Raises `Malformed` for bytes that are no such encoding."""
    found = [_of_word(param, data[_WORD * at : _WORD * (at + 1)]) for at, param in enumerate(outputs)]
    if None not in found:
        return found
    try:
        plain = decode([param.abi_type for param in outputs], data)
    except (DecodingError, OverflowError, UnicodeDecodeError, ValueError) as error:
        raise Malformed(Fault("not_abi", "", str(error))) from error
    return [named(param, value) for param, value in zip(outputs, plain, strict=True)]


@lru_cache(maxsize=65_536)
def checksummed(text: str) -> Address:
    """The address in its EIP-55 spelling. Raises `ValueError` or `TypeError` for anything else."""
    return Address(to_checksum_address(text))


def _to_word(param: Param, value: Any) -> bytes | None:
    """A value that takes one word; None for others, which are left to the library, as are values that do not fit."""
    if param.dims:
        return None
    if param.bits and type(value) is int and 0 <= value >> param.bits < 1:
        return value.to_bytes(_WORD)
    if param.base == "bytes32" and type(value) is bytes and len(value) == _WORD:
        return value
    if param.base == "address" and type(value) is str and len(value) == 42 and value[:2] == "0x":
        return _ADDRESS_PAD + bytes.fromhex(value[2:])
    return None


def _of_word(param: Param, word: bytes) -> Any:
    """Inverse of `_to_word`: None where only the library can tell what the word is, or why it is wrong."""
    if param.dims or len(word) != _WORD:
        return None
    if param.bits:
        number = int.from_bytes(word)
        return None if number >> param.bits else number
    if param.base == "bytes32":
        return word
    if param.base == "address":
        return checksummed("0x" + word[-20:].hex()) if word.startswith(_ADDRESS_PAD) else None
    return _BOOLS.get(word) if param.base == "bool" else None


def named(param: Param, value: Any) -> Any:
    """A decoded value with structs as dicts and addresses checksummed."""
    return _named(param, value, len(param.dims))


def _named(param: Param, value: Any, depth: int) -> Any:
    if depth:
        return [_named(param, item, depth - 1) for item in value]
    if param.base == "tuple":
        return {m.name: _named(m, v, len(m.dims)) for m, v in zip(param.members, value, strict=True)}
    return checksummed(value) if param.base == "address" else value


def _plain(param: Param, value: Any, depth: int) -> Any:
    if depth:
        return [_plain(param, item, depth - 1) for item in value]
    if param.base == "tuple":
        return tuple(_plain(member, value[member.name], len(member.dims)) for member in param.members)
    return value


def _members(wanted: Sequence[Param], given: Any, path: str, faults: list[Fault]) -> list[Any]:
    if isinstance(given, Mapping):
        names = {param.name for param in wanted}
        stripped = {str(name).lstrip("_"): value for name, value in given.items()}
        faults.extend(Fault("unknown_field", f"{path}/{name}", "no such field") for name in stripped.keys() - names)
        missing = names - stripped.keys()
        faults.extend(Fault("missing_field", f"{path}/{name}", "not given") for name in sorted(missing))
        return [_value(p, stripped[p.name], f"{path}/{p.name}", faults) for p in wanted if p.name not in missing]
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        faults.append(Fault("wrong_type", path, "fields are given by name or in order"))
        return []
    if len(given) != len(wanted):
        faults.append(Fault("wrong_count", path, f"{len(wanted)} values wanted, {len(given)} given"))
        return []
    return [_value(p, value, f"{path}/{p.name}", faults) for p, value in zip(wanted, given, strict=True)]


def _value(param: Param, value: Any, path: str, faults: list[Fault], depth: int | None = None) -> Any:
    depth = len(param.dims) if depth is None else depth
    if depth:
        size = param.dims[depth - 1]
        if not isinstance(value, Sequence) or isinstance(value, str | bytes) or size not in (None, len(value)):
            faults.append(Fault("wrong_type", path, f"a list{'' if size is None else f' of {size}'} is wanted"))
            return []
        return [_value(param, item, f"{path}/{i}", faults, depth - 1) for i, item in enumerate(value)]
    if param.base == "tuple":
        values = _members(param.members, value, path, faults)
        return dict(zip((m.name for m in param.members), values, strict=False))  # shorter only beside a fault
    try:
        return _atom(param.base, value)
    except (ValueError, TypeError) as error:
        faults.append(Fault("wrong_value", path, f"{param.base} is wanted: {error}"))
        return None


def _atom(base: str, value: Any) -> Any:
    if base == "bool":
        return _bool(value)
    if base == "address":
        return _address(value)
    if base == "string":
        return _string(value)
    if base.startswith("bytes"):
        return _bytes(value, int(base[5:]) if base != "bytes" else None)
    if base.startswith(("uint", "int")):
        bits = int(base.removeprefix("u")[3:])
        low, high = (0, 1 << bits) if base[0] == "u" else (-(1 << bits - 1), 1 << bits - 1)
        return _integer(value, low, high)
    raise ValueError(f"{base} is not supported")


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _address(value: Any) -> str:
    if not isinstance(value, str) or not is_address(value):
        raise ValueError("20 bytes, 0x hex")
    spelt = checksummed(value)
    if is_checksum_formatted_address(value) and value != spelt:
        raise ValueError("the checksum does not hold")
    return spelt


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    value.encode()  # a lone surrogate has no UTF-8
    return value


def _bytes(value: Any, size: int | None) -> bytes:
    if isinstance(value, str):
        if not value.startswith("0x"):
            raise ValueError("0x hex")
        value = bytes.fromhex(value[2:])
    if not isinstance(value, bytes):
        raise TypeError("bytes or 0x hex")
    if size not in (None, len(value)):
        raise ValueError(f"{size} bytes, not {len(value)}")
    return value


def _integer(value: Any, low: int, high: int) -> int:
    if isinstance(value, str):
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 78:
            raise ValueError("a decimal integer")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("an integer")
    if not low <= value < high:
        raise ValueError("out of range")
    return int(value)
