"""What Schemathesis sends where a link begins: requests that the main job's ledger answers with what can be followed.

What it draws by itself it seldom can follow: an address has a checksum, an act takes what is on the ledger, a filter
leaves nothing in a list. Where the links lead to it draws as ever.
"""

import os
from typing import Any, Final

import schemathesis

from tests.support import schemathesis_lines
from tests.support.bodies import DECLARATION, HOOK, OFFICE

__all__ = ["schemathesis_lines"]

KEY: Final = os.environ.get("TAMGA_TEST_KEY", "")
"""Who asks; whoever is asked for where nobody does."""
PARTICIPANT: Final = os.environ.get("TAMGA_TEST_PARTICIPANT", "")
"""Whom it acts for."""
BODIES: Final[dict[str, Any]] = {
    "/v1/session/nonce": {"address": KEY},
    "/v1/prepare": {
        "contract": "SettlementToken",
        "function": "approve",
        "args": {"spender": KEY, "value": "1"},
    },
    "/v1/webhooks": {"url": HOOK},
    "/v1/lodgements": {
        "message": DECLARATION.read_bytes(),
        "importer": PARTICIPANT,
        "customs": "1",
        "office": str(OFFICE),
        "lrn_mac": "ab" * 32,
    },
}
LISTS: Final = ("/v1/declarations", "/v1/debts", "/v1/permits", "/v1/document-statuses")


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """A whole request."""
    return BODIES.get(context.operation.path, body)


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    """The whole list."""
    return {} if context.operation.path in LISTS else query
