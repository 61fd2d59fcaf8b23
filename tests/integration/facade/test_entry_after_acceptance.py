"""What is foretold of goods items that are entered after acceptance, and of appeals, beside the chain's own answer.

The chain tells one objection, and none where it takes the act. So what is foretold is asked in the name of a key of
customs that may read the case and do nothing to it: the chain stops at that, and the preconditions say the rest.

given an item with a check and a permit, refused by customs, on a real node
  when an appeal is to be overturned while another request is open → RequestIsOpen, foretold and said
  when it is entered again with a check listed → ChecksStand, foretold and said
  when it was not reopened at all → ItemNotPending
  when its permit has expired since the acceptance → nothing stands against it, and it is entered
  when its permit was replaced since the acceptance → neither
  when its permit began after the acceptance → PermitNotUsable
given a declaration whose items are entered in ranges
  when a range does not follow the one before, on a permit that has expired meanwhile → both
"""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.domain.errors import ActRefused
from ledger.domain.ids import CaseId
from ledger.domain.permit import PermitTerms
from ledger.domain.roles import Role
from tests.support.customs import NOTHING, REGULAR, Customs, customs_office
from tests.support.facades import signed_in
from tests.support.ledgers import FOREVER, key
from tests.support.samples import sample

pytestmark = pytest.mark.integration

LICENCE = 911_100
CHECK = 219
SHORT_S = 600
REGISTRY = "DeclarationRegistry"
EMPTY = "0x" + "00" * 32


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Customs]:
    with customs_office(tmp_path_factory.mktemp("customs")) as made:
        number, appeals = made.numbers["customs"], Role.CUSTOMS_APPEAL
        found = made.view("ParticipantRegistry", "participantOf", number)
        mask, profile = found["roles"] | appeals, found["profile"]
        made.ledger.govern(
            "appeals",
            ("ParticipantRegistry", "amend", (number, found["version"], mask, 0, profile)),
            ("ParticipantRegistry", "setKey", (number, key("appeals").address, 0, int(appeals), 0, 0, FOREVER)),
        )
        yield made


@pytest.fixture(scope="module")
def terms(office: Customs) -> bytes:
    return PermitTerms(b"\x01" * 32, office.numbers["trader"], "851090", "US", "KGM").commitment()


def foretold(office: Customs, act: str, **given: Any) -> list[str]:
    """Names of the objections to an act, but for that of the key."""
    signed_in(office.client, key("risk"))
    try:
        answer = office.client.post(f"/v1/acts/{REGISTRY}/{act}", json=given)
    finally:
        signed_in(office.client, key("trader"))
    assert answer.status_code == 200, answer.text
    stranger, *others = [each["name"] for each in answer.json()["would_fail"]]
    assert stranger == "NotAuthorised"
    return others


def said(office: Customs, seat: str, function: str, *args: Any) -> str:
    """The chain's own objection to an act of that seat."""
    with pytest.raises(ActRefused) as raised:
        office.act(seat, REGISTRY, function, *args)
    return raised.value.error


def now(office: Customs) -> int:
    return int(office.ledger.reader.head().time)


def let_pass(office: Customs, seconds: int) -> None:
    office.ledger.rpc.request("evm_increaseTime", hex(seconds))
    office.ledger.rpc.request("evm_mine")


def last(office: Customs, contract: str, event: str) -> Any:
    head = office.ledger.reader.head().number
    return office.ledger.reader.find_events(contract, event, {}, 0, head)[-1].args


def issue(office: Customs, request: str, terms: bytes, valid_from: int, valid_until: int) -> bytes:
    named = request.encode().ljust(32, b"\0")
    lines = [(terms, 100)]
    office.act(
        "agency", "PermitRegistry", "issue", named, LICENCE, valid_from, valid_until, lines, False, NOTHING, NOTHING
    )
    return bytes(last(office, "PermitRegistry", "PermitIssued")["permit"])


def accepted(office: Customs, lrn: str, permit: bytes, terms: bytes) -> CaseId:
    """Item 1 with a check of the agency's and a use of the permit."""
    case = office.lodge(sample("hmrc-cds/FI001b_declaration_guarantee.xml"), lrn)
    checks, uses = [(1, office.numbers["agency"], CHECK)], [(permit, 1, 0, 6, terms)]
    rules = office.view("RuleRegistry", "version")
    office.act("officer", REGISTRY, "accept", case, 1, rules, checks, uses, REGULAR, NOTHING)
    return case


def refused(office: Customs, case: CaseId) -> None:
    """Item 1 is refused by customs, and the declarant has appealed."""
    office.act("officer", REGISTRY, "refuseItems", case, office.revision(case), 1, 1, REGULAR, NOTHING)
    request = case.to_bytes(32)
    office.act("trader", REGISTRY, "appeal", request, case, 1, NOTHING, REGULAR, NOTHING)


def overturned(office: Customs, case: CaseId) -> None:
    office.act("appeals", REGISTRY, "decideAppeal", case, 2, 1, True, REGULAR, NOTHING)


def entry(office: Customs, case: CaseId, permit: bytes, terms: bytes) -> dict[str, Any]:
    use = {"permit": "0x" + permit.hex(), "item": 1, "line": 0, "quantity": "6", "terms": "0x" + terms.hex()}
    wanted = {"caseId": str(case), "expectedVersion": office.revision(case), "from": 1, "to": 1}
    return {**wanted, "agencies": [], "uses": [use]}


def enters(office: Customs, case: CaseId, permit: bytes, terms: bytes) -> None:
    """Nothing is foretold against it, and the chain takes it."""
    assert foretold(office, "enterItems", **entry(office, case, permit, terms)) == []
    uses = [(permit, 1, 0, 6, terms)]
    office.act("officer", REGISTRY, "enterItems", case, office.revision(case), 1, 1, [], uses)


def test_an_item_that_keeps_its_checks(office: Customs, terms: bytes) -> None:
    permit = issue(office, "stands", terms, 0, FOREVER)
    case = accepted(office, "stands", permit, terms)
    assert foretold(office, "enterItems", **entry(office, case, permit, terms)) == ["ItemNotPending"]
    refused(office, case)
    overturned(office, case)
    agency = office.numbers["agency"]
    listed = {"agencies": [{"item": 1, "agency": str(agency), "checkCode": CHECK}], "uses": []}
    wanted = {**entry(office, case, permit, terms), **listed}
    assert foretold(office, "enterItems", **wanted) == ["ChecksStand"]
    again = (case, office.revision(case), 1, 1, [(1, agency, CHECK)], [])
    assert said(office, "officer", "enterItems", *again) == "ChecksStand"
    enters(office, case, permit, terms)


def test_a_permit_that_expired_since(office: Customs, terms: bytes) -> None:
    permit = issue(office, "expired", terms, 0, now(office) + SHORT_S)
    case = accepted(office, "expired", permit, terms)
    refused(office, case)
    let_pass(office, 2 * SHORT_S)
    overturned(office, case)
    enters(office, case, permit, terms)


def test_a_permit_that_was_replaced_since(office: Customs, terms: bytes) -> None:
    permit = issue(office, "replaced", terms, 0, FOREVER)
    case = accepted(office, "replaced", permit, terms)
    refused(office, case)
    let_pass(office, 10)
    request, lines = b"replacement".ljust(32, b"\0"), [(terms, 100)]
    today = now(office)
    office.act("agency", "PermitRegistry", "replace", request, permit, 1, today, FOREVER, lines, 107, NOTHING)
    overturned(office, case)
    replacement = bytes(last(office, "PermitRegistry", "PermitIssued")["permit"])
    wanted = entry(office, case, replacement, terms)
    assert foretold(office, "enterItems", **wanted) == ["PermitNotUsable"]
    enters(office, case, permit, terms)


def test_a_range_that_does_not_follow(office: Customs, terms: bytes) -> None:
    case = office.lodge(sample("hmrc-cds/FI001b_declaration_guarantee.xml"), "staged")
    rules = office.view("RuleRegistry", "version")
    office.act("officer", REGISTRY, "beginAcceptance", case, 1, rules, REGULAR, NOTHING)
    office.act("officer", REGISTRY, "enterItems", case, 2, 1, 1, [], [])
    permit = issue(office, "staged", terms, 0, now(office) + SHORT_S)
    let_pass(office, 2 * SHORT_S)  # while it is accepted, today's permits count
    wanted = entry(office, case, permit, terms)
    assert foretold(office, "enterItems", **wanted) == ["BadRange", "PermitNotUsable"]
    assert said(office, "officer", "enterItems", case, 3, 1, 1, [], []) == "BadRange"


def test_an_appeal_beside_an_open_request(office: Customs, terms: bytes) -> None:
    permit = issue(office, "request", terms, 0, FOREVER)
    case = accepted(office, "request", permit, terms)
    office.act("trader", REGISTRY, "requestCancellation", case, office.revision(case), REGULAR, NOTHING)
    office.act("officer", REGISTRY, "refuseRequest", case, office.revision(case), REGULAR, NOTHING)
    office.act("trader", REGISTRY, "appeal", case.to_bytes(32), case, 1, NOTHING, REGULAR, NOTHING)
    office.act("trader", REGISTRY, "requestCancellation", case, office.revision(case), REGULAR, NOTHING)
    decision = {"caseId": str(case), "expectedVersion": 2, "refusal": 1, "overturned": True}
    decision |= {"reason": REGULAR, "evidence": EMPTY}
    assert foretold(office, "decideAppeal", **decision) == ["RequestIsOpen"]
    assert said(office, "appeals", "decideAppeal", case, 2, 1, True, REGULAR, NOTHING) == "RequestIsOpen"
    office.act("officer", REGISTRY, "refuseRequest", case, office.revision(case), REGULAR, NOTHING)
    assert foretold(office, "decideAppeal", **decision) == []
    overturned(office, case)
