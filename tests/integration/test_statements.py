"""Statements and contradictions, kept in SQLite and PostgreSQL.

given documents of two issuers about one item
  when both have arrived, in either order or together      → it should note each contradiction once, however often told
  when one issuer's next document says the same            → it should note nothing, and the contradiction should stand
  when an old document is read again after its successor   → it should compare nothing
  when one issuer's later document agrees                  → the contradiction should no longer stand, and stay readable
  when one document is erased                              → it should forget what it said, and what quotes it
  when another document that says the same is left         → the contradiction should be shown beside that one
  when it is erased while it is compared                   → it should not be quoted
  when the erased one was the newest                       → the word before should be the last one again
  when a document is silenced, and when it speaks again    → the last words should be those in force
  when a proposal is made, refused, granted                → it should speak beside what is in force, not, in its place
  when it says something newer beside a declaration        → what is in force should go on speaking
  when two of its declarations are in force                → both should speak
  when a header names them                                 → they should have the header's force, its issuer's alone
  when an older one comes late                             → it should not be taken for the newest
  when another is found after that                         → it should come after it, and the old place stay known
given contradictions of several parties                    → it should show each side its own, page by page, of those
  with an authority
"""

from collections.abc import Callable, Iterator, Sequence

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.records import SqlRecordStore
from ledger.adapters.sql.statements import SqlStatementStore
from ledger.domain.errors import Conflict
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.force import Force
from ledger.domain.trade.said import Said
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.statement_store import FIRST, Due
from tests.support.databases import EITHER, opened
from tests.support.statements import compare, said, settle, stands

ABOUT = "ucr:1GB150454489082-12345"
BROKER, CARRIER, CUSTOMS, QUARANTINE = ParticipantId(6), ParticipantId(8), ParticipantId(1), ParticipantId(2)


@pytest.fixture(params=EITHER)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with opened(request.param, tmp_path_factory.mktemp("statements")) as database:
        yield database


def mass(number: int, issuer: ParticipantId, kilograms: int, item: int = 1, about: str = ABOUT) -> Stated:
    statement = Statement(about, item, {"net_mass": (f"{kilograms} KGM",)}, cites=("GBCHD2024.7360439",))
    kind = DocumentType(929001 if issuer in (BROKER, CARRIER) else 851001)
    return Stated(statement, RecordId(bytes([number]) * 32), issuer, kind)


def test_a_contradiction_is_noted_once(database: Database) -> None:
    store = SqlStatementStore(database)
    assert compare(store, []) == []
    assert compare(store, [mass(1, BROKER, 31)]) == []
    assert len(compare(store, [mass(2, CUSTOMS, 32)])) == 1
    assert compare(store, [mass(2, CUSTOMS, 32)]) == []  # read again after a restart
    (noted,) = store.noted()
    assert noted.standing
    assert {noted.contradiction.one_says, noted.contradiction.other_says} == {("31 KGM",), ("32 KGM",)}
    assert store.last_words([ABOUT]) == [mass(1, BROKER, 31), mass(2, CUSTOMS, 32)]


def test_documents_that_arrive_together_are_compared(database: Database) -> None:
    store = SqlStatementStore(database)
    assert len(compare(store, [mass(1, BROKER, 31), mass(2, CUSTOMS, 32), mass(3, CUSTOMS, 40, item=2)])) == 1
    assert len(store.noted()) == 1


def test_a_later_document_speaks_in_the_place_of_an_earlier_one(database: Database) -> None:
    store = SqlStatementStore(database)
    compare(store, [mass(1, BROKER, 31)])
    compare(store, [mass(2, CUSTOMS, 32)])
    assert compare(store, [mass(3, CUSTOMS, 31)]) == []
    assert [each.standing for each in store.noted()] == [False]
    assert len(compare(store, [mass(4, BROKER, 30)])) == 1
    assert [each.standing for each in store.noted()] == [False, True]


def test_the_same_statement_in_another_document_is_told_once(database: Database) -> None:
    store = SqlStatementStore(database)
    whole, next_version = mass(3, BROKER, 31), mass(4, BROKER, 31)
    assert len(compare(store, [mass(1, BROKER, 31), mass(2, CUSTOMS, 32), whole])) == 1  # an item's part, the message
    assert compare(store, [next_version]) == []
    (noted,) = store.noted()
    assert noted.standing
    assert [mass(1, BROKER, 31), mass(2, CUSTOMS, 32)] == [noted.contradiction.one, noted.contradiction.other]


def test_what_is_read_again_is_not_compared_again(database: Database) -> None:
    store = SqlStatementStore(database)
    compare(store, [mass(1, BROKER, 31)])
    compare(store, [mass(2, BROKER, 30)])
    compare(store, [mass(3, CUSTOMS, 30)])
    assert compare(store, [mass(1, BROKER, 31)]) == []
    assert store.noted() == []
    assert store.last_words([ABOUT]) == [mass(2, BROKER, 30), mass(3, CUSTOMS, 30)]


def test_what_another_document_says_too_outlives_an_erasure(database: Database) -> None:
    store, records = SqlStatementStore(database), SqlRecordStore(database)
    compare(store, [mass(1, BROKER, 31), mass(2, CUSTOMS, 32), mass(3, BROKER, 31)])
    (before,) = store.noted()
    records.forget(RecordId(bytes([1]) * 32))
    (after,) = store.noted()
    assert (after.place, after.standing) == (before.place, True)
    assert [after.contradiction.one, after.contradiction.other] == [mass(2, CUSTOMS, 32), mass(3, BROKER, 31)]
    assert store.last_words([ABOUT]) == [mass(3, BROKER, 31), mass(2, CUSTOMS, 32)]
    records.forget(RecordId(bytes([3]) * 32))
    assert store.noted() == []


def test_what_was_erased_meanwhile_is_not_quoted(database: Database) -> None:
    store = SqlStatementStore(database)
    store.remember([said([mass(1, BROKER, 31)]), said([mass(2, CUSTOMS, 32)])])
    due = store.due()
    SqlRecordStore(database).forget(RecordId(bytes([1]) * 32))
    with pytest.raises(Conflict):
        store.settle(dict.fromkeys(due, Force.STANDS), at=store.followed())
    assert settle(store) == []
    assert store.noted() == []


def test_an_erased_document_is_forgotten_with_what_quotes_it(database: Database) -> None:
    store = SqlStatementStore(database)
    compare(store, [mass(1, BROKER, 31), mass(2, CUSTOMS, 32)])
    SqlRecordStore(database).forget(RecordId(bytes([2]) * 32))
    assert store.noted() == []
    assert store.last_words([ABOUT]) == [mass(1, BROKER, 31)]


def test_the_word_before_an_erased_one_is_the_last_again(database: Database) -> None:
    store = SqlStatementStore(database)
    compare(store, [mass(1, BROKER, 31), mass(2, CUSTOMS, 32), mass(3, BROKER, 32)])
    assert store.noted() == [], "they came together, and agree"
    SqlRecordStore(database).forget(RecordId(bytes([3]) * 32))
    assert len(settle(store)) == 1
    assert store.last_words([ABOUT]) == [mass(1, BROKER, 31), mass(2, CUSTOMS, 32)]


def test_a_place_outlives_its_contradiction(database: Database) -> None:
    store = SqlStatementStore(database)
    assert store.has_place(FIRST)
    compare(store, [mass(1, BROKER, 31), mass(2, CUSTOMS, 32)])
    (first,) = store.noted()
    assert not store.has_place(first.place + 1)
    SqlRecordStore(database).forget(RecordId(bytes([2]) * 32))
    assert store.noted() == []
    assert store.has_place(first.place)
    compare(store, [mass(3, CUSTOMS, 32)])
    (second,) = store.noted(after=first.place)
    assert first.place != second.place
    assert store.noted(after=second.place) == []


def test_each_side_is_shown_its_own_page_by_page(database: Database) -> None:
    store = SqlStatementStore(database)
    abouts = [f"ucr:1GB150454489082-{n}" for n in range(4)]
    for n, about in enumerate(abouts):
        other = QUARANTINE if n % 2 else CUSTOMS
        compare(store, [mass(10 + n, BROKER, 31, about=about), mass(20 + n, other, 32, about=about)])
    own = [each.contradiction.about for each in store.noted(sides=[QUARANTINE])]
    assert own == [abouts[1], abouts[3]]
    assert store.noted(sides=[]) == []
    first = store.noted(limit=3)
    rest = store.noted(after=first[-1].place, limit=3)
    assert [each.contradiction.about for each in (*first, *rest)] == abouts
    assert [each.contradiction.about for each in store.noted(about=abouts[2])] == [abouts[2]]
    compare(store, [mass(30, CARRIER, 33, about=abouts[1])])
    (mine,) = store.noted(sides=[CARRIER])
    assert {mine.contradiction.one.issuer, mine.contradiction.other.issuer} == {CARRIER, QUARANTINE}
    assert len(store.noted()) == 6, "customs alone is told of a difference between two that are no authority"


def test_a_refused_amendment_speaks_no_longer(database: Database) -> None:
    store = SqlStatementStore(database)
    first, amended = mass(1, BROKER, 31), mass(3, BROKER, 32)
    compare(store, [first, mass(2, CUSTOMS, 31)])
    assert len(compare(store, [amended], proposed(3))) == 1
    assert store.last_words([ABOUT]) == [first, mass(2, CUSTOMS, 31), amended], "it speaks beside what is in force"
    changed(store, amended, silent(3))
    assert [each.standing for each in store.noted()] == [False]
    assert store.last_words([ABOUT]) == [first, mass(2, CUSTOMS, 31)]


def test_a_granted_amendment_speaks_in_the_place_of_the_version_before(database: Database) -> None:
    store = SqlStatementStore(database)
    first, amended = mass(1, BROKER, 31), mass(3, BROKER, 32)
    compare(store, [first, mass(2, CUSTOMS, 32)])
    compare(store, [amended], proposed(3))
    assert [each.standing for each in store.noted()] == [True], "what is in force differs until customs decides"
    changed(store, first, silent(1))
    changed(store, amended, silent(1))
    assert [each.standing for each in store.noted()] == [False]


def test_nothing_newer_hides_what_a_declaration_in_force_says(database: Database) -> None:
    store = SqlStatementStore(database)
    declared, loose, again = mass(1, BROKER, 31), mass(3, BROKER, 32), mass(4, BROKER, 32)
    compare(store, [declared], in_force(1))
    assert len(compare(store, [mass(2, CUSTOMS, 32)])) == 1
    compare(store, [loose])
    assert [each.standing for each in store.noted()] == [True], "what no act names does not take its place"
    compare(store, [again], in_force(4))
    assert [each.standing for each in store.noted()] == [True], "nor does another declaration"
    changed(store, declared, silent(1))
    assert [each.standing for each in store.noted()] == [False]
    assert store.last_words([ABOUT]) == [mass(2, CUSTOMS, 32), again]


def test_what_no_act_names_is_silent_behind_a_declaration(database: Database) -> None:
    store = SqlStatementStore(database)
    compare(store, [mass(1, BROKER, 31)])
    compare(store, [mass(3, BROKER, 32)], in_force(3))
    assert store.last_words([ABOUT]) == [mass(3, BROKER, 32)]


def test_a_word_that_comes_back_is_told_unless_it_was(database: Database) -> None:
    store = SqlStatementStore(database)
    first, later = mass(1, BROKER, 31), mass(4, BROKER, 32)
    compare(store, [first, later])
    assert compare(store, [mass(2, CUSTOMS, 32)]) == []
    assert len(changed(store, later, silent(4))) == 1  # the first is the word again, and differs
    assert changed(store, later) == []
    assert [each.standing for each in store.noted()] == [False]
    assert changed(store, later, silent(4)) == []
    assert [each.standing for each in store.noted()] == [True]


def test_what_a_header_names_has_the_headers_force(database: Database) -> None:
    """Items are named by their record ids, the whole by the digest of what it declares; of its own issuer alone."""
    store = SqlStatementStore(database)
    header, digest = RecordId(b"\x63" * 32), b"\xdd" * 32
    item, whole, other = mass(1, BROKER, 31), mass(2, BROKER, 40, item=2), mass(3, CUSTOMS, 32)
    again = mass(4, BROKER, 50, item=4)
    wholes = [said([whole], place=(9, 0, 1), declares=digest), said([again], declares=digest)]
    store.remember([said([item]), *wholes, said([other])])
    settle(store)
    assert {due.record_id for due in store.due()} == set()
    naming = [item.record_id, digest, other.record_id, header]
    store.remember([Said(header, BROKER, item.document_type, (9, 0, 0), (), None, frozenset(naming))])
    assert [(due.record_id, due.headers) for due in store.due()] == [
        (item.record_id, (header,)),
        (whole.record_id, (header,)),
        (again.record_id, ()),
        (other.record_id, ()),
    ], "the same text in another batch is not this header's"
    settle(store, lambda due: Force.SILENT if due.headers else Force.STANDS)
    assert store.last_words([ABOUT]) == [again, other]
    store.follow(7, [header])
    assert [due.record_id for due in store.due() if due.headers] == [item.record_id, whole.record_id]
    assert store.followed() == 7
    settle(store)
    SqlRecordStore(database).forget(header)
    assert [due.headers for due in store.due()] == [(), (), (), ()]


def test_the_newest_is_the_one_that_was_anchored_last(database: Database) -> None:
    store = SqlStatementStore(database)
    compare(store, [mass(4, BROKER, 32), mass(2, CUSTOMS, 32)])
    assert compare(store, [mass(1, BROKER, 31)]) == []  # its batch came late
    assert store.last_words([ABOUT]) == [mass(4, BROKER, 32), mass(2, CUSTOMS, 32)]
    store.remember([said([mass(4, BROKER, 32)], place=(0, 5, 0))])  # anchored before too, as it turns out
    assert len(settle(store)) == 1


def test_what_was_followed_meanwhile_is_a_conflict(database: Database) -> None:
    store = SqlStatementStore(database)
    store.remember([said([mass(1, BROKER, 31)])])
    due = store.due()
    store.follow(3, ())
    with pytest.raises(Conflict):
        store.settle(dict.fromkeys(due, Force.STANDS), at=2)
    settle(store)
    assert store.due() == []


def changed(
    store: SqlStatementStore, stated: Stated, force: Callable[[Due], Force] = stands
) -> Sequence[Contradiction]:
    """What is found when the force of this one's record changes."""
    store.follow(store.followed() + 1, [stated.record_id])
    return settle(store, force)


def silent(number: int) -> Callable[[Due], Force]:
    return lambda due: Force.SILENT if due.record_id[0] == number else Force.STANDS


def proposed(number: int) -> Callable[[Due], Force]:
    return lambda due: Force.PROPOSED if due.record_id[0] == number else Force.STANDS


def in_force(number: int) -> Callable[[Due], Force]:
    return lambda due: Force.IN_FORCE if due.record_id[0] == number else Force.STANDS
