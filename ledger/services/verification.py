"""Verifying documents: one answer per question, in one order, so that every implementation says the same.

    1 parse    2 content, openings, record, path    3 ledger, contract    4 one final block B for all reads
    5 anchor   6 issuer                             7 status at `at`      8 time, then overall

Steps 1 and 2 need no network. All reads of one call are pinned to one block, however many documents it judges.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain.errors import Fault, LimitExceeded, Malformed, NotFound, Unavailable
from ledger.domain.fields import UnknownVersion
from ledger.domain.foreign.stamped import judge_stamp
from ledger.domain.ids import Digest32, LedgerId, RecordId
from ledger.domain.integrity import Outcome, check_integrity, content_digests
from ledger.domain.limits import MAX_RECORDS_OF_A_FILE
from ledger.domain.pdf import Carried, extract
from ledger.domain.pdf_source import HEADER
from ledger.domain.profiles import Names
from ledger.domain.proof import Proof
from ledger.domain.proof_reading import parse_proof
from ledger.domain.record import record_id
from ledger.domain.several import settle
from ledger.domain.timestamp import is_stamp
from ledger.domain.trade.recognising import recognise
from ledger.domain.verdict import BlockRead, Fragment, Question, Reason, Verdict, Verification
from ledger.ports.chain import ChainReader, Head
from ledger.ports.clock import Clock
from ledger.ports.foreign import ForeignWorld
from ledger.ports.index_store import KnownRecord, RecordStore
from ledger.services.asking import Asked, Questions, ask, undetermined
from ledger.services.costly import few_at_a_time
from ledger.services.foreign import judge_foreign
from ledger.services.pinned import Call, Newest, NotFinalAnyMore, PinnedReads


@dataclass(frozen=True)
class Submitted:
    """What a bearer hands in: a file, a proof file, or both.

    Attributes:
        content: The file's bytes; a PDF may carry its proof.
        proof: The proof file's bytes, or an RFC 3161 time stamp's.
        at: Instant that status is asked for [unix s]; None: now.
        digest: In place of `content`: SHA-256 of the file, of its RFC 8785 form if its claim says that it is JSON.
        unread_bytes: Length of a file that is too large to be read: `digest` is of its bytes, whatever its claim says.
    """

    content: bytes | None = None
    proof: bytes | None = None
    at: int | None = None
    digest: Digest32 | None = None
    unread_bytes: int | None = None


LIGHT_BYTES: Final = 16 << 10
"""Of a file and its proof, in which fractions without end, the slowest that there is to read, take 6 ms: a thread of
Python keeps the others waiting for 5."""


def is_light(submitted: Submitted) -> bool:
    """Whether examining it takes no longer than handing it to a thread would: it is small, and asks nobody else.

    A bare file is looked up, and judged by other systems' rules; a PDF is taken apart; a time stamp has signatures.
    """
    content, proof = submitted.content or b"", submitted.proof
    if proof is None or is_stamp(proof) or content.startswith(HEADER):
        return False
    return len(content) + len(proof) <= LIGHT_BYTES


_NO_RECORD: Final = RecordId(bytes(32))


@dataclass
class Case:
    """One document on its way through the steps.

    Attributes:
        at: Instant that status is asked for [unix s]; None: now.
        proof: Its proof; None if there is none, or none that can be read.
        record: Id of the proof's record.
        carried: What a PDF carries.
        answers: Questions that were answered.
        beside: Further evidence about its integrity.
        others: The same file under records of other issuers or types.
    """

    at: int | None
    proof: Proof | None = None
    record: RecordId = _NO_RECORD
    carried: Carried | None = None
    answers: dict[Question, Fragment] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    others: list["Case"] = field(default_factory=list)

    @property
    def asks_chain(self) -> bool:
        """Whether anything is left for the chain to answer."""
        return bool(_open([self]))

    def answer(self, *fragments: Fragment) -> None:
        """Take answers; a question that an earlier step has answered stays answered."""
        for fragment in fragments:
            self.answers.setdefault(fragment.name, fragment)

    def leave_open(self, reason: Reason, *questions: Question) -> None:
        """Say of questions, if still unanswered, why they are."""
        open_ = [question for question in questions if question not in self.answers]
        self.answer(*(Fragment(question, Verdict.UNDETERMINED, reason) for question in open_))


_Open = Sequence[tuple[Case, Proof]]
"""Documents about which the chain has to be asked, with their proofs."""


@dataclass(frozen=True)
class Prepared:
    """What to ask about documents at the block that was asked last, if it still is the newest final one.

    Attributes:
        cases: The documents, examined.
        block: The block.
        calls: What to ask: view functions of contracts.
        reads: What is known at that block.
        questions: What the answers are to.
        latest: The later of clock and block [unix s].
    """

    cases: Sequence[Case]
    block: Head
    calls: Sequence[Call]
    reads: PinnedReads
    questions: Questions
    latest: int


class Verifier:
    """Judges documents of one ledger.

    Args:
        ledger: The ledger that is configured; None: not known, which leaves step 3 to the contract.
        reader: Its chain; None: none is configured.
        clock: Wall clock.
        records: Records that this participant can read; None: none, so that a bare file is not known here.
        names: Display names of participants.
        foreign: What can be asked of other systems about their documents; None: nothing.
    """

    def __init__(
        self,
        ledger: LedgerId | None,
        reader: ChainReader | None,
        clock: Clock,
        records: RecordStore | None = None,
        names: Names | None = None,
        foreign: ForeignWorld | None = None,
    ) -> None:
        self._ledger, self._clock, self._records = ledger, clock, records
        self._names: Names = {} if names is None else names
        self._foreign = foreign
        self._newest = None if reader is None else Newest(reader)

    def verify(self, submitted: Submitted) -> Verification:
        """Judge one document. Raises `Malformed` if neither file nor proof is given."""
        return self.verify_many([submitted])[0]

    def verify_many(self, submitted: Sequence[Submitted]) -> list[Verification]:
        """Judge documents together, all at the same block, in a fixed number of round trips."""
        return self.conclude([self.examine(each) for each in submitted])

    def conclude(self, cases: Sequence[Case]) -> list[Verification]:
        """Steps 3 to 8 of documents that were examined, all at one block; it is not asked for if none needs it."""
        asked = _open(cases)
        return self._closed(cases, asked, *self._told(asked)) if asked else self._closed(cases, asked, None, [])

    def prepare(self, cases: Sequence[Case]) -> Prepared | None:
        """The first half of `conclude`, which asks nothing itself; None if it takes more than one question.

        So it does where the block that was asked last is not known, or not all that a question rests on there.
        """
        seen = None if self._newest is None else self._newest.seen()
        asked = _open(cases)
        if seen is None or not asked:
            return None
        latest = self._latest(seen)
        with suppress(NotFinalAnyMore):
            questions = Questions(seen, self._asked(asked, latest))
            calls = seen.needed(questions.calls, once=questions.once)
            return Prepared(cases, seen.block, calls, seen, questions, latest)
        return None

    def finish(self, prepared: Prepared, answers: Sequence[Any]) -> list[Verification]:
        """The second half: what the answers to `prepared.calls` come to."""
        with suppress(Unavailable):
            answered = prepared.reads.told(prepared.questions.calls, prepared.calls, answers)
            told = prepared.questions.judge(answered, latest=prepared.latest, names=self._names)
            return self._closed(prepared.cases, _open(prepared.cases), prepared.block, told)
        return self.unanswered(prepared.cases)

    def unanswered(self, cases: Sequence[Case]) -> list[Verification]:
        """In place of both halves while the chain does not answer: what it would tell is UNDETERMINED."""
        asked = _open(cases)
        return self._closed(cases, asked, *_unanswered(asked))

    def _closed(
        self, cases: Sequence[Case], asked: _Open, block: Head | None, told: Sequence[tuple[Fragment, ...]]
    ) -> list[Verification]:
        """All answers, once the chain's are known, and the block at which it was read."""
        for (case, _), fragments in zip(asked, told, strict=True):
            case.answer(*fragments)
        now = self._clock.now() if block is None else max(self._clock.now(), block.time)
        read = None if block is None else BlockRead(block.number, block.hash, block.time)
        return [settle([_whole(one, now, read) for one in (*case.others, case)]) for case in cases]

    # ----- steps 1 to 3, without a network

    @few_at_a_time
    def examine(self, submitted: Submitted) -> Case:
        """Steps 1 to 3 of one document, without this ledger's chain. Raises `Malformed` as `verify`."""
        case = Case(submitted.at)
        altered = self._unpack(case, submitted.content)
        if submitted.proof is not None and is_stamp(submitted.proof):
            trusted = {} if self._foreign is None else self._foreign.authorities()
            case.answer(*judge_stamp(submitted.proof, submitted.content, trusted))
        elif submitted.proof is not None:
            self._parse(case, submitted.proof)
        elif altered:
            case.answer(Fragment(Question.INTEGRITY, Verdict.INVALID, Reason.PDF_ALTERED, {"faults": altered}))
        elif case.carried is not None:
            self._parse(case, case.carried.proof)
        elif submitted.content is not None or submitted.digest is not None:
            self._find(case, submitted)
        else:
            raise Malformed(Fault("nothing_given", "", "a file or a proof file is needed"))
        for one in (case, *case.others):
            if one.proof is not None:
                self._check(one, one.proof, submitted)
        return case

    def _unpack(self, case: Case, content: bytes | None) -> list[dict[str, str]]:
        """Take a PDF that carries its proof apart; return what is wrong with one that was altered."""
        try:
            case.carried = None if content is None else extract(content)
        except Malformed as error:
            return _shown(error.faults)
        except LimitExceeded as error:
            return _shown([Fault(error.code, "/pdf", str(error))])
        return []

    def _parse(self, case: Case, data: bytes) -> None:
        try:
            case.proof = parse_proof(data)
        except UnknownVersion as error:
            verdict, reason, faults = Verdict.UNDETERMINED, Reason.UNKNOWN_VERSION, error.faults
        except Malformed as error:
            verdict, reason, faults = Verdict.INVALID, Reason.MALFORMED, error.faults
        except LimitExceeded as error:
            verdict, reason, faults = Verdict.INVALID, Reason.TOO_LARGE, (Fault(error.code, "", str(error)),)
        else:
            return
        case.answer(Fragment(Question.INTEGRITY, verdict, reason, {"faults": _shown(faults)}))

    def _find(self, case: Case, submitted: Submitted) -> None:
        known = self._known(submitted)
        if not known:
            case.answer(*self._judge_foreign(submitted))
            if not case.answers:
                read = {} if submitted.content is None else recognise(submitted.content)
                unknown = Reason.NOT_KNOWN_HERE
                case.answer(Fragment(Question.INTEGRITY, Verdict.UNDETERMINED, unknown, read))
                case.leave_open(Reason.NOT_KNOWN_HERE, *(q for q in Question if q is not Question.USE))
            return
        if len(known) > MAX_RECORDS_OF_A_FILE:
            case.leave_open(Reason.SEVERAL_RECORDS, *(q for q in Question if q is not Question.USE))
            return
        newest = list(_newest_of_each(known).values())
        for each in newest[:-1]:
            other = Case(submitted.at)
            self._parse(other, each.proof)
            case.others.append(other)
        self._parse(case, newest[-1].proof)
        before = [each.record_id for each in known if each not in newest]
        if before:
            case.beside = {"other_records_of_this_file": before}

    def _judge_foreign(self, submitted: Submitted) -> tuple[Fragment, ...]:
        if submitted.content is None:
            return ()
        now = self._clock.now()
        at = now if submitted.at is None else submitted.at
        return judge_foreign(submitted.content, self._foreign, at=at, now=now) or ()

    def _known(self, submitted: Submitted) -> list[KnownRecord]:
        if self._records is None:
            return []
        if submitted.content is None:
            return [] if submitted.digest is None else list(self._records.by_content(submitted.digest))
        exact, *by_value = content_digests(submitted.content)
        found = [known for each in by_value for known in self._records.by_content(each)]
        # A hash by value also finds records of files that are just the canonical text: those are other files.
        same = [known for known in found if check_integrity(parse_proof(known.proof), submitted.content)[1].holds]
        return [*same, *self._records.by_content(exact)]

    def _check(self, case: Case, proof: Proof, submitted: Submitted) -> None:
        path, file = check_integrity(
            proof, submitted.content, digest=submitted.digest, unread_bytes=submitted.unread_bytes
        )
        if case.carried is not None and file.holds is not True:  # what is proven is the document inside
            path, file = check_integrity(proof, case.carried.original)
            case.beside |= {"original_bytes": len(case.carried.original), "page_added": case.carried.link is not None}
            if case.carried.link is not None:
                case.beside["page_leads_to"] = case.carried.link.partition("#")[0]
        case.record = record_id(proof.record)
        evidence: dict[str, Any] = {"record_id": case.record, **case.beside}
        wrong = path if path.holds is False else file if file.holds is False else None
        if wrong is None:
            case.answer(Fragment(Question.INTEGRITY, Verdict.VALID, Reason.INTACT, evidence))
        else:
            reason, evidence = Reason(wrong.outcome.value), {**evidence, "claim": wrong.claim}
            case.answer(Fragment(Question.INTEGRITY, Verdict.INVALID, reason, evidence))
        told = {True: Verdict.VALID, False: Verdict.INVALID, None: Verdict.NOT_APPLICABLE}[file.holds]
        compared: dict[str, Any] = {"claim": file.claim}
        if file.outcome is Outcome.CONTENT_NOT_JUDGED:
            told, compared = Verdict.UNDETERMINED, {**compared, "limit": file.limit}
        case.answer(Fragment(Question.CONTENT, told, Reason(file.outcome.value), compared))
        if path.outcome is Outcome.PATH_DIFFERS:
            case.leave_open(Reason.NOT_REACHED, Question.ISSUER, Question.STATUS, Question.TIME)
        if self._ledger is not None and proof.ledger != self._ledger:
            case.answer(*undetermined(Reason.OTHER_LEDGER, ledger=proof.ledger))

    # ----- steps 3 to 8, at one block

    def _told(self, asked: _Open) -> tuple[Head | None, list[tuple[Fragment, ...]]]:
        if self._newest is not None:
            with suppress(Unavailable, NotFound):  # NotFound: a node of a chain without this ledger
                with suppress(NotFinalAnyMore):
                    seen = self._newest.seen()
                    if seen is not None:
                        return seen.block, self._told_at(seen, asked)
                now = self._newest.now()
                return now.block, self._told_at(now, asked)
        return _unanswered(asked)

    def _told_at(self, reads: PinnedReads, asked: _Open) -> list[tuple[Fragment, ...]]:
        latest = self._latest(reads)
        return ask(reads, self._asked(asked, latest), latest=latest, names=self._names)

    def _latest(self, reads: PinnedReads) -> int:
        return max(self._clock.now(), reads.block.time)

    def _asked(self, asked: _Open, latest: int) -> list[Asked]:
        return [Asked(proof, case.record, latest if case.at is None else case.at) for case, proof in asked]


def _open(cases: Sequence[Case]) -> _Open:
    every = [one for case in cases for one in (case, *case.others)]
    return [(one, one.proof) for one in every if one.proof is not None and Question.ANCHOR not in one.answers]


def _unanswered(asked: _Open) -> tuple[None, list[tuple[Fragment, ...]]]:
    return None, [undetermined(Reason.CHAIN_UNAVAILABLE)] * len(asked)


def unjudged(over: LimitExceeded, *, at: int) -> Verification:
    """What is told of a document that was handed in to nobody, as it is over a bound: every question is open."""
    case = Case(at)
    limit = {"limit": str(over)}
    case.answer(Fragment(Question.INTEGRITY, Verdict.UNDETERMINED, Reason.CONTENT_NOT_JUDGED, limit))
    return _whole(case, at, None)


def _whole(case: Case, now: int, block: BlockRead | None) -> Verification:
    case.answer(Fragment(Question.USE, Verdict.NOT_APPLICABLE, Reason.NO_RIGHT))
    case.leave_open(Reason.NOT_REACHED, *Question)
    at = now if case.at is None else case.at
    return Verification(tuple(case.answers[question] for question in Question), at, block)


def _newest_of_each(known: Sequence[KnownRecord]) -> dict[tuple[int, int], KnownRecord]:
    """By issuer and type the newest record, in order of the newest."""
    found: dict[tuple[int, int], KnownRecord] = {}
    for each in sorted(known, key=lambda each: each.anchored):
        record = parse_proof(each.proof).record
        kind = (record.issuer, record.type)
        found.pop(kind, None)
        found[kind] = each
    return found


def _shown(faults: Iterable[Fault]) -> list[dict[str, str]]:
    return [{"code": fault.code, "path": fault.path, "text": fault.text} for fault in faults]
