"""Work that leaves something behind, asked for twice at once under one idempotency key: done once, answered alike.

given a facade on either database
  when a request comes while the same one is worked on → told so at once, and to ask again; then the first's answer
  when two come under different keys                   → neither waits for the other, whoever sends them
  when twenty are worked on at once, and all duties    → all are answered, and so is who only reads
given a facade that is served
  when one key sends more of one request than there are threads → the others are served as if it had sent one
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from api.deps import answered, in_turn
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.leases import SqlLeases
from ledger.adapters.sql.request_keys import SqlRequestKeys
from ledger.bootstrap.facade import Facade
from ledger.domain.errors import Fault, InProgress, Malformed
from tests.support.databases import fresh_url
from tests.support.documents import world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.ledgers import key

OWNER = "0xowner"
DUTIES = ("index", "webhooks", "drafts", "records", "outbox", "signer")
MANY = 20
THREADS = 40
"""For requests of one worker."""
FORM = {"importer": "1", "customs": "1", "office": "1", "lrn_mac": "00" * 32}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with closing(Database(fresh_url(request.param, tmp_path))) as database:
        yield database


@pytest.fixture
def facade(database: Database, tmp_path: Path) -> Iterator[Facade]:
    with closing(facade_over(world(), tmp_path)) as facade:
        yield replace(facade, leases=SqlLeases(database), request_keys=SqlRequestKeys(database))


def test_a_second_is_told_so_and_then_answered_alike(facade: Facade) -> None:
    done: list[int] = []

    def work() -> bytes:
        done.append(len(done))
        with pytest.raises(InProgress), in_turn(facade, OWNER, "one"):
            pass
        with in_turn(facade, OWNER, "two"), in_turn(facade, "0xother", "one"):
            return b"%d" % len(done)

    def ask(key: str | None) -> bytes:
        with in_turn(facade, OWNER, key):
            return answered(facade, OWNER, key, b"request", work)

    assert [ask("one") for _ in range(3)] == [b"1"] * 3
    with in_turn(facade, OWNER, None), in_turn(facade, OWNER, None):
        pass


def test_nobody_waits_for_a_stranger(facade: Facade) -> None:
    with ExitStack() as held:
        for number in range(300):
            held.enter_context(in_turn(facade, OWNER, str(number)))


def test_many_at_once_take_no_connection_from_each_other(facade: Facade, database: Database) -> None:
    gate = threading.Barrier(MANY + 1, timeout=20)

    def ask(number: int) -> bytes:
        with in_turn(facade, OWNER, str(number)):
            gate.wait()  # all have begun
            return answered(facade, OWNER, str(number), b"request", lambda: b"%d" % number)

    with ExitStack() as held, ThreadPoolExecutor(MANY) as threads:
        for duty in DUTIES:
            assert held.enter_context(facade.leases.take(duty))
        asked = [threads.submit(ask, number) for number in range(MANY)]
        if database.sessions is not None:
            assert database.engine.pool.checkedout() == 0, "a lease takes none of them"  # type: ignore[attr-defined]
        gate.wait()
        assert facade.request_keys.answer("0xother", "0") is None
        assert [each.result(timeout=20) for each in asked] == [b"%d" % number for number in range(MANY)]


def test_a_lease_is_one_holders_and_is_given_back(facade: Facade) -> None:
    for _ in range(2):
        with facade.leases.take("index") as mine, facade.leases.take("index") as second:
            assert (mine, second) == (True, False)


def test_a_key_that_repeats_itself_takes_no_thread_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facade, ended = facade_over(world(), tmp_path), threading.Event()

    def slow(*_: object, **__: object) -> None:
        ended.wait(30)
        raise Malformed(Fault("missing", "/message", "nothing of it is there"))

    monkeypatch.setattr(facade.lodging, "prepare", slow)
    with serving(facade) as client, ThreadPoolExecutor(THREADS + 4) as threads:
        signed_in(client, key("officer"))
        headers = {"Authorization": client.headers["Authorization"], "Idempotency-Key": "one"}

        def lodge() -> httpx.Response:
            files = {"message": b"<a/>"}
            return httpx.post(
                f"{facade.sign_in.public_url}/v1/lodgements", data=FORM, files=files, headers=headers, timeout=60
            )

        asked = [threads.submit(lodge) for _ in range(THREADS + 4)]
        try:
            until = time.monotonic() + 20
            while sum(each.done() for each in asked) < THREADS + 3 and time.monotonic() < until:
                time.sleep(0.02)
            assert client.get("/v1/services").status_code == 200
            told = [each.result() for each in asked if each.done()]
        finally:
            ended.set()
        assert Counter(answer.json()["code"] for answer in told) == {"in_progress": THREADS + 3}
        assert {(answer.status_code, answer.headers["Retry-After"]) for answer in told} == {(409, "2")}
