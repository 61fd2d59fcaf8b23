"""What `tamga collect` notes of the documents that it sealed.

given a store that fails one batch, and works again
  when documents come after it → each is noted under its own name, and no note is left of the failed batch
given a name that is too long for any file, among others
  when it comes                → it is told as that, and the others are taken
given what carries anchors, which dies by an error that nobody foresaw
  when that is before the key is held             → said, with exit code 3, and nothing is taken
  when that is while it waits for a document      → said at once; what was accepted is told
"""

import hashlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from ledger.cli import collecting, context, notes
from ledger.cli.output import REFUSED
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Cid
from ledger.ports.content_store import Pin
from ledger.services.opening import open_document
from tests.support.content import MemoryStore
from tests.support.evidence import ISSUER, ISSUER_RING, LEDGER, public_key


class FailsFirst(MemoryStore):
    """A store that is away when its first batch comes, and a sender that may die."""

    batches = 0

    def __init__(self) -> None:
        super().__init__()
        self.accepted = threading.Event()
        self.sender_fails: Callable[[], None] = lambda: None
        self.settling_fails: Callable[[], None] = lambda: None

    def close(self) -> None:
        pass

    def accept(self, _: object) -> None:
        self.accepted.set()

    def run(self, _stopped: object, _report: object, held: Callable[[], None]) -> None:
        self.sender_fails()
        held()

    def settle(self) -> list[str]:
        self.settling_fails()
        return []

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        self.batches += 1
        if self.batches == 1:
            next(iter(blocks))  # in the middle of its first document
            raise Unavailable("none of 1 stores answers")
        super().put_batch(blocks, pins)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FailsFirst:
    made = FailsFirst()

    def nothing(*_: object) -> None:
        pass

    anchors = SimpleNamespace(accept=made.accept, settle=made.settle, on_their_way=lambda: 0, given_up=dict)
    issuing = SimpleNamespace(anchors=anchors, sender=SimpleNamespace(run=made.run), close=nothing)
    hand = SimpleNamespace(chain=SimpleNamespace(network=SimpleNamespace(ledger_id=LEDGER)))
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    monkeypatch.setattr(context, "signer", nothing)
    monkeypatch.setattr(context, "participant_of", lambda _: ISSUER)
    monkeypatch.setattr(context, "hand", lambda: hand)
    monkeypatch.setattr(context, "own_key", lambda *_: public_key(ISSUER_RING))
    monkeypatch.setattr(collecting, "open_contents", lambda _: made)
    monkeypatch.setattr(collecting, "open_issuing", lambda *_: issuing)
    return made


def test_notes_name_each_document_after_a_batch_that_failed(
    store: FailsFirst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / f"{name}.txt" for name in "abc"]
    for file in files:
        file.write_text(f"content of {file.name}")
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{file}\n" for file in files)))
    with pytest.raises(typer.Exit) as ended:
        collecting.collect(851001, "key", full=1, deadline=20.0, wait=0.1)
    assert ended.value.exit_code == REFUSED
    named = {}
    for batch in notes.all_batches():
        (line,) = notes.documents(batch.manifest)
        document = open_document(store, ISSUER_RING, batch.manifest, 0)
        assert document.record_id.hex() == line["record_id"]
        named[line["name"]] = hashlib.sha256(document.content or b"").digest()
    assert named == {file.name: hashlib.sha256(file.read_bytes()).digest() for file in files[1:]}
    assert list(notes.folder().glob(".*")) == []


def test_a_name_that_no_file_can_have_ends_nothing(
    store: FailsFirst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.batches, file, too_long = 1, tmp_path / "a.txt", "x" * 5_000
    file.write_text("content")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{too_long}\n{file}\n"))
    with pytest.raises(typer.Exit) as ended:
        collecting.collect(851001, "key", full=1, deadline=20.0, wait=0.1)
    assert ended.value.exit_code == REFUSED
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first == {"file": too_long, "error": "unavailable", "text": f"{too_long} cannot be read: File name too long"}
    assert (second["file"], second["leaf"]) == (str(file), 0)


def died() -> None:
    raise RuntimeError("a fault of ours")


@pytest.mark.timeout(60)
def test_a_sender_that_dies_before_it_holds_the_key_ends_the_command(
    store: FailsFirst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.sender_fails = died
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{tmp_path}\n"))
    with pytest.raises(Unavailable, match=r"carried no more \(RuntimeError: a fault of ours\).*started again"):
        collecting.collect(851001, "key", full=1, deadline=20.0, wait=60.0)
    assert store.batches == 0


@pytest.mark.timeout(60)
def test_carriers_that_die_end_a_command_that_waits_for_its_next_document(
    store: FailsFirst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def dies_later() -> None:
        if store.accepted.is_set():
            died()

    store.batches, store.settling_fails = 1, dies_later
    file = tmp_path / "a.txt"
    file.write_text("content")
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "w") as names:
        print(file, file=names, flush=True)  # and never another, nor an end
        monkeypatch.setattr("sys.stdin", stdin)
        with pytest.raises(Unavailable, match="a fault of ours"):
            collecting.collect(851001, "key", full=1, deadline=20.0, wait=60.0)
    assert f'"file": "{file}", "manifest": ' in capsys.readouterr().out
