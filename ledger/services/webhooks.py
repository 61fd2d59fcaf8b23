"""Telling the systems of others what happened, so that they need not ask.

At least once, in order: a webhook's position moves on only when its receiver took what came before, or nothing of it
was for the webhook's owner. What is sent is what the owner's key may read at the newest block when it is sent: the
webhook of a revoked officer falls silent. Everything is in the database, so any worker goes on where another died.
Several webhooks are served at once, few of them of one key, so that a receiver that is slow delays its own key's alone.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any, Final

from ledger.domain.caller import Caller
from ledger.domain.errors import Fault, Malformed, NotEntitled, NotFound, Refused, Unavailable
from ledger.domain.hashing import digest
from ledger.domain.ids import Address
from ledger.domain.webhook import FIRST_WAIT_S, MAX_TRIES, SECRET_BYTES, delivery_id, signed_headers, wait_s
from ledger.ports.clock import Clock
from ledger.ports.courier import Courier
from ledger.ports.index_store import Position
from ledger.ports.webhook_store import Webhook, WebhookStore
from ledger.services.contradiction_feed import ContradictionFeed
from ledger.services.feed import Feed
from ledger.services.idling import Idling

MAX_WEBHOOKS: Final = 10
"""Of one key."""
MAX_URL_CHARS: Final = 2_000
AT_ONCE: Final = 16
"""Deliveries under way at a time: threads that wait for receivers, each for ten seconds at most."""
AT_ONCE_OF_ONE: Final = 2
"""Of one key: its slow receiver takes one of them, and its others go on."""
TAKEN_S: Final = 60
"""How long a worker may take over one delivery before another tries it: far longer than a receiver is waited for."""
IDLE_S: Final = 1
"""When a webhook that nothing is there for is looked at again."""
POLL_S: Final = 0.25
"""How often a webhook that is due is looked for, while there are any [s]."""
RARELY_S: Final = 0.5
"""And while there are none."""
GONE: Final = 410
"""The receiver wants no more."""

Render = Callable[[Any], Mapping[str, Any]]
"""What a feed tells, as the API shows it."""


class Webhooks:
    """Registers webhooks of one feed and serves them."""

    def __init__(
        self,
        store: WebhookStore,
        courier: Courier,
        feed: Feed | ContradictionFeed,
        authority: Callable[[Address], Caller],
        clock: Clock,
    ) -> None:
        """Keep what is needed; `authority` tells what a key may do at the newest block, or raises `NotEntitled`."""
        self._store, self._courier, self._feed, self._authority, self._clock = store, courier, feed, authority, clock

    def register(self, caller: Caller, url: str, after: Position | None, *, request: str | None = None) -> Webhook:
        """A new webhook of the caller's key.

        Args:
            url: Where to post.
            after: Tell what happened after this position; None: from now on.
            request: What names the request: the same one is the same webhook; None: another each time.

        Raises:
            Malformed: This facade does not post to that address; see `Feed.begun` too.
            LimitExceeded: The key has too many webhooks.
        """
        if len(url) > MAX_URL_CHARS or not self._courier.allows(url):
            raise Malformed(
                Fault("address_not_allowed", "/url", "the operator of this facade does not allow this address")
            )
        name = digest(f"{caller.key} {request or secrets.token_hex(16)}".encode()).hex()[:32]
        served = self._feed.end() if after is None else self._feed.begun(after)
        new = Webhook(name, caller.key, url, secrets.token_bytes(SECRET_BYTES), served, 0, 0, "", paused=False)
        return self._store.add(new, at_most=MAX_WEBHOOKS)

    def of(self, caller: Caller) -> Sequence[Webhook]:
        """Webhooks of the caller's key."""
        return self._store.of_key(caller.key)

    def remove(self, caller: Caller, webhook: str) -> None:
        """End a webhook. Raises `NotFound` if the caller's key has none of that id."""
        if not self._store.remove(caller.key, webhook):
            raise NotFound("webhook", webhook)

    def replay(self, caller: Caller, webhook: str, after: Position) -> None:
        """Tell a webhook, paused or not, all that happened after a position. Raises as `remove` and `Feed.begun`."""
        if not self._store.resume(caller.key, webhook, self._feed.begun(after)):
            raise NotFound("webhook", webhook)

    def run(self, stopped: Callable[[], bool], report: Callable[[str], None], render: Render) -> None:
        """Serve until `stopped()`; for a thread of the facade. `report` is told of each new trouble, "" at its end.

        What is under way then is waited for: as long as a receiver is given.
        """
        trouble, idling = "", Idling(POLL_S, RARELY_S)
        under_way: dict[Future[None], Address] = {}
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="delivery") as threads:
            while not stopped():
                taken, found = None, ""
                try:
                    _collect(under_way)
                    taken = self._take(under_way.values())
                except Unavailable as error:
                    found = str(error)
                if found != trouble:
                    trouble = found
                    report(trouble)
                if taken is not None:
                    idling.worked()
                    under_way[threads.submit(self._serve, taken, render)] = taken.key
                elif under_way:
                    wait(under_way, POLL_S, FIRST_COMPLETED)
                else:
                    idling.wait(stopped, lambda: True)

    def _take(self, keys: Collection[Address]) -> Webhook | None:
        """A webhook that is due, while those of `keys` are under way; None if none is, or there is no room."""
        if len(keys) >= AT_ONCE:
            return None
        now = self._clock.now()
        full = {key for key, count in Counter(keys).items() if count >= AT_ONCE_OF_ONE}
        return self._store.take(now=now, until=now + TAKEN_S, besides=full)

    def _serve(self, taken: Webhook, render: Render) -> None:
        """One delivery. Raises `Unavailable`: try again."""
        try:
            served = self._served(taken, render)
        except Unavailable:
            self._store.settle(replace(taken, next_try=self._clock.now() + FIRST_WAIT_S))  # no fault of the receiver's
            raise
        self._store.settle(served)

    def _served(self, webhook: Webhook, render: Render) -> Webhook:
        now = self._clock.now()
        try:
            caller = self._authority(webhook.key)
        except NotEntitled as error:
            return replace(webhook, paused=True, trouble=str(error))
        start = webhook.served or (0, 0)
        fed = self._feed.step(caller, start)
        if fed is None:
            return replace(webhook, next_try=now + IDLE_S)
        done = replace(webhook, served=fed.through, tries=0, next_try=now, trouble="")
        if not fed.told:
            return done
        body = json.dumps({"events": [render(each) for each in fed.told]}, separators=(",", ":")).encode()
        delivery = delivery_id(webhook.id, body)
        try:
            status = self._courier.post(webhook.url, signed_headers(webhook.secret, delivery, now, body), body)
        except (Unavailable, Refused) as error:
            return _failed(webhook, self._clock.now(), str(error))
        if status == GONE:
            return replace(webhook, paused=True, trouble="the receiver wants no more (410)")
        return done if 200 <= status < 300 else _failed(webhook, now, f"the receiver answered {status}")


def _collect(under_way: dict[Future[None], Address]) -> None:
    """Forget what has ended. Raises what one of them raised."""
    for ended in [each for each in under_way if each.done()]:
        del under_way[ended]
        ended.result()


def _failed(webhook: Webhook, now: int, trouble: str) -> Webhook:
    tries = webhook.tries + 1
    return replace(webhook, tries=tries, next_try=now + wait_s(tries), trouble=trouble, paused=tries >= MAX_TRIES)
