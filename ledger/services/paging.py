"""Reading any number of events from the index, a page at a time."""

from collections.abc import Collection, Iterator
from typing import Final

from ledger.ports.chain import Event
from ledger.ports.index_store import IndexStore, Position

PAGE: Final = 500
"""Events read from the store at once."""


def every_event(
    store: IndexStore,
    *,
    entities: Collection[str] | None = None,
    first_block: int | None = None,
    last_block: int | None = None,
    after: Position | None = None,
    until_time: int | None = None,
) -> Iterator[Event]:
    """All events that `IndexStore.events` gives for these arguments, in chain order, read as they are asked for."""
    while True:
        page = store.events(
            entities=entities,
            first_block=first_block,
            last_block=last_block,
            after=after,
            until_time=until_time,
            limit=PAGE,
        )
        yield from page
        if len(page) < PAGE:
            return
        after = (page[-1].block.number, page[-1].log_index)
