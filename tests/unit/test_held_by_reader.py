"""Why goods are held, for readers who are told a part of what is missing.

given goods that only the duty holds
  a party should be told so
  a carrier, an agency, or who else is not told of the debt → no reason, and not that nothing is missing
given goods that lack the security for the duty → the same: it tells of the debt
given goods that nothing holds → a party is told that nothing is missing; others that nothing of it is theirs to know
given a contract that did not answer → nobody is told that nothing is missing
"""

from typing import Any

import pytest

from api.schemas.held import HeldOut
from ledger.domain.ids import BlockHash, ParticipantId
from ledger.domain.rights import DeclarationView
from ledger.ports.chain import Head

HEAD = Head(7, BlockHash(bytes(32)), BlockHash(bytes(32)), 1_795_424_400)
TRADER, CARRIER, AGENCY, GUARANTOR = map(ParticipantId, (5, 6, 7, 8))
WHOLE = DeclarationView(TRADER, None, debt=True)
CARRIERS = DeclarationView(CARRIER, None, debt=False)
AGENCYS = DeclarationView(AGENCY, frozenset({1}), debt=False)
GUARANTORS = DeclarationView(GUARANTOR, frozenset(), debt=True)


def held(view: DeclarationView, *codes: str, known: bool = True) -> tuple[bool | None, list[str]]:
    missing = [{"item": 0, "code": code, "agency": 0, "checkCode": 0, "use": 0} for code in codes] if known else None
    state: dict[str, Any] = {"case": "1", "mrn": None, "status": "ACCEPTED", "version": 1, "items": [], "debt": None}
    told = HeldOut.of(HEAD, view.of_state({**state, "missing": missing}), {}, is_whole=view.is_whole)
    return told.is_held, [reason.code for reason in told.reasons]


@pytest.mark.parametrize("code", ["DEBT_UNPAID", "SECURITY_NEEDED"])
def test_the_debt_is_told_to_who_may_know_of_it(code: str) -> None:
    assert held(WHOLE, code) == held(GUARANTORS, code) == (True, [code])
    assert held(CARRIERS, code) == held(AGENCYS, code) == (None, [])
    assert held(CARRIERS, "NOT_ARRIVED", code) == held(AGENCYS, "NOT_ARRIVED", code) == (True, ["NOT_ARRIVED"])


def test_that_nothing_is_missing_is_told_to_who_may_know_of_all() -> None:
    assert held(WHOLE) == (False, [])
    assert held(CARRIERS) == held(AGENCYS) == held(GUARANTORS) == (None, [])
    assert held(WHOLE, known=False) == (None, [])
