"""Who can open which part of a declaration.

given rules for groups of commodities, and a declaration of several items
  → an item should be for the agencies of the nearest rule, beside customs; each agency once, and nobody for no rule
  → header and message should be for customs and the importer alone
given many items → the rules should be asked for together
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ledger.adapters.file_store import FileStore
from ledger.domain.ids import ParticipantId
from ledger.domain.limits import MAX_GOODS_ITEMS
from ledger.domain.trade.declaration import GoodsDeclaration
from ledger.domain.trade.wco_request import Lodge, read_message
from ledger.services.declaration_parts import DeclarationParts
from tests.support.evidence import LEDGER, FixedClock, key_ring, public_key
from tests.support.fake_chain import FakeChain
from tests.support.samples import sample

DECLARANT, IMPORTER, CUSTOMS, QUARANTINE, HEALTH = map(ParticipantId, (1, 2, 3, 4, 5))
RULES = {"08": [HEALTH], "0808": [QUARANTINE, CUSTOMS], "070960": [HEALTH, QUARANTINE, HEALTH]}
"""Agencies by the digits that their rule stands under."""


def chain() -> FakeChain:
    made = FakeChain()

    def rule(args: tuple[Any, ...], _: object) -> tuple[bool, dict[str, Any]]:
        agencies = RULES.get(args[1].rstrip(b"\0").decode(), [])
        return bool(agencies), {"checks": [{"agency": agency} for agency in agencies]}

    made.answer("RuleRegistry", "version", lambda *_: 1)
    made.answer("RuleRegistry", "ruleAt", rule)
    made.answer("ParticipantRegistry", "encryptionKey", lambda args, _: (public_key(key_ring(str(args[0]))), 1))
    return made


def sealed(of: FakeChain, commodities: list[str], folder: Path) -> dict[str, set[ParticipantId]]:
    """Readers by part, beside its issuer, of HMRC's declaration with these items."""
    message = sample("hmrc-cds/IM008b_declaration.xml")
    request = read_message(message).request
    assert isinstance(request, Lodge)
    (item,) = request.declaration.items
    items = tuple(replace(item, number=n, commodity_code=code) for n, code in enumerate(commodities, 1))
    declaration: GoodsDeclaration = replace(request.declaration, items=items)
    readers, store, at = (CUSTOMS, IMPORTER), FileStore(folder), of.head()
    parts = DeclarationParts(of, store, LEDGER, FixedClock(), issuer=DECLARANT, readers=readers, message=message, at=at)
    parts.seal_declaration(declaration, request.declared, {}, [])
    return {part.name: set(part.readers) for part in parts.parts}


def test_an_item_is_for_the_agencies_of_the_nearest_rule(tmp_path: Path) -> None:
    found = sealed(chain(), ["0808108010", "0805100000", "0709600000", "9306210000", "0808108010"], tmp_path)
    assert found == {
        "item 1": {CUSTOMS, IMPORTER, QUARANTINE},
        "item 2": {CUSTOMS, IMPORTER, HEALTH},
        "item 3": {CUSTOMS, IMPORTER, HEALTH, QUARANTINE},
        "item 4": {CUSTOMS, IMPORTER},
        "item 5": {CUSTOMS, IMPORTER, QUARANTINE},
        "header": {CUSTOMS, IMPORTER},
        "message": {CUSTOMS, IMPORTER},
    }


def test_the_node_is_asked_once_whatever_the_number_of_items(tmp_path: Path) -> None:
    many = chain()
    sealed(many, [f"{number:010}" for number in range(MAX_GOODS_ITEMS)], tmp_path)
    assert many.calls.count("call_many") == 1
