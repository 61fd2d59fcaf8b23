"""Canonical JSON: RFC 8785's published answers, and every refusal with its code and path."""

import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.canonical import canonicalise, dumps, loads
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.limits import MAX_EXPLAINED, MAX_JSON_VALUES

VECTORS = Path(__file__).parents[1] / "samples" / "vectors"
LIMIT = 1 << 20


def test_published_vector() -> None:
    text = (VECTORS / "jcs-weird-input.json").read_bytes()
    expected = (VECTORS / "jcs-weird-output.json").read_bytes()
    assert canonicalise(text, max_bytes=LIMIT) == expected
    assert dumps(loads(text, max_bytes=LIMIT)) == expected


@pytest.mark.parametrize(
    ("number", "text"),  # RFC 8785 appendix B
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (1e21, "1e+21"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1.0000000000000001e23, "1.0000000000000001e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (999999999999999900000.0, "999999999999999900000"),
        (0.001, "0.001"),
        (0.000001, "0.000001"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (333333333.3333332, "333333333.3333332"),
        (333333333.33333325, "333333333.33333325"),
        (1424953923781206.2, "1424953923781206.2"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (100.0, "100"),
        (12.5, "12.5"),
    ],
)
def test_numbers_as_ecmascript_prints_them(number: float, text: str) -> None:
    assert dumps([number]).decode() == f"[{text}]"
    if 2**53 <= abs(number) < 1e21:  # printed as an integer that not every reader holds
        for spelling in (text, repr(number)):
            with pytest.raises(Malformed):
                canonicalise(f"[{spelling}]".encode(), max_bytes=LIMIT)
    else:
        assert canonicalise(f" [ {text} ] ".encode(), max_bytes=LIMIT).decode() == f"[{text}]"
        assert canonicalise(f"[{number!r}]".encode(), max_bytes=LIMIT).decode() == f"[{text}]"


def test_keys_sort_by_utf16_units() -> None:
    # U+1F600 is D83D DE00 in UTF-16, so it stands before U+FB33, though its code point is larger.
    value = {"\ufb33": 1, "\U0001f600": 2, "é": 3, "a": 4, "": 5}
    assert list(loads(dumps(value), max_bytes=LIMIT)) == ["", "a", "é", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        (b'{"a":1,"a":2}', "duplicate_key", "/a"),
        (b'[1,{"a":{"x/y":1,"x\\/y":2}}]', "duplicate_key", "/1/a/x~1y"),
        (b'{"a\\u0061":1,"aa":2}', "duplicate_key", "/aa"),
        (b"1 2", "trailing_bytes", ""),
        (b'{"a":1}x', "trailing_bytes", ""),
        (b"NaN", "syntax", ""),
        (b'{"a":[0,-Infinity]}', "syntax", "/a/1"),
        (b'["\\ud800"]', "lone_surrogate", "/0"),
        (b'["\\udc00\\ud800"]', "lone_surrogate", "/0"),
        (b'{"b":9007199254740992}', "number_range", "/b"),
        (b"[-9007199254740992]", "number_range", "/0"),
        (b'{"a":1e999}', "number_range", "/a"),
        (b"[" + b"9" * 5000 + b"]", "number_range", "/0"),
        (b"\xff", "utf8", ""),
        (b'"\xed\xa0\x80"', "utf8", ""),
        (b"\xef\xbb\xbf{}", "syntax", ""),
        (b"[01]", "syntax", ""),
        (b"[1,]", "syntax", "/1"),
        (b'{"a"}', "syntax", "/a"),
        (b"{'a':1}", "syntax", ""),
        (b'"\x01"', "syntax", ""),
        (b"", "syntax", ""),
        (b"[" * 65 + b"]" * 65, "depth", "/0" * 64),
        (b"[" * 100_000, "depth", "/0" * 64),
    ],
)
def test_refused_with_code_and_path(text: bytes, code: str, path: str) -> None:
    with pytest.raises(Malformed) as refused:
        loads(text, max_bytes=LIMIT)
    assert [(fault.code, fault.path) for fault in refused.value.faults] == [(code, path)]
    with pytest.raises(Malformed):
        canonicalise(text, max_bytes=LIMIT)


@pytest.mark.parametrize("opener", [b"[", b'{"a":', b'["\\n",'])
def test_deep_nesting_is_refused_whatever_the_recursion_limit(opener: bytes) -> None:
    """Readers in C stop at Python's limit, which other libraries raise beyond what the stack holds."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        with pytest.raises(Malformed) as refused:
            canonicalise(opener * 150_000, max_bytes=LIMIT)
    finally:
        sys.setrecursionlimit(before)
    assert refused.value.faults[0].code == "depth"


def test_many_objects_side_by_side_are_no_depth() -> None:
    text = b"[" + b",".join([b'{"a":[1]}'] * 5_000) + b"]"
    assert canonicalise(text, max_bytes=LIMIT) == text


@pytest.mark.parametrize("text", [b"[1.5]", b"[1.0]", b"[1e2]", b'{"a":[1,2,-0.0]}'])
def test_floats_only_where_they_are_allowed(text: bytes) -> None:
    loads(text, max_bytes=LIMIT)
    with pytest.raises(Malformed) as refused:
        loads(text, max_bytes=LIMIT, floats=False)
    assert refused.value.faults[0].code == "float"


def test_more_values_than_memory_should_hold_are_not_read() -> None:
    with pytest.raises(LimitExceeded, match="values"):
        loads(b"[" + b"[]," * MAX_JSON_VALUES + b"[]]", max_bytes=4 * MAX_JSON_VALUES)
    assert loads(b'["' + b"a" * (MAX_JSON_VALUES + 1) + b'"]', max_bytes=2 * MAX_JSON_VALUES)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (b"1e400", "number_range"),
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b"9007199254740993", "number_range"),
        (b"x", "syntax"),
    ],
)
def test_far_into_a_large_text_a_fault_has_no_place(end: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        loads(b"[" + b"0," * MAX_EXPLAINED + end + b"]", max_bytes=4 * MAX_EXPLAINED)
    assert [(fault.code, fault.path) for fault in refused.value.faults] == [(code, "")]


def test_text_over_the_limit_is_not_read() -> None:
    assert loads(b"[" * 64 + b"]" * 64, max_bytes=128)
    with pytest.raises(LimitExceeded):
        loads(b"[" * 64 + b" " + b"]" * 64, max_bytes=128)
    with pytest.raises(LimitExceeded):
        canonicalise(b"123", max_bytes=2)


@pytest.mark.parametrize(
    ("value", "code", "path"),
    [
        ({"a": [1, {1, 2}]}, "not_json", "/a/1"),
        ({"a": {1: 2}}, "not_json", "/a"),
        ({"x": [2**53]}, "number_range", "/x/0"),
        ({"x": float("nan")}, "number_range", "/x"),
        ({"x": float("inf")}, "number_range", "/x"),
        ({"x": "\ud800"}, "lone_surrogate", ""),
        (b"bytes", "not_json", ""),
    ],
)
def test_values_without_a_text(value: Any, code: str, path: str) -> None:
    with pytest.raises(Malformed) as refused:
        dumps(value)
    assert (refused.value.faults[0].code, refused.value.faults[0].path) == (code, path)


def test_colons_and_numbers_inside_strings_are_left_alone() -> None:
    text = b'{"t":"2013-10-18T16:55:00.000","u":":1.0,:2e5,[99999999999999999,","v":1}'
    assert canonicalise(text, max_bytes=LIMIT) == text
