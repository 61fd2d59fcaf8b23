"""What shapes of folded rows share: values as JSON readers expect them, and pages.

A field's type says how the stored value is shown: amounts and quantities as decimal text, instants as RFC 3339 UTC,
ids as 0x hex, participants with their names. Zero and absent instants, ids and participants are null.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BeforeValidator, Field, ValidationInfo

from api.schemas.base import BlockOut, Shape
from api.schemas.ledger import ParticipantRef
from ledger.domain.ids import ParticipantId
from ledger.domain.plain import rfc3339
from ledger.domain.profiles import Names
from ledger.ports.state_store import Row
from ledger.services.queries import Moment


def _time(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, int) and value else None


def _hex(value: Any) -> Any:
    return f"0x{value.hex()}" if isinstance(value, bytes) else value


def _amount(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


def _member(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, int) or not value:
        return None
    return ParticipantRef.of(ParticipantId(value), (info.context or {}).get("names", {}))


def _case(value: Any) -> Any:
    return str(value) if value else None


Time = Annotated[str | None, BeforeValidator(_time), Field(examples=["2026-11-23T09:00:00Z"])]
"""An instant, RFC 3339 UTC; null if it has not come."""
Hex = Annotated[str | None, BeforeValidator(_hex), Field(examples=["0x" + "1f" * 32])]
"""Bytes as 0x hex; null for none."""
Amount = Annotated[str, BeforeValidator(_amount), Field(examples=["232400"])]
"""An integer as decimal text: minor units of the settlement currency, or a quantity scaled by 10^6."""
Member = Annotated[ParticipantRef | None, BeforeValidator(_member)]
"""A participant; null for none."""
Case = Annotated[str | None, BeforeValidator(_case), Field(examples=["72057594037927937"])]
"""Declaration id, decimal text; null for none."""


class RowShape(Shape):
    """Base of shapes that show a folded row."""

    @classmethod
    def of(cls, row: Row, moment: Moment, names: Names) -> Self:
        """The shape of a row, its status as of the instant asked about."""
        return cls.of_state({**row.state, "status": row.status(moment.at)}, names)

    @classmethod
    def of_state(cls, state: Mapping[str, Any], names: Names) -> Self:
        """The shape of a row's state; what the shape does not name is left out."""
        named = {name: state[name] for name in cls.model_fields if name in state}
        return cls.model_validate(named, context={"names": names})


Item = TypeVar("Item")


class PageOut(Shape, Generic[Item]):
    """A page of a list, newest first."""

    as_of: BlockOut = Field(description="Every page of the list is of the ledger after this block.")
    items: list[Item]
    next: str | None = Field(description="Cursor of the next page, for `after`; null on the last one.")


class RuleBookPageOut(PageOut[Item], Generic[Item]):
    """A page of the rule book."""

    rule_version: int = Field(
        description="Version of the rule book in force after that block: what acts cite. That of an item is the one "
        "since which the item stands so.",
        examples=[7],
    )
