"""Where `tamga prove` puts the proofs of a batch.

given documents of which several have one name, from two folders or two archives
  when all are proved into one folder → each has a proof of its own, under a name that tells its position
  when one of them is                 → under the name that it has among all
"""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.cli import context, documents, notes
from ledger.domain.proof_reading import parse_proof
from ledger.domain.record import record_id
from ledger.services.storing import StoredBatch
from tests.support.content import MemoryStore
from tests.support.evidence import ISSUER, ISSUER_RING, PHYTOSANITARY, seal, text_document
from tests.support.fake_chain import FakeChain

NAMES = ("inv.pdf", "inv.pdf", "inv-1.pdf", "sub/inv.pdf", "inv.pdf", "note")
PROOFS = ("inv.pdf", "inv-1.pdf", "inv-1-2.pdf", "sub/inv.pdf", "inv-4.pdf", "note")
SEALED = seal([text_document(number) for number in range(len(NAMES))])
BATCH = StoredBatch(SEALED.manifest_digest, SEALED.root, ISSUER, PHYTOSANITARY, len(NAMES))


class Store(MemoryStore):
    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def anchored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chain, store = FakeChain(), Store()
    store.put_batch(SEALED.blocks(), SEALED.pins())
    args = {"issuer": ISSUER, "h": 1, "root": BATCH.root, "manifest": BATCH.manifest}
    chain.mine(("DocumentRegistry", "Anchored", args))
    hand = SimpleNamespace(chain=SimpleNamespace(reader=chain, network=SimpleNamespace(directory="0x" + "00" * 20)))
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    monkeypatch.setattr(context, "hand", lambda: hand)
    monkeypatch.setattr(context, "key_ring", lambda _: ISSUER_RING)
    monkeypatch.setattr(documents, "open_contents", lambda _: store)
    with notes.Writer() as note:
        for name, document in zip(NAMES, SEALED.documents, strict=True):
            note.add(name, None, document.record_id)
        note.keep(BATCH)


def test_documents_of_one_name_keep_a_proof_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "proofs"
    documents.prove(BATCH.manifest.hex(), out=out, as_json=True)
    assert json.loads(capsys.readouterr().out)["written"] == len(NAMES)
    for name, document in zip(PROOFS, SEALED.documents, strict=True):
        assert record_id(parse_proof((out / f"{name}.tamga.json").read_bytes()).record) == document.record_id
    assert len([file for file in out.rglob("*") if file.is_file()]) == len(NAMES)


def test_one_of_them_has_the_same_name_alone(tmp_path: Path) -> None:
    out = tmp_path / "proofs"
    documents.prove(BATCH.manifest.hex(), leaf=4, out=out)
    assert [file.name for file in out.iterdir()] == ["inv-4.pdf.tamga.json"]
