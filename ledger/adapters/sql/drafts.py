"""Drafts in SQL."""

import json
from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, Column, ColumnElement, LargeBinary, Table, Text, delete, func, insert, select

from ledger.adapters.sql.database import Database, metadata
from ledger.domain.ids import Address, Cid, RecordId
from ledger.ports.draft_store import Draft, DraftStore

drafts = Table(
    "draft",
    metadata,
    Column("manifest", Text, primary_key=True),
    Column("roots", Text, nullable=False),
    Column("owner", Text, nullable=False, index=True),
    Column("since", BigInteger, nullable=False),
    Column("sealed_at", BigInteger, nullable=False, index=True),
    Column("size_bytes", BigInteger, nullable=False),
)

citations = Table(
    "draft_citation",
    metadata,
    Column("record", LargeBinary(32), primary_key=True),
    Column("manifest", Text, primary_key=True, index=True),
)


class SqlDraftStore(DraftStore):
    """Draft store in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, draft: Draft) -> None:
        """See the port."""
        with self._database.writing() as connection:
            connection.execute(insert(drafts).values({**vars(draft), "roots": json.dumps(draft.roots)}))

    def bytes_of(self, owner: Address) -> int:
        """See the port."""
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.sum(drafts.c.size_bytes)).where(drafts.c.owner == owner)) or 0)

    def of_key(self, owner: Address) -> Sequence[Draft]:
        """See the port."""
        return self._where(drafts.c.owner == owner)

    def sealed_before(self, instant: int) -> Sequence[Draft]:
        """See the port."""
        return self._where(drafts.c.sealed_at < instant)

    def cite(self, records: Collection[RecordId], manifests: Collection[Cid]) -> None:
        """See the port."""
        with self._database.writing() as connection:
            rows = [{"record": record, "manifest": manifest} for record in records for manifest in manifests]
            connection.execute(insert(citations), rows)

    def cited_by(self, records: Collection[RecordId]) -> Sequence[Draft]:
        """See the port."""
        found = select(citations.c.manifest).where(citations.c.record.in_(records))
        return self._where(drafts.c.manifest.in_(found))

    def forget(self, manifests: Collection[Cid]) -> None:
        """See the port."""
        with self._database.writing() as connection:
            for manifest in manifests:
                connection.execute(delete(drafts).where(drafts.c.manifest == manifest))
                connection.execute(delete(citations).where(citations.c.manifest == manifest))

    def _where(self, condition: ColumnElement[bool]) -> list[Draft]:
        with self._database.reading() as connection:
            found = connection.execute(select(drafts).where(condition).order_by(drafts.c.sealed_at)).mappings().all()
        return [
            Draft(
                manifest=Cid(row["manifest"]),
                roots=tuple(map(Cid, json.loads(row["roots"]))),
                owner=Address(row["owner"]),
                since=row["since"],
                sealed_at=row["sealed_at"],
                size_bytes=row["size_bytes"],
            )
            for row in found
        ]
