"""Terms of the import licence: what each quantity line covers, and the salted commitment that the chain is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from ledger.domain.trade.declaration import QUANTITY_SCALE, GoodsDeclaration

AUTHORISED: Final = 100 * QUANTITY_SCALE
"""Quantity of each line."""
HS6: Final = 6


@dataclass(frozen=True)
class PermitTerm:
    """One quantity line.

    Attributes:
        commodity: HS prefix covered.
        origin: ISO 3166-1 alpha-2.
        unit: Recommendation 20 code.
        salt: 32 bytes.
        commitment: What the chain holds of all that.
        authorised: × 10^6.
    """

    commodity: str
    origin: str
    unit: str
    salt: bytes
    commitment: bytes
    authorised: int


def commodities_of(declaration: GoodsDeclaration) -> list[str]:
    """HS subheadings of the declared goods, each once, in order."""
    return list(dict.fromkeys(item.commodity_code[:HS6] for item in declaration.items))


def terms_of(declaration: GoodsDeclaration, holder: int, salts: Mapping[str, bytes]) -> list[PermitTerm]:
    """One line per HS subheading of the declaration."""
    found = []
    for commodity in commodities_of(declaration):
        item = next(item for item in declaration.items if item.commodity_code.startswith(commodity))
        origin, unit, salt = item.origin or "", "KGM", salts[commodity]
        commitment = keccak(
            encode(
                ["bytes32", "uint64", "string", "bytes2", "bytes3"],
                [salt, holder, commodity, origin.encode(), unit.encode()],
            )
        )
        found.append(PermitTerm(commodity, origin, unit, salt, commitment, AUTHORISED))
    return found
