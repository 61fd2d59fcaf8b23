"""Decoded event arguments as JSON text, and back without loss.

Bytes become `{"0x": "<hex>"}`; integers stay integers of any size (they never leave Python's own reader); an object
of ours never has the single key `0x` for anything else. Tuples come back as lists.
"""

import json
from collections.abc import Mapping
from typing import Any

BYTES_KEY = "0x"


def to_text(arguments: Mapping[str, Any]) -> str:
    """Return the arguments as JSON text."""
    return json.dumps(_plain(arguments), separators=(",", ":"), ensure_ascii=False)


def from_text(text: str) -> dict[str, Any]:
    """Return the arguments that `to_text` wrote."""
    arguments: dict[str, Any] = json.loads(text, object_hook=_restore)
    return arguments


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {BYTES_KEY: value.hex()}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _restore(found: dict[str, Any]) -> Any:
    return bytes.fromhex(found[BYTES_KEY]) if found.keys() == {BYTES_KEY} else found
