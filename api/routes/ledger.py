"""Declarations, permits and documents as the ledger has them, now or at any past instant."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.access import SignedInDep
from api.cursors import read_page
from api.deps import FacadeDep
from api.listing import AsOf, instant_of
from api.places import under
from api.schemas.ledger import HistoryOut
from api.schemas.states import DeclarationStateOut, DocumentStateOut, PermitStateOut
from api.tagged import Tagged
from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Caller
from ledger.domain.errors import Fault, Malformed, NotFound
from ledger.domain.events import declaration_entity, document_entity, permit_entity
from ledger.domain.ids import CaseId, ParticipantId, RecordId
from ledger.domain.rights import DeclarationView, of_permit_act
from ledger.ports.index_store import Position

router = APIRouter(tags=["ledger"], route_class=Tagged)

CASE = "^(?:[0-9]{1,20}|[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[A-Z][0-9])$"
MRN_CHARACTERS = 18
MAX_PAGE = 1_000
"""Acts per page."""

Case = Annotated[str, Path(pattern=CASE, description="Declaration id (decimal), or MRN (18 characters).")]
Permit = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$", description="Permit id, 0x hex.")]
Record = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$", description="Record id, 0x hex.")]
Issuer = Annotated[int, Path(ge=1, lt=2**53, description="Participant that issued it.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=64)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Acts per page.")]


@router.get("/v1/declarations/{case}", summary="A declaration's state")
def declaration(facade: FacadeDep, caller: SignedInDep, case: Case, as_of: AsOf = None) -> DeclarationStateOut:
    """State, items and debt of a declaration, and what stands against its release, all read at one block.

    An agency sees the items that it was asked about; a carrier no debt, a guarantor or the treasury nothing else.
    """
    found, view = readable(facade, caller, case)
    state = facade.states.declaration(found, at=instant_of(as_of))
    return DeclarationStateOut.of(replace(state, values=view.of_state(state.values)))


@router.get("/v1/declarations/{case}/history", summary="Every act on a declaration, in order")
def declaration_history(
    facade: FacadeDep, caller: SignedInDep, case: Case, as_of: AsOf = None, after: Cursor = None, limit: Limit = 100
) -> HistoryOut:
    """Every act on the case and on its permits, debts and documents that the caller may see.

    A page holds fewer acts than asked for where some are not for the caller.
    """
    found, view = readable(facade, caller, case)
    entity, until = declaration_entity(found), instant_of(as_of)
    page = facade.history.of_declaration(found, until_time=until, after=_begin(after, entity, until), limit=limit)
    shown = [seen for act in page.acts if (seen := act.seen_by(view)) is not None]
    return HistoryOut.of(entity, replace(page, acts=shown), facade.names, until)


@router.get("/v1/permits/{permit}", summary="A permit's state and balances")
def permit(facade: FacadeDep, caller: SignedInDep, permit: Permit, as_of: AsOf = None) -> PermitStateOut:
    """Head, standing and balances of a permit, all read at one block."""
    wanted = bytes.fromhex(permit[2:])
    facade.rights.permit(caller, wanted)
    return PermitStateOut.of(facade.states.permit(wanted, at=instant_of(as_of)))


@router.get("/v1/permits/{permit}/history", summary="Every act on a permit, in order")
def permit_history(
    facade: FacadeDep, caller: SignedInDep, permit: Permit, as_of: AsOf = None, after: Cursor = None, limit: Limit = 100
) -> HistoryOut:
    """Every act on the permit and every use of it; of a declaration that cites others too, the use of this one."""
    wanted = bytes.fromhex(permit[2:])
    facade.rights.permit(caller, wanted)
    entity, until = permit_entity(wanted), instant_of(as_of)
    page = facade.history.of_entity(entity, until_time=until, after=_begin(after, entity, until), limit=limit)
    shown = [act.telling(of_permit_act(wanted, act.event.contract_name, act.event.args)) for act in page.acts]
    return HistoryOut.of(entity, replace(page, acts=shown), facade.names, until)


@router.get("/v1/documents/{record}/history", summary="Every act that names a document, in order")
def document_history(
    facade: FacadeDep, caller: SignedInDep, record: Record, as_of: AsOf = None, after: Cursor = None, limit: Limit = 100
) -> HistoryOut:
    """Changes of its status, and acts that cite it: for its issuer, the issuer's supervisor, customs and auditors."""
    wanted = RecordId(bytes.fromhex(record[2:]))
    facade.rights.use_of_document(caller, wanted)
    entity, until = document_entity(wanted), instant_of(as_of)
    page = facade.history.of_entity(entity, until_time=until, after=_begin(after, entity, until), limit=limit)
    return HistoryOut.of(entity, page, facade.names, until)


@router.get("/v1/documents/{issuer}/{record}", summary="A document's standing")
def document(facade: FacadeDep, _: SignedInDep, issuer: Issuer, record: Record, as_of: AsOf = None) -> DocumentStateOut:
    """The last change of a record's status, by its id, which only who was given the record knows; in words, too.

    `state` is SUSPENDED, SUSPENDED_BY_AUTHORITY, REVOKED, SUPERSEDED, REINSTATED, or UNKNOWN where no change is
    registered: a record that was never issued looks the same as one in force. `POST /v1/verify` judges its proof.
    """
    return DocumentStateOut.of(
        facade.states.document(ParticipantId(issuer), RecordId(bytes.fromhex(record[2:])), at=instant_of(as_of))
    )


def readable(facade: Facade, caller: Caller, text: str) -> tuple[CaseId, DeclarationView]:
    """A declaration by id or MRN, and what the caller may see of it.

    Raises:
        NotFound: It is not there or not for the caller, in the same words.
    """
    try:
        case = case_named(facade, text)
        return case, facade.rights.declaration(caller, case)
    except NotFound as error:
        raise NotFound("declaration", text) from error


def case_named(facade: Facade, text: str, path: str = "/path/case") -> CaseId:
    """A declaration by id or MRN, which the request has at `path`.

    Raises `NotFound` for an unknown MRN, `Malformed` for a number beyond 64 bits.
    """
    if len(text) == MRN_CHARACTERS and not text.isdigit():
        return facade.states.case_of(text)
    case = int(text)
    if case >= 1 << 64:
        raise Malformed(Fault("number_range", path, "a declaration id has 64 bits"))
    return CaseId(case)


def _begin(after: str | None, entity: str, until: int | None) -> Position | None:
    with under("/query"):
        return read_page(after, entity, until)
