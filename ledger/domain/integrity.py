"""What a proof file shows without asking anybody: record under root, and file against record. Pure."""

import hmac
from enum import StrEnum
from typing import NamedTuple

from ledger.domain.anchor import unpack_h
from ledger.domain.canonical import canonicalise
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.hashing import digest as digest_of
from ledger.domain.ids import Digest32
from ledger.domain.limits import MAX_UPLOAD_BYTES
from ledger.domain.merkle import root_from_path
from ledger.domain.proof import Proof
from ledger.domain.record import CONTENT, REDACTED, Opening, content_value, is_json, record_id


class Outcome(StrEnum):
    """What became of one claim; the codes are those of a verdict's reasons."""

    INTACT = "intact"
    PATH_DIFFERS = "path_differs"
    CONTENT_MATCHES = "content_matches"
    REDACTED_EDITION = "redacted_edition"
    CONTENT_DIFFERS = "content_differs"
    CONTENT_NOT_GIVEN = "content_not_given"
    CONTENT_CLAIM_CLOSED = "content_claim_closed"
    CONTENT_NOT_JUDGED = "content_not_judged"


class ClaimOutcome(NamedTuple):
    """One claim and what became of it.

    Attributes:
        claim: `path` (record under root), `content` or `content.redacted` (file against record).
        outcome: What became of it.
        holds: True, False, or None where nothing was compared.
        limit: The bound for which nothing was, in words.
    """

    claim: str
    outcome: Outcome
    holds: bool | None
    limit: str = ""


def check_integrity(
    proof: Proof, content: bytes | None = None, *, digest: Digest32 | None = None, unread_bytes: int | None = None
) -> list[ClaimOutcome]:
    """Compare record with root, and file with record.

    That the openings match the record's claims was seen by `parse_proof`.

    Args:
        proof: A proof as parsed.
        content: The file's bytes.
        digest: In place of `content`: SHA-256 of the file, of its RFC 8785 form if its claim says that it is JSON.
        unread_bytes: Length of a file that is too large to be read: `digest` is of its bytes, whatever its claim says.

    Returns:
        The outcome of `path`, then that of the file.
    """
    return [_path(proof), _content(proof, content, digest, unread_bytes)]


def _path(proof: Proof) -> ClaimOutcome:
    path = proof.path
    root = root_from_path(record_id(proof.record), path.index, path.size, path.hashes)
    holds = root == proof.anchor.root and path.size == unpack_h(proof.anchor.head).size
    return ClaimOutcome("path", Outcome.INTACT if holds else Outcome.PATH_DIFFERS, holds)


def _content(proof: Proof, content: bytes | None, digest: Digest32 | None, unread_bytes: int | None) -> ClaimOutcome:
    if content is None and digest is None:
        return ClaimOutcome(CONTENT, Outcome.CONTENT_NOT_GIVEN, None)
    opened = [opening for opening in proof.openings if opening.name in (CONTENT, REDACTED)]
    if not opened:
        return ClaimOutcome(CONTENT, Outcome.CONTENT_CLAIM_CLOSED, None)
    open_ = None
    for opening in opened:
        try:
            same = matches(opening, content, digest=digest, unread_bytes=unread_bytes)
        except LimitExceeded as error:
            open_ = open_ or ClaimOutcome(opening.name, Outcome.CONTENT_NOT_JUDGED, None, str(error))
            continue
        if same:
            outcome = Outcome.CONTENT_MATCHES if opening.name == CONTENT else Outcome.REDACTED_EDITION
            return ClaimOutcome(opening.name, outcome, holds=True)
    return open_ or ClaimOutcome(opened[0].name, Outcome.CONTENT_DIFFERS, holds=False)


def matches(
    opening: Opening, content: bytes | None, *, digest: Digest32 | None = None, unread_bytes: int | None = None
) -> bool:
    """Whether the file, or its digest with its length, is the one that an opened `content` claim describes.

    Raises:
        LimitExceeded: Said to be JSON, spelled in another way than its RFC 8785 form, and over a bound of our reader:
            it may be that document.
    """
    claimed = opening.value
    if content is None:
        same = digest is not None and hmac.compare_digest(digest.hex(), claimed["sha256"])
        if unread_bytes is None:
            return same
        if not same and is_json(claimed["media_type"]):
            raise LimitExceeded("JSON text", MAX_UPLOAD_BYTES)
        return same and bool(claimed["bytes"] == unread_bytes)
    try:
        return bool(content_value(content, claimed["media_type"]) == claimed)
    except Malformed:  # said to be JSON, and the file is not
        return False
    except LimitExceeded:
        if digest_of(content).hex() == claimed["sha256"]:  # it is the RFC 8785 form, which need not be made
            return True
        raise


def content_digests(content: bytes) -> list[Digest32]:
    """The hashes under which a file may be known: of its bytes and, if it is JSON, of its RFC 8785 form."""
    found = [digest_of(content)]
    try:
        found.append(digest_of(canonicalise(content, max_bytes=MAX_UPLOAD_BYTES)))
    except (Malformed, LimitExceeded):
        return found
    return list(dict.fromkeys(found))
