"""Documents on two real Kubo nodes, by the command line, from sealing to recovery.

given a batch on two nodes, both required
  when a document is erased                 → no node has its envelope, each has every other document of its tile
  when a node is away                       → nothing is accepted that it should hold; the node is named
                                            → with one replica required, it is
  when another document is erased meanwhile → said to be unfinished; the node that is there is done
  when the node is back and repaired        → it holds what it missed, and not what was erased; both are reported
  when a key of the ring is rotated and all is recovered into an empty folder
                                            → every document, the erased as erased, a lost one as missing
"""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.adapters.kubo import KuboStore
from ledger.devnet.kubo import KuboNode, restarted
from ledger.domain.errors import NotFound
from ledger.domain.ids import Cid, Digest32
from ledger.domain.limits import MIB
from ledger.ports.content_store import ContentStore
from ledger.services.erasing import erase
from ledger.services.opening import BatchReader
from tests.support.places import QUARANTINE, Place, two_participants

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
TYPE = ("--type", "851001", "--key", QUARANTINE)
SIZE = 300


@pytest.fixture
def place(tmp_path: Path, swarm: tuple[KuboNode, ...]) -> Iterator[Place]:
    (tmp_path / "home").mkdir()
    with two_participants(tmp_path / "home", TAMGA_IPFS_URLS=",".join(node.api_url for node in swarm)) as made:
        yield made


def alone(node: KuboNode) -> KuboStore:
    """What this node has itself."""
    return KuboStore(node.api_url, offline=True)


def anchored(place: Place, folder: Path, name: str, size: int) -> str:
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
        for number in range(size):
            archive.writestr(f"{number}.json", json.dumps({"batch": name, "serial": number}))
    return str(place.quarantine.json("anchor", str(folder / f"{name}.zip"), *TYPE)["manifest"])


def envelopes(store: ContentStore, manifest: str) -> list[Cid]:
    batch = BatchReader(store, Digest32(bytes.fromhex(manifest)))
    return [batch.envelope(leaf) for leaf in range(batch.manifest.size)]


def test_two_nodes_from_sealing_to_recovery(swarm: tuple[KuboNode, ...], place: Place, tmp_path: Path) -> None:
    tamga, (first, second) = place.quarantine, swarm
    manifest = anchored(place, tmp_path, "first", SIZE)
    sealed = envelopes(alone(first), manifest)
    for node in swarm:
        assert all(alone(node).has(cid) for cid in sealed)
    assert [store["roots"] for store in tamga.json("contents", "status")] == [3, 3]

    # erased from both
    erasure = ("--reason", "data-subject", "--key", QUARANTINE)
    tamga.run("erase", manifest, "--leaf", "7", *erasure)
    for node in swarm:
        with pytest.raises(NotFound):
            alone(node).get(sealed[7], max_bytes=MIB)
        assert [leaf for leaf, cid in enumerate(sealed) if not alone(node).has(cid)] == [7]
        proven = BatchReader(alone(node), Digest32(bytes.fromhex(manifest)))
        assert proven.path(7).size == SIZE  # its tile is still there

    # one node away
    second.process.kill()
    away = tamga.json("contents", "status", exits=3)
    assert [store["away"] is None for store in away] == [True, False]
    (tmp_path / "late.xml").write_text("<late/>")
    told = tamga.json("seal", str(tmp_path / "late.xml"), *TYPE, exits=3)
    assert "1 of 2 replicas" in told["text"]
    assert second.api_url in told["text"]
    with_one = tamga.but(TAMGA_REPLICAS="1")
    late = with_one.json("anchor", str(tmp_path / "late.xml"), *TYPE)["manifest"]
    told = with_one.json("erase", manifest, "--leaf", "9", *erasure, exits=3)
    assert "not erased from 1 of 2 stores" in told["text"]
    assert second.api_url in told["text"]
    assert not alone(first).has(sealed[9])
    told = tamga.json("contents", "repair", "--deep", exits=3)
    assert (told["repairs"], [one["store"] for one in told["away"]]) == ([], [1])
    assert second.api_url in told["away"][0]["text"]
    assert told["unjudged"] == len(alone(first).pins())

    # back again
    back = restarted(second)
    try:
        assert alone(back).has(sealed[9])
        done = tamga.json("contents", "repair")["repairs"]
        assert {one["how"] for one in done if one["store"] == 1} == {"copied", "unpinned"}
        assert not any(node.has(sealed[9]) for node in (alone(first), alone(back)))
        assert all(alone(back).has(cid) for cid in envelopes(alone(first), late))
        assert tamga.json("contents", "repair", "--deep") == {"repairs": [], "away": [], "unjudged": 0}
        tamga.run("erase", manifest, "--leaf", "9", *erasure)
        told = tamga.json("prove", manifest, "--out", str(tmp_path / "proofs"), exits=1)
        assert (told["written"], [one["leaf"] for one in told["missing"]]) == (SIZE - 2, [7, 9])
        assert all("it was erased" in one["text"] for one in told["missing"])

        # recovery, from nothing but network, nodes, tombstones and the ring
        erase([alone(first), alone(back)], BatchReader(alone(first), Digest32(bytes.fromhex(manifest))), 11)
        tamga.run("key", "ring", "--rotate")
        rotated = anchored(place, tmp_path, "rotated", 3)
        elsewhere = tamga.but(
            TAMGA_HOME=str(tmp_path / "elsewhere"),
            TAMGA_NETWORK=str(place.home / "network.json"),
            TAMGA_READ_KEYS=str(place.home / "keyring" / "facade.json"),
        )
        into = tmp_path / "recovered"
        told = elsewhere.json("recover", "--into", str(into), "--tombstones", str(place.home / "tombstones"), exits=1)
        fates = {fate: told[fate] for fate in ("opened", "sealed", "erased", "missing", "damaged")}
        assert fates == {"opened": SIZE - 3 + 1 + 3, "sealed": 0, "erased": 2, "missing": 1, "damaged": 0}
        assert [(one["leaf"], one["fate"]) for one in told["lost"]] == [(7, "erased"), (9, "erased"), (11, "missing")]
        lines = [json.loads(line) for line in (into / "report.jsonl").read_text().splitlines()]
        of = {(line["manifest"], line["leaf"]): line for line in lines}
        assert json.loads(Path(of[manifest, 299]["file"]).read_text()) == {"batch": "first", "serial": 299}
        assert json.loads(Path(of[rotated, 2]["file"]).read_text()) == {"batch": "rotated", "serial": 2}
        assert elsewhere.json("verify", of[rotated, 2]["file"])["overall"] == "VALID"
    finally:
        back.process.stop()
