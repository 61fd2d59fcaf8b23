"""Rights over what the ledger holds: facts from the contracts at the newest block, rules from `ledger.domain.rights`.

What may not be read looks the same as what is not there: `NotFound`, in the words of the question (domain guide,
invariant 12).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from ledger.domain import rights
from ledger.domain.caller import Caller
from ledger.domain.codes import named
from ledger.domain.declaration import NEXT, AgencyDecision, DeclarationAct, DeclarationStatus
from ledger.domain.errors import ActRefused, NotFound
from ledger.domain.events import declaration_entity, participant_entity, permit_entity
from ledger.domain.ids import Address, CaseId, Digest32, ParticipantId, RecordId
from ledger.domain.proof_reading import parse_proof
from ledger.domain.rights import DeclarationParties, DeclarationView, PermitParties
from ledger.domain.roles import Role
from ledger.ports.chain import ChainReader, Head
from ledger.ports.index_store import IndexStore, RecordStore
from ledger.ports.state_store import Issued
from ledger.services.preconditions.asked import AUTHORISATIONS
from ledger.services.preconditions.cases import SCOPE_APPEAL, SCOPE_LODGE

DECLARATIONS: Final = "DeclarationRegistry"
PERMITS: Final = "PermitRegistry"
DEBTS: Final = "DebtLedger"
PARTICIPANTS: Final = "ParticipantRegistry"
FINAL_DECISIONS: Final = (AgencyDecision.RELEASE, AgencyDecision.NOT_REQUIRED, AgencyDecision.REFUSE)
"""Decisions of an agency after which a check waits for nothing more of it."""
MOST_REASSIGNED: Final = 10_000
"""Reassignments to one agency that are looked through: governance makes each by m of n."""


class _Parties(NamedTuple):
    """Whom a declaration names, how many items it has, and at which version; whether agencies decide on them now."""

    named: DeclarationParties
    items: int
    version: int
    is_decided_on: bool


class Rights:
    """Answers each question anew, or raises `Unavailable`: an outage gives nobody a right."""

    def __init__(self, reader: ChainReader, index: IndexStore, records: RecordStore) -> None:
        """The index only finds what belongs together; each fact is then asked of the contracts."""
        self._reader, self._index, self._records = reader, index, records

    def declaration(self, caller: Caller | None, case: CaseId) -> DeclarationView:
        """What the caller may see of a declaration. Raises `NotFound` if that is nothing, or it is not there."""
        head = self._reader.head()
        found = self._parties(case, head)
        view = None if found is None else rights.declaration_view(caller, found.named)
        if found is not None and caller is not None and (view is None or not view.is_whole):
            parties = self._with_others(found, case, caller, head)
            waits = any(parties.waiting.values())
            view = rights.declaration_view(caller, parties, self.stands_for(caller) if waits else frozenset())
        if view is None:
            raise NotFound("declaration", str(case))
        return view

    def may_read_declaration(self, caller: Caller | None, case: CaseId) -> bool:
        """Whether the caller may see anything of a declaration."""
        try:
            self.declaration(caller, case)
        except NotFound:
            return False
        return True

    def debt(self, caller: Caller | None, case: CaseId) -> None:
        """Return if the caller may see a declaration's debt. Raises `NotFound` as `declaration`."""
        if not self.declaration(caller, case).debt:
            raise NotFound("debt of declaration", str(case))

    def permit(self, caller: Caller | None, permit: bytes) -> None:
        """Return if the caller may see a permit. Raises `NotFound` if not, or if it is not there."""
        parties = self._permit_parties(permit)
        if parties is None or not rights.may_read_permit(caller, parties):
            raise NotFound("permit", f"0x{permit.hex()}")

    def reassigned_to(self, caller: Caller) -> frozenset[Issued]:
        """Whose permits of which type governance reassigned to the caller's participant, as of now."""
        me = participant_entity(caller.participant)
        told = self._index.events(entities=[me], name="PermitTypeReassigned", limit=MOST_REASSIGNED)
        named = sorted({Issued(ParticipantId(event.args["from"]), event.args["docType"]) for event in told})
        if not named:
            return frozenset()
        calls = [(PERMITS, "reassignedTo", (issued.issuer, issued.document_type)) for issued in named]
        answers = self._told(calls, self._reader.head())
        return frozenset(issued for issued, to in zip(named, answers, strict=True) if to == caller.participant)

    def waiting_for_others(self, caller: Caller) -> frozenset[Issued]:
        """Whose applications wait for the caller as an agency, as of now.

        Those for types that governance reassigned to its participant, and all of agencies that it stands in for.
        """
        if not caller.has_any(Role.OGA):
            return frozenset()
        return self.reassigned_to(caller) | {Issued(agency, None) for agency in self.stands_for(caller)}

    def stands_for(self, caller: Caller) -> frozenset[ParticipantId]:
        """Agencies in whose place the caller's participant stands now; none for a key that is no agency's."""
        if not caller.has_any(Role.OGA):
            return frozenset()
        me = participant_entity(caller.participant)
        told = self._index.events(entities=[me], name="SuccessorSet", limit=MOST_REASSIGNED)
        agencies = sorted({ParticipantId(event.args["agency"]) for event in told})
        answers = self._told([(PARTICIPANTS, "successorOf", (agency,)) for agency in agencies], self._reader.head())
        named = zip(agencies, answers, strict=True)
        return frozenset(agency for agency, successor in named if successor == caller.participant)

    def may_answer_for(self, caller: Caller, agency: ParticipantId, of_type: int) -> bool:
        """Whether the caller stands in for an agency now, or holds one of its document types."""
        calls = [(PARTICIPANTS, "successorOf", (agency,)), (PERMITS, "reassignedTo", (agency, of_type))]
        return caller.participant in self._told(calls, self._reader.head())

    def use_of_document(self, caller: Caller | None, record: RecordId) -> None:
        """Return if the caller may see which acts cite a document. Raises `NotFound` if not.

        Its record alone says who issued it: on chain anybody may set the status of any record id, in its own name.
        Where the record is not readable, only those who may see every case are told.
        """
        if caller is not None and caller.has_any(rights.ALL_CASES):
            return
        known = self._records.by_id(record)
        if known is not None:
            issuer = parse_proof(known.proof).record.issuer
            supervisor = self._reader.call(PARTICIPANTS, "supervisorOf", (issuer,), at=self._reader.head())
            if rights.may_read_use(caller, issuer, ParticipantId(supervisor) if supervisor else None):
                return
        raise NotFound("document", f"0x{record.hex()}")

    def participant(self, caller: Caller | None, participant: ParticipantId) -> None:
        """Return if the caller may see a participant's authorisations. Raises `NotFound` if not."""
        if not rights.may_read_participant(caller, participant):
            raise NotFound("participant", str(participant))

    def act(self, caller: Caller, act_id: Digest32, actor: Address) -> None:
        """Return if the caller may see what became of an act of `actor`. Raises `NotFound` if not."""
        head = self._reader.head()
        found = self._reader.call(PARTICIPANTS, "keyAt", (actor, head.time), at=head)["participant"]
        if actor != caller.key and not rights.may_follow_act(caller, ParticipantId(found) if found else None):
            raise NotFound("act", f"0x{act_id.hex()}")

    def _parties(self, case: CaseId, head: Head) -> _Parties | None:
        """Whom the declaration itself names; None if there is none."""
        try:
            state = self._reader.call(DECLARATIONS, "state", (case,), at=head)
        except ActRefused:  # the contract knows none under that id
            return None
        carrier = ParticipantId(state["carrier"]) if state["carrier"] else None
        named = DeclarationParties(ParticipantId(state["declarant"]), ParticipantId(state["importer"]), carrier)
        is_decided_on = (DeclarationStatus(state["status"]), DeclarationAct.DECIDE_ITEMS) in NEXT
        return _Parties(named, state["itemCount"], state["version"], is_decided_on)

    def _with_others(self, found: _Parties, case: CaseId, caller: Caller, head: Head) -> DeclarationParties:
        """With who else may have to do with it: its agencies and guarantors, and the caller, if it represents."""
        numbers = range(1, found.items + 1) if caller.has_any(Role.OGA) else ()
        checks = self._told([(DECLARATIONS, "checks", (case, number)) for number in numbers], head)
        agencies = {
            number: frozenset(ParticipantId(check["agency"]) for check in of_item or ())
            for number, of_item in zip(numbers, checks, strict=True)
        }
        waiting = {
            number: frozenset(ParticipantId(check["agency"]) for check in of_item or () if _waits(check, found.version))
            for number, of_item in zip(numbers, checks if found.is_decided_on else [None] * len(numbers), strict=True)
        }
        return replace(
            found.named,
            representatives=self._representing(found.named.importer, caller, head),
            guarantors=self._guarantors_of(case, head),
            agencies=agencies,
            waiting=waiting,
        )

    def _representing(self, importer: ParticipantId, caller: Caller, head: Head) -> frozenset[ParticipantId]:
        """The caller's participant, if it is a broker with a power of attorney to lodge, or to appeal, in force."""
        own = caller.participant
        scopes = (SCOPE_LODGE, SCOPE_APPEAL) if caller.has_any(Role.BROKER) else ()
        asked = [(AUTHORISATIONS, "mayRepresent", (own, importer, scope, head.time)) for scope in scopes]
        return frozenset({own}) if any(self._told(asked, head)) else frozenset()

    def _guarantors_of(self, case: CaseId, head: Head) -> frozenset[ParticipantId]:
        """Guarantors of what secures the case now, or was accepted for it alone: anybody may offer."""
        keys = _ids(self._index.linked(declaration_entity(case), ("guarantee",)))
        found = self._told([(DEBTS, "guaranteeOf", (key,)) for key in keys], head)
        reserved = self._told([(DEBTS, "reservedFor", (key, case)) for key in keys], head)
        return frozenset(
            ParticipantId(guarantee["guarantor"])
            for guarantee, amount in zip(found, reserved, strict=True)
            if guarantee is not None and (amount or (guarantee["caseId"] == case and _is_accepted(guarantee)))
        )

    def _permit_parties(self, permit: bytes) -> PermitParties | None:
        head = self._reader.head()
        found = self._reader.call(PERMITS, "permitHead", (permit,), at=head)
        issuer = found["issuer"]
        if not issuer:
            return None
        successor = self._reader.call(PERMITS, "reassignedTo", (issuer, found["docType"]), at=head)
        entity = permit_entity(permit)
        applications = _ids(self._index.linked(entity, ("application",)))
        cases = [int(e.partition(":")[2]) for e in self._index.linked(entity, ("declaration",))]
        applied = self._told([(PERMITS, "applicationOf", (key,)) for key in applications], head)
        used = self._told([(DECLARATIONS, "state", (case,)) for case in cases], head)
        traders = {ParticipantId(a["trader"]) for a in applied if a is not None and a["permit"] == permit}
        return PermitParties(
            issuer=ParticipantId(issuer),
            successor=ParticipantId(successor) if successor else None,
            applicant=next(iter(traders), None),
            users=frozenset(ParticipantId(state["importer"]) for state in used if state is not None),
        )

    def _told(self, calls: list[tuple[str, str, tuple[Any, ...]]], head: Head) -> list[Any]:
        """Answers of each; None where the contract knows none."""
        answers = self._reader.call_many(calls, at=head) if calls else []
        return [None if isinstance(answer, ActRefused) else answer for answer in answers]


def _waits(check: Mapping[str, Any], version: int) -> bool:
    """Whether a check is not decided for this version of its declaration, as `takeOverChecks` asks."""
    return check["version"] != version or check["decision"] not in FINAL_DECISIONS


def _is_accepted(guarantee: Mapping[str, Any]) -> bool:
    return named("GuaranteeState", guarantee["state"]) in ("ACTIVE", "CALLED")


def _ids(entities: Iterable[str]) -> list[bytes]:
    return [bytes.fromhex(entity.partition(":0x")[2]) for entity in sorted(entities)]
