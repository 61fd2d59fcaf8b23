"""Statements without the documents that hold them, and comparing them without a chain."""

from collections.abc import Callable, Collection, Sequence

from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.force import Force
from ledger.domain.trade.said import Place, Said
from ledger.domain.trade.statements import Stated
from ledger.ports.statement_store import Due, StatementStore


def said(
    stated: Sequence[Stated],
    *,
    place: Place | None = None,
    declares: bytes | None = None,
    parts: Collection[bytes] = (),
) -> Said:
    """The document that says all of these; it stands where the first byte of its record id tells, unless told."""
    first = stated[0]
    where = (first.record_id[0], 0, 0) if place is None else place
    statements = tuple(each.statement for each in stated)
    return Said(first.record_id, first.issuer, first.document_type, where, statements, declares, frozenset(parts))


def stands(_: Due) -> Force:
    """Of a document that nothing is wrong with."""
    return Force.STANDS


def settle(store: StatementStore, force: Callable[[Due], Force] = stands) -> Sequence[Contradiction]:
    """Compare what is due."""
    return store.settle({due: force(due) for due in store.due()}, at=store.followed())


def compare(
    store: StatementStore, arrived: Sequence[Stated], force: Callable[[Due], Force] = stands
) -> Sequence[Contradiction]:
    """Documents of one statement each arrive together; returns what was found."""
    store.remember([said([each]) for each in arrived])
    return settle(store, force)
