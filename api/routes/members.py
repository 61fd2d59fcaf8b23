"""Participants, their keys, powers of attorney, and the rule book."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Path

from api.access import SignedInDep
from api.deps import FacadeDep
from api.listing import (
    AsOf,
    KeyState,
    Listing,
    ListingDep,
    ParticipantState,
    PowerState,
    RegimeState,
    RuleState,
    Shown,
    Someone,
    instant_of,
    parties,
    words,
)
from api.schemas.base import BlockOut
from api.schemas.pages import PageOut, RuleBookPageOut
from api.schemas.rows import CodeListOut, KeyOut, OneParticipantOut, ParticipantOut, PowerOut, RegimeOut, RuleOut
from api.tagged import Tagged
from ledger.domain.caller import Caller
from ledger.domain.events import participant_entity
from ledger.domain.ids import ParticipantId
from ledger.domain.plain import instant
from ledger.domain.profiles import Names
from ledger.domain.rights import may_read_participant
from ledger.ports.state_store import Row
from ledger.services import reach
from ledger.services.queries import Asked, Moment

router = APIRouter(tags=["members"], route_class=Tagged)

RULE_BOOK: Final = "RuleRegistry"

Participant = Annotated[int, Path(ge=1, lt=2**53, description="Participant.")]


@router.get("/v1/participants", summary="Participants")
def participants(listing: ListingDep, state: ParticipantState = None) -> PageOut[ParticipantOut]:
    """Who takes part, in which roles, accredited for what; authorisations only of those that the caller may see."""
    return listing.page(Asked("participant", statuses=words(state)), _shown_to(listing.caller))


@router.get("/v1/participants/{participant}", summary="A participant")
def participant(
    facade: FacadeDep, caller: SignedInDep, participant: Participant, as_of: AsOf = None
) -> OneParticipantOut:
    """Standing, roles, accreditations and, for who may see them, AEO authorisation and broker's licence."""
    moment = facade.queries.moment(instant_of(as_of))
    row = facade.queries.row(participant_entity(ParticipantId(participant)), moment)
    shown = _shown_to(caller)(row, moment, facade.names)
    return OneParticipantOut(as_of=BlockOut.of(moment.block), participant=shown)


@router.get("/v1/participants/{participant}/keys", summary="A participant's keys")
def keys(listing: ListingDep, participant: Participant, state: KeyState = None) -> PageOut[KeyOut]:
    """Keys that act, or acted, in its name."""
    asked = Asked("key", parties=parties(owner=participant), statuses=words(state))
    return listing.page(asked, KeyOut.of)


@router.get("/v1/powers", summary="Powers of attorney")
def powers(
    listing: ListingDep,
    client: Someone = None,
    broker: Someone = None,
    state: PowerState = None,
) -> PageOut[PowerOut]:
    """Who may act for whom: the caller's own, or all for who supervises them."""
    whose = parties(client=client, broker=broker)
    asked = Asked("power", reach.of_authorisations(listing.caller), whose, words(state))
    return listing.page(asked, PowerOut.of)


@router.get("/v1/rules", summary="Rules in force")
def rules(listing: ListingDep, state: RuleState = None) -> RuleBookPageOut[RuleOut]:
    """Agencies and permits that commodity groups ask for, by regime; and the rule book's version."""
    return _in_book(listing, Asked("rule", statuses=words(state or "IN_FORCE")), RuleOut.of)


@router.get("/v1/regimes", summary="Customs procedures")
def regimes(listing: ListingDep, state: RegimeState = None) -> RuleBookPageOut[RegimeOut]:
    """What each procedure asks for, whatever the goods; and the rule book's version."""
    return _in_book(listing, Asked("regime", statuses=words(state)), RegimeOut.of)


@router.get("/v1/code-lists", summary="Code lists and tables of rates")
def code_lists(listing: ListingDep) -> RuleBookPageOut[CodeListOut]:
    """Each by the SHA-256 of the document that holds it: whoever has the document can prove it is the one in force."""
    return _in_book(listing, Asked("code_list"), CodeListOut.of)


def _in_book(listing: Listing, asked: Asked, show: Callable[[Row, Moment, Names], Shown]) -> RuleBookPageOut[Shown]:
    page, reader = listing.page(asked, show), listing.facade.reader
    block_time = instant(page.as_of.time, path="/as_of")
    version = reader.call(RULE_BOOK, "versionAt", (block_time,), at=reader.head())
    return RuleBookPageOut[Shown](as_of=page.as_of, items=page.items, next=page.next, rule_version=version)


def _shown_to(caller: Caller) -> Callable[[Row, Moment, Names], ParticipantOut]:
    def show(row: Row, moment: Moment, names: Names) -> ParticipantOut:
        if may_read_participant(caller, ParticipantId(row.state["participant"])):
            return ParticipantOut.of(row, moment, names)
        hidden = {"aeo": None, "licence": None, "status": row.status(moment.at)}
        return ParticipantOut.of_state({**row.state, **hidden}, names)

    return show
