"""Statements and contradictions in SQL. A statement is replaced by a newer one of its issuer, type, thing and item."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)

from ledger.adapters.sql.database import Database, metadata
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.statement_store import Noted, StatementStore

WHOLE = -1
"""Item number of a statement about the whole consignment: a primary key takes no null."""

statements = Table(
    "statements",
    metadata,
    Column("record_id", LargeBinary(32), primary_key=True),
    Column("about", String(120), primary_key=True),
    Column("item", Integer, primary_key=True),
    Column("issuer", BigInteger, nullable=False),
    Column("document_type", Integer, nullable=False),
    Column("says", Text, nullable=False),
    Column("newest", Boolean, nullable=False),
    Index("statements_about", "about", "newest"),
)
contradictions = Table(
    "contradictions",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("about", String(120), nullable=False, index=True),
    Column("item", Integer, nullable=False),
    Column("fact", String(20), nullable=False),
    Column("one", LargeBinary(32), nullable=False),
    Column("one_item", Integer, nullable=False),
    Column("one_issuer", BigInteger, nullable=False, index=True),
    Column("other", LargeBinary(32), nullable=False),
    Column("other_item", Integer, nullable=False),
    Column("other_issuer", BigInteger, nullable=False, index=True),
    UniqueConstraint("about", "item", "fact", "one", "other"),
    sqlite_autoincrement=True,  # a number that was forgotten is never given again
)
_SQLITE_COUNT = "SELECT seq FROM sqlite_sequence WHERE name = 'contradictions'"
_POSTGRES_COUNT = "SELECT last_value FROM contradictions_number_seq WHERE is_called"


class SqlStatementStore(StatementStore):
    """Statement store in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_words(self, abouts: Collection[str]) -> list[Stated]:
        """See the port."""
        query = select(statements).where(statements.c.about.in_(abouts), statements.c.newest)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(statements.c.record_id, statements.c.item)).all()
        return [_stated(row) for row in rows]

    def remember(self, stated: Sequence[Stated], found: Sequence[Contradiction]) -> None:
        """See the port."""
        with self._database.writing() as connection:
            for each in stated:
                _keep(connection, each)
            for contradiction in found:
                row = _row_of(contradiction)
                known = select(contradictions.c.number).where(
                    and_(*(contradictions.c[name] == row[name] for name in ("about", "item", "fact", "one", "other")))
                )
                if connection.scalar(known) is None:
                    connection.execute(insert(contradictions).values(row))

    def noted(
        self,
        *,
        sides: Collection[ParticipantId] | None = None,
        about: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[Noted]:
        """See the port."""
        c, one, other = contradictions.c, statements.alias("one"), statements.alias("other")
        said = (
            side.c[name].label(f"{prefix}_{name}")
            for side, prefix in ((one, "a"), (other, "b"))
            for name in ("document_type", "says", "newest")
        )
        query = (
            select(contradictions, *said)
            .join(one, and_(one.c.record_id == c.one, one.c.about == c.about, one.c.item == c.one_item))
            .join(other, and_(other.c.record_id == c.other, other.c.about == c.about, other.c.item == c.other_item))
            .where(c.number > after)
        )
        if sides is not None:
            query = query.where(or_(c.one_issuer.in_(sides), c.other_issuer.in_(sides)))
        if about is not None:
            query = query.where(c.about == about)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(c.number).limit(limit)).all()
        return [_noted(row) for row in rows]

    def last_number(self) -> int:
        """See the port."""
        counted = _SQLITE_COUNT if self._database.is_sqlite else _POSTGRES_COUNT
        with self._database.reading() as connection:
            return int(connection.scalar(text(counted)) or 0)


def drop_statements(connection: Connection, record_id: RecordId) -> None:
    """Forget what an erased document said, and the contradictions that quote it."""
    quoted = or_(contradictions.c.one == record_id, contradictions.c.other == record_id)
    connection.execute(delete(contradictions).where(quoted))
    connection.execute(delete(statements).where(statements.c.record_id == record_id))


def _keep(connection: Connection, stated: Stated) -> None:
    statement = stated.statement
    item = WHOLE if statement.item is None else statement.item
    same = and_(
        statements.c.about == statement.about,
        statements.c.item == item,
        statements.c.issuer == stated.issuer,
        statements.c.document_type == stated.document_type,
    )
    this = and_(same, statements.c.record_id == stated.record_id)
    if connection.scalar(select(statements.c.item).where(this)) is not None:
        return
    connection.execute(update(statements).where(same).values(newest=False))
    says = {"facts": dict(statement.facts), "number": statement.number, "cites": list(statement.cites)}
    connection.execute(
        insert(statements).values(
            record_id=stated.record_id,
            about=statement.about,
            item=item,
            issuer=stated.issuer,
            document_type=stated.document_type,
            says=json.dumps(says),
            newest=True,
        )
    )


def _stated(row: Row[Any]) -> Stated:
    return Stated(
        _statement(row.about, row.item, row.says),
        RecordId(bytes(row.record_id)),
        ParticipantId(row.issuer),
        DocumentType(row.document_type),
    )


def _statement(about: str, item: int, says: str) -> Statement:
    kept = json.loads(says)
    facts = {name: tuple(values) for name, values in kept["facts"].items()}
    return Statement(about, None if item == WHOLE else item, facts, kept["number"], tuple(kept["cites"]))


def _row_of(found: Contradiction) -> dict[str, Any]:
    return {
        "about": found.about,
        "item": WHOLE if found.item is None else found.item,
        "fact": found.fact,
        "one": found.one.record_id,
        "one_item": WHOLE if found.one.statement.item is None else found.one.statement.item,
        "one_issuer": found.one.issuer,
        "other": found.other.record_id,
        "other_item": WHOLE if found.other.statement.item is None else found.other.statement.item,
        "other_issuer": found.other.issuer,
    }


def _noted(row: Row[Any]) -> Noted:
    one = Stated(
        _statement(row.about, row.one_item, row.a_says),
        RecordId(bytes(row.one)),
        ParticipantId(row.one_issuer),
        DocumentType(row.a_document_type),
    )
    other = Stated(
        _statement(row.about, row.other_item, row.b_says),
        RecordId(bytes(row.other)),
        ParticipantId(row.other_issuer),
        DocumentType(row.b_document_type),
    )
    found = Contradiction(
        row.about,
        None if row.item == WHOLE else row.item,
        row.fact,
        one,
        one.statement.facts[row.fact],
        other,
        other.statement.facts[row.fact],
    )
    return Noted(row.number, found, bool(row.a_newest and row.b_newest))
