"""Two processes of one facade, over one database, SQLite and PostgreSQL.

given two processes and a trader who signs in at one of them
  the session should count at the other
  each duty should be done by exactly one of them
  when acts are sent to both, and the one at work is killed with SIGKILL in the middle
    → whatever was accepted should be carried, exactly once; the other should take over every duty
  when the other is told to end while it answers
    → every request that it had taken should be answered, and what it accepted carried
"""

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.adapters.keystore import Keystore
from ledger.devnet.engines import Engine
from tests.support.facades import free_url, own_chain, signed_in
from tests.support.ledgers import DECLARANT, FOREVER, TestLedger, install, key
from tests.support.postgres import postgres_url
from tests.support.processes import Worker, workers

pytestmark = pytest.mark.integration

PASSPHRASE = "only for this test"
TRADER = key("trader")
ACTS = 24
KILL_AFTER = 6
DUTIES = {"index", "outbox", "webhooks", "contradictions", "drafts"}


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[TestLedger, list[Worker], int]]:
    with own_chain(Engine.ANVIL, tmp_path / "chain") as chain:
        ledger = install(chain)
        ledger.admit("trader", (TRADER, DECLARANT))
        broker = ledger.admit("broker", (key("broker"), 1 << 1))
        ledger.network.write(tmp_path / "network.json")
        Keystore(tmp_path / "keystore", scrypt_n=2).create("relayer", PASSPHRASE)
        urls = [free_url(), free_url()]
        settings = {"TAMGA_HOME": str(tmp_path), "TAMGA_PASSPHRASE": PASSPHRASE, "TAMGA_PUBLIC_URL": urls[0]}
        if request.param == "postgresql":
            settings["TAMGA_DATABASE_URL"] = postgres_url(tmp_path)
        with workers(urls, settings, tmp_path) as started:
            yield ledger, started, broker
        ledger.rpc.close()


def soon(check: Any, *, within_s: float = 60.0) -> Any:
    until = time.monotonic() + within_s
    while not (found := check()):
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.05)
    return found


def prepared(
    worker: Worker, broker: int, numbers: Iterable[int]
) -> tuple[dict[str, str], list[tuple[str, dict[str, Any]]]]:
    """A session's header, and signed acts with their ids."""
    with httpx.Client(base_url=worker.url, timeout=30) as client:
        signed_in(client, TRADER)
        acts = [signed_act(client, broker, number) for number in numbers]
        return {"Authorization": client.headers["Authorization"]}, acts


def signed_act(client: httpx.Client, broker: int, number: int) -> tuple[str, dict[str, Any]]:
    wanted = {"broker": str(broker), "scope": 1, "from": "0", "until": str(FOREVER), "requestId": f"0x{number:064x}"}
    answer = client.post("/v1/acts/AuthorisationRegistry/grantPower", json=wanted).raise_for_status().json()
    assert answer["would_fail"] == []
    signature = "0x" + TRADER.sign_typed_data(answer["typed_data"]).hex()
    return answer["act_id"], {**answer["act"], "signature": signature}


def send(workers_: list[Worker], number: int, act: dict[str, Any]) -> int:
    """Which worker accepted it: the first asked, or the other if that one died under the request."""
    for worker in (workers_[number % 2], workers_[1 - number % 2]):
        try:
            answer = httpx.post(f"{worker.url}/v1/acts", json=act, timeout=30)
        except httpx.HTTPError:
            continue
        assert answer.status_code == 202, answer.text
        return workers_.index(worker)
    raise AssertionError("both are gone")


def test_killing_one_loses_nothing_accepted(pair: tuple[TestLedger, list[Worker], int]) -> None:
    ledger, both, broker = pair
    token, acts = prepared(both[0], broker, range(1, ACTS + 1))
    assert httpx.get(f"{both[1].url}/v1/session", headers=token).json()["key"] == TRADER.address

    soon(lambda: both[0].at_work() | both[1].at_work() == DUTIES)
    assert not both[0].at_work() & both[1].at_work()
    victim = next(worker for worker in both if "outbox" in worker.at_work())
    survivor = both[1 - both.index(victim)]
    accepted = threading.Semaphore(0)

    def offered(number: int) -> None:
        send(both, number, acts[number][1])
        accepted.release()

    with ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(offered, number) for number in range(ACTS)]
        for _ in range(KILL_AFTER):
            assert accepted.acquire(timeout=60)
        os.kill(victim.process.pid, signal.SIGKILL)
        for each in sending:
            each.result(timeout=120)

    with httpx.Client(base_url=survivor.url, headers=token, timeout=30) as asked:
        for act_id, _ in acts:
            told = soon(lambda act_id=act_id: _ended(asked, act_id))  # type: ignore[misc]  # such a lambda has no inferred type
            assert told["state"] == "FINAL", told
    head = ledger.reader.head().number
    done = ledger.reader.find_events("ActForwarder", "ActExecuted", {}, 0, head)
    assert Counter("0x" + event.args["actId"].hex() for event in done) == Counter(act_id for act_id, _ in acts)
    assert soon(lambda: survivor.at_work() == DUTIES)
    ready = soon(lambda: _caught_up(survivor))
    assert ready["troubles"] == {}


def _ended(client: httpx.Client, act_id: str) -> Any:
    told = client.get(f"/v1/acts/{act_id}").raise_for_status().json()
    return told if told["state"] in ("FINAL", "REFUSED", "CONFLICT") else None


def _caught_up(worker: Worker) -> Any:
    answer = httpx.get(f"{worker.url}/health/ready", timeout=10)
    return answer.json() if answer.status_code == 200 and answer.json()["behind"] == 0 else None


def test_a_process_that_is_told_to_end_answers_what_it_took(pair: tuple[TestLedger, list[Worker], int]) -> None:
    _, both, broker = pair
    leaver, other = both
    token, acts = prepared(leaver, broker, range(100, 108))
    answered: list[int] = []
    began = threading.Semaphore(0)

    def offered(number: int) -> None:
        content, media = _slowly(acts[number][1], began), {"Content-Type": "application/json"}
        answered.append(httpx.post(f"{leaver.url}/v1/acts", content=content, headers=media, timeout=60).status_code)

    with ThreadPoolExecutor(len(acts)) as pool:
        sending = [pool.submit(offered, number) for number in range(len(acts))]
        for _ in acts:
            assert began.acquire(timeout=60)
        leaver.process.send_signal(signal.SIGTERM)
        for each in sending:
            each.result(timeout=60)
    assert answered == [202] * len(acts)
    assert leaver.process.wait(timeout=60) in (0, -signal.SIGTERM), leaver.log.read_text()
    with httpx.Client(base_url=other.url, headers=token, timeout=30) as asked:
        for act_id, _ in acts:
            assert soon(lambda act_id=act_id: _ended(asked, act_id))["state"] == "FINAL"  # type: ignore[misc]  # likewise


def _slowly(act: dict[str, Any], began: threading.Semaphore) -> Iterator[bytes]:
    """A body that is still on its way when the process is told to end."""
    body = json.dumps(act).encode()
    yield body[:20]
    time.sleep(0.3)
    began.release()
    time.sleep(0.7)
    yield body[20:]
