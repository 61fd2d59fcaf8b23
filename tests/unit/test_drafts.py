"""What was sealed for somebody who signs elsewhere.

given batches sealed for a key, one of them anchored
├── when a day has passed by the chain's time
│   ├── what was not anchored should be unpinned and dropped; what was should stay, and be a draft no more
│   └── until then, and while the chain stands still, all of it should stay
└── when there is too much of them
    ├── the next should be refused, nothing of it stored
    └── unless some of them were anchored meanwhile
given a record that relies on two of them
├── it should wait, at every worker, for those that no block anchors, and for nothing once they are no drafts
└── and so should an act on a declaration that names it, alone, in a structure or in a list
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.file_store import FileStore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.drafts import SqlDraftStore
from ledger.domain.cid import raw_cid
from ledger.domain.errors import TooMany
from ledger.domain.ids import Address, Digest32, ParticipantId, RecordId
from ledger.ports.chain import ChainWriter
from ledger.services.drafts import KEPT_S, Drafts
from ledger.services.objections import Objections
from ledger.services.sealing import DocumentInput, Recipient, SealedBatch, seal_batch
from ledger.services.signed_act import PreparedAct, SignedAct
from tests.support.databases import fresh_url
from tests.support.documents import ISSUER, LEDGER, PHYTO
from tests.support.fake_chain import FakeChain

OWNER, OTHER = Address("0x" + "aa" * 20), Address("0x" + "bb" * 20)
KEY = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")

WRITER = create_autospec(ChainWriter)


@dataclass
class Office:
    chain: FakeChain
    contents: FileStore
    drafts: Drafts
    rows: SqlDraftStore

    def seal(self, text: bytes, owner: Address = OWNER) -> SealedBatch:
        batch = seal_batch(
            [DocumentInput(text, "text/plain", [])],
            ledger=LEDGER,
            issuer=ParticipantId(ISSUER),
            issuer_key=KEY,
            document_type=PHYTO,
            recipients=[Recipient(KEY)],
            clock=SystemClock(),
        )
        self.drafts.of(owner).put_batch(batch.blocks(), batch.pins())
        return batch

    def anchor(self, batch: SealedBatch) -> None:
        self.chain.mine(("DocumentRegistry", "Anchored", {"issuer": int(ISSUER), "manifest": batch.manifest_digest}))

    def has(self, batch: SealedBatch) -> bool:
        return all(self.contents.has(cid) for cid, _ in batch.blocks())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    chain = FakeChain()
    with closing(Database(fresh_url("sqlite", tmp_path))) as database, closing(FileStore(tmp_path / "c")) as contents:
        rows = SqlDraftStore(database)
        now = SystemClock().now()
        chain.mine(seconds=now - chain.head().time)
        yield Office(chain, contents, Drafts(rows, contents, chain, SystemClock()), rows)


def test_what_is_never_anchored_does_not_stay(office: Office) -> None:
    signed, never = office.seal(b"signed"), office.seal(b"never")
    office.anchor(signed)
    assert office.drafts.sweep() == 0
    assert office.has(never), "its acts may still be signed"
    office.chain.mine(seconds=KEPT_S + 60)
    assert office.drafts.sweep() == 1
    assert (office.has(signed), office.has(never)) == (True, False)
    assert not any(cid in office.contents.pins() for cid in (raw_cid(never.manifest_digest),))
    assert office.rows.of_key(OWNER) == []
    assert office.drafts.sweep() == 0


def test_too_much_that_is_not_anchored_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.seal(b"first")
    monkeypatch.setattr("ledger.services.drafts.MAX_DRAFT_BYTES", office.rows.bytes_of(OWNER) - 1)
    before = dict(office.contents.pins())
    with pytest.raises(TooMany):
        office.seal(b"second")
    assert office.contents.pins() == before
    office.seal(b"another's", OTHER)
    office.anchor(first)
    office.seal(b"third")
    assert len(office.rows.of_key(OWNER)) == 1


def test_a_cited_record_waits_for_the_batches_it_relies_on(office: Office) -> None:
    items, header, other = (office.seal(text) for text in (b"items", b"header", b"of another message"))
    record = header.documents[0].record_id
    office.drafts.cite([record], [items.manifest_digest, header.manifest_digest])
    office.drafts.cite([other.documents[0].record_id], [other.manifest_digest])
    worker = Drafts(office.rows, office.contents, office.chain, SystemClock())

    def waits_for() -> list[str]:
        return sorted(draft.manifest for draft in worker.unanchored([RecordId(bytes(32)), record]))

    assert waits_for() == sorted(raw_cid(batch.manifest_digest) for batch in (items, header))
    office.anchor(header)
    assert waits_for() == [raw_cid(items.manifest_digest)]
    office.anchor(items)
    assert waits_for() == []
    office.chain.mine(seconds=KEPT_S + 60)
    office.drafts.sweep()
    assert office.rows.cited_by([record]) == []
    assert worker.unanchored([record]) == []


@pytest.mark.parametrize("place", ["alone", "in a structure", "in a list"])
def test_an_act_waits_wherever_it_names_the_record(office: Office, place: str) -> None:
    batch = office.seal(b"header")
    record = batch.documents[0].record_id
    office.drafts.cite([record], [batch.manifest_digest])
    shapes = {
        "alone": {"evidence": record},
        "in a structure": {"lodgement": {"dataRecord": record}},
        "in a list": {"records": [bytes(32), record]},
    }
    unsigned = SignedAct(OTHER, OWNER, nonce=1, deadline=0, gas=0, data=b"", signature=b"")
    act = PreparedAct(
        Digest32(bytes(32)), "DeclarationRegistry", "citeRecords", "", {}, {"caseId": 1, **shapes[place]}, {}, unsigned
    )
    objections = Objections(office.chain, WRITER, Contracts.packaged(), SystemClock(), office.drafts)
    assert [refusal.error for refusal in objections.unanchored(act)] == ["AnchorsAwaited"]
    office.anchor(batch)
    assert objections.unanchored(act) == []
