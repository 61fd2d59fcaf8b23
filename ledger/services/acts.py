"""Acts: prepared for a wallet, carried once signed, followed to their end.

`prepare` says what an act means and what to sign; `relay` carries the signed act in this facade's own transaction, whose
sender gains nothing by it; `follow` says what became of it. The act's id, an EIP-712 digest, is its name everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.ids import Address, Digest32, TxHash
from ledger.ports.chain import ChainReader, ChainWriter, Head
from ledger.ports.clock import Clock
from ledger.ports.contracts import Args, ContractCodec
from ledger.ports.outbox import OutboxState
from ledger.services.sender import Sender


@dataclass(frozen=True)
class PreparedAct:
    """An act, ready to be signed.

    Attributes:
        act_id: EIP-712 digest.
        contract, function: Where the act lives.
        meaning: What it does, in words, with its arguments.
        typed_data: Full EIP-712 message for any wallet; JSON-ready.
        args: Arguments by name, as they will be executed.
        target, actor, nonce, deadline, gas, data: Fields of the SignedAct, all but the signature.
    """

    act_id: Digest32
    contract: str
    function: str
    meaning: str
    typed_data: Mapping[str, Any]
    args: Mapping[str, Any]
    target: Address
    actor: Address
    nonce: int
    deadline: int
    gas: int
    data: bytes

    def sign(self, signature: bytes) -> "SignedAct":
        """The act with its signature (65 bytes r ‖ s ‖ v, or an ERC-1271 signature)."""
        return SignedAct(self.target, self.actor, self.nonce, self.deadline, self.gas, self.data, signature)


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
class ActStatus:
    """What became of an act.

    Attributes:
        act_id: EIP-712 digest, or the outbox key of an act that was not relayed.
        state: As in the outbox; None if the chain knows the act but this outbox never had it.
        executed: True or False once mined, None before.
        tx_hash: The transaction that carried it, once known.
        block: The block that holds it, once mined.
        error: Name and arguments of the contract's refusal, or a text for a CONFLICT.
    """

    key: str
    state: OutboxState | None
    executed: bool | None
    tx_hash: TxHash | None
    block: Head | None
    error: Mapping[str, Any] | None


class Acts:
    """Prepare, relay, follow; needs no authority, only a relayer's key inside `sender`."""

    def __init__(
        self, reader: ChainReader, writer: ChainWriter, codec: ContractCodec, sender: Sender, clock: Clock
    ) -> None:
        raise NotImplementedError

    def prepare(
        self,
        contract: str,
        function: str,
        args: Args,
        actor: Address,
        *,
        nonce: int | None = None,
        valid_for_s: int = 900,
        gas: int | None = None,
        simulate: bool = True,
    ) -> PreparedAct:
        """Return the act to sign.

        Args:
            contract: Directory name.
            function: ABI name.
            args: Its arguments, see `ledger.ports.contracts`.
            actor: In whose name.
            nonce: Random if not given.
            valid_for_s: Time left to carry it, from now [s].
            gas: Gas for the act; by a fixed rule on its arguments if not given.
            simulate: Try it on the newest state first.

        Raises:
            ActRefused: The contract would refuse it now.
            Malformed, NotFound: It is no such act.
            Unavailable: No node.
        """
        raise NotImplementedError

    def relay(self, act: SignedAct, *, key: str | None = None) -> ActStatus:
        """Accept a signed act: durable when this returns, then carried by the sender.

        Args:
            act: What `prepare` gave, signed.
            key: Idempotency key; `act:<id>` if not given.

        Raises:
            ActRefused: It would be refused now (bad signature, expired, spent nonce, or by its target); nothing is kept.
            Conflict: The key was used for another act.
            Unavailable: No node, or no database: nothing was accepted.
        """
        raise NotImplementedError

    def follow(self, act_id: Digest32) -> ActStatus:
        """What became of it, from the outbox, else from the chain. Raises `NotFound`."""
        raise NotImplementedError

    def wait(self, key: str, *, timeout_s: float = 60.0) -> ActStatus:
        """Drive the sender until the act is FINAL. Raises `ActRefused` if it was refused, `Unavailable` on timeout."""
        raise NotImplementedError
