"""What keeps a facade running in good order.

given a caller who asks too often
  → 429 with the seconds to wait; others should not notice, and health is always told
  → made-up tokens should open no bucket of their own; a token that counts should
given requests
  → one JSON line each, under the id that the request brought or a new one; no id of a case, key or address in it
given a database or node that is away → 503, and which one; figures are told all the same; where it runs is told nobody
given acts that wait for the operator, whichever process carries them → told by every worker
given two workers and a duty that complains          → both tell it, without where and why, and neither once it works
given documents that could not be read since a worker started → counted under that worker, as others count from nothing
given a worker that waits for a duty while the database is away for a moment → it complains no longer than that
given a node that hangs → the same at once, however often it is asked, with one open question to the node
given a content store that is away, or hangs → it is named at once, and the facade is ready for all else
given a request that takes too long   → 504
"""

import asyncio
import io
import json
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn, cast

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

import api.probing
from api.limits import Bounds
from api.logs import LOGGERS, JsonLines
from api.rates import BURST, MAX_CALLERS, Rates
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Cid
from ledger.ports.chain import Head
from ledger.services.indexing import Indexer
from ledger.services.reading import Reading
from ledger.services.sender import Backlog, Sender
from tests.support.documents import World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.ledgers import key
from tests.support.receiver import eventually


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def limited(made: World, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(replace(facade_over(made, tmp_path), rate_limit=1)) as client:
        yield client


def test_who_asks_too_often_waits(limited: httpx.Client) -> None:
    answers = [limited.get("/v1/session") for _ in range(BURST + 5)]
    assert [a.status_code for a in answers[:BURST]] == [401] * BURST
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"], refused.json()["retryable"]) == (429, "rate_limited", True)
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["content-type"] == "application/problem+json"
    assert limited.get("/health/live").status_code == 200
    assert limited.get("/v1/session", headers={"Authorization": "Bearer " + "A" * 43}).status_code == 429


def test_a_signed_in_key_has_a_bucket_of_its_own(limited: httpx.Client) -> None:
    anonymous = httpx.Client(base_url=limited.base_url, timeout=30)
    signed_in(limited, key("officer"))
    assert limited.get("/v1/session").status_code == 200  # now its token is known
    while anonymous.get("/v1/session").status_code != 429:
        pass
    assert limited.get("/v1/session").status_code == 200
    anonymous.close()


def test_a_bucket_fills_by_the_second() -> None:
    now = [0.0]
    rates = Rates(2, now=lambda: now[0])
    assert [rates.wait_s("a") for _ in range(2 * BURST)] == [0.0] * 2 * BURST
    assert rates.wait_s("a") == pytest.approx(0.5)
    assert rates.wait_s("b") == 0.0
    now[0] = 0.5
    assert rates.wait_s("a") == 0.0
    assert rates.wait_s("a") > 0
    now[0] = 1e6
    assert [rates.wait_s("a") for _ in range(2 * BURST + 1)].count(0.0) == 2 * BURST
    assert all(Rates(0).wait_s("a") == 0 for _ in range(100))


def test_buckets_are_bounded() -> None:
    rates = Rates(1, now=lambda: 0.0)
    for number in range(MAX_CALLERS + 10):
        rates.wait_s(str(number))
        rates.know(str(number), f"0x{number}")
    assert len(rates._buckets) == len(rates._keys) == MAX_CALLERS
    assert rates.caller("0", "1.2.3.4") == "address 1.2.3.4"
    assert rates.caller(str(MAX_CALLERS), "1.2.3.4") == f"key 0x{MAX_CALLERS}"


def test_each_request_is_one_line_without_a_name(made: World, tmp_path: Path) -> None:
    with serving(facade_over(made, tmp_path)) as client:
        told = io.StringIO()
        for name in LOGGERS:
            logging.getLogger(name).handlers[0].setStream(told)  # type: ignore[attr-defined]
        record = "0x" + "ab" * 32
        own = client.get(f"/v1/documents/7/{record}", headers={"X-Request-Id": "agency-17.4"})
        assert own.headers["X-Request-Id"] == "agency-17.4"
        made_up = client.get("/nowhere", headers={"X-Request-Id": "x" * 65})
        assert len(made_up.headers["X-Request-Id"]) == 16
        signed_in(client, key("officer"))
    lines = [json.loads(line) for line in told.getvalue().splitlines()]
    requests = [line for line in lines if line["logger"] == "tamga.request"]
    assert [(line["route"], line["status"], line["request_id"]) for line in requests[:2]] == [
        ("/v1/documents/{issuer}/{record}", 401, "agency-17.4"),
        ("(none)", 404, made_up.headers["X-Request-Id"]),
    ]
    assert requests[0].keys() == {"time", "level", "logger", "text", "request_id", "method", "route", "status", "ms"}
    for secret in (record, key("officer").address, "Bearer"):
        assert secret not in told.getvalue()
    assert "127.0.0.1" not in "".join(json.dumps(line) for line in requests)


def test_a_log_line_names_no_key_and_quotes_no_document() -> None:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(JsonLines())
    logger = logging.Logger("ledger.any")
    logger.addHandler(handler)
    actor, act = key("officer").address, "0x" + "ab" * 32
    logger.warning("act %s of %s waits; batch %s stays", act, actor, "cd" * 32)
    try:
        try:
            int("200 boxes for Jane Doe")
        except ValueError as error:
            raise RuntimeError("Jane Doe's paper cannot be read") from error
    except RuntimeError:
        logger.exception("a document")
    named, fault = (json.loads(line) for line in told.getvalue().splitlines())
    assert named["text"] == f"act 0x… of 0x… waits; batch {'cd' * 32} stays"
    assert [one.split(" at ")[0] for one in fault["exception"]] == ["RuntimeError", "ValueError"]
    assert "test_operations.py:" in fault["exception"][0]
    assert "Jane" not in told.getvalue()


def test_what_is_down_is_named(made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facade = facade_over(made, tmp_path)

    def away() -> None:
        raise Unavailable("the disk is full")

    with serving(facade) as client:
        assert client.get("/health/ready").json()["troubles"] == {}
        made.chain.switch_off()
        monkeypatch.setattr(facade.index, "cursor", away)
        told = client.get("/health/ready")
    assert (told.status_code, told.json()["ready"], told.json()["indexed"]) == (503, False, None)
    assert {"node", "database"} <= told.json()["troubles"].keys()
    assert told.json()["troubles"]["database"] == "the disk is full"


def test_a_content_store_that_is_away_is_named_and_stops_nothing_else(
    made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facade = facade_over(made, tmp_path)

    def away(_: Cid) -> bool:
        raise Unavailable("Kubo does not answer")

    def hanging(_: Cid) -> bool:
        time.sleep(0.5)
        return False

    monkeypatch.setattr(api.probing, "PROBE_S", 0.1)
    with serving(facade) as client:
        for has, text in ((away, "Kubo does not answer"), (hanging, "the content store did not answer within 0.1 s")):
            monkeypatch.setattr(facade.contents, "has", has)
            told = client.get("/health/ready")
            assert (told.status_code, told.json()["ready"]) == (200, True)
            assert told.json()["troubles"] == {"content store": text}


class Carrying:
    """A sender whose acts wait, which another process carries."""

    def run(self, stopped: Callable[[], bool], report: Callable[[str], None]) -> None:
        while not stopped():
            time.sleep(0.01)

    def backlog(self) -> Backlog:
        return Backlog(open=7, stuck=2)


def test_what_waits_for_the_operator_is_told_by_every_worker(made: World, tmp_path: Path) -> None:
    facade = facade_over(made, tmp_path)
    with serving(facade) as client:
        assert client.get("/health/ready").json()["acts_open"] is None
        assert "tamga_acts" not in client.get("/metrics").text
    facade = replace(facade_over(made, tmp_path), sender=cast(Sender, Carrying()))
    with serving(facade) as client:
        told, figures = client.get("/health/ready").json(), client.get("/metrics").text
    assert (told["ready"], told["acts_open"]) == (True, 7)
    assert told["troubles"] == {"acts": "2 wait for the operator, and others behind them: tamga outbox list"}
    assert {"tamga_acts_open 7", "tamga_acts_stuck 2"} <= set(figures.splitlines())


def test_a_node_that_hangs_holds_up_nobody_who_watches(
    made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facade, asked, hang, head = facade_over(made, tmp_path), Counter[str](), threading.Event(), made.chain.head()

    def hanging() -> Head:
        asked["node"] += 1
        hang.wait(30)
        return head

    monkeypatch.setattr(api.probing, "PROBE_S", 0.2)
    monkeypatch.setattr("api.background.Background.start", lambda _: None)
    monkeypatch.setattr("api.background.Background.stop", lambda _: None)
    with serving(facade) as client:
        before = client.get("/health/ready")
        monkeypatch.setattr(made.chain, "head", hanging)
        for _ in range(20):
            told = client.get("/health/ready")
            assert (told.status_code, told.json()["head"]) == (503, None)
            assert told.json()["troubles"] == {"node": "the node did not answer within 0.2 s"}
        figures = client.get("/metrics").text
        assert "tamga_node_up 0" in figures
        assert "tamga_database_up 1" in figures
        assert client.get("/health/live").status_code == 200
        assert asked["node"] == 1  # one question is open, not one for each who asks
        hang.set()
        client.get("/health/ready")
        assert client.get("/health/ready").json()["head"] == before.json()["head"] is not None


def test_callers_are_told_what_is_away_and_not_where_it_runs(
    made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facade = facade_over(made, tmp_path)
    secret = "https://node.internal/v3/its-key"

    def away(*_: object) -> NoReturn:
        raise Unavailable(f"no answer from the node: {secret}: timed out")

    monkeypatch.setattr("api.background.Background.start", lambda _: None)
    monkeypatch.setattr("api.background.Background.stop", lambda _: None)
    with serving(facade) as client:
        monkeypatch.setattr(facade.reader, "head", away)
        monkeypatch.setattr(facade.sign_in, "session", away)
        ready = client.get("/health/ready")
        refused = client.get("/v1/session", headers={"Authorization": "Bearer x"})
    assert secret not in ready.text + refused.text
    assert ready.json()["troubles"]["node"] == refused.json()["detail"] == "no answer from the node"
    assert (refused.status_code, refused.json()["retryable"]) == (503, True)


def test_figures_are_told_while_the_database_is_away(
    made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facade = facade_over(made, tmp_path)

    def away() -> None:
        raise Unavailable("the disk is full")

    with serving(facade) as client:
        assert "tamga_database_up 1" in client.get("/metrics").text
        monkeypatch.setattr(facade.index, "cursor", away)
        told = client.get("/metrics")
    assert (told.status_code, "tamga_database_up 0" in told.text) == (200, True)


def test_an_answer_that_does_not_begin_in_time_is_504() -> None:
    async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(5)

    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "headers": [], "method": "GET", "path": "/"}
    asyncio.run(Bounds(slow, seconds=0.01)(scope, nothing, keep))
    assert sent[0]["status"] == 504


class Complaining:
    """A duty that complains of what it is told to."""

    def __init__(self) -> None:
        self.trouble = ""

    def run(self, stopped: Callable[[], bool], report: Callable[[str], None]) -> None:
        while not stopped():
            report(self.trouble)
            time.sleep(0.01)


def test_what_a_duty_complains_of_is_told_by_every_worker(made: World, tmp_path: Path) -> None:
    duty, where = Complaining(), "http://node.internal:8545"
    workers = [replace(facade_over(made, tmp_path), indexer=cast(Indexer, duty)) for _ in range(2)]

    def troubles() -> list[Mapping[str, str]]:
        return [client.get("/health/ready").json()["troubles"] for client in clients]

    with ExitStack() as served:
        clients = [served.enter_context(serving(worker)) for worker in workers]
        eventually(lambda: [c for c in clients if "index" in c.get("/health/ready").json()["at_work"]] != [])
        assert troubles() == [{}, {}]
        duty.trouble = f"no answer from the node: {where}"
        eventually(lambda: troubles() == [{"index": "no answer from the node"}] * 2)
        duty.trouble = ""
        eventually(lambda: troubles() == [{}, {}])


def test_who_waits_for_a_duty_complains_no_longer_than_the_database_is_away(
    made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = facade_over(made, tmp_path), facade_over(made, tmp_path)

    def away(_: str) -> NoReturn:
        raise Unavailable("the database is away: no more files")

    with serving(first) as one:
        eventually(lambda: len(one.get("/health/ready").json()["at_work"]) > 2)
        take = second.leases.take
        monkeypatch.setattr(second.leases, "take", away)
        with serving(second) as other:
            eventually(lambda: "index" in other.get("/health/ready").json()["troubles"])
            monkeypatch.setattr(second.leases, "take", take)
            eventually(lambda: other.get("/health/ready").json()["troubles"] == {})
            assert other.get("/health/ready").json()["at_work"] == []


def test_documents_that_could_not_be_read_are_counted_under_their_worker(made: World, tmp_path: Path) -> None:
    """One worker reads for all: the same figure without its name would fall whenever another one is asked."""
    reading = cast(Reading, SimpleNamespace(faults=3, run=Complaining().run))
    with serving(replace(facade_over(made, tmp_path), reading=reading)) as client:
        figures = client.get("/metrics").text.splitlines()
    assert f'tamga_records_faults{{worker="{os.getpid()}"}} 3' in figures
