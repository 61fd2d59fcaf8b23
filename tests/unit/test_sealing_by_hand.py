"""What `tamga seal` says of documents that it does not take, and what two commands at once do.

given some that are no JSON and some that are too large to be read as JSON
  when they are sealed together → nothing is, and each is named with what is wrong with it
given a folder that is anchored by two commands at once, as by one that takes longer than the next waits for
  when both look for what was sealed before → one waits for the other, says so, and seals nothing twice
"""

import threading
import zipfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.adapters.replicas import ReplicatedStore
from ledger.cli import context, notes, sealing, sources
from ledger.domain import canonical
from ledger.domain.errors import Malformed
from ledger.domain.ids import Cid, Digest32
from ledger.domain.limits import KIB
from ledger.ports.content_store import Pin
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


def test_two_commands_at_once_seal_a_document_once(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "day"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"document {number}")
    entered, let_go, said, keep = threading.Event(), threading.Event(), [], store.put_batch

    def slowly(blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        if not entered.is_set():
            entered.set()
            assert let_go.wait(60)
        keep(blocks, pins)

    def say(text: str, **_: Any) -> None:
        said.append(text)
        let_go.set()

    monkeypatch.setattr(store, "put_batch", slowly)
    monkeypatch.setattr(context.errors, "print", say)
    order = sealing.Order([folder], 851001, "key", None, None, None, None, None, None, False, "stdin", None)
    left_out: list[Counter[Digest32]] = [Counter(), Counter()]
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(sealing._seal, order, quiet=True, left_out=left_out[0])
        assert entered.wait(60)
        second = threads.submit(sealing._seal, order, quiet=True, left_out=left_out[1])
        try:
            none = second.result(60)
        finally:
            let_go.set()
        batch = first.result(60)
    assert batch is not None
    assert (batch.size, none) == (3, None)
    assert left_out == [Counter(), Counter({batch.manifest: 3})]
    assert said == ["waiting: another command seals documents of this type"]
