"""Answers leave at once, whoever bound the socket.

A server of several workers hands them a listening socket that names no protocol (uvicorn), and asyncio leaves Nagle's
algorithm on for connections that come from one: the body of an answer then waits until the client acknowledges its
head, 40 ms for each request on a kept connection. What is set on a listening socket holds for its connections.
"""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

OPEN_FILES: Final = Path("/dev/fd")
"""One entry for each open file of this process."""


def send_at_once() -> None:
    """Set TCP_NODELAY on every TCP socket on which this process listens; on what it accepted before nothing changes."""
    if not OPEN_FILES.is_dir():
        return
    for entry in list(OPEN_FILES.iterdir()):
        with suppress(OSError):  # closed meanwhile
            if stat.S_ISSOCK(os.fstat(int(entry.name)).st_mode):
                _at_once(int(entry.name))


def _at_once(descriptor: int) -> None:
    with socket.socket(fileno=os.dup(descriptor)) as found:
        listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if listens and found.family in (socket.AF_INET, socket.AF_INET6):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
