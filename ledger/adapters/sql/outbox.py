"""The outbox in SQL.

Three tables: `outbox`, one row per act, (signer, nonce) unique; `nonce_release`, what stands in for a row that no block
can hold any more, under the row's nonce; and `signer_lease`, who sends for a signer. A lease is
held by an operating-system lock (a locked file beside the SQLite file, an advisory lock of a PostgreSQL session) that
ends with its process, and fenced by an epoch that every write of a holder compares: whoever lost the lock cannot write.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Update,
    bindparam,
    func,
    insert,
    nulls_last,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from ledger.adapters.sql.database import Database, metadata
from ledger.adapters.sql.locks import locked
from ledger.domain.errors import Conflict, NotFound, Unavailable
from ledger.domain.ids import Address
from ledger.ports.outbox import (
    ABANDONED,
    NODE_REFUSES,
    OPEN_STATES,
    RENEWED,
    Outbox,
    OutboxRow,
    OutboxState,
    Release,
    error_name,
    is_decision,
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("signer", Text, nullable=False),
    Column("to", Text, nullable=False),
    Column("calldata", LargeBinary, nullable=False),
    Column("gas", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("effect", Text),
    Column("nonce", BigInteger),
    Column("raw", LargeBinary),
    Column("tx_hash", LargeBinary),
    Column("block_number", BigInteger),
    Column("block_hash", LargeBinary),
    Column("error", Text),
    UniqueConstraint("signer", "nonce"),
    Index("outbox_by_state", "signer", "state", "nonce"),
)
nonce_release = Table(
    "nonce_release",
    metadata,
    Column("signer", Text, primary_key=True),
    Column("nonce", BigInteger, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False),
    Column("block_gas", BigInteger, nullable=False),
)
lease = Table(
    "signer_lease",
    metadata,
    Column("signer", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)

NAMES = tuple(field.name for field in fields(OutboxRow))
STATE_AT = NAMES.index("state")
STATES = {state.value: state for state in OutboxState}
COLUMNS = [outbox.c[name] for name in NAMES]
CHANGING = ("state", "effect", "nonce", "raw", "tx_hash", "block_number", "block_hash", "error")
MINED_COLUMNS = ("state", "block_number", "block_hash", "error")
UPDATE: dict[tuple[str, ...], Update] = {
    columns: update(outbox)
    .where(outbox.c.key == bindparam("k"))
    .values({name: bindparam(f"new_{name}") for name in columns})
    for columns in (CHANGING, MINED_COLUMNS)
}
INSERT_NEW = {
    "sqlite": sqlite.insert(outbox).on_conflict_do_nothing(index_elements=[outbox.c.key]),
    "postgresql": postgresql.insert(outbox).on_conflict_do_nothing(index_elements=[outbox.c.key]),
}
"""Leaves out keys that are there; on PostgreSQL it waits for another transaction that is about to put one there."""
SELECT_CHUNK = 500
"""Bound variables per query: SQLite allows 32,766, and a query plan stays small."""


class SqlOutbox(Outbox):
    """The outbox of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._epochs: dict[Address, int] = {}

    def accept_many(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """See the port."""
        with self._database.writing() as connection:
            known = _by_key(connection, [row.key for row in rows])
            fresh: dict[str, OutboxRow] = {}
            for row in rows:
                _require_same(known.get(row.key) or fresh.setdefault(row.key, row), row)
            if fresh:
                inserted = connection.execute(
                    INSERT_NEW[connection.dialect.name],
                    [*map(_values, fresh.values())],
                    execution_options={"preserve_rowcount": True},  # PostgreSQL's is forgotten otherwise
                )
                if inserted.rowcount != len(fresh):  # another process accepted some of them since they were looked for
                    fresh |= _by_key(connection, list(fresh))
                    for row in rows:
                        _require_same(known.get(row.key) or fresh[row.key], row)
        return [known.get(row.key) or fresh[row.key] for row in rows]

    def get_many(self, keys: Sequence[str]) -> list[OutboxRow | None]:
        """See the port."""
        with self._database.reading() as connection:
            found = _by_key(connection, keys)
        return [found.get(key) for key in keys]

    def open_rows(self, signer: Address, *, limit: int) -> list[OutboxRow]:
        """See the port."""
        order = (nulls_last(outbox.c.nonce), outbox.c.seq)
        query = select(*COLUMNS).where(outbox.c.signer == signer, outbox.c.state.in_(OPEN_STATES))
        return self._rows(query.order_by(*order).limit(limit))

    def count_open(self, signer: Address, actor: Address | None = None) -> int:
        """See the port: looks through the open rows, of which each actor has few."""
        query = select(func.count()).where(outbox.c.signer == signer, outbox.c.state.in_(OPEN_STATES))
        if actor is not None:
            query = query.where(outbox.c.effect.contains(f'"actor": "{actor}"', autoescape=True))
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def signers(self) -> list[Address]:
        """See the port."""
        with self._database.reading() as connection:
            return list(connection.scalars(select(outbox.c.signer).distinct().order_by(outbox.c.signer)))

    def in_state(self, signer: Address, state: OutboxState) -> list[OutboxRow]:
        """See the port."""
        query = select(*COLUMNS).where(outbox.c.signer == signer, outbox.c.state == state)
        return self._rows(query.order_by(outbox.c.nonce, outbox.c.seq))

    def at_nonces(self, signer: Address, first: int, last: int) -> list[OutboxRow]:
        """See the port."""
        query = select(*COLUMNS).where(outbox.c.signer == signer, outbox.c.nonce.between(first, last))
        return self._rows(query.order_by(outbox.c.nonce))

    def next_nonce(self, signer: Address) -> int:
        """See the port."""
        with self._database.reading() as connection:
            highest = connection.scalar(select(func.max(outbox.c.nonce)).where(outbox.c.signer == signer))
        return 0 if highest is None else int(highest) + 1

    def advance_many(self, moves: Sequence[tuple[OutboxRow, OutboxState]]) -> None:
        """See the port."""
        if not moves:
            return
        with self._database.writing() as connection:
            self._check_leases(connection, {row.signer for row, _ in moves})
            stored = _signed_as(connection, [row.key for row, _ in moves])
            changes: dict[tuple[str, ...], list[dict[str, Any]]] = {MINED_COLUMNS: [], CHANGING: []}
            for row, expected in moves:
                state, nonce, tx_hash, error = stored.get(row.key, (None, None, None, None))
                if state != expected:
                    raise Conflict(f"{row.key} is {state}, not {expected}")
                anew = row.state is OutboxState.ACCEPTED and error_name(error) == RENEWED
                if tx_hash is not None and (nonce, tx_hash) != (row.nonce, row.tx_hash) and not anew:
                    raise Conflict(f"{row.key} was signed with nonce {nonce} and is never signed again")
                # A row that is signed already keeps nonce, transaction and effect, so these are not written again.
                columns: tuple[str, ...] = MINED_COLUMNS if tx_hash is not None and not anew else CHANGING
                stands = row.state in OPEN_STATES and not anew and is_decision(error)  # decided since it was read
                changes[columns].append(_change(replace(row, error=error) if stands else row, columns))
            for names, changed in changes.items():
                if changed:
                    connection.execute(UPDATE[names], changed)

    def release(self, releases: Sequence[Release]) -> None:
        """See the port."""
        with self._database.writing() as connection:
            self._check_leases(connection, {one.signer for one in releases})
            connection.execute(insert(nonce_release), [asdict(one) for one in releases])

    def releases(self, signer: Address, first: int, last: int) -> list[Release]:
        """See the port."""
        query = select(nonce_release).where(nonce_release.c.signer == signer)
        query = query.where(nonce_release.c.nonce.between(first, last)).order_by(nonce_release.c.nonce)
        with self._database.reading() as connection:
            return [Release(**found) for found in connection.execute(query).mappings()]

    def reopen(self, signer: Address, from_nonce: int) -> None:
        """See the port."""
        with self._database.writing() as connection:
            self._check_leases(connection, {signer})
            connection.execute(
                update(outbox)
                .where(outbox.c.signer == signer, outbox.c.nonce >= from_nonce)
                .where(outbox.c.state.in_((OutboxState.SENT, OutboxState.MINED)))
                .values(state=OutboxState.SIGNED, block_number=None, block_hash=None)
            )

    def renew(self, key: str) -> OutboxRow:
        """See the port."""
        with self._database.writing() as connection:
            row = _locked_row(connection, key)
            if row.trouble == NODE_REFUSES:
                return _decided(connection, row, {"error": RENEWED, "arguments": {}})
            if row.state != OutboxState.CONFLICT:
                raise Conflict(f"{key} is {row.state}, not {OutboxState.CONFLICT}")
            cleared = {"nonce": None, "raw": None, "tx_hash": None, "error": None}
            values = {"state": OutboxState.ACCEPTED, "block_number": None, "block_hash": None, **cleared}
            connection.execute(update(outbox).where(outbox.c.key == key).values(**values))
            return _by_key(connection, [key])[key]

    def abandon(self, key: str, reason: str) -> OutboxRow:
        """See the port."""
        with self._database.writing() as connection:
            row = _locked_row(connection, key)
            error = {"error": ABANDONED, "arguments": {"text": reason}}
            if row.trouble in (NODE_REFUSES, RENEWED):
                return _decided(connection, row, error)
            if row.state not in (OutboxState.CONFLICT, OutboxState.REFUSED):
                raise Conflict(f"{key} is {row.state}: it may still be carried")
            return _decided(connection, replace(row, state=OutboxState.REFUSED), error)

    @contextmanager
    def lease(self, signer: Address) -> Iterator[None]:
        """See the port."""
        with self._locked(signer):
            self._epochs[signer] = self._next_epoch(signer)
            try:
                yield
            finally:
                del self._epochs[signer]

    def _next_epoch(self, signer: Address) -> int:
        holder = f"{socket.gethostname()} pid {os.getpid()}"
        with self._database.writing() as connection:
            epoch = connection.scalar(select(lease.c.epoch).where(lease.c.signer == signer))
            if epoch is None:
                connection.execute(insert(lease).values(signer=signer, holder=holder, epoch=1))
                return 1
            connection.execute(update(lease).where(lease.c.signer == signer).values(holder=holder, epoch=epoch + 1))
            return int(epoch) + 1

    def _check_leases(self, connection: Connection, signers: set[Address]) -> None:
        for signer in sorted(signers):
            epoch = connection.scalar(select(lease.c.epoch).where(lease.c.signer == signer).with_for_update())
            if signer not in self._epochs or epoch != self._epochs[signer]:
                raise Unavailable(f"this process does not hold the lease of {signer}")

    @contextmanager
    def _locked(self, signer: Address) -> Iterator[None]:
        with locked(self._database, signer) as mine:
            if not mine:
                raise self._held(signer)
            yield

    def _held(self, signer: Address) -> Unavailable:
        with self._database.reading() as connection:
            holder = connection.scalar(select(lease.c.holder).where(lease.c.signer == signer))
        return Unavailable(f"{signer} is in use by {holder or 'another process'}")

    def _rows(self, query: Any) -> list[OutboxRow]:
        with self._database.reading() as connection:
            return [_row(found) for found in connection.execute(query)]


def _require_same(there: OutboxRow, row: OutboxRow) -> None:
    if there.request_hash != row.request_hash or there.signer != row.signer:
        raise Conflict(f"the key {row.key} was used for another request")


def _by_key(connection: Connection, keys: Sequence[str]) -> dict[str, OutboxRow]:
    found: dict[str, OutboxRow] = {}
    for first in range(0, len(keys), SELECT_CHUNK):
        query = select(*COLUMNS).where(outbox.c.key.in_(keys[first : first + SELECT_CHUNK]))
        found |= {row.key: row for row in map(_row, connection.execute(query))}
    return found


def _locked_row(connection: Connection, key: str) -> OutboxRow:
    """A row that nobody else changes before this transaction ends. Raises `NotFound`."""
    found = connection.execute(select(*COLUMNS).where(outbox.c.key == key).with_for_update()).first()
    if found is None:
        raise NotFound("act in the outbox", key)
    return _row(found)


def _decided(connection: Connection, row: OutboxRow, error: Mapping[str, Any]) -> OutboxRow:
    """Write a decision and the row's state."""
    row = replace(row, error=json.dumps(error))
    connection.execute(update(outbox).where(outbox.c.key == row.key).values(state=row.state, error=row.error))
    return row


def _signed_as(
    connection: Connection, keys: Sequence[str]
) -> dict[str, tuple[str, int | None, bytes | None, str | None]]:
    """State, nonce, transaction hash and error of each row, which nobody else changes before this transaction ends."""
    found: dict[str, tuple[str, int | None, bytes | None, str | None]] = {}
    for first in range(0, len(keys), SELECT_CHUNK):
        query = select(outbox.c.key, outbox.c.state, outbox.c.nonce, outbox.c.tx_hash, outbox.c.error)
        wanted = query.where(outbox.c.key.in_(keys[first : first + SELECT_CHUNK])).with_for_update()
        rows = connection.execute(wanted)
        found |= {key: (state, nonce, tx_hash, error) for key, state, nonce, tx_hash, error in rows}
    return found


def _change(row: OutboxRow, columns: Sequence[str]) -> dict[str, Any]:
    return {"k": row.key} | {f"new_{name}": getattr(row, name) for name in columns}


def _values(row: OutboxRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in NAMES}


def _row(found: Sequence[Any]) -> OutboxRow:
    """A row as `COLUMNS` selects it: its fields in order."""
    values = list(found)
    values[STATE_AT] = STATES[values[STATE_AT]]
    return OutboxRow(*values)
