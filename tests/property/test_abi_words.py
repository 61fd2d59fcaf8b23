"""Values that take one word are coded by hand: always as eth-abi codes them, and refused where it refuses."""

from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adapters.evm.abi import decode_values, encode_values, params
from ledger.domain.errors import Malformed
from tests.support.abi_values import values_of

TYPES = ["uint256", "uint96", "uint40", "uint8", "bytes32", "bytes4", "address", "bool", "int128", "bytes", "uint64[]"]
kinds = st.lists(st.sampled_from(TYPES), min_size=1, max_size=5)


def entries(types: list[str]) -> Any:
    return params([{"name": f"p{at}", "type": kind} for at, kind in enumerate(types)])


@given(kinds, st.data())
@settings(max_examples=200, deadline=None)
def test_encoded_and_decoded_as_the_library_does(types: list[str], data: st.DataObject) -> None:
    inputs = entries(types)
    values = [data.draw(values_of(param)) for param in inputs]
    coded = encode(types, values)
    assert encode_values(inputs, values) == coded
    assert decode_values(inputs, coded) == values


@given(kinds, st.data())
@settings(max_examples=400, deadline=None)
def test_any_words_are_read_or_refused_alike(types: list[str], data: st.DataObject) -> None:
    inputs = entries(types)
    small = st.integers(0, 3).map(lambda number: number.to_bytes(32))
    words = st.one_of(
        small, st.binary(min_size=32, max_size=32), st.binary(min_size=20, max_size=20).map(bytes(12).__add__)
    )
    block = b"".join(data.draw(st.lists(words, max_size=8))) + data.draw(st.sampled_from([b"", b"\0", b"\1" * 31]))
    try:
        expected = list(decode(types, block))
    except (DecodingError, OverflowError, UnicodeDecodeError, ValueError):
        with pytest.raises(Malformed):
            decode_values(inputs, block)
        return
    found = decode_values(inputs, block)
    shown = [value.lower() if kind == "address" else value for kind, value in zip(types, found, strict=True)]
    assert shown == [list(value) if kind == "uint64[]" else value for kind, value in zip(types, expected, strict=True)]
