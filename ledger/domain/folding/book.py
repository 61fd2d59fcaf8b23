"""What rules write in: the working copy of every row that a run of blocks touches.

A row is a plain mapping of JSON values and bytes. Four of its keys steer the store, the rest is told as it is:

    status    word that listings filter by
    ends      last second [unix s] at which `status` holds by itself; absent: it holds until an act
    after     the word from then on
    parties   {participant: [roles]}: whose entity it is. A party once named stays one, so that sight is only ever added
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from ledger.domain.codes import named
from ledger.domain.ids import Address, TxHash
from ledger.domain.limits import MAX_PARTICIPANT_ID

State = dict[str, Any]


class Placed(Protocol):
    """What a block must tell."""

    @property
    def number(self) -> int:
        """Height."""

    @property
    def time(self) -> int:
        """[unix s]."""


class Emitted(Protocol):
    """What an event must tell."""

    @property
    def contract(self) -> Address:
        """Address that emitted it."""

    @property
    def contract_name(self) -> str:
        """Directory name of that address."""

    @property
    def name(self) -> str:
        """Event name."""

    @property
    def args(self) -> Mapping[str, Any]:
        """Arguments by name."""

    @property
    def block(self) -> Placed:
        """The block that holds it."""

    @property
    def log_index(self) -> int:
        """Position in the block."""

    @property
    def tx_hash(self) -> TxHash:
        """The transaction that holds it."""


class Book:
    """Rows being changed. Rows as they stood before are asked of `load`, each once.

    Attributes:
        born: Position of the event that first touched a row which was not there before.
    """

    def __init__(self, load: Callable[[str], Mapping[str, Any] | None]) -> None:
        self._load = load
        self._rows: dict[str, State | None] = {}
        self._touched: dict[str, State | None] = {}
        self._at: tuple[int, int] = (0, 0)
        self.born: dict[str, tuple[int, int]] = {}

    def read(self, entity: str) -> Mapping[str, Any]:
        """The row as it stands now; empty for one that is not there."""
        return self._row(entity) or {}

    def open(self, entity: str) -> State:
        """The row, to be changed; an empty one is made where there was none."""
        if entity not in self._touched:
            before = self._row(entity)
            self._touched[entity] = before
            self._rows[entity] = {} if before is None else copy.deepcopy(before)
            if before is None:
                self.born[entity] = self._at
        return cast(State, self._rows[entity])  # opened, so it is there

    def place(self, block: int, log_index: int) -> None:
        """Say where the next event stands."""
        self._at = (block, log_index)

    def close_block(self) -> Iterator[tuple[str, Mapping[str, Any] | None, Mapping[str, Any]]]:
        """Rows that changed since this was last called: entity, row before, row after. One version a block."""
        touched, self._touched = self._touched, {}
        for entity, before in touched.items():
            after = self._rows[entity]
            if after is not None and after != before:
                yield entity, before, after

    def _row(self, entity: str) -> State | None:
        if entity not in self._rows:
            found = self._load(entity)
            self._rows[entity] = None if found is None else dict(found)
        return self._rows[entity]


EntityOf = Callable[[Emitted], str | None]
Rule = Callable[[State, Emitted, Book], None]
Rules = Mapping[tuple[str, str], Sequence[tuple[EntityOf, Rule]]]


def party(state: State, participant: int | None, role: str) -> None:
    """Name a party, once per role; 0, None and a number that no participant can have name nobody."""
    if not participant or participant > MAX_PARTICIPANT_ID:
        return
    roles = state.setdefault("parties", {}).setdefault(str(participant), [])
    if role not in roles:
        roles.append(role)


def by_bytes(kind: str, argument: str) -> EntityOf:
    """Entity of a bytes32 argument; None when it is absent or zero."""

    def entity_of(event: Emitted) -> str | None:
        value = event.args.get(argument)
        return f"{kind}:0x{value.hex()}" if isinstance(value, bytes) and any(value) else None

    return entity_of


def by_number(kind: str, argument: str) -> EntityOf:
    """Entity of an integer argument; None when it is absent or zero."""

    def entity_of(event: Emitted) -> str | None:
        value = event.args.get(argument)
        return f"{kind}:{value}" if isinstance(value, int) and value else None

    return entity_of


def by_place(kind: str) -> EntityOf:
    """Entity that is the event itself."""
    return lambda event: f"{kind}:{event.block.number}.{event.log_index}"


def word(enumeration: str, number: Any) -> str:
    """Member's name of a contract's enumeration."""
    return named(enumeration, number) if isinstance(number, int) else str(number)


def text(code: Any) -> str | None:
    """ASCII of a right-padded bytesN; None for zero. What is not ASCII, or NUL in between, is U+FFFD."""
    found = code.rstrip(b"\0").decode("ascii", "replace") if isinstance(code, bytes) else ""
    return found.replace("\0", "\ufffd") or None  # a database's text holds no NUL


def record(value: Any) -> bytes | None:
    """A record id; None for zero."""
    return value if isinstance(value, bytes) and any(value) else None
