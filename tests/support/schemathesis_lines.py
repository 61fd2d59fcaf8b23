"""Bodies of `POST /v1/verify/many` for Schemathesis, which knows no JSON lines: what it makes is sent twice."""

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> dict[str, Any]:
    """What `requests` is given."""
    line = value if isinstance(value, bytes) else json.dumps(value).encode()
    return {"data": line + b"\n" + line + b"\n"}
