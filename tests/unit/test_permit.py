"""Permits: the tables in full, quantities conserved for all moves and commitments told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import ActRefused, Malformed
from ledger.domain.ids import ParticipantId
from ledger.domain.permit import (
    MAX_QUANTITY,
    NEXT,
    NEXT_USE,
    PermitAction,
    PermitState,
    PermitTerms,
    QuantityLine,
    UseAction,
    UseState,
    apply,
    apply_use,
    worth,
)

TERMS = PermitTerms(bytes(range(32)), ParticipantId(17), "0806", "TR", "KGM")
amounts = st.integers(min_value=0, max_value=MAX_QUANTITY // 3)


@pytest.mark.parametrize("state", PermitState)
@pytest.mark.parametrize("action", PermitAction)
def test_permit_table(state: PermitState, action: PermitAction) -> None:
    if (state, action) in NEXT:
        assert apply(state, action) == NEXT[state, action]
    else:
        with pytest.raises(ActRefused) as refusal:
            apply(state, action)
        assert refusal.value.error == "PermitStateForbids"
        assert refusal.value.arguments == {"state": state.name, "action": action.name}


@pytest.mark.parametrize("state", UseState)
@pytest.mark.parametrize("action", UseAction)
def test_use_table(state: UseState, action: UseAction) -> None:
    if (state, action) in NEXT_USE:
        assert apply_use(state, action) == NEXT_USE[state, action]
    else:
        with pytest.raises(ActRefused) as refusal:
            apply_use(state, action)
        assert refusal.value.error == "UseForbids"


def test_ends_have_no_way_out() -> None:
    ends = {PermitState.REFUSED, PermitState.ISSUED, PermitState.REVOKED, PermitState.REPLACED}
    assert not {state for state, _ in NEXT} & (ends | {PermitState.EXHAUSTED, PermitState.EXPIRED})


@pytest.mark.parametrize("stored", [PermitState.ACTIVE, PermitState.SUSPENDED])
def test_validity_includes_its_last_second(stored: PermitState) -> None:
    assert worth(stored, 100, exhausted=False, at=100) is stored
    assert worth(stored, 100, exhausted=False, at=101) is PermitState.EXPIRED


def test_exhausted_is_told_of_active_permits_only() -> None:
    assert worth(PermitState.ACTIVE, 100, exhausted=True, at=1) is PermitState.EXHAUSTED
    assert worth(PermitState.SUSPENDED, 100, exhausted=True, at=1) is PermitState.SUSPENDED
    assert worth(PermitState.REVOKED, 100, exhausted=True, at=101) is PermitState.REVOKED


@given(amounts, amounts, amounts, st.data())
def test_every_move_conserves(available: int, reserved: int, written_off: int, data: st.DataObject) -> None:
    line = QuantityLine(available, reserved, written_off)
    held = data.draw(st.integers(0, reserved))
    part = data.draw(st.integers(0, held))
    moved = [
        line.reserve(data.draw(st.integers(0, available))),
        line.unreserve(held),
        line.write_off(held, part),
        line.restore(data.draw(st.integers(0, written_off))),
    ]
    assert {m.authorised for m in moved} == {line.authorised}
    assert line.write_off(held, part).available == available + held - part


@given(amounts, amounts, amounts)
def test_no_move_takes_more_than_there_is(available: int, reserved: int, written_off: int) -> None:
    line = QuantityLine(available, reserved, written_off)
    for take in (
        lambda: line.reserve(available + 1),
        lambda: line.unreserve(reserved + 1),
        lambda: line.write_off(reserved + 1, 0),
        lambda: line.write_off(reserved, reserved + 1),
        lambda: line.restore(written_off + 1),
        lambda: line.restate(reserved + written_off - 1),
    ):
        with pytest.raises(ActRefused) as refusal:
            take()
        assert refusal.value.error == "Short"


def test_a_line_has_a_largest_quantity() -> None:
    assert QuantityLine(MAX_QUANTITY).authorised == MAX_QUANTITY
    with pytest.raises(ActRefused) as refusal:
        QuantityLine(MAX_QUANTITY + 1)
    assert refusal.value.arguments == {"quantity": MAX_QUANTITY + 1}


def test_goods_that_match_give_the_commitment() -> None:
    assert TERMS.commitment_for_goods(ParticipantId(17), "0806101000", "TR", "KGM") == TERMS.commitment()
    any_origin = PermitTerms(TERMS.salt, TERMS.holder, "0806", "", "KGM")
    assert any_origin.commitment_for_goods(ParticipantId(17), "0806101000", "IR", "KGM") == any_origin.commitment()


@pytest.mark.parametrize(
    ("holder", "commodity", "origin", "unit"),
    [
        (18, "0806101000", "TR", "KGM"),
        (17, "0807101000", "TR", "KGM"),
        (17, "0806101000", "IR", "KGM"),
        (17, "0806101000", "TR", "TNE"),
    ],
    ids=["holder", "commodity", "origin", "unit"],
)
def test_goods_that_differ_give_another(holder: int, commodity: str, origin: str, unit: str) -> None:
    assert TERMS.commitment_for_goods(ParticipantId(holder), commodity, origin, unit) != TERMS.commitment()


def test_malformed_terms_tell_all_faults() -> None:
    with pytest.raises(Malformed) as refusal:
        PermitTerms(b"", ParticipantId(0), "8", "tr", "KILO")
    assert [fault.path for fault in refusal.value.faults] == [
        "/salt",
        "/holder",
        "/commodity_prefix",
        "/origin",
        "/unit",
    ]
