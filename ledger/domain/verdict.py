"""Answers about a document: one verdict per question, never a bare boolean (domain guide 4.8).

    content     the file given is the one that the record describes
    integrity   content, openings, record and inclusion path agree
    anchor      the chain holds the anchor that the proof names
    issuer      its key was the participant's, with role and accreditation, when it anchored
    status      in force at the instant asked about, as known at one final block
    time        when it was anchored
    use         what it was written off or relied on for; told beside, never counted

INVALID if any counted fragment is; VALID only if all that apply are; else UNDETERMINED. "Could not tell" is its own
answer: an outage never reads as a forgery, nor as an approval.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final


class Verdict(StrEnum):
    """One answer."""

    VALID = "VALID"
    INVALID = "INVALID"
    UNDETERMINED = "UNDETERMINED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Question(StrEnum):
    """What is asked, in the order in which it is answered."""

    INTEGRITY = "integrity"
    CONTENT = "content"
    ANCHOR = "anchor"
    ISSUER = "issuer"
    STATUS = "status"
    TIME = "time"
    USE = "use"


class Reason(StrEnum):
    """Why a fragment says what it says. Codes are stable; `TEXTS` has the words for people."""

    INTACT = "intact"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_VERSION = "unknown_version"
    PDF_ALTERED = "pdf_altered"
    CONTENT_MATCHES = "content_matches"
    REDACTED_EDITION = "redacted_edition"
    CONTENT_DIFFERS = "content_differs"
    CONTENT_NOT_GIVEN = "content_not_given"
    CONTENT_CLAIM_CLOSED = "content_claim_closed"
    CONTENT_NOT_JUDGED = "content_not_judged"
    PATH_DIFFERS = "path_differs"
    NOT_KNOWN_HERE = "not_known_here"
    SEVERAL_RECORDS = "several_records"
    NOT_REACHED = "not_reached"
    OTHER_LEDGER = "other_ledger"
    OTHER_CHAIN = "other_chain"
    EARLIER_CHAIN = "earlier_chain"
    CONTRACT_NOT_LISTED = "contract_not_listed"
    CHAIN_UNAVAILABLE = "chain_unavailable"
    CHAIN_BEHIND = "chain_behind"
    ANCHORED = "anchored"
    ANCHORED_OTHER_BLOCK = "anchored_other_block"
    NOT_ANCHORED = "not_anchored"
    ANCHOR_DIFFERS = "anchor_differs"
    ENTITLED = "entitled"
    ISSUER_DIFFERS = "issuer_differs"
    TYPE_DIFFERS = "type_differs"
    NOT_ENTITLED = "not_entitled"
    NOT_ACCREDITED = "not_accredited"
    KEY_COMPROMISED = "key_compromised"
    IN_FORCE = "in_force"
    BEFORE_ANCHOR = "before_anchor"
    AT_IN_FUTURE = "at_in_future"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    BLOCK_TIME = "block_time"
    NO_RIGHT = "no_right"
    USED = "used"
    NOT_USED = "not_used"
    DOCUMENT_MALFORMED = "document_malformed"
    FIELDS_INTACT = "fields_intact"
    TARGET_HASH_DIFFERS = "target_hash_differs"
    ROOT_DIFFERS = "root_differs"
    UNSIGNED = "unsigned"
    PROOF_NOT_JUDGED = "proof_not_judged"
    CARRIES_ITSELF = "carries_itself"
    NOT_ANCHORED_BY_FORM = "not_anchored_by_form"
    ISSUED_ON_STORE = "issued_on_store"
    NOT_ISSUED_ON_STORE = "not_issued_on_store"
    STORE_NOT_REACHED = "store_not_reached"
    STORE_SAYS_NOTHING = "store_says_nothing"
    ISSUER_UNSIGNED = "issuer_unsigned"
    SIGNED_BY_KNOWN = "signed_by_known"
    SIGNED_BY_UNKNOWN = "signed_by_unknown"
    SIGNATURE_DIFFERS = "signature_differs"
    SIGNER_NOT_RESOLVED = "signer_not_resolved"
    STATUS_NOT_ASKED = "status_not_asked"
    DATES_ONLY = "dates_only"
    TITLE_ACTIVE = "title_active"
    TITLE_SURRENDERED = "title_surrendered"
    TITLE_INOPERATIVE = "title_inoperative"
    ONLY_KNOWN_NOW = "only_known_now"
    TIME_NOT_PROVEN = "time_not_proven"
    STAMP_MALFORMED = "stamp_malformed"
    STAMP_INTACT = "stamp_intact"
    STAMP_OF_ANOTHER = "stamp_of_another"
    STAMP_UNSIGNED = "stamp_unsigned"
    STAMP_SAYS_NOTHING = "stamp_says_nothing"
    STAMPED = "stamped"
    STAMPED_BY_UNKNOWN = "stamped_by_unknown"


TEXTS: Final[Mapping[Reason, str]] = {
    Reason.INTACT: "Record, openings and inclusion path agree.",
    Reason.MALFORMED: "The proof file cannot be read.",
    Reason.TOO_LARGE: "The proof file is larger than any proof can be.",
    Reason.UNKNOWN_VERSION: "The proof file is of a version that this reader does not know.",
    Reason.PDF_ALTERED: "This PDF says that it carries a proof, but more was added or changed: do not rely on it.",
    Reason.CONTENT_MATCHES: "The file is the one that the record describes.",
    Reason.REDACTED_EDITION: "The file is the redacted edition made by the issuer.",
    Reason.CONTENT_DIFFERS: "The file is not the one that the record describes: it was changed, or it is another file.",
    Reason.CONTENT_NOT_GIVEN: "No file was given, so only the record was checked.",
    Reason.CONTENT_CLAIM_CLOSED: "The proof keeps the file's hash closed, so the file given was not checked.",
    Reason.CONTENT_NOT_JUDGED: "The file is over a limit of this reader, so nobody can say here whether it is the one.",
    Reason.PATH_DIFFERS: "The record does not lie under the root that the proof names.",
    Reason.NOT_KNOWN_HERE: "No record of this file is known here. Ask its bearer for the proof file (*.tamga.json).",
    Reason.SEVERAL_RECORDS: (
        "Several records of this same file are known here, and they do not stand alike. Give the proof file "
        "(*.tamga.json) of the one that is meant."
    ),
    Reason.NOT_REACHED: "Not asked, because an earlier question was not answered.",
    Reason.OTHER_LEDGER: "The document belongs to another ledger.",
    Reason.OTHER_CHAIN: "The proof names a chain on which this ledger never lived.",
    Reason.EARLIER_CHAIN: "It was anchored on the chain that this ledger moved from; that chain must be asked.",
    Reason.CONTRACT_NOT_LISTED: "The proof names a contract that this ledger never listed.",
    Reason.CHAIN_UNAVAILABLE: "The chain could not be asked. Try again later.",
    Reason.CHAIN_BEHIND: "The chain's node has not yet reached the block that the proof names.",
    Reason.ANCHORED: "The chain holds this anchor.",
    Reason.ANCHORED_OTHER_BLOCK: (
        "The chain holds this anchor, but not at the place that the proof names: block, transaction or position there "
        "differ. Only what was read from the chain is told here."
    ),
    Reason.NOT_ANCHORED: "The chain holds no anchor under this issuer and sequence number.",
    Reason.ANCHOR_DIFFERS: "The chain holds another anchor under this issuer and sequence number.",
    Reason.ENTITLED: "The issuer was entitled to issue documents of this type when it anchored it.",
    Reason.ISSUER_DIFFERS: "The record names another issuer than the anchor.",
    Reason.TYPE_DIFFERS: "The record names another document type than the anchor.",
    Reason.NOT_ENTITLED: "The key that anchored it did not belong to the issuer, or could not anchor, at that time.",
    Reason.NOT_ACCREDITED: "The issuer was not accredited for this document type when it anchored it.",
    Reason.KEY_COMPROMISED: "The key that anchored it had been declared compromised from that time or earlier.",
    Reason.IN_FORCE: "In force at the time asked about.",
    Reason.BEFORE_ANCHOR: "The time asked about is before the document was anchored.",
    Reason.AT_IN_FUTURE: "The time asked about has not come yet.",
    Reason.NOT_YET_IN_FORCE: "Not yet in force at the time asked about.",
    Reason.EXPIRED: "Its validity had ended at the time asked about.",
    Reason.SUSPENDED: "Suspended at the time asked about.",
    Reason.REVOKED: "Revoked at the time asked about.",
    Reason.SUPERSEDED: "Replaced by a newer document at the time asked about.",
    Reason.BLOCK_TIME: "Anchored at this block's time.",
    Reason.NO_RIGHT: "What it was used for is told to those with a right to know.",
    Reason.USED: "These permits and declarations rely on it.",
    Reason.NOT_USED: "No act that this facade knows of relies on it.",
    Reason.DOCUMENT_MALFORMED: "It declares itself a document of another system, and is not formed like one.",
    Reason.FIELDS_INTACT: "Its fields, the hashes of those that are hidden, and its Merkle root agree.",
    Reason.TARGET_HASH_DIFFERS: "Its fields do not hash to the value that it carries: it was changed.",
    Reason.ROOT_DIFFERS: "Its hash does not lead to the Merkle root that it carries.",
    Reason.UNSIGNED: (
        "Nothing in it protects it: it carries neither hash nor signature. If it was anchored here, ask its bearer "
        "for the proof file (*.tamga.json)."
    ),
    Reason.PROOF_NOT_JUDGED: "It carries a kind of proof that cannot be judged without fetching what others keep.",
    Reason.CARRIES_ITSELF: "The document carries its own proof; there is no file beside it.",
    Reason.NOT_ANCHORED_BY_FORM: "It is of a form that is not anchored on any chain.",
    Reason.ISSUED_ON_STORE: "The contract that it names holds it as issued.",
    Reason.NOT_ISSUED_ON_STORE: "The contract that it names does not hold it: it was never issued.",
    Reason.STORE_NOT_REACHED: "The chain of the contract that it names cannot be asked from here.",
    Reason.STORE_SAYS_NOTHING: "The contract that it names gives no answer that can be understood.",
    Reason.ISSUER_UNSIGNED: "It carries no signature; who issued it is its own word.",
    Reason.SIGNED_BY_KNOWN: "Signed by the key of an issuer that this participant vouches for.",
    Reason.SIGNED_BY_UNKNOWN: (
        "The key that it names did sign it. Whose key that is nobody whom this participant trusts has said."
    ),
    Reason.SIGNATURE_DIFFERS: "The key that it names did not sign it.",
    Reason.SIGNER_NOT_RESOLVED: "The key that it names can only be looked up elsewhere, which was not done.",
    Reason.STATUS_NOT_ASKED: "Its status is kept by somebody who was not asked from here, or did not say.",
    Reason.DATES_ONLY: "Its own dates do not speak against it; whether it was withdrawn nobody keeps.",
    Reason.TITLE_ACTIVE: "Its title is held by somebody: the record is operative.",
    Reason.TITLE_SURRENDERED: "Its title was handed back to its issuer, who has not yet decided.",
    Reason.TITLE_INOPERATIVE: "Its title was taken out of circulation: the record is inoperative.",
    Reason.ONLY_KNOWN_NOW: "How it stands now is known; how it stood at the time asked about is not.",
    Reason.STAMP_MALFORMED: "What was given as its proof begins like a time stamp, and cannot be read as one.",
    Reason.STAMP_INTACT: "The time stamp is signed by the certificate that came with it.",
    Reason.STAMP_OF_ANOTHER: "The time stamp is of another file.",
    Reason.STAMP_UNSIGNED: "The certificate that came with the time stamp did not sign it.",
    Reason.STAMP_SAYS_NOTHING: "A time stamp proves when a file was there, not who issued it nor that it is in force.",
    Reason.STAMPED: "A time-stamping authority that this participant trusts saw it at this time.",
    Reason.STAMPED_BY_UNKNOWN: "Whoever stamped it leads to no time-stamping authority that this participant trusts.",
    Reason.TIME_NOT_PROVEN: "It carries no proven time: its dates are its issuer's own words.",
}


@dataclass(frozen=True)
class Fragment:
    """The answer to one question.

    Attributes:
        name: The question.
        verdict: The answer.
        reason: Why, as a stable code.
        evidence: What the answer rests on, by name: JSON values only.
    """

    name: Question
    verdict: Verdict
    reason: Reason
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The reason in words."""
        return TEXTS[self.reason]


@dataclass(frozen=True)
class BlockRead:
    """The one final block at which every answer of a verification was read.

    Attributes:
        number: Height.
        hash: Block hash, 32 bytes.
        time: Block time [unix s].
    """

    number: int
    hash: bytes
    time: int


@dataclass(frozen=True)
class Verification:
    """All answers about one document.

    Attributes:
        fragments: One per question, in the order of `Question`.
        at: The instant that status was asked for [unix s].
        block: Where the chain was read; None if it was not.
    """

    fragments: tuple[Fragment, ...]
    at: int
    block: BlockRead | None

    @property
    def overall(self) -> Verdict:
        """The answer to all questions together."""
        return overall(self.fragments)

    def answering(self, fragment: Fragment) -> "Verification":
        """The same, with this answer in the place of its question's."""
        return replace(self, fragments=tuple(fragment if f.name is fragment.name else f for f in self.fragments))

    def __getitem__(self, name: Question) -> Fragment:
        """The fragment of that question."""
        return next(f for f in self.fragments if f.name == name)


def overall(fragments: Iterable[Fragment]) -> Verdict:
    """Combine verdicts; `use` never counts.

    A file that was given but that no opened claim vouches for is NOT_APPLICABLE by itself, yet it keeps the whole
    from VALID: nobody may read "valid" beside a file that was not looked at.
    """
    counted = [f for f in fragments if f.name is not Question.USE]
    verdicts = {f.verdict for f in counted}
    if Verdict.INVALID in verdicts:
        return Verdict.INVALID
    unchecked = any(f.reason is Reason.CONTENT_CLAIM_CLOSED for f in counted)
    if Verdict.UNDETERMINED in verdicts or Verdict.VALID not in verdicts or unchecked:
        return Verdict.UNDETERMINED
    return Verdict.VALID
