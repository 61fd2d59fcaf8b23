"""What `tamga seal` says of documents that it does not take.

given some that are no JSON and some that are too large to be read as JSON
  when they are sealed together → nothing is, and each is named with what is wrong with it
"""

import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.adapters.replicas import ReplicatedStore
from ledger.cli import context, notes, sealing, sources
from ledger.domain import canonical
from ledger.domain.errors import Malformed
from ledger.domain.limits import KIB
from ledger.services import contents
from tests.support.content import MemoryStore
from tests.support.evidence import ISSUER, ISSUER_RING, LEDGER, public_key
from tests.support.fake_chain import FakeChain


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    made = MemoryStore()
    hand = SimpleNamespace(chain=SimpleNamespace(reader=FakeChain(), network=SimpleNamespace(ledger_id=LEDGER)))
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path / "home"))
    monkeypatch.setattr(context, "hand", lambda: hand)
    monkeypatch.setattr(context, "signer", lambda _: None)
    monkeypatch.setattr(context, "participant_of", lambda _: ISSUER)
    monkeypatch.setattr(context, "own_key", lambda *_: public_key(ISSUER_RING))
    monkeypatch.setattr(sealing, "open_contents", lambda _: ReplicatedStore([made], required=1))
    return made


def test_every_document_that_is_refused_is_named(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canonical, "MAX_JSON_VALUES", 100)
    for module in (sources, contents):
        monkeypatch.setattr(module, "MAX_UPLOAD_BYTES", KIB)
    folder = tmp_path / "day"
    folder.mkdir()
    (folder / "bad.json").write_text("{")
    (folder / "good.json").write_text("{}")
    (folder / "many.json").write_text(f"[{'0,' * 200}0]")
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as archive:
        archive.writestr("2026/large.json", f'"{"x" * 2000}"')
    with pytest.raises(Malformed) as refused:
        sealing.seal([folder, tmp_path / "day.zip"], 851001, "key")
    told = [(fault.code, fault.path.partition("/content")[0]) for fault in refused.value.faults]
    assert told == [
        ("syntax", "/bad.json"),
        ("limit_exceeded", "/many.json"),
        ("limit_exceeded", "/2026/large.json"),
    ]
    assert refused.value.faults[2].text == "JSON document is over the limit of 1024"
    assert (store.pins(), list(notes.folder().glob(".*"))) == ({}, [])
