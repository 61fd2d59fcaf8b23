"""What the law asks of assessments and payments (domain guide 4.3), as the DebtLedger has it.

Amounts are integers in minor units; what a case owes says the twin in `ledger/domain/debt.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.domain.debt import DebtCase, FiscalState
from ledger.domain.errors import ActRefused
from ledger.domain.reason_codes import DebtReason
from ledger.domain.roles import Role
from ledger.services.preconditions.asked import AUTHORISATIONS, AskedAct, NotTold, Precondition
from ledger.services.preconditions.common import an_amount, in_force, may, payable, reason_among

HOLDERS: Final = Role.DECLARANT | Role.BROKER | Role.CARRIER | Role.GUARANTOR
"""Roles whose keys pay, hold a prepaid account and claim refunds."""
SCOPE_PAY: Final = 2
"""Scope of a power of attorney."""
SIMPLIFIED: Final = 1 << 3
"""AEO category that allows deferment and waiver (domain guide 3.10)."""
LAST_OPERATOR_TYPE: Final = 1
"""Highest operator type that a declaration knows: importer 0, exporter 1."""
MAX_DEFERMENT_S: Final = 366 * 86_400


# ----- what is read


def debt_of(asked: AskedAct) -> Any:
    """The fiscal case that the act names."""
    return asked.kept("caseOf", asked.args["caseId"])


def twin(found: Mapping[str, Any]) -> DebtCase:
    """The fiscal case that the ledger keeps, as the domain reckons with it."""
    return DebtCase(
        declaration_version=found["declarationVersion"],
        assessed_version=found["assessedVersion"],
        basis=FiscalState(found["basis"]),
        closed=found["closed"],
        due_at=found["dueAt"],
        assessed=found["assessed"],
        paid=found["paid"],
        refunded=found["refunded"],
        settled=found["settled"],
        secured=found["secured"],
        approved=found["approved"],
    )


def owed_on(asked: AskedAct) -> int:
    """What is owed on it now; 0 while nothing is assessed."""
    case = twin(debt_of(asked))
    return 0 if case.state(asked.head.time) is FiscalState.NONE else case.owed


def simplified(asked: AskedAct, participant: int, operator_type: int) -> bool:
    """Whether the participant, as importer or exporter, is an operator with the simplification now."""
    if operator_type > LAST_OPERATOR_TYPE:
        return False
    categories = asked.tell(AUTHORISATIONS, "aeoCategories", participant, operator_type, asked.head.time)
    return bool(categories & SIMPLIFIED)


# ----- officers


def of_office(asked: AskedAct) -> Iterator[ActRefused]:
    """An officer of the case's office."""
    office = debt_of(asked)["office"]
    if office != asked.office:
        yield ActRefused("WrongOffice", {"office": asked.office, "ofCase": office})


def of_others(asked: AskedAct) -> Iterator[ActRefused]:
    """Not an officer of the debtor itself."""
    if debt_of(asked)["debtor"] == asked.participant:
        yield ActRefused("OwnDebt", {"participant": asked.participant})


def still_open(asked: AskedAct) -> Iterator[ActRefused]:
    """The case was not closed."""
    if debt_of(asked)["closed"]:
        yield ActRefused("CaseIsClosed", {"caseId": asked.args["caseId"]})


def of_this_version(asked: AskedAct) -> Iterator[ActRefused]:
    """The assessment is of the version of the declaration that is in force."""
    cited, actual = asked.args["declarationVersion"], debt_of(asked)["declarationVersion"]
    if cited != actual:
        yield ActRefused("WrongVersion", {"expected": cited, "actual": actual})


def fiscal_state(*allowed: FiscalState) -> Precondition:
    """The fiscal track is in one of these states."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        state = twin(debt_of(asked)).state(asked.head.time)
        if state not in allowed:
            yield ActRefused("FiscalStateForbids", {"caseId": asked.args["caseId"], "state": state})

    return judge


def due(*allowed: FiscalState) -> Precondition:
    """The fiscal track is in one of these states, and something is owed."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        case = twin(debt_of(asked))
        state = case.state(asked.head.time)
        if state not in allowed or case.owed == 0:
            yield ActRefused("FiscalStateForbids", {"caseId": asked.args["caseId"], "state": state})

    return judge


def deferrable(asked: AskedAct) -> Iterator[ActRefused]:
    """Something is owed, and secured or owed by an operator with the simplification."""
    found, case_id = debt_of(asked), asked.args["caseId"]
    case = twin(found)
    state = case.state(asked.head.time)
    if state is FiscalState.SECURED:
        return
    if state is not FiscalState.ASSESSED or case.owed == 0:
        yield ActRefused("FiscalStateForbids", {"caseId": case_id, "state": state})
        return
    if not simplified(asked, found["debtor"], asked.args["operatorType"]):
        yield ActRefused("DefermentNotAllowed", {"caseId": case_id, "secured": case.secured, "owed": case.owed})


def due_in_time(asked: AskedAct) -> Iterator[ActRefused]:
    """The due date lies ahead, by a year and a day at most."""
    now, due = asked.head.time, asked.args["dueAt"]
    if not now < due <= now + MAX_DEFERMENT_S:
        yield ActRefused("BadDueDate", {"dueAt": due, "earliest": now + 1, "latest": now + MAX_DEFERMENT_S})


# ----- payers


def something_owed(asked: AskedAct) -> Iterator[ActRefused]:
    """Something is owed on the case."""
    if owed_on(asked) == 0:
        yield ActRefused("NothingOwed", {"caseId": asked.args["caseId"]})


def own_account(asked: AskedAct) -> Iterator[ActRefused]:
    """The account is the actor's participant's, or its client's who let it pay."""
    own, account = asked.participant, asked.args["account"]
    if own != account and not asked.represents(account, SCOPE_PAY):
        yield ActRefused("NotRepresented", {"broker": own, "client": account, "scope": SCOPE_PAY})


def own_debt_of_the_client(asked: AskedAct) -> Iterator[ActRefused]:
    """A client's account pays its own debts alone."""
    account, debtor = asked.args["account"], debt_of(asked)["debtor"]
    if account not in (asked.participant, debtor):
        values = {"caseId": asked.args["caseId"], "debtor": debtor, "payer": account}
        yield ActRefused("NotDebtor", values)


def active_account(asked: AskedAct) -> Iterator[ActRefused]:
    """The prepaid account is an active participant's."""
    account = asked.args["account"]
    if not asked.is_active(account):
        yield ActRefused("AccountNotActive", {"account": account})


def enough_prepaid(asked: AskedAct) -> Iterator[ActRefused]:
    """The prepaid account suffices. Told to its holder, and to whom the holder let pay."""
    account = asked.args.get("account", asked.participant)
    if account != asked.participant and not asked.represents(account, SCOPE_PAY):
        raise NotTold
    balance, amount = asked.tell(asked.target, "prepaidOf", account), asked.args["amount"]
    if "caseId" in asked.args:  # no more is taken than is owed
        amount = min(amount, twin(debt_of(asked)).owed)
    if balance < amount:
        yield ActRefused("NotEnoughPrepaid", {"participant": account, "balance": balance, "asked": amount})


known_reason = reason_among(DebtReason.OVERPAID, DebtReason.GUARANTOR_NOTICE)
officers: Final = (
    may(Role.CUSTOMS_REVENUE),
    of_office,
    of_others,
    still_open,
    in_force(lambda asked: int(debt_of(asked)["version"])),
)
"""What every act of a revenue officer on a case begins with."""

DEBT_ACTS: Final[Mapping[str, tuple[Precondition, ...]]] = {
    "assess": (*officers, of_this_version, known_reason),
    "markExempt": (*officers, of_this_version, known_reason),
    "defer": (*officers, deferrable, due_in_time),
    "recover": (*officers, due(FiscalState.ASSESSED, FiscalState.OVERDUE), known_reason),
    "pay": (may(HOLDERS), an_amount, something_owed, payable(allowance="NotEnoughAllowance")),
    "payWithPermit": (may(HOLDERS), an_amount, something_owed, payable(allowance=None)),
    "depositPrepaid": (may(HOLDERS), an_amount, active_account, payable(allowance="NotEnoughAllowance")),
    "payFromPrepaid": (
        may(HOLDERS),
        own_account,
        own_debt_of_the_client,
        an_amount,
        something_owed,
        enough_prepaid,
    ),
    "withdrawPrepaid": (may(HOLDERS), an_amount, enough_prepaid),
    "settle": (
        may(Role.CUSTOMS_REVENUE | Role.TREASURY),
        in_force(lambda asked: int(debt_of(asked)["version"])),
        fiscal_state(FiscalState.PAID, FiscalState.EXEMPT),
    ),
}
"""Acts of the DebtLedger on cases and prepaid accounts, each with all that can be judged of it from outside."""
