"""Freeing nonces: of acts that no block can hold any more, and of those that their operator decided about.

Under the same nonce a transaction that does nothing is signed, durable before it is sent; whichever of the two is mined
decides.
"""

from collections.abc import Mapping, Sequence

from ledger.domain.ids import Address
from ledger.ports.outbox import Outbox, OutboxRow, Release
from ledger.services.signing import LIMIT_HOLDS_S, Signing


class Releasing:
    """The releases of one signer's nonces, as far as its rows in flight have any; for the holder of the signer.

    Args:
        outbox: Where they are kept.
        signing: Signs them.
        address: The signer's.
    """

    def __init__(self, outbox: Outbox, signing: Signing, address: Address) -> None:
        self._outbox, self._signing, self._address = outbox, signing, address
        self._known: dict[int, Release] | None = None

    @property
    def known(self) -> Mapping[int, Release]:
        """By nonce."""
        return self._known or {}

    def forget(self) -> None:
        """Another process held the signer: read them again."""
        self._known = None

    def read(self, rows: Sequence[OutboxRow]) -> None:
        """Know those of rows in flight; read once, as nobody else makes any."""
        if self._known is None:
            nonces = [row.nonce for row in rows if row.nonce is not None]
            found = self._outbox.releases(self._address, min(nonces), max(nonces))
            self._known = {release.nonce: release for release in found}

    def of(self, row: OutboxRow) -> Release | None:
        """What stands in for a row under its nonce, if it was given up."""
        return None if row.nonce is None else self.known.get(row.nonce)

    def release(self, again: Sequence[OutboxRow]) -> None:
        """Sign, durably, what spends the nonces of rows that no block holds, or that were decided about."""
        if not again:
            return
        terms = self._signing.terms(hold_s=LIMIT_HOLDS_S)
        fresh = []
        for row in again:
            is_over = row.gas > terms.block_gas or row.is_decided
            if is_over and row.nonce is not None and self.of(row) is None:
                filler = self._signing.filler(row.nonce, terms)
                if filler.raw is not None and filler.tx_hash is not None:
                    fresh.append(Release(self._address, row.nonce, filler.raw, filler.tx_hash, terms.block_gas))
        if fresh:
            self._outbox.release(fresh)
            self._known = {**self.known, **{release.nonce: release for release in fresh}}
