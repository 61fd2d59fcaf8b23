"""Comparing documents as they arrive: customs reads every document that a declaration cites, so it compares most."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ledger.domain.trade.contradictions import Contradiction, contradictions
from ledger.domain.trade.statements import Stated
from ledger.ports.statement_store import StatementStore


def compare(store: StatementStore, arrived: Sequence[Stated]) -> list[Contradiction]:
    """Keep what new documents say, beside all that they contradict; return the latter.

    Documents that arrive together are compared with one another too.
    """
    if not arrived:
        return []
    known = _LastWords()
    for each in store.last_words({each.statement.about for each in arrived}):
        known.add(each)
    found: list[Contradiction] = []
    for new in arrived:
        known.add(new)
        found += contradictions(new, [each for each in known.beside(new) if each.record_id != new.record_id])
    store.remember(arrived, found)
    return found


class _LastWords:
    """Last statements by what they are about and by item: a document of 999 items is compared item by item."""

    def __init__(self) -> None:
        self._by_item: dict[str, dict[int | None, dict[tuple[int, int], Stated]]] = defaultdict(dict)

    def add(self, stated: Stated) -> None:
        """The newest statement of an issuer and document type about an item."""
        of_item = self._by_item[stated.statement.about].setdefault(stated.statement.item, {})
        of_item[stated.issuer, stated.document_type] = stated

    def beside(self, stated: Stated) -> Iterator[Stated]:
        """What it can be compared with: its item and the whole consignment, or, for the whole, every item."""
        by_item, item = self._by_item[stated.statement.about], stated.statement.item
        for each in list(by_item) if item is None else (item, None):
            yield from by_item.get(each, {}).values()
