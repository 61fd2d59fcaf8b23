"""The duty calculator.

Given HMRC's published assessment, it should give the same amounts
Given specific, combined and excise rates, it should charge in order and round half up once per charge
Given a unit that the rate is not for, it should refuse instead of converting
"""

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import Malformed
from ledger.domain.trade.declaration import Amount, Quantity
from ledger.domain.trade.duty import (
    PPM,
    Charge,
    Combination,
    Rate,
    Tariff,
    Treatment,
    charges_of_item,
    round_half_up,
    totals,
)

ASSESSMENT = Path(__file__).resolve().parents[2] / "samples" / "hmrc-cds" / "generic_13_tax_assessment.xml"
KILOGRAM = Quantity(PPM, "KGM")


def gbp(minor: int) -> Amount:
    return Amount(minor, "GBP")


def test_hmrcs_own_assessment() -> None:
    text = ASSESSMENT.read_text()
    bases, rates, assessed = (
        [int(number.replace(".", "")) for number in re.findall(f"<{tag}[^>]*>([0-9.]+)<", text)]
        for tag in ("AdValoremTaxBaseAmount", "TaxRateNumeric", "TaxAssessedAmount")
    )
    assert (bases, rates, assessed) == ([1000000, 1027000], [270, 2000], [27000, 205400])
    tariff = Tariff(Rate(ad_valorem_ppm=rates[0] * 100), None, rates[1] * 100)
    charges = charges_of_item(gbp(bases[0]), KILOGRAM, tariff)
    assert charges == {Charge.DUTY: assessed[0], Charge.VAT: assessed[1]}
    assert sum(charges.values()) == 232400


@pytest.mark.parametrize(
    ("rate", "duty"),
    [
        (Rate(specific_minor=25), 75),
        (Rate(100_000, 25), 175),
        (Rate(100_000, 25, combination=Combination.GREATER), 100),
        (Rate(10_000, 25, combination=Combination.GREATER), 75),
    ],
)
def test_specific_and_combined_rates(rate: Rate, duty: int) -> None:
    assert charges_of_item(gbp(1000), Quantity(3 * PPM, "KGM"), Tariff(rate, None, 0)) == {Charge.DUTY: duty}


def test_vat_is_on_value_duty_and_excise() -> None:
    tariff = Tariff(Rate(100_000), Rate(50_000), 200_000)
    assert charges_of_item(gbp(1000), KILOGRAM, tariff) == {Charge.DUTY: 100, Charge.EXCISE: 50, Charge.VAT: 230}


def test_treatments() -> None:
    tariff = Tariff(Rate(100_000), None, 0)
    assert charges_of_item(gbp(1000), KILOGRAM, tariff, Treatment.PREFERENTIAL) == {}
    assert charges_of_item(gbp(1000), KILOGRAM, tariff, Treatment.DOUBLED) == {Charge.DUTY: 200}


def test_units_are_never_guessed() -> None:
    with pytest.raises(Malformed, match="unit_mismatch"):
        charges_of_item(gbp(1000), Quantity(PPM, "TNE"), Tariff(Rate(specific_minor=1), None, 0))


@given(st.integers(0, 10**15), st.integers(0, 3 * PPM), st.integers(0, PPM))
def test_charges_are_within_half_a_unit_of_the_exact(value: int, duty_ppm: int, vat_ppm: int) -> None:
    charges = charges_of_item(gbp(value), KILOGRAM, Tariff(Rate(duty_ppm), None, vat_ppm))
    duty, vat = charges.get(Charge.DUTY, 0), charges.get(Charge.VAT, 0)
    for charged, exact in ((duty, Fraction(value * duty_ppm, PPM)), (vat, Fraction((value + duty) * vat_ppm, PPM))):
        assert -Fraction(1, 2) < charged - exact <= Fraction(1, 2)


@given(st.lists(st.dictionaries(st.sampled_from(list(Charge)), st.integers(0, 10**12))))
def test_totals_lose_nothing(items: list[dict[Charge, int]]) -> None:
    assert sum(totals(items).values()) == sum(sum(charges.values()) for charges in items)


@pytest.mark.parametrize(("halves", "rounded"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_a_half_goes_up(halves: int, rounded: int) -> None:
    assert round_half_up(Fraction(halves, 2)) == rounded
