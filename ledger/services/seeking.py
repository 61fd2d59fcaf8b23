"""Asking for many blocks at once, so that what no node has is waited for once and not one block after the other."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from ledger.domain.errors import Unavailable
from ledger.domain.ids import Cid
from ledger.ports.content_store import ContentStore

Waiting = Callable[[int], AbstractContextManager[None]]
"""Around the time in which peers are asked for so many blocks."""


def unsaid(_: int) -> AbstractContextManager[None]:
    """A wait that nobody is told of."""
    return nullcontext()


def seek(store: ContentStore, cids: Iterable[Cid], waiting: Waiting = unsaid) -> frozenset[Cid]:
    """Those of `cids` that nobody gives. The others are here afterwards, until they are collected.

    Raises:
        Unavailable: The store is away, which says nothing about what it holds.
    """
    elsewhere = _elsewhere(store, list(dict.fromkeys(cids)))
    if not elsewhere:
        return frozenset()
    with waiting(len(elsewhere)):
        return store.absent(elsewhere)


def _elsewhere(store: ContentStore, cids: Sequence[Cid]) -> list[Cid]:
    """Those that are not here; if one store of several is away, also all that were not asked for yet.

    Each question to a store that hangs takes its time, and a peer may have the block all the same.
    """
    found: list[Cid] = []
    for place, cid in enumerate(cids):
        try:
            if not store.has(cid):
                found.append(cid)
        except Unavailable:
            return [*found, *cids[place:]]
    return found
