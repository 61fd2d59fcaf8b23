"""What a debt and a guarantee are worth in the read model, where an act leaves more behind than its own name says.

Source: domain guide 4.3; `IDebtLedger.assess`, `IDebtGuarantees`.
"""

from collections.abc import Mapping
from typing import Any

from ledger.domain.folding import Book, fold
from tests.support.fake_chain import FakeChain
from tests.support.trade_events import CASES, CUSTOMS, GUARANTEE, KEYS, Told, assessed, births, posted

CASE = CASES[0]
OFFICER = KEYS[CUSTOMS]
DUE = 1_700_000_100


def folded(entity: str, *events: Told) -> Mapping[str, Any]:
    """The entity's row after the trade's births and these events."""
    chain = FakeChain()
    chain.mine(*births())
    chain.mine(*events)
    book = Book(lambda _: None)
    found: dict[str, Mapping[str, Any]] = {}
    for event in chain.events(0, chain.head().number):
        book.place(event.block.number, event.log_index)
        fold(event, book)
        found |= {name: state for name, _, state in book.close_block()}
    return found[entity]


def test_an_overdue_debt_that_is_assessed_anew_keeps_its_due_date() -> None:
    deferred = ("DebtLedger", "Deferred", {"caseId": CASE, "version": 3, "actor": OFFICER, "dueAt": DUE})
    contract, name, args = assessed(CASE, 60)
    past_due = (contract, name, {**args, "version": 4, "basis": 4})  # DEFERRED: the due date had passed
    first = (posted(CASE, 1, 50, 50), assessed(CASE, 50), deferred)
    row = folded(f"debt:{CASE}", *first, posted(CASE, 2, 10, 60), past_due)
    assert (row["status"], row["ends"], row["after"], row["owed"]) == ("DEFERRED", DUE, "OVERDUE", 60)
    row = folded(f"debt:{CASE}", *first, posted(CASE, 2, 10, 60), assessed(CASE, 60))
    assert (row["status"], row["due_at"], row.get("ends")) == ("ASSESSED", 0, None)


def test_a_guarantee_wholly_called_is_called_once_nothing_waits() -> None:
    entity = f"guarantee:0x{GUARANTEE.hex()}"
    shared = {"guarantee": GUARANTEE, "actor": OFFICER}
    on_case = {**shared, "caseId": CASE, "caseVersion": 3, "amount": 500}
    called = (
        ("DebtLedger", "GuaranteeAccepted", {**shared, "version": 2, "grn": b"27UZ", "amount": 500, "free": 500}),
        ("DebtLedger", "SecurityMoved", {**on_case, "free": 0, "reserved": 500}),
        ("DebtLedger", "GuaranteeToppedUp", {**shared, "version": 3, "request": b"\1" * 32, "amount": 7}),
        ("DebtLedger", "GuaranteeCalled", {**on_case, "called": 500, "reason": 213}),
    )
    assert folded(entity, *called)["status"] == "ACTIVE"
    refused = ("DebtLedger", "GuaranteeRefused", {**shared, "version": 4, "state": 3, "amount": 7, "reason": 216})
    assert folded(entity, *called, refused)["status"] == "CALLED"
    back = ("DebtLedger", "CallTakenBack", {**on_case, "caseVersion": 5, "amount": 200, "free": 200, "called": 300})
    row = folded(entity, *called, refused, back)
    assert (row["status"], row["free"], row["called"]) == ("ACTIVE", 200, 300)
    assert folded(f"debt:{CASE}", *called, refused, back)["version"] == 5


def test_a_debts_security_is_bound_until_its_condition_or_the_case_ends() -> None:
    def told(bound: bool, version: int) -> Told:
        return "DebtLedger", "SecurityBound", {"caseId": CASE, "version": version, "registry": OFFICER, "bound": bound}

    closed = ("DebtLedger", "CaseClosed", {"caseId": CASE, "version": 4, "registry": OFFICER})
    assert folded(f"debt:{CASE}")["bound"] is False
    row = folded(f"debt:{CASE}", told(True, 3))
    assert (row["bound"], row["version"]) == (True, 3)
    assert folded(f"debt:{CASE}", told(True, 3), told(False, 4))["bound"] is False
    assert folded(f"debt:{CASE}", told(True, 3), closed)["bound"] is False


def test_a_closed_case_that_moves_to_another_office_stays_closed() -> None:
    closed = ("DebtLedger", "CaseClosed", {"caseId": CASE, "version": 2, "registry": OFFICER})
    moved = {"caseId": CASE, "version": 3, "registry": OFFICER, "declarationVersion": 1, "debtor": 21, "office": 99}
    row = folded(f"debt:{CASE}", closed, ("DebtLedger", "CaseOpened", moved))
    assert (row["closed"], row["office"], row["version"]) == (True, 99, 3)


def test_a_waiver_keeps_what_its_principal_is_an_operator_as() -> None:
    accepted = {"guarantee": GUARANTEE, "actor": OFFICER, "version": 2, "grn": b"27UZ", "operatorType": 1}
    amounts = {"amount": 500, "free": 500}
    row = folded(f"guarantee:0x{GUARANTEE.hex()}", ("DebtLedger", "GuaranteeAccepted", {**accepted, **amounts}))
    assert row["operator_type"] == 1
