"""What the law asks of acts on guarantees (domain guide 4.3), as the DebtLedger has it. Amounts are in minor units."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.domain.debt import FiscalState, GuaranteeState
from ledger.domain.errors import ActRefused
from ledger.domain.roles import Role
from ledger.services.preconditions.asked import AskedAct, Precondition
from ledger.services.preconditions.common import an_amount, at_most, in_force, may, payable, reason_among, wherever
from ledger.services.preconditions.debts import (
    debt_of,
    due,
    known_reason,
    officers,
    simplified,
    something_owed,
    twin,
)

CASH_DEPOSIT: Final = 0
WAIVER: Final = 4
"""Types of security (domain guide 3.9)."""
FIRST_OBJECTION, LAST_OBJECTION = 215, 217
"""Why security may be refused (domain guide 3.9): debt, defects, falsity."""
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
    guarantee, case_id, amount = asked.args["guarantee"], asked.args["caseId"], asked.args["amount"]
    _guarantee(asked)
    reserved = asked.tell(asked.target, "reservedFor", guarantee, case_id)
    if reserved < amount:
        values = {"guarantee": guarantee, "caseId": case_id, "reserved": reserved, "asked": amount}
        yield ActRefused("NotEnoughSecured", values)


def of_no_open_condition(asked: AskedAct) -> Iterator[ActRefused]:
    """While goods are out under a condition their security is for customs alone to free."""
    debt = debt_of(asked)
    if debt["bound"] and asked.roles & Role.DECLARANT and asked.participant == debt["debtor"]:
        yield ActRefused("ConditionOpen", {"caseId": asked.args["caseId"]})


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
    "refuseGuarantee": (*_pending, reason_among(FIRST_OBJECTION, LAST_OBJECTION)),
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
        guarantee_is(_G.ACTIVE),
        covers_the_case,
        waiver_allowed,
        enough_free,
    ),
    "freeSecurity": (
        may(Role.CUSTOMS_REVENUE | Role.DECLARANT),
        in_force(lambda asked: int(debt_of(asked)["version"])),
        an_amount,
        enough_secured,
        of_no_open_condition,
    ),
    "callGuarantee": (
        *officers,
        known_reason,
        an_amount,
        due(FiscalState.ASSESSED, FiscalState.SECURED, FiscalState.OVERDUE, FiscalState.RECOVERY),
        at_most(lambda asked: twin(debt_of(asked)).owed),
        enough_secured,
    ),
}
"""Acts of the DebtLedger on guarantees, each with all that can be judged of it from outside."""
