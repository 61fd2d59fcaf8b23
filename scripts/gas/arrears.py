"""Debts that are not simply paid: deferred, overdue, called in; refunds appealed for or set off; a deposit returned."""

from typing import Final

from ledger.domain.reason_codes import DebtReason
from scripts.gas import trade
from scripts.gas.meter import Slots, entity, request
from scripts.gas.money import DUTY
from scripts.gas.stage import EVIDENCE, FOREVER, IMPORTER, KEY, Stage, assessment

CASH_DEPOSIT: Final = 0
DEPOSIT, INTEREST = 2_000, 50
VERSIONS, AMOUNTS, COVER = "debt versions", "debt amounts", "debt cover"
OFFICE_OF: Final = "office of the case"


def deposit(stage: Stage) -> None:
    """A cash deposit, offered and, its notice over, returned."""
    offered = (request("deposit"), IMPORTER, CASH_DEPOSIT, 0, DEPOSIT, FOREVER, 0, EVIDENCE)
    moved = ("balance of the ledger", "balance of the payer", "allowance")
    stage.act(
        "trader", "debts.offerGuarantee.cash", offered,
        Slots(read=(KEY,), changed=moved, new=("parties and validity", "called and pending")),
    )  # fmt: skip
    guarantee = entity(IMPORTER, "deposit")
    stage.play("revenue", "debts.acceptGuarantee", (guarantee, 1, 0, EVIDENCE))
    stage.play("trader", "debts.cancelGuarantee", (guarantee, 2, DebtReason.GUARANTOR_NOTICE))
    stage.act(
        "trader", "debts.returnDeposit", (guarantee, 3),
        Slots(read=(KEY, "reference and notice"), changed=("parties and validity", "free and reserved", "prepaid")),
    )  # fmt: skip


def appealed(stage: Stage) -> None:
    """A refund refused; the appeal, turned down or upheld; what was claimed set off against another debt."""
    case = stage.accepted("appealed refund")
    stage.assessed(case, DUTY)
    stage.play("trader", "debts.pay", (request("pay appealed"), case, DUTY))
    payment = entity(IMPORTER, "pay appealed")
    claim = (request("appealed claim"), payment, 500, DebtReason.OVERPAID, EVIDENCE, True)
    stage.play("trader", "debts.claimRefund", claim)
    refund = entity(IMPORTER, "appealed claim")
    stage.play("revenue", "debts.reviewRefund", (refund, 1))
    stage.play("second revenue", "debts.refuseRefund", (refund, 2, DebtReason.NO_GROUND, EVIDENCE))
    asked = Slots(read=(KEY, "payment", "payer", "decider"), changed=("refund",), new=("amount claimed back",))
    stage.act("trader", "debts.appealRefund", (refund, 3, EVIDENCE), asked)
    heard = (KEY, OFFICE_OF, "reviewer", "decider", "payment", "payer")
    upheld = (refund, 4, False, DebtReason.NO_GROUND, EVIDENCE)
    ended = Slots((*heard, "amounts of the refund"), ("refund",), emptied=("amount claimed back",))
    stage.act("appeals", "debts.decideRefundAppeal.upheld", upheld, ended, keep=False)
    overturned = Slots((KEY, OFFICE_OF, "payment", "payer"), ("refund", "reviewer", "decider"))
    stage.act(
        "appeals", "debts.decideRefundAppeal.overturned", (refund, 4, True, DebtReason.OVERPAID, EVIDENCE), overturned
    )
    stage.play("revenue", "debts.assess", assessment(case, 2, [(b"CUD", DUTY - 500)]))
    stage.play("revenue", "debts.approveRefund", (refund, 5, 500, DebtReason.TARIFF_CORRECTION, EVIDENCE))
    other = stage.accepted("arrears")
    stage.assessed(other, DUTY)
    set_off = Slots(
        read=(
            KEY,
            OFFICE_OF,
            "payment",
            "payer",
            "amounts of the refund",
            "debtor of the arrears",
            "unpaid calls of the payer",
        ),
        changed=("refund", COVER, "amounts of the arrears", "cover of the arrears"),
        new=("money refunded", "payer of the arrears", "amount paid"),
    )
    stage.act("revenue", "debts.offsetRefund", (refund, 6, other), set_off)


def late(stage: Stage) -> None:
    """What waits for an instant: a deferred debt falls due and is called in, an escrow is taken back after its end."""
    guarantee = entity(IMPORTER, "late guarantee")
    offered = (request("late guarantee"), IMPORTER, 1, 0, 1_000_000, FOREVER, 0, EVIDENCE)
    stage.play("trader", "debts.offerGuarantee", offered)
    stage.play("revenue", "debts.acceptGuarantee", (guarantee, 1, 0, EVIDENCE))
    case = stage.accepted("late")
    stage.assessed(case, DUTY)
    stage.play("revenue", "debts.secure", (case, 2, guarantee, DUTY, EVIDENCE))
    due = stage.meter.now() + stage.meter.short_s
    deferred = Slots(read=(KEY, AMOUNTS, COVER), changed=(VERSIONS,))
    stage.act("revenue", "debts.defer", (case, 3, 0, due, EVIDENCE), deferred)
    escrow = trade.opened(stage, "late", stage.meter.short_s)
    stage.meter.let_pass(stage.meter.short_s)
    recovered = Slots(read=(KEY, "duty and VAT"), changed=(VERSIONS, AMOUNTS, COVER), new=("other charges",))
    stage.act("revenue", "debts.recover", (case, 4, INTEREST, DebtReason.PAST_DUE, EVIDENCE), recovered)
    unpaid = ("unpaid calls of the guarantor", "unpaid calls on the case")
    called = Slots(
        read=(KEY, "parties and validity", AMOUNTS),
        changed=(VERSIONS, COVER, "free and reserved", "reserved for the case"),
        new=("called and pending", *unpaid),
    )
    stage.act("revenue", "debts.callGuarantee.bank", (case, 5, guarantee, DUTY, DebtReason.PAST_DUE, EVIDENCE), called)
    stage.play("revenue", "debts.assess", assessment(case, 6, [(b"CUD", DUTY - 100)]))
    taken_back = Slots(
        read=(KEY, "parties and validity", AMOUNTS, COVER),
        changed=(VERSIONS, "free and reserved", "called and pending", "reserved for the case", *unpaid),
    )
    stage.act("revenue", "debts.takeBackCall", (case, 7, guarantee, 100, EVIDENCE), taken_back)
    refund = Slots(read=(KEY,), changed=(trade.STATE, trade.HELD, trade.OF_BUYER))
    stage.act("trader", "escrow.refundAfterTimeout", (escrow, 1), refund)
