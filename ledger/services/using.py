"""The question `use`: which permits and declarations rely on a document, for callers with a right to know.

Told beside the other answers and never counted. What the caller may not see of a use stays out, and how much stays
out is not told either. Of what it may see the first `MAX_SHOWN` are named, and whether there are more.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from ledger.domain.caller import Asked, Caller
from ledger.domain.errors import NotFound, Unavailable
from ledger.domain.events import declaration_entity, document_entity, permit_entity
from ledger.domain.ids import CaseId, RecordId
from ledger.domain.verdict import Fragment, Question, Reason, Verdict, Verification
from ledger.ports.index_store import IndexStore, KnownRecord, RecordStore
from ledger.services.rights import Rights
from ledger.services.states import States

MAX_SHOWN: Final = 100
"""Permits, and declarations, that one answer names."""
RECORD_ID: Final = "record_id"
"""Where the answer about integrity names the record that was judged."""
PERMIT_ISSUED: Final = "PermitIssued"
VERSIONS: Final = ("Prelodged", "Lodged", "VersionMade", "Supplemented", "PcaClosed")
"""Events from which a declaration has other data; `PcaClosed` names a record only if the audit reassesses."""


class Uses:
    """Finds uses in the index; each is then read from the contracts, and each is asked a right for."""

    def __init__(self, index: IndexStore, records: RecordStore, states: States, rights: Rights) -> None:
        self._index, self._records, self._states, self._rights = index, records, states, rights

    def told(self, found: Verification, caller: Asked) -> Verification:
        """A verification with what its document was used for, as far as the caller may know."""
        record = found[Question.INTEGRITY].evidence.get(RECORD_ID)
        if caller is None or not isinstance(record, bytes):
            return found
        unanswered = Fragment(Question.USE, Verdict.UNDETERMINED, Reason.CHAIN_UNAVAILABLE)
        if isinstance(caller, Unavailable):
            return found.answering(unanswered)
        try:
            return found.answering(self.of(RecordId(record), caller))
        except Unavailable:
            return found.answering(unanswered)

    def of(self, record: RecordId, caller: Caller) -> Fragment:
        """What relies on a record. Raises `Unavailable` without a node."""
        try:
            self._rights.use_of_document(caller, record)
        except NotFound:
            return Fragment(Question.USE, Verdict.NOT_APPLICABLE, Reason.NO_RIGHT)
        linked = self._index.linked(document_entity(record), ("permit", "declaration"))
        permits = [bytes.fromhex(each.partition(":0x")[2]) for each in sorted(linked) if each.startswith("permit:")]
        served = {each for permit in permits for each in self._index.linked(permit_entity(permit), ("declaration",))}
        cases = {CaseId(int(each.partition(":")[2])) for each in linked | served if each.startswith("declaration:")}
        shown_permits, more_permits = _first(self._permit(permit, caller) for permit in permits)
        shown_cases, more_cases = _first(self._declaration(case, caller) for case in sorted(cases))
        if not shown_permits and not shown_cases:
            return Fragment(Question.USE, Verdict.NOT_APPLICABLE, Reason.NOT_USED)
        shown = {"permits": shown_permits, "declarations": shown_cases, "more": more_permits or more_cases}
        return Fragment(Question.USE, Verdict.VALID, Reason.USED, shown)

    def _permit(self, permit: bytes, caller: Caller) -> Mapping[str, Any] | None:
        """Balances of a permit; None if it is not for the caller."""
        try:
            self._rights.permit(caller, permit)
        except NotFound:
            return None
        state = self._states.permit(permit)
        told = {name: state.values[name] for name in ("permit", "standing", "lines")}
        return {**told, "block_number": state.block.number}

    def _declaration(self, case: CaseId, caller: Caller) -> Mapping[str, Any] | None:
        """Number and status of a declaration; None if it is not for the caller."""
        try:
            self._rights.declaration(caller, case)
        except NotFound:
            return None
        state = self._states.declaration(case)
        told = {name: state.values[name] for name in ("case", "mrn", "status", "version")}
        return {**told, "block_number": state.block.number}

    # ----- documents by what they are known under

    def proof_of_record(self, record: RecordId, caller: Caller) -> bytes:
        """Proof file of a record that this facade can read. Raises `NotFound` if it cannot, or the caller may not."""
        self._rights.use_of_document(caller, record)
        return self._readable(record, f"0x{record.hex()}")

    def proof_of_permit(self, permit: str, caller: Caller) -> bytes:
        """Proof file of a permit's document, by the permit's id (0x hex) or its number. Raises as `proof_of_record`."""
        candidates = [bytes.fromhex(permit[2:])] if permit.startswith("0x") else list(self._permits_numbered(permit))
        for candidate in candidates:
            try:
                self._rights.permit(caller, candidate)
            except NotFound:
                continue
            issued = self._index.events(entities=[permit_entity(candidate)], name=PERMIT_ISSUED, limit=1)
            if issued:
                return self._readable(RecordId(issued[0].args["evidence"]), permit)
        raise NotFound("permit", permit)

    def proof_of_declaration(self, case: CaseId, shown_as: str, caller: Caller) -> bytes:
        """Proof file of a declaration's newest data, for who may see its header. Raises as `proof_of_record`."""
        try:
            view = self._rights.declaration(caller, case)
        except NotFound as error:
            raise NotFound("declaration", shown_as) from error
        if not view.shows_header:
            raise NotFound("declaration", shown_as)
        found = (self._index.last_event(entity=declaration_entity(case), name=name) for name in VERSIONS)
        made = [e for e in found if e is not None and (e.name != "PcaClosed" or any(e.args.get("dataRecord", b"")))]
        if not made:
            raise NotFound("declaration", shown_as)
        newest = max(made, key=lambda event: (event.block.number, event.log_index)).args
        record = newest.get("lodgement", newest).get("dataRecord")
        if record is None:
            raise NotFound("readable record of", shown_as)
        return self._readable(RecordId(record), shown_as)

    def _permits_numbered(self, number: str) -> list[bytes]:
        """Permits whose document has this number, as far as this facade can read it."""
        found: list[bytes] = []
        for known in self._records.by_number(number):
            linked = self._index.linked(document_entity(known.record_id), ("permit",))
            found += [bytes.fromhex(each.partition(":0x")[2]) for each in sorted(linked)]
        return found

    def _readable(self, record: RecordId, shown_as: str) -> bytes:
        known: KnownRecord | None = self._records.by_id(record)
        if known is None:
            raise NotFound("readable record of", shown_as)
        return known.proof


def _first(told: Iterable[Mapping[str, Any] | None]) -> tuple[list[Mapping[str, Any]], bool]:
    """The first `MAX_SHOWN` that are told, and whether another is: what is not the caller's to see takes no place."""
    visible = (each for each in told if each is not None)
    return list(islice(visible, MAX_SHOWN)), next(visible, None) is not None
