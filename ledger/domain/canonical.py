"""Canonical JSON (RFC 8785, JCS) and the strict reading of outside JSON (RFC 7493, I-JSON).

One text for one value: keys sorted by UTF-16 code units, numbers as ECMAScript prints them, no insignificant space.
A reader that is lax about duplicate keys, number range or lone surrogates would give two texts one hash, or one text
two meanings; `loads` refuses them all, with the JSON pointer of the first fault.

The fast path (msgspec reads, orjson writes) is taken only for texts on which it agrees with the plain path: no escapes,
no fraction that the two print differently, no characters beyond the BMP. A property test compares them.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final, NoReturn

import msgspec
import orjson

from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.json_fault import find_fault, is_out_of_range
from ledger.domain.limits import MAX_EXPLAINED, MAX_JSON_DEPTH, MAX_JSON_VALUES

MAX_INTEGER: Final = 2**53 - 1
"""Largest integer that every JSON reader holds exactly (RFC 7493 §2.2)."""

_quote: Callable[[str], str] = json.encoder.encode_basestring  # C; escapes exactly what RFC 8785 §3.2.2.2 does
_ORJSON: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_NO_OPENER: Final = bytes(set(range(256)) - set(b"{["))
"""All bytes but those that open an array or object."""
_MANY_OPENERS: Final = 1_000
"""A text with more may be nested so deeply that a recursive reader runs out of stack."""
_BEYOND_BMP: Final = re.compile(rb"[\xf0-\xf4]")


def dumps(value: Any) -> bytes:
    """Return the RFC 8785 text of a JSON value (dict, list, str, int, float, bool, None).

    Raises:
        Malformed: Not JSON (`not_json`), an integer beyond 2^53 or a float that is not finite (`number_range`),
            or a lone surrogate (`lone_surrogate`).
    """
    parts: list[str] = []
    try:
        _write(value, parts.append)
    except _NotCanonical as bad:
        raise Malformed(bad.fault()) from None
    except RecursionError:
        raise Malformed(Fault("depth", "", "nested too deeply")) from None
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError:
        raise Malformed(Fault("lone_surrogate", "", "a string holds half of a surrogate pair")) from None


def dumps_whole(value: Any) -> bytes:
    """`dumps`, faster, for values without fractions whose keys are ASCII. Raises as `dumps` does."""
    try:
        return orjson.dumps(value, option=_ORJSON)
    except orjson.JSONEncodeError:
        return dumps(value)


def loads(data: bytes, *, max_bytes: int, max_depth: int = MAX_JSON_DEPTH, floats: bool = True) -> Any:
    """Read one JSON value strictly.

    Args:
        data: UTF-8 text, without byte order mark.
        max_bytes: Upper bound on the text [bytes].
        max_depth: Upper bound on nested arrays and objects.
        floats: Whether numbers with a fraction or exponent are allowed.

    Raises:
        LimitExceeded: Larger than `max_bytes`, or of more values than `MAX_JSON_VALUES`.
        Malformed: Not UTF-8 (`utf8`), not JSON (`syntax`, `trailing_bytes`), a key twice (`duplicate_key`), an integer
            beyond 2^53 in any spelling that JCS prints as one, or a number beyond binary64 (`number_range`), a lone
            surrogate (`lone_surrogate`), too deep (`depth`), or a float where none is allowed (`float`).
    """
    return _read(data, max_bytes, max_depth, floats)[0]


def canonicalise(data: bytes, *, max_bytes: int, max_depth: int = MAX_JSON_DEPTH) -> bytes:
    """Return the RFC 8785 text of the JSON text `data`: `dumps(loads(data))`, faster. Raises as `loads` does."""
    value, text = _read(data, max_bytes, max_depth, floats=True)
    return dumps(value) if text is None else text


def _read(data: bytes, max_bytes: int, max_depth: int, floats: bool) -> tuple[Any, bytes | None]:
    """Value and, where it costs nothing, canonical text."""
    if len(data) > max_bytes:
        raise LimitExceeded("JSON text", max_bytes)
    openers = len(data.translate(None, _NO_OPENER))
    if len(data) > MAX_JSON_VALUES and openers + data.count(b",") > MAX_JSON_VALUES:
        raise LimitExceeded("number of values in a JSON text", MAX_JSON_VALUES)
    if openers > _MANY_OPENERS:
        try:
            orjson.loads(data)  # stops at 1,024 levels by itself, so that no reader below meets a deeper text
        except orjson.JSONDecodeError:
            return _explain(data, max_depth, floats, "not a JSON text")
    if b"\\" not in data:
        try:
            value = (_READ if floats else _READ_WHOLE)(data)
            text = orjson.dumps(value, option=_ORJSON)  # refuses integers beyond 2^53
            if _agrees(data, text) and (openers <= max_depth or _depth(value) <= max_depth):
                return value, text
        except (msgspec.DecodeError, orjson.JSONEncodeError, ValueError, RecursionError):
            pass  # the plain path tells what is wrong, and where
    return _read_plain(data, max_depth, floats), None


def _agrees(data: bytes, text: bytes) -> bool:
    """Whether orjson's text of what msgspec read from `data`, which has no escapes, is surely the plain path's."""
    # Without escapes every string stands verbatim in both texts, and no number grows: nothing is lost from a text of
    # the same length. From one with white space, or longer fractions, a lost (duplicate) key takes its colon along.
    if len(data) != len(text) and data.count(b":") != text.count(b":"):
        return False
    # Keys sort by code point here and by UTF-16 unit in JCS: the same below U+10000.
    return text.isascii() or not _BEYOND_BMP.search(text)


def _steady(text: str) -> float:
    """The fraction, if orjson prints it as ECMAScript does and in no more characters than these; else `ValueError`."""
    number = float(text)
    shortest = repr(number)
    if "e" in shortest or "n" in shortest or shortest.endswith(".0") or len(shortest) > len(text):
        raise ValueError("for the plain path")
    return number


def _read_plain(data: bytes, max_depth: int, floats: bool) -> Any:
    """The definition of `loads`: the standard library's parser, with hooks for what it is lax about."""
    try:
        text = data.decode()
        value = (_WITH_FLOATS if floats else _WITHOUT_FLOATS).decode(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # raises for a lone surrogate
        if _depth(value) <= max_depth:
            return value
        problem = "nested too deeply"
    except (ValueError, RecursionError) as bad:
        problem = str(bad)
    return _explain(data, max_depth, floats, problem)


def _explain(data: bytes, max_depth: int, floats: bool, problem: str) -> NoReturn:
    """Refuse a text with the code and pointer of its first fault; far into a large one, with what a reader met."""
    try:
        text = data.decode()
    except UnicodeDecodeError as bad:
        raise Malformed(Fault("utf8", "", f"byte {bad.start} is not UTF-8")) from None
    fault = find_fault(text[:MAX_EXPLAINED], max_depth=max_depth, floats=floats)
    if fault is None or (fault.code == "syntax" and len(text) > MAX_EXPLAINED):  # perhaps only where it was cut
        fault = Fault(_CODES.get(problem, "syntax"), "", problem)
    raise Malformed(fault)


_CODES: Final = {
    "duplicate key": "duplicate_key",
    "integer beyond 2^53": "number_range",
    "number out of range": "number_range",
    "nested too deeply": "depth",
}
"""Codes of what the readers say themselves."""


def _depth(value: Any) -> int:
    """How deeply arrays and objects are nested: 0 for a plain value, 1 for `{}`."""
    depth = 0
    level = [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _integer(text: str) -> int:
    if len(text) > 17 or not -MAX_INTEGER <= (number := int(text)) <= MAX_INTEGER:
        raise ValueError("integer beyond 2^53")
    return number


def _float(text: str) -> float:
    number = float(text)
    if is_out_of_range(number):
        raise ValueError("number out of range")
    return number


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is not allowed here")


_WITH_FLOATS: Final = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_float, parse_constant=_refuse
)
_WITHOUT_FLOATS: Final = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse
)


_READ: Final = msgspec.json.Decoder(float_hook=_steady).decode
_READ_WHOLE: Final = msgspec.json.Decoder(float_hook=_refuse).decode


class _NotCanonical(Exception):
    """A value without a canonical text; the path grows while it travels up."""

    def __init__(self, code: str, text: str) -> None:
        self.code, self.text = code, text
        self.path: list[str] = []

    def fault(self) -> Fault:
        return Fault(self.code, pointer(*reversed(self.path)), self.text)


def pointer(*steps: str | int) -> str:
    """JSON pointer (RFC 6901) of those steps."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _write(value: Any, put: Callable[[str], object]) -> None:
    kind = type(value)
    if kind is str:
        put(_quote(value))
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise _NotCanonical("number_range", "integer beyond 2^53")
        put(str(value))
    elif value is None:
        put("null")
    elif kind is bool:
        put("true" if value else "false")
    elif kind is float:
        put(es_number(value))
    elif kind is dict:
        _write_object(value, put)
    elif kind is list or kind is tuple:
        _write_array(value, put)
    else:
        raise _NotCanonical("not_json", f"{kind.__name__} is not a JSON type")


def _write_array(items: list[Any] | tuple[Any, ...], put: Callable[[str], object]) -> None:
    before = "["
    for index, item in enumerate(items):
        put(before)
        before = ","
        try:
            _write(item, put)
        except _NotCanonical as bad:
            bad.path.append(str(index))
            raise
    put("]" if items else "[]")


def _write_object(members: dict[str, Any], put: Callable[[str], object]) -> None:
    try:
        keys = sorted(members) if "".join(members).isascii() else sorted(members, key=_utf16)
    except TypeError:
        raise _NotCanonical("not_json", "a key is not a string") from None
    before = "{"
    for key in keys:
        put(before + _quote(key) + ":")
        before = ","
        try:
            _write(members[key], put)
        except _NotCanonical as bad:
            bad.path.append(key)
            raise
    put("}" if members else "{}")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def es_number(number: float) -> str:
    """Print a binary64 as ECMAScript does (ECMA-262 Number::toString; RFC 8785 §3.2.2.3)."""
    if not math.isfinite(number):
        raise _NotCanonical("number_range", f"{number} is not a JSON number")
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = repr(abs(number)).partition("e")  # repr gives the same shortest digits
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0)  # the value is 0.DIGITS × 10^point, before leading zeros are dropped
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    shown = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{shown}e{'+' if point > 0 else '-'}{abs(point - 1)}"
