"""An act on its way: as it is prepared to be signed, as it is once signed, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ledger.domain.ids import Address, Digest32, TxHash
from ledger.domain.signatures import signer_of
from ledger.ports.outbox import OutboxState


@dataclass(frozen=True)
class SignedAct:
    """The Solidity struct of the same name (`IActForwarder`)."""

    target: Address
    actor: Address
    nonce: int
    deadline: int
    gas: int
    data: bytes
    signature: bytes


@dataclass(frozen=True)
class PreparedAct:
    """An act, ready to be signed.

    Attributes:
        act_id: EIP-712 digest.
        contract: Directory name of the target.
        function: ABI name.
        meaning: What it does, in words, with its arguments.
        typed_data: Full EIP-712 message for any wallet; JSON-ready.
        args: Arguments by name, as they will be executed.
        in_words: The same as people read them, see `ledger.services.act_values`.
        unsigned: The SignedAct without its signature.
    """

    act_id: Digest32
    contract: str
    function: str
    meaning: str
    typed_data: Mapping[str, Any]
    args: Mapping[str, Any]
    in_words: Mapping[str, Any]
    unsigned: SignedAct

    def signed(self, signature: bytes) -> SignedAct:
        """The act with its signature (65 bytes r ‖ s ‖ v, or an ERC-1271 signature)."""
        values = {field.name: getattr(self.unsigned, field.name) for field in fields(SignedAct)}
        return SignedAct(**{**values, "signature": signature})


@dataclass(frozen=True)
class ActStatus:
    """What became of an act.

    Attributes:
        key: Outbox key; `act:<id>` for an act that only the chain knows.
        actor: In whose name it was signed.
        state: As in the outbox; FINAL or REFUSED for an act that only the chain knows.
        tx_hash: The transaction that carried it, once known.
        block_number: Height of the block that holds it, once mined.
        error: `{"error": name, "arguments": {…}}` of a refusal, `{"text": …}` of a CONFLICT.
    """

    key: str
    actor: Address
    state: OutboxState
    tx_hash: TxHash | None = None
    block_number: int | None = None
    error: Mapping[str, Any] | None = None


def is_signed(act: SignedAct, act_id: Digest32) -> bool:
    """Whether the act's own key signed it; False also for a wallet contract's signature, which the chain has to ask."""
    return signer_of(act_id, act.signature) == act.actor
