"""What single events make of a row, where no other test follows the contracts as far.

given a permit
  when it is transferred → its lines should have the new terms, and its holder should not be known until its next use
given a simplified declaration
  when its full data are lodged → its row should name them, in the same version
given an export whose released goods have left
  when more are released, or come back from a seizure under a condition → its row should wait for an exit again
  when the rest is refused, or a condition is lifted → it should not
given an annulled declaration with open appeals
  when they are overturned → its row should tell so, and nothing should be open again
"""

from typing import Any

import pytest

from ledger.domain.declaration import DeclarationStatus, ItemOutcome, OpenRequest
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


def told(name: str, **more: Any) -> Told:
    """An event on the first case."""
    return "DeclarationRegistry", name, {"caseId": CASES[0], "version": 1, **more}


def settled(first: int, last: int, outcome: ItemOutcome) -> Told:
    return told("ItemsSettled", **{"from": first, "to": last}, outcome=outcome)


def of_case(*events: Told) -> Any:
    """Row of a declaration of three items after these events on it."""
    return folded(trade.lodged(CASES[0]), trade.accepted(CASES[0]), *events).read(f"declaration:{CASES[0]}")


SEIZED = told("Seized", **{"from": 2, "to": 2}, status=DeclarationStatus.PARTLY_RELEASED)
LIFTED = told("SeizureLifted", **{"from": 2, "to": 2}, status=DeclarationStatus.PARTLY_RELEASED)
RELEASED, CONDITION, REFUSED = ItemOutcome.RELEASED, ItemOutcome.CONDITIONALLY_RELEASED, ItemOutcome.REFUSED


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        ([settled(1, 1, RELEASED)], [settled(2, 3, RELEASED)], True),
        ([settled(1, 1, RELEASED)], [settled(2, 3, CONDITION)], True),
        ([settled(1, 2, CONDITION)], [settled(1, 3, RELEASED)], True),
        ([settled(1, 2, CONDITION), SEIZED], [LIFTED], True),
        ([settled(1, 1, RELEASED), SEIZED], [LIFTED], False),
        ([settled(1, 2, CONDITION)], [settled(1, 2, RELEASED)], False),
        ([settled(1, 1, RELEASED)], [settled(2, 3, REFUSED)], False),
    ],
)
def test_goods_that_are_released_later_have_not_left(before: list[Told], after: list[Told], waits: bool) -> None:
    left = told("Exited")
    assert of_case(*before, left)["exited_at"]
    assert (of_case(*before, left, *after)["exited_at"] == 0) is waits


def test_nothing_of_an_annulled_declaration_opens_again() -> None:
    overturned = {"overturned": True, "status": DeclarationStatus.INVALIDATED}
    row = of_case(
        told("Requested", request=OpenRequest.CANCELLATION, dataRecord=bytes(32)),
        told("RequestRefused", request=OpenRequest.CANCELLATION, refusal=1),
        settled(2, 2, REFUSED),
        told("ItemsRefused", **{"from": 2, "to": 2}, refusal=2),
        told("Appealed", refusal=1),
        told("Appealed", refusal=2),
        told("Invalidated"),
        told("AppealDecided", refusal=1, **overturned),
        told("AppealDecided", refusal=2, **overturned),
    )
    assert [refusal["state"] for refusal in row["refusals"].values()] == ["OVERTURNED", "OVERTURNED"]
    assert (row["status"], row["request"], row["outcomes"]) == ("INVALIDATED", "NONE", "HDH")
