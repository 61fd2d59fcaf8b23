"""Decoded event arguments as JSON text, and back without loss.

Bytes become `{"0x": "<hex>"}`; integers stay integers of any size (they never leave Python's own reader); an object
of ours never has the single key `0x` for anything else. Tuples come back as lists.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

BYTES_KEY = "0x"


def to_text(arguments: Mapping[str, Any]) -> str:
    """Return the arguments as JSON text."""
    return _ENCODER.encode(arguments)


def from_text(text: str) -> dict[str, Any]:
    """Return the arguments that `to_text` wrote."""
    arguments: dict[str, Any] = json.loads(text, object_hook=_restore)
    return arguments


def _written(value: Any) -> Any:
    """What JSON has no word for, as something that it has."""
    if isinstance(value, bytes):
        return {BYTES_KEY: value.hex()}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no argument of an event")


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False, default=_written)


def _restore(found: dict[str, Any]) -> Any:
    return bytes.fromhex(found[BYTES_KEY]) if found.keys() == {BYTES_KEY} else found
