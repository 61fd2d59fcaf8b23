"""What a play must remember between two runs because it cannot be read from the chain: one small JSON file.

Randomness (salts of terms, blinding keys), instants that went into an act's arguments, and refusals: these leave no
trace.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Notes:
    """Values by name, each decided once and kept for ever."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def once(self, name: str, decide: Callable[[], Any]) -> Any:
        """The value of that name; decided, and durable before it is returned, the first time."""
        if name not in self._values:
            self._values[name] = decide()
            self._write()
        return self._values[name]

    def get(self, name: str) -> Any:
        """The value of that name, None if it was never decided."""
        return self._values.get(name)

    def _write(self) -> None:
        draft = self._file.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as stream:
            json.dump(self._values, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self._file)
