"""Acts over HTTP: prepared, signed by the client, carried once, followed; refusals in the contract's own terms.

given a trader's key, and a facade that carries acts
  when an act is prepared, signed and sent          → 202, then FINAL, with its effect on chain
  when it is sent again                             → the same answer, no second effect
  when its idempotency key is used for another act  → 409
  when it is signed by another key, or changed      → refused, nothing is kept
  when the contract would refuse it                 → refused while it is prepared, with the contract's reason
  when the request is wrong                         → 422 with code and path
"""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ledger.adapters.keystore import Keystore
from ledger.bootstrap import open_facade
from ledger.config import read_config
from ledger.devnet.engines import Engine
from ledger.ports.signer import Signer
from tests.support.facades import free_url, own_chain, serving, signed_in
from tests.support.ledgers import DECLARANT, FOREVER, TestLedger, install, key

pytestmark = pytest.mark.integration

PASSPHRASE = "only for this test"
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
    wanted = {"contract": "AuthorisationRegistry", "function": function, "args": args, "actor": actor.address}
    return signed_in(client, actor).post("/v1/acts/prepare", json=wanted)


def power(broker: int, request: int, **changed: Any) -> dict[str, Any]:
    evidence = "0x" + "00" * 32
    return {"requestId": f"0x{request:064x}", "broker": broker, **GRANTED, "evidence": evidence, **changed}


def signed(prepared: Any, signer: Signer) -> dict[str, Any]:
    return {**prepared["act"], "signature": "0x" + signer.sign_typed_data(prepared["typed_data"]).hex()}


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
    assert prepared["meaning"].startswith("Empowers")
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
    refused = client.post("/v1/acts", json=act)
    assert refused.status_code == 409, refused.text
    problem = refused.json()
    assert (problem["code"], problem["error"]["name"], problem["retryable"]) == ("act_refused", "BadSignature", False)
    assert client.get(f"/v1/acts/{problem['error']['arguments']['actId']}").status_code == 404


def test_what_the_contract_would_refuse_is_refused_when_prepared(office: tuple[TestLedger, httpx.Client, int]) -> None:
    _, client, broker = office
    refused = prepare(client, key("broker"), **power(broker, 4))
    assert refused.status_code == 409
    assert refused.json()["error"]["name"] == "NotAuthorised"
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"args": {}}, "/requestId"),
        ({"actor": "0x12"}, "/body/actor"),
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
        "actor": key("trader").address,
    }
    answer = signed_in(client, key("trader")).post("/v1/acts/prepare", json={**wanted, **change})
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
        "/v1/acts/prepare",
        json={"contract": "AuthorisationRegistry", "function": "powerOf", "args": {}, "actor": key("trader").address},
    )
    assert function.status_code == 404
