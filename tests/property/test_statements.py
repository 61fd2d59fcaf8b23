"""What is kept of statements, against a model that remembers who says what, and what of it is in force.

given documents of several issuers about a few items, some of them named by a header, in any order, together or one by
one
  when they are read, read again, erased, and their force changes, each any number of times
    → each contradiction is noted once, in order, beside records that are there, and stands as the last words do
    → the last words are those that the documents and their force tell, whatever came first
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.records import SqlRecordStore
from ledger.adapters.sql.statement_tables import contradictions, followed, parts, statements
from ledger.adapters.sql.statement_tables import made as said_by
from ledger.adapters.sql.statements import SqlStatementStore
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.trade.force import Force
from ledger.domain.trade.said import Said
from ledger.domain.trade.statements import Statement
from ledger.ports.statement_store import FIRST, Due, Noted
from tests.support.databases import EITHER, opened
from tests.support.statements import settle

ABOUT = "ucr:1GB150454489082-12345"
KIND = DocumentType(929001)
DOCUMENTS, HEADERS = range(1, 10), range(10, 13)
Word = tuple[int, int, int]
"""Issuer, item, mass."""
Shown = tuple[list[tuple[int, str]], bool]
"""The record and mass of both sides, and whether both are last words."""


@pytest.fixture(scope="module", params=EITHER)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with opened(request.param, tmp_path_factory.mktemp("statements")) as database:
        yield database


def record(number: int) -> RecordId:
    return RecordId(bytes([number]) * 32)


def issuer_of(number: int) -> int:
    return number % 3


def named_by(header: int) -> list[int]:
    """Of an issuer's documents, its header names all but the first."""
    return [number for number in DOCUMENTS if number > 3 and issuer_of(number) == issuer_of(header)]


def document(number: int, masses: dict[int, int]) -> Said:
    """A document's number says whose it is, and where it stands; a header's, what it names."""
    said = tuple(Statement(ABOUT, item, {"net_mass": (f"{mass} KGM",)}) for item, mass in sorted(masses.items()))
    named = frozenset(map(record, named_by(number))) if number in HEADERS else frozenset[RecordId]()
    return Said(record(number), ParticipantId(issuer_of(number)), KIND, (number, 0, 0), said, None, named)


@dataclass
class Model:
    """Documents that were read, the force of each, and pairs of words that differed when both were last words."""

    read: dict[int, dict[int, int]] = field(default_factory=dict)
    forces: dict[int, Force] = field(default_factory=dict)
    met: set[frozenset[Word]] = field(default_factory=set)

    def force(self, number: int) -> Force:
        headers = [header for header in HEADERS if header in self.read and number in named_by(header)]
        return max(self.forces.get(each, Force.STANDS) for each in headers or [number])

    def due(self, due: Due) -> Force:
        assert list(due.headers) == [record(h) for h in HEADERS if h in self.read and due.record_id[0] in named_by(h)]
        return self.force(due.record_id[0])

    def records(self, word: Word) -> list[int]:
        """Those that say it, those with the most force first."""
        issuer, item, mass = word
        found = [n for n, said in self.read.items() if issuer_of(n) == issuer and said.get(item) == mass]
        return sorted(found, key=lambda number: (-self.force(number), number))

    def last_words(self) -> set[Word]:
        """On each item what declarations say, and the newest of what else stands if none that is in force is newer."""
        found: set[Word] = set()
        for issuer in range(3):
            for item in (1, 2):
                said = [n for n in sorted(self.read) if issuer_of(n) == issuer and item in self.read[n]]
                stands = max((n for n in said if self.force(n) == Force.STANDS), default=0)
                in_force = [n for n in said if self.force(n) == Force.IN_FORCE]
                proposed = [n for n in said if self.force(n) == Force.PROPOSED]
                spoken = {*in_force, *proposed, stands if stands > max(in_force, default=0) else 0} - {0}
                found |= {(issuer, item, self.read[n][item]) for n in spoken}
        return found

    def compare(self) -> None:
        self.met = {pair for pair in self.met if all(map(self.records, pair))}
        last = self.last_words()
        pairs = ((a, b) for a in last for b in last if a[1] == b[1] and a[0] != b[0] and a[2] != b[2])
        self.met |= set(map(frozenset, pairs))

    def noted(self) -> list[Shown]:
        """What is to be shown, in an order of its own."""
        last = self.last_words()
        return sorted(
            (sorted((self.records(word)[0], f"{word[2]} KGM") for word in pair), all(word in last for word in pair))
            for pair in self.met
        )


def shown(noted: Noted) -> Shown:
    sides = (noted.contradiction.one, noted.contradiction.other)
    return sorted((side.record_id[0], side.statement.facts["net_mass"][0]) for side in sides), noted.standing


masses = st.dictionaries(st.integers(1, 2), st.integers(30, 32), min_size=1, max_size=2)
numbers = st.sampled_from([*DOCUMENTS, *HEADERS])
documents = st.tuples(numbers, masses)
changes = st.tuples(numbers, st.sampled_from(Force))
steps = st.lists(
    st.one_of(st.lists(documents, min_size=1, max_size=3), changes, st.integers(1, 12)), min_size=1, max_size=12
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
@example(steps=[[(2, {1: 32})], [(1, {1: 30}), (4, {1: 31}), (7, {1: 30})]])
@example(steps=[[(2, {1: 31})], [(1, {1: 30}), (4, {1: 30}), (1, {1: 30})]])
@example(steps=[[(2, {1: 31}), (1, {1: 31})], [(4, {1: 30})], (4, Force.PROPOSED), (4, Force.SILENT)])
@example(steps=[[(2, {1: 31}), (1, {1: 31}), (4, {1: 30})], (10, Force.SILENT), [(10, {})], (10, Force.STANDS), 10])
def test_statements_are_kept_as_the_model_says(database: Database, steps: list[object]) -> None:
    """A step reads documents together, erases one, or changes the force of one."""
    store, records, model = SqlStatementStore(database), SqlRecordStore(database), Model()
    with database.writing() as connection:
        for table in (contradictions, said_by, statements, parts, followed):
            connection.execute(table.delete())
    said: dict[int, dict[int, int]] = {}
    told: list[int] = [FIRST]
    for height, step in enumerate(steps):
        if isinstance(step, int):
            records.forget(record(step))
            model.read.pop(step, None)
        elif isinstance(step, tuple):
            number, force = step
            model.forces[number] = force
            store.follow(height, [record(number)])
        elif isinstance(step, list):
            page = {number: said.setdefault(number, {} if number in HEADERS else masses) for number, masses in step}
            store.remember([document(number, masses) for number, masses in page.items()])
            model.read |= page
        settle(store, model.due)
        model.compare()
        noted = store.noted()
        assert sorted(map(shown, noted)) == model.noted()
        told += [each.place for each in store.noted(after=told[-1])]
        assert [each.place for each in noted] == [place for place in told if place in {n.place for n in noted}]
        assert all(map(store.has_place, told))
        words = {
            (word.issuer, word.statement.item, int(word.statement.facts["net_mass"][0].removesuffix(" KGM")))
            for word in store.last_words([ABOUT])
        }
        assert words == model.last_words()
