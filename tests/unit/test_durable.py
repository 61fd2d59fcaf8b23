"""Files of the command line that must be there after a power cut.

given a file that is written
  when the power is cut at any moment → it is there whole or not at all: synced before it has its name, its folder after
  when it does not fit on its disk    → the error names it
given the note of a batch, the note of an erasure
  when it was made                    → everything of it was synced, the folders of its files too
  when no disk takes it               → that is told, not that the store is full which takes the batch meanwhile; and
                                        nothing of it is left
given notes of erasures
  when the disk is full, or was       → those that are there stay readable, and more can be added
  when several are made at once       → none is lost
given notes that were begun and not ended
  when their writers are gone         → they are removed by the next, after a while
given the key that blinds a declarant's references, made by its first lodgement
  when it was made                    → it was synced with its name, and its owner alone may read it
  when the disk is full               → none is there, and the next lodgement makes one
  when two lodgements make it at once → both have the same
given files that were written elsewhere, one or thousands
  when they are settled               → they were synced, and then their names
"""

import errno
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.adapters.file_store import FileStore
from ledger.cli import context, durable, notes
from ledger.cli.lodging import _lrn_key
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Cid, Digest32, DocumentType, ParticipantId
from ledger.services.batching import Stream
from ledger.services.storing import StoredBatch, seal_into
from tests.support.evidence import ISSUER, PHYTOSANITARY, sealer_of, text_document


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced and renamed, in order."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
        done.append(f"sync {'folder' if stat.S_ISDIR(os.fstat(descriptor).st_mode) else 'file'} {name}")
        fsync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        done.append(f"name {path.name} {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    return done


def test_a_file_that_does_not_fit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "a"
    file.write_bytes(b"written elsewhere")
    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(Path, "write_bytes", full)
    writing: list[Callable[[], None]] = [
        lambda: durable.write(file, b"a"),
        lambda: durable.whole(file, b"a"),
        lambda: durable.settle(file),
    ]
    for write in writing:
        with pytest.raises(OSError, match="No space left on device") as refused:
            write()
        assert refused.value.filename == str(file)


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path, steps: list[str]) -> None:
    durable.write(tmp_path / "a.tombstone", b"gone")
    assert (tmp_path / "a.tombstone").read_bytes() == b"gone"
    assert steps == [
        "sync file .a.tombstone.part",
        "name .a.tombstone.part a.tombstone",
        f"sync folder {tmp_path.name}",
    ]


def test_a_note_is_durable_with_its_names(steps: list[str]) -> None:
    batch = StoredBatch(Digest32(b"\1" * 32), Digest32(b"\2" * 32), ParticipantId(17), DocumentType(851001), 1)
    with notes.Writer() as note:
        note.add("a.xml", None, b"\3" * 32)
        note.keep(batch)
    assert notes.read(batch.manifest) == batch
    assert [step.split()[0] for step in steps] == ["sync", "name", "sync"] * 2
    assert [step.split()[1] for step in steps[2::3]] == ["folder"] * 2


def test_a_note_that_no_disk_takes_is_told_as_that(
    tmp_path: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(notes, "_sync", full)
    text = f"the note of a batch cannot be written: {notes.folder()}: No space left on device"
    with closing(FileStore(tmp_path / "content")) as store, notes.Writer() as note:
        sealer = sealer_of(Stream(ISSUER, PHYTOSANITARY))
        with pytest.raises(Unavailable, match=f"^{text}$"):
            seal_into(store, sealer, [text_document(1)], PHYTOSANITARY, before_kept=note.keep)
        assert store.pins() == {}


def test_a_note_that_does_not_fit_leaves_nothing(steps: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    made = notes.Writer()
    made._lines.close()
    with made as note, Path("/dev/full").open("w") as full:
        monkeypatch.setattr(note, "_lines", full)
        with pytest.raises(Unavailable, match=r"note of a batch cannot be written: .*No space left"):
            note.add("x" * 100_000, None, b"\3" * 32)
        note.discard()
    assert list(notes.folder().iterdir()) == []


def test_notes_that_a_killed_writer_left_are_removed(tmp_path: Path, steps: list[str]) -> None:
    with notes.Writer() as idle:
        idle.add("a.xml", None, b"\3" * 32)
        killed = notes.folder() / f".{'0' * 16}.part"
        killed.write_text("half a line")
        (held,) = set(notes.folder().iterdir()) - {killed}
        notes.Writer().discard()
        assert killed.exists(), "perhaps it was made just now"
        for path in (killed, held):
            os.utime(path, (0, 0))
        notes.Writer().discard()
        assert (killed.exists(), held.exists()) == (False, True), "one that waits for its next document is no leftover"


def test_the_note_of_an_erasure_is_durable(tmp_path: Path, steps: list[str]) -> None:
    notes.note_erasure(b"\3" * 32, Cid("bafy"))
    assert steps == [
        "sync file .erasures.jsonl.part",
        "name .erasures.jsonl.part erasures.jsonl",
        f"sync folder {tmp_path.name}",
    ]


def test_a_full_disk_leaves_the_earlier_notes_readable(
    tmp_path: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes.note_erasure(b"\3" * 32, Cid("bafy"))
    written = (tmp_path / notes.ERASURES).read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            notes.note_erasure(b"\4" * 32, Cid("bafz"))
    assert (tmp_path / notes.ERASURES).read_bytes() == written
    (tmp_path / notes.ERASURES).write_bytes(written + written[:20])  # as an earlier version left it
    notes.note_erasure(b"\4" * 32, Cid("bafz"))
    assert notes.erased_envelopes() == {"bafy", "bafz"}
    assert notes.erased_records() == {b"\3" * 32, b"\4" * 32}


def test_erasures_noted_at_once_are_all_noted(steps: list[str]) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: notes.note_erasure(bytes([n]) * 32, Cid(f"bafy{n}")), range(40)))
    assert len(notes.erased_envelopes()) == 40


def test_the_key_of_references_is_durable_and_its_owners_alone(tmp_path: Path, steps: list[str]) -> None:
    path = tmp_path / "lrn.key"
    made = _lrn_key(path)
    assert steps == ["sync file .lrn.key.part", "name .lrn.key.part lrn.key", f"sync folder {tmp_path.name}"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _lrn_key(path) == made


def test_a_full_disk_leaves_no_half_of_that_key(
    tmp_path: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            _lrn_key(tmp_path / "lrn.key")
    assert not (tmp_path / "lrn.key").exists()
    assert len(_lrn_key(tmp_path / "lrn.key")) == 32


def test_two_that_make_that_key_at_once_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: _lrn_key(tmp_path / "lrn.key"), range(16)))) == 1


def test_what_was_recovered_is_synced_before_its_report_has_its_name(
    tmp_path: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sync", lambda: steps.append("sync all"))
    (tmp_path / "part").write_bytes(b"report")
    durable.settle_all(tmp_path / "part", tmp_path / "report")
    assert steps == ["sync all", "name part report", f"sync folder {tmp_path.name}"]


def test_what_was_opened_is_synced_with_its_name(tmp_path: Path, steps: list[str]) -> None:
    (tmp_path / "invoice.pdf").write_bytes(b"%PDF")
    durable.settle(tmp_path / "invoice.pdf")
    assert steps == ["sync file invoice.pdf", f"sync folder {tmp_path.name}"]
