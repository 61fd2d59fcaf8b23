"""Threads that ask at once.

given a question on its way
  when others come meanwhile   → they are asked together, once, and each gets its own answer
  when asking fails            → each is asked by itself, and who asked what fails gets the failure
"""

import threading
import time
from collections.abc import Sequence

import pytest

from ledger.domain.errors import Unavailable
from ledger.services.together import Together


class Node:
    """Answers a question with its double, after it was let."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.began, self.may_answer = threading.Event(), threading.Event()
        self.cannot: set[int] = set()

    def __call__(self, questions: Sequence[int]) -> list[int]:
        self.asked.append(list(questions))
        self.began.set()
        assert self.may_answer.wait(10)
        if self.cannot & {*questions}:
            raise Unavailable("gone")
        return [2 * question for question in questions]


def asking(together: Together[int, int], question: int, into: dict[int, object]) -> threading.Thread:
    def ask() -> None:
        try:
            into[question] = together(question)
        except Unavailable as error:
            into[question] = error

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_who_comes_meanwhile_goes_with_the_next() -> None:
    node, found = Node(), {}  # type: ignore[var-annotated]
    together = Together(node)
    threads = [asking(together, 1, found)]
    assert node.began.wait(10)
    threads += [asking(together, number, found) for number in range(2, 9)]
    while len(together._waiting) < 7:
        time.sleep(0.001)
    node.may_answer.set()
    for thread in threads:
        thread.join(10)
    assert found == {number: 2 * number for number in range(1, 9)}
    assert [sorted(each) for each in node.asked] == [[1], [2, 3, 4, 5, 6, 7, 8]]


def test_a_failure_is_told_to_who_asked_for_it() -> None:
    node, found = Node(), {}  # type: ignore[var-annotated]
    node.cannot = {3}
    together = Together(node)
    first = asking(together, 1, found)
    assert node.began.wait(10)
    others = [asking(together, number, found) for number in (2, 3, 4)]
    while len(together._waiting) < 3:
        time.sleep(0.001)
    node.may_answer.set()
    for thread in (first, *others):
        thread.join(10)
    assert isinstance(found.pop(3), Unavailable)
    assert found == {1: 2, 2: 4, 4: 8}
    assert together(5) == 10


def test_alone_it_is_just_asked() -> None:
    node = Node()
    node.may_answer.set()
    assert [Together(node)(number) for number in (1, 2)] == [2, 4]
    node.cannot = {1}
    with pytest.raises(Unavailable):
        Together(node)(1)
    assert node.asked == [[1], [2], [1]]
