"""An agency in the place of a suspended one, through the facade of customs, on a real node.

given an accepted declaration with a check that waits for an agency
  when governance suspends the agency and names another in its place
    → the other should list the declaration, read the item and why it is held, and be offered the act to take it over
  when it took the checks over → they should be its own
  when the agency is reinstated before that → nothing of it should be shown to the other any more
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ledger.domain.ids import CaseId
from ledger.domain.roles import Role
from tests.support.customs import NOTHING, ON_REQUEST, REGULAR, Customs, customs_office
from tests.support.facades import signed_in
from tests.support.ledgers import key
from tests.support.samples import sample

pytestmark = pytest.mark.integration

CHECK = 219
SECURITY = 2
"""Why governance suspends, and reinstates."""


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Customs]:
    with customs_office(tmp_path_factory.mktemp("customs")) as made:
        yield made


@pytest.fixture
def heir(office: Customs) -> Iterator[httpx.Client]:
    """A client of the agency that will stand in."""
    office.numbers = {**office.numbers, "heir": office.ledger.admit("heir", (key("heir"), int(Role.OGA)))}
    with httpx.Client(base_url=office.client.base_url, timeout=30) as client:
        yield signed_in(client, key("heir"))


def test_what_waits_for_a_suspended_agency_is_found_by_its_stand_in(office: Customs, heir: httpx.Client) -> None:
    case = office.lodge(sample("hmrc-cds/FI001b_declaration_guarantee.xml"), "waits")
    agency, successor = office.numbers["agency"], office.numbers["heir"]
    rules = office.view("RuleRegistry", "version")
    check = [(1, agency, CHECK)]
    office.act("officer", "DeclarationRegistry", "accept", case, 1, rules, check, [], REGULAR, NOTHING)
    office.caught_up()
    assert listed(heir) == []
    assert heir.get(f"/v1/declarations/{case}").status_code == 404

    put_in_place(office, agency, successor)
    assert listed(heir) == [str(case)]
    (item,) = heir.get(f"/v1/declarations/{case}").raise_for_status().json()["state"]["items"]
    assert [found["agency"] for found in item["checks"]] == [int(agency)]
    held = heir.get(f"/v1/declarations/{case}/held").raise_for_status().text
    assert "AGENCY_PENDING" in held
    assert heir.get(f"/v1/declarations/{case}/history").raise_for_status().json()["acts"]
    assert prepared(heir, case, agency)["would_fail"] == []

    office.ledger.govern("reinstate", ("ParticipantRegistry", "reinstate", (agency, 2, SECURITY, NOTHING)))
    office.caught_up()
    assert listed(heir) == []
    assert heir.get(f"/v1/declarations/{case}").status_code == 404

    office.ledger.govern("suspend again", ("ParticipantRegistry", "suspend", (agency, 3, SECURITY, NOTHING)))
    revision = office.view("DeclarationRegistry", "agencyRevision", case, agency)
    taken = (case, revision, agency, 1, 1, ON_REQUEST, NOTHING)
    office.act("heir", "DeclarationRegistry", "takeOverChecks", *taken)
    office.caught_up()
    assert listed(heir) == [str(case)]
    (item,) = heir.get(f"/v1/declarations/{case}").raise_for_status().json()["state"]["items"]
    assert [found["agency"] for found in item["checks"]] == [int(successor)]


def put_in_place(office: Customs, agency: int, successor: int) -> None:
    office.ledger.govern(
        "stand in",
        ("ParticipantRegistry", "suspend", (agency, 1, SECURITY, NOTHING)),
        ("ParticipantRegistry", "setSuccessor", (agency, 0, successor)),
    )
    office.caught_up()


def listed(client: httpx.Client) -> list[str]:
    return [row["case"] for row in client.get("/v1/declarations").raise_for_status().json()["items"]]


def prepared(client: httpx.Client, case: CaseId, agency: int) -> Any:
    body = {"caseId": str(case), "agency": str(agency), "from": 1, "to": 1, "reason": ON_REQUEST}
    return client.post("/v1/acts/DeclarationRegistry/takeOverChecks", json=body).raise_for_status().json()
