"""A recovery by the command line: cut off and begun again, among what others put on chain, and of what nobody has.

given a store that goes away in the middle of it, or does not
  when it has ended           → all that it wrote was synced before the report had its name
  when that happens           → not now (exit code 3), and no report has its name
  when the store is back      → the same command ends, with a report of everything
  when a document was erased meanwhile → nothing of it is left
  when it is given once more  → refused: the folder is another's now
given a folder with anything else in it
  when it is to be recovered into → refused, and nothing of it is touched
given batches, documents and grants that nobody has
  when all is recovered           → peers are asked for them together, a wait for each kind and tile, and that is said
given a batch that its issuer anchored twice, and strangers in their own names
  when all is recovered           → each document once, proven by the issuer's newest anchor; the others are told
  when strangers alone anchored it → it is nobody's document, and told as damaged once
given a grant that nobody has
  when all is recovered           → it is told, and what it opens, if it is for us, may come yet: exit code 3
given something that does not come back
  when our keys open it, or its batch          → exit code 1
  when nobody can tell whether they do         → 3
  when it was erased, or is certainly not ours → 0
"""

import json
import os
import threading
from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from ledger.cli import context, output, recovering
from ledger.domain.anchor import unpack_h
from ledger.domain.cid import raw_cid
from ledger.domain.errors import Malformed, Unavailable
from ledger.domain.hashing import digest
from ledger.domain.ids import Cid, Digest32
from ledger.domain.proof_reading import parse_proof
from ledger.ports.key_store import KeyRing
from ledger.services.sealing import SealedBatch
from tests.support.content import MemoryStore
from tests.support.evidence import CUSTOMS, ISSUER, LEDGER, STRANGER, anchor_of, seal, text_document
from tests.support.fake_chain import FakeChain

SEALED = [seal([text_document(number)], seed=str(number)) for number in range(3)]


class Store(MemoryStore):
    """Goes away after a number of reads."""

    left = 10**6

    def __init__(self) -> None:
        super().__init__()
        self.sought: list[int] = []
        self.silence, self.silent_s = threading.Event(), 0.0

    def absent(self, cids: Collection[Cid]) -> frozenset[Cid]:
        self.sought.append(len(cids))
        self.silence.wait(self.silent_s)
        return super().absent(cids)

    def close(self) -> None:
        pass

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise Unavailable("the store is away")
        assert cid in self.blocks, "peers would be waited for, for this block alone"
        return super()._read(cid, max_bytes)


@pytest.fixture
def chain() -> FakeChain:
    return FakeChain()


@pytest.fixture
def store(chain: FakeChain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()
    for sequence, batch in enumerate(SEALED, 1):
        made.put_batch(batch.blocks(), batch.pins())
        anchor(chain, batch, sequence)
    network = SimpleNamespace(ledger_id=LEDGER, directory="0x" + "00" * 20)
    hand = SimpleNamespace(chain=SimpleNamespace(reader=chain, network=network))
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path / "home"))
    monkeypatch.setattr(context, "hand", lambda: hand)
    monkeypatch.setattr(context, "key_ring", lambda _: CUSTOMS)
    monkeypatch.setattr(recovering, "open_contents", lambda _: made)
    return made


def anchor(chain: FakeChain, batch: SealedBatch, sequence: int, **changed: Any) -> None:
    args = {"issuer": ISSUER, "h": anchor_of(batch, sequence).head, "root": batch.root}
    chain.mine(("DocumentRegistry", "Anchored", {**args, "manifest": batch.manifest_digest, **changed}))


def recovered(capsys: pytest.CaptureFixture[str], into: Path) -> tuple[Any, list[Any]]:
    """What a recovery that is whole tells, and the lines of its report."""
    recovering.recover(into, as_json=True)
    lines = (into / recovering.REPORT).read_text().splitlines()
    return json.loads(capsys.readouterr().out), [json.loads(line) for line in lines]


def exit_code(into: Path) -> int:
    with pytest.raises(typer.Exit) as left:
        recovering.recover(into)
    return left.value.exit_code


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


def test_all_is_synced_before_the_report_has_its_name(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "into"
    synced: list[bool] = []
    monkeypatch.setattr(os, "sync", lambda: synced.append((into / recovering.REPORT).exists()))
    recovering.recover(into)
    assert synced == [False]
    assert (into / recovering.REPORT).exists()


def test_what_was_erased_before_it_is_begun_again_is_not_left_there(
    store: Store, chain: FakeChain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into, erased = tmp_path / "into", SEALED[0].documents[0]
    store.left = 9
    with pytest.raises(Unavailable):
        recovering.recover(into)
    folder, other = (into / batch.manifest_digest.hex() for batch in SEALED[:2])
    assert {file.name for file in folder.iterdir()} == {"0.txt", "0.txt.tamga.json"}
    (other / ".0.half").write_text("docum")
    store.left = 10**6
    order = {"issuer": ISSUER, "recordId": erased.record_id, "actor": "0x", "reason": 12, "evidence": bytes(32)}
    chain.mine(("DocumentRegistry", "ErasureOrdered", order))
    del store.blocks[erased.envelope]
    told, _ = recovered(capsys, into)
    assert (told["opened"], told["erased"]) == (2, 1)
    assert not folder.exists()
    assert {file.name for file in other.iterdir()} == {"0.txt", "0.txt.tamga.json"}


def test_a_folder_of_something_else_is_refused(store: Store, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    (into / "mine").write_text("mine")
    with pytest.raises(Malformed):
        recovering.recover(into)
    assert [file.name for file in into.iterdir()] == ["mine"]


def test_what_nobody_has_is_waited_for_together(
    store: Store,
    chain: FakeChain,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []

    def say(text: str, **_: Any) -> None:
        said.append(text)
        store.silence.set()

    monkeypatch.setattr(output, "SAID_AFTER_S", 0.0)
    monkeypatch.setattr(output.errors, "print", say)
    store.silent_s = 60.0  # or until it is said
    halved = seal([text_document(number) for number in range(4)], seed="halved")
    store.put_batch(halved.blocks(), halved.pins())
    for leaf in (1, 2):
        del store.blocks[halved.documents[leaf].envelope]
    anchor(chain, halved, 4)
    for number in range(40):
        gone = seal([text_document(number)], seed=f"gone {number}")
        anchor(chain, gone, 5 + number)
        grant = {"issuer": ISSUER, "grant": Digest32(bytes([number]) * 32)}
        chain.mine(*(("DocumentRegistry", "AccessGranted", grant) for _ in range(2)))
    assert exit_code(tmp_path / "into") == 1
    told = capsys.readouterr().out
    assert store.sought == [40, 40, 2], "grants, manifests, and the documents of one tile"
    assert said[0] == "waiting for peers: 40 block(s) that no content store here holds"
    assert "5 opened, 0 sealed, 0 erased, 42 missing, 0 damaged" in told
    assert f"missing: {halved.manifest_digest.hex()} leaf 2 of participant {ISSUER}: " in told


def test_a_batch_anchored_again_is_counted_once(
    store: Store, chain: FakeChain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = {"issuer": ISSUER + 1}
    batch = seal([text_document(number) for number in range(3)], seed="again")
    store.put_batch(batch.blocks(), batch.pins())
    anchor(chain, batch, 1, **stranger)
    anchor(chain, batch, 4)
    anchor(chain, batch, 7)
    anchor(chain, batch, 8, root=Digest32(bytes(32)))
    anchor(chain, batch, 9, **stranger)
    told, lines = recovered(capsys, tmp_path / "into")
    assert {fate: told[fate] for fate in ("opened", "missing", "damaged")} == {"opened": 6, "missing": 0, "damaged": 0}
    manifest = batch.manifest_digest.hex()
    of_batch = [line for line in lines if line["manifest"] == manifest]
    assert [(line["leaf"], line["issuer"], line["sequence"]) for line in of_batch] == [(n, ISSUER, 7) for n in range(3)]
    proof = parse_proof(Path(of_batch[2]["proof"]).read_bytes())
    assert (unpack_h(proof.anchor.head).seq, proof.anchor.issuer) == (7, ISSUER)
    issuers = [(each["issuer"], each["sequence"]) for each in told["anchored_again"][0]["anchors"]]
    assert issuers == [(ISSUER + 1, 1), (ISSUER, 4), (ISSUER, 7), (ISSUER, 8), (ISSUER + 1, 9)]
    assert [each["manifest"] for each in told["anchored_again"]] == [manifest]


def test_a_batch_that_strangers_alone_anchored_is_nobodys(
    store: Store, chain: FakeChain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = seal([text_document(0)], seed="never anchored")
    store.put_batch(batch.blocks(), batch.pins())
    for sequence in (1, 2):
        anchor(chain, batch, sequence, issuer=ISSUER + sequence)
    told, _ = recovered(capsys, tmp_path / "into")
    assert (told["opened"], told["damaged"]) == (3, 1)
    assert told["lost"][0]["issuer"] is None, "neither is"
    assert told["lost"][0]["reason"] == f"no anchor of this manifest is of the batch that participant {ISSUER} sealed"
    assert not (tmp_path / "into" / batch.manifest_digest.hex()).exists()


@pytest.mark.parametrize("damaged", [False, True], ids=["missing", "damaged"])
@pytest.mark.parametrize(
    ("part", "keys", "code"),
    [
        ("envelope", CUSTOMS, 1),
        ("tile", CUSTOMS, 1),
        ("manifest", CUSTOMS, 3),
        ("envelope", STRANGER, 0),
        ("tile", STRANGER, 3),
        ("manifest", STRANGER, 3),
    ],
)
def test_the_exit_code_says_whether_all_of_ours_came_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, keys: KeyRing, code: int, *, damaged: bool
) -> None:
    monkeypatch.setattr(context, "key_ring", lambda _: keys)
    lost = {
        "envelope": SEALED[1].documents[0].envelope,
        "tile": SEALED[1].manifest.tiles[0].cid,
        "manifest": raw_cid(SEALED[1].manifest_digest),
    }[part]
    if damaged:
        store.blocks[lost] = b"other bytes"
    else:
        del store.blocks[lost]
    if code:
        assert exit_code(tmp_path / "into") == code
    else:
        recovering.recover(tmp_path / "into")
    assert (tmp_path / "into" / recovering.REPORT).is_file()


def test_a_grant_that_nobody_gives_is_told(
    store: Store, chain: FakeChain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grant = Digest32(b"\7" * 32)
    chain.mine(("DocumentRegistry", "AccessGranted", {"issuer": ISSUER, "grant": grant}))
    assert exit_code(tmp_path / "into") == 3
    assert f"grant {grant.hex()} of participant {ISSUER}: nobody gave it" in capsys.readouterr().out
    with pytest.raises(typer.Exit):
        recovering.recover(tmp_path / "again", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["opened"], told["grants_unread"]) == (3, [{"issuer": ISSUER, "grant": grant.hex()}])


def test_an_anchor_of_what_is_no_manifest_leaves_a_recovery_whole(
    store: Store, chain: FakeChain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    junk = b"no manifest"
    store.blocks[raw_cid(digest(junk))] = junk
    anchor(chain, SEALED[0], 4, manifest=digest(junk))
    told, _ = recovered(capsys, tmp_path / "into")
    assert (told["opened"], told["damaged"]) == (3, 1)
    assert told["lost"][0]["ours"] is False
