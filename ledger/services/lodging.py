"""Lodging from the trade's own messages: a WCO message becomes sealed parts and the acts that its declarant signs.

A declaration is sealed in parts (`declaration_parts.py`). The acts come in the order in which they have to be carried:
an anchor for each batch of them, then the act of the declaration, which cites the header.

What was declared is more than what is read of it. So the message itself, byte for byte, is one more document beside
the header (or, for an annulment, beside its statement), for the same readers, and the SHA-256 of its bytes stands
there. What of it nobody read is told.

An amendment is applied to the version that is in force on the ledger, and to no other: the declarant gives it, and it
is compared with what that version's header says it declares (`in_force.py`). The next version, whole, is sealed beside
its header: it is what the amendment after that one amends.

Nothing here holds a key: sealing needs the public keys that the readers have on chain, the declarant signs elsewhere,
and the local reference arrives blinded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final

from ledger.domain.anchor import pack_head
from ledger.domain.declaration import DeclarationReason, Representation
from ledger.domain.document_types import needs_accreditation
from ledger.domain.errors import ActRefused, Fault, Malformed, NotFound
from ledger.domain.ids import Address, CaseId, Digest32, LedgerId, ParticipantId, RecordId
from ledger.domain.plain import in_units
from ledger.domain.reference_numbers import ReferenceNumber
from ledger.domain.refusal import explain
from ledger.domain.trade.declaration import GoodsDeclaration
from ledger.domain.trade.wco_request import Amend, Cancel, Lodge, Message, amends_nothing, read_message
from ledger.ports.chain import ChainReader
from ledger.ports.clock import Clock
from ledger.ports.content_store import ContentStore
from ledger.services.acts import Acts
from ledger.services.addressees import addressee_faults, customs_faults, faults_beside_a_request
from ledger.services.anchoring import REGISTRY as DOCUMENTS
from ledger.services.anchoring import next_sequence
from ledger.services.declaration_parts import (
    HEADER,
    MESSAGE,
    XML,
    DeclarationParts,
    Part,
    document_type_of,
    json_document,
    regime_of,
)
from ledger.services.drafts import Drafts
from ledger.services.headers import Headers, no_headers
from ledger.services.in_force import LODGED, PROOF, InForce
from ledger.services.lodged_before import lodged_before
from ledger.services.preconditions.asked import AUTHORISATIONS
from ledger.services.preconditions.cases import SCOPE_LODGE
from ledger.services.sealing import DocumentInput
from ledger.services.signed_act import PreparedAct

DECLARATIONS: Final = "DeclarationRegistry"
CHANGES: Final = "changes"
STATEMENT: Final = "statement"
CITED: Final = (HEADER, CHANGES, STATEMENT)
"""Names of the parts that acts cite: a declaration's header, what an amendment changes, what an annulment says."""
LRN_MAC: Final = "/lrn_mac"
NOT_YET_SEALED: Final = RecordId(b"\x01" * 32)
"""Stands for a record while an act is only tried."""
ANY_OFFICE: Final = 1
"""Stands for an office that was not given, likewise."""
ANY_REFERENCE: Final = Digest32(b"\x01" * 32)
"""Stands for a local reference that was not given, likewise."""

FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "LrnInUse": ("42A/FunctionalReferenceID", "another declaration of this declarant has this local reference"),
    "UnknownRegime": ("42A/67A/68A[1]/70A[1]", "the procedure is not open in the rule book"),
    "BadItemCount": ("42A/GoodsItemQuantity", "too many goods items, or none"),
    "NotRepresented": ("42A/Agent", "no power of attorney of the importer, or no broker's licence, covers this"),
    "WrongRepresentation": ("42A/Agent/FunctionCode", "an agent represents directly or indirectly, an importer itself"),
    "NotActive": ("42A/67A/Importer", "the importer is not an active participant"),
    "UnknownCase": ("42A/ID", "no such declaration"),
    "NotInStatus": ("42A", "the declaration's status does not allow this"),
    "NotParty": ("42A/ID", "the declaration is another's"),
    "RequestIsOpen": ("42A/06A", "an earlier request is not yet decided"),
    "ControlStarted": ("42A/06A", "checking has started: customs alone can change it now"),
    "IrregularityWasNotified": ("42A/06A", "an irregularity was notified: customs alone can change it now"),
    "RegistryIsClosed": ("42A", "this registry takes no new cases"),
}
"""Where in the message the contract's own refusals belong, and their words."""
WHOLE: Final = "42A"
"""The declaration itself."""


@dataclass(frozen=True)
class Party:
    """Who lodges, for whom, where.

    Attributes:
        actor: Key that will sign.
        importer: Participant whose goods they are; on an export, the exporter.
        customs: Participant that has to be able to read it.
        office: Customs office where an original is lodged; None: not given, as a request's is its declaration's.
        carrier: Participant that may confirm arrival; 0: none, or, beside a request, its declaration's.
        lrn_mac: The local reference of an original, blinded under a key of the declarant's (`references.blind_lrn`);
            None: not given, as a request has no use for it.
    """

    actor: Address
    importer: ParticipantId
    customs: ParticipantId
    office: int | None
    carrier: ParticipantId
    lrn_mac: Digest32 | None


@dataclass(frozen=True)
class Prepared:
    """What a message became.

    Attributes:
        message: What was read of it, and what was not.
        parts: What was sealed and stored.
        acts: What has to be signed, and carried in this order.
    """

    message: Message
    parts: tuple[Part, ...]
    acts: tuple[PreparedAct, ...]


class Lodging:
    """Seals declarations and prepares their acts; needs no authority.

    Args:
        reader: The ledger's chain.
        acts: Prepares acts.
        contents: Where sealed parts are kept.
        ledger: Ledger id.
        clock: Wall clock.
        drafts: For who signs elsewhere: notes what was sealed for them; None: its acts are signed at once.
        headers: Finds the headers that this participant reads, to know versions by; by default none.
    """

    def __init__(
        self,
        reader: ChainReader,
        acts: Acts,
        contents: ContentStore,
        ledger: LedgerId,
        clock: Clock,
        drafts: Drafts | None = None,
        headers: Headers = no_headers,
    ) -> None:
        self._reader, self._acts, self._contents, self._ledger, self._clock = reader, acts, contents, ledger, clock
        self._drafts, self._in_force = drafts, InForce(reader, headers)

    def prepare(
        self, message: bytes, party: Party, *, lodged: bytes | None = None, proof: bytes | None = None
    ) -> Prepared:
        """Seal what a message declares and prepare its acts.

        Args:
            message: A WCO `DEC` message.
            party: Who lodges.
            lodged: For an amendment alone: the version that it was written against, as an original message.
            proof: Likewise: proof file of the header of the version in force, where its record cannot be read here.

        Raises:
            Malformed: With all faults of the message, of what is named beside it (`/customs`, `/office`, `/carrier`,
                `/importer`, `/lrn_mac`), of an amendment of another version than that in force (`/lodged`, `/proof`),
                of what only an amendment takes (likewise), and what the contract would refuse, at its place in the
                message.
            LimitExceeded: The message is too large.
            NotFound: A participant or its encryption key is not registered.
            TooMany: Too much was sealed for this key and never anchored.
            Unavailable: No node, or no content store.
        """
        contents = self._contents if self._drafts is None else self._drafts.of(party.actor)
        work = _Work(self._reader, self._acts, contents, self._ledger, self._clock, party, message)
        prepared = work.prepare(self._in_force, lodged, proof)
        if self._drafts is not None:
            cited = [part.record for part in prepared.parts if part.name in CITED]
            self._drafts.cite(cited, list(dict.fromkeys(part.manifest for part in prepared.parts)))
        return prepared


class _Work:
    """One message on its way."""

    def __init__(
        self,
        reader: ChainReader,
        acts: Acts,
        contents: ContentStore,
        ledger: LedgerId,
        clock: Clock,
        party: Party,
        message: bytes,
    ) -> None:
        self._reader, self._acts, self._party, self._message = reader, acts, party, message
        self._block = reader.final_head()
        self._issuer = self._participant(party.actor)
        self._parts = DeclarationParts(
            reader,
            contents,
            ledger,
            clock,
            issuer=self._issuer,
            readers=(party.customs, party.importer),
            message=message,
            at=self._block,
        )
        self._faults: list[Fault] = []
        self._needless: list[Fault] = []
        self._is_request = False

    def prepare(self, versions: InForce, lodged: bytes | None, proof: bytes | None) -> Prepared:
        given = None if lodged is None else partial(self._to_amend, versions, lodged, proof)
        try:
            self._needless = _needless(self._message, lodged, proof)
            message = read_message(self._message, given)
        except Malformed as error:
            others = [] if self._is_request else self._addressee_faults()
            raise Malformed(*error.faults, *others, *self._needless) from error
        match message.request:
            case Lodge():
                act = self._lodge(message.request)
            case Amend():
                act = self._amend(message.request)
            case Cancel():
                act = self._cancel(message.request)
        anchors = self._anchors()
        return Prepared(message, tuple(self._parts.parts), (*anchors, act))

    # ----- the three messages

    def _lodge(self, request: Lodge) -> PreparedAct:
        # Refused first, sealed after: a message that the contract would not take leaves nothing behind.
        self._faults = self._addressee_faults() + self._needless
        request_id = self._request_id()
        before = lodged_before(self._reader, self._issuer, request_id, at=self._block)
        if before:
            raise Malformed(*self._faults, *before)
        lodgement = self._lodgement(request.declaration, NOT_YET_SEALED)
        self._prepared("lodge", {"requestId": request_id, "lodgement": lodgement})
        header = self._parts.seal_declaration(request.declaration, request.declared, {}, [])
        lodgement = {**lodgement, "dataRecord": header}
        return self._prepared("lodge", {"requestId": request_id, "lodgement": lodgement}, simulate=False)

    def _to_amend(self, versions: InForce, lodged: bytes, proof: bytes | None, mrn: ReferenceNumber) -> bytes:
        """The version in force, which is the one given. Raises as `Lodging.prepare` if it is another."""
        self._is_request, case = True, CaseId(mrn.case_id)
        args, state = self._request_args(case)
        self._faults += versions.faults(case, state, lodged, proof, at=self._block)
        self._prepared("requestAmendment", {**args, "dataRecord": NOT_YET_SEALED, "evidence": NOT_YET_SEALED})
        return lodged

    def _amend(self, request: Amend) -> PreparedAct:
        args, state = self._request_args(CaseId(request.mrn.case_id))
        kind = document_type_of(is_import=request.declaration.is_import)
        changes = [[change.path, change.before, change.after] for change in request.changes]
        why = self._parts.seal([_said_by(request, {"changes": changes})], kind, [CHANGES])[0]
        of = {"mrn": request.mrn.text, "version": state["version"]}
        header = self._parts.seal_declaration(request.declaration, request.declared, {"amends": of}, [request.version])
        return self._prepared("requestAmendment", {**args, "dataRecord": header, "evidence": why}, simulate=False)

    def _cancel(self, request: Cancel) -> PreparedAct:
        args, state = self._request_args(CaseId(request.mrn.case_id))
        self._prepared("requestCancellation", {**args, "evidence": NOT_YET_SEALED})
        whole = DocumentInput(self._message, XML, [("ref.mrn", request.mrn.text)])
        said = _said_by(request, {"message": self._parts.content})
        rules = (state["regime"], state["ruleVersion"])
        procedure = self._reader.call("RuleRegistry", "regimeAt", rules, at=self._block)
        kind = document_type_of(is_import=not procedure["needsExit"])
        why = self._parts.seal([said, whole], kind, [STATEMENT, MESSAGE])[0]
        return self._prepared("requestCancellation", {**args, "evidence": why}, simulate=False)

    def _addressee_faults(self) -> list[Fault]:
        party = self._party
        faults = addressee_faults(self._reader, party.customs, party.office, party.carrier, at=self._block)
        if party.lrn_mac is None:
            text = "an original declaration needs its local reference, blinded"
            faults.append(Fault("missing", LRN_MAC, text))
        return faults

    def _request_args(self, case: CaseId) -> tuple[dict[str, Any], Mapping[str, Any]]:
        """Arguments that all requests on a declaration have, and its state; notes what is wrong with the parties."""
        party = self._party
        self._faults = customs_faults(self._reader, party.customs, at=self._block) + self._needless
        try:
            state = self._reader.call(DECLARATIONS, "state", (case,), at=self._block)
        except ActRefused as refused:
            raise self._as_malformed([refused]) from refused
        asked = (self._issuer, state["importer"], SCOPE_LODGE, self._block.time)
        is_party = self._issuer in (state["importer"], state["declarant"])
        if not is_party and not self._reader.call(AUTHORISATIONS, "mayRepresent", asked, at=self._block):
            # Another's looks like none.
            raise self._as_malformed([ActRefused("UnknownCase", {"caseId": case})])
        self._faults += faults_beside_a_request(state, party.importer, party.office, party.carrier)
        args = {"caseId": case, "expectedVersion": state["revision"], "reason": DeclarationReason.ON_REQUEST}
        return args, state

    def _lodgement(self, declaration: GoodsDeclaration, record: RecordId) -> dict[str, Any]:
        party = self._party
        if self._issuer == party.importer:
            representation = Representation.SELF
        else:
            representation = Representation.INDIRECT if declaration.representation == "3" else Representation.DIRECT
        return {
            "lrnMac": party.lrn_mac or ANY_REFERENCE,
            "dataRecord": record,
            "importer": party.importer,
            "carrier": party.carrier,
            "office": ANY_OFFICE if party.office is None else party.office,
            "regime": regime_of(declaration),
            "itemCount": len(declaration.items),
            "representation": representation,
        }

    def _participant(self, key: Address) -> ParticipantId:
        found = self._reader.call("ParticipantRegistry", "keyAt", (key, self._block.time), at=self._block)
        if not found["participant"]:
            raise NotFound("registered key", key)
        return ParticipantId(found["participant"])

    # ----- acts

    def _anchors(self) -> list[PreparedAct]:
        """Of what was sealed, the last first: the header tells who reads its items what they are part of."""
        first, acts = next_sequence(self._reader, self._issuer, at=self._block), []
        for place, (batch, kind) in enumerate(reversed(self._parts.batches)):
            anchored = kind if needs_accreditation(kind) else 0
            head = pack_head(first + place, anchored, len(batch.documents))
            args = {"head": head, "root": batch.root, "manifest": batch.manifest_digest}
            # Each follows the one before, which is not carried yet: only the first can be tried now.
            acts.append(self._acts.prepare(DOCUMENTS, "anchor", args, self._party.actor, simulate=place == 0))
        return acts

    def _prepared(self, function: str, args: Mapping[str, Any], *, simulate: bool = True) -> PreparedAct:
        """The act. Raises, unless told not to try it, `Malformed` with all that stands against it."""
        act = self._acts.prepare(DECLARATIONS, function, args, self._party.actor, simulate=False)
        refusals = self._acts.objections(act) if simulate else []
        if refusals or self._faults:
            raise self._as_malformed(refusals) from (refusals[0] if refusals else None)
        return act

    def _as_malformed(self, refusals: Sequence[ActRefused]) -> Malformed | ActRefused:
        """What the contract would refuse, as faults of the message, after those found before it was asked.

        The refusal itself where there are none of these, and the first is none of the message's.
        """
        if not self._faults and refusals[0].error not in FAULTS:
            first, *others = refusals
            return ActRefused(first.error, first.arguments, others)
        return Malformed(*self._faults, *map(_fault, refusals))

    def _request_id(self) -> Digest32:
        """An id that the same message gives again, so that lodging it twice is one act; another's is another."""
        reference = self._party.lrn_mac or ANY_REFERENCE
        return Digest32(sha256(bytes.fromhex(self._party.actor[2:]) + reference + self._message).digest())


def _needless(message: bytes, lodged: bytes | None, proof: bytes | None) -> list[Fault]:
    """What stands beside a message that only an amendment takes. Raises as `read_message`."""
    given = [path for path, content in ((LODGED, lodged), (PROOF, proof)) if content is not None]
    if not given or not amends_nothing(message):
        return []
    return [Fault("not_an_amendment", path, "the message amends no version: leave it out") for path in given]


def _said_by(request: Amend | Cancel, more: Mapping[str, Any]) -> DocumentInput:
    """What a request says beside the declaration: its reference, its reason, its changed paths or its message."""
    said = {"reference": request.reference, "statement": request.statement, **more}
    claims = [("ref.mrn", request.mrn.text), *((f"field:/{name}", value) for name, value in said.items())]
    return json_document({"mrn": request.mrn.text, **said}, claims)


def _fault(refused: ActRefused) -> Fault:
    """At its place in the message; at the whole of it what is none of the message's."""
    path, text = FAULTS.get(refused.error, (WHOLE, ""))
    if not text:
        return Fault(refused.error, path, explain(refused))
    said = ", ".join(f"{name} {value}" for name, value in in_units(refused.error, refused.arguments).items())
    return Fault(refused.error, path, f"{text} ({said})" if said else text)
