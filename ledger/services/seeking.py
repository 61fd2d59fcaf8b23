"""Asking for many blocks at once, so that what no node has is waited for once and not one block after the other."""

from collections.abc import Callable, Iterable
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
    elsewhere = [cid for cid in dict.fromkeys(cids) if not _is_here(store, cid)]
    if not elsewhere:
        return frozenset()
    with waiting(len(elsewhere)):
        return store.absent(elsewhere)


def _is_here(store: ContentStore, cid: Cid) -> bool:
    try:
        return store.has(cid)
    except Unavailable:  # one store of several may be away, and a peer have the block all the same
        return False
