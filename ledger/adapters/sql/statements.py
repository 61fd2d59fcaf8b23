"""Statements and contradictions in SQL.

A statement is gone with the last of its records, and a contradiction with either of its statements: what is left of
that is its place, without what it was about, so that who has been told of it can go on from there.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, or_, select, tuple_, update

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.last_words import (
    THING,
    chunks,
    find_last_words,
    last_words,
    note_contradictions,
    stated,
)
from ledger.adapters.sql.statement_tables import (
    PLACE,
    WHOLE,
    contradictions,
    followed,
    is_of_authority,
    made,
    parts,
    shown_record,
    statements,
)
from ledger.domain.chainview import NOTHING
from ledger.domain.errors import Conflict
from ledger.domain.ids import ParticipantId, RecordId
from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.force import Force
from ledger.domain.trade.said import Said
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.statement_store import FIRST, Due, Noted, StatementStore

SAID = (*THING, "says", "speaks")
"""Columns of a statement that tell what is said, by whom, and whether it is a last word."""
BATCH = PLACE[:2]
"""Columns of a record that tell where its batch was anchored."""


class SqlStatementStore(StatementStore):
    """Statement store in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, documents: Sequence[Said]) -> None:
        """See the port."""
        with self._database.writing() as connection:
            _alone(connection)
            for each in documents:
                _name_parts(connection, each)
                _keep(connection, each)

    def followed(self) -> int:
        """See the port."""
        with self._database.reading() as connection:
            return _followed(connection)

    def follow(self, to: int, changed: Collection[RecordId]) -> None:
        """See the port."""
        with self._database.writing() as connection:
            _alone(connection)
            _owe_parts(connection, changed)
            _owe(connection, changed)
            connection.execute(delete(followed))
            connection.execute(insert(followed).values(id=1, block_number=to))

    def due(self) -> list[Due]:
        """See the port."""
        with self._database.reading() as connection:
            return _due(connection)

    def settle(self, forces: Mapping[Due, Force], *, at: int) -> list[Contradiction]:
        """See the port."""
        with self._database.writing() as connection:
            _alone(connection)
            if _due(connection) != list(forces) or _followed(connection) != at:
                raise Conflict("something else is to be compared by now")
            of_thing = [made.c[name] for name in THING]
            rows = connection.execute(select(*of_thing).distinct().where(made.c.force.is_(None)))
            things = [(row.about, row.item, row.issuer, row.document_type) for row in rows]
            for force in Force:
                for chunk in chunks(due.record_id for due, found in forces.items() if found == force):
                    connection.execute(update(made).where(made.c.record_id.in_(chunk)).values(force=int(force)))
            return note_contradictions(connection, find_last_words(connection, things))

    def last_words(self, abouts: Collection[str]) -> list[Stated]:
        """See the port."""
        with self._database.reading() as connection:
            return list(last_words(connection, abouts).values())

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
        said += [shown_record(side).label(f"{side.name}_said_record_id") for side in (one, other)]
        both = select(contradictions, *said).join(one, one.c.number == c.one).join(other, other.c.number == c.other)
        if after != FIRST:
            both = both.where(c.number > select(c.number).where(c.place == after).scalar_subquery())
        if sides is not None:
            both = both.where(or_(c.one_issuer.in_(sides), c.other_issuer.in_(sides)))
            both = both.where(or_(*map(is_of_authority, (one, other))))
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
    """Forget what an erased document said, unless another record says it too, and the contradictions that quote it.

    What its issuer says beside it of the same things is due, and so is what it named as part of its declaration.
    """
    _alone(connection)
    said = connection.execute(select(made).where(made.c.record_id == record_id)).all()
    connection.execute(delete(made).where(made.c.record_id == record_id))
    for chunk in chunks(sorted({(row.about, row.issuer) for row in said})):
        beside = tuple_(made.c.about, made.c.issuer).in_(chunk)
        connection.execute(update(made).where(beside).values(force=None))
    _owe_parts(connection, [record_id])
    connection.execute(delete(parts).where(parts.c.header == record_id))
    for numbers in chunks(row.statement for row in said):
        _drop_unsaid(connection, numbers)


def _drop_unsaid(connection: Connection, numbers: Sequence[int]) -> None:
    still = select(made.c.number).where(made.c.statement == statements.c.number)
    unsaid = and_(statements.c.number.in_(numbers), ~exists(still))
    gone = list(connection.scalars(select(statements.c.number).where(unsaid)))
    quoted = or_(contradictions.c.one.in_(gone), contradictions.c.other.in_(gone))
    blank = {column.name: None for column in contradictions.c if column.nullable}
    connection.execute(update(contradictions).where(quoted).values(blank))
    connection.execute(delete(statements).where(statements.c.number.in_(gone)))


def _alone(connection: Connection) -> None:
    """Until the transaction ends nobody else keeps or drops statements: last words are found, then written."""
    if connection.dialect.name != "sqlite":  # there, writers are one after the other
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(statements.name))))


def _followed(connection: Connection) -> int:
    found = connection.scalar(select(followed.c.block_number))
    return NOTHING if found is None else found


# ----- what is due


def _due(connection: Connection) -> list[Due]:
    of_record = (made.c.record_id, made.c.issuer, made.c.declares, *BATCH)
    query = select(*of_record).where(made.c.force.is_(None)).group_by(*of_record).order_by(func.min(made.c.number))
    rows = connection.execute(query).all()
    named: dict[bytes, list[Row[Any]]] = {}
    keys = {bytes(key) for row in rows for key in (row.record_id, row.declares) if key is not None}
    for chunk in chunks(sorted(keys)):
        for part in connection.execute(select(parts).where(parts.c.part.in_(chunk))):
            named.setdefault(bytes(part.part), []).append(part)
    return [
        Due(RecordId(bytes(row.record_id)), ParticipantId(row.issuer), tuple(sorted(_headers(row, named))))
        for row in rows
    ]


def _headers(row: Row[Any], named: Mapping[bytes, Sequence[Row[Any]]]) -> Iterator[RecordId]:
    """Headers of its issuer that name a record: by its id, or beside it in its batch, as the whole that it is.

    The same text may be lodged again, so a digest alone would not tell to which of the two a record belongs.
    """
    by_id = {part.header: part for part in named.get(bytes(row.record_id), ())}
    beside = () if row.declares is None else named.get(bytes(row.declares), ())
    batch = (row.block_number, row.log_index)
    wholes = {part.header: part for part in beside if (part.block_number, part.log_index) == batch}
    for part in {**by_id, **wholes}.values():
        if part.issuer == row.issuer:
            yield RecordId(bytes(part.header))


def _owe(connection: Connection, keys: Iterable[bytes]) -> None:
    """Records of these ids are due, and those that are the whole of a declaration with such a digest."""
    for chunk in chunks(sorted(set(keys))):
        named = or_(made.c.record_id.in_(chunk), made.c.declares.in_(chunk))
        connection.execute(update(made).where(named).values(force=None))


def _owe_parts(connection: Connection, headers: Collection[RecordId]) -> None:
    """What these headers name is due."""
    named: set[bytes] = set()
    for chunk in chunks(sorted(headers)):
        named |= set(map(bytes, connection.scalars(select(parts.c.part).where(parts.c.header.in_(chunk)))))
    _owe(connection, named)


# ----- what is kept


def _name_parts(connection: Connection, document: Said) -> None:
    this = parts.c.header == document.record_id
    batch = document.place[:2]
    known = connection.execute(select(parts).where(this)).all()
    if any(batch < (row.block_number, row.log_index) for row in known):
        connection.execute(update(parts).where(this).values(block_number=batch[0], log_index=batch[1]))
        _owe_parts(connection, [document.record_id])
    new = sorted(document.parts - {bytes(row.part) for row in known})
    if new:
        row = {"header": document.record_id, "issuer": document.issuer, "block_number": batch[0], "log_index": batch[1]}
        connection.execute(insert(parts), [{**row, "part": part} for part in new])
        _owe(connection, new)


def _keep(connection: Connection, document: Said) -> None:
    """Keep what a document says. One that is read again stands where it stood first."""
    place = dict(zip((column.name for column in PLACE), document.place, strict=True))
    this = made.c.record_id == document.record_id
    known = connection.execute(select(made.c.about, made.c.item, *PLACE).where(this)).all()
    if any(document.place < tuple(row[2:]) for row in known):
        connection.execute(update(made).where(this).values(**place, force=None))
    kept = {(row.about, row.item) for row in known}
    by_issuer = {"issuer": document.issuer, "document_type": document.document_type}
    rows = []
    for statement in document.statements:
        of = {"about": statement.about, "item": _item(statement), **by_issuer}
        if (of["about"], of["item"]) not in kept:
            own = {"record_id": document.record_id, "declares": document.declares, **place}
            rows.append({**of, **own, "statement": _number(connection, of, _says(statement))})
    if rows:
        connection.execute(insert(made), rows)


def _number(connection: Connection, of: Mapping[str, Any], says: str) -> int:
    """Of a statement, which is kept if it is new."""
    digest = sha256(says.encode()).digest()
    same = (statements.c[name] == value for name, value in {**of, "digest": digest}.items())
    number = connection.scalar(select(statements.c.number).where(*same))
    if number is None:
        row = {**of, "says": says, "digest": digest, "speaks": False}
        number = connection.execute(insert(statements).values(row).returning(statements.c.number)).scalar_one()
    return int(number)


def _item(statement: Statement) -> int:
    return WHOLE if statement.item is None else statement.item


def _says(statement: Statement) -> str:
    says = {"facts": dict(statement.facts), "number": statement.number, "cites": list(statement.cites)}
    return json.dumps(says, sort_keys=True)


def _noted(row: Row[Any]) -> Noted:
    values = row._asdict()
    sides = [{name: values[f"{side}_said_{name}"] for name in (*SAID, "record_id")} for side in ("one", "other")]
    one, other = sorted(map(stated, sides), key=lambda side: side.record_id)
    item = None if row.item == WHOLE else row.item
    says = (one.statement.facts[row.fact], other.statement.facts[row.fact])
    found = Contradiction(row.about, item, row.fact, one, says[0], other, says[1])
    return Noted(row.place, found, all(side["speaks"] for side in sides))
