"""What the auditor looks through: acts entered after a fallback, and acts of keys in wrong hands."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.access import SignedInDep
from api.cursors import read_page
from api.deps import FacadeDep
from api.listing import Cursor, FallbackState, Limit, ListingDep, words
from api.places import under
from api.schemas.ledger import HistoryOut
from api.schemas.pages import PageOut
from api.schemas.rows import CompromisedKeyOut, FallbackOut
from api.tagged import Tagged
from ledger.domain.events import key_entity
from ledger.domain.ids import Address
from ledger.services import reach
from ledger.services.queries import Asked

router = APIRouter(tags=["audit"], route_class=Tagged)

Key = Annotated[str, Path(pattern="^0x[0-9a-fA-F]{40}$", description="Key, EIP-55.")]


@router.get("/v1/audit/fallbacks", summary="Acts done on paper and entered later")
def fallbacks(listing: ListingDep, state: FallbackState = None) -> PageOut[FallbackOut]:
    """Each with both instants, who entered it and who confirmed it (domain guide 4.9)."""
    reach.insist_on_audit(listing.caller)
    return listing.page(Asked("fallback", statuses=words(state)), FallbackOut.of)


@router.get("/v1/audit/compromised-keys", summary="Keys that were in wrong hands")
def compromised(listing: ListingDep) -> PageOut[CompromisedKeyOut]:
    """Since when, and when it was noticed."""
    reach.insist_on_audit(listing.caller)
    return listing.page(Asked("key", statuses=("COMPROMISED",)), CompromisedKeyOut.of)


@router.get("/v1/audit/compromised-keys/{key}/acts", summary="Acts between a key's compromise and its notice")
def acts(facade: FacadeDep, caller: SignedInDep, key: Key, after: Cursor = None, limit: Limit = 100) -> HistoryOut:
    """For review: the ledger undoes none of them by itself (domain guide 4.9)."""
    reach.insist_on_audit(caller)
    entity = key_entity(Address(key))
    with under("/query"):
        begin = read_page(after, entity, None)
    return HistoryOut.of(entity, facade.history.of_compromised(Address(key), after=begin, limit=limit), facade.names)
