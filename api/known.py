"""Documents by what they are known under here, in place of a file or a proof: for signed-in callers with a right."""

import re
from typing import Final

from api.routes.ledger import CASE, case_named
from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Asked
from ledger.domain.errors import Fault, Malformed, NotSignedIn, Unavailable
from ledger.domain.ids import RecordId

PATTERNS: Final = {
    "record": "^0x[0-9a-f]{64}$",
    "mrn": CASE,
    "permit": "^(?:0x[0-9a-f]{64}|[!-~]{1,70})$",
}
"""What a document can be known under, and how that is written."""


def proof_of(facade: Facade, caller: Asked, kind: str, text: str) -> bytes:
    """Proof file of what is known here under one name.

    Raises:
        NotSignedIn: Nobody signed in.
        Malformed: It is not written like such a name.
        NotFound: Nothing readable is known under it, or it is not for the caller.
        Unavailable: Who asks cannot be told now.
    """
    if caller is None:
        raise NotSignedIn("without a sign-in a file or a proof is needed: POST /v1/session")
    if isinstance(caller, Unavailable):
        raise caller.with_traceback(None)  # one outage for all lines of a request: each would leave its frames in it
    if re.fullmatch(PATTERNS[kind], text) is None:
        raise Malformed(Fault("pattern", f"/{kind}", f"does not match {PATTERNS[kind]}"))
    match kind:
        case "record":
            return facade.uses.proof_of_record(RecordId(bytes.fromhex(text[2:])), caller)
        case "permit":
            return facade.uses.proof_of_permit(text, caller)
        case _:
            return facade.uses.proof_of_declaration(case_named(facade, text, "/mrn"), text, caller)
