"""Where a JSON text goes wrong: code and JSON pointer of the first fault.

A plain recursive reader, slow and exact, that runs only on texts already refused (`canonical.loads`).
"""

import math
import re
from typing import Final, NoReturn

from ledger.domain.errors import Fault

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_STRING: Final = re.compile(r'"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD: Final = re.compile(r"true|false|null")
_ESCAPE: Final = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])')
_PLAIN: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LONE_SURROGATE: Final = re.compile("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")


def find_fault(text: str, *, max_depth: int, floats: bool) -> Fault | None:
    """Return the first fault of a JSON text, or None if there is none."""
    reader = _Reader(text, max_depth, floats)
    try:
        reader.value("", 0)
        reader.space()
        if reader.at != len(text):
            reader.stop("trailing_bytes", "", "something follows the value")
    except _FoundError as found:
        return found.fault
    return None


def is_out_of_range(number: float) -> bool:
    """Whether a number written with fraction or exponent has no canonical text that a strict reader takes back.

    From 2^53 to 10^21 that text would be an integer beyond 2^53; below and above it is unmistakable.
    """
    return 2**53 <= abs(number) < 1e21 or math.isinf(number)


class _FoundError(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Reader:
    """A cursor over the text."""

    def __init__(self, text: str, max_depth: int, floats: bool) -> None:
        self.text, self.max_depth, self.floats = text, max_depth, floats
        self.at = 0

    def stop(self, code: str, path: str, text: str) -> NoReturn:
        raise _FoundError(Fault(code, path, f"{text} (character {self.at})"))

    def space(self) -> str:
        """Skip space; return the next character, empty at the end."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def value(self, path: str, depth: int) -> None:
        first = self.space()
        if first and first in "{[":
            if depth == self.max_depth:
                self.stop("depth", path, f"more than {self.max_depth} levels")
            (self._object if first == "{" else self._array)(path, depth + 1)
        elif first == '"':
            self.string(path)
        elif found := _WORD.match(self.text, self.at):
            self.at = found.end()
        elif found := _NUMBER.match(self.text, self.at):
            self._check_number(found, path)
            self.at = found.end()
        else:
            self.stop("syntax", path, "not a JSON value")

    def string(self, path: str) -> str:
        found = _STRING.match(self.text, self.at)
        if found is None:
            self.stop("syntax", path, "not a JSON string")
        plain = _ESCAPE.sub(_unescape, found[1])
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")  # join escaped pairs
        if _LONE_SURROGATE.search(plain):
            self.stop("lone_surrogate", path, "half of a surrogate pair")
        self.at = found.end()
        return plain

    def _check_number(self, found: re.Match[str], path: str) -> None:
        if found[1] is None and found[2] is None:
            if len(found[0]) > 17 or abs(int(found[0])) >= 2**53:
                self.stop("number_range", path, "integer beyond 2^53")
        elif not self.floats:
            self.stop("float", path, "a whole number is needed here")
        elif is_out_of_range(float(found[0])):
            self.stop("number_range", path, "integer beyond 2^53, or number beyond binary64")

    def _array(self, path: str, depth: int) -> None:
        self.at += 1
        if self.space() == "]":
            self.at += 1
            return
        index = 0
        while True:
            self.value(f"{path}/{index}", depth)
            if self._closes("]", path):
                return
            index += 1

    def _object(self, path: str, depth: int) -> None:
        self.at += 1
        seen: set[str] = set()
        if self.space() == "}":
            self.at += 1
            return
        while True:
            if self.space() != '"':
                self.stop("syntax", path, "not a key")
            key = self.string(path)
            below = path + "/" + key.replace("~", "~0").replace("/", "~1")
            if key in seen:
                self.stop("duplicate_key", below, "the key stands twice")
            seen.add(key)
            if self.space() != ":":
                self.stop("syntax", below, "no colon after the key")
            self.at += 1
            self.value(below, depth)
            if self._closes("}", path):
                return

    def _closes(self, end: str, path: str) -> bool:
        """Step over a comma (False) or the end (True)."""
        found = self.space()
        if found not in (",", end):
            self.stop("syntax", path, f"neither a comma nor {end}")
        self.at += 1
        return found == end


def _unescape(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if code[0] == "u" else _PLAIN.get(code, code)
