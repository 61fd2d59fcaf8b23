"""`GET /v1/contradictions`: both sides see both values, others nothing of it.

given a facade that read two documents which differ in an item's net mass, and a third party's two
  customs should see all; an agency those with a side of its own; who has none, an auditor and nobody none
  whoever is no authority should learn nothing of what another such says of the same goods
  pages should follow one another without gap or repeat
  who follows should be told those found before, then each as it is found, and go on after a cut; by right
  a webhook should be told the same, signed, again until it is taken, and from any place on when it is replayed
  a place that was never given should be refused; after the facade reads anew a webhook should begin again, and the
    cursor of a page or a stream be refused; a place should tell nothing of how many others there are
"""

import itertools
import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.bootstrap.facade import Facade
from ledger.client import Client
from ledger.domain.cursors import write_bound
from ledger.domain.ids import Address, DocumentType, ParticipantId, RecordId
from ledger.domain.roles import Role
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.signer import Signer
from tests.support.documents import ISSUER, World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.ledgers import key
from tests.support.receiver import Receiver, eventually, receiving, signature
from tests.support.statements import compare

BROKER, CARRIER, VETERINARY = ParticipantId(6), ParticipantId(8), ParticipantId(3)
UCR = "ucr:1GB150454489082-12345"
KEY = key("officer")


def mass(number: int, issuer: ParticipantId, kilograms: int, about: str = UCR) -> Stated:
    statement = Statement(about, 1, {"net_mass": (f"{kilograms} KGM",)})
    kind = DocumentType(929001 if issuer in (BROKER, CARRIER) else 851001)
    return Stated(statement, RecordId(bytes([number]) * 32), issuer, kind)


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


def test_a_rival_learns_nothing_by_saying_something_of_anothers_goods(
    made: World, facade: Facade, client: httpx.Client
) -> None:
    """A consignment's reference is no secret: whoever knows it can anchor a document that names it."""
    compare(facade.statements, [mass(5, CARRIER, 1)])
    signed_in(client, as_role(made, CARRIER, Role.CARRIER | Role.DECLARANT))
    (found,) = read(client)["contradictions"]
    assert {side["issuer"]["id"] for side in found["sides"]} == {CARRIER, ISSUER}, "an authority's is for both sides"
    assert read(client, limit=1)["next"] is None
    _, _, data = next(told(client))
    assert data == found
    signed_in(client, as_role(made, BROKER, Role.BROKER))
    assert all(side["issuer"]["id"] != CARRIER for each in read(client)["contradictions"] for side in each["sides"])
    signed_in(client, as_role(made, ParticipantId(1), Role.CUSTOMS_RISK))
    assert {BROKER, CARRIER} in [
        {side["issuer"]["id"] for side in each["sides"]} for each in read(client)["contradictions"]
    ]


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


def places(facade: Facade, *which: int) -> list[str]:
    """Ids of contradictions, by the order in which they were noted, from 1."""
    noted = facade.statements.noted()
    return [str(noted[n - 1].place) for n in which]


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
    eventually(lambda: numbers(receiver) == places(facade, 1, 4))
    made.authority["roles"] = 0
    compare(facade.statements, [mass(9, BROKER, 1, later + "9"), mass(10, ISSUER, 2, later + "9")])
    eventually(lambda: facade.contradiction_webhooks._store.of_key(Address(KEY.address))[0].paused)
    assert numbers(receiver) == places(facade, 1, 4), "who has no right any more is told no more"


def test_a_failed_delivery_comes_again_and_any_can_be_replayed(
    made: World, facade: Facade, client: httpx.Client, receiver: Receiver
) -> None:
    signed_in(client, as_role(made, ParticipantId(1), Role.CUSTOMS_RISK))
    receiver.answers += [500]
    first, second = places(facade, 1, 2)
    webhook = register(client, receiver)["webhook"]["id"]

    def own() -> Any:
        return client.get("/v1/webhooks").json()["webhooks"][0]

    eventually(lambda: own()["failed_tries"] == 1)
    assert (own()["tells"], own()["served"], numbers(receiver)) == ("contradictions", "0", [])
    replay = f"/v1/webhooks/{webhook}/replay"
    assert client.post(replay, json={"after": "0"}).status_code == 204
    eventually(lambda: numbers(receiver) == [first, second])
    eventually(lambda: own()["served"] == second)
    assert client.post(replay, json={"after": first}).status_code == 204
    eventually(lambda: numbers(receiver) == [first, second, second])
    for after, code in (("0.0", "cursor"), ("3", "cursor_elsewhere")):
        assert client.post(replay, json={"after": after}).json()["faults"][0]["code"] == code
    assert client.delete(f"/v1/webhooks/{webhook}").status_code == 204
    assert client.get("/v1/webhooks").json() == {"webhooks": []}


def test_a_place_that_was_never_given_is_refused(made: World, client: httpx.Client, receiver: Receiver) -> None:
    signed_in(client, as_role(made, ISSUER, Role.OGA))
    refused = register(client, receiver, after="99")
    assert refused.status_code == 422
    assert [(fault["code"], fault["path"]) for fault in refused.json()["faults"]] == [
        ("cursor_elsewhere", "/body/after")
    ]
    asked = client.get("/v1/contradictions/events", headers={"Last-Event-ID": "99"})
    assert asked.status_code == 422
    assert asked.json()["faults"][0]["path"] == "/header/Last-Event-ID"


def test_a_place_tells_nothing_of_the_others(made: World, facade: Facade, client: httpx.Client) -> None:
    """An agency that sees two contradictions of its own learns nothing of those noted between them."""
    for n in range(20, 60, 2):
        compare(facade.statements, [mass(n, BROKER, 1, f"{UCR}{n}"), mass(n + 1, VETERINARY, 2, f"{UCR}{n}")])
    compare(facade.statements, [mass(60, BROKER, 1, UCR + "60"), mass(61, ISSUER, 2, UCR + "60")])
    signed_in(client, as_role(made, ISSUER, Role.OGA))
    following = told(client)
    first, last = (int(next(following)[1]) for _ in range(2))
    following.close()
    assert abs(last - first) > 22, "it is no count of theirs"
    cursor = read(client, limit=1)["next"]
    assert int(cursor.partition(".")[0]) == first
    assert [each["about"] for each in read(client, limit=1, after=cursor)["contradictions"]] == [UCR + "60"]


def test_after_reading_anew_all_is_told_and_no_cursor_of_before_is_taken(made: World, tmp_path: Path) -> None:
    folders = [tmp_path / "before", tmp_path / "after"]
    for folder in folders:
        folder.mkdir()
    before, after = (facade_over(made, folder) for folder in folders)
    compare(before.statements, [mass(1, BROKER, 31), mass(2, ISSUER, 32)])
    for n in (0, 2, 4):  # as many as before, and more, by the time that anybody looks
        compare(after.statements, [mass(3 + n, BROKER, 31, f"{UCR}{n}"), mass(4 + n, ISSUER, 32, f"{UCR}{n}")])
    (old,) = before.statements.noted()
    with serving(after) as client:
        signed_in(client, as_role(made, ISSUER, Role.OGA))
        caller = after.sign_in.caller_of(Address(KEY.address))
        fed = after.contradictions.step(caller, (old.place, 0))
        assert fed is not None
        assert list(fed.told) == list(after.statements.noted())
        assert after.contradictions.step(caller, fed.through) is None
        page = write_bound([old.place], ["contradictions", None, [int(ISSUER)]])
        refused = [
            client.get("/v1/contradictions", params={"after": page}),
            client.get("/v1/contradictions/events", params={"after": str(old.place)}),
        ]
        assert [each.status_code for each in refused] == [422, 422]
        faults = [each.json()["faults"][0] for each in refused]
        assert [(fault["code"], fault["path"]) for fault in faults] == [("cursor_elsewhere", "/query/after")] * 2


def test_who_was_told_what_is_erased_goes_on_from_there(made: World, facade: Facade, client: httpx.Client) -> None:
    signed_in(client, as_role(made, VETERINARY, Role.OGA))
    (erased,) = places(facade, 2)
    facade.records.forget(RecordId(bytes([4]) * 32))
    compare(facade.statements, [mass(11, BROKER, 1, UCR + "1"), mass(12, VETERINARY, 2, UCR + "1")])
    _, _, data = next(told(client, **{"Last-Event-ID": erased}))
    assert data["about"] == UCR + "1"
