"""What happened since a position, for one reader: final acts in the order of the chain, those that it may see.

Only final blocks are told, so nothing told is ever taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from ledger.domain import rights as rules
from ledger.domain.caller import Caller
from ledger.domain.cursors import AFTER
from ledger.domain.errors import Fault, Malformed, NotFound
from ledger.domain.events import participant_entity
from ledger.domain.ids import CaseId, RecordId
from ledger.domain.rights import DeclarationView
from ledger.ports.chain import ChainReader, Event
from ledger.ports.index_store import IndexStore, Position
from ledger.services.history import Act, History
from ledger.services.rights import Rights

SCAN: Final = 200
"""Events looked through in one step."""
BLOCK_END: Final = 999_999_999
"""A log index that no block reaches: as a position, the end of its block."""


Told = TypeVar("Told")


@dataclass(frozen=True)
class Fed(Generic[Told]):
    """One step of a feed.

    Attributes:
        told: What the reader may see, oldest first.
        through: Everything up to here was looked through: where the next step begins.
    """

    told: Sequence[Told]
    through: Position


class Feed:
    """Reads the index, and asks the ledger what the reader may see."""

    def __init__(self, reader: ChainReader, index: IndexStore, history: History, rights: Rights) -> None:
        self._reader, self._index, self._history, self._rights = reader, index, history, rights

    def end(self) -> Position:
        """The end of what is final now: a reader that begins here is told what happens from now on."""
        return max(self._index.finalized(), 0), BLOCK_END

    def begun(self, after: Position, *, named: str = AFTER) -> Position:
        """`after`, of which the chain has the block: who waits behind the end of the chain would wait for ever.

        Args:
            after: Where a reader was told that it is.
            named: Where in its request that stands.

        Raises:
            Malformed: There is no such block yet, so the cursor is of another ledger.
            Unavailable: The index has not reached that block, and no node answers.
        """
        if after[0] > self._index.finalized() and after[0] > (newest := self._reader.head().number):
            text = f"block {after[0]} is not there: the newest is {newest}, so this cursor is of another ledger"
            raise Malformed(Fault("cursor_ahead", named, text))
        return after

    def step(self, caller: Caller, after: Position) -> Fed[Act] | None:
        """What comes next after a position; None: nothing yet. Raises `Unavailable`: nobody gets a right from that."""
        events = self._index.events(after=after, last_block=self._index.finalized(), limit=SCAN)
        if not events:
            return None
        known: dict[str, bool | DeclarationView | None] = {}
        seen = [self._seen(caller, act, known) for act in self._history.acts(events)]
        return Fed([act for act in seen if act is not None], position_of(events[-1]))

    def _seen(self, caller: Caller, act: Act, known: dict[str, bool | DeclarationView | None]) -> Act | None:
        """The act as the caller may see it. Being named by a declaration's act gives no sight of the rest of it."""
        if caller.has_any(rules.ALL_CASES) or act.participant == caller.participant:
            return act
        of_declaration = act.event.contract_name == rules.DECLARATIONS
        views = (self._right(caller, entity, known) for entity in _of_kind(act, "declaration"))
        view = next((view for view in views if isinstance(view, DeclarationView)), None)
        if view is not None or of_declaration:
            seen = act.seen_by(view or DeclarationView(caller.participant, frozenset(), debt=False))
            if seen is not None:
                return seen
        if participant_entity(caller.participant) in act.entities and not of_declaration:  # it is a party to the act
            return act
        if any(self._right(caller, entity, known) for entity in _of_kind(act, "document")):
            return act
        for entity in _of_kind(act, "permit"):
            if self._right(caller, entity, known):
                permit = bytes.fromhex(entity.partition(":0x")[2])
                return act.telling(rules.of_permit_act(permit, act.event.contract_name, act.event.args))
        return None

    def _right(
        self, caller: Caller, entity: str, known: dict[str, bool | DeclarationView | None]
    ) -> bool | DeclarationView | None:
        if entity not in known:
            known[entity] = self._right_to(caller, entity)
        return known[entity]

    def _right_to(self, caller: Caller, entity: str) -> bool | DeclarationView | None:
        kind, _, key = entity.partition(":")
        try:
            match kind:
                case "declaration":
                    return self._rights.declaration(caller, CaseId(int(key)))
                case "permit":
                    self._rights.permit(caller, bytes.fromhex(key[2:]))
                case "document":
                    self._rights.use_of_document(caller, RecordId(bytes.fromhex(key[2:])))
                case _:
                    return None
        except NotFound:
            return None
        return True


def _of_kind(act: Act, kind: str) -> Sequence[str]:
    return [entity for entity in sorted(act.entities) if entity.startswith(f"{kind}:")]


def position_of(event: Event) -> Position:
    """Where an event stands."""
    return event.block.number, event.log_index
