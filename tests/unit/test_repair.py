"""A repair of several stores, some away, full or damaged: what can be put right is, and the rest is counted.

given stores of which one is away
  when they are repaired                          → the others are, it is named, and all roots count as not judged in it
  when none answers                               → that is said, and nothing else
given a root of which only a store that is away has a good copy
  when the others are repaired                    → its other roots are copied, and that one counts as not judged
given a root that no store has whole
  when they are repaired                          → it is told as damaged, and the others are copied
given a store whose disk is full
  when it is repaired                             → it is named with the cause, and the others are repaired
given what another machine of ours erased, of which this one has no note
  when a store that missed it is repaired         → it comes back to none, and goes from that one, by its order on chain
  when another participant orders one of our tile → it stays
  when the chain cannot be asked                  → nothing is repaired: what was erased could come back
given a tile to be narrowed in a store that has not all of a large envelope
  when it is repaired                             → that store is left as it was and named, and the others are repaired
given what others pin on the same node, and whose links are not written as ours are
  when all are repaired                           → it stays where it is, and nothing is told of it
given a store that cannot collect, as a pinned tree of it is not whole
  when others are narrowed with it                → it is named, and what was done is told
given a store that goes away while it is read
  when all is read                                → the others are read to the end
"""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from ledger.adapters.replicas import ReplicatedStore
from ledger.cli import context, keeping, notes
from ledger.domain.cid import DAG_PB, block_cid, raw_cid
from ledger.domain.errors import NotFound, Unavailable
from ledger.domain.hashing import digest
from ledger.domain.ids import Cid, ParticipantId
from ledger.domain.manifest import encode_manifest
from ledger.ports.content_store import Pin
from ledger.services.erasing import erase
from ledger.services.opening import BatchReader
from ledger.services.sealing import SealedBatch
from tests.support.evidence import ISSUER, seal, text_document
from tests.support.fake_chain import FakeChain
from tests.unit.test_replicas import Away

BATCH = seal([text_document(n) for n in range(5)])
OTHER = seal([text_document(n) for n in range(3)], "other")
TILE, MANIFEST = BATCH.manifest.tiles[0].cid, raw_cid(BATCH.manifest_digest)
AWAY = "the store is away"


@pytest.fixture
def stores() -> list[Away]:
    return [Away(), Away(), Away(), Away()]


@pytest.fixture
def together(stores: list[Away]) -> ReplicatedStore:
    return ReplicatedStore(stores, required=1)


def test_one_that_is_away_keeps_no_other_from_being_repaired(stores: list[Away], together: ReplicatedStore) -> None:
    for store in stores[:3]:
        store.put_batch(BATCH.blocks(), BATCH.pins())
    erase([stores[0]], BatchReader(together, BATCH.manifest_digest), 3)
    stores[2].away = True
    found = together.repair()
    narrowed = stores[0].pins()
    assert {(one.store, one.cid, one.how) for one in found.done} == {
        (1, TILE, "narrowed"),
        *((3, cid, "copied") for cid in narrowed),
    }
    assert (found.trouble, found.unjudged) == ({2: AWAY}, len(narrowed))
    assert stores[1].pins() == stores[3].pins() == narrowed
    stores[2].away = False
    assert together.repair() == ([(2, TILE, "narrowed")], {}, 0)


def test_that_none_answers_is_said(stores: list[Away], together: ReplicatedStore) -> None:
    for store in stores:
        store.away = True
    for repair in (together.repair, together.mend):
        with pytest.raises(Unavailable, match=f"none of 4 stores answers: {AWAY}"):
            repair()


@pytest.mark.parametrize("away", [False, True])
def test_a_root_that_cannot_be_copied_keeps_no_other(stores: list[Away], together: ReplicatedStore, away: bool) -> None:
    for store in stores[:2]:
        store.put_batch(BATCH.blocks(), BATCH.pins())
        store.put_batch(OTHER.blocks(), OTHER.pins())
    del stores[0].blocks[BATCH.documents[2].envelope]
    if away:
        stores[1].away = True
    else:
        stores[1].blocks[BATCH.documents[2].envelope] = b"x"
    stores[3].away = away
    found = together.repair()
    copied = {pin.cid for pin in (*BATCH.pins(), *OTHER.pins())} - {TILE}
    assert {(one.cid, one.how) for one in found.done if one.store == 2} == {
        *((cid, "copied") for cid in copied),
        *([] if away else [(TILE, "damaged")]),
    }
    assert set(stores[2].pins()) == copied
    assert found.unjudged == (1 + 2 * (len(copied) + 1) if away else 0)


def test_an_envelope_that_is_not_whole_keeps_no_other_store(stores: list[Away], together: ReplicatedStore) -> None:
    for store in stores:
        store.put_batch(BATCH.blocks(), BATCH.pins())
    erase([stores[0]], BatchReader(together, BATCH.manifest_digest), 3)

    def partial(*_: object) -> None:
        raise NotFound("pin", "could not find a leaf of a large envelope")

    stores[1].repin = partial  # type: ignore[method-assign]  # one instance has not all of it
    found = together.repair()
    assert found.done == [(2, TILE, "narrowed"), (3, TILE, "narrowed")]
    assert (found.trouble, found.unjudged) == ({1: "no pin could not find a leaf of a large envelope"}, 1)
    assert stores[1].pins()[TILE] is True, "as it was: what is there of it stays"


def test_a_full_disk_is_named(stores: list[Away], together: ReplicatedStore) -> None:
    stores[0].put_batch(BATCH.blocks(), BATCH.pins())
    stores[1].fails = Unavailable("No space left on device")
    found = together.repair()
    assert found.trouble == {1: "No space left on device"}
    assert found.unjudged == len(BATCH.pins())
    assert stores[2].pins() == stores[3].pins() == stores[0].pins()


def test_a_store_that_goes_away_on_the_way(stores: list[Away], together: ReplicatedStore) -> None:
    for store in stores:
        store.put_batch(BATCH.blocks(), BATCH.pins())
    gone = BATCH.documents[1].envelope
    del stores[3].blocks[gone]
    read = stores[0]._read

    def goes_away(cid: Cid, max_bytes: int) -> bytes:
        stores[0].away = True
        return read(cid, max_bytes)

    stores[0]._read = goes_away  # type: ignore[method-assign]  # one instance goes away
    found = together.mend()
    assert found == ([(3, gone, "mended")], {0: AWAY}, len(BATCH.pins()))


@pytest.fixture
def commanded(together: ReplicatedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command works on these stores, without a ledger."""
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    monkeypatch.setattr(context, "hand", no_ledger)
    monkeypatch.setattr(keeping, "open_contents", lambda _: together)


@pytest.mark.usefixtures("commanded")
def test_the_command_goes_on_with_the_others(
    stores: list[Away], together: ReplicatedStore, capsys: pytest.CaptureFixture[str]
) -> None:
    for store in stores[:2]:
        store.put_batch(BATCH.blocks(), BATCH.pins())
    erased = BATCH.documents[3].envelope
    erase([stores[0]], BatchReader(together, BATCH.manifest_digest), 3)
    stores[2].away = True
    told = repair(capsys, exits=3)
    assert {(one["store"], one["how"]) for one in told["repairs"]} == {(1, "narrowed"), (3, "copied")}
    assert told["away"] == [{"store": 2, "text": AWAY}]
    assert told["unjudged"] == len(stores[0].pins())
    assert not any(store.has(erased) for place, store in enumerate(stores) if place != 2), "collected where it can be"
    with pytest.raises(typer.Exit):
        keeping.repair()
    said = capsys.readouterr().err
    assert f"store 2 was not repaired to the end: {AWAY}" in said
    assert f"{len(stores[0].pins())} root(s) could not be judged: repair again once all stores are back" in said
    stores[2].away = False
    assert repair(capsys, deep=True, exits=0)["unjudged"] == 0


@pytest.mark.usefixtures("commanded")
def test_a_tile_that_no_store_has_sound_waits_for_a_good_copy(
    stores: list[Away], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for store in stores:
        store.put_batch(BATCH.blocks(), BATCH.pins())
        del store.blocks[TILE]
        monkeypatch.setattr(store, "collect", lambda: None)
    monkeypatch.setattr(notes, "erased_envelopes", lambda: frozenset({BATCH.documents[3].envelope}))
    with pytest.raises(typer.Exit):
        keeping.repair()
    said = capsys.readouterr().err
    assert "repair again with a store that has a good copy of what they lead to" in " ".join(said.split())


@pytest.mark.usefixtures("commanded")
def test_a_store_that_cannot_collect_keeps_nothing_from_being_told(
    stores: list[Away], together: ReplicatedStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for store in stores:
        store.put_batch(BATCH.blocks(), BATCH.pins())
    erased = BATCH.documents[3].envelope
    erase(stores[:1], BatchReader(together, BATCH.manifest_digest), 3)

    def collect() -> None:
        raise NotFound("block", erased)

    monkeypatch.setattr(stores[1], "collect", collect)
    told = repair(capsys, exits=3)
    assert [(one["store"], one["how"]) for one in told["repairs"]] == [(place, "narrowed") for place in (1, 2, 3)]
    assert told["away"] == [{"store": 1, "text": f"no block {erased}"}]
    assert [store.has(erased) for store in stores] == [False, True, False, False]


def test_what_others_pin_on_the_same_node_is_left_alone(stores: list[Away], together: ReplicatedStore) -> None:
    directory = b"\x12\x03of0"  # a node whose links are not written as ours are
    foreign = block_cid(directory, DAG_PB)
    for store in stores[:2]:
        store.put_batch(BATCH.blocks(), BATCH.pins())
    stores[0].put_batch([(foreign, directory)], [Pin(foreign, recursive=True)])
    found = together.repair({BATCH.documents[3].envelope})
    assert {one.how for one in found.done} == {"narrowed", "unpinned", "copied"}
    assert (found.trouble, found.unjudged) == ({}, 0)
    assert [store.pins().get(foreign) for store in stores] == [True, None, None, None]
    del stores[1].blocks[BATCH.documents[1].envelope]
    found = together.mend()
    assert found.unjudged == 0
    assert [(one.store, one.cid, one.how) for one in found.done] == [(1, BATCH.documents[1].envelope, "mended")]


def no_ledger() -> None:
    raise NotFound("network.json", "here")


def ordered(chain: FakeChain, issuer: int, leaf: int) -> None:
    args = {"issuer": issuer, "recordId": BATCH.documents[leaf].record_id, "reason": 5}
    chain.mine(("DocumentRegistry", "ErasureOrdered", args))


def anchored(chain: FakeChain, issuer: int, batch: SealedBatch) -> None:
    args = {"issuer": issuer, "h": 1, "root": batch.root, "manifest": batch.manifest_digest}
    chain.mine(("DocumentRegistry", "Anchored", args))


@pytest.fixture
def erased_elsewhere(
    stores: list[Away], together: ReplicatedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FakeChain:
    """Another machine erased 3 everywhere, and 1 while the last store was away."""
    chain = FakeChain()
    together.put_batch(BATCH.blocks(), BATCH.pins())
    anchored(chain, ISSUER, BATCH)
    batch = BatchReader(together, BATCH.manifest_digest)
    for leaf in (3, 1):
        ordered(chain, ISSUER, leaf)
    erase(stores, batch, 3)
    erase(stores[:3], batch, 1)
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    monkeypatch.setattr(context, "hand", lambda: SimpleNamespace(chain=SimpleNamespace(reader=chain)))
    monkeypatch.setattr(keeping, "open_contents", lambda _: together)
    return chain


def test_what_another_machine_erased_does_not_come_back(
    erased_elsewhere: FakeChain, stores: list[Away], capsys: pytest.CaptureFixture[str]
) -> None:
    forged = seal([text_document(n) for n in range(5)])
    forged = replace(forged, manifest=forged.manifest._replace(issuer=ParticipantId(66)))
    for store in stores:
        manifest = encode_manifest(forged.manifest)
        store.put_batch([(block_cid(manifest), manifest)], [])
    args = {"issuer": 66, "h": 1, "root": BATCH.root, "manifest": digest(manifest)}
    erased_elsewhere.mine(("DocumentRegistry", "Anchored", args))
    ordered(erased_elsewhere, 66, 4)
    erased = [BATCH.documents[leaf].envelope for leaf in (1, 3)]
    told = repair(capsys, exits=0)
    assert told["repairs"] == [{"store": 3, "cid": erased[0], "how": "unpinned"}]
    for store in stores:
        assert not any(store.has(cid) for cid in erased)
        assert store.has(BATCH.documents[4].envelope)
        assert store.pins() == stores[0].pins()
    assert repair(capsys, exits=0)["repairs"] == []


def test_while_the_chain_cannot_be_asked_nothing_comes_back(erased_elsewhere: FakeChain, stores: list[Away]) -> None:
    erased_elsewhere.is_off = True
    with pytest.raises(Unavailable):
        keeping.repair(as_json=True)
    assert not stores[0].has(BATCH.documents[1].envelope)


def repair(capsys: pytest.CaptureFixture[str], *, exits: int, deep: bool = False) -> Any:
    if exits:
        with pytest.raises(typer.Exit) as ended:
            keeping.repair(deep=deep, as_json=True)
        assert ended.value.exit_code == exits
    else:
        keeping.repair(deep=deep, as_json=True)
    return json.loads(capsys.readouterr().out)
