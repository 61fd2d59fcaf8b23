"""Scripted faults: any port object behind a counter whose n-th call goes wrong, in one of six ways."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ledger.domain.errors import Unavailable


class Killed(BaseException):
    """The process ends here. Not an Exception, so that no handler of ours can hide it."""


class Fault(StrEnum):
    """How a call goes wrong."""

    FAILED = "failed"
    """Nothing happened, and it says so."""
    PERSISTED = "failed, but persisted"
    """It happened, and it says that it failed."""
    DIED = "died before"
    """The process ends instead."""
    DIED_AFTER = "died after it took effect"
    TRUNCATED = "truncated"
    """It happened; the last of the answers is missing."""
    WRONG = "wrong answer"
    """The lie that `LIES` has for it."""


class _Cell:
    """What a call answers when it lies; `instead` of doing anything."""

    def __init__(self, lie: Callable[[Any], Any], *, instead: bool = False) -> None:
        self.lie, self.instead = lie, instead


def _elsewhere(head: Any) -> Any:
    """A block of another chain, higher than ours."""
    return type(head)(head.number + 7, type(head.hash)(b"\xee" * 32), head.parent, head.time + 7)


LIES: Mapping[str, _Cell] = {
    "chain.final_head": _Cell(_elsewhere),
    "chain.head": _Cell(_elsewhere),
    "chain.blocks": _Cell(lambda heads: [head and _elsewhere(head) for head in heads]),
    "chain.receipts": _Cell(lambda receipts: [None] * len(receipts)),
    "chain.nonce_at": _Cell(lambda nonce: nonce + 3),
    "chain.call_many": _Cell(lambda answers: [not answer for answer in answers]),
    "chain.find_events": _Cell(lambda _events: []),
    "chain.send_many": _Cell(lambda raws: [None] * len(raws), instead=True),
    "outbox.open_rows": _Cell(lambda _rows: []),
    "outbox.get_many": _Cell(lambda rows: [None] * len(rows)),
    "outbox.in_state": _Cell(lambda _rows: []),
    "outbox.next_nonce": _Cell(lambda _nonce: 0),
}
"""What a node of another chain, behind, or without its history answers, and a database that forgets what it is asked.

Trusted, and so without a lie: that the database's commit is durable, and that the signer signs what it is given. A pure
function has none, and what tells the fees or the chain's id would be a lie of configuration.
"""


@dataclass
class Faults:
    """When and how to fail.

    Attributes:
        at: Number of the call that fails, from 1; 0 never.
        fault: How.
        calls: Calls so far, as `port.method`.
        happened: Whether the call at `at` could go wrong that way, and did.
    """

    at: int
    fault: Fault = Fault.FAILED
    calls: list[str] = field(default_factory=list)
    happened: bool = False

    def reached(self) -> bool:
        """Whether the call has been made."""
        return 0 < self.at <= len(self.calls)

    def wrap(self, name: str, port: Any) -> Any:
        """`port`, failing as scripted."""
        return _Faulty(name, port, self)

    def run(self, name: str, call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
        self.calls.append(name)
        if len(self.calls) != self.at:
            return call()
        match self.fault:
            case Fault.FAILED:
                self.happened = True
                raise Unavailable("scripted")
            case Fault.DIED:
                self.happened = True
                raise Killed
            case Fault.PERSISTED | Fault.DIED_AFTER:
                call()
                self.happened = True
                raise Unavailable("scripted") if self.fault is Fault.PERSISTED else Killed
            case Fault.TRUNCATED:
                answer = call()
                self.happened = isinstance(answer, list) and bool(answer)
                return answer[:-1] if self.happened else answer
            case Fault.WRONG:
                cell = LIES.get(name)
                self.happened = cell is not None
                return call() if cell is None else cell.lie(args[0] if cell.instead else call())


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
            return self._faults.run(name, lambda: found(*args, **kwargs), args)

        return call
