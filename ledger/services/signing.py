"""Raw transactions of one signer, on the terms that the chain asks today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ledger.ports.chain import ChainReader, ChainWriter
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.ports.signer import Signer
from ledger.services.submission import Submission

TERMS_HOLD_S = 10.0
"""How long chain id, fees and block gas are believed: they change with the network's rules, not with a block."""
LIMIT_HOLDS_S = 1.0
"""The same, before something is sent once more: perhaps it was not mined because a block holds less than it did."""
FILLER_GAS = 21_000
"""A transfer of nothing to oneself."""


@dataclass(frozen=True)
class Terms:
    """What the chain asks of a transaction today.

    Attributes:
        chain_id: EIP-155 id.
        fees: Type 2 fields on a chain with a base fee, else the legacy one; 0 on a free network.
        block_gas: Gas limit of a block.
    """

    chain_id: int
    fees: Mapping[str, int]
    block_gas: int


class Signing:
    """Signs; gives no nonce out by itself, and keeps nothing but the terms.

    Args:
        reader: The chain.
        writer: The same node's pool.
        signer: The key.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self, reader: ChainReader, writer: ChainWriter, signer: Signer, monotonic: Callable[[], float]
    ) -> None:
        self._reader, self._writer, self._signer, self._monotonic = reader, writer, signer, monotonic
        self._terms: tuple[float, Terms] | None = None

    def forget_terms(self) -> None:
        """Ask the chain for its terms before the next transaction."""
        self._terms = None

    def terms(self, *, hold_s: float = TERMS_HOLD_S) -> Terms:
        """The chain's terms, asked for at most `hold_s` seconds ago."""
        now = self._monotonic()
        if self._terms is None or now - self._terms[0] > hold_s:
            free = {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0} if self._writer.has_base_fee() else {"gasPrice": 0}
            self._terms = now, Terms(self._reader.chain_id(), free, self._writer.gas_limit())
        return self._terms[1]

    def sign(self, row: OutboxRow, nonce: int, terms: Terms) -> OutboxRow:
        """The row, SIGNED under a nonce."""
        transaction = {
            "chainId": terms.chain_id,
            "nonce": nonce,
            "to": row.to,
            "data": row.calldata,
            "gas": row.gas,
            "value": 0,
            **terms.fees,
        }
        raw = self._signer.sign_transaction(transaction)
        return replace(row, state=OutboxState.SIGNED, nonce=nonce, raw=raw, tx_hash=self._writer.transaction_hash(raw))

    def filler(self, nonce: int, terms: Terms) -> OutboxRow:
        """SIGNED as well: what spends a nonce on nothing."""
        address = self._signer.address
        return self.sign(Submission(f"filler:{address}:{nonce}", address, b"", FILLER_GAS).row(address), nonce, terms)
