"""Comparing documents as they arrive: customs reads every document that a declaration cites, so it compares most."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ledger.domain.trade.contradictions import Contradiction, contradictions
from ledger.domain.trade.statements import Stated
from ledger.ports.statement_store import StatementStore


def compare(store: StatementStore, arrived: Sequence[Stated]) -> list[Contradiction]:
    """Keep what new documents say, beside all that they contradict; return the latter.

    Documents that arrive together are compared with one another too. What was read before, or says no more than its
    issuer's last word, is not compared again: each contradiction is told once.
    """
    new = store.unknown(arrived)
    if not new:
        return []
    known = _LastWords()
    for each in store.last_words({each.statement.about for each in new}):
        known.add(each)
    found: list[Contradiction] = []
    for each in new:
        if known.add(each):
            found += contradictions(each, list(known.beside(each)))
    store.remember(new, found)
    return found


class _LastWords:
    """Last statements by what they are about and by item: a document of 999 items is compared item by item."""

    def __init__(self) -> None:
        self._by_item: dict[str, dict[int | None, dict[tuple[int, int], Stated]]] = defaultdict(dict)

    def add(self, stated: Stated) -> bool:
        """Take a statement as the last of its issuer and document type about an item; False if it is that already."""
        of_item = self._by_item[stated.statement.about].setdefault(stated.statement.item, {})
        last = of_item.get((stated.issuer, stated.document_type))
        if last is not None and last.statement == stated.statement:
            return False
        of_item[stated.issuer, stated.document_type] = stated
        return True

    def beside(self, stated: Stated) -> Iterator[Stated]:
        """What it can be compared with: its item and the whole consignment, or, for the whole, every item."""
        by_item, item = self._by_item[stated.statement.about], stated.statement.item
        for each in list(by_item) if item is None else (item, None):
            yield from by_item.get(each, {}).values()
