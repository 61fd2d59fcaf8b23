"""Leaving in good order: what streams for long must end when the process is told to, before the server waits for it."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def on_leaving(tell: Callable[[], None]) -> None:
    """Call `tell` when this process is told to end, then whatever was to happen. Only a main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in SIGNALS:
        before = signal.getsignal(number)

        def heard(number: int, frame: FrameType | None, *, before: object = before) -> None:
            tell()
            if callable(before):
                before(number, frame)

        if callable(before):  # the server's own handler; without one, a signal ends the process as ever
            signal.signal(number, heard)
