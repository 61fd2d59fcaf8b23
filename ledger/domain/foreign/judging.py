"""From what is known of a document of another system to the answers of the usual questions, pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.domain.foreign.credential import Credential
from ledger.domain.foreign.signing import key_address, signer_of
from ledger.domain.foreign.stores import (
    ChainAnswers,
    Standing,
    address_of,
    issued,
    revocation_store,
    revoked,
    title,
)
from ledger.domain.foreign.weaknesses import Weakness, shown
from ledger.domain.foreign.wrapped import Issuer, Wrapped
from ledger.domain.plain import rfc3339
from ledger.domain.verdict import Fragment, Question, Reason, Verdict

Known = Mapping[str, str]
"""Identifiers of issuers that this participant vouches for, and their names."""

_OF_INTEGRITY: Final = frozenset(
    {
        Weakness.HIDDEN_FIELDS,
        Weakness.SORTED_PAIRS,
        Weakness.TYPED_TEXT,
        Weakness.UNTYPED_VALUES,
        Weakness.LIST_OR_OBJECT,
        Weakness.EMPTY_PLACES,
        Weakness.UNSALTED_FIELDS,
        Weakness.UNSIGNED_ENVELOPE,
    }
)
_CARRIES_ITSELF: Final = Fragment(Question.CONTENT, Verdict.NOT_APPLICABLE, Reason.CARRIES_ITSELF)
_NO_TIME: Final = Fragment(Question.TIME, Verdict.NOT_APPLICABLE, Reason.TIME_NOT_PROVEN)


def judge_wrapped(
    document: Wrapped, answers: ChainAnswers | None, known: Known, *, at: int, now: int
) -> tuple[Fragment, ...]:
    """Answer each question about an OpenAttestation document.

    Args:
        document: What was read.
        answers: What its contracts said; None: its chain could not be asked.
        known: Issuers whose identifiers this participant vouches for.
        at: Instant that status is asked for [unix s].
        now: The present [unix s]: contracts of others tell no other standing.
    """
    return (
        _integrity(document),
        _CARRIES_ITSELF,
        _anchor(document, answers),
        _issuer(document, known),
        _status(document, answers, at, now),
        _NO_TIME,
    )


def judge_credential(credential: Credential, *, at: int) -> tuple[Fragment, ...]:
    """Answer each question about a W3C credential, as far as it can be told offline."""
    evidence: dict[str, Any] = {"format": credential.form, "proofs": list(credential.suites)}
    if not credential.suites:
        weaknesses = {"weaknesses": shown([Weakness.UNSIGNED_WORDS])}
        return (
            Fragment(Question.INTEGRITY, Verdict.UNDETERMINED, Reason.UNSIGNED, {**evidence, **weaknesses}),
            _CARRIES_ITSELF,
            Fragment(Question.ANCHOR, Verdict.NOT_APPLICABLE, Reason.NOT_ANCHORED_BY_FORM),
            Fragment(Question.ISSUER, Verdict.UNDETERMINED, Reason.UNSIGNED, {"issuer": credential.issuer}),
            _credential_status(credential, at),
            _NO_TIME,
        )
    signer = {"issuer": credential.issuer, "keys": list(credential.keys)}
    return (
        Fragment(Question.INTEGRITY, Verdict.UNDETERMINED, Reason.PROOF_NOT_JUDGED, evidence),
        _CARRIES_ITSELF,
        Fragment(Question.ANCHOR, Verdict.NOT_APPLICABLE, Reason.NOT_ANCHORED_BY_FORM),
        Fragment(Question.ISSUER, Verdict.UNDETERMINED, Reason.SIGNER_NOT_RESOLVED, signer),
        _credential_status(credential, at),
        _NO_TIME,
    )


def _integrity(document: Wrapped) -> Fragment:
    evidence = {
        "format": document.form,
        "target_hash": document.computed,
        "merkle_root": document.folded()[-1],
        "fields": document.fields,
        "hidden_fields": document.hidden,
        "weaknesses": shown(document.weaknesses & _OF_INTEGRITY),
    }
    if document.computed.hex() != document.target_hash:
        stated = {**evidence, "stated_target_hash": document.target_hash}
        return Fragment(Question.INTEGRITY, Verdict.INVALID, Reason.TARGET_HASH_DIFFERS, stated)
    if document.root() is None:
        stated = {**evidence, "stated_merkle_root": document.merkle_root}
        return Fragment(Question.INTEGRITY, Verdict.INVALID, Reason.ROOT_DIFFERS, stated)
    return Fragment(Question.INTEGRITY, Verdict.VALID, Reason.FIELDS_INTACT, evidence)


# ----- issuer


def _issuer(document: Wrapped, known: Known) -> Fragment:
    """Who signed it. Every issuer has to have; the worst answer counts."""
    found = [_one_issuer(document, issuer, known) for issuer in document.issuers]
    order = (Verdict.INVALID, Verdict.UNDETERMINED, Verdict.VALID)
    verdict, reason = min(((v, r) for v, r, _ in found), key=lambda each: order.index(each[0]))
    weaknesses = [Weakness.ISSUER_NAME_UNPROVEN]
    if document.signatures:
        weaknesses += [Weakness.SIGNATURE_WITHOUT_PURPOSE, Weakness.KEY_OF_TODAY]
    if reason is Reason.SIGNED_BY_UNKNOWN:
        weaknesses.append(Weakness.SELF_DECLARED_SIGNER)
    evidence = {"issuers": [each for _, _, each in found], "weaknesses": shown(weaknesses)}
    return Fragment(Question.ISSUER, verdict, reason, evidence)


def _one_issuer(document: Wrapped, issuer: Issuer, known: Known) -> tuple[Verdict, Reason, dict[str, Any]]:
    evidence: dict[str, Any] = {
        "name": issuer.name,
        "did": issuer.did,
        "identity_proof": issuer.identity,
        "domain": issuer.domain,
        "signature": None,
    }
    if issuer.did is None or not document.signatures:
        return Verdict.UNDETERMINED, Reason.ISSUER_UNSIGNED, evidence
    key = issuer.key or issuer.did + "#controller"
    address = key_address(issuer.did, key)
    evidence["key"] = key
    if address is None:
        return Verdict.UNDETERMINED, Reason.SIGNER_NOT_RESOLVED, evidence
    root = document.folded()[-1]
    made = [s.signature for s in document.signatures if s.key.lower() == key.lower()]
    if document.root() is None or address not in {signer_of(root, signature) for signature in made}:
        return Verdict.INVALID, Reason.SIGNATURE_DIFFERS, {**evidence, "signature": Verdict.INVALID}
    evidence |= {"signature": Verdict.VALID, "signer": address}
    vouched = {did.lower(): name for did, name in known.items()}.get(issuer.did.lower())
    if vouched is None:
        return Verdict.UNDETERMINED, Reason.SIGNED_BY_UNKNOWN, evidence
    return Verdict.VALID, Reason.SIGNED_BY_KNOWN, {**evidence, "known_as": vouched}


# ----- anchor and status


def _anchor(document: Wrapped, answers: ChainAnswers | None) -> Fragment:
    """Whether its contracts hold it."""
    places = [
        (address_of(text), text, ask)
        for issuer in document.issuers
        for text, ask in ((issuer.store, issued), (issuer.registry, title))
        if text is not None
    ]
    if not places:
        return Fragment(Question.ANCHOR, Verdict.NOT_APPLICABLE, Reason.NOT_ANCHORED_BY_FORM)
    evidence = {"contracts": [text for _, text, _ in places], **_where(document, answers)}
    if answers is None:
        return Fragment(Question.ANCHOR, Verdict.UNDETERMINED, Reason.STORE_NOT_REACHED, evidence)
    told = [None if contract is None else ask(document, contract, answers) for contract, _, ask in places]
    if Standing.NOT_ISSUED in told:
        return Fragment(Question.ANCHOR, Verdict.INVALID, Reason.NOT_ISSUED_ON_STORE, evidence)
    if None in told:
        return Fragment(Question.ANCHOR, Verdict.UNDETERMINED, Reason.STORE_SAYS_NOTHING, evidence)
    return Fragment(Question.ANCHOR, Verdict.VALID, Reason.ISSUED_ON_STORE, evidence)


def _status(document: Wrapped, answers: ChainAnswers | None, at: int, now: int) -> Fragment:
    evidence: dict[str, Any] = {
        "at": rfc3339(at),
        "valid_from": _shown(document.valid_from),
        "valid_until": _shown(document.valid_until),
        "revocation": [issuer.revocation for issuer in document.issuers],
        **_where(document, answers),
    }
    standing = list(_standings(document, answers))
    weak = set(document.weaknesses & {Weakness.DATES_NOT_OF_THE_FORMAT, Weakness.HIDDEN_FIELDS})
    if not standing:
        weak.add(Weakness.NO_REVOCATION)
    evidence["weaknesses"] = shown(weak)
    dated = _dated(document.valid_from, document.valid_until, at)
    if dated is not None:
        return Fragment(Question.STATUS, Verdict.INVALID, dated, evidence)
    if at > now:
        return Fragment(Question.STATUS, Verdict.UNDETERMINED, Reason.AT_IN_FUTURE, evidence)
    for stands, verdict, reason in _MEANING:
        if stands in standing:
            only_now = at < now and stands not in _ALSO_BEFORE
            known = (Verdict.UNDETERMINED, Reason.ONLY_KNOWN_NOW) if only_now else (verdict, reason)
            return Fragment(Question.STATUS, *known, evidence)
    return Fragment(Question.STATUS, Verdict.VALID, Reason.IN_FORCE, evidence)


_MEANING: Final[Sequence[tuple[Standing | None, Verdict, Reason]]] = (
    (Standing.REVOKED, Verdict.INVALID, Reason.REVOKED),
    (Standing.TITLE_INOPERATIVE, Verdict.INVALID, Reason.TITLE_INOPERATIVE),
    (Standing.NOT_ISSUED, Verdict.INVALID, Reason.NOT_ISSUED_ON_STORE),
    (None, Verdict.UNDETERMINED, Reason.STATUS_NOT_ASKED),
    (Standing.TITLE_SURRENDERED, Verdict.UNDETERMINED, Reason.TITLE_SURRENDERED),
    (Standing.TITLE_ACTIVE, Verdict.VALID, Reason.TITLE_ACTIVE),
    (Standing.NOT_REVOKED, Verdict.VALID, Reason.IN_FORCE),
)
"""What a standing means, the gravest first; None: somebody who would know did not say."""
_ALSO_BEFORE: Final = frozenset({None, Standing.NOT_REVOKED, Standing.NOT_ISSUED})
"""What holds at any earlier instant too: a revocation is never taken back, nor an issue."""


def _standings(document: Wrapped, answers: ChainAnswers | None) -> Iterator[Standing | None]:
    """What each that keeps a status of this document says; None: it could not be asked, or says nothing."""
    for issuer in document.issuers:
        keeper = revocation_store(issuer)
        if keeper is not None:
            yield None if answers is None else revoked(document, keeper, answers)
        elif issuer.revocation not in (None, "NONE") or issuer.store is not None:
            yield None  # an OCSP responder, or a store that is no address
        if issuer.registry is not None:
            registry = address_of(issuer.registry)
            yield None if answers is None or registry is None else title(document, registry, answers)


def _credential_status(credential: Credential, at: int) -> Fragment:
    evidence = {
        "at": rfc3339(at),
        "valid_from": _shown(credential.valid_from),
        "valid_until": _shown(credential.valid_until),
        "kept_by": list(credential.statuses),
    }
    dated = _dated(credential.valid_from, credential.valid_until, at)
    if dated is not None:
        return Fragment(Question.STATUS, Verdict.INVALID, dated, evidence)
    reason = Reason.STATUS_NOT_ASKED if credential.statuses else Reason.DATES_ONLY
    return Fragment(Question.STATUS, Verdict.UNDETERMINED, reason, evidence)


def _dated(valid_from: int | None, valid_until: int | None, at: int) -> Reason | None:
    """What its dates hold against it at `at`, both ends inclusive."""
    if valid_until is not None and at > valid_until:
        return Reason.EXPIRED
    return Reason.NOT_YET_IN_FORCE if valid_from is not None and at < valid_from else None


def _where(document: Wrapped, answers: ChainAnswers | None) -> dict[str, Any]:
    """The chain of its contracts, and the block at which they were read."""
    found: dict[str, Any] = {"chain_id": document.chain_id}
    if answers is not None:
        block = answers.block
        found["block"] = {"number": block.number, "hash": block.hash, "time": rfc3339(block.time)}
    return found


def _shown(time: int | None) -> str | None:
    return None if time is None else rfc3339(time)
