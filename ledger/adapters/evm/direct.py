"""One transaction at a time, for keys that act where there is no outbox: the deployer's, and its installation.

Nothing is kept here. A call that was cut short may be repeated: what it left in the node's pool is waited for first,
and whoever calls this judges by effect.
"""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from eth_utils.address import to_checksum_address

from ledger.adapters.evm.reverts import refusal_of
from ledger.adapters.evm.rpc import EvmRpc, RpcFailure, quantity, receipts_of
from ledger.adapters.evm.transactions import hash_of
from ledger.adapters.evm.web3_provider import asking, web3_on
from ledger.adapters.evm.writer import EvmWriter
from ledger.domain.errors import ActRefused, Unavailable
from ledger.domain.ids import Address, TxHash
from ledger.ports.contracts import ContractCodec
from ledger.ports.signer import Signer

WAIT_S = 60.0
"""Until a receipt is there: a QBFT network with a validator down needs some seconds."""
POLL_S = 0.02


class Transact(Protocol):
    """Simulates, sends and sees a transaction mined; see `Direct.transact`."""

    def __call__(self, signer: Signer, to: Address, calldata: bytes, /, *, gas: int) -> TxHash:
        """The transaction."""


class Direct:
    """Sends for any signer and waits for the receipt."""

    def __init__(self, rpc: EvmRpc, codec: ContractCodec) -> None:
        self._rpc, self._codec, self._web3 = rpc, codec, web3_on(rpc)
        self._writer = EvmWriter(rpc, codec)

    def nonce(self, sender: Address) -> int:
        """Mined transactions of `sender`."""
        with asking("a count"):
            return self._web3.eth.get_transaction_count(to_checksum_address(sender), "latest")

    def wait_for_pool(self, sender: Address) -> None:
        """Wait until nothing of `sender` is pending. Raises `Unavailable` if something still is in the end.

        Ganache does not count its pool; it mines at once.
        """
        until = time.monotonic() + WAIT_S
        while True:
            with asking("a count"):
                pending = self._web3.eth.get_transaction_count(to_checksum_address(sender), "pending")
            if pending <= self.nonce(sender):
                return
            if time.monotonic() > until:
                raise Unavailable(f"a transaction of {sender} is still pending after {WAIT_S} s")
            time.sleep(POLL_S)

    def transact(self, signer: Signer, to: Address, calldata: bytes, *, gas: int) -> TxHash:
        """Simulate, send, and wait until it is mined with status 1.

        Raises:
            ActRefused: The contract refused it, in the simulation or when it was mined.
            Unavailable: Outcome unknown; look for the effect before calling again.
        """
        self._writer.simulate(signer.address, to, calldata, gas=gas)
        if self.nonce(signer.address) == 0:  # Ganache runs a nonce-0 transaction again whenever it is re-sent
            self._mined(signer, {"to": signer.address, "data": b"", "gas": 21_000, "nonce": 0})
        call = {"to": to, "data": calldata, "gas": gas, "nonce": self.nonce(signer.address)}
        tx_hash, receipt = self._mined(signer, call)
        if quantity(receipt["status"]) == 0:
            self._writer.simulate(signer.address, to, calldata, gas=gas)
            raise ActRefused("unknown", {"text": "refused when it was mined, would be taken now"})
        return tx_hash

    def create(self, signer: Signer, code: bytes, *, nonce: int, gas: int) -> Mapping[str, Any]:
        """Send a creation with exactly this nonce and wait for its receipt, whatever its status."""
        return self._mined(signer, {"to": None, "data": code, "gas": gas, "nonce": nonce})[1]

    def spend_nonce_zero(self, signer: Signer) -> None:
        """Spend nonce 0 on nothing, unless it is spent."""
        if self.nonce(signer.address) == 0:
            self._mined(signer, {"to": signer.address, "data": b"", "gas": 21_000, "nonce": 0})

    def why_refused(self, sender: Address, code: bytes, *, gas: int) -> ActRefused:
        """The constructor's reason, asked again."""
        try:
            with asking("code"):
                self._web3.eth.call({"from": to_checksum_address(sender), "data": code, "gas": gas}, "latest")
        except RpcFailure as failure:
            refusal = refusal_of(failure, self._codec)
            if refusal is not None:
                return refusal
            raise
        return ActRefused("unknown", {"text": "the constructor failed when it was mined, but not today"})

    def _mined(self, signer: Signer, transaction: Mapping[str, Any]) -> tuple[TxHash, Mapping[str, Any]]:
        free = {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0} if self._writer.has_base_fee() else {"gasPrice": 0}
        raw = signer.sign_transaction({**transaction, **free, "chainId": self._rpc.chain_id(), "value": 0})
        tx_hash = hash_of(raw)
        until = time.monotonic() + WAIT_S
        offered = False
        while True:
            try:
                # Asked before the first send as well: of an earlier run's transaction, which Ganache would run again.
                receipt = receipts_of(self._rpc, [tx_hash])[0]
                if receipt is not None:
                    break
                if not offered:
                    self._writer.send_raw(raw)
                    offered = True
            except Unavailable:
                if time.monotonic() > until:
                    raise
            if time.monotonic() > until:
                raise Unavailable(f"transaction 0x{tx_hash.hex()} is not mined after {WAIT_S} s")
            time.sleep(POLL_S)
        if Address(to_checksum_address(receipt["from"])) != signer.address:
            raise Unavailable(f"the node gave the receipt of another sender for 0x{tx_hash.hex()}")
        return tx_hash, receipt
