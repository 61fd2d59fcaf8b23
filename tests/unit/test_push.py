"""Being told of acts: server-sent events and webhooks.

given acts of several participants on a chain, some of them not final
  when a party follows            → its own acts, in order, each with a cursor; nothing of others, nothing not final
  when it comes back with a cursor → exactly what came after it, by HTTP and by the client
  when its cursor is of a block that is not there → told so, by webhooks too; one that is not final yet is waited for
  when it follows from now on     → first where that is, so that it misses nothing when it is cut off before any act
  when customs follows            → every act
  when its key is revoked         → the stream ends, a webhook pauses
given a webhook
  when its receiver fails         → it is tried again later, and nothing is left out or out of order
  when it redirects               → that is a failure: it is not followed
  when it answers 410             → it pauses; a replay tells everything from the cursor on
  when a replay or an end is sent again under its key → it is not done again, and answered alike
  when it was ended, and its registration is sent again under its key → it stays ended
  when its registration was refused → its key is free for the mended one
  when another address is asked for than the operator allows → refused
  when it is another key's        → it is not there
"""

import base64
import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.adapters.http_courier import HttpCourier
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.request_keys import KEPT_S, SqlRequestKeys
from ledger.adapters.sql.webhooks import SqlWebhookStore
from ledger.client import Client
from ledger.domain.declaration import DeclarationStatus
from ledger.domain.errors import ActRefused, LimitExceeded, NotEntitled, NotFound
from ledger.domain.hashing import digest
from ledger.domain.ids import Address
from ledger.domain.roles import Role
from ledger.domain.webhook import LONGEST_WAIT_S, MAX_TRIES, shown_secret, signed_headers, wait_s
from ledger.ports.chain import Head
from ledger.ports.webhook_store import Webhook
from tests.support.databases import DATABASES, fresh_url
from tests.support.documents import World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.fake_chain import contract_address
from tests.support.ledgers import key
from tests.support.receiver import Receiver, eventually, receiving, signature

CASE, OTHER = 1 << 56 | 1, 1 << 56 | 2
BROKER, OFFICER = contract_address("broker"), contract_address("officer")
IMPORTER, STRANGER = 5, 9
KEY = key("importer")
DEADLINE_S = 20


@pytest.fixture
def made() -> World:
    """Two cases of two importers, one act each; the last block is not final."""
    made = world()

    def state(args: tuple[Any, ...], _: Head) -> Any:
        importer = {CASE: IMPORTER, OTHER: STRANGER}.get(args[0])
        if importer is None:
            raise ActRefused("UnknownCase", {})
        return {
            "declarant": 6,
            "importer": importer,
            "carrier": 0,
            "itemCount": 1,
            "status": DeclarationStatus.ACCEPTED,
            "version": 1,
        }

    made.chain.answer("DeclarationRegistry", "state", state)
    made.chain.answer("DeclarationRegistry", "checks", lambda *_: [])
    made.chain.mine(("ParticipantRegistry", "KeyChanged", {"key": BROKER, "participant": 6, "actor": OFFICER}))
    made.chain.mine(("DeclarationRegistry", "Lodged", {"caseId": CASE, "actor": BROKER}))
    made.chain.mine(("DeclarationRegistry", "Lodged", {"caseId": OTHER, "actor": BROKER}))
    made.chain.mine(("DeclarationRegistry", "Cleared", {"caseId": CASE, "actor": OFFICER}))
    made.chain.final_depth = 1
    made.chain.mine(("DeclarationRegistry", "Audited", {"caseId": CASE, "actor": OFFICER}))
    as_role(made, IMPORTER, Role.DECLARANT)
    return made


def as_role(made: World, participant: int, roles: Role) -> None:
    made.key["participant"] = made.authority["participant"] = participant
    made.authority["roles"] = int(roles)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def client(made: World, receiver: Receiver, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(facade_over(made, tmp_path, webhook_hosts=(receiver.origin,))) as client:
        yield signed_in(client, KEY)


def stream(client: httpx.Client, **request: Any) -> Iterator[tuple[str, str | None, Any]]:
    """Event name, id and data of each event."""
    with client.stream("GET", "/v1/events", **request) as answer:
        assert answer.status_code == 200, answer.read()
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                yield fields["event"], fields.get("id"), json.loads(fields["data"])
                fields = {}


def told(client: httpx.Client, count: int, **request: Any) -> list[tuple[str | None, str]]:
    """Ids and names of the next `count` acts."""
    acts = (event for event in stream(client, **request) if event[0] == "act")
    return [(event_id, data["act"]["event"]) for _, event_id, data in itertools.islice(acts, count)]


def test_a_party_is_told_its_own_final_acts(made: World, client: httpx.Client) -> None:
    first = told(client, 2, params={"after": "0.0"})
    assert first == [("2.0", "Lodged"), ("4.0", "Cleared")]
    made.chain.mine()  # the audit becomes final
    assert told(client, 1, headers={"Last-Event-ID": "4.0"}) == [("5.0", "Audited")]
    assert told(client, 3, params={"after": "0.0"}) == [*first, ("5.0", "Audited")]


def test_what_is_not_final_is_not_told(client: httpx.Client) -> None:
    following = stream(client, params={"after": "0.0"})
    seen = [data["through"] for name, _, data in itertools.islice(following, 3) if name == "seen"]
    assert seen == ["4.0"]


def test_who_begins_now_is_told_where_that_is(made: World, client: httpx.Client) -> None:
    name, cursor, data = next(stream(client))
    assert (name, data["through"]) == ("seen", cursor)
    made.chain.mine()  # the audit becomes final while nobody listens
    assert told(client, 1, headers={"Last-Event-ID": str(cursor)}) == [("5.0", "Audited")]


@pytest.mark.parametrize("cursor", ["7.0", "999999999.0", "999999999999999.999999999"])
def test_a_cursor_of_no_block_is_told(made: World, client: httpx.Client, receiver: Receiver, cursor: str) -> None:
    newest = made.chain.head().number
    assert newest < 7
    webhook = register(client, f"{receiver.origin}/acts").json()["webhook"]["id"]
    asked = {"after": cursor}
    for place, answer in (
        ("/query/after", client.get("/v1/events", params=asked)),
        ("/header/Last-Event-ID", client.get("/v1/events", headers={"Last-Event-ID": cursor})),
        ("/header/Last-Event-ID", client.get("/v1/events", params={"after": "0.0"}, headers={"Last-Event-ID": cursor})),
        ("/body/after", client.post("/v1/webhooks", json={"url": f"{receiver.origin}/acts", **asked})),
        ("/body/after", client.post(f"/v1/webhooks/{webhook}/replay", json=asked)),
    ):
        (fault,) = answer.json()["faults"]
        assert (answer.status_code, fault["code"], fault["path"]) == (422, "cursor_ahead", place)
        assert f"the newest is {newest}" in fault["text"]


def test_a_cursor_that_is_not_final_here_yet_is_waited_for(made: World, client: httpx.Client) -> None:
    """Another facade of the ledger told it, of which this one's node or index is behind."""
    end = f"{made.chain.head().number}.999999999"
    with client.stream("GET", "/v1/events", params={"after": end}) as answer:
        assert answer.status_code == 200
    made.chain.mine(("DeclarationRegistry", "Cleared", {"caseId": CASE, "actor": OFFICER}))
    made.chain.mine()
    assert told(client, 1, params={"after": end}) == [("6.0", "Cleared")]


def test_customs_is_told_all(made: World, client: httpx.Client) -> None:
    as_role(made, 1, Role.CUSTOMS_OFFICER)
    assert told(client, 4, params={"after": "0.0"}) == [
        ("1.0", "KeyChanged"), ("2.0", "Lodged"), ("3.0", "Lodged"), ("4.0", "Cleared"),
    ]  # fmt: skip


def test_a_revoked_key_is_told_no_more(made: World, client: httpx.Client) -> None:
    following = stream(client, params={"after": "0.0"})
    assert next(following)[0] == "act"
    made.authority["roles"] = 0
    assert [(name, data) for name, _, data in following][-1] == ("ended", {"code": "not_entitled"})


def test_who_is_not_signed_in_is_told_nothing(client: httpx.Client) -> None:
    del client.headers["Authorization"]
    assert client.get("/v1/events").status_code == 401
    assert client.get("/v1/webhooks").status_code == 401


def register(client: httpx.Client, url: str, after: str | None = "0.0", **headers: str) -> httpx.Response:
    return client.post("/v1/webhooks", json={"url": url, "after": after}, headers=headers)


def own(client: httpx.Client) -> Any:
    return client.get("/v1/webhooks").raise_for_status().json()["webhooks"]


def test_a_webhook_is_told_the_same(made: World, client: httpx.Client, receiver: Receiver) -> None:
    secret = register(client, f"{receiver.origin}/acts").json()["secret"]
    eventually(lambda: len(receiver.events()) == 2)
    assert [(event["id"], event["act"]["event"]) for event in receiver.events()] == [
        ("2.0", "Lodged"), ("4.0", "Cleared"),
    ]  # fmt: skip
    headers, body = receiver.deliveries[0]
    assert headers["webhook-signature"] == signature(secret, headers, body)
    made.chain.mine()
    eventually(lambda: [event["id"] for event in receiver.events()] == ["2.0", "4.0", "5.0"])
    eventually(lambda: own(client)[0]["served"] == "5.0")


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_failed_delivery_is_tried_again(client: httpx.Client, receiver: Receiver, status: int) -> None:
    receiver.answers += [status]
    made = register(client, f"{receiver.origin}/acts").json()["webhook"]
    failed = eventually(lambda: next((each for each in own(client) if each["failed_tries"] == 1), None))
    assert (failed["trouble"], failed["served"]) == (f"the receiver answered {status}", "0.0")
    assert receiver.deliveries == []
    assert client.post(f"/v1/webhooks/{made['id']}/replay", json={"after": "0.0"}).status_code == 204
    eventually(lambda: [event["id"] for event in receiver.events()] == ["2.0", "4.0"])


def test_410_pauses_and_a_replay_resumes(client: httpx.Client, receiver: Receiver) -> None:
    receiver.answers += [410]
    webhook = register(client, f"{receiver.origin}/acts").json()["webhook"]["id"]
    eventually(lambda: own(client)[0]["paused"])
    client.post(f"/v1/webhooks/{webhook}/replay", json={"after": "2.0"}).raise_for_status()
    eventually(lambda: [event["id"] for event in receiver.events()] == ["4.0"])


def test_a_webhook_of_a_revoked_key_pauses(made: World, client: httpx.Client, receiver: Receiver) -> None:
    receiver.answers += [500]
    webhook = register(client, f"{receiver.origin}/acts").json()["webhook"]["id"]
    eventually(lambda: own(client)[0]["failed_tries"] == 1)
    made.authority["roles"] = 0
    assert client.post(f"/v1/webhooks/{webhook}/replay", json={"after": "0.0"}).status_code == 403
    made.authority["roles"] = int(Role.DECLARANT)
    assert receiver.deliveries == []


def test_only_allowed_addresses_are_posted_to(client: httpx.Client, receiver: Receiver) -> None:
    port = receiver.origin.rpartition(":")[2]
    for url in (
        "http://127.0.0.1/acts", f"http://localhost:{port}/", f"https://127.0.0.1:{port}/", "http://169.254.169.254/",
        f"http://someone@127.0.0.1:{port}/", f"{receiver.origin}@evil.example/", "file:///etc/passwd", "",
    ):  # fmt: skip
        answer = register(client, url)
        assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "address_not_allowed"), url


@pytest.mark.parametrize("more", ["\r\nX-a: b", "\n", "\t", "\0", " ", "ä", "\u2028"])
def test_an_address_is_plain_text(client: httpx.Client, receiver: Receiver, more: str) -> None:
    assert register(client, f"{receiver.origin}/acts{more}").json()["faults"][0]["path"] == "/body/url"
    assert not HttpCourier([receiver.origin]).allows(f"{receiver.origin}/acts{more}")


def test_a_repeated_request_is_not_done_again(client: httpx.Client, receiver: Receiver) -> None:
    webhook = register(client, f"{receiver.origin}/acts", "4.0").json()["webhook"]["id"]
    once, other, last = ({"Idempotency-Key": name} for name in ("once", "other", "last"))
    again, wanted = f"/v1/webhooks/{webhook}/replay", {"after": "2.0"}
    assert client.post(again, json=wanted, headers=once).status_code == 204
    eventually(lambda: [event["id"] for event in receiver.events()] == ["4.0"])
    eventually(lambda: own(client)[0]["served"] == "4.0")
    assert client.post(again, json=wanted, headers=once).status_code == 204
    assert own(client)[0]["served"] == "4.0"
    assert client.post(again, json={"after": "0.0"}, headers=once).status_code == 409
    assert client.post(again, json=wanted, headers=other).status_code == 204
    eventually(lambda: [event["id"] for event in receiver.events()] == ["4.0", "4.0"])
    assert [client.delete(f"/v1/webhooks/{webhook}", headers=last).status_code for _ in range(2)] == [204, 204]
    assert client.delete(f"/v1/webhooks/{webhook}").status_code == 404


def test_the_same_request_is_one_webhook(client: httpx.Client, receiver: Receiver) -> None:
    headers = {"Idempotency-Key": "a"}
    first, again = (register(client, f"{receiver.origin}/acts", **headers).json() for _ in range(2))
    assert first["secret"] == again["secret"]
    assert len(own(client)) == 1
    assert register(client, f"{receiver.origin}/others", **headers).status_code == 409


def test_a_key_that_was_forgotten_stands_for_another_webhook(
    client: httpx.Client, receiver: Receiver, tmp_path: Path
) -> None:
    headers = {"Idempotency-Key": "a"}
    first = register(client, f"{receiver.origin}/acts", **headers).json()["webhook"]
    keys = SqlRequestKeys(Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}"))
    keys.claim("nobody", "much later", digest(b""), now=int(time.time()) + KEPT_S + 60)
    other = register(client, f"{receiver.origin}/others", **headers).json()["webhook"]
    assert (other["url"], other["id"] != first["id"]) == (f"{receiver.origin}/others", True)


def test_a_late_repeat_brings_no_ended_webhook_back(client: httpx.Client, receiver: Receiver) -> None:
    headers = {"Idempotency-Key": "one"}
    webhook = register(client, f"{receiver.origin}/acts", "4.0", **headers).json()["webhook"]["id"]
    assert client.delete(f"/v1/webhooks/{webhook}").status_code == 204
    late = register(client, f"{receiver.origin}/acts", "4.0", **headers)
    assert (late.status_code, late.json()["code"], own(client)) == (409, "conflict", [])
    assert "was ended" in late.json()["detail"]
    assert register(client, f"{receiver.origin}/acts", "4.0", **{"Idempotency-Key": "two"}).status_code == 201


def test_a_repeat_is_not_done_again(client: httpx.Client, receiver: Receiver) -> None:
    webhook = register(client, f"{receiver.origin}/acts").json()["webhook"]["id"]
    replay = {"json": {"after": "2.0"}, "headers": {"Idempotency-Key": "again"}}
    eventually(lambda: own(client)[0]["served"] >= "4.0")
    before = len(receiver.deliveries)
    for _ in range(2):
        assert client.post(f"/v1/webhooks/{webhook}/replay", **replay).status_code == 204
        eventually(lambda: len(receiver.deliveries) == before + 1)
        eventually(lambda: own(client)[0]["served"] >= "4.0")
    ended = [client.delete(f"/v1/webhooks/{webhook}", headers={"Idempotency-Key": "end"}) for _ in range(2)]
    assert [answer.status_code for answer in ended] == [204, 204]
    assert client.delete(f"/v1/webhooks/{webhook}").status_code == 404


def test_a_refused_registration_frees_its_key(client: httpx.Client, receiver: Receiver) -> None:
    headers = {"Idempotency-Key": "mended"}
    assert register(client, "http://169.254.169.254/", **headers).status_code == 422
    assert register(client, f"{receiver.origin}/acts", **headers).status_code == 201
    assert register(client, f"{receiver.origin}/others", **headers).status_code == 409


def test_another_keys_webhook_is_not_there(client: httpx.Client, receiver: Receiver) -> None:
    webhook = register(client, f"{receiver.origin}/acts").json()["webhook"]["id"]
    signed_in(client, key("another"))
    assert own(client) == []
    assert client.delete(f"/v1/webhooks/{webhook}").status_code == 404
    assert client.post(f"/v1/webhooks/{webhook}/replay", json={"after": "0.0"}).status_code == 404
    signed_in(client, KEY)
    ended = client.delete(f"/v1/webhooks/{webhook}")
    assert (ended.status_code, ended.headers.get("content-type")) == (204, None)
    assert own(client) == []


def test_a_key_has_a_bounded_number(client: httpx.Client, receiver: Receiver) -> None:
    answers = [register(client, f"{receiver.origin}/{n}", None).status_code for n in range(11)]
    assert answers == [201] * 10 + [413]


@pytest.mark.parametrize("kind", DATABASES)
def test_the_number_holds_for_many_at_once(kind: str, tmp_path: Path) -> None:
    database = Database(fresh_url(kind, tmp_path))
    store = SqlWebhookStore(database)
    key = Address(contract_address(f"{kind} {tmp_path}"))

    def add(number: int) -> bool:
        try:
            store.add(Webhook(f"{number:032x}", key, "http://x", b"s", None, 0, 0, "", paused=False), at_most=10)
        except LimitExceeded:
            return False
        return True

    try:
        with ThreadPoolExecutor(30) as threads:
            assert sum(threads.map(add, range(30))) == 10 == len(store.of_key(key))
        assert add(int(store.of_key(key)[0].id, 16))  # that one is there
    finally:
        for each in store.of_key(key):
            store.remove(key, each.id)
        database.close()


def test_the_client_is_told_and_goes_on(made: World, client: httpx.Client) -> None:
    with Client(str(client.base_url).rstrip("/"), signer=KEY) as facade:
        first = list(itertools.islice(facade.events(after="0.0"), 2))
        assert [event["act"]["event"] for event in first] == ["Lodged", "Cleared"]
        made.chain.mine()
        assert next(facade.events(after=first[-1]["id"]))["act"]["event"] == "Audited"
        made.authority["roles"] = 0
        with pytest.raises(NotEntitled):
            next(facade.events(after="0.0"))


def test_the_client_keeps_webhooks(client: httpx.Client, receiver: Receiver) -> None:
    with Client(str(client.base_url).rstrip("/"), signer=KEY) as facade:
        made = facade.add_webhook(f"{receiver.origin}/acts", after="4.0", idempotency_key="one")
        assert (
            made["secret"]
            == facade.add_webhook(f"{receiver.origin}/acts", after="4.0", idempotency_key="one")["secret"]
        )
        webhook = made["webhook"]["id"]
        facade.replay_webhook(webhook, "0.0")
        eventually(lambda: [event["id"] for event in receiver.events()] == ["2.0", "4.0"])
        assert [each["id"] for each in facade.webhooks()] == [webhook]
        facade.remove_webhook(webhook)
        assert facade.webhooks() == []
        with pytest.raises(NotFound):
            facade.remove_webhook(webhook)


def test_a_signature_of_the_specification() -> None:
    """The example of the Standard Webhooks specification."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert shown_secret(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_waiting_grows_and_is_bounded() -> None:
    waits = [wait_s(tries) for tries in range(1, MAX_TRIES)]
    assert waits[:3] == [5, 10, 20]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S


def test_who_gives_it_back_late_changes_nothing(made: World, tmp_path: Path) -> None:

    database = Database(f"sqlite:///{tmp_path / 'webhooks.sqlite'}")
    store = SqlWebhookStore(database)
    store.add(Webhook("0" * 32, Address(KEY.address), "http://x", b"s", (0, 0), 0, 0, "", paused=False), at_most=1)
    late = store.take(now=10, until=70)
    assert late is not None
    assert store.take(now=10, until=70) is None
    again = store.take(now=70, until=130)  # its first worker died, or so it looks
    assert again is not None
    store.settle(replace(again, served=(5, 0), next_try=131))
    store.settle(replace(late, served=(2, 0), next_try=0))
    (kept,) = store.of_key(Address(KEY.address))
    assert (kept.served, kept.next_try) == ((5, 0), 131)
    database.close()
