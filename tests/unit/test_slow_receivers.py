"""Receivers of webhooks that take their time, or all of it.

given a receiver that drips its answer, without end
  when something is delivered to it  → the delivery is given up at its deadline, as one that can be tried again
  when it has ten webhooks of a key  → another key's webhook is served meanwhile, and the process still ends in time
given a receiver whose answer's head has no end → it is given up at a bound
given keys with many webhooks that are due → so many are taken at once, so many of one key
"""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.server import LEAVE_WITHIN_S
from ledger.adapters.clock import SystemClock
from ledger.adapters.http_courier import WITHIN_S, HttpCourier
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.webhooks import SqlWebhookStore
from ledger.domain.caller import Caller
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Address
from ledger.domain.roles import Role
from ledger.ports.courier import Courier
from ledger.ports.webhook_store import Webhook
from ledger.services import webhooks
from ledger.services.feed import Fed
from ledger.services.webhooks import AT_ONCE, AT_ONCE_OF_ONE, Webhooks
from scripts.lib.down import GRACE_S
from tests.support.documents import World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.fake_chain import contract_address
from tests.support.ledgers import key
from tests.support.receiver import dripping, receiving

DEADLINE_S = 20
SHORT_S = 0.5


def eventually(holds: Callable[[], Any]) -> None:
    until = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_delivery_has_a_deadline_over_all_of_it() -> None:
    with dripping() as receiver:
        courier = HttpCourier([receiver.origin], within_s=SHORT_S)
        with pytest.raises(Unavailable, match=r"did not answer within 0\.5 s"):
            courier.post(f"{receiver.origin}/acts", {}, b"{}")
        eventually(lambda: receiver.given_up == 1)
        courier.close()


def test_the_head_of_an_answer_is_bounded() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\nX: " + b"a" * (1 << 18)) as receiver:
        courier = HttpCourier([receiver.origin], within_s=DEADLINE_S)
        with pytest.raises(Unavailable, match="RemoteProtocolError"):
            courier.post(f"{receiver.origin}/acts", {}, b"{}")
        courier.close()


@pytest.fixture
def made() -> World:
    """A ledger with an act that customs may see."""
    made = world()
    made.key["participant"] = made.authority["participant"] = 1
    made.authority["roles"] = int(Role.CUSTOMS_OFFICER)
    made.chain.mine(("ParticipantRegistry", "KeyChanged", {"key": contract_address("a"), "participant": 6}))
    return made


def test_one_slow_receiver_holds_back_nobody_else(made: World, tmp_path: Path) -> None:
    with dripping() as slow, receiving() as quick:
        hosts = (slow.origin, quick.origin)
        facade = facade_over(made, tmp_path, webhook_hosts=hosts, delivered_within_s=DEADLINE_S / 4)
        with serving(facade) as client:
            signed_in(client, key("slow"))
            for number in range(10):
                asked = {"url": f"{slow.origin}/{number}", "after": "0.0"}
                client.post("/v1/webhooks", json=asked).raise_for_status()
            eventually(lambda: slow.held == AT_ONCE_OF_ONE)
            signed_in(client, key("quick"))
            client.post("/v1/webhooks", json={"url": f"{quick.origin}/acts", "after": "0.0"}).raise_for_status()
            eventually(quick.events)
            assert slow.given_up == 0
            client.close()
            leaving = time.monotonic()
        assert time.monotonic() - leaving < DEADLINE_S


class _Held(Courier):
    """Holds every delivery until it is let go."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.go_on = threading.Event()

    def allows(self, url: str) -> bool:
        return bool(url)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert headers
        assert body
        self.keys.append(url)
        self.go_on.wait(DEADLINE_S)
        return 200


def test_so_many_at_once_and_so_many_of_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "POLL_S", 0.01)
    database = Database(f"sqlite:///{tmp_path / 'webhooks.sqlite'}")
    store, courier, stopped = SqlWebhookStore(database), _Held(), threading.Event()
    owners = [contract_address(f"owner {n}") for n in range(AT_ONCE)]
    for number in range(10 * AT_ONCE):
        owner = Address(owners[0 if number < 5 * AT_ONCE else number % AT_ONCE])
        store.add(
            Webhook(f"{number:032x}", owner, owner, b"s", (0, 0), 0, number // 100, "", paused=False), at_most=1000
        )

    class Everything:
        """One act for everybody."""

        def step(self, _: Caller, after: tuple[int, int]) -> Fed[str] | None:
            return None if after > (0, 0) else Fed(told=["an act"], through=(1, 0))

    served = Webhooks(store, courier, Everything(), lambda _: None, SystemClock())  # type: ignore[arg-type,return-value]
    troubles: list[str] = []
    thread = threading.Thread(target=served.run, args=(stopped.is_set, troubles.append, lambda act: {"act": act}))
    thread.start()
    try:
        eventually(lambda: len(courier.keys) == AT_ONCE)
        time.sleep(0.2)
        counts = {owner: courier.keys.count(owner) for owner in owners}
        assert len(courier.keys) == AT_ONCE
        assert max(counts.values()) == AT_ONCE_OF_ONE == counts[owners[0]]
        courier.go_on.set()
        eventually(lambda: len(courier.keys) == 10 * AT_ONCE)
    finally:
        courier.go_on.set()
        stopped.set()
        thread.join()
    assert troubles == []
    assert all(each.served == (1, 0) for owner in owners for each in store.of_key(Address(owner)))
    database.close()


def test_a_delivery_ends_before_another_worker_may_try_it() -> None:
    assert WITHIN_S < webhooks.TAKEN_S / 2


def test_deliveries_end_before_a_facade_is_killed() -> None:
    assert LEAVE_WITHIN_S + WITHIN_S < GRACE_S
