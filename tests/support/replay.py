"""The gas table's play on any engine: every act once, each with what it did and how it is refused.

Each act is tried by a stranger, then done by its actor, directly or relayed, and then done again: what the chain says
to each is written down, and is the same on every engine. Where the table undoes an act, it is only simulated here,
because a real node has no way back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import sleep
from typing import Any, Final

from eth_utils.crypto import keccak

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.rpc import EvmRpc, quantity, receipts_of
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.keystore import LocalSigner
from ledger.devnet.engines import Chain, Engine
from ledger.domain.errors import ActRefused, Unavailable
from ledger.ports.chain import Event
from ledger.ports.contracts import ActHeader, Args
from scripts.gas import table
from scripts.gas.meter import ACT_GAS, LIFETIME_S, RELAYED, TRANSACTION, Meter, Slots, calldata_gas, key, request
from scripts.gas.stage import Stage
from tests.support.preconditions import beside

LONDON: Final = (Engine.ANVIL, Engine.HARDHAT)
"""Engines with EIP-3529, which gives less gas back for a slot that is emptied."""
SHORT_S: Final = 20
"""Long enough for an act or two on a busy machine [s]."""
CLOCK_S: Final = 400 * 86_400
"""A number so near to the block's time is a time, which differs on each chain."""
NEVER_SAME: Final = ("actId",)
"""Arguments that depend on the deadline that was signed."""


@dataclass
class Told:
    """What a chain says of one act.

    Attributes:
        to_a_stranger: The error that a key which nobody registered gets.
        events: Name and arguments of each, times left out; empty where the act was only simulated.
        refusal: The error of the same act once more; None if it may be done again.
        gas: Of the transaction without its calldata; None where it was only simulated.
    """

    to_a_stranger: str
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    refusal: tuple[str, dict[str, Any]] | None = None
    gas: int | None = None


class Replay(Meter):
    """A meter that takes the engine and its clock as they are."""

    def __init__(self, chain: Chain, rpc: EvmRpc, *, relayed: bool) -> None:
        self.told: dict[str, Told] = {}
        self._relayed = relayed
        self._writer = EvmWriter(rpc, Contracts.packaged())
        super().__init__(chain, rpc, Contracts.packaged(), short_s=SHORT_S)

    def measure(
        self, name: str, actor: LocalSigner, args: Args, slots: Slots, *, goal: int | None = None, keep: bool = True
    ) -> None:
        """Do an act of the table and write down what the chain says."""
        contract, data = self._call(name, args)
        self._direct.spend_nonce_zero(actor)
        stranger = self._refusal(key("stranger"), contract, data)
        told = self.told[name] = Told(stranger[0] if stranger else "taken")
        if not keep:
            refused = self._refusal(actor, contract, data)
            assert refused is None, f"{name}: {refused}"
            return
        target, sender, calldata = (RELAYED, self._relayer, self._signed(name, actor, args, 1)) if self._relayed else (
            contract, actor, data
        )  # fmt: skip
        events, gas = self._mined(sender, target, calldata)
        assert target != RELAYED or any(event.name == "ActExecuted" for event in events), f"{name}: {events}"
        told.events = [self._plain(event) for event in events]
        told.gas = gas
        told.refusal = self._refused_again(name, actor, args, contract, data)

    def between(self, name: str, less: str, more: str, slots: Slots, goal: int) -> None:
        """A difference of two acts is no act."""

    def now(self) -> int:
        """Time of the newest block [unix s]."""
        return self.reader.head().time

    def let_pass(self, seconds: int) -> None:
        """Wait, and have blocks made, which an idle chain has none of."""
        until = self.now() + seconds
        while self.now() <= until:
            sleep(1)
            self.play(key("treasurer"), "token.approve", (self._relayer.address, 1))

    def _prepare_clock(self) -> None:
        """The engine's own."""

    def _tick(self) -> None:
        """The engine's own."""

    def _refused_again(
        self, name: str, actor: LocalSigner, args: Args, contract: str, data: bytes
    ) -> tuple[str, dict[str, Any]] | None:
        """The same act a second time: by simulation, and, relayed, as an act that is carried and refused."""
        again = self._refusal(actor, contract, data)
        if again is None or not self._relayed:
            return again
        events, _ = self._mined(self._relayer, RELAYED, self._signed(name, actor, args, 2))
        reasons = [event.args["reason"] for event in events if event.name == "ActRefused"]
        assert len(reasons) == 1, f"{name}: {events}"
        error, arguments = self.contracts.refusal(reasons[0])
        return error, self._timeless(arguments, self.now())

    def _refusal(self, sender: LocalSigner, contract: str, data: bytes) -> tuple[str, dict[str, Any]] | None:
        try:
            to = self.reader.address_of(contract)
            simulate = partial(self._writer.simulate, sender.address, to, data, gas=ACT_GAS * 2)
            beside(self.reader, self.contracts, to, data, sender.address, simulate)
        except ActRefused as refused:
            return refused.error, self._timeless(refused.arguments, self.now())
        return None

    def _mined(self, sender: LocalSigner, contract: str, data: bytes) -> tuple[Sequence[Event], int]:
        tx_hash = self._direct.transact(sender, self.reader.address_of(contract), data, gas=ACT_GAS * 2)
        raw, found = receipts_of(self.rpc, [tx_hash])[0], self.reader.receipts([tx_hash])[0]
        if raw is None or found is None:
            raise Unavailable(f"no receipt of 0x{tx_hash.hex()}")
        assert len(raw["logs"]) == len(found.events), "an event that no ABI has"
        return found.events, quantity(raw["gasUsed"]) - TRANSACTION - calldata_gas(data)

    def _signed(self, name: str, actor: LocalSigner, args: Args, time: int) -> bytes:
        """Calldata that carries the act for the `time`-th time."""
        target, data = self._call(name, args)
        nonce, deadline = int.from_bytes(request(f"nonce {name} {time}")), self.now() + LIFETIME_S
        place = self.reader.address_of(target)
        header = ActHeader(self.chain.chain_id, place, actor.address, nonce, deadline, ACT_GAS)
        typed = self.contracts.typed_data(target, name.split(".")[1], args, header)
        act = {"target": place, "actor": actor.address, "nonce": nonce, "deadline": deadline, "gas": ACT_GAS}
        signed = {**act, "data": data, "signature": actor.sign_typed_data(typed)}
        return self.contracts.encode_call(RELAYED, "execute", [signed])

    def _plain(self, event: Event) -> tuple[str, str, dict[str, Any]]:
        args = {name: value for name, value in event.args.items() if name not in NEVER_SAME}
        if event.name == "KeyChanged":
            args["word"] = _key_fields(args["word"])
        return event.contract_name, event.name, self._timeless(args, event.block.time)

    def _timeless(self, value: Any, now: int) -> Any:
        if isinstance(value, Mapping):
            return {name: self._timeless(found, now) for name, found in value.items()}
        if isinstance(value, list | tuple):
            return [self._timeless(found, now) for found in value]
        is_time = isinstance(value, int) and not isinstance(value, bool) and abs(value - now) < CLOCK_S
        return "a time" if is_time else value


def _key_fields(word: int) -> list[int]:
    """A key's word, its three times apart: participant, valid from, until, blocked from; roles, office and flags."""
    times = [word >> bit & (1 << 40) - 1 for bit in (64, 104, 144)]
    return [word & (1 << 64) - 1, *times, word >> 184]


def replay(chain: Chain, *, relayed: bool) -> tuple[dict[str, Told], bytes]:
    """Play every act of the table; returns what was told, and a hash over the parties' balances at the end."""
    with EvmRpc(chain.rpc_url, chain_id=chain.chain_id) as rpc:
        played = Replay(chain, rpc, relayed=relayed)
        table.play(Stage(played))
        holders = ("trader", "broker", "treasurer")
        balances = [played.view("SettlementToken", "balanceOf", key(name).address) for name in holders]
        supply = played.view("SettlementToken", "totalSupply")
        return played.told, keccak(repr((balances, supply)).encode())
