"""What is kept of statements, against a model that remembers who says what.

given documents of several issuers about a few items, in any order, together or one by one
  when they are read, read again, and erased, each any number of times
    → each contradiction is noted once, in order, beside records that are there, and stands as the last words do
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.records import SqlRecordStore
from ledger.adapters.sql.statements import SqlStatementStore, contradictions, statements
from ledger.adapters.sql.statements import made as said_by
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.statement_store import FIRST, Noted
from ledger.services.comparing import compare
from tests.support.postgres import postgres_url

ABOUT = "ucr:1GB150454489082-12345"
Issuer = tuple[int, int]
"""Issuer and item."""
Shown = tuple[list[tuple[int, str]], bool]
"""First record and mass of both sides, and whether both are last words."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("statements")
    url = f"sqlite:///{folder / 'ledger.sqlite'}" if request.param == "sqlite" else postgres_url(folder)
    opened = Database(url)
    yield opened
    opened.close()


def document(number: int, issuer: int, masses: dict[int, int]) -> list[Stated]:
    record, kind = RecordId(bytes([number]) * 32), DocumentType(929001)
    return [
        Stated(Statement(ABOUT, item, {"net_mass": (f"{mass} KGM",)}), record, ParticipantId(issuer), kind)
        for item, mass in sorted(masses.items())
    ]


@dataclass
class Word:
    """What an issuer says of an item, until it says something else."""

    mass: int
    records: list[int]


@dataclass
class Model:
    """Last words, and pairs of words that differ, in the order in which they met."""

    last: dict[Issuer, Word] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)
    met: list[tuple[Word, Word]] = field(default_factory=list)

    def arrives(self, number: int, issuer: int, masses: dict[int, int]) -> None:
        if number in self.read:
            return
        self.read.add(number)
        for item, mass in sorted(masses.items()):
            word = self.last.get((issuer, item))
            if word is not None and word.mass == mass:
                word.records.append(number)
                continue
            self.last[issuer, item] = word = Word(mass, [number])
            others = (each for (who, what), each in self.last.items() if what == item and who != issuer)
            self.met += [(word, other) for other in others if other.mass != mass]

    def erase(self, number: int) -> None:
        self.read.discard(number)
        for word in {id(each): each for pair in self.met for each in pair}.values():
            self._without(word, number)
        for word in self.last.values():
            self._without(word, number)
        self.last = {key: word for key, word in self.last.items() if word.records}
        self.met = [(a, b) for a, b in self.met if a.records and b.records]

    @staticmethod
    def _without(word: Word, number: int) -> None:
        if number in word.records:
            word.records.remove(number)

    def noted(self) -> list[Shown]:
        """What is to be shown, in an order of its own."""
        last = set(map(id, self.last.values()))
        return sorted(
            (sorted((w.records[0], f"{w.mass} KGM") for w in pair), all(id(w) in last for w in pair))
            for pair in self.met
        )


def shown(noted: Noted) -> Shown:
    sides = (noted.contradiction.one, noted.contradiction.other)
    return sorted((side.record_id[0], side.statement.facts["net_mass"][0]) for side in sides), noted.standing


documents = st.tuples(
    st.integers(1, 9),
    st.dictionaries(st.integers(1, 2), st.integers(30, 32), min_size=1, max_size=2),
)
steps = st.lists(st.one_of(st.lists(documents, min_size=1, max_size=3), st.integers(1, 9)), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
@example(steps=[[(2, {1: 32})], [(1, {1: 30}), (4, {1: 31}), (7, {1: 30})]])
@example(steps=[[(2, {1: 31})], [(1, {1: 30}), (4, {1: 30}), (1, {1: 30})]])
def test_statements_are_kept_as_the_model_says(database: Database, steps: list[object]) -> None:
    """A step reads documents together, or erases one. The number of a document says whose it is, and all it says."""
    store, records, model = SqlStatementStore(database), SqlRecordStore(database), Model()
    with database.writing() as connection:
        for table in (contradictions, said_by, statements):
            connection.execute(table.delete())
    said: dict[int, dict[int, int]] = {}
    told: list[int] = [FIRST]
    for step in steps:
        if isinstance(step, int):
            records.forget(RecordId(bytes([step]) * 32))
            model.erase(step)
        elif isinstance(step, list):
            page = [(number, said.setdefault(number, masses)) for number, masses in step]
            compare(store, [each for number, masses in page for each in document(number, number % 3, masses)])
            for number, masses in page:
                model.arrives(number, number % 3, masses)
        noted = store.noted()
        assert sorted(map(shown, noted)) == model.noted()
        told += [each.place for each in store.noted(after=told[-1])]
        assert [each.place for each in noted] == [place for place in told if place in {n.place for n in noted}]
        assert all(map(store.has_place, told))
