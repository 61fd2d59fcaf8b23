"""What the chain says of proofs: steps 3 and 5 to 8 of verification, all reads at one block.

Two round trips, however many proofs: one for the contracts and blocks that they name, one for all that is asked of
those contracts; a call that several proofs share is made once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from eth_utils.address import to_checksum_address

from ledger.domain.anchor import unpack_h
from ledger.domain.errors import ActRefused, Unavailable
from ledger.domain.ids import Address, BlockHash
from ledger.domain.judging import (
    DocumentStanding,
    DocumentState,
    KeyStanding,
    anchor_evidence,
    judge_anchor,
    judge_issuer,
    judge_status,
    judge_time,
)
from ledger.domain.profiles import Names
from ledger.domain.proof import AnchorRef, Proof
from ledger.domain.record import record_id
from ledger.domain.verdict import Fragment, Question, Reason, Verdict
from ledger.ports.chain import ChainReader, Head

DIRECTORY: Final = "Directory"
PARTICIPANTS: Final = "ParticipantRegistry"
REGISTRY: Final = "DocumentRegistry"
ON_CHAIN: Final = (Question.ANCHOR, Question.ISSUER, Question.STATUS, Question.TIME)
"""Questions that only the chain answers."""

Call = tuple[str | Address, str, tuple[Any, ...]]


@dataclass(frozen=True)
class Asked:
    """A proof, and the instant that its document's status is asked for [unix s]."""

    proof: Proof
    at: int


def undetermined(reason: Reason, **evidence: Any) -> tuple[Fragment, ...]:
    """Every question to the chain left open, for one reason."""
    return tuple(Fragment(question, Verdict.UNDETERMINED, reason, evidence) for question in ON_CHAIN)


def ask(
    reader: ChainReader, block: Head, asked: Sequence[Asked], *, latest: int, names: Names
) -> list[tuple[Fragment, ...]]:
    """Answer each proof's questions to the chain, as known at `block`.

    Args:
        reader: The ledger's chain.
        block: The final block of all reads.
        asked: What is asked.
        latest: The later of clock and block [unix s].
        names: Display names of participants.

    Returns:
        For each proof the fragments that could be told; a question without one was not reached.

    Raises:
        Unavailable: The node does not answer, or not for that block. Nothing was answered.
    """
    places = _Places(reader, block, [each.proof.anchor for each in asked])
    misplaced = [places.fault(each.proof.anchor) for each in asked]
    placed = [each for each, fault in zip(asked, misplaced, strict=True) if fault is None]
    calls = list(dict.fromkeys(call for each in placed for call in _calls(each)))
    answers = dict(zip(calls, reader.call_many(calls, at=block), strict=True)) if calls else {}
    return [
        _judge(each, answers, places.hashes.get(each.proof.anchor.block_number), latest, names)
        if fault is None
        else fault
        for each, fault in zip(asked, misplaced, strict=True)
    ]


class _Places:
    """Where proofs say that they are anchored: chain, block and contract (step 3, and the height of step 4)."""

    def __init__(self, reader: ChainReader, block: Head, anchors: Sequence[AnchorRef]) -> None:
        self.block, self.here = block, (reader.chain_id(), reader.genesis())
        self.elsewhere = _predecessor(reader, block) if any(_chain(a) != self.here for a in anchors) else None
        reached = [a for a in anchors if a.block_number <= block.number]
        self.listed = {
            contract: reader.is_listed(contract, REGISTRY, at=block)
            for contract in dict.fromkeys(anchor.contract for anchor in reached)
        }
        numbers = list(dict.fromkeys(anchor.block_number for anchor in reached))
        found = reader.blocks(numbers) if numbers else []
        self.hashes: Mapping[int, BlockHash] = {head.number: head.hash for head in found if head is not None}

    def fault(self, anchor: AnchorRef) -> tuple[Fragment, ...] | None:
        """Why nothing more can be asked about this anchor; None if it can."""
        if _chain(anchor) != self.here:
            if _chain(anchor) == self.elsewhere:
                return undetermined(Reason.EARLIER_CHAIN, chain_id=anchor.chain_id)
            evidence = {"chain_id": anchor.chain_id, "genesis": anchor.genesis}
            return (Fragment(Question.ANCHOR, Verdict.INVALID, Reason.OTHER_CHAIN, evidence),)
        if anchor.block_number > self.block.number:
            return undetermined(Reason.CHAIN_BEHIND, block_number=anchor.block_number)
        if not self.listed[anchor.contract]:
            evidence = anchor_evidence(anchor)
            return (Fragment(Question.ANCHOR, Verdict.INVALID, Reason.CONTRACT_NOT_LISTED, evidence),)
        return None


def _chain(anchor: AnchorRef) -> tuple[int, BlockHash]:
    return anchor.chain_id, anchor.genesis


def _predecessor(reader: ChainReader, block: Head) -> tuple[int, BlockHash] | None:
    found = reader.call(DIRECTORY, "predecessor", at=block)
    return (found["chainId"], found["genesis"]) if any(found["genesis"]) else None


def _calls(asked: Asked) -> Iterator[Call]:
    anchor = asked.proof.anchor
    yield _anchor_call(anchor)
    yield _key_call(anchor)
    yield _authority_call(anchor)
    if unpack_h(anchor.head).doc_type:
        yield _accreditation_call(anchor)
    yield _status_call(asked)


def _anchor_call(anchor: AnchorRef) -> Call:
    return anchor.contract, "anchorWord", (anchor.issuer, unpack_h(anchor.head).seq)


def _key_call(anchor: AnchorRef) -> Call:
    return PARTICIPANTS, "keyAt", (_key(anchor), anchor.time)


def _authority_call(anchor: AnchorRef) -> Call:
    return PARTICIPANTS, "authorityAt", (_key(anchor), anchor.time)


def _accreditation_call(anchor: AnchorRef) -> Call:
    return PARTICIPANTS, "accreditedAt", (anchor.issuer, unpack_h(anchor.head).doc_type, anchor.time)


def _status_call(asked: Asked) -> Call:
    anchor = asked.proof.anchor
    return anchor.contract, "statusAt", (anchor.issuer, _record_id(asked.proof.record), asked.at)


def _key(anchor: AnchorRef) -> Address:
    return _checksummed(unpack_h(anchor.head).key)


_record_id = lru_cache(maxsize=4096)(record_id)


@lru_cache(maxsize=4096)
def _checksummed(key: bytes) -> Address:
    return Address(to_checksum_address(key))


def _judge(
    asked: Asked, answers: Mapping[Call, Any], block_hash: BlockHash | None, latest: int, names: Names
) -> tuple[Fragment, ...]:
    record, anchor = asked.proof.record, asked.proof.anchor
    held = judge_anchor(anchor, _told(answers, _anchor_call(anchor)), block_hash)
    if held.verdict is not Verdict.VALID:
        return (held,)
    key, authority = _told(answers, _key_call(anchor)), _told(answers, _authority_call(anchor))
    accreditation = _accreditation_call(anchor)
    standing = KeyStanding(
        participant=key["participant"],
        blocked_from=key["blockedFrom"],
        flags=key["flags"],
        entitled=authority["participant"],
        roles=authority["roles"],
        accredited=accreditation not in answers or _told(answers, accreditation),
    )
    state, since = _told(answers, _status_call(asked))
    document = DocumentStanding(DocumentState(state), since)
    return (
        held,
        judge_issuer(record, anchor, standing, names),
        judge_status(record, anchor.time, document, asked.at, latest),
        judge_time(anchor),
    )


def _told(answers: Mapping[Call, Any], call: Call) -> Any:
    answer = answers[call]
    if isinstance(answer, ActRefused):
        raise Unavailable(f"{call[0]}.{call[1]} does not answer: {answer}") from answer
    return answer
