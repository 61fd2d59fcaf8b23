"""W3C verifiable credentials (data model 1.1 and 2.0): what can be told of one without asking anybody.

Their proofs bind JSON-LD that only its remote contexts make complete, and keys and statuses that live on the web
(did:web, status lists). None of it is fetched here: the document would choose whom we call. So a proof is named, not
judged, and only what the credential says against itself, such as an end of validity, is held against it.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.foreign.dates import first_second, last_second
from ledger.domain.foreign.wrapped import MAX_TEXT, optional_text

CONTEXTS: Final = {
    "https://www.w3.org/2018/credentials/v1": "W3C credential 1.1",
    "https://www.w3.org/ns/credentials/v2": "W3C credential 2.0",
}
MAX_LISTED: Final = 8
"""Proofs and statuses that are named."""
_STATUS_FIELDS: Final = (
    "type",
    "statusPurpose",
    "statusListCredential",
    "statusListIndex",
    "revocationListCredential",
    "revocationListIndex",
    "tokenRegistry",
    "tokenId",
)


@dataclass(frozen=True)
class Credential:
    """A W3C credential.

    Attributes:
        form: `W3C credential 1.1` or `2.0`.
        issuer: Its issuer's identifier, its own word.
        suites: Kinds of its proofs; none if it is unsigned.
        keys: The keys that are said to have made them.
        statuses: Kind and place of its status entries.
        valid_from, valid_until: Instants [unix s]; None if it names none.
    """

    form: str
    issuer: str | None
    suites: tuple[str, ...]
    keys: tuple[str, ...]
    statuses: tuple[dict[str, str], ...]
    valid_from: int | None
    valid_until: int | None


def form_of(document: dict[str, Any]) -> str | None:
    """Which data model a document declares; None if it is no credential."""
    contexts = document.get("@context")
    first = contexts[0] if type(contexts) is list and contexts else contexts
    return CONTEXTS.get(first) if type(first) is str else None


def read(document: dict[str, Any], form: str) -> Credential:
    """Read a credential. Raises `Malformed` for a date that is none."""
    proofs, issuer = _listed(document.get("proof")), document.get("issuer")
    starts = [first_second(document.get(name), f"/{name}") for name in ("validFrom", "issuanceDate")]
    ends = [last_second(document.get(name), f"/{name}") for name in ("validUntil", "expirationDate")]
    return Credential(
        form=form,
        issuer=optional_text(issuer.get("id") if type(issuer) is dict else issuer),
        suites=tuple(
            optional_text(proof.get("cryptosuite")) or optional_text(proof.get("type")) or "unnamed" for proof in proofs
        ),
        keys=tuple(filter(None, (optional_text(proof.get("verificationMethod")) for proof in proofs))),
        statuses=tuple(_status(each) for each in _listed(document.get("credentialStatus"))),
        valid_from=max((start for start in starts if start is not None), default=None),
        valid_until=min((end for end in ends if end is not None), default=None),
    )


def _listed(value: Any) -> list[dict[str, Any]]:
    found = value if type(value) is list else [value]
    return [each for each in found[:MAX_LISTED] if type(each) is dict]


def _status(entry: dict[str, Any]) -> dict[str, str]:
    texts = {name: str(entry[name])[:MAX_TEXT] for name in _STATUS_FIELDS if name in entry}
    return {name: text for name, text in texts.items() if text}
