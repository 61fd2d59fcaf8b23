"""Ends exchanges of threads that take too long in all.

The library bounds each read by itself, so a node, or what stands between, that sends a byte now and then would hold a
thread for as long as it likes. One thread looks after all exchanges of a node, while there are any.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from urllib3.connection import HTTPConnection

TIMES: Final = 5
"""An exchange may take so many times as long as one read: large answers come in many."""
LOOK_S: Final = 0.5
"""Between two looks at what is under way [s]."""
QUIET: Final = 10
"""Looks at nothing after which nobody looks any more."""


class Cutting:
    """The exchanges under way, one a thread.

    Args:
        within_s: How long one may take in all [s].
        silent: Told when it began of one that was cut off [monotonic s].
    """

    def __init__(self, within_s: float, silent: Callable[[float], None]) -> None:
        self._within_s, self._silent = within_s, silent
        self._lock = threading.Lock()
        self._under_way: dict[int, tuple[float, HTTPConnection]] = {}
        self._is_watched = False

    def begin(self, connection: HTTPConnection) -> None:
        """This thread asks over a connection from now on."""
        with self._lock:
            self._under_way[threading.get_ident()] = (time.monotonic(), connection)
            if not self._is_watched:
                self._is_watched = True
                threading.Thread(target=self._watch, name="cutting", daemon=True).start()

    def end(self) -> None:
        """It asks no more: before somebody else may have the connection."""
        with self._lock:
            self._under_way.pop(threading.get_ident(), None)

    def _watch(self) -> None:
        quiet = 0
        while True:
            time.sleep(LOOK_S)
            with self._lock:
                over = [thread for thread, (since, _) in self._under_way.items() if self._is_over(since)]
                ended = [self._under_way.pop(thread) for thread in over]
                for _, connection in ended:
                    sock = connection.sock  # asked for once: its thread may be closing it now
                    if sock is not None:
                        with suppress(OSError):  # of the plain socket below TLS, whose own farewell would wait as well
                            socket.socket.shutdown(sock, socket.SHUT_RDWR)
                quiet = 0 if self._under_way or ended else quiet + 1
                if quiet > QUIET:
                    self._is_watched = False
                    return
            for since, _ in ended:
                self._silent(since)

    def _is_over(self, since: float) -> bool:
        return time.monotonic() - since > self._within_s
