"""Terms of the import licence: what each quantity line covers, and the commitments that the chain is told."""

from collections.abc import Mapping
from typing import Final

from ledger.domain.ids import ParticipantId
from ledger.domain.permit import QUANTITY_SCALE, PermitTerms
from ledger.domain.trade.declaration import GoodsDeclaration, GoodsItem

AUTHORISED: Final = 100 * QUANTITY_SCALE
"""Quantity of each line, in millionths of a kilogram."""
UNIT: Final = "KGM"
HS6: Final = 6


def commodities_of(declaration: GoodsDeclaration) -> list[str]:
    """HS subheadings of the declared goods, each once, in order."""
    return list(dict.fromkeys(item.commodity_code[:HS6] for item in declaration.items))


def terms_of(declaration: GoodsDeclaration, holder: ParticipantId, salts: Mapping[str, bytes]) -> list[PermitTerms]:
    """One line per HS subheading of the declaration, for its origin."""
    origins = {item.commodity_code[:HS6]: item.origin or "" for item in declaration.items}
    return [
        PermitTerms(salts[commodity], holder, commodity, origins[commodity], UNIT)
        for commodity in commodities_of(declaration)
    ]


def line_for(terms: list[PermitTerms], item: GoodsItem) -> int:
    """Number of the line that covers a goods item."""
    return next(line for line, term in enumerate(terms) if item.commodity_code.startswith(term.commodity_prefix))
