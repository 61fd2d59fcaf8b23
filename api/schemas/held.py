"""Why goods are held, as the API shows it."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field

from api.schemas.base import BlockOut, Shape
from api.schemas.ledger import ParticipantRef
from ledger.domain.declaration import HeldFor
from ledger.domain.held import BEFORE_ACCEPTANCE, EXPLANATIONS, REASONS, Mover
from ledger.domain.ids import ParticipantId
from ledger.domain.profiles import Names
from ledger.ports.chain import Head

HELD: Final = frozenset({"ACCEPTED", "PARTLY_RELEASED", *(status.name for status in BEFORE_ACCEPTANCE)})
"""Statuses in which items wait for their release; an item that has its outcome waits for nothing."""


class ReasonOut(Shape):
    """One thing that is missing."""

    item: int = Field(description="Goods item; 0 for the whole declaration.")
    code: str = Field(description="Stable code.", examples=["DEBT_UNPAID"])
    text: str = Field(description="What is missing, in words.")
    awaits: Mover = Field(description="Whose act is awaited.")
    remedy: str = Field(description="What that act is.")
    agency: ParticipantRef | None = Field(description="The agency whose decision is missing.")
    check_code: int | None = Field(description="That agency's check.")
    permit_use: int | None = Field(description="Number of the item's permit use, from 0.")

    @classmethod
    def of(cls, reason: Mapping[str, Any], names: Names) -> "ReasonOut":
        """The shape of a reason."""
        code = REASONS[reason["code"]]
        told = EXPLANATIONS[code]
        agency = ParticipantId(reason["agency"])
        return cls(
            item=reason["item"],
            code=code.name,
            text=told.text,
            awaits=told.mover,
            remedy=told.remedy,
            agency=ParticipantRef.of(agency, names) if agency else None,
            check_code=reason["checkCode"] if agency else None,
            permit_use=reason["use"] if code is HeldFor.PERMIT_UNUSABLE else None,
        )


class HeldOut(Shape):
    """All that stands against a release."""

    block: BlockOut
    case: str
    status: str
    is_held: bool | None = Field(
        description="Whether anything is missing; null once no item waits for its release, and where no reason is for "
        "the caller to know: others may be there."
    )
    reasons: list[ReasonOut] = Field(description="All at once, in the contract's order.")

    @classmethod
    def of(cls, block: Head, state: Mapping[str, Any], names: Names, *, is_whole: bool) -> "HeldOut":
        """The shape of a declaration's state, as its reader may see it; `is_whole`: with nothing left out."""
        known = state["missing"] if state["status"] in HELD else None
        missing = [reason for reason in known or () if reason["code"] != HeldFor.HAS_OUTCOME.name]
        return cls(
            block=BlockOut.of(block),
            case=state["case"],
            status=state["status"],
            is_held=True if missing else None if known is None or not is_whole else False,
            reasons=[ReasonOut.of(reason, names) for reason in missing],
        )
