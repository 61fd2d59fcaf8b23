"""What preparing and relaying an act tells of a thing that is another's: nothing.

given a declaration, its debt, a permit and a guarantee on a real node, and a rival of the declarant's
  when the rival prepares any act on one, whatever version it cites → the same answer as for one that is not there
  when it signs such an act and has it relayed → the same
  when a key that nobody registered does → the same
  when the rival cites another's permit in an act of its own → nothing of the permit
given an id that is no id
  when an act on it is prepared → 422, with its place and what is wrong with it
given the declarant itself
  when what it relays would fail for several reasons → all of them, at once
"""

import secrets
from typing import Any

import pytest

from ledger.client_connection import error_of
from ledger.domain.errors import ActRefused
from ledger.ports.contracts import ActHeader
from tests.support.customs import BANK_GUARANTEE, FIRST_ASSESSMENT, NOTHING, Customs
from tests.support.facades import signed_in
from tests.support.ledgers import FOREVER, key
from tests.support.samples import sample

pytestmark = pytest.mark.integration

EMPTY = "0x" + "00" * 32
SOME = "0x" + "0e" * 32
NO_CASE = "72057594037999999"
NO_KEY = "0x" + "ab" * 32
TERMS = b"\x0d" * 32
SIGNS_ALONE = "nobody's key"
ON_CASE = {"reason": 304, "evidence": SOME}
JOINT = {"kind": "LOWER_CONTROL", "control": "NONE", "from": 1, "to": 1, "reason": 304, "evidence": SOME}
USE = {"item": 1, "line": 0, "quantity": "11", "terms": SOME}
USES = {"ruleVersion": 1, "agencies": [], "reason": 301}


@pytest.fixture(scope="module")
def there(office: Customs) -> dict[str, str]:
    """Things of the trader's, by the arguments that name them."""
    case = office.lodge(sample("hmrc-cds/FI001b_declaration_guarantee.xml"), "hidden")
    office.accept(case)
    debt = office.view("DebtLedger", "caseOf", case)["version"]
    office.act("revenue", "DebtLedger", "assess", case, 1, debt, [(b"CUD", 900)], FIRST_ASSESSMENT, NOTHING)
    offered = (b"own".ljust(32, b"\0"), office.numbers["trader"], BANK_GUARANTEE, 0, 9_000, FOREVER, 0, NOTHING)
    office.act("trader", "DebtLedger", "offerGuarantee", *offered)
    issued = (b"one".ljust(32, b"\0"), 911_100, 0, FOREVER, [(TERMS, 10)], False, NOTHING, NOTHING)
    office.act("agency", "PermitRegistry", "issue", *issued)
    office.caught_up()
    return {
        "caseId": str(case),
        "guarantee": _newest(office, "DebtLedger", "GuaranteeOffered", "guarantee"),
        "permit": _newest(office, "PermitRegistry", "PermitIssued", "permit"),
    }


def _newest(office: Customs, contract: str, event: str, name: str) -> str:
    head = office.ledger.reader.head().number
    found: bytes = office.ledger.reader.find_events(contract, event, {}, 0, head)[-1].args[name]
    return "0x" + found.hex()


ABSENT = {"caseId": NO_CASE, "guarantee": NO_KEY, "permit": NO_KEY}
ACTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "DeclarationRegistry/requestAmendment": ({"dataRecord": SOME, **ON_CASE}, ["caseId"]),
    "DeclarationRegistry/present": (ON_CASE, ["caseId"]),
    "DeclarationRegistry/confirmArrival": (ON_CASE, ["caseId"]),
    "DeclarationRegistry/clear": (ON_CASE, ["caseId"]),
    "DeclarationRegistry/citeRecords": ({"issuer": "1", "records": [SOME]}, ["caseId"]),
    "DeclarationRegistry/enterFallback": ({"act": "0x01020304", "occurredAt": "2020-01-01T00:00:00Z"}, ["caseId"]),
    "DeclarationRegistry/takeOverChecks": ({"agency": "4", "from": 1, "to": 1, **ON_CASE}, ["caseId"]),
    "DebtLedger/pay": ({"amount": "1000"}, ["caseId"]),
    "DebtLedger/settle": ({}, ["caseId"]),
    "DebtLedger/secure": ({"amount": "1"}, ["caseId", "guarantee"]),
    "DebtLedger/topUpGuarantee": ({"amount": "1"}, ["guarantee"]),
    "DebtLedger/cancelGuarantee": ({"reason": 215}, ["guarantee"]),
    "PermitRegistry/suspend": ({"reason": 101}, ["permit"]),
    "PermitRegistry/transfer": ({"reason": 101, "terms": []}, ["permit"]),
}
VERSIONS = (None, 0, 1, 7)
OF_NO_VERSION = {
    "DeclarationRegistry/citeRecords",
    "DeclarationRegistry/enterFallback",
    "DebtLedger/pay",
    "DebtLedger/topUpGuarantee",
}


def prepared(office: Customs, seat: str, act: str, body: dict[str, Any]) -> Any:
    signed_in(office.client, key(seat))
    try:
        return office.client.post(f"/v1/acts/{act}", json=body)
    finally:
        signed_in(office.client, key("trader"))


def told(answer: Any, ids: dict[str, str]) -> tuple[int, str]:
    """An answer without what the request itself named, and what is drawn for each act."""
    found = answer.json()
    shown = found if answer.status_code != 200 else {"args": found["args"], "would_fail": found["would_fail"]}
    shown.get("args", {}).pop("requestId", None)
    text = str(shown)
    for value in ids.values():
        text = text.replace(value, "ID")
    return answer.status_code, text


@pytest.mark.parametrize(
    ("act", "version"), [(act, version) for act in ACTS for version in ((None,) if act in OF_NO_VERSION else VERSIONS)]
)
def test_preparing_tells_nothing_of_it(office: Customs, there: dict[str, str], act: str, version: int | None) -> None:
    given, names = ACTS[act]
    if version is not None:
        given = {**given, "expectedVersion": version}
    mine = prepared(office, "rival", act, given | {name: there[name] for name in names})
    none = prepared(office, "rival", act, given | {name: ABSENT[name] for name in names})
    assert told(mine, there) == told(none, ABSENT)
    assert mine.status_code == 404 or mine.json()["would_fail"]


@pytest.mark.parametrize("version", [0, 2])
def test_nor_does_countersigning(office: Customs, there: dict[str, str], version: int) -> None:
    def asked(case: str) -> Any:
        body = {"proposal": SOME, "expectedVersion": version, "act": {**JOINT, "caseId": case}}
        return prepared(office, "rival", "DeclarationRegistry/countersign", body)

    assert told(asked(there["caseId"]), there) == told(asked(NO_CASE), ABSENT)


def test_nor_does_the_general_route(office: Customs, there: dict[str, str]) -> None:
    def asked(case: str) -> Any:
        signed_in(office.client, key("rival"))
        args = {"caseId": case, "expectedVersion": 9, **ON_CASE}
        body = {"contract": "DeclarationRegistry", "function": "present", "args": args}
        try:
            return office.client.post("/v1/prepare", json=body)
        finally:
            signed_in(office.client, key("trader"))

    answers = asked(there["caseId"]), asked(NO_CASE)
    assert told(answers[0], there) == told(answers[1], ABSENT)


@pytest.mark.parametrize("signer", ["rival", SIGNS_ALONE])
@pytest.mark.parametrize("act", ["DeclarationRegistry/present", "DebtLedger/settle", "PermitRegistry/suspend"])
def test_nor_does_relaying(office: Customs, there: dict[str, str], act: str, signer: str) -> None:
    """A signature is the right to have an act relayed, none to know of what it names."""
    given, names = ACTS[act]

    def asked(ids: dict[str, str]) -> Any:
        body = {**given, "expectedVersion": 7} | {name: ids[name] for name in names}
        return office.client.post("/v1/acts", json=signed_alone(office, signer, *act.split("/"), body))

    mine, none = asked(there), asked(ABSENT)
    assert told(mine, there) == told(none, ABSENT)
    assert mine.status_code in (404, 409)


def test_a_relayed_act_that_would_fail_is_refused_with_all_reasons(office: Customs, there: dict[str, str]) -> None:
    body = {"caseId": there["caseId"], "expectedVersion": 9, "dataRecord": EMPTY, "reason": 5, "evidence": EMPTY}
    made = signed_alone(office, "trader", "DeclarationRegistry", "requestAmendment", body)
    answer = office.client.post("/v1/acts", json=made)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "act_refused"), answer.text
    every = [problem["error"], *problem["others"]]
    assert [each["name"] for each in every] == ["UnknownReason", "WrongVersion", "EvidenceNeeded"]
    assert all(each["text"] and "{" not in each["text"] for each in every)
    error = error_of(answer.status_code, problem)
    assert isinstance(error, ActRefused)
    assert [other.error for other in error.others] == ["WrongVersion", "EvidenceNeeded"]


def signed_alone(office: Customs, signer: str, contract: str, function: str, body: dict[str, Any]) -> dict[str, Any]:
    """A signed act as `POST /v1/acts` takes it, made without the facade's help."""
    ledger, actor = office.ledger, key(signer)
    names = [parameter.name for parameter in ledger.contracts.parameters(contract, function)]
    data = ledger.contracts.encode_call(contract, function, {name: body.get(name, EMPTY) for name in names})
    target, nonce, deadline, gas = ledger.reader.address_of(contract), secrets.randbits(256), 2**39, 1_000_000
    header = ActHeader(ledger.reader.chain_id(), target, actor.address, nonce, deadline, gas)
    typed = ledger.contracts.typed_data(contract, function, ledger.contracts.decode_call(contract, data)[1], header)
    return {
        "target": target,
        "actor": actor.address,
        "nonce": str(nonce),
        "deadline": deadline,
        "gas": gas,
        "data": "0x" + data.hex(),
        "signature": "0x" + actor.sign_typed_data(typed).hex(),
    }


def test_nothing_is_told_of_anothers_permit(office: Customs, there: dict[str, str]) -> None:
    def asked(permit: str) -> Any:
        body = {"caseId": there["caseId"], "uses": [{**USE, "permit": permit}], **USES}
        return prepared(office, "trader", "DeclarationRegistry/accept", body)

    assert told(asked(there["permit"]), there) == told(asked(NO_KEY), {**there, "permit": NO_KEY})


@pytest.mark.parametrize(
    ("contract", "args", "path"),
    [
        ("PermitRegistry", {"permit": "0xzz", "reason": 101}, "/permit"),
        ("PermitRegistry", {"permit": 7, "reason": 101}, "/permit"),
        ("PermitRegistry", {"permit": ["0x"], "reason": 101}, "/permit"),
        ("PermitRegistry", {"permit": None, "reason": 101}, "/permit"),
        ("PermitRegistry", {"permit": SOME, "reason": "x" * 5_000}, "/reason"),
    ],
)
def test_what_is_no_id_is_refused_at_its_place(office: Customs, contract: str, args: dict[str, Any], path: str) -> None:
    body = {"contract": contract, "function": "suspend", "args": args}
    answer = office.client.post("/v1/prepare", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed"), answer.text
    assert path in [fault["path"].removeprefix("/body/args") for fault in answer.json()["faults"]]
