"""The rates of this play, and what the declaration owes under them."""

import hashlib
from collections.abc import Mapping
from typing import Final

from ledger.domain import canonical
from ledger.domain.trade.declaration import GoodsDeclaration
from ledger.domain.trade.duty import Rate, Tariff, charges_of_item, totals

TARIFF: Final = Tariff(duty=Rate(ad_valorem_ppm=27_000), excise=None, vat_ppm=200_000)
"""2.70 % and 20 %: the rates of HMRC's published assessment (`hmrc-cds/generic_13_tax_assessment.xml`), whatever the
goods. A tariff engine for a real country's law is no part of the product."""


def tariff_digest() -> bytes:
    """SHA-256 of the rates in canonical JSON: what the rule book names."""
    rates = {"duty_ppm": TARIFF.duty.ad_valorem_ppm, "vat_ppm": TARIFF.vat_ppm}
    return hashlib.sha256(canonical.dumps(rates)).digest()


def item_charges(declaration: GoodsDeclaration) -> list[Mapping[str, int]]:
    """Charges of each item, in order [minor units]."""
    found: list[Mapping[str, int]] = []
    for item in declaration.items:
        if item.value is None:
            raise ValueError(f"item {item.number} has no value")
        charges = charges_of_item(item.value, item.net_mass, TARIFF)
        found.append({charge.value: minor for charge, minor in charges.items()})
    return found


def charges_of(declaration: GoodsDeclaration) -> Mapping[str, int]:
    """Totals per charge [minor units]: all that the chain is told."""
    charged = [
        charges_of_item(item.value, item.net_mass, TARIFF) for item in declaration.items if item.value is not None
    ]
    return {charge.value: minor for charge, minor in totals(charged).items()}
