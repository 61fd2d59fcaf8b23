"""Debts, guarantees and refunds: states at both sides of every boundary, tables in full, sums that hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.debt import (
    NEXT_REFUND,
    RELEASING,
    Account,
    DebtCase,
    EntryKind,
    FiscalState,
    Guarantee,
    GuaranteeState,
    RefundAction,
    RefundState,
    apply_refund,
    posting,
)
from ledger.domain.errors import ActRefused

CASE = DebtCase(1, 1, FiscalState.ASSESSED, assessed=100)
COVER = Guarantee(GuaranteeState.ACTIVE, valid_until=50, free=60, reserved=30, called=10)
amounts = st.integers(0, 2**112 - 1)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (DebtCase(1), FiscalState.NONE),
        (replace(CASE, declaration_version=2), FiscalState.NONE),
        (replace(CASE, closed=True), FiscalState.NONE),
        (CASE, FiscalState.ASSESSED),
        (replace(CASE, paid=99), FiscalState.ASSESSED),
        (replace(CASE, paid=100), FiscalState.PAID),
        (replace(CASE, paid=100, refunded=1), FiscalState.ASSESSED),
        (replace(CASE, paid=101, approved=1), FiscalState.PAID),
        (replace(CASE, paid=100, approved=1), FiscalState.ASSESSED),
        (replace(CASE, secured=99), FiscalState.ASSESSED),
        (replace(CASE, secured=100), FiscalState.SECURED),
        (replace(CASE, paid=1, secured=99), FiscalState.SECURED),
        (replace(CASE, assessed=0), FiscalState.ASSESSED),
        (replace(CASE, assessed=0, basis=FiscalState.EXEMPT), FiscalState.EXEMPT),
        (replace(CASE, paid=100, basis=FiscalState.SETTLED), FiscalState.SETTLED),
        (replace(CASE, basis=FiscalState.RECOVERY, secured=100), FiscalState.RECOVERY),
        (replace(CASE, basis=FiscalState.RECOVERY, paid=100), FiscalState.PAID),
    ],
)
def test_fiscal_state(case: DebtCase, expected: FiscalState) -> None:
    assert case.state(at=1) is expected


def test_the_due_second_is_in_time() -> None:
    deferred = replace(CASE, basis=FiscalState.DEFERRED, due_at=10)
    assert deferred.state(at=10) is FiscalState.DEFERRED
    assert deferred.state(at=11) is FiscalState.OVERDUE
    assert replace(deferred, paid=100).state(at=11) is FiscalState.PAID


def test_what_releases() -> None:
    assert FiscalState.OVERDUE not in RELEASING
    assert FiscalState.RECOVERY not in RELEASING
    assert not {FiscalState.NONE, FiscalState.ASSESSED} & RELEASING
    assert len(RELEASING) == 5


@given(amounts, amounts, st.data())
def test_owed_and_credit_exclude_each_other(assessed: int, paid: int, data: st.DataObject) -> None:
    refunded = data.draw(st.integers(0, paid))
    approved = data.draw(st.integers(0, paid - refunded))
    case = replace(CASE, assessed=assessed, paid=paid, refunded=refunded, approved=approved)
    assert min(case.owed, case.credit) == 0
    assert case.credit - case.owed == paid - refunded - approved - assessed
    assert case.held == paid - refunded


@given(st.lists(st.tuples(st.sampled_from(EntryKind), st.integers(-(10**9), 10**9))))
def test_double_entry_sums_to_zero(entries: list[tuple[EntryKind, int]]) -> None:
    balance = dict.fromkeys(Account, 0)
    for kind, amount in entries:
        for account, change in posting(kind, amount).items():
            balance[account] += change
    assert sum(balance.values()) == 0


def test_a_settled_and_refunded_case_leaves_nothing_behind() -> None:
    balance = dict.fromkeys(Account, 0)
    for kind, amount in (
        (EntryKind.CHARGE, 100),
        (EntryKind.PAYMENT, 100),
        (EntryKind.REVENUE, 100),
        (EntryKind.CHARGE, -40),
        (EntryKind.REVENUE, -40),
        (EntryKind.REFUND, 40),
    ):
        for account, change in posting(kind, amount).items():
            balance[account] += change
    assert balance == dict.fromkeys(Account, 0)


@pytest.mark.parametrize(
    ("cover", "at", "expected"),
    [
        (COVER, 50, GuaranteeState.ACTIVE),
        (COVER, 51, GuaranteeState.EXPIRED),
        (replace(COVER, cancelled_from=20), 19, GuaranteeState.ACTIVE),
        (replace(COVER, cancelled_from=20), 20, GuaranteeState.CANCELLED),
        (replace(COVER, cancelled_from=20), 51, GuaranteeState.CANCELLED),
        (replace(COVER, free=0, reserved=0), 1, GuaranteeState.CALLED),
        (replace(COVER, free=0, reserved=0, pending=1), 1, GuaranteeState.ACTIVE),
        (replace(COVER, free=0, reserved=0, called=0), 1, GuaranteeState.ACTIVE),
        (replace(COVER, state=GuaranteeState.REFUSED), 99, GuaranteeState.REFUSED),
        (replace(COVER, state=GuaranteeState.OFFERED), 51, GuaranteeState.EXPIRED),
    ],
)
def test_guarantee_state(cover: Guarantee, at: int, expected: GuaranteeState) -> None:
    assert cover.worth(at) is expected


@given(amounts, amounts, amounts, st.data())
def test_limit_is_free_reserved_and_called(free: int, reserved: int, called: int, data: st.DataObject) -> None:
    cover = replace(COVER, free=free, reserved=reserved, called=called)
    held = data.draw(st.integers(0, reserved))
    taken = cover.take_back(data.draw(st.integers(0, called)))
    for moved in (cover.reserve(data.draw(st.integers(0, free))), cover.unreserve(held), cover.call(held), taken):
        assert moved.limit == cover.limit
    for refused in (
        lambda: cover.reserve(free + 1),
        lambda: cover.unreserve(reserved + 1),
        lambda: cover.call(reserved + 1),
        lambda: cover.take_back(called + 1),
    ):
        with pytest.raises(ActRefused):
            refused()
    assert cover.give_back() == (replace(cover, free=0), free)


def test_accepting_moves_the_pending_amount() -> None:
    accepted = replace(COVER, pending=5).accept()
    assert (accepted.free, accepted.pending, accepted.limit) == (65, 0, COVER.limit + 5)


@pytest.mark.parametrize("state", RefundState)
@pytest.mark.parametrize("action", RefundAction)
def test_refund_table(state: RefundState, action: RefundAction) -> None:
    if (state, action) in NEXT_REFUND:
        assert apply_refund(state, action) == NEXT_REFUND[state, action]
    else:
        with pytest.raises(ActRefused) as refusal:
            apply_refund(state, action)
        assert refusal.value.arguments == {"state": state.name, "action": action.name}
