"""Preconditions that acts of every registry share."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledger.domain.errors import ActRefused
from ledger.domain.roles import Role
from ledger.services.preconditions.asked import PARTICIPANTS, AskedAct, NotTold, Precondition

TOKEN = "SettlementToken"  # noqa: S105 - a contract's name


def may(roles: Role) -> Precondition:
    """The actor's key has one of these roles now, as the ParticipantRegistry itself answers."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        answer = asked.ask(PARTICIPANTS, "authorise", asked.actor, int(roles))
        if isinstance(answer, ActRefused):
            yield answer

    return judge


def in_force(read: Callable[[AskedAct], int]) -> Precondition:
    """The act cites the version that is in force."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        expected, actual = asked.args["expectedVersion"], read(asked)
        if expected != actual:
            yield ActRefused("WrongVersion", {"expected": expected, "actual": actual})

    return judge


def reason_among(first: int, last: int, *, name: str = "reason") -> Precondition:
    """The reason code is one of the list."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        if not first <= asked.args[name] <= last:
            yield ActRefused("UnknownReason", {"reason": asked.args[name]})

    return judge


def given(name: str, error: str = "EvidenceNeeded") -> Precondition:
    """A record is named."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        if not any(asked.args[name]):
            yield ActRefused(error, {})

    return judge


def an_amount(asked: AskedAct) -> Iterator[ActRefused]:
    """Something is asked for."""
    if asked.args["amount"] == 0:
        yield ActRefused("ZeroAmount", {})


def at_most(read: Callable[[AskedAct], int], *, name: str = "amount") -> Precondition:
    """The amount is not above what there is."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        amount, limit = asked.args[name], read(asked)
        if amount > limit:
            yield ActRefused("AmountTooLarge", {"amount": amount, "limit": limit})

    return judge


def payable(*, allowance: str | None) -> Precondition:
    """The actor's own tokens suffice, and the target may take them.

    Args:
        allowance: The error of too small an allowance; None where the act brings its own.
    """

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        amount = asked.args["amount"]
        allowed = asked.tell(TOKEN, "allowance", asked.actor, asked.target)
        if allowance == "NotEnoughAllowance" and allowed < amount:
            yield ActRefused(allowance, {"owner": asked.actor, "allowance": allowed, "asked": amount})
        elif allowance is not None and allowed < amount:
            yield ActRefused(allowance, {"spender": asked.target, "allowance": allowed, "needed": amount})
        balance = asked.tell(TOKEN, "balanceOf", asked.actor)
        if balance < amount:
            values = {"sender": asked.actor, "balance": balance, "needed": amount}
            yield ActRefused("ERC20InsufficientBalance", values)

    return judge


def moved_by(
    table: Mapping[Any, Any],
    action: Any,
    read: Callable[[AskedAct], int],
    refusal: Callable[[AskedAct, int], ActRefused],
) -> Precondition:
    """The state machine has a way from the state that is read.

    Args:
        table: A twin's table: keys are (state, action).
        action: What the act does.
        read: The stored state.
        refusal: The contract's error, from the state.
    """

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        state = read(asked)
        if (state, action) not in table:
            yield refusal(asked, state)

    return judge


def wherever(condition: Callable[[AskedAct], bool], *preconditions: Precondition) -> Precondition:
    """Preconditions of one of an act's forms."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        if condition(asked):
            for precondition in preconditions:
                try:
                    yield from precondition(asked)
                except NotTold:
                    continue

    return judge
