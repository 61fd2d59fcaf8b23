"""Files of this machine that a disk or an editor damaged: what is said of one names it, so that its keeper finds it.

given a damaged file
  when names, other systems' issuers or a key ring are read → it is named, with the place in it
  when it is the note of a batch, or its list of documents  → it is named, and nothing is sealed a second time
  when it is the list of erasures                           → it is named
  when a single digit of it is another                      → it is named, with the place in it
given the note of a batch by an older version → it is read
"""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.adapters.keyring import open_keyring
from ledger.adapters.names_file import NamesFile
from ledger.bootstrap.verifying import open_foreign
from ledger.cli import context, notes
from ledger.cli.known import Known, terms_of
from ledger.config import read_config
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.domain.limits import MIB
from ledger.services.storing import StoredBatch

MANIFEST = Digest32(b"\1" * 32)
ISSUER, INVOICE, TERMS = ParticipantId(5), DocumentType(380000), terms_of(number=None)
NOTE, DOCUMENTS = f"{MANIFEST.hex()}.json", f"{MANIFEST.hex()}.jsonl"
DAMAGED = {"empty": b"", "no JSON": b"gar{bage\n", "another value": b"[3]\n", "no UTF-8": b'{"\xff": 1}\n'}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    with notes.Writer(TERMS) as note:
        note.add("invoice.json", None, b"\3" * 32, "ab" * 32)
        note.keep(StoredBatch(MANIFEST, Digest32(b"\2" * 32), ISSUER, INVOICE, 1))
    return tmp_path


def told(read: Callable[[], object]) -> str:
    with pytest.raises(Malformed) as refused:
        read()
    return refused.value.faults[0].path


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_settings_are_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "damaged.json"
    file.write_bytes(content)
    assert told(lambda: NamesFile(file)).startswith(str(file))
    assert told(lambda: open_keyring(file, "pass")).startswith(str(file))
    assert told(lambda: open_foreign(read_config({"TAMGA_FOREIGN": str(file)}))).startswith(str(file))


def test_the_place_in_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "foreign.json"
    file.write_text('{"issuers": 3}')
    assert told(lambda: open_foreign(read_config({"TAMGA_FOREIGN": str(file)}))) == f"{file}/issuers"


def test_a_file_that_is_too_large_is_named(tmp_path: Path) -> None:
    file = tmp_path / "foreign.json"
    file.write_bytes(b" " * (MIB + 1))
    with pytest.raises(LimitExceeded, match=str(file)):
        open_foreign(read_config({"TAMGA_FOREIGN": str(file)}))


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_note_is_named_and_nothing_is_taken_for_new(content: bytes, home: Path) -> None:
    note = home / "batches" / NOTE
    note.write_bytes(content)
    assert told(lambda: notes.read(MANIFEST)).startswith(str(note))
    assert told(lambda: list(notes.all_batches())).startswith(str(note))
    assert told(lambda: Known(ISSUER, INVOICE, TERMS)).startswith(str(note))


@pytest.mark.parametrize(
    "content", [one for one in DAMAGED.values() if one], ids=[one for one in DAMAGED if DAMAGED[one]]
)
def test_a_list_of_documents_is_named(content: bytes, home: Path) -> None:
    listed = home / "batches" / DOCUMENTS
    listed.write_bytes(listed.read_bytes() + content)
    assert told(lambda: list(notes.documents(MANIFEST))).startswith(str(listed))
    assert told(lambda: Known(ISSUER, INVOICE, TERMS)).startswith(str(listed))


def test_its_line_is_told(home: Path) -> None:
    listed = home / "batches" / DOCUMENTS
    listed.write_bytes(listed.read_bytes() + b'{"name": "cut')
    assert told(lambda: list(notes.documents(MANIFEST))) == f"{listed}/2"


def test_a_list_that_is_cut_short_is_named(home: Path) -> None:
    listed = home / "batches" / DOCUMENTS
    listed.write_bytes(b"")
    assert told(lambda: list(notes.documents(MANIFEST))) == str(listed)
    assert told(lambda: Known(ISSUER, INVOICE, TERMS)) == str(listed)


def test_a_list_of_erasures_is_named(home: Path) -> None:
    erasures = home / notes.ERASURES
    erasures.write_text("gar{bage\n")
    assert told(notes.erased_records) == f"{erasures}/1"


@pytest.mark.parametrize("name", ["manifest", "root", "terms"])
def test_a_digit_of_a_note_is_told(name: str, home: Path) -> None:
    note = home / "batches" / NOTE
    head = json.loads(note.read_bytes())
    note.write_text(json.dumps({**head, name: f"p{head[name][1:]}"}))
    assert told(lambda: notes.read(MANIFEST)) == f"{note}/{name}"


@pytest.mark.parametrize("name", ["record_id", "content"])
def test_a_digit_of_a_line_is_told(name: str, home: Path) -> None:
    listed = home / "batches" / DOCUMENTS
    line = json.loads(listed.read_bytes())
    listed.write_text(json.dumps({**line, name: f"p{line[name][1:]}"}) + "\n")
    assert told(lambda: Known(ISSUER, INVOICE, TERMS)) == f"{listed}/1/{name}"


def test_a_digit_of_an_erasure_is_told(home: Path) -> None:
    erasures = home / notes.ERASURES
    erasures.write_text(json.dumps({"record_id": "p" * 64, "envelope": "bafy"}) + "\n")
    assert told(notes.erased_records) == f"{erasures}/1/record_id"


def test_a_note_by_an_older_version_is_read(home: Path) -> None:
    note = home / "batches" / NOTE
    head = json.loads(note.read_bytes())
    del head["terms"]
    note.write_text(json.dumps(head))
    assert notes.read(MANIFEST).size == 1
    assert Known(ISSUER, INVOICE, TERMS).find("ab" * 32) is None
