"""Hypothesis strategies for canonical ABI values, from the ABI's own parameters."""

from typing import Any

from eth_utils.address import to_checksum_address
from hypothesis import strategies as st

from ledger.adapters.evm.abi import Param

MAX_LIST = 4


def values_of(param: Param, depth: int | None = None) -> st.SearchStrategy[Any]:
    """Any value that fits `param`."""
    depth = len(param.dims) if depth is None else depth
    if depth:
        size = param.dims[depth - 1]
        low, high = (0, MAX_LIST) if size is None else (size, size)
        return st.lists(values_of(param, depth - 1), min_size=low, max_size=high)
    if param.base == "tuple":
        return st.fixed_dictionaries({member.name: values_of(member) for member in param.members})
    return _atoms(param.base)


def args_of(inputs: tuple[Param, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments by name."""
    return st.fixed_dictionaries({param.name: values_of(param) for param in inputs})


def _atoms(base: str) -> st.SearchStrategy[Any]:
    if base == "bool":
        return st.booleans()
    if base == "address":
        return st.binary(min_size=20, max_size=20).map(to_checksum_address)
    if base == "string":
        return st.text(st.characters(codec="utf-8"), max_size=40)
    if base == "bytes":
        return st.binary(max_size=70)
    if base.startswith("bytes"):
        return st.binary(min_size=int(base[5:]), max_size=int(base[5:]))
    bits = int(base.removeprefix("u")[3:])
    if base.startswith("u"):
        return st.integers(0, (1 << bits) - 1)
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)
