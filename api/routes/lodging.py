"""Lodging from WCO messages: sealed parts and acts in, customs' answers out."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from api.access import SignedInDep
from api.deps import FacadeDep, IdempotencyKey, answered, in_turn
from api.places import under
from api.routes.ledger import Case, readable
from api.schemas.lodging import LodgementOut, ResponseOut, ResponsesOut
from api.tagged import Tagged
from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32, ParticipantId
from ledger.domain.limits import MAX_PROOF_FILE_BYTES, MAX_XML_BYTES
from ledger.services.lodging import Party

router = APIRouter(tags=["lodging"], route_class=Tagged)

HEX32 = "^[0-9a-f]{64}$"
BLINDED = (
    "Local reference of an original, which needs it, blinded: HMAC-SHA256 of `tamga/lrn/1` and the reference (UTF-8), "
    "under 32 bytes that only its declarant knows, the same for all its declarations. A request has no use for it."
)
OFFICE = "Office of customs where an original is lodged, which needs it; of a request, the declaration's own or none."
CARRIER = "May confirm arrival and exit; 0: customs alone. Of a request, the declaration's own or 0."
PROOF = (
    "For an amendment alone: proof file of the header of the version in force, where this facade cannot read that "
    "record."
)


@router.post("/v1/lodgements", response_model=LodgementOut, summary="Lodge, amend or annul by a WCO message")
def lodge(
    facade: FacadeDep,
    caller: SignedInDep,
    message: Annotated[UploadFile, File(description="WCO Data Model 3.6 `DEC` message.")],
    importer: Annotated[int, Form(ge=1, lt=2**53, description="Participant whose goods they are.")],
    customs: Annotated[int, Form(ge=1, lt=2**53, description="Customs, which has to be able to read it.")],
    lrn_mac: Annotated[str | None, Form(pattern=HEX32, description=BLINDED)] = None,
    office: Annotated[int | None, Form(ge=1, lt=2**24, description=OFFICE)] = None,
    carrier: Annotated[int, Form(ge=0, lt=2**53, description=CARRIER)] = 0,
    lodged: Annotated[
        UploadFile | None,
        File(description="For an amendment alone: the version that it amends, as an original message."),
    ] = None,
    proof: Annotated[UploadFile | None, File(description=PROOF)] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Seal what the message declares, and prepare the acts that the signed-in key then signs.

    Faults come in the shape of customs: code, path with WCO class ids, text; all of the message at once. What the
    contract would refuse is told at its place in the message too, and what is wrong with those named beside it at
    `/body/customs`, `/body/office` and so on, as a fault of the form is; then nothing is sealed. An element that no
    `DEC` message can have is a fault. The message is sealed byte for byte beside what was read of it; what was not read
    is listed.

    An amendment has to be written against the version that is in force on the ledger. Whether `lodged` is that one is
    told by that version's sealed header, and what changes by comparing it with the next; another version is a fault at
    `/body/lodged`, a header that this facade cannot read one at `/body/proof`. Beside a message that amends nothing
    both are faults.

    The same request under the same Idempotency-Key is sealed once: a repeat gets the first answer for two days, and 409
    `in_progress` while the first is still worked on.
    """
    party = Party(
        actor=caller.key,
        importer=ParticipantId(importer),
        customs=ParticipantId(customs),
        office=office,
        carrier=ParticipantId(carrier),
        lrn_mac=None if lrn_mac is None else Digest32(bytes.fromhex(lrn_mac)),
    )
    content = message.file.read(MAX_XML_BYTES + 1)
    before = None if lodged is None else lodged.file.read(MAX_XML_BYTES + 1)
    header = None if proof is None else proof.file.read(MAX_PROOF_FILE_BYTES + 1)
    request = digest(content) + digest(before or b"") + digest(header or b"") + repr(party).encode()

    def sealed() -> bytes:
        with under("/body"):
            prepared = facade.lodging.prepare(content, party, lodged=before, proof=header)
        return LodgementOut.of(prepared, facade.names).model_dump_json().encode()

    with in_turn(facade, caller.key, idempotency_key):  # two at once would both be sealed, and one answered
        answer = answered(facade, caller.key, idempotency_key, request, sealed)
    return Response(answer, media_type="application/json")


@router.get("/v1/declarations/{case}/responses", summary="Customs' answers, as WCO messages")
def responses(
    facade: FacadeDep,
    caller: SignedInDep,
    case: Case,
    currency: Annotated[str, Query(pattern="^[A-Z]{3}$", description="ISO 4217, of the amounts.")] = "UZS",
) -> ResponsesOut:
    """Each answer that follows from an act on the declaration, oldest first, generated from the ledger.

    References, statements, errors and changed paths were sealed to customs and the declarant: they stand in it for
    customs and the parties, as far as this facade can read the record that holds them; an auditor needs a grant.
    """
    found, view = readable(facade, caller, case)
    shown = [
        ResponseOut.of(event, answer, currency)
        for event, answer in facade.responding.of(found, opened=view.opens_records)
        if view.shows_act(event.contract_name, event.name, event.args, None)
    ]
    return ResponsesOut(case=str(found), responses=shown)
