"""A facade's streams of server-sent events, as a test writes them."""

import httpx

from ledger.client import Client


class Streams:
    """Answers of a facade to one stream after another; all else is answered with `state`."""

    def __init__(self, *streams: str, state: str = "SENT") -> None:
        self.left, self.state, self.asked = list(streams), state, list[httpx.URL]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/events"):
            return httpx.Response(200, json={"state": self.state})
        if not self.left:
            return httpx.Response(503, json={"code": "unavailable", "detail": "it is ending"})
        self.asked.append(request.url)
        return httpx.Response(200, text=self.left.pop(0))

    def client(self) -> Client:
        """A client of that facade."""
        at = "http://facade.example"
        return Client(at, http=httpx.Client(base_url=at, transport=httpx.MockTransport(self)))


def told(name: str, data: str, number: int | str) -> str:
    """One event."""
    return f"event: {name}\ndata: {data}\nid: {number}\n\n"


ENDED = 'event: ended\ndata: {"code": "%s"}\n\n'
"""The last event of a stream whose reader lost a right, with its code."""
