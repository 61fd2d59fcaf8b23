"""Questions to a node for which somebody waits.

given a node
├── when it is silent for one question
│   ├── those that wait for a connection, and those that come then, should be told so without asking it
│   ├── after a pause one question should be asked, the others be told meanwhile
│   └── once it answers, with a result or a refusal, all should be asked again
├── when it refuses connections each should be asked: it answers at once
└── when it has as many questions as there are connections, the next should wait for its patience and no longer
"""

import threading
from collections.abc import Callable

import pytest
from urllib3.exceptions import NewConnectionError, ReadTimeoutError

from ledger.adapters.evm.breaker import PAUSE_S, Breaker
from ledger.adapters.evm.http import CONNECTIONS
from ledger.domain.errors import Unavailable

PATIENCE_S = 2.0


class Node:
    """Answers, or does what `trouble` does; counts what it is asked."""

    def __init__(self) -> None:
        self.asked, self.now = 0, 0.0
        self.trouble: Callable[[], None] | None = None

    def __call__(self, _: bytes, __: int) -> tuple[int, bytes]:
        self.asked += 1
        if self.trouble is not None:
            self.trouble()
        return 200, b"answer"


def silent() -> None:
    raise Unavailable("timed out") from ReadTimeoutError(None, "", "timed out")  # type: ignore[arg-type]


def refused() -> None:
    raise Unavailable("refused") from NewConnectionError(None, "refused")  # type: ignore[arg-type]


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
def breaker(node: Node) -> Breaker:
    return Breaker(node, PATIENCE_S, monotonic=lambda: node.now)


def outcome(breaker: Breaker) -> str:
    try:
        return breaker(b"", 1)[1].decode()
    except Unavailable as outage:
        return str(outage)


def test_one_silence_is_waited_for(node: Node, breaker: Breaker) -> None:
    node.trouble = silent
    assert [outcome(breaker) for _ in range(5)] == ["timed out"] + ["the node does not answer"] * 4
    node.now += PAUSE_S
    assert [outcome(breaker) for _ in range(3)] == ["timed out"] + ["the node does not answer"] * 2
    assert node.asked == 2
    node.trouble = None
    assert outcome(breaker) == "the node does not answer"
    node.now += PAUSE_S
    assert [outcome(breaker) for _ in range(3)] == ["answer"] * 3


def test_one_question_at_a_time_is_let_through(node: Node, breaker: Breaker) -> None:
    node.trouble = silent
    outcome(breaker)
    node.now += PAUSE_S
    others: list[str] = []
    node.trouble = lambda: others.append(outcome(breaker))
    assert outcome(breaker) == "answer"
    assert others == ["the node does not answer"]


@pytest.mark.parametrize("trouble", [None, refused])
def test_whatever_is_answered_at_once_cuts_nothing(
    node: Node, breaker: Breaker, trouble: Callable[[], None] | None
) -> None:
    node.trouble = silent
    outcome(breaker)
    node.now, node.trouble = node.now + PAUSE_S, trouble
    assert len({outcome(breaker) for _ in range(5)}) == 1
    assert node.asked == 6


def test_who_waits_for_a_connection_is_told_of_the_silence(node: Node, breaker: Breaker) -> None:
    begun, end = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        begun.release()
        end.wait(30)
        silent()

    node.trouble = hold
    told: list[str] = []
    asking = [threading.Thread(target=lambda: told.append(outcome(breaker))) for _ in range(CONNECTIONS + 10)]
    for thread in asking:
        thread.start()
    for _ in range(CONNECTIONS):
        assert begun.acquire(timeout=30)
    end.set()
    for thread in asking:
        thread.join()
    assert told.count("the node does not answer") == 10
    assert node.asked == CONNECTIONS


def test_a_connection_is_waited_for_so_long(node: Node) -> None:
    breaker, end, begun = Breaker(node, 0.01), threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        begun.release()
        end.wait(30)

    node.trouble = hold
    asking = [threading.Thread(target=outcome, args=(breaker,)) for _ in range(CONNECTIONS)]
    for thread in asking:
        thread.start()
    for _ in range(CONNECTIONS):
        assert begun.acquire(timeout=30)
    assert outcome(breaker) == "the node is asked as much as it can be at a time"
    end.set()
    for thread in asking:
        thread.join()
