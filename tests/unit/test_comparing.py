"""Documents compared in step with the chain, as a facade reads it.

given a declaration, its amendments, and another issuer's certificate, anchored and lodged as they would be
  when the facade follows as the chain grows, or begins when it has grown → it should note the same, in the same order
  when it ends in the middle of a step                                    → it should go on as if it had not
given a header that was anchored and never lodged → what it names should say nothing
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.statements import SqlStatementStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.domain.chainview import NOTHING
from ledger.domain.errors import Unavailable
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.trade.force import Force
from ledger.domain.trade.said import Said
from ledger.domain.trade.statements import Statement
from ledger.ports.statement_store import Due
from ledger.services.comparing import Comparing
from ledger.services.force import Forces
from ledger.services.indexing import Indexer
from tests.support.fake_chain import FakeChain
from tests.support.trade_events import BROKER, CASES, KEYS, QUARANTINE, Told, accepted, admitted, lodged

ABOUT = "ucr:1GB150454489082-12345"
CASE = CASES[0]
HEADERS = [RecordId(each) for each in (CASE.to_bytes(32), b"\x02" * 32, b"\x03" * 32)]
ITEMS = [RecordId(bytes([0x11 + n]) * 32) for n in range(3)]
CERTIFICATE = RecordId(b"\x21" * 32)
AMENDMENT = 1


def document(record: RecordId, issuer: int, block: int, mass: int | None, *parts: RecordId) -> Said:
    said = () if mass is None else (Statement(ABOUT, 1, {"net_mass": (f"{mass} KGM",)}),)
    return Said(record, ParticipantId(issuer), DocumentType(929001), (block, 0, 0), said, None, frozenset(parts))


def version(number: int, block: int, mass: int) -> list[Said]:
    header = document(HEADERS[number], BROKER, block, None, HEADERS[number], ITEMS[number])
    return [header, document(ITEMS[number], BROKER, block, mass)]


def on_case(name: str, **args: Any) -> Told:
    return "DeclarationRegistry", name, {"caseId": CASE, "actor": KEYS[BROKER], **args}


STEPS: list[tuple[list[Told], list[Said]]] = [
    (admitted(BROKER), version(0, 1, 31)),
    ([lodged(CASE)], []),
    ([accepted(CASE)], [document(CERTIFICATE, QUARANTINE, 3, 31)]),
    ([], version(1, 4, 32)),
    ([on_case("Requested", request=AMENDMENT, dataRecord=HEADERS[1])], []),
    ([on_case("RequestRefused", request=AMENDMENT, refusal=1)], []),
    ([], version(2, 7, 33)),
    ([on_case("Requested", request=AMENDMENT, dataRecord=HEADERS[2])], []),
    ([on_case("VersionMade", version=2, dataRecord=HEADERS[2], byCustoms=False)], []),
]
"""By block, from 1: its acts, and the documents that it anchors."""
NOTED = [(["31 KGM", "32 KGM"], False), (["31 KGM", "33 KGM"], True)]


class Desk(NamedTuple):
    """A facade that follows a chain."""

    index: SqlIndexStore
    indexer: Indexer
    forces: Forces
    statements: SqlStatementStore
    comparing: Comparing

    def caught_up(self) -> None:
        for _ in self.indexer.catch_up():
            pass

    def read(self, block: int) -> None:
        """As `Reading`: blocks up to the anchor, then what it anchors."""
        while self.comparing.follow(block):
            pass
        self.comparing.arrived(STEPS[block - 1][1])

    def noted(self) -> list[tuple[list[str], bool]]:
        return [
            (sorted([*each.contradiction.one_says, *each.contradiction.other_says]), each.standing)
            for each in self.statements.noted()
        ]


def desk_of(chain: FakeChain, database: Database) -> Desk:
    index, statements = SqlIndexStore(database), SqlStatementStore(database)
    forces = Forces(index, SqlStateStore(database))
    return Desk(index, Indexer(chain, index), forces, statements, Comparing(statements, forces))


@pytest.fixture
def chain() -> FakeChain:
    return FakeChain()


@pytest.fixture
def desk(chain: FakeChain, tmp_path: Path) -> Iterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield desk_of(chain, database)
    database.close()


def test_who_follows_and_who_begins_late_note_the_same(chain: FakeChain, desk: Desk, tmp_path: Path) -> None:
    for block, (events, _) in enumerate(STEPS, 1):
        chain.mine(*events)
        desk.caught_up()
        desk.read(block)
    assert desk.noted() == NOTED
    database = Database(f"sqlite:///{tmp_path / 'late.sqlite'}")
    late = desk_of(chain, database)
    late.caught_up()
    for block in range(1, len(STEPS) + 1):
        late.read(block)
    assert late.noted() == NOTED
    assert late.statements.last_words([ABOUT]) == desk.statements.last_words([ABOUT])
    database.close()


def test_what_was_anchored_and_never_lodged_says_nothing(chain: FakeChain, desk: Desk) -> None:
    for _ in STEPS[:4]:
        chain.mine()
    desk.caught_up()
    for block in (1, 3, 4):
        desk.read(block)
    assert [word.record_id for word in desk.statements.last_words([ABOUT])] == [CERTIFICATE]
    assert desk.noted() == []


def test_a_step_that_ended_in_the_middle_is_finished(
    chain: FakeChain, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = desk.forces.of
    asked = 0

    def failing(records: list[Due], *, block: int) -> dict[Due, Force]:
        nonlocal asked
        asked += 1
        if asked % 2:
            raise Unavailable("the database went away")
        return judge(records, block=block)

    monkeypatch.setattr(desk.forces, "of", failing)
    for events, _ in STEPS:
        chain.mine(*events)
    desk.caught_up()
    for block in range(1, len(STEPS) + 1):
        while True:
            try:
                desk.comparing.settle()  # as `Reading` begins each step
                desk.read(block)
                break
            except Unavailable:
                continue
    assert desk.noted() == NOTED
    assert desk.statements.due() == []


def test_many_blocks_are_followed_in_steps(chain: FakeChain, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.services.comparing.BLOCKS", 4)
    assert desk.comparing.followed() == NOTHING
    for events, _ in STEPS:
        chain.mine(*events)
    desk.caught_up()
    assert [desk.comparing.follow(9) for _ in range(4)] == [True, True, False, False]
    assert desk.comparing.followed() == 9
