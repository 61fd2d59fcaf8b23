"""The nonces of one signer: which comes next, and which nobody has though later ones are on their way."""

from collections.abc import Sequence

from ledger.domain.errors import Unavailable
from ledger.domain.ids import Address
from ledger.ports.chain import ChainReader, ChainWriter
from ledger.ports.outbox import Outbox, OutboxRow


class Numbering:
    """Gives nonces out, for the holder of a signer; writes nothing.

    Args:
        reader: The chain.
        writer: The same node, which counts what a signer has sent.
        outbox: Where given nonces are kept.
        address: The signer's.
    """

    def __init__(self, reader: ChainReader, writer: ChainWriter, outbox: Outbox, address: Address) -> None:
        self._reader, self._writer, self._outbox, self._address = reader, writer, outbox, address
        self._caught_up = False

    def ask_again(self) -> None:
        """The outbox may not know the next nonce: ask the chain before one is given out."""
        self._caught_up = False

    def given(self) -> None:
        """A nonce was stored: from here the outbox itself knows the next one."""
        self._caught_up = True

    def next(
        self, flying: Sequence[OutboxRow], spent: int, *, wanted: bool, sends_again: bool
    ) -> tuple[int, list[int]]:
        """The next nonce, and those to be filled, so that no gap stops what is behind it.

        Args:
            flying: Signed before.
            spent: Nonces spent at the final block; a head with fewer is another chain's, or old.
            wanted: Whether anything is to be signed; if not, the next nonce says nothing.
            sends_again: Whether something is offered again: perhaps it waits behind a gap.

        Raises:
            Unavailable: No node or database, or the node is behind.
        """
        nonce = self._outbox.next_nonce(self._address) if wanted else 0
        gaps: list[int] = []
        if (wanted and not self._caught_up) or sends_again:
            on_chain = self._writer.nonce_at(self._address, at=self._reader.head())
            if on_chain < spent:
                raise Unavailable(f"the node's head has {on_chain} transactions of {self._address}, its past {spent}")
            gaps = self._gaps(on_chain, self._outbox.next_nonce(self._address), flying)
            nonce = max(on_chain, nonce)
        if wanted and nonce == 0:
            gaps, nonce = [0], 1  # harmless, because Ganache runs a nonce-0 transaction again whenever it is re-sent
        return nonce, gaps

    def _gaps(self, on_chain: int, stored: int, flying: Sequence[OutboxRow]) -> list[int]:
        """Nonces below the lowest in flight that nobody has: after a restored database, or a reorganisation."""
        lowest = min((row.nonce for row in flying if row.nonce is not None), default=stored)
        if on_chain >= lowest:
            return []
        held = {row.nonce: row for row in self._outbox.at_nonces(self._address, on_chain, lowest - 1)}
        if held:
            ended = next(iter(held.values()))
            raise Unavailable(f"the node is behind: {ended.key} was final with nonce {ended.nonce}, it has {on_chain}")
        return list(range(on_chain, lowest))
