"""Webhooks by the clock: when one is tried again by itself, and when no more.

given a receiver that fails
  when its first wait is not over → it is not tried again
  when it is over                 → it is, by itself, and served
given a webhook of a key that has no authority any more → it pauses, and nothing is posted
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.webhooks import SqlWebhookStore
from ledger.domain.errors import NotEntitled
from ledger.domain.ids import Address
from ledger.domain.webhook import FIRST_WAIT_S
from ledger.ports.webhook_store import Webhook
from ledger.services.webhooks import Webhooks

KEY = Address("0x" + "ab" * 20)
BEGAN = 1_800_000_000


class World:
    """A receiver that answers what it is told to, one act for it, and a clock that the test moves."""

    def __init__(self, store: SqlWebhookStore) -> None:
        self.store, self.time, self.posts, self.answers = store, BEGAN, 0, [500, 200]
        store.add(Webhook("0" * 32, KEY, "http://x", b"s", (1, 0), 0, 0, "", paused=False), at_most=1)

    def post(self, *_: object) -> int:
        self.posts += 1
        return self.answers.pop(0)

    def run(self, authority: Callable[[Address], Any], holds: Callable[[Webhook], bool]) -> Webhook:
        """Serve until it holds, or for a few looks without anything to do."""
        feed = SimpleNamespace(step=self._step)
        parts: Any = (SimpleNamespace(post=self.post), feed, authority, SimpleNamespace(now=lambda: self.time))
        looks = itertools.count()
        Webhooks(self.store, *parts).run(lambda: holds(self.kept()) or next(looks) > 8, lambda _: None, lambda _: {})
        return self.kept()

    def kept(self) -> Webhook:
        (webhook,) = self.store.of_key(KEY)
        return webhook

    def _step(self, _: object, position: tuple[int, int]) -> Any:
        return SimpleNamespace(through=(5, 0), told=[object()]) if position < (5, 0) else None


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with closing(Database(f"sqlite:///{tmp_path / 'webhooks.sqlite'}")) as database:
        yield World(SqlWebhookStore(database))


def test_a_failed_delivery_is_tried_again_by_itself(made: World) -> None:
    def someone(key: Address) -> Any:
        return cast(Any, key)

    assert made.run(someone, lambda webhook: webhook.tries == 1).next_try == BEGAN + FIRST_WAIT_S
    made.time += FIRST_WAIT_S - 1
    made.run(someone, lambda _: False)
    assert made.posts == 1
    made.time += 1
    assert made.run(someone, lambda webhook: webhook.served == (5, 0)).tries == 0
    assert made.posts == 2


def test_a_webhook_of_a_key_without_authority_pauses(made: World) -> None:
    def nobody(_: Address) -> Any:
        raise NotEntitled("the key has no authority now")

    webhook = made.run(nobody, lambda webhook: webhook.paused)
    assert (webhook.paused, webhook.trouble, made.posts) == (True, "the key has no authority now", 0)
