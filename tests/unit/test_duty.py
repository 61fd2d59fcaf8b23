"""The calculation of duties: the known answer, each kind of rate, rounding half up once per item and charge."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.duty import Charge, Combination, GoodsValue, Rate, Tariff, charges_of_item, totals
from ledger.domain.errors import LimitExceeded, Malformed


def percent(value: str) -> Rate:
    return Rate(percent=Decimal(value))


def test_known_answer() -> None:
    item = charges_of_item(GoodsValue(Decimal("10000.00")), Tariff(duty=percent("2.70"), vat=percent("20")))
    assert item == {Charge.DUTY: 27_000, Charge.VAT: 205_400}
    assert sum(totals([item]).values()) == 232_400


def test_excise_stands_between_duty_and_vat() -> None:
    tariff = Tariff(duty=percent("10"), excise=percent("5"), vat=percent("20"))
    item = charges_of_item(GoodsValue(Decimal("100.00")), tariff)
    assert item == {Charge.DUTY: 1_000, Charge.EXCISE: 500, Charge.VAT: 2_300}


def test_anti_dumping_and_levy_are_in_the_base_of_vat() -> None:
    tariff = Tariff(anti_dumping=percent("10"), agricultural=percent("1"), vat=percent("10"))
    item = charges_of_item(GoodsValue(Decimal("100.00")), tariff)
    assert item == {Charge.ANTI_DUMPING: 1_000, Charge.AGRICULTURAL: 100, Charge.VAT: 1_110}


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (Rate(percent=Decimal(10)), 1_000),
        (Rate(per_unit=Decimal("0.35")), 1_400),
        (Rate(Decimal(10), Decimal("0.35"), Combination.SUM), 2_400),
        (Rate(Decimal(10), Decimal("0.35"), Combination.GREATER), 1_400),
        (Rate(Decimal(20), Decimal("0.35"), Combination.GREATER), 2_000),
    ],
    ids=["ad valorem", "specific", "sum", "greater: specific", "greater: ad valorem"],
)
def test_kinds_of_rate(rate: Rate, expected: int) -> None:
    item = charges_of_item(GoodsValue(Decimal("100.00"), Decimal(40)), Tariff(duty=rate))
    assert item == {Charge.DUTY: expected}


def test_without_most_favoured_status_the_duty_doubles() -> None:
    tariff = Tariff(duty=percent("2.70"), vat=percent("20"), most_favoured=False)
    assert charges_of_item(GoodsValue(Decimal(10000)), tariff) == {Charge.DUTY: 54_000, Charge.VAT: 210_800}


def test_the_doubled_duty_is_rounded_once() -> None:
    tariff = Tariff(duty=percent("5"), most_favoured=False)
    assert charges_of_item(GoodsValue(Decimal("10.10")), tariff) == {Charge.DUTY: 101}


@pytest.mark.parametrize(("value", "expected"), [("0.50", 1), ("0.49", 0), ("1.50", 2), ("2.50", 3)])
def test_half_a_minor_unit_rounds_up(value: str, expected: int) -> None:
    item = charges_of_item(GoodsValue(Decimal(value)), Tariff(duty=percent("1")))
    assert item.get(Charge.DUTY, 0) == expected


def test_items_round_each_for_itself() -> None:
    items = [charges_of_item(GoodsValue(Decimal("0.50")), Tariff(duty=percent("1"))) for _ in range(3)]
    assert totals(items, fee=7) == {Charge.DUTY: 3, Charge.FEE: 7}


@given(st.decimals(0, 10**20, places=2), st.decimals(0, 200, places=4))
def test_rounding_is_within_half_a_minor_unit(value: Decimal, rate: Decimal) -> None:
    charged = charges_of_item(GoodsValue(value), Tariff(duty=Rate(percent=rate))).get(Charge.DUTY, 0)
    doubled_error = 2 * (charged * 10**6 - int(value * 100) * int(rate * 10**4))
    assert -(10**6) < doubled_error <= 10**6, "half a unit goes up, never down"


@pytest.mark.parametrize("bad", ["-0.01", "NaN", "Infinity"])
def test_what_is_not_an_amount_is_refused(bad: str) -> None:
    with pytest.raises(Malformed) as refusal:
        GoodsValue(Decimal(bad), Decimal(bad))
    assert [fault.path for fault in refusal.value.faults] == ["/value", "/quantity"]
    with pytest.raises(Malformed) as refusal:
        Rate(Decimal(bad), Decimal(bad))
    assert [fault.path for fault in refusal.value.faults] == ["/percent", "/per_unit"]


def test_a_debt_has_a_largest_sum() -> None:
    assert totals([{Charge.DUTY: 2**112 - 1}]) == {Charge.DUTY: 2**112 - 1}
    with pytest.raises(LimitExceeded):
        totals([{Charge.DUTY: 2**112 - 1}], fee=1)
