"""How large a request's body may be, by what it is and whether a token is shown with it."""

import re
from collections.abc import Mapping
from typing import Final

from ledger.domain.limits import (
    KIB,
    MAX_ANONYMOUS_BYTES,
    MAX_JSON_BODY_BYTES,
    MAX_PROOF_FILE_BYTES,
    MAX_UPLOAD_BYTES,
)

MULTIPART_ROOM_BYTES: Final = 64 * KIB
"""Part headers and boundaries of a verification request."""
MAX_BODY_BYTES: Final = MAX_UPLOAD_BYTES + MAX_PROOF_FILE_BYTES + MULTIPART_ROOM_BYTES
"""Largest body of any request: a file to verify with its proof."""
MAX_ANONYMOUS_BODY_BYTES: Final = MAX_ANONYMOUS_BYTES + MAX_PROOF_FILE_BYTES + MULTIPART_ROOM_BYTES
"""The same of who shows no token. A token that does not count is refused before the file is judged."""
_JSON: Final = re.compile(rb"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)
"""Media types whose body is read into memory as a whole."""
_FORM: Final = re.compile(rb"multipart/form-data\b", re.IGNORECASE)
"""The media type of files."""


def most_bytes(headers: Mapping[bytes, bytes]) -> int:
    """Largest body of a request with these headers."""
    kind = headers.get(b"content-type", b"")
    if _JSON.match(kind):
        return MAX_JSON_BODY_BYTES
    return MAX_ANONYMOUS_BODY_BYTES if _FORM.match(kind) and b"authorization" not in headers else MAX_BODY_BYTES
