"""What the chain says of proofs: steps 3 and 5 to 8 of verification, all reads at one block.

Two round trips, however many proofs: one for the contracts and blocks that they name, one for all that is asked of
those contracts; a call that several proofs share is made once, and standings are asked for many records at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from eth_utils.address import to_checksum_address

from ledger.domain.anchor import unpack_h
from ledger.domain.errors import ActRefused, Unavailable
from ledger.domain.events import ANCHORED
from ledger.domain.ids import Address, BlockHash, RecordId
from ledger.domain.judging import (
    DocumentStanding,
    DocumentState,
    Found,
    KeyStanding,
    anchor_evidence,
    judge_anchor,
    judge_issuer,
    judge_status,
    judge_time,
)
from ledger.domain.profiles import Names
from ledger.domain.proof import AnchorRef, Place, Proof
from ledger.domain.record import Record
from ledger.domain.verdict import Fragment, Question, Reason, Verdict
from ledger.ports.chain import Event
from ledger.services.pinned import Call, PinnedReads

DIRECTORY: Final = "Directory"
PARTICIPANTS: Final = "ParticipantRegistry"
REGISTRY: Final = "DocumentRegistry"
ON_CHAIN: Final = (Question.ANCHOR, Question.ISSUER, Question.STATUS, Question.TIME)
"""Questions that only the chain answers."""

STANDINGS_AT_ONCE: Final = 500
"""Records in one question: some 1.5 million gas, of the 16.7 million that the smallest default of a node allows."""


@dataclass(frozen=True)
class Asked:
    """What is asked about one document.

    Attributes:
        proof: Its proof.
        record: Id of the proof's record.
        at: The instant that its status is asked for [unix s].
    """

    proof: Proof
    record: RecordId
    at: int


def undetermined(reason: Reason, **evidence: Any) -> tuple[Fragment, ...]:
    """Every question to the chain left open, for one reason."""
    return tuple(Fragment(question, Verdict.UNDETERMINED, reason, evidence) for question in ON_CHAIN)


class Questions:
    """What has to be asked about proofs at one block, and what the answers come to.

    Raises as `ask`, when it is made: where proofs say that they are anchored is asked then.

    Attributes:
        calls: What proofs of one batch have in common.
        once: Standings: of each record by itself.
    """

    def __init__(self, reads: PinnedReads, asked: Sequence[Asked]) -> None:
        places = _Places(reads, [each.proof.anchor for each in asked])
        self._found, self._asked = places.found, asked
        self._misplaced = [places.fault(each.proof.anchor) for each in asked]
        placed = [each for each, fault in zip(asked, self._misplaced, strict=True) if fault is None]
        self.once = list(_standing_calls(placed))
        self.calls = list(dict.fromkeys(call for each in placed for call in _calls(each.proof.anchor)))

    def judge(self, answers: Mapping[Call, Any], *, latest: int, names: Names) -> list[tuple[Fragment, ...]]:
        """See `ask`."""
        standing = _standings(self.once, answers)
        batches = _Batches(answers, self._found, names)
        return [
            _judge(each, batches, standing, latest) if fault is None else fault
            for each, fault in zip(self._asked, self._misplaced, strict=True)
        ]


def ask(reads: PinnedReads, asked: Sequence[Asked], *, latest: int, names: Names) -> list[tuple[Fragment, ...]]:
    """Answer each proof's questions to the chain, as known at one final block.

    Args:
        reads: The ledger's chain at that block.
        asked: What is asked.
        latest: The later of clock and block [unix s].
        names: Display names of participants.

    Returns:
        For each proof the fragments that could be told; a question without one was not reached.

    Raises:
        Unavailable: The node does not answer, or not for that block. Nothing was answered.
        NotFinalAnyMore: A newer block has to be asked. Nothing was answered.
    """
    questions = Questions(reads, asked)
    return questions.judge(reads.answers(questions.calls, once=questions.once), latest=latest, names=names)


class _Places:
    """Where proofs say that they are anchored: chain, block and contract (step 3, and the height of step 4)."""

    def __init__(self, reads: PinnedReads, anchors: Sequence[AnchorRef]) -> None:
        self.block, self.here = reads.block, reads.chain()
        self.elsewhere = _predecessor(reads) if any(_chain(a) != self.here for a in anchors) else None
        reached = [a for a in anchors if a.block_number <= self.block.number]
        contracts = dict.fromkeys(anchor.contract for anchor in reached)
        self.listed = {contract: reads.is_listed(contract, REGISTRY) for contract in contracts}
        self.found = _found(reads, [anchor for anchor in dict.fromkeys(reached) if self.listed[anchor.contract]])

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


def _found(reads: PinnedReads, anchors: Sequence[AnchorRef]) -> Mapping[AnchorRef, Found]:
    """What the blocks that anchors name hold of them; of the same batch, the same."""
    try:
        events = reads.events_in(
            (anchor.block_number for anchor in anchors),
            REGISTRY,
            ANCHORED,
            list(dict.fromkeys(anchor.contract for anchor in anchors)),
        )
    except Unavailable:  # a node that keeps no old events; if it is away, the next question tells
        return dict.fromkeys(anchors, Found(is_read=False))
    places = {_named(event): _place(event) for event in events}
    return {anchor: Found(places.get(_batch(anchor))) for anchor in anchors}


def _named(event: Event) -> tuple[Any, ...]:
    """The batch that an event says was anchored, and in which block."""
    return (event.block.number, event.contract, *(event.args[name] for name in ("issuer", "h", "root", "manifest")))


def _batch(anchor: AnchorRef) -> tuple[Any, ...]:
    """The same of the anchor that a proof names."""
    return anchor.block_number, anchor.contract, anchor.issuer, anchor.head, anchor.root, anchor.manifest


def _place(event: Event) -> Place:
    return Place(event.block.number, event.block.hash, event.tx_hash, event.log_index)


def _chain(anchor: AnchorRef) -> tuple[int, BlockHash]:
    return anchor.chain_id, anchor.genesis


def _predecessor(reads: PinnedReads) -> tuple[int, BlockHash] | None:
    call: Call = (DIRECTORY, "predecessor", ())
    found = _told(reads.answers([call]), call)
    return (found["chainId"], found["genesis"]) if any(found["genesis"]) else None


def _calls(anchor: AnchorRef) -> Iterator[Call]:
    yield _anchor_call(anchor)
    yield _key_call(anchor)
    yield _authority_call(anchor)
    if unpack_h(anchor.head).doc_type:
        yield _accreditation_call(anchor)


def _anchor_call(anchor: AnchorRef) -> Call:
    return anchor.contract, "anchorWord", (anchor.issuer, unpack_h(anchor.head).seq)


def _key_call(anchor: AnchorRef) -> Call:
    return PARTICIPANTS, "keyAt", (_key(anchor), anchor.time)


def _authority_call(anchor: AnchorRef) -> Call:
    return PARTICIPANTS, "authorityAt", (_key(anchor), anchor.time)


def _accreditation_call(anchor: AnchorRef) -> Call:
    return PARTICIPANTS, "accreditedAt", (anchor.issuer, unpack_h(anchor.head).doc_type, anchor.time)


Standings = Mapping[tuple[Address, int, RecordId, int], DocumentStanding]
"""By registry, issuer, record and instant."""


def _standing_calls(asked: Sequence[Asked]) -> Iterator[Call]:
    """One call for up to `STANDINGS_AT_ONCE` records of one registry, issuer and instant."""
    groups: dict[tuple[Address, int, int], dict[RecordId, None]] = {}
    for each in asked:
        anchor = each.proof.anchor
        groups.setdefault((anchor.contract, anchor.issuer, each.at), {})[each.record] = None
    for (contract, issuer, at), group in groups.items():
        records = tuple(group)
        for first in range(0, len(records), STANDINGS_AT_ONCE):
            yield contract, "statusesAt", (issuer, records[first : first + STANDINGS_AT_ONCE], at)


def _standings(calls: Sequence[Call], answers: Mapping[Call, Any]) -> Standings:
    found = {}
    for call in calls:
        contract, _, (issuer, records, at) = call
        changes = _told(answers, call)
        if len(changes) != len(records):
            raise Unavailable(f"{contract} tells the standing of {len(changes)} records, not of {len(records)}")
        for record, change in zip(records, changes, strict=True):
            found[Address(contract), issuer, record, at] = DocumentStanding(DocumentState(change & 0xFF), change >> 8)
    return found


def _key(anchor: AnchorRef) -> Address:
    return _checksummed(unpack_h(anchor.head).key)


@lru_cache(maxsize=4096)
def _checksummed(key: bytes) -> Address:
    return Address(to_checksum_address(key))


class _Batches:
    """Steps 5, 6 and 8, which documents of one batch, issuer and type share: judged once for all of them."""

    def __init__(self, answers: Mapping[Call, Any], found: Mapping[AnchorRef, Found], names: Names) -> None:
        self._answers, self._found, self._names = answers, found, names
        self._judged: dict[tuple[AnchorRef, int, int], tuple[Fragment, ...]] = {}

    def judge(self, record: Record, anchor: AnchorRef) -> tuple[Fragment, ...]:
        """Anchor, issuer and time; the anchor alone if it is not VALID."""
        alike = anchor, record.issuer, record.type
        found = self._judged.get(alike)
        if found is None:
            found = self._judged[alike] = self._judge(record, anchor)
        return found

    def _judge(self, record: Record, anchor: AnchorRef) -> tuple[Fragment, ...]:
        answers = self._answers
        held = judge_anchor(anchor, _told(answers, _anchor_call(anchor)), self._found[anchor])
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
        return held, judge_issuer(record, anchor, standing, self._names), judge_time(anchor, self._found[anchor])


def _judge(asked: Asked, batches: _Batches, standings: Standings, latest: int) -> tuple[Fragment, ...]:
    record, anchor = asked.proof.record, asked.proof.anchor
    shared = batches.judge(record, anchor)
    if len(shared) == 1:
        return shared
    document = standings[anchor.contract, anchor.issuer, asked.record, asked.at]
    return (*shared, judge_status(record, anchor.time, document, asked.at, latest))


def _told(answers: Mapping[Call, Any], call: Call) -> Any:
    answer = answers[call]
    if isinstance(answer, ActRefused):
        raise Unavailable(f"{call[0]}.{call[1]} does not answer: {answer}") from answer
    return answer
