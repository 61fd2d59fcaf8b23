"""The duty calculator: what a goods item owes, per charge (domain guide, 3.8).

Order: customs value → duty → excise → VAT on value, duty and excise. Every charge of every item is rounded half up to
the minor unit once, from exact numbers (project rule); totals are sums of rounded charges: nothing is lost between.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from ledger.domain.errors import Fault, Malformed
from ledger.domain.trade.declaration import Amount, Quantity

PPM: Final = 10**6
"""Ad valorem rates are whole millionths: 2.70 % is 27,000."""


class Charge(StrEnum):
    """UNCL 5153 charge codes."""

    DUTY = "CUD"
    ANTI_DUMPING = "ADD"
    EXCISE = "EXC"
    VAT = "VAT"
    LEVY = "CAP"
    OTHER = "OTH"
    FEE = "FEE"


class Combination(StrEnum):
    """How an ad valorem and a specific part make one rate."""

    SUM = "sum"
    GREATER = "greater"


class Treatment(StrEnum):
    """Which tariff column a goods item falls under."""

    STANDARD = "standard"
    PREFERENTIAL = "preferential"
    """Free of duty; needs a valid proof of origin."""
    DOUBLED = "doubled"
    """Without most-favoured-nation status the national tariff doubles the duty."""


@dataclass(frozen=True)
class Rate:
    """A rate of duty or excise.

    Attributes:
        ad_valorem_ppm: Part of the value, in millionths.
        specific_minor: Minor units per unit of quantity; 0 for a purely ad valorem rate.
        unit: Unit of the specific part.
        combination: How the two parts meet.
    """

    ad_valorem_ppm: int = 0
    specific_minor: int = 0
    unit: str = "KGM"
    combination: Combination = Combination.SUM


@dataclass(frozen=True)
class Tariff:
    """What a commodity is charged.

    Attributes:
        duty: Customs duty.
        excise: Excise, if it bears any.
        vat_ppm: VAT, in millionths of value, duty and excise.
    """

    duty: Rate
    excise: Rate | None
    vat_ppm: int


def charges_of_item(
    value: Amount, quantity: Quantity, tariff: Tariff, treatment: Treatment = Treatment.STANDARD
) -> Mapping[Charge, int]:
    """Charges of one goods item [minor units of the value's currency]; a charge of nothing is left out.

    Args:
        value: Customs value (CIF at the border).
        quantity: In the unit of the tariff's specific rates.
        tariff: Of its commodity, at the date of acceptance.
        treatment: Column of the tariff.

    Raises:
        Malformed: A specific rate is per another unit than the quantity's: units are never guessed.
    """
    factor = {Treatment.STANDARD: 1, Treatment.PREFERENTIAL: 0, Treatment.DOUBLED: 2}[treatment]
    duty = round_half_up(factor * _exact(tariff.duty, value, quantity))
    excise = 0 if tariff.excise is None else round_half_up(_exact(tariff.excise, value, quantity))
    vat = round_half_up(Fraction((value.minor + duty + excise) * tariff.vat_ppm, PPM))
    found = {Charge.DUTY: duty, Charge.EXCISE: excise, Charge.VAT: vat}
    return {charge: minor for charge, minor in found.items() if minor}


def totals(items: Iterable[Mapping[Charge, int]]) -> Mapping[Charge, int]:
    """One total per charge over a declaration's items: what the chain is told."""
    found: dict[Charge, int] = {}
    for charges in items:
        for charge, minor in charges.items():
            found[charge] = found.get(charge, 0) + minor
    return found


def round_half_up(exact: Fraction) -> int:
    """The nearest integer, a half going up; `exact` is not negative."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _exact(rate: Rate, value: Amount, quantity: Quantity) -> Fraction:
    by_value = Fraction(value.minor * rate.ad_valorem_ppm, PPM)
    if not rate.specific_minor:
        return by_value
    if rate.unit != quantity.unit:
        raise Malformed(Fault("unit_mismatch", "65A", f"the rate is per {rate.unit}, the quantity in {quantity.unit}"))
    by_quantity = Fraction(quantity.scaled * rate.specific_minor, 10**6)
    return by_value + by_quantity if rate.combination is Combination.SUM else max(by_value, by_quantity)
