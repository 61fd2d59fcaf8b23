"""What the law asks of acts on guarantees (domain guide 4.3), as the DebtLedger has it. Amounts are in minor units."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.domain.debt import FiscalState, GuaranteeState
from ledger.domain.errors import ActRefused
from ledger.domain.reason_codes import DebtReason
from ledger.domain.roles import Role
from ledger.services.preconditions.asked import AskedAct, Precondition
from ledger.services.preconditions.common import an_amount, in_force, may, payable, reason_among, wherever
from ledger.services.preconditions.debts import (
    debt_of,
    due,
    known_reason,
    of_office,
    of_others,
    officers,
    simplified,
    something_owed,
    twin,
)

CASH_DEPOSIT: Final = 0
WAIVER: Final = 4
"""Types of security (domain guide 3.9)."""
_G = GuaranteeState


def _guarantee(asked: AskedAct) -> Any:
    return asked.kept("guaranteeOf", asked.args["guarantee"])


def _worth(asked: AskedAct) -> int:
    _guarantee(asked)
    return int(asked.tell(asked.target, "guaranteeStateAt", asked.args["guarantee"], asked.head.time))


def ends_later(asked: AskedAct) -> Iterator[ActRefused]:
    """The guarantee has not ended before it begins."""
    until = asked.args["validUntil"]
    if until < asked.head.time:
        yield ActRefused("BadGuaranteeEnd", {"validUntil": until, "now_": asked.head.time})


def by_its_guarantor(asked: AskedAct) -> Iterator[ActRefused]:
    """The guarantee is the actor's participant's."""
    guarantor, own = _guarantee(asked)["guarantor"], asked.participant
    if guarantor != own:
        values = {"guarantee": asked.args["guarantee"], "guarantor": guarantor, "actor": own}
        yield ActRefused("NotGuarantor", values)


def guarantee_is(*allowed: GuaranteeState) -> Precondition:
    """The guarantee is worth what the act needs, now."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        state = _worth(asked)
        if state not in allowed:
            yield ActRefused("GuaranteeStateForbids", {"guarantee": asked.args["guarantee"], "state": state})

    return judge


def not_given_notice(asked: AskedAct) -> Iterator[ActRefused]:
    """No notice of cancellation is running."""
    state = _worth(asked)
    if _guarantee(asked)["cancelledFrom"] and state in (_G.OFFERED, _G.ACTIVE):
        yield ActRefused("GuaranteeStateForbids", {"guarantee": asked.args["guarantee"], "state": state})


def something_pending(asked: AskedAct) -> Iterator[ActRefused]:
    """Something was offered that nobody decided on."""
    if not _guarantee(asked)["pending"]:
        yield ActRefused("NothingPending", {"guarantee": asked.args["guarantee"]})


def something_to_return(asked: AskedAct) -> Iterator[ActRefused]:
    """Something is free, or offered and not decided on."""
    cover = _guarantee(asked)
    if not cover["free"] + cover["pending"]:
        yield ActRefused("ZeroAmount", {})


def security_of_others(asked: AskedAct) -> Iterator[ActRefused]:
    """Not an officer of who gives the security, or is given it."""
    cover = _guarantee(asked)
    if asked.participant in (cover["guarantor"], cover["principal"]):
        yield ActRefused("OwnDebt", {"participant": asked.participant})


def waiver_allowed(asked: AskedAct) -> Iterator[ActRefused]:
    """A waiver is for operators with the simplification, when it is accepted and whenever it secures."""
    cover = _guarantee(asked)
    if cover["securityType"] != WAIVER:
        return
    operator_type = asked.args.get("operatorType", cover["operatorType"])
    if not simplified(asked, cover["principal"], operator_type):
        yield ActRefused("WaiverNotAllowed", {"principal": cover["principal"]})


def covers_the_case(asked: AskedAct) -> Iterator[ActRefused]:
    """The guarantee is for this debtor, and for this case or for all."""
    cover, case_id = _guarantee(asked), asked.args["caseId"]
    if cover["principal"] != debt_of(asked)["debtor"] or cover["caseId"] not in (0, case_id):
        yield ActRefused("NotSecuredBy", {"guarantee": asked.args["guarantee"], "caseId": case_id})


def enough_free(asked: AskedAct) -> Iterator[ActRefused]:
    """The guarantee has as much free as is to be reserved (response 14)."""
    free, amount = _guarantee(asked)["free"], asked.args["amount"]
    if free < amount:
        yield ActRefused("NotEnoughFree", {"guarantee": asked.args["guarantee"], "free": free, "asked": amount})


def enough_secured(asked: AskedAct) -> Iterator[ActRefused]:
    """The guarantee holds as much for the case as is to be moved."""
    yield from _secured(asked, asked.args["amount"])


def something_secured(asked: AskedAct) -> Iterator[ActRefused]:
    """The guarantee holds something for the case; a call takes no more."""
    yield from _secured(asked, 1)


def _secured(asked: AskedAct, needed: int) -> Iterator[ActRefused]:
    guarantee, case_id, amount = asked.args["guarantee"], asked.args["caseId"], asked.args["amount"]
    _guarantee(asked)
    reserved = asked.tell(asked.target, "reservedFor", guarantee, case_id)
    if reserved < needed:
        values = {"guarantee": guarantee, "caseId": case_id, "reserved": reserved, "asked": amount}
        yield ActRefused("NotEnoughSecured", values)


def of_no_open_condition(asked: AskedAct) -> Iterator[ActRefused]:
    """While goods are out under a condition their security is for customs alone to free."""
    debt = debt_of(asked)
    if debt["bound"] and asked.roles & Role.DECLARANT and asked.participant == debt["debtor"]:
        yield ActRefused("ConditionOpen", {"caseId": asked.args["caseId"]})


def all_that_is_spare(asked: AskedAct) -> Iterator[ActRefused]:
    """A debtor frees all that its debt does not need of the guarantee, and something."""
    found, case_id = debt_of(asked), asked.args["caseId"]
    if not asked.roles & Role.DECLARANT or asked.participant != found["debtor"]:
        return
    owed = twin(found).owed
    spare = max(0, found["secured"] - owed)
    if spare == 0:
        yield ActRefused("StillNeeded", {"caseId": case_id, "owed": owed})
        return
    spare = min(spare, asked.tell(asked.target, "reservedFor", asked.args["guarantee"], case_id))
    if asked.args["amount"] < spare:
        yield ActRefused("NotAllSpare", {"caseId": case_id, "spare": spare})


def _calls(asked: AskedAct) -> tuple[int, int, int]:
    """What is called of the guarantee for the case; what of all calls its guarantor, and any, has not paid."""
    called, of_guarantor, of_case = asked.tell(asked.target, "callsOf", asked.args["guarantee"], asked.args["caseId"])
    return called, of_guarantor, of_case


def not_all_called(asked: AskedAct) -> Iterator[ActRefused]:
    """More is owed than is called and unpaid already."""
    owed = twin(debt_of(asked)).owed
    *_, called = _calls(asked)
    if owed and called >= owed:
        yield ActRefused("AmountTooLarge", {"amount": asked.args["amount"], "limit": 0})


def called_and_not_owed(asked: AskedAct) -> Iterator[ActRefused]:
    """As much of the call is neither paid by the guarantor nor owed any more."""
    _guarantee(asked)
    called, of_guarantor, of_case = _calls(asked)
    most = min(called, of_guarantor, max(0, of_case - twin(debt_of(asked)).owed))
    guarantee, case_id, amount = asked.args["guarantee"], asked.args["caseId"], asked.args["amount"]
    if amount > most:
        values = {"guarantee": guarantee, "caseId": case_id, "called": most, "asked": amount}
        yield ActRefused("NotEnoughCalled", values)


def of_another_guarantor(asked: AskedAct) -> Iterator[ActRefused]:
    """Not an officer of who gives the security."""
    if asked.roles & Role.CUSTOMS_REVENUE and asked.participant == _guarantee(asked)["guarantor"]:
        yield ActRefused("OwnDebt", {"participant": asked.participant})


_guarantors = (may(Role.GUARANTOR | Role.DECLARANT), by_its_guarantor)
_cited = in_force(lambda asked: int(_guarantee(asked)["version"]))
_pending = (
    may(Role.CUSTOMS_REVENUE),
    security_of_others,
    _cited,
    guarantee_is(_G.OFFERED, _G.ACTIVE),
    something_pending,
)

GUARANTEE_ACTS: Final[Mapping[str, tuple[Precondition, ...]]] = {
    "offerGuarantee": (
        may(Role.GUARANTOR | Role.DECLARANT),
        an_amount,
        ends_later,
        wherever(
            lambda asked: asked.args["securityType"] == CASH_DEPOSIT,
            payable(allowance="NotEnoughAllowance"),
        ),
    ),
    "topUpGuarantee": (
        *_guarantors,
        guarantee_is(_G.OFFERED, _G.ACTIVE),
        an_amount,
        wherever(
            lambda asked: _guarantee(asked)["securityType"] == CASH_DEPOSIT,
            payable(allowance="NotEnoughAllowance"),
        ),
    ),
    "acceptGuarantee": (*_pending, waiver_allowed),
    "refuseGuarantee": (*_pending, reason_among(DebtReason.ARREARS, DebtReason.FALSITY)),  # domain guide 3.9
    "cancelGuarantee": (
        *_guarantors,
        _cited,
        guarantee_is(_G.OFFERED, _G.ACTIVE),
        not_given_notice,
        known_reason,
    ),
    "returnDeposit": (
        *_guarantors,
        _cited,
        guarantee_is(_G.CANCELLED, _G.EXPIRED),
        something_to_return,
    ),
    "secure": (
        *officers,
        an_amount,
        something_owed,
        of_another_guarantor,
        guarantee_is(_G.ACTIVE),
        covers_the_case,
        waiver_allowed,
        enough_free,
    ),
    "freeSecurity": (
        may(Role.CUSTOMS_REVENUE | Role.DECLARANT),
        in_force(lambda asked: int(debt_of(asked)["version"])),
        an_amount,
        all_that_is_spare,
        enough_secured,
        of_no_open_condition,
    ),
    "callGuarantee": (
        *officers,
        known_reason,
        an_amount,
        of_another_guarantor,
        due(FiscalState.ASSESSED, FiscalState.SECURED, FiscalState.OVERDUE, FiscalState.RECOVERY),
        not_all_called,
        something_secured,
    ),
    "takeBackCall": (
        may(Role.CUSTOMS_REVENUE),
        of_office,
        of_others,
        in_force(lambda asked: int(debt_of(asked)["version"])),
        an_amount,
        of_another_guarantor,
        called_and_not_owed,
    ),
}
"""Acts of the DebtLedger on guarantees, each with all that can be judged of it from outside."""
