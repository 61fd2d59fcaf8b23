"""Folded rows in SQLite or PostgreSQL: one row per version, one per party's sight of an entity.

`write` and `undo` are called inside the transaction that applies or rolls back the blocks. Writing closes the version
before at the height where the next begins; undoing deletes what began above a height and opens again what ended there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import Row as SqlRow

from ledger.adapters.sql.codec import from_text, to_text
from ledger.adapters.sql.database import Database, metadata
from ledger.domain.folding import Book, fold, subjects
from ledger.domain.ids import ParticipantId
from ledger.ports.chain import Event
from ledger.ports.index_store import Position
from ledger.ports.state_store import AGENCY, ANY, ISSUER, OWN, Party, Row, StateStore, Wanted

OPEN: Final = 1 << 62
"""`end_block` of the version that holds now."""
_ENDED: Final = literal_column("end_block") < literal_column(str(OPEN))
"""Of a version that holds no more; spelt out, so that a database sees that the index of those does."""
CHUNK: Final = 500
"""Entities asked for at once."""
HEIRLOOMS: Final = {"permit": ISSUER, "application": AGENCY, "declaration": AGENCY}
"""Kind of what passes to another agency, and the first agency's role in it."""

states = Table(
    "index_states",
    metadata,
    Column("entity", String(200), primary_key=True),
    Column("first_block", BigInteger, primary_key=True, autoincrement=False),
    Column("end_block", BigInteger, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("born_block", BigInteger, nullable=False),
    Column("born_log", Integer, nullable=False),
    Column("status", String(32)),
    Column("ends", BigInteger),
    Column("after", String(32)),
    Column("office", Integer),
    Column("document_type", Integer),
    Column("regime", Integer),
    Column("state", Text, nullable=False),
    Index("index_states_by_kind", "kind", "born_block", "born_log"),
    Index("index_states_by_status", "kind", "status", "born_block", "born_log"),
    Index("index_states_by_first", "first_block"),
    # Not of what holds now: a planner without statistics would walk all of it for every entity that is looked up.
    Index("index_states_by_end", "end_block", postgresql_where=_ENDED, sqlite_where=_ENDED),
)
sights = Table(
    "index_sights",
    metadata,
    Column("participant", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(24), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("born_block", BigInteger, primary_key=True, autoincrement=False),
    Column("born_log", Integer, primary_key=True, autoincrement=False),
    Column("entity", String(200), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Index("index_sights_by_entity", "entity", "participant"),
    Index("index_sights_by_since", "since"),
)


def write(connection: Connection, events: Sequence[Event]) -> None:
    """Fold events, in chain order, into the rows."""
    known = _Known(connection)
    known.fetch(entity for event in events for entity in subjects(event))
    book = Book(known.state)
    fresh: dict[str, dict[str, Any]] = {}
    rows: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    for number, of_block in groupby(events, key=lambda event: event.block.number):
        for event in of_block:
            book.place(number, event.log_index)
            fold(event, book)
        for entity, before, after in book.close_block():
            born = known.born.get(entity) or book.born[entity]
            row = _row(entity, number, born, after)
            if entity in fresh:
                fresh[entity]["end_block"] = number
            elif before is not None:
                ended.append({"of": entity, "at": number})
            fresh[entity] = row
            rows.append(row)
            seen += _sights(row, {} if before is None else before, after)
    if ended:
        open_row = and_(states.c.entity == bindparam("of"), states.c.end_block == OPEN)
        connection.execute(update(states).where(open_row).values(end_block=bindparam("at")), ended)
    for table, made in ((states, rows), (sights, seen)):
        if made:
            connection.execute(insert(table), made)


def undo(connection: Connection, to: int) -> None:
    """Take back what blocks above height `to` wrote."""
    connection.execute(delete(sights).where(sights.c.since > to))
    connection.execute(delete(states).where(states.c.first_block > to))
    ended = and_(states.c.end_block > to, _ENDED)
    connection.execute(update(states).where(ended).values(end_block=OPEN))


def clear(connection: Connection) -> None:
    """Forget all rows."""
    for table in (sights, states):
        connection.execute(delete(table))


def changes(connection: Connection, number: int) -> list[tuple[Any, ...]]:
    """All that the block at this height wrote, in an order of its own: for comparing two stores."""
    rows = connection.execute(select(states).where(states.c.first_block == number)).all()
    views = connection.execute(select(sights).where(sights.c.since == number)).all()
    return sorted(map(tuple, [*rows, *views]), key=repr)


class _Known:
    """Rows that hold now, as the database has them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._states: dict[str, Mapping[str, Any] | None] = {}
        self.born: dict[str, Position] = {}

    def fetch(self, entities: Iterable[str]) -> None:
        for chunk in _chunks(dict.fromkeys(entities)):
            self._states |= dict.fromkeys(chunk)
            query = select(states.c.entity, states.c.born_block, states.c.born_log, states.c.state)
            for row in self._connection.execute(query.where(states.c.entity.in_(chunk), states.c.end_block == OPEN)):
                self._states[row.entity] = from_text(row.state)
                self.born[row.entity] = (row.born_block, row.born_log)

    def state(self, entity: str) -> Mapping[str, Any] | None:
        if entity not in self._states:
            self.fetch([entity])
        return self._states[entity]


def _row(entity: str, number: int, born: Position, state: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "entity": entity,
        "first_block": number,
        "end_block": OPEN,
        "kind": entity.partition(":")[0],
        "born_block": born[0],
        "born_log": born[1],
        "status": state.get("status"),
        "ends": state.get("ends"),
        "after": state.get("after"),
        "office": state.get("office"),
        "document_type": state.get("document_type"),
        "regime": state.get("regime"),
        "state": to_text(state),
    }


def _sights(row: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    had = before.get("parties", {})
    for participant, roles in after.get("parties", {}).items():
        for role in sorted(_with_kinds(roles) - _with_kinds(had.get(participant, ()))):
            yield {
                "participant": int(participant),
                "role": role,
                "since": row["first_block"],
                **{name: row[name] for name in ("kind", "born_block", "born_log", "entity")},
            }


def _with_kinds(roles: Collection[str]) -> set[str]:
    """Roles, with those that stand for several."""
    own = {OWN} if set(roles) - {AGENCY} else set()
    return {ANY, *own, *roles} if roles else set()


class SqlStateStore(StateStore):
    """Folded rows in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def row(self, entity: str, *, block: int) -> Row | None:
        """See the port."""
        return self.rows([entity], block=block).get(entity)

    def rows(self, entities: Collection[str], *, block: int) -> dict[str, Row]:
        """See the port."""
        found: dict[str, Row] = {}
        with self._database.reading() as connection:
            for chunk in _chunks(entities):
                query = select(states).where(states.c.entity.in_(chunk), *_holds_at(block))
                found |= {row.entity: _read(row) for row in connection.execute(query)}
        return found

    def versions(self, entity: str, *, block: int, after: int = -1, limit: int = 100) -> list[Row]:
        """See the port."""
        theirs = and_(states.c.entity == entity, states.c.first_block <= block, states.c.first_block > after)
        query = select(states).where(theirs).order_by(states.c.first_block).limit(limit)
        with self._database.reading() as connection:
            return [_read(row) for row in connection.execute(query)]

    def listed(self, wanted: Wanted, *, block: int, before: Position | None = None, limit: int = 100) -> list[Row]:
        """See the port."""
        with self._database.reading() as connection:
            return [_read(row) for row in connection.execute(_listing(wanted, block, before).limit(limit))]

    def is_party(self, entity: str, participant: ParticipantId, *, block: int) -> bool:
        """See the port."""
        theirs = and_(sights.c.entity == entity, sights.c.participant == participant, sights.c.since <= block)
        with self._database.reading() as connection:
            return connection.execute(select(sights.c.entity).where(theirs).limit(1)).first() is not None


def _holds_at(block: int) -> tuple[Any, ...]:
    return states.c.first_block <= block, states.c.end_block > block


def _listing(wanted: Wanted, block: int, before: Position | None) -> Select[Any]:
    """By the first party's sights if there is one, so that nothing is walked that is not theirs."""
    parties = list(wanted.parties)
    if parties:
        joined = sights.join(states, states.c.entity == sights.c.entity)
        order = (sights.c.born_block, sights.c.born_log)
        theirs = or_(and_(*_sees(sights, parties[0], block)), *_inherits(wanted, parties[0], block))
        query = select(states).select_from(joined).where(theirs, sights.c.kind == wanted.kind)
    else:
        order = (states.c.born_block, states.c.born_log)
        query = select(states).where(states.c.kind == wanted.kind)
    for party in parties[1:]:
        query = query.where(_is_party(party, block))
    query = query.where(*_holds_at(block))
    if wanted.statuses is not None:
        query = query.where(_is_in(wanted.statuses, wanted.at))
    if wanted.office is not None:
        query = query.where(states.c.office == wanted.office)
    if wanted.document_type is not None:
        query = query.where(states.c.document_type == wanted.document_type)
    if wanted.regime is not None:
        query = query.where(states.c.regime == wanted.regime)
    if wanted.born_from:
        query = query.where(order[0] >= wanted.born_from)
    if wanted.born_until is not None:
        query = query.where(order[0] <= wanted.born_until)
    if before is not None:
        query = query.where(tuple_(*order) < tuple_(*before))
    return query.order_by(order[0].desc(), order[1].desc())


def _sees(table: Any, party: Party, block: int) -> tuple[Any, ...]:
    return table.c.participant == party.participant, table.c.role == party.role, table.c.since <= block


def _is_party(party: Party, block: int) -> Any:
    theirs = sights.alias()
    return exists().where(theirs.c.entity == states.c.entity, *_sees(theirs, party, block))


def _inherits(wanted: Wanted, reader: Party, block: int) -> Iterator[Any]:
    """By the first agencies' sights, of what the reader does not see by its own: each entity comes once."""
    for issued in wanted.inherited:
        agencies = _sees(sights, Party(issued.issuer, HEIRLOOMS[wanted.kind]), block)
        of_type = () if issued.document_type is None else (states.c.document_type == issued.document_type,)
        yield and_(*agencies, *of_type, ~_is_party(reader, block))


def _is_in(statuses: Collection[str], at: int) -> Any:
    still = or_(states.c.ends.is_(None), states.c.ends >= at)
    return or_(and_(states.c.status.in_(statuses), still), and_(states.c.after.in_(statuses), states.c.ends < at))


def _chunks(entities: Iterable[str]) -> Iterator[list[str]]:
    found = list(entities)
    return (found[start : start + CHUNK] for start in range(0, len(found), CHUNK))


def _read(row: SqlRow[Any]) -> Row:
    end = None if row.end_block == OPEN else row.end_block
    return Row(row.entity, row.kind, (row.born_block, row.born_log), row.first_block, end, from_text(row.state))
