"""Where `tamga prove` puts the proofs of a batch.

given documents of which several have one name, from two folders or two archives
  when all are proved into one folder → each has a proof of its own, under a name that tells its position
  when one of them is                 → under the name that it has among all
given documents that were erased or lost, and a store whose peers are waited for
  when the batch is proved → peers are asked once for a tile, for none that was erased from here; the others are written
given tiles that nobody has
  when the batch is proved → peers are asked for all of them at once
given a position past the batch's end
  when it is proved        → that should be said
"""

import json
from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from ledger.cli import context, documents, notes
from ledger.domain.errors import NotFound
from ledger.domain.ids import Cid
from ledger.domain.limits import TILE_LEAVES
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
LARGE_NAMES = tuple(f"{number}.txt" for number in range(2 * TILE_LEAVES + 1))
LARGE = seal([text_document(number) for number in range(len(LARGE_NAMES))])
LARGE_BATCH = StoredBatch(LARGE.manifest_digest, LARGE.root, ISSUER, PHYTOSANITARY, len(LARGE_NAMES))


class Store(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.sought: list[set[Cid]] = []

    def absent(self, cids: Collection[Cid]) -> frozenset[Cid]:
        self.sought.append(set(cids))
        return super().absent(cids)

    def close(self) -> None:
        pass

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        assert cid in self.blocks, "peers would be waited for, for this block alone"
        return super()._read(cid, max_bytes)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    chain, store = FakeChain(), Store()
    for sealed, batch in ((SEALED, BATCH), (LARGE, LARGE_BATCH)):
        store.put_batch(sealed.blocks(), sealed.pins())
        args = {"issuer": ISSUER, "h": 1, "root": batch.root, "manifest": batch.manifest}
        chain.mine(("DocumentRegistry", "Anchored", args))
    hand = SimpleNamespace(chain=SimpleNamespace(reader=chain, network=SimpleNamespace(directory="0x" + "00" * 20)))
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    monkeypatch.setattr(context, "hand", lambda: hand)
    monkeypatch.setattr(context, "key_ring", lambda _: ISSUER_RING)
    monkeypatch.setattr(documents, "open_contents", lambda _: store)
    for sealed, batch, names in ((SEALED, BATCH, NAMES), (LARGE, LARGE_BATCH, LARGE_NAMES)):
        with notes.Writer() as note:
            for name, document in zip(names, sealed.documents, strict=True):
                note.add(name, None, document.record_id)
            note.keep(batch)
    return store


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


def proved(capsys: pytest.CaptureFixture[str], out: Path) -> Any:
    with pytest.raises(typer.Exit):
        documents.prove(LARGE_BATCH.manifest.hex(), out=out, as_json=True)
    return json.loads(capsys.readouterr().out)


def test_what_nobody_has_is_waited_for_once_a_tile(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = (3, 4, 200, TILE_LEAVES + 1)
    for leaf in gone:
        del store.blocks[LARGE.documents[leaf].envelope]
    notes.note_erasure(LARGE.documents[3].record_id, LARGE.documents[3].envelope)
    told = proved(capsys, tmp_path / "proofs")
    assert (told["written"], [one["leaf"] for one in told["missing"]]) == (len(LARGE_NAMES) - 4, list(gone))
    assert [one["error"] for one in told["missing"]] == ["not_found"] * 4
    assert "it was erased" in told["missing"][0]["text"]
    assert "no peer gave it in time" in told["missing"][1]["text"]
    assert store.sought == [{LARGE.documents[leaf].envelope for leaf in tile} for tile in ((4, 200), gone[3:])]


def test_tiles_that_nobody_has_are_waited_for_together(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = {tile.cid for tile in LARGE.manifest.tiles[1:]}
    for cid in lost:
        del store.blocks[cid]
    told = proved(capsys, tmp_path / "proofs")
    assert (told["written"], len(told["missing"])) == (TILE_LEAVES, len(LARGE_NAMES) - TILE_LEAVES)
    assert store.sought == [lost]


def test_a_position_past_the_end_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=f"leaf {len(NAMES)} in a batch of {len(NAMES)}"):
        documents.prove(BATCH.manifest.hex(), leaf=len(NAMES), out=tmp_path)
