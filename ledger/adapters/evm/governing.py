"""Decisions of governance: proposed by one signer, approved by others, executed after the delay.

Each step asks first where the decision stands, so repeating `decide` changes nothing and finishes what was cut short.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.direct import Direct, Transact
from ledger.adapters.evm.network import GOVERNANCE
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.web3_provider import asking, web3_on
from ledger.domain.errors import Conflict, Unavailable
from ledger.domain.ids import Address, Digest32, TxHash
from ledger.ports.contracts import Args
from ledger.ports.signer import Signer

PROPOSE_GAS = 2_000_000
NONE, OPEN, WAITING, READY, EXECUTED, LAPSED = range(6)
"""`DecisionState` of IGovernance."""
DONE, WAITS = "executed", "waiting"
"""What `step` did."""
POLL_S = 0.2
GAS_SHARE = (9, 10)
"""Of a block's gas, for an execution: a decision may call many contracts."""


@dataclass(frozen=True)
class GovernedCall:
    """One call of a decision (`Call` of IGovernance).

    Attributes:
        target: Contract called.
        data: Full calldata.
    """

    target: Address
    data: bytes


class Governing:
    """Governance of one ledger."""

    def __init__(
        self, rpc: EvmRpc, contracts: Contracts, governance: Address, transact: Transact | None = None
    ) -> None:
        """Nothing is asked yet.

        Args:
            rpc: A node.
            contracts: ABI.
            governance: Its contract.
            transact: Sends a step and sees it mined; `Direct`, which keeps nothing, if not given.
        """
        self._contracts, self._address, self._web3 = contracts, governance, web3_on(rpc)
        self._views = self._web3.eth.contract(to_checksum_address(governance), abi=contracts.artifact(GOVERNANCE).abi)
        self._direct = Direct(rpc, contracts)
        self._transact: Transact = transact or self._direct.transact

    def call(self, contract: str, address: Address, function: str, args: Args) -> GovernedCall:
        """A call of a decision, by names."""
        return GovernedCall(address, self._contracts.encode_call(contract, function, args))

    def decide(
        self, signers: Sequence[Signer], request_id: Digest32, calls: Sequence[GovernedCall], *, wait_s: float = 60.0
    ) -> TxHash | None:
        """Propose, approve and execute.

        Args:
            signers: At least as many of governance's signers as a decision needs; each does what comes next, in turn.
            request_id: Names the decision; the same id and calls are the same decision.
            calls: All of them happen or none.
            wait_s: How long the delay is waited for [s].

        Returns:
            The transaction that executed it, or None if it was executed before.

        Raises:
            ActRefused: A step or one of the calls was refused.
            Conflict: The decision lapsed: decide again under a new id.
            Unavailable: No node, too few signers, or the delay is not over; repeat.
        """
        decision = decision_id(request_id, calls)
        until = time.monotonic() + wait_s
        while True:
            moved = False
            for signer in signers:
                self._direct.wait_for_pool(signer.address)  # a call that was cut short may be about to be mined
                done, tx_hash = self.step(signer, request_id, calls)
                if done == DONE:
                    return tx_hash
                moved = moved or done != WAITS
            if moved:
                continue
            state, _, ready_at = self._view("decisionOf", (decision,))
            if state == OPEN:
                raise Unavailable(f"decision 0x{decision.hex()} needs more signers than were given")
            if time.monotonic() > until:
                raise Unavailable(f"decision 0x{decision.hex()} can be executed at {ready_at} [unix s]")
            time.sleep(POLL_S)

    def step(self, signer: Signer, request_id: Digest32, calls: Sequence[GovernedCall]) -> tuple[str, TxHash | None]:
        """Do for one signer what comes next, once: propose, approve or execute.

        Returns:
            What was done (`proposed`, `approved`, `executed`) and its transaction; `waiting` and None while the others'
            approvals or the delay are awaited; `executed` and None if it was executed before.

        Raises:
            ActRefused: The step was refused.
            Conflict: The decision lapsed.
            Unavailable: No node.
        """
        decision = decision_id(request_id, calls)
        plain = [{"target": call.target, "data": call.data} for call in calls]
        state, _, ready_at = self._view("decisionOf", (decision,))
        if state == EXECUTED:
            return DONE, None
        if state == LAPSED:
            raise Conflict(f"decision 0x{decision.hex()} lapsed")
        if state == NONE:
            gas = PROPOSE_GAS + 20 * _size(calls)
            return "proposed", self._act(signer, "propose", (request_id, plain), gas)
        if state == OPEN and not self._view("hasApproved", (decision, signer.address)):
            return "approved", self._act(signer, "approve", (decision,), PROPOSE_GAS)
        if state == READY or (state == WAITING and self._delay_is_over(ready_at)):
            return DONE, self._act(signer, "execute", (request_id, plain), self._execution_gas())
        return WAITS, None

    def _act(self, signer: Signer, function: str, args: Args, gas: int) -> TxHash:
        calldata = self._contracts.encode_call(GOVERNANCE, function, args)
        return self._transact(signer, self._address, calldata, gas=gas)

    def _delay_is_over(self, ready_at: int) -> bool:
        """An idle chain's head is old: what counts is the time of the next block."""
        return time.time() > ready_at

    def _execution_gas(self) -> int:
        with asking("a block"):
            return self._web3.eth.get_block("latest")["gasLimit"] * GAS_SHARE[0] // GAS_SHARE[1]

    def _view(self, function: str, args: Args) -> Any:
        with asking(f"the result of {GOVERNANCE}.{function}"):
            return self._views.functions[function](*args).call()


def decision_id(request_id: Digest32, calls: Sequence[GovernedCall]) -> Digest32:
    """`keccak256(abi.encode(requestId, calls))`."""
    plain = [(call.target, call.data) for call in calls]
    return Digest32(keccak(encode(["bytes32", "(address,bytes)[]"], [request_id, plain])))


def _size(calls: Sequence[GovernedCall]) -> int:
    return sum(len(call.data) for call in calls)
