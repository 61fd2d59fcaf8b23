"""Statements and contradictions in SQL.

`statements` has a row for each statement, `statements_made` one for each record that makes it. A statement is gone with
the last of its records, and a contradiction with either of its statements: what is left of that is its place, without
what it was about, so that who has been told of it can go on from there.
"""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    Row,
    ScalarSelect,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from ledger.adapters.sql.database import Database, metadata
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.statement_store import FIRST, MAX_PLACE, Noted, StatementStore

WHOLE = -1
"""Item number of a statement about the whole consignment: a unique column takes any number of nulls."""
SAID = ("about", "item", "issuer", "document_type", "says", "newest")
"""Columns of a statement that tell what is said, by whom, and whether it is the last word."""
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

statements = Table(
    "statements",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    Column("about", String(120), nullable=False),
    Column("item", Integer, nullable=False),
    Column("issuer", BigInteger, nullable=False),
    Column("document_type", Integer, nullable=False),
    Column("says", Text, nullable=False),
    Column("newest", Boolean, nullable=False),
    Index("statements_about", "about", "newest"),
)
made = Table(
    "statements_made",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    Column("record_id", LargeBinary(32), nullable=False),
    Column("about", String(120), nullable=False),
    Column("item", Integer, nullable=False),
    Column("statement", BigInteger, nullable=False, index=True),
    UniqueConstraint("record_id", "about", "item"),
)
contradictions = Table(
    "contradictions",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    Column("place", BigInteger, nullable=False, unique=True),
    Column("about", String(120), index=True),
    Column("item", Integer),
    Column("fact", String(20)),
    Column("one", BigInteger, index=True),
    Column("one_issuer", BigInteger, index=True),
    Column("other", BigInteger, index=True),
    Column("other_issuer", BigInteger, index=True),
    UniqueConstraint("fact", "item", "one", "other"),
)
"""`one` and `other` are numbers of statements; all but number and place is null once it is forgotten."""


class SqlStatementStore(StatementStore):
    """Statement store in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unknown(self, stated: Sequence[Stated]) -> list[Stated]:
        """See the port."""
        with self._database.reading() as connection:
            rows = connection.execute(_made_by({each.record_id for each in stated})).all()
        kept = {(bytes(row.record_id), row.about, row.item) for row in rows}
        new: dict[tuple[bytes, str, int], Stated] = {}
        for each in stated:
            new.setdefault((each.record_id, each.statement.about, _item(each.statement)), each)
        return [each for key, each in new.items() if key not in kept]

    def last_words(self, abouts: Collection[str]) -> list[Stated]:
        """See the port."""
        query = select(statements, _first_record(statements).label("record_id"))
        newest = query.where(statements.c.about.in_(abouts), statements.c.newest).order_by(statements.c.number)
        with self._database.reading() as connection:
            rows = connection.execute(newest).all()
        return [_stated(row._asdict()) for row in rows]

    def remember(self, stated: Sequence[Stated], found: Sequence[Contradiction]) -> None:
        """See the port."""
        with self._database.writing() as connection:
            _alone(connection)
            for each in stated:
                _keep(connection, each)
            for contradiction in found:
                _note(connection, contradiction)

    def noted(
        self,
        *,
        sides: Collection[ParticipantId] | None = None,
        about: str | None = None,
        after: int = FIRST,
        limit: int = 100,
    ) -> list[Noted]:
        """See the port."""
        c, one, other = contradictions.c, statements.alias("one"), statements.alias("other")
        said = [side.c[name].label(f"{side.name}_said_{name}") for side in (one, other) for name in SAID]
        said += [_first_record(side).label(f"{side.name}_said_record_id") for side in (one, other)]
        both = select(contradictions, *said).join(one, one.c.number == c.one).join(other, other.c.number == c.other)
        if after != FIRST:
            both = both.where(c.number > select(c.number).where(c.place == after).scalar_subquery())
        if sides is not None:
            both = both.where(or_(c.one_issuer.in_(sides), c.other_issuer.in_(sides)))
        if about is not None:
            both = both.where(c.about == about)
        with self._database.reading() as connection:
            rows = connection.execute(both.order_by(c.number).limit(limit)).all()
        return [_noted(row) for row in rows]

    def has_place(self, place: int) -> bool:
        """See the port."""
        if place == FIRST:
            return True
        there = select(contradictions.c.number).where(contradictions.c.place == place)
        with self._database.reading() as connection:
            return connection.scalar(there) is not None


def drop_statements(connection: Connection, record_id: RecordId) -> None:
    """Forget what an erased document said, unless another record says it too, and the contradictions that quote it."""
    _alone(connection)
    said = list(connection.scalars(select(made.c.statement).where(made.c.record_id == record_id)))
    connection.execute(delete(made).where(made.c.record_id == record_id))
    still = select(made.c.number).where(made.c.statement == statements.c.number)
    unsaid = and_(statements.c.number.in_(said), ~exists(still))
    gone = list(connection.scalars(select(statements.c.number).where(unsaid)))
    quoted = or_(contradictions.c.one.in_(gone), contradictions.c.other.in_(gone))
    blank = {column.name: None for column in contradictions.c if column.nullable}
    connection.execute(update(contradictions).where(quoted).values(blank))
    connection.execute(delete(statements).where(statements.c.number.in_(gone)))


def _alone(connection: Connection) -> None:
    """Until the transaction ends nobody else keeps or drops statements: what is newest is found, then written."""
    if connection.dialect.name != "sqlite":  # there, writers are one after the other
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(statements.name))))


def _keep(connection: Connection, stated: Stated) -> None:
    statement = stated.statement
    about = {"about": statement.about, "item": _item(statement)}
    this = and_(made.c.record_id == stated.record_id, *(made.c[name] == value for name, value in about.items()))
    if connection.scalar(select(made.c.number).where(this)) is not None:
        return
    newest = and_(_of_issuer(stated), statements.c.newest)
    number = connection.scalar(select(statements.c.number).where(newest, statements.c.says == _says(statement)))
    if number is None:
        connection.execute(update(statements).where(newest).values(newest=False))
        row = {**about, "issuer": stated.issuer, "document_type": stated.document_type, "says": _says(statement)}
        number = connection.scalar(insert(statements).values(**row, newest=True).returning(statements.c.number))
    connection.execute(insert(made).values(record_id=stated.record_id, **about, statement=number))


def _note(connection: Connection, found: Contradiction) -> None:
    """Keep a contradiction, unless one of its documents was erased since it was found."""
    one, other = (_number_of(connection, side) for side in (found.one, found.other))
    if one is None or other is None:
        return
    c = contradictions.c
    key = {"item": WHOLE if found.item is None else found.item, "fact": found.fact, "one": one, "other": other}
    if connection.scalar(select(c.number).where(*(c[name] == value for name, value in key.items()))) is None:
        issuers = {"one_issuer": found.one.issuer, "other_issuer": found.other.issuer}
        place = secrets.randbelow(MAX_PLACE) + 1
        connection.execute(insert(contradictions).values(place=place, about=found.about, **key, **issuers))


def _made_by(records: Collection[RecordId]) -> Select[Any]:
    return select(made.c.record_id, made.c.about, made.c.item).where(made.c.record_id.in_(records))


def _number_of(connection: Connection, stated: Stated) -> int | None:
    """The number of a statement: by its record, as its issuer may say the same again after something else.

    If that record was erased meanwhile, the same words of its issuer in another one; None: there are none.
    """
    by_record = and_(
        made.c.record_id == stated.record_id,
        made.c.about == stated.statement.about,
        made.c.item == _item(stated.statement),
    )
    number: int | None = connection.scalar(select(made.c.statement).where(by_record))
    if number is None:
        same = and_(_of_issuer(stated), statements.c.says == _says(stated.statement))
        number = connection.scalar(select(func.max(statements.c.number)).where(same))
    return number


def _of_issuer(stated: Stated) -> ColumnElement[bool]:
    """All that one issuer says of an item in documents of a type."""
    return and_(
        statements.c.about == stated.statement.about,
        statements.c.item == _item(stated.statement),
        statements.c.issuer == stated.issuer,
        statements.c.document_type == stated.document_type,
    )


def _first_record(said: FromClause) -> ScalarSelect[Any]:
    """The first record that made a statement of `said`."""
    first = select(made.c.record_id).where(made.c.statement == said.c.number).order_by(made.c.number)
    return first.limit(1).correlate(said).scalar_subquery()


def _item(statement: Statement) -> int:
    return WHOLE if statement.item is None else statement.item


def _says(statement: Statement) -> str:
    says = {"facts": dict(statement.facts), "number": statement.number, "cites": list(statement.cites)}
    return json.dumps(says, sort_keys=True)


def _stated(values: Mapping[str, Any]) -> Stated:
    kept = json.loads(values["says"])
    facts = {name: tuple(said) for name, said in kept["facts"].items()}
    item = None if values["item"] == WHOLE else values["item"]
    statement = Statement(values["about"], item, facts, kept["number"], tuple(kept["cites"]))
    record, kind = RecordId(bytes(values["record_id"])), DocumentType(values["document_type"])
    return Stated(statement, record, ParticipantId(values["issuer"]), kind)


def _noted(row: Row[Any]) -> Noted:
    values = row._asdict()
    sides = [{name: values[f"{side}_said_{name}"] for name in (*SAID, "record_id")} for side in ("one", "other")]
    one, other = sorted(map(_stated, sides), key=lambda side: side.record_id)
    item = None if row.item == WHOLE else row.item
    says = (one.statement.facts[row.fact], other.statement.facts[row.fact])
    found = Contradiction(row.about, item, row.fact, one, says[0], other, says[1])
    return Noted(row.place, found, all(side["newest"] for side in sides))
