"""Comparing documents as they arrive: customs reads every document that a declaration cites, so it compares most."""

from collections.abc import Sequence

from ledger.domain.trade.contradictions import Contradiction, contradictions
from ledger.domain.trade.statements import Stated
from ledger.ports.statement_store import StatementStore


def compare(store: StatementStore, arrived: Sequence[Stated]) -> list[Contradiction]:
    """Keep what new documents say, beside all that they contradict; return the latter.

    Documents that arrive together are compared with one another too.
    """
    if not arrived:
        return []
    known = {_place(each): each for each in store.last_words({each.statement.about for each in arrived})}
    found: list[Contradiction] = []
    for new in arrived:
        known[_place(new)] = new
        found += contradictions(new, [each for each in known.values() if each.record_id != new.record_id])
    store.remember(arrived, found)
    return found


def _place(stated: Stated) -> tuple[str, int | None, int, int]:
    return stated.statement.about, stated.statement.item, stated.issuer, stated.document_type
