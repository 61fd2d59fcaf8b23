"""The scripted chain with one more contract: a DocumentRegistry reduced to its gap-free sequence."""

import json
from collections.abc import Sequence
from typing import Any

from ledger.domain.anchor import pack_h, unpack_h
from ledger.domain.ids import Address
from ledger.ports.chain import Event, Head, Receipt
from ledger.services.anchoring import REGISTRY
from tests.support.lives import CODEC
from tests.support.scripted_chain import FORWARDER, SIGNER, ScriptedChain

ISSUER_OF_ALL = 17
"""For whom every key anchors."""


class AnchorCodec:
    """Calls as the scripted chain reads them; all else as the contracts' own interfaces have it."""

    def encode_call(self, contract: str, function: str, args: Sequence[Any]) -> bytes:
        assert (contract, function) == (REGISTRY, "anchor")
        head, root, manifest = args
        return f"anchor:{head} {root.hex()} {manifest.hex()}".encode()

    def __getattr__(self, name: str) -> Any:
        return getattr(CODEC, name)


class AnchoringChain(ScriptedChain):
    """Anchors in order of their numbers, and refuses every other."""

    def anchored(self) -> list[Event]:
        """Every anchor, in order."""
        return list(self._events(0, self.head().number))

    def call(self, contract: str, function: str, args: Sequence[Any] = (), *, at: Head) -> Any:
        assert (contract in (FORWARDER, REGISTRY), function) == (True, "anchorWord")
        _, sequence = args
        return [int(sequence <= len(list(self._events(0, at.number))))]

    def _execute(self, raw: bytes) -> None:
        transaction, block = json.loads(raw), self.chain[-1]
        tx_hash, sender = self.transaction_hash(raw), Address(transaction["from"])
        events: tuple[Event, ...] = ()
        if transaction["data"]:
            head, root, manifest = transaction["data"].removeprefix("anchor:").split()
            h = pack_h(bytes.fromhex(SIGNER[2:]), int(head))
            if unpack_h(h).seq == len(self.anchored()) + 1:
                args: dict[str, Any] = {"issuer": ISSUER_OF_ALL, "h": h}
                args |= {"root": bytes.fromhex(root), "manifest": bytes.fromhex(manifest)}
                events = (Event(FORWARDER, "Anchored", args, block.head, tx_hash, 0, REGISTRY),)
        block.raws.append(raw)
        succeeded = bool(events) or not transaction["data"]
        block.receipts[tx_hash] = Receipt(tx_hash, succeeded, block.head, 21_000, sender, events)
