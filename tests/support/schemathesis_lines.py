"""Bodies of `POST /v1/verify/many` for Schemathesis, which knows no JSON lines."""

import json
from typing import Any

import schemathesis
from hypothesis import strategies as st

from api.known import PATTERNS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LINE = st.fixed_dictionaries(
    {"id": st.text(max_size=8)},
    optional={
        "proof": st.dictionaries(st.text(max_size=8), JSON, max_size=4),
        "sha256": st.from_regex("^[0-9a-f]{64}$", fullmatch=True),
        "at": st.just("2026-11-23T09:00:00Z") | st.text(max_size=64),
        **{name: st.from_regex(pattern, fullmatch=True) for name, pattern in PATTERNS.items()},
    },
)


def _body(lines: list[Any]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


schemathesis.openapi.media_type("application/x-ndjson", st.lists(LINE | JSON, max_size=5).map(_body))
