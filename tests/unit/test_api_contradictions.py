"""`GET /v1/contradictions`: both sides see both values, others nothing of it.

given a facade that read two documents which differ in an item's net mass, and a third party's two
  customs should see all; an agency those with a side of its own; who has none, an auditor and nobody none
  pages should follow one another without gap or repeat
  who follows should be told those found before, then each as it is found, and go on after a cut; by right
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
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.roles import Role
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.signer import Signer
from ledger.services.comparing import compare
from tests.support.documents import ISSUER, World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.ledgers import key

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
def facade(made: World, tmp_path: Path) -> Facade:
    return facade_over(made, tmp_path)


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
