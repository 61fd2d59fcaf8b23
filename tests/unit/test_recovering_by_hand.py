"""A recovery that is cut off, and is begun again with the same command.

given a store that goes away in the middle of it
  when that happens           → not now (exit code 3), and no report has its name
  when the store is back      → the same command ends, with a report of everything
  when it is given once more  → refused: the folder is another's now
given a folder with anything else in it
  when it is to be recovered into → refused, and nothing of it is touched
"""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.cli import context, recovering
from ledger.domain.errors import Malformed, Unavailable
from ledger.domain.ids import Cid
from tests.support.content import MemoryStore
from tests.support.evidence import CUSTOMS, ISSUER, LEDGER, anchor_of, seal, text_document
from tests.support.fake_chain import FakeChain

SEALED = [seal([text_document(number)], seed=str(number)) for number in range(3)]


class Store(MemoryStore):
    """Goes away after a number of reads."""

    left = 10**6

    def close(self) -> None:
        pass

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise Unavailable("the store is away")
        return super()._read(cid, max_bytes)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    made, chain = Store(), FakeChain()
    for sequence, batch in enumerate(SEALED, 1):
        made.put_batch(batch.blocks(), batch.pins())
        args = {"issuer": ISSUER, "h": anchor_of(batch, sequence).head, "root": batch.root}
        chain.mine(("DocumentRegistry", "Anchored", {**args, "manifest": batch.manifest_digest}))
    network = SimpleNamespace(ledger_id=LEDGER, directory="0x" + "00" * 20)
    hand = SimpleNamespace(chain=SimpleNamespace(reader=chain, network=network))
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path / "home"))
    monkeypatch.setattr(context, "hand", lambda: hand)
    monkeypatch.setattr(context, "key_ring", lambda _: CUSTOMS)
    monkeypatch.setattr(recovering, "open_contents", lambda _: made)
    return made


def test_a_recovery_that_was_cut_off_is_begun_again(store: Store, tmp_path: Path) -> None:
    into = tmp_path / "into"
    store.left = 5
    with pytest.raises(Unavailable):
        recovering.recover(into)
    assert not (into / recovering.REPORT).exists()
    assert len(list(into.rglob("*.txt"))) == 1
    store.left = 10**6
    recovering.recover(into)
    report = [json.loads(line) for line in (into / recovering.REPORT).read_text().splitlines()]
    assert [line["manifest"] for line in report] == [batch.manifest_digest.hex() for batch in SEALED]
    assert [Path(line["file"]).read_text() for line in report] == [f"document {number}" for number in range(3)]
    assert list(into.glob(".*")) == []
    with pytest.raises(Malformed):
        recovering.recover(into)


def test_a_folder_of_something_else_is_refused(store: Store, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    (into / "mine").write_text("mine")
    with pytest.raises(Malformed):
        recovering.recover(into)
    assert [file.name for file in into.iterdir()] == ["mine"]
