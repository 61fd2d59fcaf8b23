"""What an act costs: measured on a real node, sent directly and relayed, beside the least that its rules allow.

Each act is played on the same state twice: by its actor's own transaction, then, that undone, signed and carried by a
relayer. Keys, nonces and block times are fixed, so that a second run gives the same figures to the unit.

    floor = 21,000 + calldata + the storage slots that the act's rules need, cold + log

of the direct transaction; calls between contracts, hashing and memory are left out of it on purpose.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from eth_utils.crypto import keccak

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.deploy import DeploymentPlan, deploy
from ledger.adapters.evm.direct import Direct
from ledger.adapters.evm.governing import Governing
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc, quantity, receipts_of, unhex
from ledger.adapters.keystore import LocalSigner
from ledger.devnet.engines import Chain
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Digest32, LedgerId, TxHash
from ledger.ports.contracts import ActHeader, Args

TRANSACTION: Final = 21_000
ZERO_BYTE, OTHER_BYTE = 4, 16
"""EIP-2028."""
COLD_READ, COLD_CHANGE, COLD_NEW, COLD_EMPTY = 2_100, 5_000, 22_100, 200
"""EIP-2929: SLOAD, SSTORE from non-zero, SSTORE from zero; EIP-3529: SSTORE to zero, less the 4,800 given back."""
COLD_CONTRACT: Final = 2_600
"""EIP-2929: the first call of a contract."""
LOG, TOPIC, LOG_BYTE = 375, 375, 8
EPOCH: Final = 2_000_000_000
"""Time of the first block [unix s]: later than any clock on which this runs before 2033."""
LIFETIME_S: Final = 900
ACT_GAS: Final = 3_000_000
MARGIN: Final = (135, 100)
"""Goal of an act of a life cycle: 1.35 times its floor."""
RELAYED: Final = "ActForwarder"
CONTRACTS: Final = {
    "authorisations": "AuthorisationRegistry",
    "debts": "DebtLedger",
    "declarations": "DeclarationRegistry",
    "documents": "DocumentRegistry",
    "escrow": "TradeEscrow",
    "participants": "ParticipantRegistry",
    "permits": "PermitRegistry",
    "rules": "RuleRegistry",
    "token": "SettlementToken",
}
"""What the table calls a contract."""


@dataclass(frozen=True)
class Slots:
    """Storage slots that an act's rules need, by what they hold.

    Attributes:
        read: Looked at, left as they are.
        changed: From one value to another.
        new: From nothing to a value.
        emptied: From a value to nothing.
    """

    read: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()

    @property
    def gas(self) -> int:
        """Price of all of them, cold."""
        kept = COLD_READ * len(self.read) + COLD_CHANGE * len(self.changed) + COLD_NEW * len(self.new)
        return kept + COLD_EMPTY * len(self.emptied)

    def __str__(self) -> str:
        kinds = (("read", self.read), ("changed", self.changed), ("new", self.new), ("emptied", self.emptied))
        return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds if names)


@dataclass(frozen=True)
class Sent:
    """A mined transaction: its gas, and what of it no rule could save (21,000, calldata, log)."""

    gas: int
    bare: int
    tx_hash: TxHash


@dataclass(frozen=True)
class Touched:
    """What a mined transaction touched: slots only read, changed and made, and contracts entered besides its own."""

    read: int
    changed: int
    new: int
    contracts: int

    @property
    def gas(self) -> int:
        """Price of the slots, cold."""
        return COLD_READ * self.read + COLD_CHANGE * self.changed + COLD_NEW * self.new


@dataclass(frozen=True)
class Cost:
    """One entry of the table; what the fields mean says `tests/contracts/README.md`."""

    gas: int
    relayed: int
    floor: int
    goal: int
    slots: str
    reason: str

    @classmethod
    def of(cls, direct: Sent, touched: Touched, relayed: Sent, slots: Slots, goal: int | None) -> "Cost":
        """From both transactions; the goal of a life cycle's act if none is given."""
        floor = direct.bare + slots.gas
        goal = goal or floor * MARGIN[0] // MARGIN[1]
        reason = _reason(direct.gas - floor, touched, slots) if direct.gas > goal else ""
        return cls(direct.gas, relayed.gas, floor, goal, str(slots), reason)


def _reason(above: int, touched: Touched, slots: Slots) -> str:
    """Where what an act takes above its floor goes to."""
    entered, further = COLD_CONTRACT * touched.contracts, touched.gas - slots.gas
    rest = above - entered - further
    return (
        f"above its floor: {entered:,} to enter {touched.contracts} more contracts, {further:,} for slots beyond those "
        f"listed, {rest:,} to check, hash, encode and copy"
    )


@dataclass
class Meter:
    """A ledger on a chain whose clock is ours, and the acts measured on it so far."""

    chain: Chain
    rpc: EvmRpc
    contracts: Contracts
    costs: dict[str, Cost] = field(default_factory=dict)
    short_s: int = 900
    """A time that passes soon, and in which an act or two fit [s]."""

    def __post_init__(self) -> None:
        self._prepare_clock()
        self.governors = [key(f"governor {number}") for number in range(2)]
        plan = DeploymentPlan(LedgerId(b"L" * 32), "UZ", [governor.address for governor in self.governors], 2)
        network = deploy(self.rpc, self.contracts, key("deployer"), self.governors, plan)
        self.reader = EvmReader(self.rpc, self.contracts, network.directory)
        self._direct = Direct(self.rpc, self.contracts)
        self._governing = Governing(self.rpc, self.contracts, self.reader.address_of("Governance"))
        self._relayer = key("relayer")
        self._direct.spend_nonce_zero(self._relayer)

    def _prepare_clock(self) -> None:
        self._now = EPOCH
        self._tick()
        self.rpc.request("anvil_setBlockTimestampInterval", 1)

    def govern(self, name: str, calls: Sequence[tuple[str, str, Args]]) -> None:
        """Decide `calls` (contract, function, arguments)."""
        made = [self._governing.call(c, self.reader.address_of(c), f, args) for c, f, args in calls]
        self._governing.decide(self.governors, request(name), made)

    def view(self, contract: str, function: str, *args: Any) -> Any:
        """A view's answer now."""
        return self.reader.call(contract, function, args, at=self.reader.head())

    def play(self, actor: LocalSigner, act: str, args: Args) -> None:
        """Do an act (`contract.function`) without measuring it."""
        self._send(actor, *self._call(act, args))

    def measure(
        self, name: str, actor: LocalSigner, args: Args, slots: Slots, *, goal: int | None = None, keep: bool = True
    ) -> None:
        """Do an act both ways and enter its cost.

        Args:
            name: `contract.function[.case]`.
            actor: Whose act it is.
            args: Of the function.
            slots: What its rules need.
            goal: If not that of a life cycle's act.
            keep: Whether it stays done.
        """
        target, data = self._call(name, args)
        self._direct.spend_nonce_zero(actor)
        before = self.rpc.request("evm_snapshot")
        direct = self._send(actor, target, data)
        touched = self.touched(direct)
        self.rpc.request("evm_revert", before)
        before = self.rpc.request("evm_snapshot")
        relayed = self._carry(name, actor, args)
        if not keep:
            self.rpc.request("evm_revert", before)
        self.costs[name] = Cost.of(direct, touched, relayed, slots, goal)

    def between(self, name: str, less: str, more: str, slots: Slots, goal: int) -> None:
        """Enter what the act `more` costs above the act `less`, both measured before on the same state."""
        one, two = self.costs[less], self.costs[more]
        floor = two.floor - one.floor
        reason = "" if two.gas - one.gas <= goal else f"above its floor: {two.gas - one.gas - floor:,}"
        self.costs[name] = Cost(two.gas - one.gas, two.relayed - one.relayed, floor, goal, str(slots), reason)

    def now(self) -> int:
        """Time of the newest block [unix s]."""
        return self._now

    def let_pass(self, seconds: int) -> None:
        """Let that much time pass, and a block come."""
        self._now += seconds
        self._tick()
        self.rpc.request("evm_mine")

    def touched(self, sent: Sent) -> Touched:
        """What a mined transaction touched."""
        accounts = self._trace(sent.tx_hash, diff=False)
        diff = self._trace(sent.tx_hash, diff=True)
        before = _storage(accounts)
        moved = _storage(diff["pre"]).keys() | _storage(diff["post"]).keys()  # a slot that is emptied is in `pre` alone
        was = {slot for slot, value in before.items() if int(value, 16)}
        made = moved - was
        contracts = sum("code" in account for account in accounts.values()) - 1
        return Touched(len(before.keys() - moved), len(moved) - len(made), len(made), contracts)

    def _trace(self, tx_hash: TxHash, *, diff: bool) -> Any:
        how = {"tracer": "prestateTracer", "tracerConfig": {"diffMode": diff}}
        return self.rpc.request("debug_traceTransaction", "0x" + tx_hash.hex(), how)

    def _call(self, name: str, args: Args) -> tuple[str, bytes]:
        short, function = name.split(".")[:2]
        contract = CONTRACTS[short]
        return contract, self.contracts.encode_call(contract, function, args)

    def _send(self, signer: LocalSigner, contract: str, data: bytes) -> Sent:
        self._tick()
        tx_hash = self._direct.transact(signer, self.reader.address_of(contract), data, gas=ACT_GAS * 2)
        receipt = receipts_of(self.rpc, [tx_hash])[0]
        if receipt is None:
            raise Unavailable(f"no receipt of 0x{tx_hash.hex()}")
        logs = sum(LOG + TOPIC * len(log["topics"]) + LOG_BYTE * len(unhex(log["data"])) for log in receipt["logs"])
        return Sent(quantity(receipt["gasUsed"]), TRANSACTION + calldata_gas(data) + logs, tx_hash)

    def _carry(self, name: str, actor: LocalSigner, args: Args) -> Sent:
        target, data = self._call(name, args)
        nonce = int.from_bytes(request(f"nonce {name}"))
        deadline = self._now + LIFETIME_S
        place = self.reader.address_of(target)
        header = ActHeader(self.chain.chain_id, place, actor.address, nonce, deadline, ACT_GAS)
        typed = self.contracts.typed_data(target, name.split(".")[1], args, header)
        act = {"target": place, "actor": actor.address, "nonce": nonce, "deadline": deadline, "gas": ACT_GAS}
        signed = {**act, "data": data, "signature": actor.sign_typed_data(typed)}
        carried = self._send(self._relayer, RELAYED, self.contracts.encode_call(RELAYED, "execute", [signed]))
        events = self.reader.receipts([carried.tx_hash])[0]
        if events is None or not any(event.name == "ActExecuted" for event in events.events):
            raise Unavailable(f"{name} was refused when it was relayed")
        return carried

    def _tick(self) -> None:
        """Give the next block the next second, whatever was undone."""
        self._now += 60
        self.rpc.request("evm_setNextBlockTimestamp", self._now)


def key(name: str) -> LocalSigner:
    """The same key for the same name."""
    return LocalSigner(hashlib.sha256(b"gas " + name.encode()).digest())


def request(name: str) -> Digest32:
    """The same request id, record id or reference for the same name."""
    return Digest32(hashlib.sha256(b"gas request " + name.encode()).digest())


def entity(participant: int, name: str) -> bytes:
    """Entity key of what a participant made under that request."""
    return keccak(participant.to_bytes(32) + request(name))


def calldata_gas(data: bytes) -> int:
    """EIP-2028."""
    return sum(OTHER_BYTE if byte else ZERO_BYTE for byte in data)


def _storage(accounts: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (address, slot): value
        for address, account in accounts.items()
        for slot, value in account.get("storage", {}).items()
    }
