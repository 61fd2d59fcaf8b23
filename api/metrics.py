"""Figures in Prometheus' text format: requests by route and status, their durations, and how far the index is.

Kept in this process, and told under its id: whoever scrapes a facade of several workers meets one of them at a time,
and adds them up by `sum without (worker)`. No figure names a person, a document or a case.
"""

import os
import threading
import time
from collections import defaultdict
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the histogram of durations."""
OWN: Final = frozenset({"tamga_troubles", "tamga_records_faults"})
"""Gauges that say something of this worker; the others are the same at each."""
MEDIA_TYPE: Final = "text/plain; version=0.0.4"


class Figures:
    """Counts of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str, int], int] = defaultdict(int)
        self._buckets: dict[tuple[str, float], int] = defaultdict(int)
        self._sums: dict[str, float] = defaultdict(float)

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._sums[route] += seconds
            for bound in (*BUCKETS_S, float("inf")):
                if seconds <= bound:
                    self._buckets[route, bound] += 1

    def text(self, gauges: dict[str, float]) -> str:
        """All figures, with `gauges` as they are now."""
        with self._lock:
            requests, buckets, sums = dict(self._requests), dict(self._buckets), dict(self._sums)
        own = f'worker="{os.getpid()}"'
        lines = ["# TYPE tamga_http_requests_total counter"]
        for (method, route, status), count in sorted(requests.items()):
            labels = f'method="{method}",route="{route}",status="{status}",{own}'
            lines.append(f"tamga_http_requests_total{{{labels}}} {count}")
        lines.append("# TYPE tamga_http_request_seconds histogram")
        for route in sorted(sums):
            for bound in (*BUCKETS_S, float("inf")):
                shown = "+Inf" if bound == float("inf") else f"{bound:g}"
                count = buckets.get((route, bound), 0)
                lines.append(f'tamga_http_request_seconds_bucket{{route="{route}",le="{shown}",{own}}} {count}')
            lines.append(f'tamga_http_request_seconds_sum{{route="{route}",{own}}} {sums[route]:.6f}')
            lines.append(f'tamga_http_request_seconds_count{{route="{route}",{own}}} {buckets[route, float("inf")]}')
        for name, value in sorted(gauges.items()):
            labels = f"{{{own}}}" if name in OWN else ""
            lines += [f"# TYPE {name} gauge", f"{name}{labels} {value:g}"]
        return "\n".join(lines) + "\n"


class Measured:
    """Counts each request under its route's template, so that ids in paths make no series of their own."""

    def __init__(self, app: ASGIApp, *, figures: Figures) -> None:
        self._app, self._figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")
            self._figures.add(_method(scope["method"]), route, status, time.perf_counter() - began)


def _method(method: str) -> str:
    return method if method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE") else "OTHER"
