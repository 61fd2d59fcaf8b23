"""Scripted faults: any port object behind a counter that fails at the n-th call, before or after it took effect."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from ledger.domain.errors import Unavailable


class Killed(BaseException):
    """The process ends here. Not an Exception, so that no handler of ours can hide it."""


@dataclass
class Faults:
    """When to fail.

    Attributes:
        at: Number of the call that fails, from 1; 0 never.
        after: The call takes effect, and then fails.
        error: What it fails with.
        calls: Calls so far, as `port.method`.
    """

    at: int
    after: bool = False
    error: Callable[[], BaseException] = field(default=lambda: Unavailable("scripted"))
    calls: list[str] = field(default_factory=list)

    def reached(self) -> bool:
        """Whether the fault has happened."""
        return 0 < self.at <= len(self.calls)

    def wrap(self, name: str, port: Any) -> Any:
        """`port`, failing as scripted."""
        return _Faulty(name, port, self)

    def run(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls.append(name)
        fails = len(self.calls) == self.at
        if fails and not self.after:
            raise self.error()
        result = call()
        if fails:
            raise self.error()
        return result


class _Faulty:
    def __init__(self, name: str, port: Any, faults: Faults) -> None:
        self._name, self._port, self._faults = name, port, faults

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._port, attribute)
        if not callable(found):
            return found
        name = f"{self._name}.{attribute}"

        def call(*args: Any, **kwargs: Any) -> Any:
            if attribute == "lease":  # a context manager: only its beginning can fail
                manager: AbstractContextManager[None] = found(*args, **kwargs)
                return manager
            return self._faults.run(name, lambda: found(*args, **kwargs))

        return call
