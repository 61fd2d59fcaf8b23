"""Load on an HTTP server over kept connections: as fast as it answers, or at a steady rate."""

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Body = tuple[str, bytes]
"""Content type and bytes."""


@dataclass(frozen=True)
class Target:
    """Where requests go.

    Attributes:
        port: On 127.0.0.1.
        path: Of every request.
        check: Tells from an answer's body whether it is the right one.
    """

    port: int
    path: str
    check: Callable[[bytes], bool]


def closed_loop(target: Target, bodies: Sequence[Body], *, clients: int, seconds: float) -> float:
    """Requests answered a second while each of `clients` sends its next one as soon as it has an answer."""
    until = time.perf_counter() + seconds
    done = [0] * clients

    def client(number: int) -> None:
        connection, at = _connect(target), number
        while time.perf_counter() < until:
            _post(connection, target, bodies[at % len(bodies)])
            at += clients
            done[number] += 1
        connection.close()

    began = time.perf_counter()
    _all([lambda number=number: client(number) for number in range(clients)])  # type: ignore[misc]  # such a lambda has no inferred type
    return sum(done) / (time.perf_counter() - began)


def open_loop(
    target: Target, bodies: Sequence[Body], *, clients: int, seconds: float, per_second: float
) -> list[float]:
    """Latencies [s] at a steady rate; a request that had to wait for its turn has waited that long too."""
    count = int(seconds * per_second)
    began = time.perf_counter() + 0.05
    latencies: list[float] = []

    def client(number: int) -> None:
        connection = _connect(target)
        for at in range(number, count, clients):
            due = began + at / per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            _post(connection, target, bodies[at % len(bodies)])
            latencies.append(time.perf_counter() - due)
        connection.close()

    _all([lambda number=number: client(number) for number in range(clients)])  # type: ignore[misc]  # such a lambda has no inferred type
    return sorted(latencies)


def _connect(target: Target) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", target.port, timeout=60)


def _post(connection: http.client.HTTPConnection, target: Target, body: Body) -> None:
    connection.request("POST", target.path, body[1], {"Content-Type": body[0]})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200 or not target.check(content):
        raise ValueError(f"{target.path} answered {answer.status}: {content[:300]!r}")


def _all(works: Sequence[Callable[[], None]]) -> None:
    """Run all at once; raises what the first of them raised."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
