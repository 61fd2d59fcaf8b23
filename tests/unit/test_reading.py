"""Finding readable records among all that anybody anchored: nobody's document stops the search, or speaks for another.

given a batch that our keys open
  when another participant anchors its root and manifest in its own name → its records should stay as they were
  when another's batch holds a record that names its issuer             → nothing of it should be kept
given a document of a type that its issuer may not have, or that its anchor is not of → it should say nothing
given a document that is wrong in one way or another
  when it is read                  → it should be counted, and the documents after it read
  when the store cannot hold it    → it should be counted, and the documents of its page kept
given a batch that nobody gives
  when the content store answers   → the batches after it should be read, and it should be asked for again, later
  when the content store is away   → that should be said, and nothing passed over
given envelopes that nobody gives any more → the others of the batch should be read, after one wait for peers
given an index that is being rebuilt, or blocks that are not final → nothing should be compared by them
"""

import itertools
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.records import SqlRecordStore
from ledger.adapters.sql.statements import SqlStatementStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Cid, ParticipantId, RecordId
from ledger.domain.proof_reading import parse_proof
from ledger.domain.recording import RecordMaker
from ledger.domain.trade.codes import IMPORT_DECLARATION
from ledger.domain.trade.said import Said, said_in
from ledger.ports.index_store import KnownRecord
from ledger.services.comparing import Comparing
from ledger.services.force import Forces
from ledger.services.indexing import Indexer
from ledger.services.reading import MAX_RETRY_S, RETRY_S, Reading
from ledger.services.sealing import DocumentInput, SealedBatch
from tests.support.content import MemoryStore
from tests.support.documents import KEY
from tests.support.evidence import CUSTOMS, PHYTOSANITARY, FixedClock, seal
from tests.support.fake_chain import FakeChain, contract_address

ISSUER, OTHER = ParticipantId(17), ParticipantId(66)
UCR = "4DP992345678909-X1"


class Peers(MemoryStore):
    """A store that asks its peers for what it has not, until its patience is at an end: a Kubo node."""

    is_away = False
    waits = 0

    def absent(self, cids: Collection[Cid]) -> frozenset[Cid]:
        self.waits += 1
        return super().absent(cids)

    def has(self, cid: Cid) -> bool:
        if self.is_away:
            raise Unavailable("the node does not answer")
        return super().has(cid)

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        if self.is_away or cid not in self.blocks:
            self.waits += 1
            raise Unavailable(f"no peer gave {cid} in time")
        return super()._read(cid, max_bytes)


class Desk(NamedTuple):
    """A reader with all that it reads from and writes to."""

    chain: FakeChain
    contents: Peers
    index: SqlIndexStore
    records: SqlRecordStore
    statements: SqlStatementStore
    clock: FixedClock
    reading: Reading
    sequences: dict[int, Iterator[int]]

    def anchor(self, issuer: int, batch: SealedBatch, *, kept: bool = True, kind: int = PHYTOSANITARY) -> None:
        """Anchor a batch in the name of `issuer`, its blocks stored or not, as documents of this type."""
        if kept:
            self.contents.put_batch(batch.blocks(), batch.pins())
        number = next(self.sequences.setdefault(issuer, itertools.count(1)))
        h = pack_h(KEY, pack_head(number, kind, batch.manifest.size))
        args = {"issuer": issuer, "h": h, "root": batch.root, "manifest": batch.manifest_digest}
        self.chain.mine(("DocumentRegistry", "Anchored", args))

    def read(self) -> None:
        """Read until nothing is left."""
        for _ in Indexer(self.chain, self.index).catch_up():
            pass
        while self.reading.step():
            pass

    def knows(self, batch: SealedBatch) -> list[bool]:
        """Of each document of a batch, whether its record is known."""
        return [self.records.by_id(sealed) is not None for sealed in ids(batch)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'records.sqlite'}")
    chain, contents, clock = FakeChain(), Peers(), FixedClock()
    clock.time = chain.head().time
    index, records, said = SqlIndexStore(database), SqlRecordStore(database), SqlStatementStore(database)
    comparing = Comparing(said, Forces(index, SqlStateStore(database)))
    reading = Reading(chain, contract_address("Directory"), index, records, comparing, contents, CUSTOMS, clock)
    yield Desk(chain, contents, index, records, said, clock, reading, {})
    database.close()


def ids(batch: SealedBatch) -> list[RecordId]:
    return [document.record_id for document in batch.documents]


def item(**changes: Any) -> bytes:
    """A goods item as a declaration is sealed."""
    told = {"number": 1, "commodity_code": "060210", "origin": "CN", "net_mass": ["1", "KGM"], **changes}
    return json.dumps(told).encode()


def sealed(seed: str, *contents: bytes, issuer: int = ISSUER, **more: Any) -> SealedBatch:
    documents = [DocumentInput(content, "application/json", [("ref.ucr", UCR)]) for content in contents]
    return seal(documents, seed, issuer=issuer, **more)


def test_an_anchor_in_anothers_name_changes_nothing(desk: Desk) -> None:
    genuine = sealed("genuine", item())
    desk.anchor(ISSUER, genuine)
    desk.read()
    before = desk.records.by_id(ids(genuine)[0])
    assert before is not None
    assert parse_proof(before.proof).anchor.issuer == ISSUER
    desk.anchor(OTHER, genuine)
    desk.read()
    assert desk.records.by_id(ids(genuine)[0]) == before
    assert desk.reading.faults == 1


def test_a_record_that_names_another_issuer_is_not_believed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ledger.services.sealing.RecordMaker", lambda ledger, _, kind, random: RecordMaker(ledger, ISSUER, kind, random)
    )
    forged = sealed("forged", item(), issuer=OTHER)
    monkeypatch.undo()
    genuine = sealed("genuine", item(origin="FR"))
    desk.anchor(ISSUER, genuine)
    desk.anchor(OTHER, forged)
    desk.read()
    assert (desk.knows(genuine), desk.knows(forged), desk.reading.faults) == ([True], [False], 1)
    words = desk.statements.last_words([f"ucr:{UCR}"])
    assert [(word.issuer, word.statement.facts["origin"]) for word in words] == [(ISSUER, ("FR",))]
    assert desk.statements.noted() == []


@pytest.mark.parametrize(
    ("document_type", "anchored"), [(PHYTOSANITARY, 0), (IMPORT_DECLARATION, PHYTOSANITARY)], ids=["none", "another"]
)
def test_what_its_anchor_does_not_bear_out_says_nothing(desk: Desk, document_type: int, anchored: int) -> None:
    """Whoever has no accreditation anchors as of no type: whatever its records say that they are."""
    desk.anchor(ISSUER, sealed("genuine", item()))
    pretended = sealed("pretended", item(origin="FR"), issuer=OTHER, document_type=document_type)
    desk.anchor(OTHER, pretended, kind=anchored)
    desk.read()
    assert (desk.knows(pretended), desk.statements.noted()) == ([True], [])
    own = sealed("own", item(origin="FR"), issuer=OTHER, document_type=IMPORT_DECLARATION)
    desk.anchor(OTHER, own, kind=0)
    desk.read()
    assert [noted.standing for noted in desk.statements.noted()] == [True]


@pytest.mark.parametrize(
    "odd",
    [
        item(number="9" * 30),
        item(number=0),
        item(number=-1),
        item(net_mass=["1", "KG M"]),
        item(net_mass=["1", ""]),
        item(net_mass=["1", 7]),
        item(net_mass=[["1"], "KGM"]),
        item(origin="C\0N", documents=[{"reference": "a\0"}]),
        item(documents=[{"reference": ["a"]}] * 2000),
        item(documents="abc"),
        json.dumps({"header": {"declarationUCR": "4" * 10_000}, "items": []}).encode(),
        json.dumps({"header": {"declarationUCR": UCR}, "items": ["one"]}).encode(),
        json.dumps({"header": {"declarationUCR": UCR}, "items": [{"itemNumber": "9" * 30}]}).encode(),
        json.dumps({"lrn": "1", "ucr": UCR, "declarant": ["a"]}).encode(),
        json.dumps({"lrn": "1", "ucr": UCR, "declarant": {"identifier": "\0"}}).encode(),
        b"[]",
    ],
)
def test_an_odd_document_stops_nothing(desk: Desk, odd: bytes) -> None:
    before, strange, after = sealed("before", item()), sealed("strange", odd, item(), issuer=OTHER), sealed("a", item())
    for issuer, batch in ((ISSUER, before), (OTHER, strange), (ISSUER, after)):
        desk.anchor(issuer, batch)
    desk.read()
    assert [desk.knows(batch) for batch in (before, strange, after)] == [[True], [True, True], [True]]
    assert desk.reading.faults == 0


def test_a_fault_of_ours_costs_one_document(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, after = sealed("batch", item(number=1), item(number=2), item(number=3)), sealed("after", item())
    remember = desk.records.remember

    def picky(found: list[KnownRecord], **more: Any) -> None:
        if ids(batch)[1] in {each.record_id for each in found}:
            raise RecursionError("unforeseen")
        remember(found, **more)

    monkeypatch.setattr(desk.records, "remember", picky)
    desk.anchor(ISSUER, batch)
    desk.anchor(ISSUER, after)
    desk.read()
    assert (desk.knows(batch), desk.knows(after), desk.reading.faults) == ([True, False, True], [True], 1)


def test_a_fault_in_opening_costs_one_document(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = sealed("batch", item(number=1), item(number=2))
    raised = iter([KeyError("unforeseen")])

    def read(*told: Any) -> Said:
        for error in raised:
            raise error
        return said_in(*told)

    monkeypatch.setattr("ledger.services.reading.said_in", read)
    desk.anchor(ISSUER, batch)
    desk.read()
    assert (desk.knows(batch), desk.reading.faults) == ([False, True], 1)


def test_what_nobody_gives_is_asked_for_again(desk: Desk) -> None:
    late, after = sealed("late", item(), issuer=OTHER), sealed("after", item())
    desk.anchor(OTHER, late, kept=False)
    desk.anchor(ISSUER, after)
    desk.read()
    assert (desk.knows(late), desk.knows(after)) == ([False], [True])
    desk.contents.put_batch(late.blocks(), late.pins())
    desk.read()
    assert desk.knows(late) == [False]  # not due yet
    desk.clock.time += RETRY_S + 1
    desk.read()
    assert desk.knows(late) == [True]
    assert desk.records.owed(at=desk.clock.time + 2 * MAX_RETRY_S) is None
    assert desk.reading.faults == 0


def test_the_older_it_is_the_less_often_it_is_asked_for(desk: Desk) -> None:
    desk.anchor(ISSUER, sealed("lost", item()), kept=False)
    desk.read()
    began, pauses = desk.clock.time, []
    for _ in range(8):
        last = desk.clock.time
        while desk.records.owed(at=desk.clock.time) is None:
            desk.clock.time += RETRY_S
        pauses.append(desk.clock.time - last)
        desk.read()
    assert pauses == sorted(pauses)
    assert pauses[0] == RETRY_S
    desk.clock.time = began + 365 * MAX_RETRY_S
    desk.read()
    assert desk.records.owed(at=desk.clock.time + MAX_RETRY_S) is not None


def test_a_store_that_is_away_is_told(desk: Desk) -> None:
    batch = sealed("batch", item())
    desk.anchor(ISSUER, batch)
    desk.contents.is_away = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            desk.read()
    desk.contents.is_away = False
    desk.read()
    assert desk.knows(batch) == [True]


def test_an_envelope_that_is_gone_leaves_the_others(desk: Desk) -> None:
    batch = sealed("batch", *(item(number=number) for number in range(1, 6)))
    desk.anchor(ISSUER, batch)
    for leaf in (1, 3):
        del desk.contents.blocks[batch.documents[leaf].envelope]
    desk.read()
    assert desk.knows(batch) == [True, False, True, False, True]
    assert desk.contents.waits == 1, "peers are asked for both at once"
    assert desk.records.owed(at=desk.clock.time + 2 * MAX_RETRY_S) is None  # erased: it will not come


def test_while_the_index_is_rebuilt_nothing_is_compared(desk: Desk) -> None:
    desk.anchor(ISSUER, sealed("first", item()))
    desk.read()
    desk.anchor(OTHER, sealed("other", item(origin="FR"), issuer=OTHER))
    desk.index.clear()
    assert not desk.reading.step()
    assert desk.statements.noted() == []
    desk.read()
    assert [noted.standing for noted in desk.statements.noted()] == [True]


def test_only_what_is_final_decides_what_is_in_force(desk: Desk) -> None:
    first, other = sealed("first", item()), sealed("other", item(origin="FR"), issuer=OTHER)
    desk.anchor(ISSUER, first)
    desk.anchor(OTHER, other)
    desk.read()
    desk.chain.final_depth = 1
    before, suspended = desk.chain.head().number, {"issuer": ISSUER, "recordId": ids(first)[0], "status": 1}
    desk.chain.mine(("DocumentRegistry", "StatusChanged", suspended))
    desk.read()
    assert [noted.standing for noted in desk.statements.noted()] == [True]
    desk.chain.fork_at(before)
    desk.chain.mine(fork="another")
    desk.chain.mine(("DocumentRegistry", "StatusChanged", suspended), fork="another")
    desk.read()
    assert [noted.standing for noted in desk.statements.noted()] == [True]
    desk.chain.mine()
    desk.read()
    assert [noted.standing for noted in desk.statements.noted()] == [False]
