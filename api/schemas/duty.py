"""The duty calculator's question and answer. Amounts in major units of the currency, as decimal text."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from api.schemas.base import BlockOut, Shape
from api.schemas.rows import CodeListOut
from ledger.domain.duty import MINOR_DIGITS, Charge, Combination, GoodsValue, Rate, Tariff

DECIMAL = r"^[0-9]{1,15}(\.[0-9]{1,8})?$"
MONEY = r"^[0-9]{1,15}(\.[0-9]{1,2})?$"
MAX_ITEMS = 999


class RateIn(Shape):
    """A rate: ad valorem, specific, or both."""

    percent: str = Field(default="0", pattern=DECIMAL, description="Of the base [%].", examples=["2.70"])
    per_unit: str = Field(default="0", pattern=DECIMAL, description="For one unit of quantity.")
    combination: Combination = Field(default=Combination.SUM, description="How both meet.")

    def rate(self) -> Rate:
        """The rate itself."""
        return Rate(Decimal(self.percent), Decimal(self.per_unit), self.combination)


class RatesIn(Shape):
    """Rates of one goods item."""

    duty: RateIn = RateIn()
    vat: RateIn = RateIn()
    excise: RateIn = RateIn()
    anti_dumping: RateIn = RateIn()
    agricultural: RateIn = RateIn()

    def tariff(self) -> Tariff:
        """The rates themselves."""
        names = ("duty", "vat", "excise", "anti_dumping", "agricultural")
        return Tariff(**{name: getattr(self, name).rate() for name in names})


class GoodsIn(Shape):
    """What is charged of one goods item."""

    value: str = Field(pattern=DECIMAL, description="Customs value, CIF at the border.", examples=["10000.00"])
    quantity: str = Field(default="0", pattern=DECIMAL, description="In the unit of the specific rates.")
    commodity: str = Field(
        default="", pattern="^[0-9]{0,12}$", description="Looked up in the tariff.", examples=["0602"]
    )
    most_favoured: bool = Field(default=True, description="False: the origin has no such status, the duty doubles.")
    rates: RatesIn | None = Field(default=None, description="Rates to use; null: those of the tariff.")

    def goods(self) -> GoodsValue:
        """Value and quantity."""
        return GoodsValue(Decimal(self.value), Decimal(self.quantity))


class DutyIn(Shape):
    """What is to be calculated."""

    items: list[GoodsIn] = Field(min_length=1, max_length=MAX_ITEMS)
    fee: str = Field(default="0", pattern=MONEY, description="Customs clearance fee.")
    tariff: dict[str, Any] | None = Field(
        default=None, description="Table of rates, form `tariff/1`: the document that the rule book names by its hash."
    )
    code_list: str = Field(default="tariff", max_length=32, pattern="^[ -~]+$", description="Name in the rule book.")
    as_of: str | None = Field(
        default=None, description="Date of acceptance, whose table counts; now, if not given. Only with a table."
    )

    model_config = Shape.model_config | {
        "json_schema_extra": {
            "examples": [
                {"items": [{"value": "10000.00", "rates": {"duty": {"percent": "2.70"}, "vat": {"percent": "20"}}}]}
            ]
        }
    }


class ChargeOut(Shape):
    """A charge (UNCL 5153)."""

    code: Charge = Field(description="CUD duty, VAT, EXC excise, ADD anti-dumping, CAP levy, FEE clearance fee.")
    amount: str = Field(examples=["270.00"])


class DutyItemOut(Shape):
    """What one goods item owes."""

    number: int
    charges: list[ChargeOut]
    total: str


class DutyOut(Shape):
    """What is owed. A calculation, not an assessment: revenue assesses."""

    rates: Literal["GIVEN", "IN_FORCE"] = Field(
        description="IN_FORCE: every rate is of the table that the rule book names at that date."
    )
    as_of: BlockOut | None = Field(description="Block at which the rule book was read; null: it was not asked.")
    tariff: CodeListOut | None = Field(
        description="Table that the rule book names at that block, and since which version of it; null: none was given."
    )
    items: list[DutyItemOut]
    charges: list[ChargeOut]
    total: str = Field(examples=["2324.00"])


def charges_out(charges: dict[Charge, int]) -> list[ChargeOut]:
    """Charges [minor units] in the ledger's order."""
    return [ChargeOut(code=charge, amount=money(charges[charge])) for charge in Charge if charge in charges]


def money(minor: int) -> str:
    """Minor units as decimal text."""
    return str(Decimal(minor).scaleb(-MINOR_DIGITS))


def minor(amount: str) -> int:
    """Decimal text with at most two decimals as minor units."""
    return int(Decimal(amount).scaleb(MINOR_DIGITS))
