"""What single events make of a row, where no other test follows the contracts as far.

given a permit
  when it is transferred → its lines should have the new terms, and its holder should not be known until its next use
given a simplified declaration
  when its full data are lodged → its row should name them, in the same version
"""

from typing import Any

from ledger.domain.folding import Book, fold
from tests.support import trade_events as trade
from tests.support.fake_chain import FakeChain
from tests.support.trade_events import CASES, IMPORTER, PERMITS, Told


def folded(*events: Told) -> Book:
    chain, book = FakeChain(), Book(lambda _: None)
    chain.mine(*events)
    for event in chain.events(1, 1):
        book.place(event.block.number, event.log_index)
        fold(event, book)
    return book


def test_a_transferred_permit_has_the_new_terms() -> None:
    terms, permit = b"\x05" * 32, PERMITS[0]
    moved: Told = ("PermitRegistry", "PermitTransferred", {"permit": permit, "terms": [terms]})
    use = trade.used(permit, CASES[0], 1, 90, 10, 0)
    lodged = trade.lodged(CASES[0])
    before: Any = folded(lodged, trade.issued(permit), use).read(f"permit:0x{permit.hex()}")
    after: Any = folded(lodged, trade.issued(permit), use, moved).read(f"permit:0x{permit.hex()}")
    assert before["holder"] == IMPORTER
    assert (after["holder"], after["lines"]) == (None, [{**before["lines"][0], "terms": terms}])
    again: Any = folded(lodged, trade.issued(permit), moved, use).read(f"permit:0x{permit.hex()}")
    assert (again["holder"], again["lines"][0]["terms"]) == (IMPORTER, terms)


def test_full_data_take_the_place_of_simplified_ones() -> None:
    full = b"\x09" * 32
    supplement: Told = ("DeclarationRegistry", "Supplemented", {"caseId": CASES[0], "version": 1, "dataRecord": full})
    row: Any = folded(trade.lodged(CASES[0]), trade.accepted(CASES[0]), supplement).read(f"declaration:{CASES[0]}")
    assert (row["data_record"], row["version"], len(row["versions"])) == (full, 1, 1)
