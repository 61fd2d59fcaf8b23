"""Reading any number of events: each once, in order, a page at a time.

given fewer events than a page holds, as many, several pages of them, and none
  when all are read → each is there once, in order, and no page more is asked for than there are
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ledger.ports.chain import Event
from ledger.ports.index_store import IndexStore, Position
from ledger.services import paging
from ledger.services.paging import every_event


class Index:
    """Events at these places."""

    def __init__(self, places: Sequence[Position]) -> None:
        self._events = [SimpleNamespace(block=SimpleNamespace(number=at[0]), log_index=at[1]) for at in places]
        self.asked: list[Any] = []

    def events(self, *, after: Position | None, limit: int, **wanted: Any) -> list[SimpleNamespace]:
        self.asked.append(wanted)
        return [one for one in self._events if after is None or (one.block.number, one.log_index) > after][:limit]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_each_is_read_once(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    places = [(1 + number // 3, number) for number in range(count)]
    index = Index(places)
    found: list[Event] = list(every_event(cast(IndexStore, index), entities=["permit:1"], last_block=9))
    assert [(one.block.number, one.log_index) for one in found] == places
    asked = {"entities": ["permit:1"], "first_block": None, "last_block": 9, "until_time": None}
    assert index.asked == [asked] * (count // 2 + 1)
