"""Records that this participant can read, in SQL: found again by the hash of their content."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Row, String, Table, delete, insert, select

from ledger.adapters.sql.database import Database, metadata
from ledger.adapters.sql.statements import drop_statements
from ledger.domain.ids import Digest32, RecordId
from ledger.domain.limits import MAX_RECORDS_OF_A_FILE
from ledger.ports.index_store import KnownRecord, Position, RecordStore

MAX_NUMBER_CHARACTERS = 128
"""Longest document number that is found again by it; real ones stay below 35."""

records = Table(
    "known_records",
    metadata,
    Column("record_id", LargeBinary(32), primary_key=True),
    Column("content", LargeBinary(32), index=True),
    Column("block_number", BigInteger, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("proof", LargeBinary, nullable=False),
)
numbers = Table(
    "known_record_numbers",
    metadata,
    Column("record_id", LargeBinary(32), primary_key=True),
    Column("number", String(MAX_NUMBER_CHARACTERS), index=True, nullable=False),
)
searched = Table(
    "known_records_searched",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("block_number", BigInteger, nullable=False),
    Column("log_index", Integer, nullable=False),
)


awaited = Table(
    "known_records_owed",
    metadata,
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("again_at", BigInteger, nullable=False, index=True),
)


class SqlRecordStore(RecordStore):
    """Record store in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, found: Sequence[KnownRecord], *, searched_to: Position | None = None) -> None:
        """See the port."""
        by_id = {each.record_id: each for each in found}
        with self._database.writing() as connection:
            if by_id:
                connection.execute(delete(records).where(records.c.record_id.in_(by_id)))
                connection.execute(insert(records), [_row(each) for each in by_id.values()])
                connection.execute(delete(numbers).where(numbers.c.record_id.in_(by_id)))
                numbered = [
                    {"record_id": each.record_id, "number": each.number} for each in by_id.values() if _is_short(each)
                ]
                if numbered:
                    connection.execute(insert(numbers), numbered)
            if searched_to is not None:
                connection.execute(delete(searched))
                connection.execute(insert(searched).values(id=1, block_number=searched_to[0], log_index=searched_to[1]))

    def forget(self, record_id: RecordId) -> None:
        """See the port."""
        with self._database.writing() as connection:
            connection.execute(delete(records).where(records.c.record_id == record_id))
            connection.execute(delete(numbers).where(numbers.c.record_id == record_id))
            drop_statements(connection, record_id)

    def searched_to(self) -> Position | None:
        """See the port."""
        with self._database.reading() as connection:
            row = connection.execute(select(searched)).first()
        return None if row is None else (row.block_number, row.log_index)

    def owe(self, anchored: Position, *, again_at: int) -> None:
        """See the port."""
        with self._database.writing() as connection:
            connection.execute(delete(awaited).where(*_stands_at(anchored)))
            row = {"block_number": anchored[0], "log_index": anchored[1], "again_at": again_at}
            connection.execute(insert(awaited).values(row))

    def owed(self, *, at: int) -> Position | None:
        """See the port."""
        first = (awaited.c.again_at, awaited.c.block_number, awaited.c.log_index)
        query = select(awaited).where(awaited.c.again_at <= at).order_by(*first).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.block_number, row.log_index)

    def settle(self, anchored: Position) -> None:
        """See the port."""
        with self._database.writing() as connection:
            connection.execute(delete(awaited).where(*_stands_at(anchored)))

    def by_content(self, content: Digest32) -> list[KnownRecord]:
        """See the port."""
        query = select(records).where(records.c.content == content)
        newest = query.order_by(records.c.block_number.desc(), records.c.log_index.desc())
        with self._database.reading() as connection:
            rows = connection.execute(newest.limit(MAX_RECORDS_OF_A_FILE + 1)).all()
        return [_known(row) for row in reversed(rows)]

    def by_number(self, number: str) -> list[KnownRecord]:
        """See the port."""
        query = select(records).join(numbers, numbers.c.record_id == records.c.record_id)
        wanted = query.where(numbers.c.number == number).order_by(records.c.block_number, records.c.log_index)
        with self._database.reading() as connection:
            return [_known(row) for row in connection.execute(wanted).all()]

    def by_id(self, record_id: RecordId) -> KnownRecord | None:
        """See the port."""
        with self._database.reading() as connection:
            row = connection.execute(select(records).where(records.c.record_id == record_id)).first()
        return None if row is None else _known(row)


def _stands_at(anchored: Position) -> tuple[Any, ...]:
    return awaited.c.block_number == anchored[0], awaited.c.log_index == anchored[1]


def _is_short(record: KnownRecord) -> bool:
    return record.number is not None and 0 < len(record.number) <= MAX_NUMBER_CHARACTERS and "\0" not in record.number


def _row(record: KnownRecord) -> dict[str, Any]:
    return {
        "record_id": record.record_id,
        "content": record.content,
        "block_number": record.anchored[0],
        "log_index": record.anchored[1],
        "proof": record.proof,
    }


def _known(row: Row[Any]) -> KnownRecord:
    content = None if row.content is None else Digest32(bytes(row.content))
    anchored = (row.block_number, row.log_index)
    return KnownRecord(RecordId(bytes(row.record_id)), content, anchored, bytes(row.proof))
