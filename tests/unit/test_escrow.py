"""The table of escrows, and that no act makes or loses money.

given an escrow in any state
├── when an act is done that the table has not, it should be refused and nothing change
├── when money goes, held, paid and returned should add up to what was put in, and never fall below nothing
└── when the last document is presented, it should be PRESENTED
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import ActRefused
from ledger.domain.escrow import NEXT, Escrow, EscrowAction, EscrowState, apply

ENDS = {EscrowState.PAID, EscrowState.REFUNDED, EscrowState.RESOLVED, EscrowState.CANCELLED}


@pytest.mark.parametrize("state", EscrowState)
@pytest.mark.parametrize("action", EscrowAction)
def test_only_what_the_table_has(state: EscrowState, action: EscrowAction) -> None:
    if (state, action) in NEXT:
        assert apply(state, action) is NEXT[state, action]
        return
    with pytest.raises(ActRefused) as caught:
        apply(state, action)
    assert caught.value.arguments == {"state": state.name, "action": action.name}


def test_ends_are_ends() -> None:
    assert not [state for state, _ in NEXT if state in ENDS]
    assert set(NEXT.values()) >= ENDS


@given(
    st.lists(st.tuples(st.sampled_from(EscrowAction), st.integers(0, 120), st.integers(0, 120)), max_size=12),
)
def test_no_money_is_made_or_lost(acts: list[tuple[EscrowAction, int, int]]) -> None:
    escrow = Escrow(EscrowState.FUNDED, 100)
    for action, to_seller, to_buyer in acts:
        before = escrow
        try:
            escrow = escrow.move(action, to_seller=to_seller, to_buyer=to_buyer)
        except ActRefused:
            assert escrow == before
        assert escrow.amount + escrow.paid + escrow.returned == 100
        assert escrow.amount >= 0


def test_a_part_that_leaves_nothing_ends_it() -> None:
    assert Escrow(EscrowState.FUNDED, 100).move(EscrowAction.PAY_PART, to_seller=99).state is EscrowState.FUNDED
    assert Escrow(EscrowState.FUNDED, 100).move(EscrowAction.PAY_PART, to_seller=100).state is EscrowState.PAID


def test_documents_one_by_one() -> None:
    escrow = Escrow(EscrowState.FUNDED, 100, required=2).present(1)
    assert (escrow.state, escrow.presented) == (EscrowState.FUNDED, 0b10)
    for number, error in ((1, "PresentedBefore"), (2, "UnknownRequirement")):
        with pytest.raises(ActRefused) as caught:
            escrow.present(number)
        assert caught.value.error == error
    assert escrow.present(0).state is EscrowState.PRESENTED
