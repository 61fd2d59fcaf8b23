"""Lists over HTTP: by right, by filter, page by page, as of any instant, with entity tags.

given a facade over the events of a trade
  when a trader, an agency, customs or nobody lists → each should get its own, an agency heads only, nobody a problem
  when blocks come between two pages → the pages should join into the list as it was at the first
  when the first page's block was undone → the cursor should be refused
  when a cursor is changed, or sent to another list, with other filters or as of another instant → it should be refused
  when a state is asked for that nothing of the kind can be in → it should be refused with those that it can
  when asked as of an instant → the answer should be that of then
  when asked again with the answer's tag → 304, until something about the answer itself changes
  when a trader asks for its statement → opening balance and entries should add up to the closing balance
  when it asks for a record by its id → the registry's last change, and UNKNOWN without one: never that it is in force
given anybody
  when duty is calculated → the guide's known answer; rates of the rule book only with the document that it names
  when the rule book has moved on → each of its lists tells its version, now and as of any instant
  when services are listed → every act of the contracts should have its passport, and each its inputs
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import access
from api.app import create
from ledger.adapters.evm.contracts import Contracts
from ledger.bootstrap.facade import Facade
from ledger.domain import canonical
from ledger.domain.caller import Caller
from ledger.domain.declaration import AgencyDecision, DeclarationStatus, HeldFor
from ledger.domain.errors import NotFound
from ledger.domain.folding import RULES
from ledger.domain.folding.words import STATES
from ledger.domain.held import EXPLANATIONS, REASONS, NotYet
from ledger.domain.ids import CaseId, ParticipantId
from ledger.domain.judging import DocumentState
from ledger.domain.passports import ACTS, WITHOUT_ACT
from ledger.domain.plain import rfc3339
from ledger.domain.roles import Role
from ledger.services.responding import Responding
from ledger.services.states import STANDINGS
from tests.support import trade_events as trade
from tests.support.facades import facade_on, serving, serving_app
from tests.support.fake_chain import FakeChain
from tests.support.trade_events import CASES, CUSTOMS, IMPORTER, KEYS, QUARANTINE, RIVAL

SUCCESSOR = 10
ROLES = {
    CUSTOMS: Role.CUSTOMS_OFFICER,
    QUARANTINE: Role.OGA,
    IMPORTER: Role.DECLARANT,
    trade.BROKER: Role.BROKER,
    RIVAL: Role.DECLARANT,
    8: Role.AUDITOR,
    9: Role.TREASURY,
    SUCCESSOR: Role.OGA,
}
TARIFF = {
    "tamga": "tariff/1",
    "rates": [
        {"commodity": "", "duty": {"percent": "5"}},
        {"commodity": "0602", "duty": {"percent": "2.70"}, "vat": {"percent": "20"}},
    ],
}


LISTS_OF = {
    "/v1/declarations": STATES["declaration"],
    "/v1/permits": STATES["permit"],
    "/v1/permit-applications": STATES["application"],
    "/v1/document-statuses": STATES["record"],
    "/v1/debts": STATES["debt"],
    "/v1/guarantees": STATES["guarantee"],
    "/v1/refunds": STATES["refund"],
    "/v1/settlement/moves": STATES["bank_move"],
    "/v1/participants": STATES["participant"],
    f"/v1/participants/{IMPORTER}/keys": STATES["key"],
    "/v1/powers": STATES["power"],
    "/v1/rules": STATES["rule"],
    "/v1/regimes": STATES["regime"],
    "/v1/audit/fallbacks": STATES["fallback"],
}


@dataclass
class World:
    """The chain that the facade follows."""

    chain: FakeChain


@dataclass
class Office:
    """A facade, and who asks it next."""

    facade: Facade
    client: httpx.Client
    reader: int | None = None

    def index(self) -> None:
        for _ in self.facade.indexer.catch_up():
            pass

    def ask(self, path: str, reader: int | None, **parameters: Any) -> httpx.Response:
        self.reader = reader
        return self.client.get(path, params=parameters)

    def get(self, path: str, reader: int, **parameters: Any) -> Any:
        return self.ask(path, reader, **parameters).raise_for_status().json()

    def cases(self, reader: int, **parameters: Any) -> list[int]:
        return [int(item["case"]) for item in self.get("/v1/declarations", reader, **parameters)["items"]]


@pytest.fixture
def world() -> World:
    made = World(FakeChain())
    made.chain.final_depth = 2
    made.chain.mine(*trade.births())
    digest = hashlib.sha256(canonical.dumps(TARIFF)).digest()
    made.chain.mine(("RuleRegistry", "CodeListSet", {"name": b"tariff", "version": 1, "digest": digest}))
    made.chain.answer("RuleRegistry", "versionAt", lambda *_: 1)
    return made


@pytest.fixture
def office(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr("api.background.Background.start", lambda _: None)  # the test indexes when it wants
    monkeypatch.setattr("api.background.Background.stop", lambda _: None)
    facade = facade_on(world.chain, tmp_path)
    app = create(lambda: facade)
    with serving_app(app, facade.sign_in.public_url) as client:
        made = Office(facade, client)

        def signed_in() -> Caller:
            assert made.reader is not None
            number = ParticipantId(made.reader)
            return Caller(KEYS.get(number, KEYS[CUSTOMS]), number, ROLES[number], 0)

        app.dependency_overrides[access.signed_in] = signed_in
        made.index()
        yield made


def test_each_reader_lists_its_own(office: Office) -> None:
    assert office.cases(IMPORTER) == office.cases(trade.BROKER) == CASES[1::-1]
    assert office.cases(RIVAL) == [CASES[2]]
    assert office.cases(CUSTOMS) == office.cases(8) == CASES[::-1]
    assert office.cases(QUARANTINE) == office.cases(9) == []
    for path in ("/v1/debts", "/v1/payments", "/v1/guarantees", "/v1/refunds", "/v1/permits", "/v1/documents"):
        assert all("items" in office.get(path, reader) for reader in ROLES)
    assert [d["case"] for d in office.get("/v1/debts", 9)["items"]] == [str(c) for c in CASES[::-1]]
    assert office.get("/v1/debts", QUARANTINE)["items"] == []
    assert len(office.get("/v1/permits", IMPORTER)["items"]) == 1
    assert len(office.get("/v1/permits", QUARANTINE)["items"]) == 2
    assert office.get("/v1/permits", RIVAL)["items"] == []


def test_an_agency_sees_the_heads_of_what_it_was_asked_about(office: Office, world: World) -> None:
    asked = {"item": 1, "agency": QUARANTINE, "checkCode": 218}
    entered = {"caseId": CASES[0], "actor": KEYS[CUSTOMS], "agencies": [asked], "uses": []}
    world.chain.mine(("DeclarationRegistry", "ItemsEntered", entered))
    office.index()
    (head,) = office.get("/v1/declarations", QUARANTINE)["items"]
    assert (head["case"], head["outcomes"], head["permits"], head["data_record"]) == (str(CASES[0]), None, None, None)
    whole = office.get("/v1/declarations", IMPORTER)["items"][-1]
    assert whole["outcomes"] == ["HELD"] * 3
    assert whole["data_record"] is not None


def test_an_agency_that_took_checks_over_sees_the_head(office: Office, world: World) -> None:
    asked = {"item": 1, "agency": QUARANTINE, "checkCode": 218}
    entered = {"caseId": CASES[0], "actor": KEYS[CUSTOMS], "agencies": [asked], "uses": []}
    moved = {"caseId": CASES[0], "actor": KEYS[RIVAL], "agency": QUARANTINE, "successor": SUCCESSOR, "revision": 1}
    world.chain.mine(("DeclarationRegistry", "ItemsEntered", entered))
    office.index()
    assert office.cases(SUCCESSOR) == []
    world.chain.mine(("DeclarationRegistry", "ChecksTakenOver", {**moved, "from": 1, "to": 1}))
    office.index()
    assert office.cases(SUCCESSOR) == office.cases(SUCCESSOR, agency=SUCCESSOR) == [CASES[0]]
    assert office.cases(QUARANTINE) == [CASES[0]]  # what it decided before stays its own


def test_a_stand_in_lists_what_waits_for_the_agency(office: Office, world: World) -> None:
    waits = dict.fromkeys(CASES, True)
    decisions = {True: AgencyDecision.PENDING, False: AgencyDecision.RELEASE}
    named = {"declarant": IMPORTER, "importer": IMPORTER, "carrier": 0, "itemCount": 1}
    world.chain.answer(
        "DeclarationRegistry", "state", lambda *_: {**named, "status": DeclarationStatus.ACCEPTED, "version": 1}
    )
    world.chain.answer(
        "DeclarationRegistry",
        "checks",
        lambda args, _: [{"agency": QUARANTINE, "decision": decisions[waits[args[0]]], "version": 1}],
    )
    world.chain.answer("ParticipantRegistry", "successorOf", lambda *_: SUCCESSOR)
    asked = {"item": 1, "agency": QUARANTINE, "checkCode": 218}
    for case in CASES:
        entered = {"caseId": case, "actor": KEYS[CUSTOMS], "agencies": [asked], "uses": []}
        world.chain.mine(("DeclarationRegistry", "ItemsEntered", entered))
    office.index()
    assert office.cases(SUCCESSOR) == []
    succession = {"agency": QUARANTINE, "version": 1, "successor": SUCCESSOR, "actor": KEYS[CUSTOMS]}
    world.chain.mine(("ParticipantRegistry", "SuccessorSet", succession))
    office.index()
    assert office.cases(SUCCESSOR) == office.cases(SUCCESSOR, agency=QUARANTINE) == CASES[::-1]
    head = office.get("/v1/declarations", SUCCESSOR)["items"][0]
    assert (head["outcomes"], head["permits"], head["data_record"]) == (None, None, None)
    waits[CASES[1]] = False
    page = office.get("/v1/declarations", SUCCESSOR, limit=2)
    assert [item["case"] for item in page["items"]] == [str(CASES[2])]
    assert office.cases(SUCCESSOR, after=page["next"]) == [CASES[0]]
    assert office.cases(QUARANTINE) == CASES[::-1]


def test_an_agency_sees_the_permits_that_were_reassigned_to_it(office: Office, world: World) -> None:
    def permits(reader: int, **filters: Any) -> list[str]:
        return [item["permit"] for item in office.get("/v1/permits", reader, **filters)["items"]]

    holds = {"now": SUCCESSOR}
    world.chain.answer(
        "PermitRegistry", "reassignedTo", lambda args, _: holds["now"] if args == (QUARANTINE, 851001) else 0
    )
    older = permits(QUARANTINE)
    assert len(older) == 2
    assert permits(SUCCESSOR) == []
    reassigned = {"from": QUARANTINE, "docType": 851001, "to": SUCCESSOR}
    elsewhere = {"from": QUARANTINE, "docType": 911000, "to": SUCCESSOR}
    world.chain.mine(
        ("PermitRegistry", "PermitTypeReassigned", reassigned), ("PermitRegistry", "PermitTypeReassigned", elsewhere)
    )
    office.index()
    assert permits(SUCCESSOR) == permits(QUARANTINE) == older
    assert permits(SUCCESSOR, limit=1) == older[:1]
    assert permits(SUCCESSOR, applicant=IMPORTER) == older[1:]
    assert permits(SUCCESSOR, document_type=911000) == []
    assert permits(RIVAL) == []
    own = {**trade.issued(b"\x77" * 32)[2], "issuer": SUCCESSOR}
    world.chain.mine(("PermitRegistry", "PermitIssued", own))
    office.index()
    assert len(permits(SUCCESSOR)) == 3
    holds["now"] = 0  # governance took them back: what the contract says counts, not that it was so once
    assert permits(SUCCESSOR) == ["0x" + "77" * 32]


@pytest.mark.parametrize("of_the_type", [True, False])
def test_an_agency_sees_the_applications_that_wait_for_another(office: Office, world: World, of_the_type: bool) -> None:
    def waiting(reader: int) -> list[str]:
        return [item["application"] for item in office.get("/v1/permit-applications", reader)["items"]]

    holds = {"now": SUCCESSOR}
    world.chain.answer(
        "PermitRegistry", "reassignedTo", lambda args, _: holds["now"] if args == (QUARANTINE, 851001) else 0
    )
    world.chain.answer(
        "ParticipantRegistry", "successorOf", lambda args, _: holds["now"] if args[0] == QUARANTINE else 0
    )
    older = waiting(QUARANTINE)
    assert len(older) == 1
    assert waiting(SUCCESSOR) == []
    if of_the_type:
        told = {"from": QUARANTINE, "docType": 851001, "to": SUCCESSOR}
        world.chain.mine(("PermitRegistry", "PermitTypeReassigned", told))
    else:
        named = {"agency": QUARANTINE, "version": 1, "successor": SUCCESSOR, "actor": KEYS[CUSTOMS]}
        world.chain.mine(("ParticipantRegistry", "SuccessorSet", named))
    office.index()
    assert waiting(SUCCESSOR) == older
    assert waiting(RIVAL) == []
    holds["now"] = 0  # the agency was reinstated: what the contract says counts
    assert waiting(SUCCESSOR) == []


def test_who_has_not_signed_in_gets_a_problem(world: World, tmp_path: Path) -> None:
    with serving(facade_on(world.chain, tmp_path)) as client:
        for path in ("/v1/declarations", "/v1/participants", "/v1/debts", "/v1/rules", "/v1/audit/fallbacks"):
            assert client.get(path).status_code == 401, path


def test_what_may_not_be_seen_is_not_there(office: Office) -> None:
    assert office.ask(f"/v1/accounts/{IMPORTER}", RIVAL).status_code == 404
    assert office.ask(f"/v1/accounts/{IMPORTER}/statement", RIVAL, **{"from": "0"}).status_code == 404
    assert office.ask("/v1/settlement/supply", IMPORTER).status_code == 404
    assert office.ask("/v1/audit/fallbacks", IMPORTER).status_code == 404
    own, other = (office.get(f"/v1/participants/{IMPORTER}", reader) for reader in (IMPORTER, RIVAL))
    assert own["participant"]["participant"]["id"] == other["participant"]["participant"]["id"] == IMPORTER


def test_filters_narrow_within_the_right(office: Office, world: World) -> None:
    world.chain.mine(("DeclarationRegistry", "Cleared", {"caseId": CASES[0], "actor": KEYS[CUSTOMS]}))
    office.index()
    assert office.cases(CUSTOMS, state="CLEARED") == [CASES[0]]
    assert office.cases(CUSTOMS, state="CLEARED,ACCEPTED") == CASES[::-1]
    assert office.cases(CUSTOMS, importer=RIVAL) == [CASES[2]]
    assert office.cases(CUSTOMS, importer=RIVAL, declarant=IMPORTER) == []
    assert office.cases(IMPORTER, importer=RIVAL) == []
    assert office.cases(CUSTOMS, office=7) == CASES[::-1]
    assert office.cases(CUSTOMS, office=8) == []
    assert office.cases(CUSTOMS, regime=4000) == CASES[::-1]
    assert office.cases(CUSTOMS, regime=7100) == []


def test_lists_of_a_period(office: Office, world: World) -> None:
    begun = world.chain.between(1, 1)[0].time  # the block that all of the world was born in
    later = ("DeclarationRegistry", "Cleared", {"caseId": CASES[0], "actor": KEYS[CUSTOMS]})
    world.chain.mine(later, seconds=1_000)
    office.index()
    for period, listed in (
        ({"since": begun}, CASES[::-1]),
        ({"until": begun}, CASES[::-1]),
        ({"since": begun, "until": begun}, CASES[::-1]),
        ({"since": rfc3339(begun), "until": rfc3339(begun + 5_000)}, CASES[::-1]),
        ({"since": begun + 1}, []),  # what changed later did not begin later
        ({"until": begun - 1}, []),
        ({"until": 0}, []),
    ):
        assert office.cases(CUSTOMS, **{name: str(value) for name, value in period.items()}) == listed, period
        assert bool(office.get("/v1/permits", CUSTOMS, **period)["items"]) is bool(listed)
    assert office.cases(RIVAL, since=str(begun)) == [CASES[2]]
    page = office.get("/v1/declarations", CUSTOMS, since=str(begun), limit=2)
    assert [int(item["case"]) for item in page["items"]] == CASES[:0:-1]
    refused = office.ask("/v1/declarations", CUSTOMS, since="yesterday", until="1")
    assert refused.json()["faults"][0]["path"] == "/query/since"
    turned = office.ask("/v1/declarations", CUSTOMS, since=str(begun), until=str(begun - 1))
    assert turned.status_code == 422
    assert [(fault["code"], fault["path"]) for fault in turned.json()["faults"]] == [("period", "/query/since")]


def test_pages_are_of_the_first_ones_block(office: Office, world: World) -> None:
    page = office.get("/v1/declarations", CUSTOMS, limit=1)
    found = [page["items"][0]["case"]]
    for case in (CASES[0] + 10, CASES[0] + 11):
        world.chain.mine(trade.lodged(case))
        office.index()
        page = office.get("/v1/declarations", CUSTOMS, limit=1, after=page["next"])
        found += [item["case"] for item in page["items"]]
    assert found == [str(case) for case in CASES[::-1]]
    assert page["next"] is None
    assert len(office.cases(CUSTOMS)) == 5


def test_a_cursor_into_an_undone_block_is_refused(office: Office, world: World) -> None:
    world.chain.mine(trade.lodged(CASES[0] + 10))
    office.index()
    cursor = office.get("/v1/declarations", CUSTOMS, limit=1)["next"]
    world.chain.fork_at(world.chain.head().number - 1)
    world.chain.mine(fork="b")
    world.chain.mine(fork="b")
    office.index()
    refused = office.ask("/v1/declarations", CUSTOMS, after=cursor)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert office.ask("/v1/declarations", CUSTOMS, after="1.2").status_code == 422


def there(world: World) -> None:
    """Let the contract know every declaration that is asked for."""
    named = {"declarant": IMPORTER, "importer": IMPORTER, "carrier": 0, "itemCount": 0}
    world.chain.answer(
        "DeclarationRegistry", "state", lambda *_: {**named, "status": DeclarationStatus.ACCEPTED, "version": 1}
    )


def test_a_cursor_is_good_for_its_own_list_alone(office: Office, world: World) -> None:
    there(world)
    now = world.chain.head().time
    asked = {"limit": 1, "state": "LODGED,ACCEPTED", "as_of": str(now)}
    first = office.get("/v1/declarations", CUSTOMS, **asked)
    cursor = first["next"]
    assert office.get("/v1/declarations", CUSTOMS, after=cursor, **asked)["items"]
    spelt = {**asked, "state": "ACCEPTED,LODGED", "as_of": rfc3339(now)}
    assert office.get("/v1/declarations", CUSTOMS, after=cursor, **spelt)["items"], "the same, spelt in another way"
    changed = "".join("1" if digit == "0" else "0" for digit in cursor[-1])
    elsewhere: list[tuple[str, int, dict[str, Any], str]] = [
        ("/v1/documents", CUSTOMS, {}, cursor),
        ("/v1/declarations", IMPORTER, asked, cursor),
        ("/v1/declarations", CUSTOMS, {**asked, "state": "LODGED"}, cursor),
        ("/v1/declarations", CUSTOMS, {**asked, "office": 7}, cursor),
        ("/v1/declarations", CUSTOMS, {**asked, "since": "0"}, cursor),
        ("/v1/declarations", CUSTOMS, asked, cursor[:-1] + changed),
        ("/v1/declarations", CUSTOMS, asked, f"1{cursor}"),
        (f"/v1/declarations/{CASES[0]}/history", CUSTOMS, {}, cursor),
        ("/v1/contradictions", CUSTOMS, {}, cursor),
    ]
    for path, reader, parameters, after in elsewhere:
        refused = office.ask(path, reader, **{**parameters, "after": after})
        assert refused.status_code == 422, (path, parameters)
        assert refused.json()["faults"][0]["path"] == "/query/after"
        assert refused.json()["faults"][0]["code"] in ("other_list", "cursor")
    then = office.ask("/v1/declarations", CUSTOMS, **{**asked, "after": cursor, "as_of": str(now - 1)})
    assert [(f["code"], f["path"]) for f in then.json()["faults"]] == [("other_list", "/query/as_of")]


def test_the_cursor_of_a_history_is_good_for_it_alone(office: Office, world: World) -> None:
    def history(case: int, **parameters: Any) -> httpx.Response:
        return office.ask(f"/v1/declarations/{case}/history", CUSTOMS, limit=1, **parameters)

    there(world)
    world.chain.mine(("DeclarationRegistry", "Rejected", {"caseId": CASES[0], "actor": KEYS[CUSTOMS], "reason": 1}))
    office.index()
    cursor = history(CASES[0]).json()["next"]
    assert history(CASES[0], after=cursor).json()["acts"]
    for refused in (history(CASES[1], after=cursor), history(CASES[0], after=cursor, as_of=str(2**39))):
        assert [(f["code"], f["path"]) for f in refused.json()["faults"]] == [("other_list", "/query/after")]


@pytest.mark.parametrize("path", sorted(LISTS_OF))
def test_a_state_that_there_is_not_is_refused(office: Office, path: str) -> None:
    words = LISTS_OF[path]
    refused = office.ask(path, 8, state="FOO")
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed")
    (fault,) = refused.json()["faults"]
    assert (fault["code"], fault["path"]) == ("unknown_word", "/query/state")
    assert fault["text"] == f"one of these is needed: {', '.join(words)}"
    assert office.ask(path, 8, state=",".join(words)).status_code == 200
    spec = office.client.get("/openapi.json").json()["paths"]
    operation = spec[path.replace(f"/{IMPORTER}/", "/{participant}/")]["get"]
    (described,) = (each for each in operation["parameters"] if each["name"] == "state")
    assert described["schema"]["items"]["enum"] == list(words)
    assert (described["style"], described["explode"]) == ("form", False)


def test_the_past_can_be_asked_for(office: Office, world: World) -> None:
    then = world.chain.head().time
    world.chain.mine(("DeclarationRegistry", "Cleared", {"caseId": CASES[0], "actor": KEYS[CUSTOMS]}), seconds=10)
    office.index()
    assert office.get("/v1/declarations", IMPORTER)["items"][-1]["status"] == "CLEARED"
    assert office.get("/v1/declarations", IMPORTER, as_of=str(then))["items"][-1]["status"] == "ACCEPTED"
    assert office.cases(CUSTOMS, as_of=str(then + 9), state="CLEARED") == []
    assert office.ask("/v1/declarations", CUSTOMS, as_of="0").status_code == 404
    assert office.ask("/v1/declarations", CUSTOMS, as_of="yesterday").json()["faults"][0]["path"] == "/query/as_of"


def test_a_declaration_before_its_contract_is_not_there(office: Office, world: World) -> None:
    def not_deployed(*_: Any) -> None:
        raise NotFound("contract in the Directory", "DeclarationRegistry")

    world.chain.answer("DeclarationRegistry", "state", not_deployed)
    with pytest.raises(NotFound, match=f"no declaration {CASES[0]}"):
        office.facade.states.declaration(CaseId(CASES[0]), at=world.chain.head().time)


def test_a_tag_holds_until_the_answer_changes(office: Office, world: World) -> None:
    first = office.ask("/v1/declarations", IMPORTER)
    tag = first.headers["etag"]
    world.chain.mine()
    office.index()
    office.client.headers["If-None-Match"] = tag
    same = office.ask("/v1/declarations", IMPORTER)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert office.ask("/v1/declarations", RIVAL).status_code == 200
    del office.client.headers["If-None-Match"]
    page = office.ask("/v1/declarations", IMPORTER, limit=1)  # more follow: the cursor names the block
    world.chain.mine(seconds=100)
    office.index()
    office.client.headers["If-None-Match"] = page.headers["etag"]
    assert office.ask("/v1/declarations", IMPORTER, limit=1).status_code == 304
    assert office.cases(IMPORTER, limit=1, after=page.json()["next"]) == [CASES[0]]
    office.client.headers["If-None-Match"] = tag
    world.chain.mine(("DeclarationRegistry", "Cleared", {"caseId": CASES[0], "actor": KEYS[CUSTOMS]}))
    office.index()
    changed = office.ask("/v1/declarations", IMPORTER)
    assert (changed.status_code, changed.headers["etag"] == tag) == (200, False)


def test_a_statement_up_to_now_keeps_its_tag(office: Office) -> None:
    def asked() -> httpx.Response:
        return office.ask(f"/v1/accounts/{IMPORTER}/statement", IMPORTER)

    first = asked()
    while (later := asked()).json()["until"] == first.json()["until"]:
        time.sleep(0.1)
    assert later.headers["ETag"] == first.headers["ETag"]


def test_a_statement_adds_up(office: Office, world: World) -> None:
    chain, (case, *_) = world.chain, CASES
    chain.mine(trade.posted(case, 1, 270, 270), seconds=100)
    start = chain.head().time
    chain.mine(trade.posted(case, 2, 2054, 2324), trade.assessed(case, 2324), seconds=100)
    chain.mine(trade.paid(case, 3, 2000), trade.posted(CASES[2], 1, 5, 5), seconds=100)
    end = chain.head().time
    chain.mine(trade.paid(case, 4, 324, payment=b"\x71" * 32), seconds=100)
    office.index()
    told = office.get(f"/v1/accounts/{IMPORTER}/statement", IMPORTER, **{"from": str(start + 1), "until": str(end)})
    assert (told["opening"]["owed"], told["closing"]["owed"]) == ("270", "324")
    assert [(e["entry"], e["amount"], e["balance"]) for e in told["entries"]] == [
        ("CHARGE", "2054", "2324"),
        ("PAYMENT", "-2000", "324"),
    ]
    assert int(told["opening"]["owed"]) + sum(int(e["amount"]) for e in told["entries"]) == 324
    assert office.get(f"/v1/accounts/{IMPORTER}", CUSTOMS)["balance"] == {"owed": "0", "prepaid": "0"}
    assert office.get(f"/v1/accounts/{RIVAL}", 9)["balance"]["owed"] == "5"
    empty = office.ask(f"/v1/accounts/{IMPORTER}/statement", IMPORTER, **{"from": str(end), "until": str(start)})
    assert empty.status_code == 422


def test_acts_of_a_key_in_wrong_hands_are_listed(office: Office, world: World) -> None:
    chain, key = world.chain, KEYS[trade.BROKER]
    chain.mine(trade.lodged(CASES[0] + 20), seconds=50)
    since = chain.head().time
    chain.mine(trade.lodged(CASES[0] + 21), seconds=50)
    word = trade.key_word(trade.BROKER, flags=1, blocked=since + 1)
    notice = {"key": key, "participant": trade.BROKER, "actor": KEYS[CUSTOMS], "version": 2, "word": word}
    chain.mine(("ParticipantRegistry", "KeyChanged", notice), seconds=50)
    chain.mine(trade.lodged(CASES[0] + 22), seconds=50)
    office.index()
    (told,) = office.get("/v1/audit/compromised-keys", 8)["items"]
    assert told["key"] == key
    assert told["noticed_at"] > told["blocked_from"]
    acts = office.get(f"/v1/audit/compromised-keys/{key}/acts", 8)["acts"]
    assert [(a["event"], a["arguments"].get("caseId")) for a in acts] == [
        ("Lodged", str(CASES[0] + 21)),
        ("KeyChanged", None),
    ]
    assert office.get(f"/v1/audit/compromised-keys/{KEYS[IMPORTER]}/acts", 8)["acts"] == []
    assert office.ask(f"/v1/audit/compromised-keys/0x{'ab' * 20}/acts", 8).status_code == 404


def test_fallback_entries_and_supply_are_listed(office: Office, world: World) -> None:
    entry = {"caseId": CASES[0], "actor": KEYS[CUSTOMS], "key": b"\x09" * 32, "act": b"\1\2\3\4", "occurredAt": 99}
    minted = {"bankReference": b"\x08" * 32, "actor": KEYS[CUSTOMS], "to": KEYS[IMPORTER], "amount": 700}
    redeemed = {"bankReference": b"\x07" * 32, "actor": KEYS[CUSTOMS], "from": KEYS[IMPORTER], "amount": 50}
    world.chain.mine(
        ("DeclarationRegistry", "FallbackEntered", entry),
        ("SettlementToken", "Minted", minted),
        ("SettlementToken", "Redeemed", redeemed),
    )
    office.index()
    (told,) = office.get("/v1/audit/fallbacks", 8)["items"]
    assert (told["status"], told["act"], told["occurred_at"]) == ("ENTERED", "0x01020304", "1970-01-01T00:01:39Z")
    supply = office.get("/v1/settlement/supply", 9)
    assert (supply["minted"], supply["redeemed"], supply["supply"]) == ("700", "50", "650")
    assert [m["status"] for m in office.get("/v1/settlement/moves", 9)["items"]] == ["REDEEMED", "MINTED"]


def test_the_rule_book_tells_its_version_then_and_now(office: Office, world: World) -> None:
    then = world.chain.head().time
    for version, after_s in ((2, 0), (3, 86_400)):
        digest = bytes([version]) * 32
        event = ("RuleRegistry", "CodeListSet", {"name": b"tariff", "version": version, "digest": digest})
        world.chain.mine(event, seconds=after_s + 1)
    world.chain.mine(seconds=1)
    world.chain.mine(seconds=1)
    office.index()
    versions = {then: 1, then + 1: 2, then + 86_402: 3}
    world.chain.answer(
        "RuleRegistry", "versionAt", lambda args, _: next(v for t, v in reversed(versions.items()) if t <= args[0])
    )
    for instant, version in versions.items():
        [tariff] = office.get("/v1/code-lists", IMPORTER, as_of=str(instant))["items"]
        assert (tariff["name"], tariff["rule_version"]) == ("tariff", version)
        for path in ("/v1/rules", "/v1/regimes", "/v1/code-lists"):
            assert office.get(path, IMPORTER, as_of=str(instant))["rule_version"] == version, path
    assert office.get("/v1/rules", IMPORTER)["rule_version"] == 3


def calculated(office: Office, **asked: Any) -> httpx.Response:
    return office.client.post("/v1/duty/calculate", json=asked)


def test_duty_has_its_known_answer(office: Office) -> None:
    rates = {"duty": {"percent": "2.70"}, "vat": {"percent": "20.00"}}
    told = calculated(office, items=[{"value": "10000.00", "rates": rates}]).raise_for_status().json()
    assert told["total"] == "2324.00"
    assert told["charges"] == [{"code": "CUD", "amount": "270.00"}, {"code": "VAT", "amount": "2054.00"}]
    assert (told["rates"], told["as_of"], told["tariff"]) == ("GIVEN", None, None)


def test_rates_in_force_are_those_of_the_named_document(office: Office) -> None:
    items = [{"value": "10000.00", "commodity": "0602904700"}, {"value": "100.00", "commodity": "9999"}]
    told = calculated(office, items=items, tariff=TARIFF, fee="1.50").raise_for_status().json()
    assert (told["rates"], told["total"]) == ("IN_FORCE", "2330.50")
    assert [item["total"] for item in told["items"]] == ["2324.00", "5.00"]
    assert (told["tariff"]["name"], told["tariff"]["rule_version"]) == ("tariff", 1)
    other = {**TARIFF, "rates": [{"commodity": "", "duty": {"percent": "0"}}]}
    refused = calculated(office, items=items, tariff=other)
    assert refused.json()["faults"][0]["code"] == "not_in_force"


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"items": [{"value": "1"}]}, "/body/items/0/rates"),
        ({"items": [{"value": "-1", "rates": {}}]}, "/body/items/0/value"),
        ({"items": [{"value": "1"}], "tariff": {"tamga": "tariff/2"}}, "/body/tariff"),
        (
            {"items": [{"value": "1"}], "tariff": {"tamga": "tariff/1", "rates": [{"commodity": "x"}]}},
            "/body/tariff/rates/0/commodity",
        ),
        ({"items": []}, "/body/items"),
        ({"items": [{"value": "1", "rates": {}}], "as_of": "2026-11-23T09:00:00Z"}, "/body/tariff"),
    ],
)
def test_a_bad_question_is_told_where(office: Office, asked: dict[str, Any], path: str) -> None:
    told = calculated(office, **asked)
    assert told.status_code == 422
    assert told.json()["faults"][0]["path"] == path


def test_every_act_has_its_passport(office: Office) -> None:
    codec = Contracts.packaged()
    assert {c: set(f) for c, f in ACTS.items()} == {c: {a.function for a in codec.acts(c)} for c in ACTS}
    told = office.client.get("/v1/services").raise_for_status().json()["services"]
    assert len(told) == sum(map(len, ACTS.values())) + len(WITHOUT_ACT)
    lodge = next(s for s in told if s["code"] == "DeclarationRegistry.lodge")
    (lodgement,) = [given for given in lodge["inputs"] if given["name"] == "lodgement"]
    assert {"importer", "office", "itemCount"} <= {member["name"] for member in lodgement["members"]}
    assert all(s[field] for s in told for field in ("name", "owner", "legal_basis", "result", "sign_in", "version"))


def test_every_contract_with_acts_is_in_the_table() -> None:
    codec = Contracts.packaged()
    packaged = {path.stem for path in Path(access.__file__).parents[1].joinpath("ledger/artifacts").glob("*.json")}
    with_acts = {name for name in packaged if name not in NOT_TARGETS and codec.acts(name)}
    assert with_acts == set(ACTS)


NOT_TARGETS = {
    "AccessManager",
    "ActForwarder",
    *("AssessmentDesk", "GuaranteeDesk", "RefundDesk"),
    *(
        f"Declaration{part}"
        for part in ("Acceptance", "Appeals", "Control", "Joint", "Lodging", "Release", "Requests", "Views")
    ),
    "Directory",
    "Governance",
}
"""Contracts whose functions nobody signs for the forwarder: governance acts by itself, libraries by their contract."""


def test_every_reason_has_its_words() -> None:
    assert set(EXPLANATIONS) == {*HeldFor, *NotYet}
    assert len(REASONS) == len(EXPLANATIONS), "no two have one code"
    assert all(told.text.endswith(".") and told.remedy.endswith(".") for told in EXPLANATIONS.values())


def test_every_rule_is_for_an_event_that_there_is() -> None:
    codec = Contracts.packaged()
    for contract, event in RULES:
        assert codec.topics(contract, event, {}), (contract, event)


def test_an_event_that_moves_debt_and_guarantee_moves_both(office: Office, world: World) -> None:
    moved = {
        "guarantee": trade.GUARANTEE,
        "caseId": CASES[0],
        "caseVersion": 3,
        "amount": 40,
        "free": 460,
        "reserved": 40,
    }
    world.chain.mine(("DebtLedger", "SecurityMoved", {**moved, "actor": KEYS[CUSTOMS]}))
    office.index()
    (debt,) = [d for d in office.get("/v1/debts", IMPORTER)["items"] if d["case"] == str(CASES[0])]
    (guarantee,) = office.get("/v1/guarantees", IMPORTER)["items"]
    assert (debt["secured"], guarantee["reserved"], guarantee["free"]) == ("40", "40", "460")


def test_contents_of_a_case_are_an_auditors_by_a_grant_alone(
    office: Office, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(Responding, "of", lambda _, __, *, opened: asked.append(opened) or [])
    there(world)
    for reader in (CUSTOMS, IMPORTER, 8):
        office.get(f"/v1/declarations/{CASES[0]}/responses", reader)
    assert asked == [True, True, False]


def test_a_record_that_nobody_changed_is_unknown(office: Office, world: World) -> None:
    changes = {b"\1" * 32: (0, 0), b"\2" * 32: (2, 9), b"\3" * 32: (0, 9), b"\4" * 32: (1, 9), b"\5" * 32: (4, 9)}
    world.chain.answer("DocumentRegistry", "statusAt", lambda args, _: changes[args[1]])
    told = [office.get(f"/v1/documents/{IMPORTER}/0x{record.hex()}", CUSTOMS)["state"] for record in changes]
    then = rfc3339(9)
    assert [(each["state"], each["since"]) for each in told] == [
        ("UNKNOWN", None),
        ("REVOKED", then),
        ("REINSTATED", then),
        ("SUSPENDED", then),
        ("SUSPENDED_BY_AUTHORITY", then),
    ]
    assert all("POST /v1/verify" in told[n]["text"] for n in (0, 2)), "what looks like an approval names what tells"
    assert {state.name for state in DocumentState} - {"ACTIVE"} | {"UNKNOWN", "REINSTATED"} == STANDINGS.keys()
