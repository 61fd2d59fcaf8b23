"""Connections of a facade: nobody holds one for nothing.

Whoever may connect may also be silent, send a byte now and then, or read nothing of its answer. So it has a limit
whenever it is the client's turn:

    no request under way   until the head of the next one is there: that of a new connection, or the rest of a body that
                           was answered before it was read and the head behind it
    an answer's bytes      until they have left
    a request's body       see `api.limits`, which answers 408
    no request under way,  half a second, for what its client has sent already
    and the process ends
    a body that is not     five seconds more, and it is thrown away: closed with bytes unread, the connection would be
    read to its end, as    reset, and its client would lose the answers that it had not read yet
    the process ends

and there are so many connections in all: for one more, who has kept us waiting longest is cut off.

Nor does an answer wait: its body leaves without the client's acknowledgement of its head.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

import orjson
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.errors import PROBLEM_TYPE, http_problem

HEAD_WITHIN_S: Final = 10.0
"""For a request's line and headers, which fit into a few packets."""
STALLED_S: Final = 60.0
"""For a piece of an answer that was handed over: at most some hundred KiB, which a slow line takes in that time."""
CLOSE: Final = (b"connection", b"close")
LAST_WITHIN_S: Final = 0.5
"""For a request that was sent when its client could not know yet that this process is to end; closed at once, the
connection would be reset under it."""
REST_WITHIN_S: Final = 5.0
"""For the rest of a body that is not read any more as this process is to end."""
MAX_CONNECTIONS: Final = 512
"""Of one worker: half of the files that a process may usually have open."""


class BoundedConnection(H11Protocol):
    """A connection with limits on what it waits for."""

    _turn_ends: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _since: float = 0.0
    _is_cut: bool = False
    _last: asyncio.TimerHandle | None = None
    _is_done: bool = False
    """Whether all was answered that will be, and what still comes is thrown away."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, if there is room or somebody who makes room."""
        super().connection_made(transport)
        _send_at_once(transport)
        transport.set_write_buffer_limits(high=0)  # what the client's system does not take at once counts as stalled
        self._clients_turn()
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the limits with the connection."""
        for timer in (self._turn_ends, self._stalled, self._last):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that is whole ends the client's turn."""
        if self._is_done:
            return
        super().data_received(data)
        if self._turn_ends is not None and self._is_at_work():
            self._turn_ends.cancel()
            self._turn_ends = None
        if self._last is not None and self._is_at_work():
            self._end_with_this()

    def shutdown(self) -> None:
        """The process is to end: answer what has come, and what is on its way already, then close."""
        if self._is_at_work():
            self._end_with_this()
        elif self._last is None:
            self._last = self.loop.call_later(LAST_WITHIN_S, self._close)

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already, or for the end of this one."""
        super().on_response_complete()
        if self._is_done:
            self._unset_keepalive_if_required()
        elif not self._is_at_work() and not self.transport.is_closing():
            self._clients_turn()

    def pause_writing(self) -> None:
        """Wait until the client reads."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read."""
        if self._stalled is not None:
            self._stalled.cancel()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a problem like any other; an answer that was begun is broken off."""
        if not (self._is_at_work() and self.cycle.response_started):
            body = orjson.dumps(http_problem(400, msg))
            head = f"HTTP/1.1 400 Bad Request\r\nContent-Type: {PROBLEM_TYPE}\r\nContent-Length: {len(body)}\r\n"
            self.transport.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        self.transport.close()

    def _end_with_this(self) -> None:
        """Close behind the answer that is due, and say so in it (RFC 9112 §9.6)."""
        self.cycle.keep_alive = False
        self.cycle.transport = _ClosedBy(self.transport, self._close)
        self.cycle.scope["headers"] = [*self.cycle.scope["headers"], CLOSE]  # the server repeats it in the answer

    def _close(self) -> None:
        """Close behind what was answered, and behind the body of the request that was."""
        if self.cycle is None or not self.cycle.more_body:
            self.transport.close()
        elif not self._is_done:
            self._is_done = True
            self.flow.resume_reading()
            self.transport.write_eof()
            self._last = self.loop.call_later(REST_WITHIN_S, self.transport.close)

    def _clients_turn(self) -> None:
        if self._turn_ends is not None:
            self._turn_ends.cancel()
        self._since = self.loop.time()
        self._turn_ends = self.loop.call_later(HEAD_WITHIN_S, self.transport.abort)

    def _is_at_work(self) -> bool:
        """Whether a request is here that was not answered yet."""
        return self.cycle is not None and not self.cycle.response_complete

    def _make_room(self) -> None:
        """Cut off who keeps us waiting: one without a request first, then one whose body or reading is awaited.

        That may be this one, the last to come, so the last among equals. Who is cut off stays in the list until the
        loop's next turn.
        """
        here = [each for each in self.connections if isinstance(each, BoundedConnection) and not each._is_cut]
        if len(here) > MAX_CONNECTIONS:
            longest = min(filter(BoundedConnection._waits, here), key=lambda each: (each._is_at_work(), each._since))
            longest._is_cut = True
            longest.transport.abort()

    def _waits(self) -> bool:
        return not self._is_at_work() or self.cycle.more_body or self.flow.write_paused


class _ClosedBy(asyncio.Transport):
    """A connection as the server's answer has it, which somebody else closes."""

    def __init__(self, inner: asyncio.Transport, close: Callable[[], None]) -> None:
        super().__init__()
        self._inner, self.close = inner, close  # type: ignore[method-assign]  # what this is for

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes."""
        self._inner.write(data)

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._inner.is_closing()


def _send_at_once(transport: asyncio.Transport) -> None:
    """Switch Nagle's algorithm off, which would hold an answer's body back for 40 ms on a kept connection.

    asyncio does so for sockets that name their protocol; those that uvicorn hands to several workers do not.
    """
    accepted = transport.get_extra_info("socket")
    if accepted is not None and accepted.family in (socket.AF_INET, socket.AF_INET6):
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
