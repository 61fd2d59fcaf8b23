"""Threads that ask at the same time ask together: who comes while an answer is on its way goes with the next question.

So a node is asked once for all that wait, however many they are, and nobody waits for longer than two answers.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass
class _Waiting(Generic[Question, Answer]):
    """One thread's question, and what became of it: one of the others once its turn is over."""

    question: Question
    answer: Answer | None = None
    error: BaseException | None = None
    is_done: bool = False


class Together(Generic[Question, Answer]):
    """Asks for several threads at once.

    Args:
        ask: Answers questions, in their order. If it raises, each is asked by itself: one's failure is not the others'.
    """

    def __init__(self, ask: Callable[[Sequence[Question]], Sequence[Answer]]) -> None:
        self._ask = ask
        self._queue, self._turn = threading.Lock(), threading.Lock()
        self._waiting: list[_Waiting[Question, Answer]] = []

    def __call__(self, question: Question) -> Answer:
        """The answer to one question."""
        mine: _Waiting[Question, Answer] = _Waiting(question)
        with self._queue:
            self._waiting.append(mine)
        with self._turn:  # who had it before may have asked for this one too
            if not mine.is_done:
                self._ask_for_all()
        if mine.error is not None:
            raise mine.error
        return mine.answer  # type: ignore[return-value]  # done and without an error, so it is there

    def _ask_for_all(self) -> None:
        with self._queue:
            asked, self._waiting = self._waiting, []
        self._answer(asked)
        for waiting in asked:
            waiting.is_done = True

    def _answer(self, asked: Sequence[_Waiting[Question, Answer]]) -> None:
        try:
            for waiting, answer in zip(asked, self._ask([each.question for each in asked]), strict=True):
                waiting.answer = answer
        except BaseException as error:  # noqa: BLE001 - raised in the thread that asked
            if len(asked) == 1:
                asked[0].error = error
                return
            for waiting in asked:  # each by itself, so that nobody gets what another's question did
                self._answer([waiting])
