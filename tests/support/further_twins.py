"""Twins of an operator's authorisation, of refund claims and of a deposit, put together as the registries put theirs.

See `twins.py`: a method raises `ActRefused` as the domain does and then has changed nothing; checks stand in the order
of the contract's.
"""

from dataclasses import dataclass, field, replace

from ledger.domain import aeo, debt
from ledger.domain.aeo import AeoAction, AeoState
from ledger.domain.debt import DebtCase, Guarantee, GuaranteeState, RefundAction, RefundState
from ledger.domain.errors import ActRefused


@dataclass
class AeoModel:
    """An operator's authorisation; a revocation is proposed by one officer and confirmed by another."""

    state: AeoState = AeoState.NONE
    version: int = 0
    until: int = 0
    barred_until: int = 0
    proposal: tuple[str, int, int] | None = None

    def apply_for(self, now: int) -> None:
        self._nothing_proposed()
        after = self._next(AeoAction.APPLY, now)
        if now <= self.barred_until:
            raise ActRefused("Barred", {})
        self.until = self.barred_until = 0
        self._step(after)

    def grant(self, until: int, now: int) -> None:
        after = self._next(AeoAction.GRANT, now)
        self.until = until
        self._step(after)

    def act(self, action: AeoAction, now: int) -> None:
        self._step(self._next(action, now))

    def withdraw(self, now: int) -> None:
        self._nothing_proposed()
        self.act(AeoAction.WITHDRAW, now)

    def suspend_itself(self, now: int) -> None:
        self._nothing_proposed()
        self.act(AeoAction.SUSPEND, now)

    def propose(self, officer: str, barred_until: int, now: int) -> None:
        aeo.apply(self.state, AeoAction.REVOKE, expired=False)
        self._step(self.state)
        self.proposal = (officer, self.version, barred_until)

    def confirm(self, officer: str, now: int) -> None:
        if self.proposal is None or self.proposal[1] != self.version:
            raise ActRefused("NothingProposed", {})
        if self.proposal[0] == officer:
            raise ActRefused("SameOfficer", {})
        after = self._next(AeoAction.REVOKE, now)
        self.barred_until, self.proposal = self.proposal[2], None
        self._step(after)

    def _nothing_proposed(self) -> None:
        if self.proposal is not None and self.proposal[1] == self.version:
            raise ActRefused("RevocationProposed", {})

    def _next(self, action: AeoAction, now: int) -> AeoState:
        return aeo.apply(self.state, action, expired=now > self.until)

    def _step(self, state: AeoState) -> None:
        self.state, self.version = state, self.version + 1


@dataclass
class Claim:
    claimed: int
    state: RefundState = RefundState.CLAIMED
    version: int = 1
    approved: int = 0
    reviewer: str = ""
    decider: str = ""


@dataclass
class RefundModel:
    """A case with one payment, the claims against it, and the payer's prepaid account."""

    case: DebtCase
    amount: int
    prepaid: int
    version: int = 1
    taken: int = 0
    claims: list[Claim] = field(default_factory=list)

    def assess(self, duty: int) -> None:
        self.case = replace(self.case, assessed=duty)
        self.version += 1

    def claim(self, amount: int) -> None:
        if amount == 0:
            raise ActRefused("ZeroAmount", {})
        self._take(amount)
        self.claims.append(Claim(amount))

    def review(self, claim: Claim, officer: str) -> None:
        if claim.state is RefundState.IN_REVIEW:  # its reviewer is in office all along
            raise ActRefused("RefundStateForbids", {"state": claim.state.name})
        self._step(claim, RefundAction.REVIEW)
        claim.reviewer = officer

    def approve(self, claim: Claim, officer: str, amount: int) -> None:
        after = debt.apply_refund(claim.state, RefundAction.APPROVE)
        self._four_eyes(officer, claim.reviewer)
        if amount == 0:
            raise ActRefused("ZeroAmount", {})
        if amount > claim.claimed:
            raise ActRefused("AmountTooLarge", {})
        if amount > self.case.credit:
            raise ActRefused("NotEnoughCredit", {})
        claim.state, claim.version, claim.decider, claim.approved = after, claim.version + 1, officer, amount
        self.taken -= claim.claimed - amount
        self.case = replace(self.case, approved=self.case.approved + amount)

    def refuse(self, claim: Claim, officer: str) -> None:
        after = debt.apply_refund(claim.state, RefundAction.REFUSE)
        self._four_eyes(officer, claim.reviewer)
        claim.state, claim.version, claim.decider = after, claim.version + 1, officer
        self.taken -= claim.claimed

    def appeal(self, claim: Claim) -> None:
        after = debt.apply_refund(claim.state, RefundAction.APPEAL)
        self._take(claim.claimed)
        claim.state, claim.version = after, claim.version + 1

    def decide_appeal(self, claim: Claim, officer: str, *, overturn: bool) -> None:
        after = debt.apply_refund(claim.state, RefundAction.OVERTURN if overturn else RefundAction.UPHOLD)
        self._four_eyes(officer, claim.reviewer, claim.decider)
        if overturn:
            claim.reviewer, claim.decider = officer, ""
        else:
            self.taken -= claim.claimed
        claim.state, claim.version = after, claim.version + 1

    def pay(self, claim: Claim) -> None:
        after = debt.apply_refund(claim.state, RefundAction.PAY)
        if self.case.owed:
            raise ActRefused("StillOwed", {})
        claim.state, claim.version = after, claim.version + 1
        left = self.case.approved - claim.approved
        self.case = replace(self.case, approved=left, refunded=self.case.refunded + claim.approved)
        self.prepaid += claim.approved

    def _step(self, claim: Claim, action: RefundAction) -> None:
        claim.state = debt.apply_refund(claim.state, action)
        claim.version += 1

    def _take(self, amount: int) -> None:
        if amount > self.amount - self.taken:
            raise ActRefused("NotEnoughPaid", {})
        self.taken += amount

    def _four_eyes(self, officer: str, *others: str) -> None:
        if officer in others:
            raise ActRefused("SamePerson", {})


@dataclass
class Deposit:
    """A cash deposit as security, from its offer to its return, and the guarantor's prepaid account."""

    cover: Guarantee
    notice: int
    prepaid: int
    version: int = 1

    def top_up(self, amount: int, now: int) -> None:
        self._running(now)
        self._step(replace(self.cover, pending=self.cover.pending + amount))

    def accept(self, now: int) -> None:
        self._offered(now)
        self._step(replace(self.cover.accept(), state=GuaranteeState.ACTIVE))

    def refuse(self, now: int) -> None:
        self._offered(now)
        fresh = self.cover.state is GuaranteeState.OFFERED
        self.prepaid += self.cover.pending
        after = GuaranteeState.REFUSED if fresh else self.cover.state
        self._step(replace(self.cover, pending=0, state=after))

    def cancel(self, now: int) -> None:
        state = self._running(now)
        if self.cover.cancelled_from:
            raise _guarantee_forbids(state)
        self._step(replace(self.cover, cancelled_from=now + (0 if state is GuaranteeState.OFFERED else self.notice)))

    def give_back(self, now: int) -> None:
        state = self.cover.worth(now)
        if state not in (GuaranteeState.CANCELLED, GuaranteeState.EXPIRED):
            raise _guarantee_forbids(state)
        cover, amount = self.cover.give_back()
        if amount == 0:
            raise ActRefused("ZeroAmount", {})
        self.prepaid += amount
        self._step(cover)

    def _offered(self, now: int) -> None:
        self._running(now)
        if self.cover.pending == 0:
            raise ActRefused("NothingPending", {})

    def _running(self, now: int) -> GuaranteeState:
        state = self.cover.worth(now)
        if state not in (GuaranteeState.OFFERED, GuaranteeState.ACTIVE):
            raise _guarantee_forbids(state)
        return state

    def _step(self, cover: Guarantee) -> None:
        self.cover, self.version = cover, self.version + 1


def _guarantee_forbids(state: GuaranteeState) -> ActRefused:
    return ActRefused("GuaranteeStateForbids", {"state": state.name})
