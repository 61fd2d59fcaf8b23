"""More of the Python law beside the contracts' own, act by act, on a real node: see `test_twins_on_chain.py`.

given a ledger on Anvil, and the twins of an operator's authorisation, of refund claims, of a deposit as security, of an
escrow
└── when a seeded random sequence of acts is put to both
    ├── it should be refused by the chain exactly where the twin refuses, under the same error and state
    └── it should leave the same states, versions and balances after every act, taken or refused
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from ledger.domain import merkle
from ledger.domain.aeo import AeoAction, AeoState
from ledger.domain.debt import DebtCase, FiscalState, Guarantee, GuaranteeState, RefundState
from ledger.domain.errors import ActRefused
from ledger.domain.escrow import Escrow, EscrowAction, EscrowState
from tests.support.further_twins import AeoModel, Deposit, RefundModel
from tests.support.ledgers import DECLARANT, key
from tests.support.twin_stage import INVOICE, NOTHING, OFFICE, TERMS, Stage, entity, staged, walk

pytestmark = pytest.mark.integration
SEEDS = (1, 2)
ACTS = 80
FRAUD, GROUND, CORRECTION, DEFECT, NOTICE_GIVEN, DISCREPANT = 4, 206, 206, 216, 219, 302
SOON, LATER = 3_000, 5_000
"""Well before, and well after, what lasts 4,000 s [s]."""


ONWARDS = {
    AeoState.NONE: ("apply",),
    AeoState.APPLIED: ("review",),
    AeoState.IN_REVIEW: ("grant", "refuseAeo"),
    AeoState.ACTIVE: ("propose", "suspendAeo"),
    AeoState.SUSPENDED: ("propose", "reinstateAeo"),
    **dict.fromkeys((AeoState.REFUSED, AeoState.REVOKED, AeoState.WITHDRAWN), ("apply",)),
}
NEXT_FOR = {
    RefundState.CLAIMED: ("reviewRefund",),
    RefundState.IN_REVIEW: ("approveRefund", "approveRefund", "refuseRefund"),
    RefundState.REFUSED: ("appealRefund",),
    RefundState.APPEALED: ("decideRefundAppeal",),
    RefundState.APPROVED: ("payRefund",),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("twins")) as made:
        yield made


# ----- authorised economic operators


def aeo_walk(stage: Stage, seed: int) -> Counter[str]:
    rng = random.Random(f"aeo {seed}")
    name = f"operator {seed}"
    number = stage.ledger.admit(name, (key(f"twin {name}"), DECLARANT))
    model = AeoModel()
    contract = "AuthorisationRegistry"

    def unit(function: str, *args: Any, officer: str = "unit") -> Callable[[], None]:
        return partial(stage.act, officer, contract, function, number, model.version, *args)

    def own(function: str, *args: Any) -> Callable[[], None]:
        return partial(stage.act, name, contract, function, *args)

    def step(_: bool) -> None:
        now = stage.now
        officer = rng.choice(("unit", "second unit"))
        barred, until = rng.choice((0, now + 4_000)), now + rng.choice((4_000, 40_000))
        acts: dict[str, tuple[int, Callable[[], None], Callable[[], None]]] = {
            "apply": (20, own("applyForAeo", rng.randbytes(32), NOTHING), partial(model.apply_for, now)),
            "review": (20, unit("reviewAeo", NOTHING), partial(model.act, AeoAction.REVIEW, now)),
            "grant": (20, unit("grantAeo", 1, 1, 0, until, NOTHING), partial(model.grant, until, now)),
            "withdraw": (4, own("withdrawAeo", model.version, NOTHING), partial(model.withdraw, now)),
            "suspend itself": (
                4,
                own("suspendAeo", number, model.version, FRAUD, NOTHING),
                partial(model.suspend_itself, now),
            ),
            "propose": (
                10,
                unit("proposeAeoRevocation", barred, FRAUD, NOTHING, officer=officer),
                partial(model.propose, officer, barred, now),
            ),
            "confirm": (
                15,
                unit("confirmAeoRevocation", officer=officer),
                partial(model.confirm, officer, now),
            ),
        }
        for action, weight in ((AeoAction.REFUSE, 6), (AeoAction.SUSPEND, 10), (AeoAction.REINSTATE, 8)):
            function = f"{action.name.lower()}Aeo"
            acts[function] = (weight, unit(function, FRAUD, NOTHING), partial(model.act, action, now))
        if rng.random() < 0.12:
            stage.let_pass(LATER)
            return
        chosen = rng.choices(list(acts), [weight for weight, _, _ in acts.values()])[0]
        if rng.random() < 0.6:  # what leads on, so that the walk gets far
            waits = model.proposal is not None and model.proposal[1] == model.version
            chosen = "confirm" if waits else rng.choice(ONWARDS[model.state])
        stage.both(f"{chosen} by {officer}", *acts[chosen][1:])

    def compare() -> None:
        (told,) = stage.read((contract, "aeoOf", (number,)))
        stored = (AeoState(told["state"]), told["version"], told["until"], told["barredUntil"])
        assert stored == (model.state, model.version, model.until, model.barred_until)

    return walk(stage, seed, 2 * ACTS, step, compare)


# ----- refunds


def refund_walk(stage: Stage, seed: int) -> Counter[str]:
    rng = random.Random(f"refund {seed}")
    trader, case_id, paid = stage.numbers["trader"], rng.getrandbits(48), 1_000
    request = rng.randbytes(32)
    payment = entity(trader, request)

    def assess(version: int, duty: int) -> Callable[[], None]:
        charges = [{"code": b"CUD", "amount": duty}]
        return partial(
            stage.act, "office", "DebtLedger", "assess", case_id, 1, version, charges, CORRECTION + 1, NOTHING
        )

    stage.act("registry", "DebtLedger", "openCase", case_id, 1, trader, OFFICE)
    assess(1, paid)()
    stage.act("trader", "DebtLedger", "pay", request, case_id, paid)
    before = stage.read(("DebtLedger", "prepaidOf", (trader,)))[0]
    case = DebtCase(1, 1, FiscalState.ASSESSED, assessed=paid, paid=paid)
    model = RefundModel(case, paid, before, version=2)
    keys: list[bytes] = []

    def claim() -> None:
        asked, amount = rng.randbytes(32), rng.choice((0, 50, 100, rng.randint(1, 600)))
        args = (asked, payment, amount, GROUND, rng.randbytes(32), False)
        known = len(model.claims)
        stage.both(f"claim {amount}", partial(stage.act, "trader", "DebtLedger", "claimRefund", *args),
                   partial(model.claim, amount))  # fmt: skip
        if len(model.claims) > known:
            keys.append(entity(trader, asked))

    def decide() -> None:
        number = rng.randrange(len(keys))
        made, officer, overturn = model.claims[number], rng.choice(("office", "second office")), rng.random() < 0.6
        amount = rng.choice((0, made.claimed, made.claimed // 2, made.claimed + 1))
        acts: dict[str, tuple[str, tuple[Any, ...], Callable[[], None]]] = {
            "reviewRefund": (officer, (), partial(model.review, made, officer)),
            "approveRefund": (officer, (amount, GROUND, NOTHING), partial(model.approve, made, officer, amount)),
            "refuseRefund": (officer, (DEFECT, NOTHING), partial(model.refuse, made, officer)),
            "appealRefund": ("trader", (NOTHING,), partial(model.appeal, made)),
            "decideRefundAppeal": (
                "appeals",
                (overturn, DEFECT, NOTHING),
                partial(model.decide_appeal, made, "appeals", overturn=overturn),
            ),
            "payRefund": (officer, (), partial(model.pay, made)),
        }
        function = rng.choice(list(acts))
        if rng.random() < 0.6:
            function = rng.choice(NEXT_FOR.get(made.state, (function,)))
        actor, args, twin = acts[function]
        chain = partial(stage.act, actor, "DebtLedger", function, keys[number], made.version, *args)
        stage.both(f"{function} {amount} of {number} by {actor}", chain, twin)

    def step(_: bool) -> None:
        if not keys or rng.random() < 0.25:
            claim()
        elif rng.random() < 0.12:
            duty = rng.choice((500, 800, 900, paid))
            stage.both(f"assess {duty}", assess(model.version, duty), partial(model.assess, duty))
        else:
            decide()

    def compare() -> None:
        case, told, prepaid, credit, *refunds = stage.read(
            ("DebtLedger", "caseOf", (case_id,)),
            ("DebtLedger", "paymentOf", (payment,)),
            ("DebtLedger", "prepaidOf", (trader,)),
            ("DebtLedger", "creditOn", (case_id,)),
            *(("DebtLedger", "refundOf", (refund,)) for refund in keys),
        )
        names = ("assessed", "paid", "refunded", "approved")
        assert [case[name] for name in names] == [getattr(model.case, name) for name in names]
        assert (case["version"], credit, prepaid) == (model.version, model.case.credit, model.prepaid)
        assert (told["amount"], told["claimed"]) == (model.amount, model.taken)
        for refund, made in zip(refunds, model.claims, strict=True):
            stored = (refund["claimed"], RefundState(refund["state"]), refund["version"], refund["approved"])
            assert stored == (made.claimed, made.state, made.version, made.approved)
            assert (refund["reviewer"], refund["decider"]) == (_address(made.reviewer), _address(made.decider))

    return walk(stage, seed, 2 * ACTS, step, compare)


def _address(officer: str) -> str:
    return key(f"twin {officer}").address if officer else "0x" + "00" * 20


# ----- deposits


def deposit_walk(stage: Stage, seed: int) -> Counter[str]:
    rng = random.Random(f"deposit {seed}")
    trader, contract = stage.numbers["trader"], "DebtLedger"
    made: list[tuple[bytes, Deposit]] = []

    def offer() -> None:
        stage.tick()
        request, notice, until = rng.randbytes(32), rng.choice((0, 4_000)), stage.now + rng.choice((4_000, 400_000))
        stage.act("trader", contract, "offerGuarantee", request, trader, 0, 0, 100, until, notice, NOTHING)
        before = stage.read((contract, "prepaidOf", (trader,)))[0]
        cover = Guarantee(GuaranteeState.OFFERED, until, pending=100)
        made.append((entity(trader, request), Deposit(cover, notice, before)))

    offer()

    def step(_: bool) -> None:
        if rng.random() < 0.08:
            offer()
            return
        if rng.random() < 0.1:
            stage.let_pass(LATER)
            return
        guarantee, model = made[-1]
        now, version = stage.now, model.version
        officer, owner = (partial(stage.act, name, contract) for name in ("customs", "trader"))

        def cancelled() -> None:
            model.cancel(stage.ledger.reader.head().time)

        acts: dict[str, tuple[int, Callable[[], None], Callable[[], None]]] = {
            "top up": (
                20,
                partial(owner, "topUpGuarantee", rng.randbytes(32), guarantee, 7, NOTHING),
                partial(model.top_up, 7, now),
            ),
            "accept": (
                20,
                partial(officer, "acceptGuarantee", guarantee, version, 0, NOTHING),
                partial(model.accept, now),
            ),
            "refuse": (
                15,
                partial(officer, "refuseGuarantee", guarantee, version, DEFECT, NOTHING),
                partial(model.refuse, now),
            ),
            "cancel": (10, partial(owner, "cancelGuarantee", guarantee, version, NOTICE_GIVEN), cancelled),
            "return": (15, partial(owner, "returnDeposit", guarantee, version), partial(model.give_back, now)),
        }
        name = rng.choices(list(acts), [weight for weight, _, _ in acts.values()])[0]
        stage.both(name, *acts[name][1:])

    def compare() -> None:
        guarantee, model = made[-1]
        time = stage.ledger.reader.head().time
        cover, prepaid, worth = stage.read(
            (contract, "guaranteeOf", (guarantee,)),
            (contract, "prepaidOf", (trader,)),
            (contract, "guaranteeStateAt", (guarantee, time)),
        )
        names = ("free", "reserved", "called", "pending")
        assert [cover[name] for name in names] == [getattr(model.cover, name) for name in names]
        assert (cover["version"], cover["cancelledFrom"]) == (model.version, model.cover.cancelled_from)
        assert (prepaid, GuaranteeState(worth)) == (model.prepaid, model.cover.worth(time))

    return walk(stage, seed, 2 * ACTS, step, compare)


# ----- escrows


def escrow_walk(stage: Stage, seed: int) -> Counter[str]:
    rng = random.Random(f"escrow {seed}")
    numbers, contract = stage.numbers, "TradeEscrow"
    papers = [_anchored(stage, rng.randbytes(32)) for _ in range(2)]
    spender = stage.ledger.reader.address_of(contract)
    stage.act("trader", "SettlementToken", "approve", spender, 2**255)
    before = stage.read(*((contract, "balanceOf", (numbers[name],)) for name in ("seller", "trader")))
    gone = [0, 0]
    opened: list[tuple[bytes, Escrow, int, int | None, int]] = []

    def open_one() -> None:
        if opened:
            gone[0] += opened[-1][1].paid
            gone[1] += opened[-1][1].returned
        stage.tick()
        request, timeout = rng.randbytes(32), stage.now + rng.choice((4_000, 400_000))
        required = [{"issuer": numbers["issuer"], "docType": INVOICE}] * 2
        nowhere = "0x" + "00" * 20
        args = (request, numbers["seller"], numbers["arbiter"], 1, 100, timeout, nowhere, bytes(18), required, NOTHING)
        stage.act("trader", contract, "openEscrow", *args)
        escrow = Escrow(EscrowState.FUNDED, 100, required=2)
        opened.append((entity(numbers["trader"], request), escrow, 1, None, timeout))

    open_one()

    def keep(after: Escrow, proposed: int | None) -> None:
        place, _, version, _, timeout = opened[-1]
        opened[-1] = (place, after, version + 1, proposed, timeout)

    def move(action: EscrowAction, **money: int) -> None:
        keep(opened[-1][1].move(action, **money), None)

    def step(_: bool) -> None:
        place, escrow, version, proposed, timeout = opened[-1]
        if rng.random() < (0.3 if escrow.amount == 0 else 0.02):
            open_one()
            return
        if rng.random() < 0.05:
            stage.let_pass(LATER)
            return
        now, amount, number = stage.now, rng.choice((1, 10, 40, 101)), rng.randrange(3)
        record, anchor = papers[number % 2]

        def act(actor: str, function: str, *args: Any) -> Callable[[], None]:
            return partial(stage.act, actor, contract, function, place, version, *args)

        def present() -> None:
            after = escrow.present(number) if now <= timeout else _late(escrow)
            keep(after, None)  # an open proposal lapses

        def refund() -> None:
            after = escrow.move(EscrowAction.REFUND, to_buyer=escrow.amount)
            if now <= timeout:
                raise ActRefused("TooEarly", {})
            keep(after, None)

        def propose() -> None:
            after = escrow.move(EscrowAction.PROPOSE)
            if proposed == amount:
                raise ActRefused("ProposedBefore", {})
            if amount > escrow.amount:
                raise ActRefused("AmountTooLarge", {})
            opened[-1] = (place, after, version, amount, timeout)  # an offer counts as no act

        def accept_split() -> None:
            after = escrow.move(EscrowAction.SPLIT)
            if proposed is None:
                raise ActRefused("NoProposal", {})
            if proposed != amount:
                raise ActRefused("OtherProposal", {})
            rest = escrow.amount - amount
            keep(replace(after, amount=0, paid=after.paid + amount, returned=after.returned + rest), None)

        def arbitrate() -> None:
            after = escrow.move(EscrowAction.ARBITRATE)
            if amount > escrow.amount:
                raise ActRefused("AmountTooLarge", {})
            rest = escrow.amount - amount
            keep(replace(after, amount=0, paid=after.paid + amount, returned=after.returned + rest), None)

        part, buyer, seller = EscrowAction.PAY_PART, "trader", "seller"
        acts: dict[str, tuple[int, Callable[[], None], Callable[[], None]]] = {
            "pay": (15, act(buyer, "payPart", amount, 301, NOTHING), partial(move, part, to_seller=amount)),
            "present": (40, act(seller, "present", number, record, anchor, 0, []), present),
            "accept": (
                10,
                act(buyer, "acceptDocuments"),
                partial(move, EscrowAction.ACCEPT, to_seller=escrow.amount),
            ),
            "dispute": (5, act(seller, "dispute", DISCREPANT, NOTHING), partial(move, EscrowAction.DISPUTE)),
            "arbitrate": (8, act("arbiter", "arbitrate", amount, 305, NOTHING), arbitrate),
            "refund": (5, act(buyer, "refundAfterTimeout"), refund),
            "propose": (8, act(buyer, "proposeSplit", amount), propose),
            "split": (8, act(seller, "acceptSplit", amount), accept_split),
        }
        name = rng.choices(list(acts), [weight for weight, _, _ in acts.values()])[0]
        stage.both(f"{name} {amount} {number}", *acts[name][1:])

    def compare() -> None:
        place, escrow, version, proposed, _ = opened[-1]
        told, seller, buyer = stage.read(
            (contract, "escrowOf", (place,)),
            (contract, "balanceOf", (numbers["seller"],)),
            (contract, "balanceOf", (numbers["trader"],)),
        )
        stored = (EscrowState(told["state"]), told["amount"], told["paid"], told["presented"], told["version"])
        assert stored == (escrow.state, escrow.amount, escrow.paid, escrow.presented, version)
        assert bool(told["proposer"]) == (proposed is not None)
        assert [seller - before[0], buyer - before[1]] == [gone[0] + escrow.paid, gone[1] + escrow.returned]
        assert escrow.amount + escrow.paid + escrow.returned == 100

    return walk(stage, seed, 2 * ACTS, step, compare)


def _late(escrow: Escrow) -> Escrow:
    escrow.move(EscrowAction.PRESENT)
    raise ActRefused("TooLate", {})


def _anchored(stage: Stage, record: bytes) -> tuple[bytes, dict[str, Any]]:
    """A document of the issuer, anchored in a batch of its own."""
    issuer, signer = stage.numbers["issuer"], key("twin issuer")
    head = stage.ledger.reader.head()
    events = stage.ledger.reader.find_events("DocumentRegistry", "Anchored", {"issuer": issuer}, 0, head.number)
    h = (len(events) + 1) << 56 | INVOICE << 32 | 1
    root = merkle.root([record])
    stage.act("issuer", "DocumentRegistry", "anchor", h, root, TERMS)
    word = int(signer.address, 16) << 96 | h
    time = stage.ledger.reader.head().time
    return record, {"issuer": issuer, "h": word, "root": root, "manifest": TERMS, "time": time}


@pytest.mark.parametrize(
    ("walk_of", "refusals"),
    [
        (aeo_walk, {"Barred", "NothingProposed", "SameOfficer", "WrongAeoState"}),
        (
            refund_walk,
            {"AmountTooLarge", "NotEnoughCredit", "NotEnoughPaid", "RefundStateForbids", "SamePerson", "ZeroAmount"},
        ),
        (deposit_walk, {"GuaranteeStateForbids", "NothingPending"}),
        (
            escrow_walk,
            {
                "AmountTooLarge", "EscrowStateForbids", "NoProposal", "OtherProposal", "PresentedBefore", "TooEarly",
                "UnknownRequirement",
            },
        ),
    ],
)  # fmt: skip
def test_chain_and_twin_agree_act_by_act(
    stage: Stage, walk_of: Callable[[Stage, int], Counter[str]], refusals: set[str]
) -> None:
    told: Counter[str] = sum((walk_of(stage, seed) for seed in SEEDS), Counter())
    print(told)
    assert told["taken"] > len(SEEDS) * ACTS // 4, f"these walks hardly do anything: {told}"
    assert refusals <= set(told), f"never refused: {refusals - set(told)}"
