"""Entity tags on what is read (RFC 9110 §8.8.3): `If-None-Match` with the tag of an unchanged answer gets 304.

The tag is weak and leaves out the block that an answer was read at, also where it stands in the cursor of the next
page: a new block that changes nothing about the answer leaves its tag as it was. It tells readers of different rights
apart, as their answers differ.
"""

import hashlib
import json
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response

from api.strict import StrictRoute

MOVING: Final = ("as_of", "block", "until")
"""Fields that tell where the answer was read, or up to when: a statement without an end is up to now."""


class Tagged(StrictRoute):
    """A route whose answers carry an ETag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with its answer tagged."""
        handle = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            answer = await handle(request)
            if request.method != "GET" or answer.status_code != 200:
                return answer
            tag = tag_of(bytes(answer.body))
            headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
            if _matches(request.headers.get("if-none-match", ""), tag):
                return Response(status_code=304, headers=headers)
            answer.headers.update(headers)
            return answer

        return tagged


def tag_of(body: bytes) -> str:
    """The weak tag of a JSON answer."""
    told = json.loads(body)
    still = {name: value for name, value in told.items() if name not in MOVING}
    if "next" in still:
        still["next"] = still["next"] is not None
    digest = hashlib.sha256(json.dumps(still, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return f'W/"{digest[:32]}"'


def _matches(header: str, tag: str) -> bool:
    named = [each.strip() for each in header.split(",")]
    return "*" in named or tag.removeprefix("W/") in [each.removeprefix("W/") for each in named]
