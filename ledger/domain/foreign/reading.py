"""Recognising a document of another system by what it declares itself to be."""

from typing import Any

from ledger.domain import canonical
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.foreign import credential, oa2, oa3
from ledger.domain.foreign.credential import Credential
from ledger.domain.foreign.wrapped import Wrapped
from ledger.domain.limits import MAX_FOREIGN_BYTES

Foreign = Wrapped | Credential


def read_foreign(content: bytes) -> Foreign | None:
    """Read a document of a system known here; None if it does not declare itself one.

    Raises:
        Malformed: It declares itself one and is not formed like it.
    """
    if not content[:64].lstrip().startswith(b"{") or len(content) > MAX_FOREIGN_BYTES:
        return None
    try:
        document = canonical.loads(content, max_bytes=MAX_FOREIGN_BYTES)
    except (Malformed, LimitExceeded):
        return None  # some other file: nothing can be said of it
    return _read(document) if isinstance(document, dict) else None


def _read(document: dict[str, Any]) -> Foreign | None:
    match document.get("version"):
        case oa2.VERSION:
            return oa2.read(document)
        case oa3.VERSION:
            return oa3.read(document)
        case _:
            form = credential.form_of(document)
            return None if form is None else credential.read(document, form)
