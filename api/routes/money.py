"""Debts, payments, guarantees, refunds; a trader's account; the settlement token's supply."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.access import SignedInDep
from api.deps import FacadeDep
from api.listing import (
    AsOf,
    DebtState,
    GuaranteeState,
    ListingDep,
    MoveState,
    Office,
    RefundState,
    Someone,
    instant_of,
    parties,
    words,
)
from api.places import under
from api.schemas.money import AccountOut, StatementOut, SupplyOut
from api.schemas.pages import PageOut
from api.schemas.rows import BankMoveOut, DebtOut, GuaranteeOut, PaymentOut, RefundOut
from api.tagged import Tagged
from ledger.domain.ids import ParticipantId
from ledger.domain.plain import instant
from ledger.services import reach
from ledger.services.queries import Asked

router = APIRouter(tags=["money"], route_class=Tagged)

Account = Annotated[int, Path(ge=1, lt=2**53, description="Participant whose account it is.")]
From = Annotated[str, Query(alias="from", description="First second: RFC 3339, or unix seconds; 0 is the beginning.")]
Until = Annotated[str | None, Query(description="Last second of the period; now, if not given.")]


@router.get("/v1/debts", summary="Debts")
def debts(
    listing: ListingDep, debtor: Someone = None, state: DebtState = None, office: Office = None
) -> PageOut[DebtOut]:
    """Of the caller's declarations; all, for customs, treasury and auditors."""
    asked = Asked("debt", reach.of_money(listing.caller), parties(debtor=debtor), words(state), office)
    return listing.page(asked, DebtOut.of)


@router.get("/v1/payments", summary="Payments")
def payments(listing: ListingDep, payer: Someone = None, debtor: Someone = None) -> PageOut[PaymentOut]:
    """Payments by the caller, or on its debts."""
    asked = Asked("payment", reach.of_money(listing.caller), parties(payer=payer, debtor=debtor))
    return listing.page(asked, PaymentOut.of)


@router.get("/v1/guarantees", summary="Guarantees")
def guarantees(
    listing: ListingDep,
    guarantor: Someone = None,
    principal: Someone = None,
    state: GuaranteeState = None,
) -> PageOut[GuaranteeOut]:
    """Guarantees that the caller gave, or that secure its debts."""
    asked = Asked(
        "guarantee", reach.of_money(listing.caller), parties(guarantor=guarantor, principal=principal), words(state)
    )
    return listing.page(asked, GuaranteeOut.of)


@router.get("/v1/refunds", summary="Refund claims")
def refunds(listing: ListingDep, payer: Someone = None, state: RefundState = None) -> PageOut[RefundOut]:
    """Claims of the caller, or on its debts."""
    asked = Asked("refund", reach.of_money(listing.caller), parties(payer=payer), words(state))
    return listing.page(asked, RefundOut.of)


@router.get("/v1/accounts/{participant}", summary="A trader's account")
def account(facade: FacadeDep, caller: SignedInDep, participant: Account, as_of: AsOf = None) -> AccountOut:
    """What it owes over all its cases and offices, and what it prepaid."""
    owner = ParticipantId(participant)
    reach.insist_on_account(caller, owner)
    moment, balance = facade.accounts.balance(owner, as_of=instant_of(as_of))
    return AccountOut.of(owner, moment.block, balance, facade.names)


@router.get("/v1/accounts/{participant}/statement", summary="A trader's statement of account")
def statement(
    facade: FacadeDep, caller: SignedInDep, participant: Account, first: From = "0", until: Until = None
) -> StatementOut:
    """Opening balance, every movement and closing balance of a period, of what is owed and of the prepaid account."""
    owner = ParticipantId(participant)
    reach.insist_on_account(caller, owner)
    with under("/query"):
        last = None if until is None else instant(until, path="/until")
        found = facade.accounts.statement(owner, first=instant(first, path="/from"), last=last)
    return StatementOut.of(found, facade.names)


@router.get("/v1/settlement/supply", summary="Supply of the settlement token")
def supply(facade: FacadeDep, caller: SignedInDep, as_of: AsOf = None) -> SupplyOut:
    """Minted less redeemed, for comparison with the bank's statement. A difference is shown, never corrected here."""
    reach.insist_on_money(caller)
    moment = facade.queries.moment(instant_of(as_of))
    return SupplyOut.of(moment.block, facade.queries.supply(moment))


@router.get("/v1/settlement/moves", summary="What was minted and redeemed")
def moves(listing: ListingDep, state: MoveState = None) -> PageOut[BankMoveOut]:
    """Each against its bank reference, once."""
    reach.insist_on_money(listing.caller)
    return listing.page(Asked("bank_move", statuses=words(state)), BankMoveOut.of)
