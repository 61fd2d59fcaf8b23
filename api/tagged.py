"""Entity tags on what is read (RFC 9110 §8.8.3): `If-None-Match` with the tag of an unchanged answer gets 304.

The tag is weak and leaves out the block that an answer was read at, also where it stands in the cursor of the next
page: a new block that changes nothing about the answer leaves its tag as it was. It tells readers of different rights
apart, as their answers differ; who has no right any more is told so, whatever tag it brings.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from api.strict import StrictRoute

MOVING: Final = ("as_of", "block")
"""Fields that tell where the answer was read."""
MOVING_UNASKED: Final = ("until",)
"""Fields that do so unless the caller gave them."""


class Tagged(StrictRoute):
    """A route whose answers carry an ETag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with its answer tagged."""
        handle = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            answer = await handle(request)
            if request.method != "GET" or answer.status_code != 200 or isinstance(answer, StreamingResponse):
                return answer
            tag = tag_of(bytes(answer.body), request.query_params.keys())
            headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
            if _matches(request.headers.get("if-none-match", ""), tag):
                return Response(status_code=304, headers=headers)
            answer.headers.update(headers)
            return answer

        return tagged


def tag_of(body: bytes, asked: Collection[str]) -> str:
    """The weak tag of a JSON answer to a request with such parameters."""
    told = json.loads(body)
    moving = {*MOVING, *(name for name in MOVING_UNASKED if name not in asked)}
    still = {name: value for name, value in told.items() if name not in moving}
    if "next" in still:
        still["next"] = still["next"] is not None
    digest = hashlib.sha256(json.dumps(still, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return f'W/"{digest[:32]}"'


def _matches(header: str, tag: str) -> bool:
    named = [each.strip() for each in header.split(",")]
    return "*" in named or tag.removeprefix("W/") in [each.removeprefix("W/") for each in named]
