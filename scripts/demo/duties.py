"""The rates of this play, and what the declaration owes under them."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ledger.domain import canonical
from ledger.domain.duty import GoodsValue, Rate, Tariff, charges_of_item
from ledger.domain.errors import Fault, Malformed
from ledger.domain.trade.declaration import MINOR_PER_UNIT, QUANTITY_SCALE, GoodsDeclaration

TARIFF: Final = Tariff(duty=Rate(percent=Decimal("2.70")), vat=Rate(percent=Decimal("20.00")))
"""The rates of HMRC's published assessment (`hmrc-cds/generic_13_tax_assessment.xml`), whatever the goods. A tariff
engine for a real country's law is no part of the product."""


def tariff_digest() -> bytes:
    """SHA-256 of the rates in canonical JSON: what the rule book names."""
    everything = {"commodity": "", "duty": {"percent": "2.70"}, "vat": {"percent": "20.00"}}
    return hashlib.sha256(canonical.dumps({"tamga": "tariff/1", "rates": [everything]})).digest()


def item_charges(declaration: GoodsDeclaration) -> list[Mapping[str, int]]:
    """Charges of each item, in order [minor units].

    Raises:
        Malformed: An item has no value.
    """
    found: list[Mapping[str, int]] = []
    for item in declaration.items:
        if item.value is None:
            raise Malformed(Fault("missing", f"42A/67A/68A[{item.number}]/23A/InvoiceLine", "nothing to assess on"))
        value, quantity = Decimal(item.value.minor) / MINOR_PER_UNIT, Decimal(item.net_mass.scaled) / QUANTITY_SCALE
        charges = charges_of_item(GoodsValue(value, quantity), TARIFF)
        found.append({charge.value: minor for charge, minor in charges.items()})
    return found


def charges_of(declaration: GoodsDeclaration) -> Mapping[str, int]:
    """Totals per charge [minor units]: all that the chain is told."""
    sums: dict[str, int] = {}
    for charges in item_charges(declaration):
        for code, minor in charges.items():
            sums[code] = sums.get(code, 0) + minor
    return sums
