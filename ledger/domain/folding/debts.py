"""Debts, payments, refunds, prepaid accounts, and the journal behind a trader's statement (domain guide 4.3).

An account's `balance` is what its participant owes over all its cases: charged − paid + refunded. Each movement of it,
and of the prepaid account, is an `entry` of its own, so that a statement's opening balance plus its entries is its
closing balance.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.debt import DebtCase, FiscalState
from ledger.domain.events import declaration_entity, key_entity
from ledger.domain.folding.book import (
    Book,
    Emitted,
    Rule,
    Rules,
    State,
    by_bytes,
    by_number,
    by_place,
    party,
    record,
    text,
    word,
)
from ledger.domain.ids import Address, CaseId

LEDGER: Final = "DebtLedger"
SOURCES: Final = ("TOKEN", "PREPAID", "GUARANTEE", "OFFSET")
"""How a payment came, `IDebtLedger.PaymentSource`."""
_AMOUNTS: Final = ("assessed", "paid", "refunded", "settled", "secured", "approved")


def case_of(state: Mapping[str, Any]) -> DebtCase:
    """The stored case behind a debt's row."""
    return DebtCase(
        declaration_version=state.get("declaration_version", 0),
        assessed_version=state.get("assessed_version", 0),
        basis=FiscalState[state.get("basis", "NONE")],
        closed=state.get("closed", False),
        due_at=state.get("due_at", 0),
        **{name: state.get(name, 0) for name in _AMOUNTS},
    )


def _opened(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    if "case" not in state:
        state |= {"case": args["caseId"], "basis": "NONE", "closed": False, "bound": False, "charges": {}}
        state |= {"assessed_version": 0, "due_at": 0, **dict.fromkeys(_AMOUNTS, 0)}
    state |= {
        "debtor": args["debtor"],
        "office": args["office"],
        "declaration_version": args["declarationVersion"],
        "version": args["version"],
    }
    party(state, args["debtor"], "debtor")
    party(state, book.read(declaration_entity(CaseId(args["caseId"]))).get("declarant"), "declarant")
    _worth(state)


def _closed(state: State, event: Emitted, book: Book) -> None:
    state |= {"closed": True, "bound": False, "version": event.args["version"]}
    _worth(state)


def _bound(state: State, event: Emitted, book: Book) -> None:
    state |= {"bound": event.args["bound"], "version": event.args["version"]}


def _posted(state: State, event: Emitted, book: Book) -> None:
    charges = state.setdefault("charges", {})
    charges[text(event.args["code"])] = event.args["total"]
    state["assessed"] = sum(charges.values())
    _worth(state)


def _assessed(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    basis = word("FiscalState", args.get("basis", 0))
    state |= {
        "basis": basis,
        "assessed_version": args.get("declarationVersion", 0),
        "version": args.get("version", 0),
        "due_at": state.get("due_at", 0) if basis == "DEFERRED" else 0,  # past due, and stays so
        "assessed_at": event.block.time,
        "assessment": record(args.get("evidence")),
    }
    _worth(state)


def _paid(state: State, event: Emitted, book: Book) -> None:
    state["paid"] = state.get("paid", 0) + event.args["amount"]
    _worth(state)


def _payment(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {
        "payment": args["payment"],
        "case": args["caseId"],
        "participant": args["participant"],
        "payer": args["actor"],
        "amount": args["amount"],
        "excess": args["excess"],
        "source": SOURCES[args["source"]],
        "paid_at": event.block.time,
    }
    party(state, args["participant"], "payer")
    party(state, _debtor(event, book), "debtor")


def _deferred(state: State, event: Emitted, book: Book) -> None:
    state |= {"basis": "DEFERRED", "due_at": event.args["dueAt"], "version": event.args["version"]}
    _worth(state)


def _recovered(state: State, event: Emitted, book: Book) -> None:
    state |= {"basis": "RECOVERY", "version": event.args["version"]}
    _worth(state)


def _revenue(state: State, event: Emitted, book: Book) -> None:
    state["settled"] = state.get("settled", 0) + event.args["amount"]
    _worth(state)


def _settled(state: State, event: Emitted, book: Book) -> None:
    state |= {"basis": "SETTLED", "version": event.args["version"]}
    _worth(state)


def _secured(state: State, event: Emitted, book: Book) -> None:
    state["secured"] = state.get("secured", 0) + event.args["amount"]
    state["version"] = event.args["caseVersion"]
    _worth(state)


def _called(state: State, event: Emitted, book: Book) -> None:
    state["secured"] = state.get("secured", 0) - event.args["amount"]
    state |= {"basis": "RECOVERY", "version": event.args["caseVersion"]}
    _worth(state)


def _call_taken_back(state: State, event: Emitted, book: Book) -> None:
    state["version"] = event.args["caseVersion"]


def _refunded(state: State, event: Emitted, book: Book) -> None:
    amount = event.args["amount"]
    state |= {"approved": state.get("approved", 0) - amount, "refunded": state.get("refunded", 0) + amount}
    _worth(state)


def _worth(state: State) -> None:
    """Fiscal state (`DebtCase.state`), but for the passing of time."""
    case = case_of(state)
    status = case.state(0)
    state |= {"status": status.name, "owed": case.owed, "credit": case.credit}
    if status is FiscalState.DEFERRED:
        state |= {"ends": case.due_at, "after": FiscalState.OVERDUE.name}
    else:
        state.pop("ends", None)
        state.pop("after", None)


def _claimed(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    payment = book.read(f"payment:0x{args['payment'].hex()}")
    state |= {
        "refund": args["refund"],
        "status": "CLAIMED",
        "version": 1,
        "case": args["caseId"],
        "payment": args["payment"],
        "claimed": args["amount"],
        "approved": 0,
        "ground": args["ground"],
        "basis": record(args.get("basis")),
        "offset_consent": bool(args.get("offsetConsent")),
        "claimed_at": event.block.time,
        "reason": 0,
    }
    claimant = book.read(key_entity(Address(args["actor"]))).get("participant")
    for participant, role in (
        (claimant, "claimant"),
        (payment.get("participant"), "payer"),
        (_debtor(event, book), "debtor"),
    ):
        party(state, participant, role)


def _decided(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    status = word("RefundState", args["state"])
    state |= {"status": status, "version": args["version"], "reason": args.get("reason", 0)}
    if status == "APPROVED":
        state |= {"approved": args["amount"], "decided_at": event.block.time}
        debt = book.open(f"debt:{args['caseId']}")
        debt["approved"] = debt.get("approved", 0) + args["amount"]
        _worth(debt)
    elif status == "REFUSED":
        state["decided_at"] = event.block.time


def _refund_paid(state: State, event: Emitted, book: Book) -> None:
    state |= {
        "status": word("RefundState", event.args["state"]),
        "version": event.args["version"],
        "paid_at": event.block.time,
        "offset_case": event.args.get("offsetCase") or None,
    }


def _entry(kind: str, amount_of: str, sign: int) -> Rule:
    """A movement of what the case's debtor owes."""

    def rule(state: State, event: Emitted, book: Book) -> None:
        args = event.args
        debtor = _debtor(event, book)
        account = _account(debtor, book)
        amount = sign * args[amount_of]
        account["balance"] = account.get("balance", 0) + amount
        state |= {
            "entry": kind,
            "case": args["caseId"],
            "number": args["entry"],
            "amount": amount,
            "balance": account["balance"],
            "charge": text(args.get("code")),
            "reference": args.get("payment") or args.get("refund"),
            "posted_at": event.block.time,
        }
        party(state, debtor, "debtor")

    return rule


def _prepaid_entry(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    account = _account(args["participant"], book)
    account["prepaid"] = args["balance"]
    state |= {
        "entry": "PREPAID",
        "amount": args["amount"],
        "prepaid": args["balance"],
        "reference": args["key"],
        "posted_at": event.block.time,
    }
    party(state, args["participant"], "owner")


def _account(participant: int, book: Book) -> State:
    account = book.open(f"account:{participant}")
    if "participant" not in account:
        account |= {"participant": participant, "balance": 0, "prepaid": 0}
        party(account, participant, "owner")
    return account


def _debtor(event: Emitted, book: Book) -> int:
    debtor: int = book.read(f"debt:{event.args['caseId']}").get("debtor", 0)
    return debtor


_CASE: Final = by_number("debt", "caseId")
_PAYMENT: Final = by_bytes("payment", "payment")
_REFUND: Final = by_bytes("refund", "refund")
_ENTRY: Final = by_place("entry")

RULES: Final[Rules] = {
    (LEDGER, "CaseOpened"): ((_CASE, _opened),),
    (LEDGER, "CaseClosed"): ((_CASE, _closed),),
    (LEDGER, "SecurityBound"): ((_CASE, _bound),),
    (LEDGER, "ChargePosted"): ((_CASE, _posted), (_ENTRY, _entry("CHARGE", "difference", 1))),
    (LEDGER, "Assessed"): ((_CASE, _assessed),),
    (LEDGER, "Paid"): ((_CASE, _paid), (_PAYMENT, _payment), (_ENTRY, _entry("PAYMENT", "amount", -1))),
    (LEDGER, "Deferred"): ((_CASE, _deferred),),
    (LEDGER, "RecoveryStarted"): ((_CASE, _recovered),),
    (LEDGER, "RevenueMoved"): ((_CASE, _revenue),),
    (LEDGER, "Settled"): ((_CASE, _settled),),
    (LEDGER, "SecurityMoved"): ((_CASE, _secured),),
    (LEDGER, "GuaranteeCalled"): ((_CASE, _called),),
    (LEDGER, "CallTakenBack"): ((_CASE, _call_taken_back),),
    (LEDGER, "RefundClaimed"): ((_REFUND, _claimed),),
    (LEDGER, "RefundDecided"): ((_REFUND, _decided),),
    (LEDGER, "RefundPaid"): ((_REFUND, _refund_paid), (_CASE, _refunded), (_ENTRY, _entry("REFUND", "amount", 1))),
    (LEDGER, "PrepaidMoved"): ((_ENTRY, _prepaid_entry),),
}
