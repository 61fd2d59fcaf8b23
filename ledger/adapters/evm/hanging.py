"""Whether a node hangs: what it leaves unanswered must not hold everybody who asks after.

A node that is gone refuses at once; one that hangs costs each asker a whole timeout, and a server has so many threads.
So once a request got no answer in time, and no other one was answered meanwhile, the node counts as hanging: who asks
then is told so at once. Now and then one of them asks it something small first, and its answer ends that.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

PAUSE_S: Final = 1.0
"""Between two probes of a node that hangs."""


class Hanging:
    """What is known of one node, shared by threads.

    Args:
        probe: Whether the node answers something small now.
    """

    def __init__(self, probe: Callable[[], bool], *, now: Callable[[], float] = time.monotonic) -> None:
        self._probe, self._now = probe, now
        self._lock = threading.Lock()
        self._answered = float("-inf")
        self._next_probe: float | None = None

    def __bool__(self) -> bool:
        """Whether it hangs; one asker at a time finds out whether it still does."""
        with self._lock:
            if self._next_probe is None:
                return False
            if self._now() < self._next_probe:
                return True
            self._next_probe = float("inf")
        answers = False
        try:
            answers = self._probe()
        finally:  # also if finding out failed: nobody else would ever ask again
            with self._lock:
                self._next_probe = None if answers else self._now() + PAUSE_S
        return not answers

    @property
    def is_suspected(self) -> bool:
        """Whether it hung when that was asked last; nobody finds out now."""
        return self._next_probe is not None

    def answered(self) -> None:
        """The node has answered a request."""
        self._answered = self._now()
        if self._next_probe is not None:
            with self._lock:
                self._next_probe = None

    def silent(self, since: float) -> None:
        """It did not answer in time what it was asked then; nothing follows if it has answered somebody else later."""
        with self._lock:
            if self._answered < since and self._next_probe is None:
                self._next_probe = self._now()
