"""Sign-ins in SQL, so that every worker of a facade knows them."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text, delete, insert, select

from ledger.adapters.sql.database import Database, metadata
from ledger.domain.ids import Address, Digest32
from ledger.ports.session_store import SessionStore, StoredSession

nonces = Table(
    "sign_in_nonce",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("expires_at", BigInteger, nullable=False, index=True),
)
sessions = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("key", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)


class SqlSessionStore(SessionStore):
    """Session store in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_nonce(self, nonce: str, *, expires_at: int, now: int) -> None:
        """See the port."""
        with self._database.writing() as connection:
            connection.execute(delete(nonces).where(nonces.c.expires_at <= now))
            connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            connection.execute(insert(nonces).values(nonce=nonce, expires_at=expires_at))

    def open(self, nonce: str, session: StoredSession, *, now: int) -> bool:
        """See the port."""
        with self._database.writing() as connection:
            # Deleting is using: of two workers with the same nonce, one finds the row.
            used = connection.execute(delete(nonces).where(nonces.c.nonce == nonce, nonces.c.expires_at > now))
            if used.rowcount != 1:
                return False
            connection.execute(
                insert(sessions).values(token_hash=session.token_hash, key=session.key, expires_at=session.expires_at)
            )
        return True

    def find(self, token_hash: Digest32, *, now: int) -> StoredSession | None:
        """See the port."""
        query = select(sessions).where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else StoredSession(token_hash, Address(row.key), row.expires_at)

    def end(self, token_hash: Digest32) -> None:
        """See the port."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))
