"""The settlement token, debts, guarantees and refunds."""

from typing import Any, Final

from ledger.domain.reason_codes import DebtReason
from scripts.demo.paying import PERMIT_TYPES
from scripts.gas.meter import Slots, entity, key, request
from scripts.gas.stage import EVIDENCE, FOREVER, IMPORTER, KEY, Stage, assessment, on

DUTY, VAT = 26_999, 205_400
"""The main job's [minor units]."""
DUE: Final = DUTY + VAT
BANK_GUARANTEE: Final = 1


def token(stage: Stage) -> None:
    """Minted against a bank reference, approved, moved."""
    trader, place = key("trader").address, stage.meter.reader.address_of("DebtLedger")
    stage.act(
        "treasurer", "token.mint.first", (request("bank"), trader, 10_000_000),
        Slots(read=(KEY,), new=("reference", "balance", "supply")),
    )  # fmt: skip
    stage.act(
        "treasurer", "token.mint", (request("bank again"), trader, 10_000_000),
        Slots(read=(KEY,), changed=("balance", "supply"), new=("reference",)),
    )  # fmt: skip
    stage.act("trader", "token.approve", (place, 10**12), Slots(new=("allowance",)))
    treasurer = key("treasurer").address
    moved = Slots(changed=("balance of the payer",), new=("balance of the payee",))
    stage.act("trader", "token.transfer", (treasurer, 1_000), moved)
    stage.play("trader", "token.approve", (treasurer, 500))
    stage.act(
        "treasurer", "token.transferFrom", (trader, treasurer, 300),
        Slots(changed=("allowance", "balance of the payer", "balance of the payee")),
    )  # fmt: skip
    stage.act(
        "treasurer", "token.redeem", (request("redemption"), treasurer, 400),
        Slots(read=(KEY,), changed=("balance", "supply"), new=("reference",)),
    )  # fmt: skip


def debts(stage: Stage, case: int) -> None:
    """The debt of the course's declaration: assessed and paid."""
    assessed = Slots(read=(KEY,), changed=("debt versions",), new=("duty and VAT", "debt amounts", "debt cover"))
    charges, place = [(b"CUD", DUTY), (b"VAT", VAT)], stage.meter.reader.address_of("DebtLedger")
    stage.act("revenue", "debts.assess.two_charges", assessment(case, 1, charges), assessed)
    paid = Slots(
        read=(KEY, "debt versions"),
        changed=("debt amounts", "debt cover", "allowance", "balance of the payer"),
        new=("payer", "amount paid", "balance of the ledger"),
    )
    stage.play("trader", "token.approve", (place, 0))
    in_one = Slots(
        (*paid.read, "allowance", "name of the token"),
        tuple(name for name in paid.changed if name != "allowance"),
        (*paid.new, "nonce of the payer"),
    )
    permit = _token_permit(stage, DUE)
    stage.act("trader", "debts.payWithPermit", (request("pay"), case, DUE, permit), in_one, keep=False)
    stage.play("trader", "token.approve", (place, 10**12))
    stage.act("trader", "debts.pay", (request("pay"), case, DUE), paid)


def token_permit(stage: Stage) -> None:
    """An allowance given by a signature alone, handed in by anyone."""
    place, owner = stage.meter.reader.address_of("DebtLedger"), key("seller").address
    signed = _token_permit(stage, DUE, "seller")
    args = (owner, place, DUE, FOREVER, signed["v"], signed["r"], signed["s"])
    stage.act("treasurer", "token.permit", args, Slots(new=("allowance", "nonce of the owner")))


def _token_permit(stage: Stage, value: int, owner: str = "trader") -> dict[str, Any]:
    """The owner's first ERC-2612 permit to the debt ledger, signed, for ever."""
    meter, trader = stage.meter, key(owner)
    spender, place = (meter.reader.address_of(name) for name in ("DebtLedger", "SettlementToken"))
    domain = {
        "name": meter.view("SettlementToken", "name"),
        "version": "1",
        "chainId": meter.chain.chain_id,
        "verifyingContract": place,
    }
    message = {"owner": trader.address, "spender": spender, "value": value, "nonce": 0, "deadline": FOREVER}
    typed = {"types": PERMIT_TYPES, "primaryType": "Permit", "domain": domain, "message": message}
    signature = trader.sign_typed_data(typed)
    r, s, v = signature[:32], signature[32:64], signature[64]
    return {"value": value, "deadline": FOREVER, "v": v, "r": r, "s": s}


def settlement(stage: Stage, case: int) -> None:
    """Revenue passed on to accounts that hold nothing yet."""
    settled = Slots(
        read=(KEY, "duty and VAT", "debt amounts", "account of duty", "account of VAT"),
        changed=("debt versions", "debt cover", "balance of the ledger"),
        new=("duty and VAT settled", "amount settled", "balance for duty", "balance for VAT"),
    )
    stage.act("treasurer", "debts.settle.two_charges", {"caseId": case, "expectedVersion": 2}, settled)


def guarantees(stage: Stage) -> None:
    """A bank guarantee, reserved for a debt and freed again."""
    case = stage.accepted("secured")
    stage.assessed(case, DUTY)
    offered = (request("guarantee"), IMPORTER, BANK_GUARANTEE, 0, 1_000_000, FOREVER, 0, EVIDENCE)
    stage.act(
        "trader", "debts.offerGuarantee.bank", offered,
        Slots(read=(KEY,), new=("parties and validity", "called and pending")),
    )  # fmt: skip
    guarantee = entity(IMPORTER, "guarantee")
    stage.act(
        "revenue", "debts.acceptGuarantee", (guarantee, 1, 0, EVIDENCE),
        Slots(
            read=(KEY, "country"), changed=("parties and validity", "called and pending"),
            new=("reference", "guarantee of the reference", "free and reserved"),
        ),
    )  # fmt: skip
    cover = Slots(
        read=(KEY, "parties and validity", "debt amounts"),
        changed=("debt versions", "debt cover", "free and reserved"),
        new=("reserved for the case",),
    )
    stage.act("revenue", "debts.secure", (case, 2, guarantee, DUTY, EVIDENCE), cover)
    stage.play("trader", "debts.pay", (request("pay secured"), case, DUTY))
    free = Slots((KEY, "debt amounts"), (*cover.changed, "reserved for the case"))
    stage.act("revenue", "debts.freeSecurity", (case, 3, guarantee, DUTY, EVIDENCE), free)


def further_guarantees(stage: Stage) -> None:
    """What else becomes of a guarantee: raised, refused, cancelled."""
    guarantee = entity(IMPORTER, "guarantee")
    version = stage.meter.view("DebtLedger", "guaranteeOf", guarantee)["version"]
    head = ("parties and validity",)
    stage.act(
        "trader", "debts.topUpGuarantee.bank", (request("top up"), guarantee, 500, EVIDENCE),
        Slots(read=(KEY,), changed=head, new=("request", "called and pending")),
    )  # fmt: skip
    refused = (guarantee, version + 1, DebtReason.DEFECT, EVIDENCE)
    stage.act(
        "revenue", "debts.refuseGuarantee.bank", refused,
        Slots(read=(KEY,), changed=(*head, "called and pending")),
    )  # fmt: skip
    stage.act(
        "trader", "debts.cancelGuarantee", (guarantee, version + 2, DebtReason.GUARANTOR_NOTICE),
        Slots(read=(KEY, "reference and notice"), changed=head),
    )  # fmt: skip
    case = stage.accepted("exempt")
    relief = on(case, 1, declarationVersion=1) | {"reason": DebtReason.RELIEF_BY_LAW}
    stage.act("revenue", "debts.markExempt", relief, Slots(read=(KEY,), changed=("debt versions",)))


def prepaid(stage: Stage) -> None:
    """A prepaid account: filled, used, emptied."""
    case = stage.accepted("prepaid")
    stage.assessed(case, DUTY)
    moved = ("balance of the ledger", "balance of the payer", "allowance")
    stage.act(
        "trader", "debts.depositPrepaid", (request("deposit"), IMPORTER, 100_000),
        Slots(read=(KEY,), changed=moved, new=("request", "prepaid")),
    )  # fmt: skip
    stage.act(
        "trader", "debts.payFromPrepaid", (request("from prepaid"), case, IMPORTER, DUTY),
        Slots(
            read=(KEY, "debt versions", "unpaid calls of the payer"),
            changed=("prepaid", "debt amounts", "debt cover"),
            new=("payer", "amount paid"),
        ),
    )  # fmt: skip
    stage.act(
        "trader", "debts.withdrawPrepaid", (request("withdrawal"), 1_000, key("trader").address),
        Slots(read=(KEY,), changed=("prepaid", *moved[:2]), new=("request",)),
    )  # fmt: skip


def refunds(stage: Stage) -> None:
    """A refund by two officers, after the debt was assessed anew."""
    case = stage.accepted("refund")
    stage.assessed(case, DUTY)
    stage.play("trader", "debts.pay", (request("pay refund"), case, DUTY))
    payment = entity(IMPORTER, "pay refund")
    claim = (request("claim"), payment, 500, DebtReason.TARIFF_CORRECTION, EVIDENCE, False)
    stage.act(
        "trader", "debts.claimRefund", claim,
        Slots(
            read=(KEY, "payer", "amount paid"),
            new=("amount claimed back", "claim", "refund", "payment", "basis", "amounts of the refund"),
        ),
    )  # fmt: skip
    refund = entity(IMPORTER, "claim")
    stage.act(
        "revenue", "debts.reviewRefund", (refund, 1),
        Slots(read=(KEY, "office of the case", "payment", "payer"), changed=("refund",), new=("reviewer",)),
    )  # fmt: skip
    refused = (refund, 2, DebtReason.NO_GROUND, EVIDENCE)
    stage.act(
        "second revenue", "debts.refuseRefund", refused,
        Slots(read=(KEY, "office of the case", "reviewer", "amounts of the refund", "payment", "payer"),
              changed=("refund", "amount claimed back"), new=("decider",)),
        keep=False,
    )  # fmt: skip
    stage.play("revenue", "debts.assess", assessment(case, 2, [(b"CUD", DUTY - 500)]))
    decided: dict[str, Any] = {
        "refund": refund,
        "expectedVersion": 2,
        "amount": 500,
        "reason": DebtReason.TARIFF_CORRECTION,
    }
    stage.act(
        "second revenue", "debts.approveRefund", decided | {"evidence": EVIDENCE},
        Slots(
            read=(KEY, "office of the case", "debt amounts", "reviewer", "key of the reviewer", "payment", "payer"),
            changed=("refund", "amounts of the refund", "debt cover"), new=("decider",),
        ),
    )  # fmt: skip
    stage.act(
        "revenue", "debts.payRefund", (refund, 3),
        Slots(
            read=(KEY, "office of the case", "debt amounts", "amounts of the refund", "payer"),
            changed=("refund", "debt cover", "prepaid"), new=("money refunded",),
        ),
    )  # fmt: skip
