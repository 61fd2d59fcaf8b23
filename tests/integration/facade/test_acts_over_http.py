"""Acts over HTTP: prepared, signed by the client, carried once, followed; refusals in the contract's own terms.

given a trader's key, and a facade that carries acts
  when an act is prepared, signed and sent          → 202, then FINAL, with its effect on chain
  when it is sent again                             → the same answer, no second effect
  when it is sent again under another signature     → likewise, if its actor made it
  when its idempotency key is used for another act  → 409, also for an act that is known already
  when its deadline has passed, by the clock alone  → refused with that and all else, nothing is kept
  when it is signed by another key, or changed      → refused, nothing is kept
  when the contract would refuse it                 → told while it is prepared, in words; refused when it is sent
  when it is prepared by its own route              → its own fields, what can be read or drawn is filled in
  when its actor has no authority on the ledger     → refused with all else that stands against it, and told so
  when it pays out money of such a key              → carried
  when a key has too many on their way              → 429, until one ends
  when it is followed                               → its states as events; for others it is not there
  when the request is wrong                         → 422 with code and path
"""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import httpx
import pytest
from coincurve import PrivateKey

from ledger.adapters.keystore import Keystore, LocalSigner
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.bootstrap.facade import open_facade
from ledger.config import read_config
from ledger.devnet.engines import Engine
from ledger.domain.roles import Role
from ledger.ports.signer import Signer
from tests.support.facades import free_url, own_chain, serving, signed_in
from tests.support.ledgers import DECLARANT, FOREVER, TestLedger, install, key, secret_of

pytestmark = pytest.mark.integration

PASSPHRASE = "only for this test"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of secp256k1."""
TREASURY = int(Role.TREASURY)
GRANTED = {"scope": 1, "from": 0, "until": FOREVER}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestLedger, httpx.Client, int]]:
    home = tmp_path_factory.mktemp("home")
    with own_chain(Engine.ANVIL, home / "chain") as chain:
        ledger = install(chain)
        ledger.admit("trader", (key("trader"), DECLARANT))
        broker = ledger.admit("broker", (key("broker"), 1 << 1))
        ledger.network.write(home / "network.json")
        Keystore(home / "keystore", scrypt_n=2).create("relayer", PASSPHRASE)
        facade = open_facade(
            read_config({"TAMGA_HOME": str(home), "TAMGA_PASSPHRASE": PASSPHRASE, "TAMGA_PUBLIC_URL": free_url()})
        )
        with serving(facade) as client:
            yield ledger, client, broker
        ledger.rpc.close()


def prepare(client: httpx.Client, actor: Signer, function: str = "grantPower", **args: Any) -> httpx.Response:
    wanted = {"contract": "AuthorisationRegistry", "function": function, "args": args}
    return signed_in(client, actor).post("/v1/prepare", json=wanted)


def power(broker: int, request: int, **changed: Any) -> dict[str, Any]:
    evidence = "0x" + "00" * 32
    return {"requestId": f"0x{request:064x}", "broker": broker, **GRANTED, "evidence": evidence, **changed}


def signed(prepared: Any, signer: Signer) -> dict[str, Any]:
    return {**prepared["act"], "signature": "0x" + signer.sign_typed_data(prepared["typed_data"]).hex()}


def signed_otherwise(act_id: str, name: str) -> str:
    """A valid signature of a test key's that is not the one that RFC 6979 gives."""
    k, secret, digest = 7, int.from_bytes(secret_of(name)), int(act_id, 16)
    x, y = PrivateKey.from_int(k).public_key.point()
    s, v = pow(k, -1, ORDER) * (digest + x * secret) % ORDER, 27 + y % 2
    low, v = (s, v) if s <= ORDER // 2 else (ORDER - s, 55 - v)
    return "0x" + (x.to_bytes(32) + low.to_bytes(32) + bytes([v])).hex()


def made_by(ledger: TestLedger, actor: LocalSigner, contract: str, function: str, *args: Any) -> dict[str, Any]:
    """A signed act, made without asking a facade."""
    prepared = ledger.acts(SqlOutbox(Database("sqlite://"))).prepare(
        contract, function, args, actor.address, simulate=False
    )
    unsigned = {**asdict(prepared.unsigned), "nonce": str(prepared.unsigned.nonce)}
    unsigned["data"] = "0x" + prepared.unsigned.data.hex()
    return {**unsigned, "signature": "0x" + actor.sign_typed_data(prepared.typed_data).hex()}


def carried(client: httpx.Client, act: dict[str, Any]) -> str:
    """The id of an act that the facade takes."""
    answer = client.post("/v1/acts", json=act)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["act_id"])


def final(client: httpx.Client, act_id: str) -> Any:
    until = time.monotonic() + 30
    while (told := client.get(f"/v1/acts/{act_id}").json())["state"] not in ("FINAL", "REFUSED", "CONFLICT"):
        assert time.monotonic() < until, told
        time.sleep(0.05)
    return told


def test_an_act_is_prepared_signed_carried_once_and_followed(office: tuple[TestLedger, httpx.Client, int]) -> None:
    ledger, client, broker = office
    trader = key("trader")
    answer = prepare(client, trader, **power(broker, 1))
    assert answer.status_code == 200, answer.text
    prepared = answer.json()
    assert prepared["meaning"].startswith("Gives participant ")
    assert prepared["typed_data"]["primaryType"] == "GrantPower"
    assert prepared["typed_data"]["message"]["broker"] == str(broker)
    act = signed(prepared, trader)
    sent = client.post("/v1/acts", json=act, headers={"Idempotency-Key": "one"})
    assert sent.status_code == 202, sent.text
    assert sent.json()["act_id"] == prepared["act_id"]
    assert client.post("/v1/acts", json=act, headers={"Idempotency-Key": "one"}).status_code == 202
    other = signed(prepare(client, trader, **power(broker, 2)).json(), trader)
    conflict = client.post("/v1/acts", json=other, headers={"Idempotency-Key": "one"})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "conflict")
    until = time.monotonic() + 30
    head = ledger.reader.head()
    while not ledger.reader.call("AuthorisationRegistry", "powerOf", (1, broker), at=head)["scope"]:
        assert time.monotonic() < until
        time.sleep(0.05)
        head = ledger.reader.head()
    told = final(client, prepared["act_id"])
    assert told["state"] == "FINAL"
    done = ledger.reader.find_events("ActForwarder", "ActExecuted", {}, 0, ledger.reader.head().number)
    assert len([e for e in done if "0x" + e.args["actId"].hex() == prepared["act_id"]]) == 1


def test_the_same_act_under_another_signature_is_the_same_act(office: tuple[TestLedger, httpx.Client, int]) -> None:
    """A wallet need not sign deterministically: an act is what was signed, by whom, and nothing else."""
    ledger, client, broker = office
    trader = key("trader")
    prepared = prepare(client, trader, **power(broker, 7)).json()
    act = signed(prepared, trader)
    assert client.post("/v1/acts", json=act).status_code == 202
    again = {**act, "signature": signed_otherwise(prepared["act_id"], "trader")}
    assert again["signature"] != act["signature"]
    for _ in range(2):  # on its way, and ended
        told = client.post("/v1/acts", json=again)
        assert (told.status_code, told.json()["act_id"]) == (202, prepared["act_id"]), told.text
        assert final(client, prepared["act_id"])["state"] == "FINAL"
    stranger = client.post("/v1/acts", json=signed(prepared, key("broker")))
    assert stranger.status_code == 409, stranger.text
    assert stranger.json()["error"]["name"] in ("BadSignature", "NonceSpent")
    assert "act:" not in stranger.text
    done = ledger.reader.find_events("ActForwarder", "ActExecuted", {}, 0, ledger.reader.head().number)
    assert len([e for e in done if "0x" + e.args["actId"].hex() == prepared["act_id"]]) == 1


def test_a_key_stands_for_one_act_also_if_the_act_is_known(office: tuple[TestLedger, httpx.Client, int]) -> None:
    _, client, broker = office
    first, second, third = (
        signed(prepare(client, key("trader"), **power(broker, request)).json(), key("trader"))
        for request in (301, 302, 303)
    )

    def sent(act: dict[str, Any], idempotency_key: str | None) -> int:
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        answer = client.post("/v1/acts", json=act, headers=headers)
        if answer.status_code == 202:
            final(client, answer.json()["act_id"])
        return answer.status_code

    assert (sent(first, None), sent(second, "of-second")) == (202, 202)
    assert sent(first, "of-second") == 409, "the key stands for the second act"
    assert sent(first, "of-first") == 202
    assert sent(third, "of-first") == 409, "the key stands for the first act, which was known when it came"
    assert (sent(first, "of-first"), sent(third, "of-third")) == (202, 202)


def test_an_act_that_is_late_by_the_clock_is_refused(office: tuple[TestLedger, httpx.Client, int]) -> None:
    ledger, client, broker = office

    def late(actor: str, request: int) -> dict[str, Any]:
        wanted = {"contract": "AuthorisationRegistry", "function": "grantPower", "args": power(broker, request)}
        prepared = signed_in(client, key(actor)).post("/v1/prepare", json={**wanted, "valid_for_s": 1}).json()
        return {**signed(prepared, key(actor)), "act_id": prepared["act_id"]}

    acts = [late("trader", 401), late("broker", 402)]
    head = ledger.reader.head()
    while time.time() <= max(act["deadline"] for act in acts) + 1:
        time.sleep(0.1)
    assert ledger.reader.head() == head, "no block came meanwhile"
    told = []
    for act in acts:
        act_id = act.pop("act_id")
        refused = client.post("/v1/acts", json=act)
        assert refused.status_code == 409, refused.text
        problem = refused.json()
        told.append([problem["error"]["name"], *(other["name"] for other in problem.get("others", []))])
        assert client.get(f"/v1/acts/{act_id}").status_code == 404, "nothing is kept"
    assert told == [["Expired"], ["Expired", "NotAuthorised"]]
    forged = client.post("/v1/acts", json={**acts[1], "signature": "0x" + "11" * 65}).json()
    assert {"Expired", "BadSignature"} >= {forged["error"]["name"], *(o["name"] for o in forged.get("others", []))}


@pytest.mark.parametrize("spoiled", ["signer", "data", "deadline"])
def test_an_act_that_its_actor_did_not_sign_is_refused(
    office: tuple[TestLedger, httpx.Client, int], spoiled: str
) -> None:
    _, client, broker = office
    prepared = prepare(client, key("trader"), **power(broker, 3)).json()
    act = signed(prepared, key("broker") if spoiled == "signer" else key("trader"))
    if spoiled == "data":
        act["data"] = act["data"][:-1] + ("0" if act["data"][-1] != "0" else "1")
    if spoiled == "deadline":
        act["deadline"] += 1
    headers = {"Idempotency-Key": f"spoiled-{spoiled}"}
    refused = client.post("/v1/acts", json=act, headers=headers)
    assert refused.status_code == 409, refused.text
    problem = refused.json()
    assert (problem["code"], problem["error"]["name"], problem["retryable"]) == ("act_refused", "BadSignature", False)
    assert client.get(f"/v1/acts/{problem['error']['arguments']['actId']}").status_code == 404
    own = signed(prepare(client, key("trader"), **power(broker, 100 + len(spoiled))).json(), key("trader"))
    assert client.post("/v1/acts", json=own, headers=headers).status_code == 202, "the key is still its actor's"


def test_what_the_contract_would_refuse_is_told_when_prepared(office: tuple[TestLedger, httpx.Client, int]) -> None:
    _, client, broker = office
    answer = prepare(client, key("broker"), **power(broker, 4))
    assert answer.status_code == 200, answer.text
    (objection,) = answer.json()["would_fail"]
    assert objection["name"] == "NotAuthorised"
    assert objection["text"] == "This key has none of the roles that the act needs, or not now: DECLARANT."
    assert prepare(client, key("trader"), **power(broker, 4)).json()["would_fail"] == []
    refused = client.post("/v1/acts", json=signed(answer.json(), key("broker")))
    assert (refused.status_code, refused.json()["code"]) == (409, "act_refused")
    assert refused.json()["detail"] == objection["text"]
    assert refused.headers["content-type"] == "application/problem+json"


def test_each_act_has_a_route_with_its_own_fields(office: tuple[TestLedger, httpx.Client, int]) -> None:
    """What can be read or drawn need not be given; times are RFC 3339; an old version hides nothing else."""
    _, client, broker = office
    signed_in(client, key("trader"))
    route = "/v1/acts/AuthorisationRegistry/grantPower"
    wanted = {"broker": str(broker), "scope": 1, "from": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    answer = client.post(f"{route}?valid_for_s=60", json=wanted)
    assert answer.status_code == 200, answer.text
    prepared = answer.json()
    assert prepared["would_fail"] == []
    assert prepared["args"]["until"] == "2100-01-01T00:00:00Z"
    assert len(prepared["args"]["requestId"]) == 66
    assert prepared["typed_data"]["message"]["actor"] == key("trader").address
    assert client.post("/v1/acts", json=signed(prepared, key("trader"))).status_code == 202
    assert final(client, prepared["act_id"])["state"] == "FINAL"

    revoke = {"broker": str(broker), "reason": 1}
    told = client.post("/v1/acts/AuthorisationRegistry/revokePower", json={**revoke, "expectedVersion": 77}).json()
    assert [objection["name"] for objection in told["would_fail"]] == ["WrongVersion"]
    assert "you looked at version 77" in told["would_fail"][0]["text"]
    assert client.post("/v1/acts/AuthorisationRegistry/revokePower", json=revoke).json()["would_fail"] == []
    wrong = {**wanted, "broker": str(1 << 64), "scope": "1", "until": "tomorrow", "extra": 1}
    assert {(f["code"], f["path"]) for f in client.post(route, json=wrong).json()["faults"]} == {
        ("out_of_range", "/body/broker"),
        ("not_an_integer", "/body/scope"),
        ("not_a_time", "/body/until"),
        ("unknown_field", "/body/extra"),
    }
    late = client.post(route, json={**wanted, "until": str(1 << 40)})
    assert [(f["code"], f["path"]) for f in late.json()["faults"]] == [("time_out_of_range", "/body/until")]
    args = {name: value for name, value in wrong.items() if name != "scope"}
    asked = {"contract": "AuthorisationRegistry", "function": "grantPower", "args": args}
    assert {(f["code"], f["path"]) for f in client.post("/v1/prepare", json=asked).json()["faults"]} == {
        ("wrong_value", "/body/args/broker"),
        ("missing", "/body/args/scope"),
        ("not_a_time", "/body/args/until"),
        ("unknown_field", "/body/args/extra"),
    }
    assert client.post("/v1/acts/AuthorisationRegistry/powerOf", json={}).status_code == 404


def test_an_act_is_followed_by_events_and_by_its_own_side_only(office: tuple[TestLedger, httpx.Client, int]) -> None:
    _, client, broker = office
    prepared = prepare(client, key("trader"), **power(broker, 6)).json()
    assert client.post("/v1/acts", json=signed(prepared, key("trader"))).status_code == 202
    states: list[str] = []
    with client.stream("GET", f"/v1/acts/{prepared['act_id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                states.append(json.loads(line.removeprefix("data: "))["state"])
    assert states[-1] == "FINAL"
    assert len(states) == len(set(states))
    signed_in(client, key("broker"))
    for path in (f"/v1/acts/{prepared['act_id']}", f"/v1/acts/{prepared['act_id']}/events", "/v1/acts/0x" + "0" * 64):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_acts_of_a_key_without_authority_are_not_carried(office: tuple[TestLedger, httpx.Client, int]) -> None:
    """Whatever the contract says: what is carried stays on every member's node for ever."""
    ledger, client, broker = office
    stranger, trader = key("registered nowhere"), key("trader").address

    def refused(actor: LocalSigner, contract: str, function: str, *args: Any) -> list[str]:
        answer = client.post("/v1/acts", json=made_by(ledger, actor, contract, function, *args))
        assert answer.status_code == 409, answer.text
        return [each["name"] for each in (answer.json()["error"], *answer.json().get("others", ()))]

    assert refused(stranger, "SettlementToken", "approve", trader, 1) == ["NoAuthority"]
    assert refused(stranger, "SettlementToken", "transfer", trader, 0) == ["NoAuthority"]
    wanted = power(broker, 9).values()
    assert refused(stranger, "AuthorisationRegistry", "grantPower", *wanted) == ["NotAuthorised", "NoAuthority"]
    ledger.govern("suspend", ("ParticipantRegistry", "suspend", (broker, 1, 1, bytes(32))))
    assert refused(key("broker"), "SettlementToken", "approve", trader, 1) == ["NoAuthority"]
    ledger.govern("reinstate", ("ParticipantRegistry", "reinstate", (broker, 2, 1, bytes(32))))


def test_a_key_without_authority_pays_out_what_it_holds(office: tuple[TestLedger, httpx.Client, int]) -> None:
    ledger, client, _ = office
    wallet, trader = key("a wallet of nobody's"), key("trader").address
    ledger.admit("treasury", (key("treasury"), TREASURY))
    paid = made_by(ledger, key("treasury"), "SettlementToken", "mint", b"\5" * 32, wallet.address, 7)
    assert final(signed_in(client, key("treasury")), carried(client, paid))["state"] == "FINAL"
    too_much = client.post("/v1/acts", json=made_by(ledger, wallet, "SettlementToken", "transfer", trader, 8))
    assert too_much.json()["error"]["name"] == "ERC20InsufficientBalance", too_much.text
    carried(client, made_by(ledger, wallet, "SettlementToken", "transfer", trader, 7))


def test_acts_of_one_key_that_are_on_their_way_are_bounded(
    office: tuple[TestLedger, httpx.Client, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, client, broker = office
    monkeypatch.setattr("ledger.services.acts.MAX_OPEN_ACTS", 0)
    act = made_by(ledger, key("trader"), "AuthorisationRegistry", "grantPower", *power(broker, 11).values())
    answer = client.post("/v1/acts", json=act)
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (429, "too_many", True)
    assert answer.headers["retry-after"]
    monkeypatch.undo()
    carried(client, act)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"args": {}}, "/body/args/broker"),
        ({"actor": "0x12"}, "/body/actor"),
        ({"contract": 5}, "/body/contract"),
        ({"unknown": 1}, "/body/unknown"),
        ({"valid_for_s": 10**9}, "/body/valid_for_s"),
    ],
)
def test_a_wrong_request_names_its_path(
    office: tuple[TestLedger, httpx.Client, int], change: dict[str, Any], path: str
) -> None:
    _, client, broker = office
    wanted = {
        "contract": "AuthorisationRegistry",
        "function": "grantPower",
        "args": power(broker, 5),
    }
    answer = signed_in(client, key("trader")).post("/v1/prepare", json={**wanted, **change})
    assert answer.status_code == 422, answer.text
    assert path in [fault["path"] for fault in answer.json()["faults"]]


def test_what_is_not_there_is_not_found(office: tuple[TestLedger, httpx.Client, int]) -> None:
    _, client, _ = office
    signed_in(client, key("trader"))
    for path in ("acts/0x" + "00" * 32, "declarations/9/history", "declarations/9", "permits/0x" + "01" * 32):
        answer = client.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text
    assert client.get("/nowhere").json()["code"] == "no_such_path"
    function = client.post(
        "/v1/prepare",
        json={"contract": "AuthorisationRegistry", "function": "powerOf", "args": {}},
    )
    assert function.status_code == 404
