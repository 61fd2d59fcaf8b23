"""Idempotency keys in SQL."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)

from ledger.adapters.sql.database import Database, metadata
from ledger.domain.errors import Conflict
from ledger.domain.ids import Digest32
from ledger.ports.request_keys import RequestKeys

KEPT_S: Final = 30 * 86_400
"""How long a key is remembered: nobody sends a request again after a month."""
LARGE_BYTES: Final = 4_096
LARGE_KEPT_S: Final = 2 * 86_400
"""How long an answer above that size is: what is prepared in it can be signed for a quarter of an hour, and what was
sealed for it waits for its anchor for a day."""

request_keys = Table(
    "request_key",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", LargeBinary(32), nullable=False),
    Column("claimed_at", BigInteger, nullable=False, index=True),
)

request_answers = Table(
    "request_answer",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("answer", LargeBinary, nullable=False),
    Column("kept_at", BigInteger, nullable=False, index=True),
)


class SqlRequestKeys(RequestKeys):
    """Request keys in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, owner: str, key: str, request: Digest32, *, now: int) -> bool:
        """See the port."""
        try:
            return self._claim(owner, key, request, now)
        except Conflict:  # another worker may have claimed it at the same moment, for the same request
            return self._claim(owner, key, request, now)

    def _claim(self, owner: str, key: str, request: Digest32, now: int) -> bool:
        own = (request_keys.c.owner == owner) & (request_keys.c.key == key)
        with self._database.writing() as connection:
            connection.execute(delete(request_keys).where(request_keys.c.claimed_at <= now - KEPT_S))
            connection.execute(delete(request_answers).where(_is_over(now)))
            stored = connection.scalar(select(request_keys.c.request).where(own))
            if stored is None:
                connection.execute(insert(request_keys).values(owner=owner, key=key, request=request, claimed_at=now))
                return True
        if bytes(stored) != request:
            raise Conflict(f"the Idempotency-Key {key} stands for another request of yours: choose another key")
        return False

    def release(self, owner: str, key: str, request: Digest32) -> None:
        """See the port."""
        own = (request_keys.c.owner == owner) & (request_keys.c.key == key) & (request_keys.c.request == request)
        with self._database.writing() as connection:
            if _kept(connection, owner, key) is None:
                connection.execute(delete(request_keys).where(own))

    def answer(self, owner: str, key: str) -> bytes | None:
        """See the port."""
        with self._database.reading() as connection:
            return _kept(connection, owner, key)

    def bytes_of(self, owner: str) -> int:
        """See the port."""
        size = func.sum(func.length(request_answers.c.answer))
        with self._database.reading() as connection:
            return int(connection.scalar(select(size).where(request_answers.c.owner == owner)) or 0)

    def keep(self, owner: str, key: str, answer: bytes, *, now: int) -> bytes:
        """See the port."""
        try:
            with self._database.writing() as connection:
                kept = _kept(connection, owner, key)
                if kept is None:
                    row = {"owner": owner, "key": key, "answer": answer, "kept_at": now}
                    connection.execute(insert(request_answers).values(row))
                return answer if kept is None else kept
        except Conflict:  # another worker kept its answer at the same moment
            found = self.answer(owner, key)
            if found is None:
                raise
            return found


def _is_over(now: int) -> ColumnElement[bool]:
    kept_at, size = request_answers.c.kept_at, func.length(request_answers.c.answer)
    return (kept_at <= now - LARGE_KEPT_S) & ((kept_at <= now - KEPT_S) | (size > LARGE_BYTES))


def _kept(connection: Connection, owner: str, key: str) -> bytes | None:
    own = (request_answers.c.owner == owner) & (request_answers.c.key == key)
    found = connection.scalar(select(request_answers.c.answer).where(own))
    return None if found is None else bytes(found)
