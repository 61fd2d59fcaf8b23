"""What a goods item owes: the calculation that revenue officers seal into an assessment.

Source: domain guide 3.8. Order: customs value (CIF at the border) → duty → excise → VAT on value + duty + excise.
Anti-dumping duty and agricultural levy are duties: on the customs value, and part of the base of VAT. An ad valorem
excise is on the customs value. Each charge of each item is rounded half up to the currency's minor unit, once, and only
sums are made after that: the totals that reach the chain are sums of rounded charges, so nothing is lost between an
item's line and the debt.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import Enum
from typing import Final

from ledger.domain.errors import Fault, LimitExceeded, Malformed

MINOR_DIGITS: Final = 2
"""Decimals of the settlement currency."""
MAX_TOTAL: Final = 2**112 - 1
"""Largest sum of a debt [minor units]: the ledger's bound."""
_PRECISION: Final = 80
"""Digits of intermediate products: value (34) × rate (12) and room, so that only the stated rounding rounds."""


class Charge(Enum):
    """Charges (UNCL 5153), in the ledger's order; the value is the code on the chain."""

    DUTY = "CUD"
    VAT = "VAT"
    EXCISE = "EXC"
    FEE = "FEE"
    ANTI_DUMPING = "ADD"
    AGRICULTURAL = "CAP"
    OTHER = "OTH"


class Combination(Enum):
    """How the two parts of a combined rate meet."""

    SUM = "sum"
    GREATER = "greater"


@dataclass(frozen=True)
class Rate:
    """A rate: ad valorem, specific, or both combined.

    Attributes:
        percent: Of the base [%].
        per_unit: Major units of the currency for one unit of quantity.
        combination: Used where both parts are given.
    """

    percent: Decimal = Decimal(0)
    per_unit: Decimal = Decimal(0)
    combination: Combination = Combination.SUM

    def __post_init__(self) -> None:
        faults = [
            Fault("bad_rate", f"/{name}", "a rate is finite and not negative")
            for name, part in (("percent", self.percent), ("per_unit", self.per_unit))
            if not part.is_finite() or part < 0
        ]
        if faults:
            raise Malformed(*faults)

    def on(self, base: Decimal, quantity: Decimal, *, times: int = 1) -> Decimal:
        """Return the charge by so many times this rate, in major units, rounded half up to the minor unit."""
        with localcontext(prec=_PRECISION):
            by_value = base * self.percent / 100
            by_quantity = quantity * self.per_unit
            exact = max(by_value, by_quantity) if self.combination is Combination.GREATER else by_value + by_quantity
            return (times * exact).quantize(Decimal(1).scaleb(-MINOR_DIGITS), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Tariff:
    """Rates of one goods item, as the rules of the date of acceptance give them.

    Attributes:
        duty: National, or preferential where a valid origin proof is there.
        most_favoured: Without that status of the origin, the duty doubles.
    """

    duty: Rate = field(default_factory=Rate)
    vat: Rate = field(default_factory=Rate)
    excise: Rate = field(default_factory=Rate)
    anti_dumping: Rate = field(default_factory=Rate)
    agricultural: Rate = field(default_factory=Rate)
    most_favoured: bool = True


@dataclass(frozen=True)
class GoodsValue:
    """What is charged of one goods item.

    Attributes:
        value: Customs value [major units].
        quantity: In the unit of the specific rates; 0 where there are none.
    """

    value: Decimal
    quantity: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        faults = [
            Fault("bad_amount", f"/{name}", "an amount is finite and not negative")
            for name, part in (("value", self.value), ("quantity", self.quantity))
            if not part.is_finite() or part < 0
        ]
        if faults:
            raise Malformed(*faults)


def charges_of_item(goods: GoodsValue, tariff: Tariff) -> dict[Charge, int]:
    """Return the charges of one goods item [minor units]; charges of 0 are left out."""
    with localcontext(prec=_PRECISION):
        duty = tariff.duty.on(goods.value, goods.quantity, times=1 if tariff.most_favoured else 2)
        anti_dumping = tariff.anti_dumping.on(goods.value, goods.quantity)
        agricultural = tariff.agricultural.on(goods.value, goods.quantity)
        excise = tariff.excise.on(goods.value, goods.quantity)
        vat = tariff.vat.on(goods.value + duty + anti_dumping + agricultural + excise, goods.quantity)
        owed = {
            Charge.DUTY: duty,
            Charge.VAT: vat,
            Charge.EXCISE: excise,
            Charge.ANTI_DUMPING: anti_dumping,
            Charge.AGRICULTURAL: agricultural,
        }
        return {charge: int(amount.scaleb(MINOR_DIGITS)) for charge, amount in owed.items() if amount}


def totals(items: Iterable[dict[Charge, int]], *, fee: int = 0) -> dict[Charge, int]:
    """Return one total per charge [minor units] in the ledger's order, with the customs clearance fee.

    Raises:
        LimitExceeded: Their sum is over the ledger's bound.
    """
    sums = dict.fromkeys(Charge, 0)
    sums[Charge.FEE] = fee
    for item in items:
        for charge, amount in item.items():
            sums[charge] += amount
    if sum(sums.values()) > MAX_TOTAL:
        raise LimitExceeded("the sum of a debt", MAX_TOTAL)
    return {charge: amount for charge, amount in sums.items() if amount}
