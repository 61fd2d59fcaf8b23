"""`GET /v1/contradictions`: both sides see both values, others nothing of it.

given a facade that read two documents which differ in an item's net mass, and a third party's two
  customs should see all; an agency those with a side of its own; who has none, an auditor and nobody none
  pages should follow one another without gap or repeat
  who follows should be told those found before, then each as it is found, and go on after a cut; by right
  a webhook should be told the same, signed, again until it is taken, and from any number on when it is replayed
  a number that was never given should be refused; after the facade counts anew a webhook should begin again
"""

import itertools
import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.bootstrap import Facade
from ledger.client import Client
from ledger.domain.ids import Address, DocumentType, ParticipantId, RecordId
from ledger.domain.roles import Role
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.signer import Signer
from ledger.services.comparing import compare
from tests.support.documents import ISSUER, World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.ledgers import key
from tests.support.receiver import Receiver, eventually, receiving, signature

BROKER, VETERINARY = ParticipantId(6), ParticipantId(3)
UCR = "ucr:1GB150454489082-12345"
KEY = key("officer")


def mass(number: int, issuer: ParticipantId, kilograms: int, about: str = UCR) -> Stated:
    statement = Statement(about, 1, {"net_mass": (f"{kilograms} KGM",)})
    return Stated(statement, RecordId(bytes([number]) * 32), issuer, DocumentType(929001))


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def facade(made: World, receiver: Receiver, tmp_path: Path) -> Facade:
    return facade_over(made, tmp_path, webhook_hosts=(receiver.origin,))


@pytest.fixture
def client(facade: Facade) -> Iterator[httpx.Client]:
    compare(facade.statements, [mass(1, BROKER, 31), mass(2, ISSUER, 32)])
    other = "ucr:1GB150454489082-12346"
    compare(facade.statements, [mass(3, BROKER, 31, other), mass(4, VETERINARY, 33, other)])
    with serving(facade) as client:
        yield client


def as_role(made: World, participant: ParticipantId, roles: Role) -> Signer:
    made.key["participant"] = made.authority["participant"] = int(participant)
    made.authority["roles"] = int(roles)
    return KEY


def read(client: httpx.Client, **params: Any) -> Any:
    return client.get("/v1/contradictions", params=params).raise_for_status().json()


def test_both_sides_see_both_values(made: World, client: httpx.Client) -> None:
    signed_in(client, as_role(made, ISSUER, Role.OGA))
    (found,) = read(client)["contradictions"]
    assert (found["about"], found["item"], found["fact"], found["standing"]) == (UCR, 1, "net_mass", True)
    assert {side["issuer"]["id"]: side["says"] for side in found["sides"]} == {6: ["31 KGM"], 17: ["32 KGM"]}


def test_customs_sees_all_page_by_page(made: World, client: httpx.Client) -> None:
    signed_in(client, as_role(made, ParticipantId(1), Role.CUSTOMS_RISK))
    first = read(client, limit=1)
    rest = read(client, limit=1, after=first["next"])
    assert rest["next"] is None
    assert [each["about"][-1] for each in (*first["contradictions"], *rest["contradictions"])] == ["5", "6"]
    assert [each["about"] for each in read(client, about=UCR)["contradictions"]] == [UCR]


def test_others_see_none(made: World, client: httpx.Client) -> None:
    assert client.get("/v1/contradictions").status_code == 401
    for role in (Role.AUDITOR, Role.OGA, Role.DECLARANT | Role.BROKER):  # an auditor's key has no other role
        signed_in(client, as_role(made, ParticipantId(9), role))
        assert read(client) == {"contradictions": [], "next": None}


def test_the_client_reads_them(made: World, client: httpx.Client) -> None:
    with Client(str(client.base_url).rstrip("/"), signer=as_role(made, BROKER, Role.BROKER)) as facade:
        assert [each["about"] for each in facade.contradictions(about=UCR)] == [UCR]
        assert len(list(facade.contradictions())) == 2


def told(client: httpx.Client, **headers: str) -> Generator[tuple[str, str, Any]]:
    """Name, id and data of each event."""
    with client.stream("GET", "/v1/contradictions/events", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name in ("event", "id", "data"):
                fields[name] = value
            elif fields:
                yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
                fields = {}


def test_both_sides_are_told_as_it_is_found(made: World, facade: Facade, client: httpx.Client) -> None:
    signed_in(client, as_role(made, ISSUER, Role.OGA))
    following = told(client)
    name, first, data = next(following)
    assert (name, data["about"]) == ("contradiction", UCR)
    later = "ucr:1GB150454489082-12347"
    compare(facade.statements, [mass(5, VETERINARY, 1, later), mass(6, BROKER, 2, later)])  # none of its business
    compare(facade.statements, [mass(7, BROKER, 1, later + "8"), mass(8, ISSUER, 2, later + "8")])
    _, second, data = next(following)
    assert data["about"] == later + "8"
    assert {side["issuer"]["id"] for side in data["sides"]} == {6, 17}
    following.close()
    _, again, _ = next(told(client, **{"Last-Event-ID": first}))
    assert again == second


def test_who_has_no_right_any_more_is_told_no_more(made: World, client: httpx.Client) -> None:
    signed_in(client, as_role(made, BROKER, Role.BROKER))
    following = told(client)
    assert next(following)[0] == "contradiction"
    made.authority["roles"] = 0
    assert [(name, data) for name, _, data in following][-1] == ("ended", {"code": "not_entitled"})


def test_the_client_follows_them(made: World, client: httpx.Client) -> None:
    with Client(str(client.base_url).rstrip("/"), signer=as_role(made, BROKER, Role.BROKER)) as facade:
        found = list(itertools.islice(facade.contradictions_found(), 2))
        assert found == list(facade.contradictions())


def register(client: httpx.Client, receiver: Receiver, **more: Any) -> Any:
    wanted = {"url": f"{receiver.origin}/found", "tells": "contradictions", **more}
    answer = client.post("/v1/webhooks", json=wanted)
    return answer.json() if answer.status_code == 201 else answer


def numbers(receiver: Receiver) -> list[str]:
    return [event["id"] for event in receiver.events()]


def test_a_webhook_is_told_what_its_owner_may_see(
    made: World, facade: Facade, client: httpx.Client, receiver: Receiver
) -> None:
    signed_in(client, as_role(made, ISSUER, Role.OGA))
    secret = register(client, receiver)["secret"]
    eventually(lambda: len(receiver.events()) == 1)
    (event,) = receiver.events()
    assert event["contradiction"] == read(client)["contradictions"][0], "as the list shows it"
    headers, body = receiver.deliveries[0]
    assert headers["webhook-signature"] == signature(secret, headers, body)
    later = "ucr:1GB150454489082-12347"
    compare(facade.statements, [mass(5, VETERINARY, 1, later), mass(6, BROKER, 2, later)])  # none of its business
    compare(facade.statements, [mass(7, BROKER, 1, later + "8"), mass(8, ISSUER, 2, later + "8")])
    eventually(lambda: numbers(receiver) == ["1", "4"])
    made.authority["roles"] = 0
    compare(facade.statements, [mass(9, BROKER, 1, later + "9"), mass(10, ISSUER, 2, later + "9")])
    eventually(lambda: facade.contradiction_webhooks._store.of_key(Address(KEY.address))[0].paused)
    assert numbers(receiver) == ["1", "4"], "who has no right any more is told no more"


def test_a_failed_delivery_comes_again_and_any_can_be_replayed(
    made: World, client: httpx.Client, receiver: Receiver
) -> None:
    signed_in(client, as_role(made, ParticipantId(1), Role.CUSTOMS_RISK))
    receiver.answers += [500]
    webhook = register(client, receiver)["webhook"]["id"]

    def own() -> Any:
        return client.get("/v1/webhooks").json()["webhooks"][0]

    eventually(lambda: own()["failed_tries"] == 1)
    assert (own()["tells"], own()["served"], numbers(receiver)) == ("contradictions", "0", [])
    replay = f"/v1/webhooks/{webhook}/replay"
    assert client.post(replay, json={"after": "0"}).status_code == 204
    eventually(lambda: numbers(receiver) == ["1", "2"])
    eventually(lambda: own()["served"] == "2")
    assert client.post(replay, json={"after": "1"}).status_code == 204
    eventually(lambda: numbers(receiver) == ["1", "2", "2"])
    for after, code in (("0.0", "cursor"), ("3", "cursor_ahead")):
        assert client.post(replay, json={"after": after}).json()["faults"][0]["code"] == code
    assert client.delete(f"/v1/webhooks/{webhook}").status_code == 204
    assert client.get("/v1/webhooks").json() == {"webhooks": []}


def test_a_number_that_was_never_given_is_refused(made: World, client: httpx.Client, receiver: Receiver) -> None:
    signed_in(client, as_role(made, ISSUER, Role.OGA))
    refused = register(client, receiver, after="99")
    assert refused.status_code == 422
    assert [(fault["code"], fault["path"]) for fault in refused.json()["faults"]] == [("cursor_ahead", "/body/after")]
    asked = client.get("/v1/contradictions/events", headers={"Last-Event-ID": "99"})
    assert asked.status_code == 422
    assert asked.json()["faults"][0]["path"] == "/header/Last-Event-ID"


def test_a_forgotten_number_is_not_given_again(made: World, facade: Facade, client: httpx.Client) -> None:
    facade.records.forget(RecordId(bytes([4]) * 32))  # the last contradiction's
    assert facade.statements.last_number() == 2
    compare(facade.statements, [mass(11, BROKER, 1, UCR + "1"), mass(12, ISSUER, 2, UCR + "1")])
    assert [noted.number for noted in facade.statements.noted()] == [1, 3]


def test_a_reader_who_was_further_begins_again(made: World, facade: Facade, client: httpx.Client) -> None:
    signed_in(client, as_role(made, ISSUER, Role.OGA))
    caller = facade.sign_in.caller_of(Address(KEY.address))
    fed = facade.contradictions.step(caller, (50, 0))
    assert fed is not None
    assert [noted.number for noted in fed.told] == [1]
    assert facade.contradictions.step(caller, fed.through) is None
