"""The read model in SQLite or PostgreSQL.

One event row per log; one link row per entity that it belongs to; and the states folded from them (`states`). Rolling
back takes back exactly what applying wrote, in one transaction, so the two are inverses.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
)

from ledger.adapters.sql import states
from ledger.adapters.sql.codec import from_text, to_text
from ledger.adapters.sql.database import Database, metadata
from ledger.domain.chainview import NOTHING, check_links
from ledger.domain.errors import Conflict, Unavailable
from ledger.domain.events import entities_of
from ledger.domain.ids import Address, BlockHash, TxHash
from ledger.ports.chain import Event, Head
from ledger.ports.index_store import IndexStore, Position

LOCK: Final = 7_421_002
"""Number of the PostgreSQL lock that a change of the index holds until its transaction ends."""

blocks = Table(
    "index_blocks",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("parent", LargeBinary(32), nullable=False),
    Column("time", BigInteger, nullable=False, index=True),
)
events = Table(
    "index_events",
    metadata,
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("contract", String(42), nullable=False),
    Column("contract_name", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("tx_hash", LargeBinary(32), nullable=False),
    Column("arguments", Text, nullable=False),
    Index("index_events_by_name", "name", "block_number", "log_index"),
)
links = Table(
    "index_entity_events",
    metadata,
    Column("entity", String(160), primary_key=True),
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Index("index_entity_events_by_place", "block_number", "log_index"),
)
state = Table(
    "index_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("finalized", BigInteger, nullable=False),
)

_JOINED = events.join(blocks, blocks.c.number == events.c.block_number)


class SqlIndexStore(IndexStore):
    """Index store in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self) -> Head | None:
        """See the port."""
        with self._database.reading() as connection:
            return _cursor(connection)

    def finalized(self) -> int:
        """See the port."""
        with self._database.reading() as connection:
            return _finalized(connection)

    def block(self, number: int) -> Head | None:
        """See the port."""
        return self._head(select(blocks).where(blocks.c.number == number))

    def block_at(self, time: int) -> Head | None:
        """See the port."""
        return self._head(select(blocks).where(blocks.c.time <= time).order_by(blocks.c.number.desc()).limit(1))

    def apply(self, new_blocks: Sequence[Head], new_events: Sequence[Event]) -> None:
        """See the port."""
        event_rows = [
            {
                "block_number": e.block.number,
                "log_index": e.log_index,
                "contract": e.contract,
                "contract_name": e.contract_name,
                "name": e.name,
                "tx_hash": e.tx_hash,
                "arguments": to_text(e.args),
            }
            for e in new_events
        ]
        link_rows = [
            {"entity": entity, "block_number": e.block.number, "log_index": e.log_index}
            for e in new_events
            for entity in sorted(entities_of(e))
        ]
        block_rows = [{"number": b.number, "hash": b.hash, "parent": b.parent, "time": b.time} for b in new_blocks]
        with self._alone() as connection:
            try:
                check_links(_cursor(connection), new_blocks)
            except Unavailable as error:
                raise Conflict(str(error)) from error
            for table, rows in ((blocks, block_rows), (events, event_rows), (links, link_rows)):
                if rows:
                    connection.execute(insert(table), rows)
            states.write(connection, new_events)

    def finalize(self, to: int) -> None:
        """See the port."""
        with self._alone() as connection:
            if to < _finalized(connection):
                raise Conflict(f"block {_finalized(connection)} is already final")
            connection.execute(delete(state))
            connection.execute(insert(state).values(id=1, finalized=to))

    def roll_back(self, to: int) -> None:
        """See the port."""
        with self._alone() as connection:
            if to < _finalized(connection):
                raise Conflict(f"block {_finalized(connection)} is final and cannot be undone")
            states.undo(connection, to)
            for column in (links.c.block_number, events.c.block_number, blocks.c.number):
                connection.execute(delete(column.table).where(column > to))

    def events(
        self,
        *,
        entities: Collection[str] | None = None,
        name: str | None = None,
        first_block: int | None = None,
        last_block: int | None = None,
        after: Position | None = None,
        until_time: int | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        """See the port."""
        query = _of(entities, name, until_time).order_by(events.c.block_number, events.c.log_index).limit(limit)
        if first_block is not None:
            query = query.where(events.c.block_number >= first_block)
        if last_block is not None:
            query = query.where(events.c.block_number <= last_block)
        if after is not None:
            number, log_index = after
            later = and_(events.c.block_number == number, events.c.log_index > log_index)
            query = query.where(or_(events.c.block_number > number, later))
        with self._database.reading() as connection:
            return [_event(row) for row in connection.execute(query)]

    def event_at(self, position: Position) -> Event | None:
        """See the port."""
        query = _of(None, None, None).where(events.c.block_number == position[0], events.c.log_index == position[1])
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _event(row)

    def linked(self, entity: str, kinds: Collection[str]) -> frozenset[str]:
        """See the port."""
        other = links.alias()
        same = and_(other.c.block_number == links.c.block_number, other.c.log_index == links.c.log_index)
        of_kind = or_(*(other.c.entity.startswith(f"{kind}:") for kind in kinds))
        query = select(other.c.entity).distinct().select_from(links.join(other, same))
        with self._database.reading() as connection:
            return frozenset(connection.execute(query.where(links.c.entity == entity, of_kind)).scalars())

    def last_event(self, *, entity: str, name: str, until_time: int | None = None) -> Event | None:
        """See the port."""
        newest = (events.c.block_number.desc(), events.c.log_index.desc())
        query = _of([entity], name, until_time).order_by(*newest).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _event(row)

    def changes(self, number: int) -> list[tuple[Any, ...]]:
        """See the port."""
        with self._database.reading() as connection:
            return states.changes(connection, number)

    def clear(self) -> None:
        """See the port."""
        with self._alone() as connection:
            states.clear(connection)
            for table in (links, events, blocks, state):
                connection.execute(delete(table))

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A transaction that no other one of the index runs beside: what it found at its start holds at its end.

        A follower that lost its lease with its session may still be at work beside the next.
        """
        with self._database.writing() as connection:
            if not self._database.is_sqlite:  # there one writer at a time is all that there is
                connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            yield connection

    def _head(self, query: Select[tuple[int, bytes, bytes, int]]) -> Head | None:
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _head(row)


def _of(entities: Collection[str] | None, name: str | None, until_time: int | None) -> Select[tuple[object, ...]]:
    query = select(events, blocks.c.hash, blocks.c.parent, blocks.c.time).select_from(_JOINED)
    if entities is not None:
        theirs = select(links.c.block_number, links.c.log_index).where(links.c.entity.in_(entities))
        query = query.where(tuple_(events.c.block_number, events.c.log_index).in_(theirs))
    if name is not None:
        query = query.where(events.c.name == name)
    if until_time is not None:
        query = query.where(blocks.c.time <= until_time)
    return query


def _cursor(connection: Connection) -> Head | None:
    row = connection.execute(select(blocks).order_by(blocks.c.number.desc()).limit(1)).first()
    return None if row is None else _head(row)


def _finalized(connection: Connection) -> int:
    found = connection.execute(select(state.c.finalized)).scalar()
    return NOTHING if found is None else int(found)


def _head(row: Row[tuple[int, bytes, bytes, int]]) -> Head:
    return Head(row.number, BlockHash(bytes(row.hash)), BlockHash(bytes(row.parent)), row.time)


def _event(row: Row[tuple[object, ...]]) -> Event:
    block = Head(row.block_number, BlockHash(bytes(row.hash)), BlockHash(bytes(row.parent)), row.time)
    tx_hash = TxHash(bytes(row.tx_hash))
    arguments = from_text(row.arguments)
    return Event(Address(row.contract), row.name, arguments, block, tx_hash, row.log_index, row.contract_name)
