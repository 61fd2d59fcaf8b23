"""Webhooks in SQL. One worker at a time serves a webhook: it takes it for a while, by a conditional update."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from ledger.adapters.sql.database import Database, metadata
from ledger.domain.errors import LimitExceeded
from ledger.domain.ids import Address
from ledger.ports.index_store import Position
from ledger.ports.webhook_store import Webhook, WebhookStore


def _table(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", String(32), primary_key=True),
        Column("key", String(42), nullable=False, index=True),
        Column("url", String(2_000), nullable=False),
        Column("secret", LargeBinary, nullable=False),
        Column("served_block", BigInteger),
        Column("served_log", Integer),
        Column("tries", Integer, nullable=False),
        Column("next_try", BigInteger, nullable=False, index=True),
        Column("trouble", String(200), nullable=False),
        Column("paused", Boolean, nullable=False),
        Column("turn", Integer, nullable=False),
    )


webhooks = _table("webhooks")
"""Of acts."""
contradiction_webhooks = _table("contradiction_webhooks")
"""Of contradictions: a position is a place and 0."""


class SqlWebhookStore(WebhookStore):
    """Webhook store in a database of ours."""

    def __init__(self, database: Database, table: Table = webhooks) -> None:
        self._database, self._table = database, table

    def add(self, webhook: Webhook, *, at_most: int) -> Webhook:
        """See the port."""
        own = self._table.c.key == webhook.key
        with self._database.writing() as connection:
            if not self._database.is_sqlite:  # there, writers are one after the other
                turn = func.hashtext(f"{self._table.name} of {webhook.key}")
                connection.execute(select(func.pg_advisory_xact_lock(turn)))
            there = connection.execute(select(self._table).where(self._table.c.id == webhook.id)).first()
            if there is not None:
                return _webhook(there)
            if (connection.scalar(select(func.count()).select_from(self._table).where(own)) or 0) >= at_most:
                raise LimitExceeded("webhooks of one key", at_most)
            row = {"id": webhook.id, "key": webhook.key, "url": webhook.url, "secret": webhook.secret, "turn": 0}
            connection.execute(insert(self._table).values(**row, **_progress(webhook)))
        return webhook

    def of_key(self, key: Address) -> list[Webhook]:
        """See the port."""
        own = select(self._table).where(self._table.c.key == key).order_by(self._table.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(own).all()
        return [_webhook(row) for row in rows]

    def remove(self, key: Address, webhook: str) -> bool:
        """See the port."""
        with self._database.writing() as connection:
            return connection.execute(delete(self._table).where(self._own(key, webhook))).rowcount > 0

    def resume(self, key: Address, webhook: str, after: Position | None) -> bool:
        """See the port."""
        fresh = {"tries": 0, "next_try": 0, "trouble": "", "paused": False, "turn": self._table.c.turn + 1}
        anew = update(self._table).where(self._own(key, webhook)).values(**fresh, **_served(after))
        with self._database.writing() as connection:
            return connection.execute(anew).rowcount > 0

    def take(self, *, now: int, until: int, besides: Collection[Address] = ()) -> Webhook | None:
        """See the port."""
        is_due = and_(self._table.c.next_try <= now, ~self._table.c.paused, self._table.c.key.not_in(besides))
        due = select(self._table).where(is_due).order_by(self._table.c.next_try)
        with self._database.writing() as connection:
            row = connection.execute(due.limit(1).with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            turn = row.turn + 1
            connection.execute(update(self._table).where(self._table.c.id == row.id).values(next_try=until, turn=turn))
        return replace(_webhook(row), turn=turn)

    def settle(self, webhook: Webhook) -> None:
        """See the port."""
        same = and_(self._table.c.id == webhook.id, self._table.c.turn == webhook.turn)
        with self._database.writing() as connection:
            connection.execute(update(self._table).where(same).values(**_progress(webhook)))

    def _own(self, key: Address, webhook: str) -> ColumnElement[bool]:
        return and_(self._table.c.id == webhook, self._table.c.key == key)


def _served(position: Position | None) -> dict[str, Any]:
    block, log = position or (None, None)
    return {"served_block": block, "served_log": log}


def _progress(webhook: Webhook) -> dict[str, Any]:
    return {
        **_served(webhook.served),
        "tries": webhook.tries,
        "next_try": webhook.next_try,
        "trouble": webhook.trouble[:200],
        "paused": webhook.paused,
    }


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        key=Address(row.key),
        url=row.url,
        secret=bytes(row.secret),
        served=None if row.served_block is None else (row.served_block, row.served_log),
        tries=row.tries,
        next_try=row.next_try,
        trouble=row.trouble,
        paused=row.paused,
        turn=row.turn,
    )
