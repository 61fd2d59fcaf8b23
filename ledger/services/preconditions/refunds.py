"""What the law asks of acts on refunds (domain guide 4.3), as the DebtLedger has it. Amounts are in minor units."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.domain.debt import NEXT_REFUND, RefundAction, RefundState
from ledger.domain.errors import ActRefused
from ledger.domain.reason_codes import DebtReason
from ledger.domain.roles import Role
from ledger.services.preconditions.asked import PARTICIPANTS, AskedAct, NotTold, Precondition
from ledger.services.preconditions.common import (
    an_amount,
    at_most,
    given,
    in_force,
    may,
    moved_by,
    reason_among,
    wherever,
)
from ledger.services.preconditions.debts import HOLDERS, known_reason, twin

SCOPE_CLAIM: Final = 4
"""Scope of a power of attorney."""
CLAIM_PERIOD_S: Final = 1096 * 86_400
"""Three years, one of them a leap year: from the payment to a claim, and from a refusal to its appeal."""
REVIEWERS: Final = Role.CUSTOMS_REVENUE | Role.CUSTOMS_APPEAL
"""Revenue, or appeals once one has overturned."""


def _refund(asked: AskedAct) -> Any:
    return asked.kept("refundOf", asked.args["refund"])


def _payment(asked: AskedAct) -> Any:
    found = asked.entity("paymentOf", asked.args["payment"])
    if not found["paidAt"]:
        raise NotTold
    return found


def by_the_payer(asked: AskedAct) -> Iterator[ActRefused]:
    """The payment is the actor's participant's, or its client's who let it claim."""
    refund = _refund(asked) if "refund" in asked.args else None
    payment = asked.args["payment"] if refund is None else refund["payment"]
    payer, own = asked.entity("paymentOf", payment)["participant"], asked.participant
    if payer and own != payer and not asked.represents(payer, SCOPE_CLAIM):
        yield ActRefused("NotPayer", {"payment": payment, "payer": payer, "actor": own})


def claimed_in_time(asked: AskedAct) -> Iterator[ActRefused]:
    """Three years from the payment have not passed."""
    yield from _in_time(asked, _payment(asked)["paidAt"])


def appealed_in_time(asked: AskedAct) -> Iterator[ActRefused]:
    """Three years from the refusal have not passed."""
    yield from _in_time(asked, _refund(asked)["refusedAt"])


def _in_time(asked: AskedAct, since: int) -> Iterator[ActRefused]:
    if asked.head.time > since + CLAIM_PERIOD_S:
        yield ActRefused("TooLate", {"since": since, "latest": since + CLAIM_PERIOD_S})


def enough_paid(asked: AskedAct) -> Iterator[ActRefused]:
    """As much of the payment is left as is claimed, or claimed again by an appeal."""
    refund = _refund(asked) if "refund" in asked.args else None
    payment = asked.args["payment"] if refund is None else refund["payment"]
    amount = asked.args["amount"] if refund is None else refund["claimed"]
    found = asked.entity("paymentOf", payment)
    left = found["amount"] - found["claimed"]
    if found["paidAt"] and amount > left:
        yield ActRefused("NotEnoughPaid", {"payment": payment, "left": left, "asked": amount})


def refund_office(asked: AskedAct) -> Iterator[ActRefused]:
    """An officer of the office of the case that was overpaid."""
    office = asked.entity("caseOf", _refund(asked)["caseId"])["office"]
    if office != asked.office:
        yield ActRefused("WrongOffice", {"office": asked.office, "ofCase": office})


def of_neither_side(asked: AskedAct) -> Iterator[ActRefused]:
    """Not an officer of the debtor, nor of the payer."""
    refund = _refund(asked)
    debtor = asked.entity("caseOf", refund["caseId"])["debtor"]
    payer = asked.entity("paymentOf", refund["payment"])["participant"]
    if asked.participant in (debtor, payer):
        yield ActRefused("OwnDebt", {"participant": asked.participant})


def another_than(*names: str) -> Precondition:
    """Not one of those who decided before."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        if asked.actor in [_refund(asked)[name] for name in names]:
            yield ActRefused("SamePerson", {"actor": asked.actor})

    return judge


def _holds_office(asked: AskedAct) -> bool:
    answer = asked.ask(PARTICIPANTS, "authorise", _refund(asked)["reviewer"], int(REVIEWERS))
    return not isinstance(answer, ActRefused)


def reviewer_in_office(asked: AskedAct) -> Iterator[ActRefused]:
    """The first of the two persons still has its roles."""
    if _refund(asked)["state"] == RefundState.IN_REVIEW and not _holds_office(asked):
        values = {"key": _refund(asked)["reviewer"], "anyOf": int(REVIEWERS), "instant": asked.head.time}
        yield ActRefused("NotAuthorised", values)


def no_reviewer_in_office(asked: AskedAct) -> Iterator[ActRefused]:
    """Nobody reviews it, or somebody who has lost its roles."""
    state = _refund(asked)["state"]
    if state == RefundState.IN_REVIEW and _holds_office(asked):
        yield ActRefused("RefundStateForbids", {"refund": asked.args["refund"], "state": state})


def nothing_owed_again(asked: AskedAct) -> Iterator[ActRefused]:
    """The case whose payment goes back owes nothing, or is what it is set off against."""
    case_id = _refund(asked)["caseId"]
    owed = twin(asked.entity("caseOf", case_id)).owed
    if owed and asked.args.get("offsetCase") != case_id:
        yield ActRefused("StillOwed", {"caseId": case_id, "owed": owed})


def enough_credit(asked: AskedAct) -> Iterator[ActRefused]:
    """As much was paid over what is assessed as is to be approved."""
    case_id, amount = _refund(asked)["caseId"], asked.args["amount"]
    credit = twin(asked.entity("caseOf", case_id)).credit
    if amount > credit:
        yield ActRefused("NotEnoughCredit", {"caseId": case_id, "credit": credit, "asked": amount})


def above_the_refusing_office(asked: AskedAct) -> Iterator[ActRefused]:
    """The appeal is decided from a higher office."""
    than = _refund(asked)["refusingOffice"]
    if not asked.tell(PARTICIPANTS, "isHigherOffice", asked.office, than):
        yield ActRefused("NotHigherOffice", {"office": asked.office, "than": than})


def consented(asked: AskedAct) -> Iterator[ActRefused]:
    """The payer agreed to a set-off, and owes the other debt itself."""
    refund, case_id = _refund(asked), asked.args["offsetCase"]
    if not refund["offsetConsent"]:
        yield ActRefused("NoConsent", {"refund": asked.args["refund"]})
    payer = asked.entity("paymentOf", refund["payment"])["participant"]
    debtor = asked.kept("caseOf", case_id)["debtor"]
    if debtor != payer:
        yield ActRefused("NotDebtor", {"caseId": case_id, "debtor": debtor, "payer": payer})


def _refund_step(action: RefundAction) -> tuple[Precondition, ...]:
    return (
        in_force(lambda asked: int(_refund(asked)["version"])),
        moved_by(
            NEXT_REFUND,
            action,
            lambda asked: int(_refund(asked)["state"]),
            lambda asked, state: ActRefused("RefundStateForbids", {"refund": asked.args["refund"], "state": state}),
        ),
    )


def _overturns(asked: AskedAct) -> bool:
    return bool(asked.args["overturn"])


REFUND_ACTS: Final[Mapping[str, tuple[Precondition, ...]]] = {
    "claimRefund": (
        may(HOLDERS),
        by_the_payer,
        reason_among(DebtReason.OVERPAID, DebtReason.TARIFF_CORRECTION, name="ground"),
        given("basis", "BasisNeeded"),
        an_amount,
        claimed_in_time,
        enough_paid,
    ),
    "reviewRefund": (
        *_refund_step(RefundAction.REVIEW),
        may(Role.CUSTOMS_REVENUE),
        refund_office,
        of_neither_side,
        no_reviewer_in_office,
    ),
    "approveRefund": (
        *_refund_step(RefundAction.APPROVE),
        may(Role.CUSTOMS_REVENUE),
        refund_office,
        of_neither_side,
        another_than("reviewer"),
        reviewer_in_office,
        known_reason,
        an_amount,
        at_most(lambda asked: int(_refund(asked)["claimed"])),
        enough_credit,
    ),
    "refuseRefund": (
        *_refund_step(RefundAction.REFUSE),
        may(Role.CUSTOMS_REVENUE),
        refund_office,
        of_neither_side,
        another_than("reviewer"),
        reviewer_in_office,
        known_reason,
    ),
    "appealRefund": (
        *_refund_step(RefundAction.APPEAL),
        may(HOLDERS),
        by_the_payer,
        appealed_in_time,
        enough_paid,
    ),
    "decideRefundAppeal": (
        may(Role.CUSTOMS_APPEAL),
        wherever(_overturns, *_refund_step(RefundAction.OVERTURN)),
        wherever(lambda asked: not _overturns(asked), *_refund_step(RefundAction.UPHOLD)),
        another_than("reviewer", "decider"),
        of_neither_side,
        above_the_refusing_office,
        known_reason,
    ),
    "payRefund": (
        *_refund_step(RefundAction.PAY),
        may(Role.CUSTOMS_REVENUE),
        refund_office,
        of_neither_side,
        nothing_owed_again,
    ),
    "offsetRefund": (
        consented,
        *_refund_step(RefundAction.SET_OFF),
        may(Role.CUSTOMS_REVENUE),
        refund_office,
        of_neither_side,
        nothing_owed_again,
    ),
}
"""Acts of the DebtLedger on refunds, each with all that can be judged of it from outside."""
