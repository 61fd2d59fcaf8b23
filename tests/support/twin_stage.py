"""A ledger whose acts are put to the chain, to a twin of the law and to their preconditions, all at once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from ledger.adapters.evm.direct import Direct
from ledger.devnet.engines import Engine
from ledger.domain.aeo import AeoState
from ledger.domain.debt import FiscalState, GuaranteeState, RefundState
from ledger.domain.errors import ActRefused
from ledger.domain.escrow import EscrowState
from ledger.domain.judging import DocumentState
from ledger.domain.permit import PermitState, UseState
from tests.support.facades import own_chain
from tests.support.ledgers import DECLARANT, FOREVER, ISSUER, TestLedger, install, key
from tests.support.preconditions import beside

LATE = 0.85
"""Part of a walk after which acts may come that leave little to do."""
GUARANTOR, REVENUE, TREASURY, AEO_UNIT, OGA, CHAMBER, APPEAL = (1 << bit for bit in (3, 7, 8, 10, 11, 12, 17))
REGISTRY_ROLE = 1
PHYTO, INVOICE = 851001, 380000
NOTHING, TERMS = b"\0" * 32, b"\7" * 32
GAS = 3_000_000
SAME_REFUSAL = {
    "Short": {"NotEnoughAvailable", "NotEnoughReserved", "BelowUse"},
    "Panic": {"NotEnoughFree", "NotEnoughSecured"},
}
"""Where arithmetic refuses in the domain, the registries name the balance that is short."""
STATE_IN = {
    "PermitStateForbids": ("state", PermitState),
    "PermitNotUsable": ("state", PermitState),
    "UseForbids": ("state", UseState),
    "NoTransition": ("from", DocumentState),
    "FiscalStateForbids": ("state", FiscalState),
    "GuaranteeStateForbids": ("state", GuaranteeState),
    "RefundStateForbids": ("state", RefundState),
    "EscrowStateForbids": ("state", EscrowState),
    "WrongAeoState": ("state", AeoState),
}


@dataclass
class Stage:
    """A ledger with one key for each part that is played.

    Attributes:
        numbers: Participants by the part they play.
        now: The chain's newest time [unix s].
        way: Acts of this walk so far.
        told: How often an act of this walk was taken, and refused under each of the chain's errors.
    """

    ledger: TestLedger
    numbers: dict[str, int]
    now: int = 0
    way: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    def act(self, name: str, contract: str, function: str, *args: Any) -> None:
        to = self.ledger.reader.address_of(contract)
        calldata = self.ledger.contracts.encode_call(contract, function, args)
        actor, direct = key(f"twin {name}"), Direct(self.ledger.rpc, self.ledger.contracts)
        do = partial(direct.transact, actor, to, calldata, gas=GAS)
        beside(self.ledger.reader, self.ledger.contracts, to, calldata, actor.address, do)

    def both(self, what: str, chain: Callable[[], None], twin: Callable[[], None]) -> None:
        """Put an act to both and compare what each says."""
        self.way.append(what)
        on_chain, by_twin = _refusal(chain), _refusal(twin)
        self.told["taken" if on_chain is None else on_chain.error] += 1
        if on_chain is None or by_twin is None:
            assert on_chain is by_twin, f"chain: {on_chain}, twin: {by_twin}"
            return
        assert on_chain.error in SAME_REFUSAL.get(by_twin.error, {by_twin.error}), f"{on_chain}, twin: {by_twin}"
        if by_twin.error in STATE_IN:
            name, states = STATE_IN[by_twin.error]
            assert states(on_chain.arguments[name]).name == by_twin.arguments[name], f"{on_chain}, twin: {by_twin}"

    def read(self, *calls: tuple[str, str, tuple[Any, ...]]) -> list[Any]:
        return self.ledger.reader.call_many(calls, at=self.ledger.reader.head())

    def tick(self) -> None:
        self.now = self.ledger.reader.head().time

    def let_pass(self, seconds: int) -> None:
        self.way.append(f"{seconds} s pass")
        self.ledger.rpc.request("evm_increaseTime", hex(seconds))
        self.ledger.rpc.request("evm_mine")
        self.tick()


def _refusal(act: Callable[[], None]) -> ActRefused | None:
    try:
        act()
    except ActRefused as refusal:
        return refusal
    return None


OFFICE = 1701
"""Of the keys `office` and `second office`; all others are of headquarters, which is above every office."""


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A ledger on an Anvil of its own, with every part admitted."""
    with own_chain(Engine.ANVIL, folder) as chain:
        ledger = install(chain)
        try:
            yield _staged(ledger)
        finally:
            ledger.rpc.close()


def _staged(ledger: TestLedger) -> Stage:
    parts = {"issuer": ISSUER, "agency": OGA, "trader": DECLARANT | GUARANTOR, "seller": DECLARANT, "arbiter": CHAMBER}
    numbers = {name: ledger.admit(name, (key(f"twin {name}"), roles)) for name, roles in parts.items()}
    officers = {"customs": REVENUE, "treasury": TREASURY, "second customs": REVENUE, "appeals": APPEAL}
    officers |= {"unit": AEO_UNIT, "second unit": AEO_UNIT}
    numbers["customs"] = ledger.admit("customs", *((key(f"twin {name}"), roles) for name, roles in officers.items()))
    supervised = (numbers["issuer"], 1, ISSUER, numbers["agency"], b"\1" * 32)
    purse = key("twin trader")
    ledger.govern(
        "twins",
        ("ParticipantRegistry", "amend", supervised),
        *(
            (
                "ParticipantRegistry",
                "setKey",
                (numbers["customs"], key(f"twin {name}").address, 0, REVENUE, OFFICE, 0, FOREVER),
            )
            for name in ("office", "second office")
        ),
        ("ParticipantRegistry", "accredit", (numbers["agency"], PHYTO, 0, 0, FOREVER)),
        ("ParticipantRegistry", "accredit", (numbers["issuer"], INVOICE, 0, 0, FOREVER)),
        ("AccessManager", "grantRole", (REGISTRY_ROLE, key("twin registry").address, 0)),
        ("DebtLedger", "setCountry", (b"UZ",)),
        *(("DebtLedger", "setRevenueAccount", (code, purse.address)) for code in (b"CUD", b"VAT", b"OTH")),
    )
    stage = Stage(ledger, numbers)
    stage.act("treasury", "SettlementToken", "mint", b"\1" * 32, purse.address, 10**12)
    stage.act("trader", "SettlementToken", "approve", ledger.reader.address_of("DebtLedger"), 2**256 - 1)
    return stage


def entity(participant: int, request: bytes) -> bytes:
    return keccak(encode(["uint64", "bytes32"], [participant, request]))


def walk(stage: Stage, seed: int, acts: int, step: Callable[[bool], None], compare: Callable[[], None]) -> Counter[str]:
    """Take `acts` steps and compare after each; a failure tells the seed and the way there.

    Args:
        step: Given whether it is late, puts one act to both.

    Returns:
        How often an act was taken, and refused under each of the chain's errors.
    """
    stage.way, stage.told = [], Counter()
    try:
        for done in range(acts):
            stage.tick()
            step(done > LATE * acts)
            compare()
    except Exception as difference:
        difference.add_note(f"seed {seed}, act {len(stage.way)} of: {', '.join(stage.way)}")
        raise
    return stage.told
