"""Reading typed fields out of a parsed JSON value; every refusal is `Malformed` with a code and a JSON pointer."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from struct import Struct
from typing import Any, Final

from ledger.domain.canonical import MAX_INTEGER
from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.hashing import from_base64url, from_hex

MAX_TIME: Final = 253_402_300_799
"""9999-12-31T23:59:59Z [unix s]: the last second with a four-digit year."""


class UnknownVersion(Malformed):
    """A format version of which this reader knows nothing: not a forgery, but not readable here either."""

    code = "unknown_version"


def malformed(code: str, path: str, text: str) -> Malformed:
    """A `Malformed` with one fault."""
    return Malformed(Fault(code, path, text))


@contextmanager
def in_file(path: Path) -> Iterator[None]:
    """Name the file in what is wrong with one of this machine's own: its keeper has to find it."""
    try:
        yield
    except UnicodeDecodeError as bad:
        raise malformed("utf8", str(path), "not UTF-8") from bad
    except Malformed as bad:
        raise type(bad)(*(Fault(one.code, f"{path}{one.path}", one.text) for one in bad.faults)) from bad
    except LimitExceeded as bad:
        raise LimitExceeded(f"{path}: {bad.what}", bad.limit) from bad


def check_version(value: Any, form: str, path: str = "") -> None:
    """Require `value["tamga"] == form`, such as `record/1`.

    Raises:
        UnknownVersion: The same kind of object (`record/…`) in another version.
        Malformed: Another kind, or no object at all.
    """
    if type(value) is not dict:
        raise malformed("type", path, "an object is needed here")
    found = value.get("tamga")
    if found == form:
        return
    if type(found) is str and found.startswith(form.partition("/")[0] + "/"):
        raise UnknownVersion(Fault("unknown_version", path + "/tamga", f"{found[:40]} is not {form}"))
    raise malformed("kind", path + "/tamga", f"not {form}")


def object_of(value: Any, keys: AbstractSet[str], path: str) -> dict[str, Any]:
    """Require an object with exactly these keys."""
    if type(value) is not dict:
        raise malformed("type", path, "an object is needed here")
    if value.keys() != keys:
        missing, unknown = sorted(keys - value.keys()), sorted(value.keys() - keys)
        raise Malformed(
            *(Fault("missing", f"{path}/{key}", "this field is needed") for key in missing),
            *(Fault("unknown_field", f"{path}/{key[:64]}", "no such field in this version") for key in unknown[:8]),
        )
    return value


def array_of(value: Any, path: str, *, at_most: int, at_least: int = 0) -> list[Any]:
    """Require an array of so many items."""
    if type(value) is not list:
        raise malformed("type", path, "an array is needed here")
    if not at_least <= len(value) <= at_most:
        raise malformed("length", path, f"{len(value)} items; from {at_least} to {at_most} are allowed")
    return value


def text_of(value: Any, path: str, *, at_most: int) -> str:
    """Require a string of 1 to `at_most` characters."""
    if type(value) is not str:
        raise malformed("type", path, "a string is needed here")
    if not 0 < len(value) <= at_most:
        raise malformed("length", path, f"{len(value)} characters; from 1 to {at_most} are allowed")
    return value


def uint_of(value: Any, path: str, *, at_most: int = MAX_INTEGER, at_least: int = 0) -> int:
    """Require an integer, written without fraction or exponent, in that range."""
    if type(value) is not int:
        raise malformed("type", path, "an integer is needed here")
    if not at_least <= value <= at_most:
        raise malformed("number_range", path, f"{value} is not in {at_least}..{at_most}")
    return value


def hex_of(value: Any, path: str, length_bytes: int = 32) -> bytes:
    """Require lower-case hex of so many bytes."""
    raw = from_hex(value, length_bytes) if type(value) is str else None
    if raw is None:
        raise malformed("hex", path, f"{length_bytes * 2} lower-case hex digits are needed here")
    return raw


def hex32s_of(values: list[Any], paths: Callable[[int], str]) -> list[bytes]:
    """Require a list of 32-byte lower-case hex texts, all read in one go; `paths` gives the pointer of each."""
    try:
        joined = "".join(values)
        raw = bytes.fromhex(joined)
        if len(raw) == 32 * len(values) and raw.hex() == joined and set(map(len, values)) <= {64}:
            return list(_digests(len(values)).unpack(raw))
    except (TypeError, ValueError):
        pass  # found again, with its place, one by one
    return [hex_of(value, paths(index)) for index, value in enumerate(values)]


@lru_cache(maxsize=1024)
def _digests(count: int) -> Struct:
    """So many times 32 bytes."""
    return Struct("32s" * count)


def base64url_of(value: Any, path: str, length_bytes: int) -> bytes:
    """Require unpadded base64url of so many bytes, in its one canonical spelling."""
    raw = from_base64url(value, length_bytes) if type(value) is str else None
    if raw is None:
        raise malformed("base64url", path, f"base64url of {length_bytes} bytes is needed here")
    return raw


@lru_cache(maxsize=4096)
def time_text(seconds: int) -> str:
    """RFC 3339 text, UTC with `Z`, whole seconds, of a time [unix s]."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)
def parse_time(text: str) -> int | None:
    """The time [unix s] whose `time_text` this is, from 1970 to 9999; else None."""
    try:
        seconds = int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
    return seconds if 0 <= seconds <= MAX_TIME and time_text(seconds) == text else None


def time_of(value: Any, path: str) -> int:
    """Require an RFC 3339 time in UTC with whole seconds; return [unix s]."""
    seconds = parse_time(value) if type(value) is str and len(value) == 20 else None
    if seconds is None:
        raise malformed("time", path, "a time as 2026-11-23T09:00:00Z is needed here")
    return seconds
