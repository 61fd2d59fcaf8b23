"""What the law asks of acts on escrows (domain guide 4.8), as the TradeEscrow has it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.domain.errors import ActRefused
from ledger.domain.escrow import NEXT, EscrowAction
from ledger.domain.reason_codes import EscrowReason
from ledger.domain.roles import Role
from ledger.services.preconditions.asked import AskedAct, Precondition
from ledger.services.preconditions.common import an_amount, at_most, in_force, may, moved_by, payable, reason_among

REGISTRY: Final = "DeclarationRegistry"
RELEASE, DOCUMENTS = 0, 1
"""What an escrow waits for."""
MAX_DOCUMENTS: Final = 16
PARTIES: Final = Role.DECLARANT | Role.BROKER
ARBITERS: Final = PARTIES | Role.CHAMBER | Role.GUARANTOR | Role.CARRIER
NOBODY: Final = "0x" + "00" * 20
_A = EscrowAction
BUYERS: Final = frozenset({_A.PAY_PART, _A.ACCEPT, _A.REFUND})
SELLERS: Final = frozenset({_A.CLAIM_RELEASE, _A.PRESENT})


def _escrow(asked: AskedAct) -> Any:
    return asked.kept("escrowOf", asked.args["escrow"])


def _held(asked: AskedAct) -> int:
    return int(_escrow(asked)["amount"])


def _is_released(asked: AskedAct) -> bool:
    held = _escrow(asked)
    return bool(asked.tell(held["registry"], "releasedAt", held["mrn"]))


def by_its(action: EscrowAction) -> Precondition:
    """The act is the buyer's, the seller's, either's, or the arbiter's."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        held, own = _escrow(asked), asked.participant
        if action is _A.ARBITRATE:
            entitled = own == held["arbiter"]
        else:
            buys, sells = own == held["buyer"], own == held["seller"]
            entitled = (buys and action not in SELLERS) or (sells and action not in BUYERS)
        if not entitled:
            yield ActRefused("NotParty", {"escrow": asked.args["escrow"], "actor": own})

    return judge


def waits_for(condition: int) -> Precondition:
    """The escrow waits for that."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        found = _escrow(asked)["condition"]
        if found != condition:
            yield ActRefused("WrongCondition", {"escrow": asked.args["escrow"], "condition": found})

    return judge


def goods_released(asked: AskedAct) -> Iterator[ActRefused]:
    """The goods are released."""
    if _escrow(asked)["condition"] == RELEASE and not _is_released(asked):
        yield ActRefused("NotReleased", {"mrn": _escrow(asked)["mrn"]})


def goods_not_released(asked: AskedAct) -> Iterator[ActRefused]:
    """The goods are not released: the price is the seller's then."""
    if _escrow(asked)["condition"] == RELEASE and _is_released(asked):
        yield ActRefused("ReleasedAlready", {"mrn": _escrow(asked)["mrn"]})


def in_time(asked: AskedAct) -> Iterator[ActRefused]:
    """The time limit has not passed."""
    timeout = _escrow(asked)["timeout"]
    if asked.head.time > timeout:
        yield ActRefused("TooLate", {"timeout": timeout})


def time_has_passed(asked: AskedAct) -> Iterator[ActRefused]:
    """The time limit has passed."""
    timeout = _escrow(asked)["timeout"]
    if asked.head.time <= timeout:
        yield ActRefused("TooEarly", {"timeout": timeout})


def required_and_new(asked: AskedAct) -> Iterator[ActRefused]:
    """The document is one of those required, of its issuer and type, and was not presented before."""
    held, requirement = _escrow(asked), asked.args["requirement"]
    if requirement >= held["required"]:
        yield ActRefused("UnknownRequirement", {"requirement": requirement})
        return
    if held["presented"] >> requirement & 1:
        yield ActRefused("PresentedBefore", {"requirement": requirement})
    wanted, anchor = asked.entity("requiredOf", asked.args["escrow"])[requirement], asked.args["anchor"]
    doc_type = anchor["h"] >> 32 & 0xFFFFFF
    if (anchor["issuer"], doc_type) != (wanted["issuer"], wanted["docType"]):
        yield ActRefused("WrongDocument", {"issuer": anchor["issuer"], "docType": doc_type})


def has_arbiter(asked: AskedAct) -> Iterator[ActRefused]:
    """Somebody was named to arbitrate."""
    if not _escrow(asked)["arbiter"]:
        yield ActRefused("ArbiterNeeded", {})


def proposal_is(asked: AskedAct) -> Iterator[ActRefused]:
    """The other party proposed this very division."""
    held, own = _escrow(asked), asked.participant
    if not held["proposer"]:
        yield ActRefused("NoProposal", {"escrow": asked.args["escrow"]})
        return
    if held["proposer"] == own:
        yield ActRefused("NotParty", {"escrow": asked.args["escrow"], "actor": own})
    if held["proposedToSeller"] != asked.args["toSeller"]:
        values = {"proposed": held["proposedToSeller"], "accepted": asked.args["toSeller"]}
        yield ActRefused("OtherProposal", values)


def other_proposal(asked: AskedAct) -> Iterator[ActRefused]:
    """The party's own open proposal, if there is one, says something else."""
    held, share = _escrow(asked), asked.args["toSeller"]
    if held["proposer"] == asked.participant and held["proposedToSeller"] == share:
        yield ActRefused("ProposedBefore", {"toSeller": share})


# ----- opening


def ends_later(asked: AskedAct) -> Iterator[ActRefused]:
    """The time limit lies ahead."""
    timeout, now = asked.args["timeout"], asked.head.time
    if timeout <= now:
        yield ActRefused("BadTimeout", {"timeout": timeout, "now_": now})


def three_parties(asked: AskedAct) -> Iterator[ActRefused]:
    """Buyer, seller and arbiter, if one is named, are different and active."""
    buyer, seller, arbiter = asked.participant, asked.args["seller"], asked.args["arbiter"]
    distinct = len({buyer, seller, arbiter}) == 3
    active = asked.is_active(seller) and (arbiter == 0 or asked.is_active(arbiter))
    if not distinct or not active:
        yield ActRefused("BadParties", {"buyer": buyer, "seller": seller, "arbiter": arbiter})


def sound_condition(asked: AskedAct) -> Iterator[ActRefused]:
    """A release names a listed registry; documents are 1 to 16, with an arbiter and no registry."""
    registry, count = asked.args["registry"], len(asked.args["required"])
    if asked.args["condition"] == RELEASE:
        if not asked.reader.is_listed(registry, REGISTRY, at=asked.head):
            yield ActRefused("RegistryNotListed", {"registry": registry})
        if count:
            yield ActRefused("BadRequirements", {"count": count, "limit": 0})
        return
    if asked.args["arbiter"] == 0:
        yield ActRefused("ArbiterNeeded", {})
    if not 1 <= count <= MAX_DOCUMENTS:
        yield ActRefused("BadRequirements", {"count": count, "limit": MAX_DOCUMENTS})
    if registry != NOBODY:
        yield ActRefused("RegistryNotListed", {"registry": registry})


def enough_balance(asked: AskedAct) -> Iterator[ActRefused]:
    """The participant's own balance suffices."""
    amount, balance = asked.args["amount"], asked.tell(asked.target, "balanceOf", asked.participant)
    if amount > balance:
        yield ActRefused("AmountTooLarge", {"amount": amount, "limit": balance})


def _step(action: EscrowAction, roles: Role) -> tuple[Precondition, ...]:
    return (
        may(roles),
        by_its(action),
        in_force(lambda asked: int(_escrow(asked)["version"])),
        moved_by(
            NEXT,
            action,
            lambda asked: int(_escrow(asked)["state"]),
            lambda asked, state: ActRefused("EscrowStateForbids", {"escrow": asked.args["escrow"], "state": state}),
        ),
    )


_known_reason = reason_among(EscrowReason.PART_AGREED, EscrowReason.AWARD)

ESCROW_ACTS: Final[Mapping[str, tuple[Precondition, ...]]] = {
    "openEscrow": (
        may(PARTIES),
        an_amount,
        ends_later,
        three_parties,
        sound_condition,
        payable(allowance="ERC20InsufficientAllowance"),
    ),
    "payPart": (*_step(_A.PAY_PART, PARTIES), _known_reason, an_amount, at_most(_held)),
    "claimRelease": (*_step(_A.CLAIM_RELEASE, PARTIES), waits_for(RELEASE), goods_released),
    "present": (*_step(_A.PRESENT, PARTIES), waits_for(DOCUMENTS), in_time, required_and_new),
    "acceptDocuments": _step(_A.ACCEPT, PARTIES),
    "dispute": (*_step(_A.DISPUTE, PARTIES), _known_reason, has_arbiter),
    "arbitrate": (*_step(_A.ARBITRATE, ARBITERS), _known_reason, at_most(_held, name="toSeller")),
    "refundAfterTimeout": (*_step(_A.REFUND, PARTIES), time_has_passed, goods_not_released),
    "proposeSplit": (*_step(_A.PROPOSE, PARTIES), other_proposal, at_most(_held, name="toSeller")),
    "acceptSplit": (*_step(_A.SPLIT, PARTIES), proposal_is, at_most(_held, name="toSeller")),
    "withdraw": (may(PARTIES), an_amount, enough_balance),
}
"""Acts of the TradeEscrow, each with all that can be judged of it from outside."""
