"""A declaration's whole history in the order of the chain, with the acts on what belongs to the case.

What belongs to a case follows from its events: the permits that its items cite, guarantees and refunds, and the
documents that these acts name as evidence or as data. Acts of *other* cases on the same permit or document are left
out. Who acts chooses the documents that the act names: of one that is shared, only its anchor and changes of its status
belong to the case, and what else names the case or its permits.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.domain.errors import NotFound
from ledger.domain.events import declaration_entity, entities_of, key_entity
from ledger.domain.ids import Address, CaseId, ParticipantId, RecordId
from ledger.domain.rights import DeclarationView
from ledger.ports.chain import Event, Head
from ledger.ports.index_store import IndexStore, Position, RecordStore
from ledger.ports.state_store import StateStore
from ledger.services.paging import every_event

DOCUMENTS: Final = "DocumentRegistry"
SHARED: Final = ("permit", "guarantee", "refund", "document")
"""Kinds of entity that belong to a case by being named in its acts."""
PERMIT_PAPERS: Final = ("document:", "application:")
"""Kinds of entity that belong to a case because its permit's own acts name them."""
MAX_BLOCK_EVENTS: Final = 100_000
"""Events of one block: more than its gas limit lets in."""


@dataclass(frozen=True)
class Act:
    """One event of a history, with who acted.

    Attributes:
        event: What happened, where.
        entities: What it belongs to.
        actor: Key that acted; None if neither the event nor its transaction's other events name one.
        participant: In whose name that key acts; None if the key is not registered.
    """

    event: Event
    entities: frozenset[str]
    actor: Address | None
    participant: ParticipantId | None

    def seen_by(self, view: DeclarationView) -> "Act | None":
        """The act as who may see no more of its declaration than `view` is told it; None: not at all."""
        told = view.of_act(self.event.contract_name, self.event.name, self.event.args, self.participant)
        return None if told is None else self.telling(told)

    def telling(self, arguments: Mapping[str, Any]) -> "Act":
        """The same act with these arguments, and of what they name."""
        if arguments is self.event.args:
            return self
        event = replace(self.event, args=arguments)
        return replace(self, event=event, entities=entities_of(event))

    @property
    def reason(self) -> int | None:
        """Reason code; None if this event carries none. A refused act tells its revert data under that name."""
        found = self.event.args.get("reason")
        return found if isinstance(found, int) else None

    @property
    def evidence(self) -> RecordId | None:
        """Record id of the evidence; None if there is none."""
        found = self.event.args.get("evidence")
        return RecordId(found) if isinstance(found, bytes) and any(found) else None


@dataclass(frozen=True)
class Page:
    """A part of a history.

    Attributes:
        acts: Oldest first.
        as_of: Last block that the index knows.
        next: Ask for what comes after this; None if this was all.
    """

    acts: Sequence[Act]
    as_of: Head
    next: Position | None


class History:
    """Reads histories from the index."""

    def __init__(self, store: IndexStore, states: StateStore, records: RecordStore | None = None) -> None:
        self._store, self._states, self._records = store, states, records

    def of_declaration(
        self, case: CaseId, *, until_time: int | None = None, after: Position | None = None, limit: int = 100
    ) -> Page:
        """Return acts of a case and of all that belongs to it.

        Args:
            case: Declaration id.
            until_time: Only acts up to this time [unix s].
            after: Only acts later than this.
            limit: At most so many acts.

        Raises:
            NotFound: The index knows no such case.
        """
        own = declaration_entity(case)
        as_of = self._store.cursor()
        if as_of is None or not self._store.events(entities=[own], limit=1):
            raise NotFound("declaration", str(case))
        entities = self._belonging(own)
        found = list(self._relevant(own, entities, until_time, after, limit + 1))
        page = found[:limit]
        more = (page[-1].block.number, page[-1].log_index) if len(found) > limit else None
        return Page(self.acts(page), as_of, more)

    def of_entity(
        self, entity: str, *, until_time: int | None = None, after: Position | None = None, limit: int = 100
    ) -> Page:
        """Return acts on one entity alone. Raises `NotFound` if the index knows none."""
        as_of = self._store.cursor()
        found = self._store.events(entities=[entity], until_time=until_time, after=after, limit=limit + 1)
        if as_of is None or not (found or self._store.events(entities=[entity], limit=1)):
            raise NotFound(*entity.split(":", 1))
        page = found[:limit]
        more = (page[-1].block.number, page[-1].log_index) if len(found) > limit else None
        return Page(self.acts(page), as_of, more)

    def of_compromised(self, key: Address, *, after: Position | None = None, limit: int = 100) -> Page:
        """Return acts of a key between the instant it fell into wrong hands and the notice of it, both included.

        None for a key that never did. Raises `NotFound` if no such key was ever registered.
        """
        as_of, state = self._store.cursor(), self._key(key)
        if as_of is None or not state:
            raise NotFound("key", key)
        if not state["compromised"]:
            return Page([], as_of, None)
        began, noticed = state["blocked_from"], state["noticed_at"]
        before = self._store.block_at(began - 1) if began else None
        found = self._store.events(
            entities=[key_entity(key)],
            first_block=0 if before is None else before.number + 1,
            until_time=noticed,
            after=after,
            limit=limit + 1,
        )
        page = found[:limit]
        more = (page[-1].block.number, page[-1].log_index) if len(found) > limit else None
        return Page(self.acts(page), as_of, more)

    def _key(self, key: Address) -> Mapping[str, Any]:
        """The key's row now; empty for one that was never registered. Its events would be all that it ever did."""
        cursor = self._store.cursor()
        row = None if cursor is None else self._states.row(key_entity(key), block=cursor.number)
        return {} if row is None else row.state

    def _belonging(self, own: str) -> set[str]:
        shared = set(self._store.linked(own, SHARED))
        papers = {paper for permit in shared if permit.startswith("permit:") for paper in self._papers_of(permit, own)}
        return {own} | shared | papers

    def _papers_of(self, permit: str, own: str) -> set[str]:
        """Documents and the application that the permit's own acts name."""
        acts = every_event(self._store, entities=[permit])
        return {
            e
            for act in acts
            if not _is_of_other_case(act, own)
            for e in entities_of(act)
            if e.startswith(PERMIT_PAPERS)
        }

    def _relevant(
        self, own: str, entities: set[str], until_time: int | None, after: Position | None, limit: int
    ) -> Iterator[Event]:
        anchors = [event for event in self._anchors(entities) if _is_within(event, until_time, after)]
        named = {entity for entity in entities if not entity.startswith("document:")}
        events = every_event(self._store, entities=sorted(entities), until_time=until_time, after=after)
        found = (e for e in events if not _is_of_other_case(e, own) and _belongs(e, named))
        seen: set[Position] = set()
        for event in _merged(anchors, found):
            position = (event.block.number, event.log_index)
            if position in seen:
                continue
            seen.add(position)
            yield event
            if len(seen) == limit:
                return

    def _anchors(self, entities: set[str]) -> list[Event]:
        """Anchors of the documents whose batch this participant can read: on chain an anchor names no document."""
        if self._records is None:
            return []
        ids = [RecordId(bytes.fromhex(e.removeprefix("document:0x"))) for e in entities if e.startswith("document:")]
        known = [record for record in map(self._records.by_id, ids) if record is not None]
        positions = sorted({record.anchored for record in known})
        return [event for position in positions if (event := self._store.event_at(position)) is not None]

    def acts(self, events: Sequence[Event]) -> list[Act]:
        """These events, each with who brought it about."""
        actors = self._actors(events)
        owners: Mapping[Address, ParticipantId | None] = {
            actor: self._owner(actor) for actor in set(actors) if actor is not None
        }
        return [
            Act(event, entities_of(event), actor, None if actor is None else owners[actor])
            for event, actor in zip(events, actors, strict=True)
        ]

    def _actors(self, events: Sequence[Event]) -> list[Address | None]:
        """The actor of each event: its own, else that of the act in the same transaction that brought it about."""
        lacking = {event.block.number for event in events if _own_actor(event) is None}
        blocks = {n: self._store.events(first_block=n, last_block=n, limit=MAX_BLOCK_EVENTS) for n in lacking}
        return [_own_actor(event) or _actor_beside(event, blocks[event.block.number]) for event in events]

    def _owner(self, key: Address) -> ParticipantId | None:
        """A key acts for one participant, for ever."""
        found = self._key(key).get("participant")
        return None if found is None else ParticipantId(found)


def _actor_beside(event: Event, block: Sequence[Event]) -> Address | None:
    same = [e for e in block if e.tx_hash == event.tx_hash and _own_actor(e) is not None]
    later = [e for e in same if e.log_index > event.log_index]
    nearest = later[0] if later else same[-1] if same else None
    return None if nearest is None else _own_actor(nearest)


def _own_actor(event: Event) -> Address | None:
    actor: Any = event.args.get("actor")
    return Address(actor) if isinstance(actor, str) else None


def _is_of_other_case(event: Event, own: str) -> bool:
    cases = {entity for entity in entities_of(event) if entity.startswith("declaration:")}
    return bool(cases) and own not in cases


def _belongs(event: Event, named: set[str]) -> bool:
    """Whether an act names what belongs to the case, or is on a document itself."""
    return event.contract_name == DOCUMENTS or not named.isdisjoint(entities_of(event))


def _is_within(event: Event, until_time: int | None, after: Position | None) -> bool:
    early = after is not None and (event.block.number, event.log_index) <= after
    late = until_time is not None and event.block.time > until_time
    return not early and not late


def _merged(first: Sequence[Event], second: Iterator[Event]) -> Iterator[Event]:
    return heapq.merge(first, second, key=lambda event: (event.block.number, event.log_index))
