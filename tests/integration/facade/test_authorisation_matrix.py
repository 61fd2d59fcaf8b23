"""Every route × every role × own and foreign data, on the ledger of the main job.

given the cast of the main job, for each role a stranger who has that role alone, and who does not sign in
given every route of the application, as the application lists them, each with a whole request
  a route that is not placed in this table should fail the test
  when somebody asks who may   → it should never be 401, 403, or 404 for what is there
  when somebody asks who may not → 401 without a sign-in; else what it says of something that is not there at all
given the examples of the interface's description
  each should be taken as a request of the right form
given every list that a reader is given part of
  who may see all should be given what the auditor is; a member of the cast its own rows; whoever else none
given what is the asker's in part
  an agency should see the items that it was asked about and no debt; its declarant should see all
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.access import declared_routes
from api.app import create
from ledger.domain.roles import Role
from scripts.demo.cast import all_seats, member_of
from tests.support.bodies import HOOK, Bodies
from tests.support.played import Played, played

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

CUSTOMS = (
    Role.CUSTOMS_OFFICER,
    Role.CUSTOMS_RISK,
    Role.CUSTOMS_INSPECTOR,
    Role.CUSTOMS_REVENUE,
    Role.CUSTOMS_AUDIT,
    Role.CUSTOMS_APPEAL,
)
EVERY_CASE = {*CUSTOMS, Role.AUDITOR}


@dataclass(frozen=True)
class Kind:
    """What a route shows, and who may see it: by role, and of the cast by member."""

    roles: frozenset[Role] = frozenset()
    members: frozenset[str] = frozenset()


CONTRACT: Any = create().openapi()


def shape(operation: Any) -> Any:
    """The shape of an operation's JSON body."""
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return CONTRACT["components"]["schemas"][reference.rpartition("/")[2]]


OPEN = "open to all"
SIGNED_IN = "for whoever is signed in"
DECLARATION = Kind(frozenset({*EVERY_CASE, Role.TREASURY}), frozenset({"importer", "broker", "carrier", "quarantine"}))
PERMIT = Kind(frozenset(EVERY_CASE), frozenset({"quarantine", "importer"}))
USE = Kind(frozenset(EVERY_CASE), frozenset({"quarantine"}))
MONEY = Kind(frozenset({*EVERY_CASE, Role.TREASURY}))
ACCOUNT = Kind(frozenset({*EVERY_CASE, Role.TREASURY}), frozenset({"importer"}))
AUDIT = Kind(frozenset({Role.AUDITOR, Role.CUSTOMS_AUDIT}))
WEBHOOK = Kind(members=frozenset({"broker"}))
ACT = Kind(frozenset({Role.AUDITOR}), frozenset({"broker"}))

PLACES: Mapping[tuple[str, str], Kind | str] = {
    ("POST", "/v1/session/nonce"): OPEN,
    ("POST", "/v1/session"): OPEN,
    ("GET", "/v1/session"): SIGNED_IN,
    ("DELETE", "/v1/session"): OPEN,
    ("POST", "/v1/verify"): OPEN,
    ("POST", "/v1/verify/many"): OPEN,
    ("GET", "/v1/declarations/{case}"): DECLARATION,
    ("GET", "/v1/declarations/{case}/history"): DECLARATION,
    ("GET", "/v1/declarations/{case}/responses"): DECLARATION,
    ("GET", "/v1/declarations/{case}/versions"): DECLARATION,
    ("GET", "/v1/declarations/{case}/held"): DECLARATION,
    **{
        ("GET", f"/v1/{what}"): SIGNED_IN  # each its own: `LISTS` says what is in it
        for what in (
            "participants",
            "participants/{participant}",
            "participants/{participant}/keys",
            "powers",
            "rules",
            "regimes",
            "code-lists",
            "declarations",
            "permits",
            "permit-applications",
            "documents",
            "document-statuses",
            "debts",
            "payments",
            "guarantees",
            "refunds",
        )
    },
    ("GET", "/v1/accounts/{participant}"): ACCOUNT,
    ("GET", "/v1/accounts/{participant}/statement"): ACCOUNT,
    ("GET", "/v1/settlement/supply"): MONEY,
    ("GET", "/v1/settlement/moves"): MONEY,
    ("GET", "/v1/audit/fallbacks"): AUDIT,
    ("GET", "/v1/audit/compromised-keys"): AUDIT,
    ("GET", "/v1/audit/compromised-keys/{key}/acts"): AUDIT,
    ("GET", "/v1/services"): OPEN,
    ("POST", "/v1/duty/calculate"): OPEN,
    ("POST", "/v1/lodgements"): SIGNED_IN,
    ("GET", "/v1/permits/{permit}"): PERMIT,
    ("GET", "/v1/permits/{permit}/history"): PERMIT,
    ("GET", "/v1/documents/{record}/history"): USE,
    ("GET", "/v1/documents/{issuer}/{record}"): SIGNED_IN,
    ("GET", "/v1/contradictions"): SIGNED_IN,
    ("GET", "/v1/contradictions/events"): SIGNED_IN,
    ("GET", "/v1/events"): SIGNED_IN,
    ("POST", "/v1/webhooks"): SIGNED_IN,
    ("GET", "/v1/webhooks"): SIGNED_IN,
    ("POST", "/v1/webhooks/{webhook}/replay"): WEBHOOK,
    ("DELETE", "/v1/webhooks/{webhook}"): WEBHOOK,
    ("POST", "/v1/prepare"): SIGNED_IN,
    ("POST", "/v1/acts"): OPEN,
    ("GET", "/v1/acts/{act_id}"): ACT,
    ("GET", "/v1/acts/{act_id}/events"): ACT,
    ("GET", "/health/live"): OPEN,
    ("GET", "/health/ready"): OPEN,
    ("GET", "/metrics"): OPEN,
}
"""Every route but the acts' own; those are for whoever is signed in: they prepare in the caller's name alone."""
POWER = Kind(frozenset({*EVERY_CASE, Role.AEO_UNIT, Role.CUSTOMS_LICENSING}), frozenset({"importer", "broker"}))
LISTS: Mapping[str, tuple[str, Kind]] = {
    "/v1/declarations": (
        "case",
        Kind(frozenset(EVERY_CASE), frozenset({"importer", "broker", "carrier", "quarantine"})),
    ),
    "/v1/permits": ("permit", Kind(frozenset(EVERY_CASE), frozenset({"importer", "quarantine"}))),
    "/v1/permit-applications": ("application", Kind(frozenset(EVERY_CASE), frozenset({"importer", "quarantine"}))),
    "/v1/documents": ("manifest", Kind(frozenset(EVERY_CASE))),
    "/v1/document-statuses": ("record_id", Kind(frozenset(EVERY_CASE))),
    "/v1/debts": ("case", Kind(MONEY.roles, frozenset({"importer", "broker"}))),
    "/v1/payments": ("payment", ACCOUNT),
    "/v1/guarantees": ("guarantee", ACCOUNT),
    "/v1/refunds": ("refund", ACCOUNT),
    "/v1/powers": ("client", POWER),
}
"""Lists of which a reader is given part: what names a row, who is given all. Rows with an issuer are also its own."""
ROUTES = [(method, str(route.path)) for route in declared_routes(create()) for method in route.methods or ()]
BODIES = Bodies(CONTRACT)
NOT_OURS = {"/v1/session", "/v1/acts"}
"""Whose example is of another facade, and so refused: an act of another chain's contract, another host's message."""
EXAMPLES = [
    (path, example)
    for path, operations in CONTRACT["paths"].items()
    for name, found in operations.items()
    if name == "post" and "application/json" in found.get("requestBody", {}).get("content", {})
    for example in shape(found).get("examples", ())
]
ABSENT = {
    "webhook": "ab" * 16,
    "case": "72057594037999999",
    "permit": "0x" + "ab" * 32,
    "record": "0x" + "cd" * 32,
    "act_id": "0x" + "ef" * 32,
    "participant": "999999",
    "key": "0x" + "ab" * 20,
}


def place(method: str, path: str) -> Kind | str | None:
    return SIGNED_IN if is_act(method, path) else PLACES.get((method, path))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with played(tmp_path_factory.mktemp("matrix")) as made:
        yield made


@pytest.fixture(scope="module")
def there(ledger: Played, clients: dict[str, httpx.Client]) -> dict[str, str]:
    """What the paths are about: the declaration, its permit, its certificate, an act and a webhook of the broker's."""
    hook = clients["broker"].post("/v1/webhooks", json={"url": HOOK}).raise_for_status().json()["webhook"]["id"]
    with ledger.reader() as reader:
        head = reader.head().number
        (issued, *_) = reader.find_events("PermitRegistry", "PermitIssued", {}, 0, head)
        (changed, *_) = reader.find_events("DocumentRegistry", "StatusChanged", {}, 0, head)
        broker = ledger.seat("broker").address
        trader = ledger.seat("importer").address
        importer = reader.call("ParticipantRegistry", "keyAt", (trader, reader.head().time), at=reader.head())[
            "participant"
        ]
        (executed, *_) = reader.find_events("ActForwarder", "ActExecuted", {"actor": broker}, 0, head)
        return {
            "webhook": hook,
            "case": ledger.case,
            "permit": "0x" + issued.args["permit"].hex(),
            "record": "0x" + changed.args["recordId"].hex(),
            "issuer": str(changed.args["issuer"]),
            "act_id": "0x" + executed.args["actId"].hex(),
            "participant": str(importer),
            "key": broker,
        }


@pytest.fixture(scope="module")
def clients(ledger: Played) -> Iterator[dict[str, httpx.Client]]:
    """A client for each caller, signed in."""
    opened: dict[str, Any] = {name: ledger.client(signer) for name, signer in ledger.callers().items()}
    yield {name: each.__enter__() for name, each in opened.items()}
    for each in opened.values():
        each.__exit__(None, None, None)


def may(caller: str, kind: Kind) -> bool:
    if caller.startswith("stranger "):
        return Role[caller.removeprefix("stranger ")] in kind.roles
    if caller == "anonymous":
        return False
    seat = next(seat for _, seat in all_seats() if seat.name == caller)
    return member_of(caller).name in kind.members or any(role in seat.roles for role in kind.roles)


def filled(path: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, f"{path}: say in `there` what it is about"
    return path


def test_every_route_is_placed() -> None:
    assert len(ROUTES) > 100
    assert [route for route in ROUTES if place(*route) is None] == [], "place new routes in this table"
    assert set(PLACES) <= set(ROUTES), "the table speaks of routes that are not there"


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[" ".join(route) for route in ROUTES])
def test_who_may(method: str, path: str, there: dict[str, str], clients: dict[str, httpx.Client]) -> None:
    kind = place(method, path)
    for caller in asked_by(method, path, clients):
        client = clients[caller]
        if (method, path) == ("DELETE", "/v1/session"):
            answer = client.delete(path, headers={"Authorization": "Bearer " + "A" * 43})  # a session of nobody
        else:
            answer = ask(client, method, path, there)
        told = f"{caller}: {answer.status_code} {answer.text[:300]}"
        if (method, path) == ("DELETE", "/v1/session"):
            assert answer.status_code == 401, told
        elif kind == OPEN:
            assert answer.is_success or path in NOT_OURS, told
            assert answer.status_code not in (401, 403), told
        elif caller == "anonymous":
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), told
        elif kind == SIGNED_IN:
            assert answer.status_code not in (401, 403), told
            assert answer.is_success or is_of_the_law(path, answer), told
        elif isinstance(kind, Kind) and may(caller, kind):
            assert answer.is_success, told
        else:
            absent = ask(client, method, path, {**there, **ABSENT})
            assert (answer.status_code, absent.status_code) == (404, 404), told
            assert as_if_absent(answer, there) == as_if_absent(absent, ABSENT), told


@pytest.mark.parametrize("path", LISTS)
def test_whose_rows(path: str, clients: dict[str, httpx.Client]) -> None:
    """The same of each kind with foreign rows beside: tests/unit/test_lists_by_reader.py."""
    name, kind = LISTS[path]
    rows = clients["auditor"].get(path).raise_for_status().json()["items"]
    given, expected = {}, {}
    for caller, client in clients.items():
        if caller == "anonymous":
            continue
        own = client.get("/v1/session").raise_for_status().json()["participant"]
        given[caller] = [row[name] for row in client.get(path).raise_for_status().json()["items"]]
        expected[caller] = [row[name] for row in rows if may(caller, kind) or is_its(own, row)]
    assert given == expected


def is_its(participant: Any, row: Mapping[str, Any]) -> bool:
    """Whether a document or its status is this participant's."""
    return "issuer" in row and row["issuer"]["id"] == participant


def asked_by(method: str, path: str, clients: Mapping[str, httpx.Client]) -> list[str]:
    """Who asks: everybody; of the acts' own routes, which are for whoever is signed in, few."""
    return ["anonymous", "broker", "stranger AUDITOR"] if is_act(method, path) else list(clients)


def is_act(method: str, path: str) -> bool:
    """Whether it is an act's own route."""
    return method == "POST" and path.startswith("/v1/acts/") and path.count("/") == 4


def ask(client: httpx.Client, method: str, path: str, about: Mapping[str, str]) -> httpx.Response:
    """One request; of an answer that streams only that it does."""
    with client.stream(method, filled(path, about), **BODIES(method, path, about)) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
        else:
            answer._content = b"(a stream)"
        return answer


def is_of_the_law(path: str, answer: httpx.Response) -> bool:
    """Whether a whole request was looked at and refused for what it is about: never for its form."""
    if path == "/v1/prepare" or path.startswith("/v1/acts/"):
        return answer.status_code in (404, 409)  # what the example names is not there, or the contract knows it not
    if path == "/v1/lodgements":  # at its place in the message, or one of its readers has no key to seal to
        places = [fault["path"] for fault in answer.json().get("faults") or ()]
        return answer.status_code in (404, 409) or (bool(places) and all(at.startswith("42A") for at in places))
    return path == "/v1/webhooks" and answer.status_code == 413  # a key has ten of them


def as_if_absent(answer: httpx.Response, ids: Mapping[str, str]) -> str:
    """The answer without the id that was asked for: what is left must not tell whether it is there."""
    text = answer.text
    for value in ids.values():
        text = text.replace(f" {value}", " ID")
    return text


ELSEWHERE = {"other_domain", "other_uri", "other_chain", "not_fresh", "expired", "address_not_allowed"}
"""Faults of an example that is right, but for another facade or another time."""


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_each_example_is_taken(
    path: str, example: Any, there: dict[str, str], clients: dict[str, httpx.Client]
) -> None:
    """As a request of the right form, whatever the ledger has to say to it."""
    answer = clients["importer"].post(filled(path, there), json=example)
    faults = {fault["code"] for fault in answer.json().get("faults") or ()} if answer.content else set()
    assert answer.status_code in (200, 201, 202, 204, 404, 409) or faults <= ELSEWHERE, answer.text
    assert answer.status_code < 500, answer.text


def test_an_agency_sees_its_part_and_the_declarant_all(ledger: Played, clients: dict[str, httpx.Client]) -> None:
    path = f"/v1/declarations/{ledger.case}"
    whole = clients["broker"].get(path).json()["state"]
    assert whole["debt"] is not None
    assert clients["customs-revenue"].get(path).json()["state"] == whole
    part = clients["quarantine-officer"].get(path).json()["state"]
    asked = [item for item in whole["items"] if item["checks"]]
    assert part["debt"] is None
    assert [item["number"] for item in part["items"]] == [item["number"] for item in asked]
    assert {item["permit_uses"] for item in part["items"]} == {None}
    assert clients["treasury-officer"].get(path).json()["state"]["items"] == []
    assert clients["carrier"].get(path).json()["state"]["debt"] is None


def test_an_agencys_history_tells_nothing_of_the_money(ledger: Played, clients: dict[str, httpx.Client]) -> None:
    path = f"/v1/declarations/{ledger.case}/history?limit=1000"
    whole = clients["auditor"].get(path).json()["acts"]
    part = clients["quarantine-officer"].get(path).json()["acts"]
    assert {act["contract"] for act in whole} > {"DebtLedger"}
    assert "DebtLedger" not in {act["contract"] for act in part}
    same = [act for act in whole if act in part]
    less = [act for act in part if act not in same]
    # Items with its own checks alone and no permits; the lodging without the sealed declaration's record.
    assert {act["event"] for act in less} <= {"ItemsEntered", "Lodged"}
    assert all(act["arguments"]["uses"] == [] for act in less if act["event"] == "ItemsEntered")
    assert "dataRecord" not in str(part)
    assert "dataRecord" in str(whole)
    assert [act for act in whole if (act["tx_hash"], act["log_index"]) in map(_place, part)] == [
        next(act for act in whole if _place(act) == _place(of_part)) for of_part in part
    ]


def _place(act: Mapping[str, Any]) -> tuple[str, int]:
    return act["tx_hash"], act["log_index"]


def test_an_officer_who_is_retired_reads_nothing_from_the_next_block(ledger: Played, there: dict[str, str]) -> None:
    stranger = ledger.strangers["CUSTOMS_INSPECTOR"]
    with ledger.client(stranger) as client:
        path = f"/v1/declarations/{there['case']}"
        assert client.get(path).status_code == 200
        with ledger.client(ledger.strangers["REGISTRAR"]) as registrar:
            wanted = {"key": stranger.address, "reason": 2}
            act = registrar.post("/v1/acts/ParticipantRegistry/retireKey", json=wanted).raise_for_status().json()
            signature = "0x" + ledger.strangers["REGISTRAR"].sign_typed_data(act["typed_data"]).hex()
            sent = registrar.post("/v1/acts", json={**act["act"], "signature": signature})
            assert sent.status_code == 202, sent.text
            with registrar.stream("GET", f"/v1/acts/{act['act_id']}/events") as stream:
                assert any('"FINAL"' in line for line in stream.iter_lines())
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_entitled")
        answer = client.get("/v1/session")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_entitled")
