"""Lists of declarations and permits, and what one declaration's versions and holds are."""

from collections.abc import Callable

from fastapi import APIRouter

from api.access import SignedInDep
from api.deps import FacadeDep
from api.listing import (
    ApplicationState,
    AsOf,
    DeclarationState,
    DocumentType,
    Listing,
    ListingDep,
    Office,
    PermitState,
    RecordState,
    Regime,
    Someone,
    instant_of,
    parties,
    words,
)
from api.routes.ledger import Case, readable
from api.schemas.base import BlockOut
from api.schemas.held import HeldOut
from api.schemas.pages import PageOut
from api.schemas.rows import (
    ApplicationOut,
    BatchOut,
    DeclarationOut,
    PermitOut,
    RecordStatusOut,
    VersionOut,
    VersionsOut,
)
from api.tagged import Tagged
from ledger.domain.events import declaration_entity
from ledger.domain.ids import CaseId
from ledger.domain.rights import ALL_CASES
from ledger.ports.state_store import Issued, Row
from ledger.services import reach
from ledger.services.queries import Asked

router = APIRouter(tags=["ledger"], route_class=Tagged)


@router.get("/v1/declarations", summary="Declarations")
def declarations(
    listing: ListingDep,
    declarant: Someone = None,
    importer: Someone = None,
    carrier: Someone = None,
    agency: Someone = None,
    state: DeclarationState = None,
    office: Office = None,
    regime: Regime = None,
) -> PageOut[DeclarationOut]:
    """A trader's own; an agency's, the heads of those on which it was asked; all, for customs and auditors.

    To an agency that stands in another's place also those with checks that wait for that one: they are left out page
    by page once decided, so that a page may be shorter than `limit` though more follow.
    """
    whose = parties(declarant=declarant, importer=importer, carrier=carrier, agency=agency)
    reader = reach.of_cases(listing.caller)
    waiting = [Issued(agency, None) for agency in listing.facade.rights.stands_for(listing.caller)]
    asked = Asked("declaration", reader, whose, words(state), office, regime=regime, inherited=waiting)
    return listing.page(asked, DeclarationOut.shown_to(reader), only=_still_waits(listing))


def _still_waits(listing: Listing) -> Callable[[Row], bool]:
    """Whether a row is the caller's own, or still waits for an agency in whose place it stands."""
    caller, may_read = listing.caller, listing.facade.rights.may_read_declaration

    def waits(row: Row) -> bool:
        own = caller.has_any(ALL_CASES) or str(caller.participant) in row.state["parties"]
        return own or may_read(caller, CaseId(int(row.entity.partition(":")[2])))

    return waits


@router.get("/v1/declarations/{case}/versions", summary="A declaration's legal versions")
def versions(facade: FacadeDep, caller: SignedInDep, case: Case, as_of: AsOf = None) -> VersionsOut:
    """Every version that took effect, the oldest first; none is ever overwritten."""
    found, view = readable(facade, caller, case)
    moment = facade.queries.moment(instant_of(as_of))
    row = facade.queries.row(declaration_entity(found), moment)
    shown = [VersionOut.of_state(version, facade.names) for version in row.state["versions"]]
    if not view.shows_header:  # an agency was given its items, not the declaration
        shown = [version.model_copy(update={"data_record": None}) for version in shown]
    return VersionsOut(as_of=BlockOut.of(moment.block), case=str(found), versions=shown)


@router.get("/v1/declarations/{case}/held", summary="Why goods are held")
def held(facade: FacadeDep, caller: SignedInDep, case: Case, as_of: AsOf = None) -> HeldOut:
    """Everything that stands against the release, item by item, with who can do something about it.

    All of it is read from the contracts at one block; before acceptance, what the procedure will ask for stands in the
    rule book in force. What another agency has not decided yet is not told to an agency, nor what is due to who is no
    party to the debt.
    """
    found, view = readable(facade, caller, case)
    state = facade.states.declaration(found, at=instant_of(as_of))
    return HeldOut.of(state.block, view.of_state(state.values), facade.names, is_whole=view.is_whole)


@router.get("/v1/permits", summary="Permits with their balances")
def permits(
    listing: ListingDep,
    holder: Someone = None,
    applicant: Someone = None,
    agency: Someone = None,
    state: PermitState = None,
    document_type: DocumentType = None,
) -> PageOut[PermitOut]:
    """Permits that the caller issued, applied for, used or took over; all, for customs and auditors."""
    whose = parties(holder=holder, applicant=applicant, issuer=agency)
    taken_over = listing.facade.rights.reassigned_to(listing.caller)
    reader = reach.of_cases(listing.caller)
    asked = Asked("permit", reader, whose, words(state), None, document_type, inherited=taken_over)
    return listing.page(asked, PermitOut.of)


@router.get("/v1/permit-applications", summary="Applications for permits")
def applications(
    listing: ListingDep,
    applicant: Someone = None,
    agency: Someone = None,
    state: ApplicationState = None,
    document_type: DocumentType = None,
) -> PageOut[ApplicationOut]:
    """Applications by the caller, addressed to it, or to an agency that it stands in for."""
    whose = parties(applicant=applicant, agency=agency)
    waiting = listing.facade.rights.waiting_for_others(listing.caller)
    reader = reach.of_cases(listing.caller)
    asked = Asked("application", reader, whose, words(state), None, document_type, inherited=waiting)
    return listing.page(asked, ApplicationOut.of)


@router.get("/v1/documents", summary="Batches of documents that issuers anchored")
def documents(listing: ListingDep, issuer: Someone = None, document_type: DocumentType = None) -> PageOut[BatchOut]:
    """The caller's own; all, for customs and auditors."""
    asked = Asked("anchor", reach.of_cases(listing.caller), parties(issuer=issuer), (), None, document_type)
    return listing.page(asked, BatchOut.of)


@router.get("/v1/document-statuses", summary="Documents whose status changed")
def statuses(listing: ListingDep, issuer: Someone = None, state: RecordState = None) -> PageOut[RecordStatusOut]:
    """Suspended, revoked or superseded documents of the caller; of all, for customs and auditors."""
    asked = Asked("record", reach.of_cases(listing.caller), parties(issuer=issuer), words(state))
    return listing.page(asked, RecordStatusOut.of)
