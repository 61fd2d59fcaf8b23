"""How much of a worker's time the many documents of one caller take.

given a caller that used its share, and what it may be ahead
  → its next piece waits until the time it took is paid for; nothing is lost
  → others' go on meanwhile, a signed-in key's too, at a higher share
  when a piece fails → what it took counts all the same
given several requests of one caller at once → their pieces are done one after the other
given single documents that are costly to read, of who used its share
  → it is told to come again, until that is paid for; others' are read, and its own that cost nothing
  when many come at once → few of one caller's are read at a time
given no limit                             → nobody waits
given more callers than are remembered     → who was longest silent is forgotten
given a process that is told to end
  → lines that came are answered, and a last one says why the others were not
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import cast

import httpx
import pytest
from fastapi import FastAPI

import api.shares
from api.app import create
from api.many import GROUP
from api.shares import ANONYMOUS, AT_ONCE, SAVED_S, SIGNED_IN, Shares
from ledger.domain.errors import TooMany
from ledger.domain.proof import dump_proof
from ledger.domain.verdict import Verification
from ledger.services.verification import Case, Submitted
from tests.support.documents import World, anchor, world
from tests.support.facades import facade_over, free_url, serving_app, signed_in
from tests.support.ledgers import key
from tests.unit.test_push import eventually
from tests.unit.test_slow_connections import (
    CHUNKED,
    NDJSON,
    WITHIN_S,
    answers_in,
    connected,
    lines_of,
    piece,
    post,
    until_ends_with,
)

SOON_S = 0.01
MANY = "/v1/verify/many"


class Meter:
    """A clock that the test moves, and pieces of work that take as long as it says."""

    def __init__(self) -> None:
        self.now, self.used = 0.0, 0.0
        self.shares = Shares(is_bounded=True, now=lambda: self.now, spent=lambda: self.used)

    def taking(self, seconds: float) -> Callable[[], float]:
        def work() -> float:
            self.used += seconds
            return seconds

        return work


def test_who_used_its_share_waits_and_others_do_not() -> None:
    meter, half = Meter(), SAVED_S / 2

    async def ask() -> None:
        for _ in range(3):
            assert await meter.shares.work("a", ANONYMOUS, meter.taking(half)) == half
        meter.now = half / ANONYMOUS - SOON_S
        late = asyncio.create_task(meter.shares.work("a", ANONYMOUS, meter.taking(half)))
        await asyncio.sleep(10 * SOON_S)
        assert not late.done()
        assert await meter.shares.work("b", ANONYMOUS, meter.taking(half)) == half
        meter.now += SOON_S
        assert await late == half

    asyncio.run(asyncio.wait_for(ask(), WITHIN_S))


def test_who_signed_in_is_given_more() -> None:
    meter = Meter()

    async def ask() -> None:
        for name, share in (("a", ANONYMOUS), ("b", SIGNED_IN)):
            await meter.shares.work(name, share, meter.taking(SAVED_S + SIGNED_IN))
        meter.now = 1 + SOON_S
        assert await meter.shares.work("b", SIGNED_IN, meter.taking(0)) == 0
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(meter.shares.work("a", ANONYMOUS, meter.taking(0)), 10 * SOON_S)
        meter.now = SIGNED_IN / ANONYMOUS + SOON_S
        assert await meter.shares.work("a", ANONYMOUS, meter.taking(0)) == 0

    asyncio.run(asyncio.wait_for(ask(), WITHIN_S))


def test_what_fails_took_its_time() -> None:
    meter = Meter()

    def failing() -> float:
        meter.used += 2 * SAVED_S
        raise ZeroDivisionError

    async def ask() -> None:
        with pytest.raises(ZeroDivisionError):
            await meter.shares.work("a", ANONYMOUS, failing)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(meter.shares.work("a", ANONYMOUS, meter.taking(0)), 10 * SOON_S)

    asyncio.run(asyncio.wait_for(ask(), WITHIN_S))


@pytest.mark.parametrize(("way", "bound"), [("work", 1), ("at_once", AT_ONCE)])
def test_few_pieces_of_a_caller_at_a_time(way: str, bound: int) -> None:
    meter, at_once, most = Meter(), 0, [0]

    def piece_of_work() -> None:
        nonlocal at_once
        at_once += 1
        most.append(at_once)
        time.sleep(SOON_S)
        at_once -= 1

    async def ask() -> None:
        do = getattr(meter.shares, way)
        await asyncio.gather(*(do("a", ANONYMOUS, piece_of_work) for _ in range(20)))

    asyncio.run(asyncio.wait_for(ask(), WITHIN_S))
    assert (max(most), len(most)) == (bound, 21)


def test_a_process_that_ends_lets_nobody_wait() -> None:
    shares = Shares(is_bounded=True, leaving=lambda: True, now=lambda: 0.0, spent=iter(range(100)).__next__)

    async def ask() -> None:
        for number in range(10):
            assert await shares.work("a", ANONYMOUS, lambda told=number: told) == number

    asyncio.run(asyncio.wait_for(ask(), WITHIN_S))


def test_without_a_limit_nobody_waits() -> None:
    async def ask() -> None:
        free = Shares(is_bounded=False, now=lambda: 0.0, spent=iter(range(1_000)).__next__)
        for number in range(100):
            assert await free.work("a", ANONYMOUS, lambda told=number: told) == number

    asyncio.run(asyncio.wait_for(ask(), WITHIN_S))


def test_a_document_of_who_used_its_share_is_not_read_until_that_is_paid_for() -> None:
    meter = Meter()

    async def ask() -> None:
        assert await meter.shares.at_once("a", ANONYMOUS, meter.taking(3 * SAVED_S)) == 3 * SAVED_S
        meter.now = 2 * SAVED_S / ANONYMOUS - SOON_S
        with pytest.raises(TooMany):
            await meter.shares.at_once("a", ANONYMOUS, meter.taking(0))
        assert await meter.shares.at_once("b", ANONYMOUS, meter.taking(0)) == 0
        meter.now += 2 * SOON_S
        assert await meter.shares.at_once("a", ANONYMOUS, meter.taking(0)) == 0

    asyncio.run(asyncio.wait_for(ask(), WITHIN_S))


def test_callers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.shares, "MAX_CALLERS", 3)
    meter = Meter()

    async def ask() -> None:
        for name in ("a", "b", "c", "a", "d"):
            await meter.shares.work(name, ANONYMOUS, meter.taking(0))

    asyncio.run(ask())
    assert list(meter.shares._callers) == ["c", "a", "d"]


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def app(made: World, tmp_path: Path) -> FastAPI:
    return create(lambda: replace(facade_over(made, tmp_path), rate_limit=1_000))


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with serving_app(app, free_url()) as client:
        yield client


def test_one_streamed_request_leaves_time_for_others_and_loses_nothing(
    made: World, app: FastAPI, client: httpx.Client
) -> None:
    proofs = anchor(made, [b"certificate %d" % number for number in range(4 * GROUP)])
    meter = Meter()
    app.state.shares, judge = meter.shares, app.state.facade.verifier.verify_many

    def costly(submitted: Sequence[Submitted]) -> list[Verification]:
        meter.used += 2 * SAVED_S
        return cast(list[Verification], judge(submitted))

    app.state.facade.verifier.verify_many = costly
    headers = {"Content-Type": NDJSON}
    with ThreadPoolExecutor() as threads:
        greedy = threads.submit(client.post, MANY, content=lines_of(proofs), headers=headers, timeout=WITHIN_S)
        eventually(lambda: meter.used)
        with httpx.Client(base_url=client.base_url, timeout=WITHIN_S) as officer:
            answer = signed_in(officer, key("officer")).post(MANY, content=lines_of(proofs[:2]), headers=headers)
            assert answer.text.count("VALID") >= 2
            assert officer.post("/v1/verify", files={"file": b"certificate 1"}).status_code == 200
        assert not greedy.done()
        while not greedy.done():
            meter.now += 1
            time.sleep(SOON_S)
    answers = [json.loads(line) for line in greedy.result().text.splitlines()]
    assert [(each["id"], each["overall"]) for each in answers] == [(str(n), "VALID") for n in range(4 * GROUP)]
    assert meter.now > 3 * SAVED_S / ANONYMOUS


def test_costly_files_of_one_caller_leave_time_for_others(made: World, app: FastAPI, client: httpx.Client) -> None:
    """One of a megabyte of fractions takes as long to read as a thousand proofs."""
    (proof,) = anchor(made, [b"certificate 1"])
    meter = Meter()
    app.state.file_shares, read = meter.shares, app.state.facade.verifier.examine

    def costly(submitted: Submitted) -> Case:
        meter.used += 2 * SAVED_S if submitted.proof is None else 0
        return cast(Case, read(submitted))

    app.state.facade.verifier.examine = costly
    file = {"file": b"[1.5e-300]"}
    assert client.post("/v1/verify", files=file).status_code == 200
    refused = client.post("/v1/verify", files=file)
    assert (refused.status_code, refused.json()["code"], refused.json()["retryable"]) == (429, "too_many", True)
    assert refused.headers["Retry-After"]
    assert client.post("/v1/verify", files={"proof": dump_proof(proof)}).json()["overall"] == "VALID"
    with httpx.Client(base_url=client.base_url, timeout=WITHIN_S) as officer:
        assert signed_in(officer, key("officer")).post("/v1/verify", files=file).status_code == 200
    meter.now += SAVED_S / ANONYMOUS
    assert client.post("/v1/verify", files=file).status_code == 200


def test_what_came_before_the_end_is_answered(made: World, app: FastAPI, client: httpx.Client) -> None:
    proofs = anchor(made, [b"certificate 1", b"certificate 2"])
    with connected(client) as connection:
        connection.sendall(post(MANY, NDJSON, CHUNKED) + piece(lines_of(proofs)))
        until_ends_with(connection, b"\r\n\r\n")  # the head is sent, and the first piece taken in the same moment
        time.sleep(20 * SOON_S)
        app.state.background.leave()
        got = b"\r\n\r\n" + until_ends_with(connection, b"0\r\n\r\n")
    *answers, last = answers_in(got)
    assert [(each["id"], each["overall"]) for each in answers] == [("0", "VALID"), ("1", "VALID")]
    assert (last["id"], last["problem"]["code"], last["problem"]["retryable"]) == (None, "unavailable", True)
    assert "send what was not answered again" in last["problem"]["detail"]
