"""A facade put together by `bootstrap` over a real engine: sealed, anchored, indexed, verified over HTTP, switched off.

given plant quarantine, accredited for type 851, and customs, whose facade this is
  when quarantine seals an ePhyto certificate for customs and anchors it
    → customs' facade should find its record by its own keys and judge the bare file
    → it should judge file and proof VALID, a changed byte INVALID, a stranger's file UNDETERMINED
    → it should judge them again at the same block without a thread, where the node reads by block hash
  when it is revoked → INVALID now, VALID for the second before
  when the chain is switched off → integrity VALID, the rest UNDETERMINED, HTTP 200
  when the index is replayed from the chain → it should be the same
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.direct import Direct
from ledger.adapters.file_store import FileStore
from ledger.adapters.keyring import create_keyring
from ledger.adapters.keystore import Keystore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.bootstrap.facade import open_facade
from ledger.config import read_config
from ledger.devnet.engines import Engine
from ledger.domain.anchor import pack_head
from ledger.domain.events import document_entity
from ledger.domain.ids import DocumentType, ParticipantId
from ledger.domain.plain import rfc3339
from ledger.services.indexing import Indexer, fsck
from ledger.services.sealing import DocumentInput, Recipient, SealedBatch, seal_batch
from tests.support.facades import free_url, own_chain, serving, signed_in
from tests.support.ledgers import FOREVER, ISSUER, TestLedger, install, key

pytestmark = pytest.mark.integration

PHYTO = DocumentType(851001)
CERTIFICATE = Path(__file__).parents[2] / "samples" / "ephyto" / "SPSCertificateContent.xml"
PASSPHRASE = "only for this test"


class Office:
    """Customs' facade over a ledger in which quarantine has anchored one certificate."""

    def __init__(self, ledger: TestLedger, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ledger, self.home = ledger, home
        self.direct = Direct(ledger.rpc, ledger.contracts)
        self.signer = key("quarantine")
        self.issuer = ParticipantId(ledger.admit("quarantine", (self.signer, ISSUER)))
        ledger.govern("accredit", ("ParticipantRegistry", "accredit", (self.issuer, PHYTO, 0, 0, FOREVER)))
        ledger.network.write(home / "network.json")
        (home / "participants.json").write_text(f'{{"{self.issuer}": {{"name": "Plant quarantine"}}}}')
        (home / "keyring").mkdir()
        self.own, self.customs = (
            create_keyring(home / "keyring" / f"{name}.json", PASSPHRASE, scrypt_n=2).public_keys()[0]
            for name in ("quarantine", "facade")
        )
        Keystore(home / "keystore", scrypt_n=2).create("relayer", PASSPHRASE)
        self.facade = open_facade(
            read_config({"TAMGA_HOME": str(home), "TAMGA_PASSPHRASE": PASSPHRASE, "TAMGA_PUBLIC_URL": free_url()})
        )

    def seal(self, content: bytes) -> SealedBatch:
        store = FileStore(self.home / "content")
        batch = seal_batch(
            [DocumentInput(content, "application/xml", [("number", "NO-2026-17")])],
            ledger=self.ledger.network.ledger_id,
            issuer=self.issuer,
            issuer_key=self.own,
            document_type=PHYTO,
            recipients=[Recipient(self.customs)],
            clock=SystemClock(),
        )
        store.put_batch(batch.blocks(), batch.pins())
        store.close()
        return batch

    def act(self, contract: str, function: str, *args: Any) -> None:
        calldata = self.ledger.contracts.encode_call(contract, function, args)
        self.direct.transact(self.signer, self.ledger.reader.address_of(contract), calldata, gas=500_000)


@pytest.fixture(params=list(Engine), ids=str)
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Office, httpx.Client, Any]]:
    with own_chain(request.param, tmp_path / "chain") as chain:
        ledger = install(chain)
        made = Office(ledger, tmp_path, monkeypatch)
        with serving(made.facade) as client:
            yield made, client, chain
        ledger.rpc.close()


def soon(check: Any, *, within_s: float = 20.0) -> Any:
    """What `check` gives, once it gives something."""
    until = time.monotonic() + within_s
    while not (found := check()):
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.05)
    return found


def told(answer: Any) -> dict[str, tuple[str, str]]:
    return {f["name"]: (f["verdict"], f["reason"]) for f in answer["fragments"]}


def test_a_certificate_from_seal_to_revocation(
    office: tuple[Office, httpx.Client, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, client, chain = office
    content = CERTIFICATE.read_bytes()
    batch = made.seal(content)
    made.act("DocumentRegistry", "anchor", pack_head(1, PHYTO, 1), batch.root, batch.manifest_digest)
    record = batch.documents[0].record_id
    known = soon(lambda: made.facade.records.by_id(record))

    def post(file: bytes | None = None, proof: bytes | None = None, **form: str) -> Any:
        files = {name: data for name, data in (("file", file), ("proof", proof)) if data is not None}
        answer = client.post("/v1/verify", files=files, data=form)
        assert answer.status_code == 200, answer.text
        return answer.json()

    changed = content.replace(b"2", b"3", 1)
    as_issued = post(content, known.proof)
    assert as_issued["overall"] == "VALID", as_issued
    issuer = next(f for f in as_issued["fragments"] if f["name"] == "issuer")
    assert issuer["evidence"]["participant"] == {"id": made.issuer, "name": "Plant quarantine"}
    assert post(content)["overall"] == "VALID"
    (anchored,) = made.ledger.reader.find_events(
        "DocumentRegistry", "Anchored", {}, 0, made.ledger.reader.head().number
    )
    place = next(f for f in as_issued["fragments"] if f["name"] == "anchor")
    assert (place["reason"], place["evidence"]["tx_hash"]) == ("anchored", f"0x{anchored.tx_hash.hex()}")
    assert place["evidence"]["block_number"] == anchored.block.number
    by_threads, conclude = [], made.facade.verifier.conclude
    with monkeypatch.context() as watched:
        watched.setattr(made.facade.verifier, "conclude", lambda cases: by_threads.append(cases) or conclude(cases))
        again = post(content, known.proof)
    assert (again["block"], told(again)) == (as_issued["block"], told(as_issued))
    assert len(by_threads) == (chain.engine is Engine.GANACHE)
    forged = json.loads(known.proof)
    forged["anchor"]["tx_hash"] = "dd" * 32
    place = next(f for f in post(content, json.dumps(forged).encode())["fragments"] if f["name"] == "anchor")
    assert (place["reason"], place["evidence"]["tx_hash"]) == ("anchored_other_block", f"0x{anchored.tx_hash.hex()}")
    assert told(post(changed, known.proof))["integrity"] == ("INVALID", "content_differs")
    for file in (changed, b"never anchored"):
        assert told(post(file))["integrity"] == ("UNDETERMINED", "not_known_here")

    time.sleep(3.1)  # times are whole seconds: one has to be after sealing and anchor, and before the revocation
    made.act("DocumentRegistry", "revoke", made.issuer, record, 0, 4, bytes(32))
    revoked = soon(lambda: made.facade.index.events(entities=[document_entity(record)], name="StatusChanged"))[0]
    assert told(post(content, known.proof))["status"] == ("INVALID", "revoked")
    before = post(content, known.proof, at=rfc3339(revoked.block.time - 1))
    assert before["overall"] == "VALID", before["fragments"]

    client = signed_in(client, made.signer)
    history = client.get(f"/v1/documents/0x{record.hex()}/history").json()
    assert [(a["event"], a["actor"], a["participant"]["name"]) for a in history["acts"]] == [
        ("StatusChanged", made.signer.address, "Plant quarantine")
    ]
    state = client.get(f"/v1/documents/{made.issuer}/0x{record.hex()}").json()
    assert state["state"]["state"] == "REVOKED"

    replays = [Database(f"sqlite:///{made.home / name}.sqlite") for name in ("one", "two")]
    block_by_block, at_once = map(SqlIndexStore, replays)
    list(Indexer(made.ledger.reader, block_by_block, most=1).catch_up())
    assert fsck(made.ledger.reader, block_by_block, at_once) is None
    at_once.clear()
    assert fsck(made.ledger.reader, made.facade.index, at_once) is None
    for replay in replays:
        replay.close()

    chain.process.stop()
    signed_in_off = post(content, known.proof)
    assert client.post("/v1/verify", data={"record": f"0x{record.hex()}"}).status_code == 503, (
        "whose right is not known"
    )
    del client.headers["Authorization"]
    unsigned_off = post(content, known.proof)
    for off in (signed_in_off, unsigned_off):
        assert off["overall"] == "UNDETERMINED"
        assert told(off)["integrity"] == ("VALID", "intact")
        assert {told(off)[name] for name in ("anchor", "issuer", "status", "time")} == {
            ("UNDETERMINED", "chain_unavailable")
        }
    assert told(signed_in_off)["use"] == ("UNDETERMINED", "chain_unavailable")
    assert told(unsigned_off)["use"] == ("NOT_APPLICABLE", "no_right")
