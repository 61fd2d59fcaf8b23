"""Records that a participant can read, in SQL: an erased one is forgotten, the others stay."""

from pathlib import Path

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.records import SqlRecordStore
from ledger.domain.ids import Digest32, RecordId
from ledger.ports.index_store import KnownRecord


def test_an_erased_record_is_forgotten(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'records.sqlite'}")
    store = SqlRecordStore(database)
    erased, kept = (KnownRecord(RecordId(bytes([n]) * 32), Digest32(b"c" * 32), (1, n), b"proof") for n in (1, 2))
    store.remember([erased, kept], searched_to=(1, 2))
    for _ in range(2):  # again: nothing happens
        store.forget(erased.record_id)
    assert store.by_id(erased.record_id) is None
    assert store.by_content(Digest32(b"c" * 32)) == [kept]
    assert store.searched_to() == (1, 2)
    database.close()
