"""Documents that are judged at the same time.

given documents that come while a question to the chain is on its way
  → they are asked about together, once, after they came, and each gets its own verdict
  when asking fails                   → each is asked by itself, and who asked what fails gets the failure
  when one is given up meanwhile      → it is not asked about
  when one asks nothing of the chain  → it waits for nobody
given a chain that the event loop may ask
  when all is known at its newest block → one exchange answers, and no thread is asked
  when a newer block has come           → that block is asked, so what it changed is told
  when it does not answer               → integrity is told, the rest UNDETERMINED; the thread is not asked again
  when it hangs                         → the same at once: neither it nor the thread is asked
"""

import asyncio
from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest

from api.judging import MOST_AT_ONCE, Judging
from ledger.adapters.clock import SystemClock
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Address
from ledger.domain.judging import DocumentState
from ledger.domain.proof import dump_proof
from ledger.domain.verdict import Question, Reason, Verdict, Verification
from ledger.ports.chain import Head, LoopReader
from ledger.services.verification import Case, Submitted, Verifier
from tests.support.documents import LEDGER, World, anchor, change, world

CONTENTS = [b"certificate %d" % number for number in range(8)]


class Asked(Verifier):
    """A verifier that asks the chain when it may, and fails for some documents."""

    def __init__(self, made: World) -> None:
        super().__init__(LEDGER, made.chain, SystemClock())
        self.asked: list[int] = []
        self.began, self.may_ask = Event(), Event()
        self.cannot: set[bytes] = set()

    def conclude(self, cases: Sequence[Case]) -> list[Verification]:
        self.asked.append(len(cases))
        self.began.set()
        assert self.may_ask.wait(10)
        if self.cannot & {case.record for case in cases}:
            raise ZeroDivisionError
        return super().conclude(cases)


class OnLoop(LoopReader):
    """A chain in memory, as an event loop sees it; every exchange takes a turn of the loop."""

    def __init__(self, made: World) -> None:
        self._made = made
        self.exchanges: list[int] = []
        self.is_off = self.is_hanging = False

    async def call_many_if_final(
        self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head
    ) -> list[Any] | None:
        self.exchanges.append(len(calls))
        await asyncio.sleep(0)
        if self.is_off:
            raise Unavailable("gone")
        return self._made.chain.call_many_if_final(calls, at=at)

    async def hangs(self) -> bool:
        return self.is_hanging

    async def close(self) -> None:
        pass


@pytest.fixture
def made() -> World:
    return world()


def cases(made: World, verifier: Verifier) -> list[Case]:
    proofs = anchor(made, CONTENTS)
    return [verifier.examine(Submitted(c, dump_proof(p))) for c, p in zip(CONTENTS, proofs, strict=True)]


async def began(verifier: Asked) -> None:
    assert await asyncio.to_thread(verifier.began.wait, 10)


def test_who_comes_meanwhile_goes_with_the_next(made: World) -> None:
    verifier = Asked(made)
    first, *others = cases(made, verifier)

    async def ask() -> list[Verification]:
        judging = Judging(verifier, None)
        waiting = [asyncio.create_task(judging(first))]
        await began(verifier)
        waiting += [asyncio.create_task(judging(case)) for case in others]
        await asyncio.sleep(0)
        verifier.may_ask.set()
        found = await asyncio.gather(*waiting)
        await judging.close()
        return found

    found = asyncio.run(ask())
    assert verifier.asked == [1, 7]
    assert [each[Question.INTEGRITY].evidence["record_id"] for each in found] == [c.record for c in (first, *others)]
    assert {each.overall for each in found} == {Verdict.VALID}


def test_a_failure_is_told_to_who_asked_for_it(made: World) -> None:
    verifier = Asked(made)
    every = cases(made, verifier)
    verifier.cannot = {every[3].record}
    verifier.may_ask.set()

    async def ask() -> list[Verification | BaseException]:
        judging = Judging(verifier, None)
        found = await asyncio.gather(*(judging(case) for case in every), return_exceptions=True)
        assert (await judging(every[5])).overall is Verdict.VALID
        await judging.close()
        return found

    found = asyncio.run(ask())
    assert isinstance(found.pop(3), ZeroDivisionError)
    assert [each.overall for each in found if isinstance(each, Verification)] == [Verdict.VALID] * 7
    assert verifier.asked == [8, *[1] * 8, 1]


def test_many_are_asked_about_in_parts(made: World) -> None:
    verifier = Asked(made)
    case = cases(made, verifier)[0]
    verifier.may_ask.set()

    async def ask() -> None:
        judging = Judging(verifier, None)
        await asyncio.gather(*(judging(case) for _ in range(MOST_AT_ONCE + 1)))
        await judging.close()

    asyncio.run(ask())
    assert verifier.asked == [MOST_AT_ONCE, 1]


def test_what_was_given_up_is_not_asked_about(made: World) -> None:
    verifier = Asked(made)
    first, second, third, *_ = cases(made, verifier)

    async def ask() -> Verification:
        judging = Judging(verifier, None)
        waiting = [asyncio.create_task(judging(first))]
        await began(verifier)
        waiting += [asyncio.create_task(judging(case)) for case in (second, third)]
        await asyncio.sleep(0)
        for each in waiting[:2]:
            each.cancel()
        verifier.may_ask.set()
        found = await waiting[2]
        await judging.close()
        return found

    assert asyncio.run(ask())[Question.INTEGRITY].evidence["record_id"] == third.record
    assert verifier.asked == [1, 1]


def test_what_asks_no_chain_waits_for_nobody(made: World) -> None:
    verifier = Asked(made)
    first = cases(made, verifier)[0]
    unknown = Verifier(LEDGER, made.chain, SystemClock()).examine(Submitted(b"never anchored"))

    async def ask() -> None:
        judging = Judging(Verifier(LEDGER, made.chain, SystemClock()), OnLoop(made))
        on_its_way = asyncio.create_task(judging(first))
        found = await judging(unknown)
        assert found[Question.INTEGRITY].reason is Reason.NOT_KNOWN_HERE
        assert not on_its_way.done()
        await on_its_way
        await judging.close()

    asyncio.run(ask())


def test_one_exchange_answers_what_is_known(made: World) -> None:
    verifier, reader = Asked(made), OnLoop(made)
    every = cases(made, verifier)
    verifier.may_ask.set()

    async def ask() -> list[Verification]:
        judging = Judging(verifier, reader)
        await judging(every[0])  # its block and batch are new, and so for the thread
        found = await asyncio.gather(*(judging(case) for case in every[1:]))
        await judging.close()
        return found

    assert {each.overall for each in asyncio.run(ask())} == {Verdict.VALID}
    assert (verifier.asked, reader.exchanges) == ([1], [1])  # seven standings in one call


def test_what_a_newer_block_changed_is_told(made: World) -> None:
    verifier, reader = Asked(made), OnLoop(made)
    proofs = anchor(made, CONTENTS)
    verifier.may_ask.set()

    async def judge(judging: Judging) -> Verification:
        return await judging(verifier.examine(Submitted(CONTENTS[0], dump_proof(proofs[0]))))

    async def ask() -> None:
        judging = Judging(verifier, reader)
        assert [(await judge(judging)).overall for _ in range(2)] == [Verdict.VALID] * 2
        change(made, proofs[0], DocumentState.REVOKED)
        found = await judge(judging)
        assert found[Question.STATUS].reason is Reason.REVOKED
        assert found.block is not None
        assert found.block.hash == made.chain.head().hash
        await judging.close()

    asyncio.run(ask())
    assert verifier.asked == [1, 1]


def test_a_chain_that_does_not_answer_the_loop(made: World) -> None:
    verifier, reader = Asked(made), OnLoop(made)
    every = cases(made, verifier)
    verifier.may_ask.set()

    async def ask() -> list[Verification]:
        judging = Judging(verifier, reader)
        await judging(every[0])
        reader.is_off = True
        found = await asyncio.gather(*(judging(case) for case in every[1:]))
        await judging.close()
        return found

    for each in asyncio.run(ask()):
        assert (each.overall, each.block) == (Verdict.UNDETERMINED, None)
        assert each[Question.INTEGRITY].verdict is Verdict.VALID
        assert each[Question.STATUS].reason is Reason.CHAIN_UNAVAILABLE
    assert verifier.asked == [1]


def test_nobody_waits_for_a_chain_that_hangs(made: World) -> None:
    verifier, reader = Asked(made), OnLoop(made)
    every = cases(made, verifier)

    async def ask() -> list[Verification]:
        judging = Judging(verifier, reader)
        reader.is_hanging = True
        found = await asyncio.gather(*(judging(case) for case in every))
        await judging.close()
        return found

    for each in asyncio.run(ask()):
        assert (each.overall, each.block) == (Verdict.UNDETERMINED, None)
        assert each[Question.INTEGRITY].verdict is Verdict.VALID
        assert each[Question.STATUS].reason is Reason.CHAIN_UNAVAILABLE
    assert (verifier.asked, reader.exchanges) == ([], [])
