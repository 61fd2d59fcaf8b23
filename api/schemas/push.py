"""Acts as they are told to those who asked to be told."""

from pydantic import Field

from api.cursors import write_cursor
from api.schemas.base import Shape
from api.schemas.ledger import ActEntry
from ledger.domain.profiles import Names
from ledger.services.feed import position_of
from ledger.services.history import Act

CURSOR = "^[0-9]{1,15}[.][0-9]{1,9}$"
WHERE = "Cursor: the `id` of an event, or `0.0` for the first act of all."


class EventOut(Shape):
    """One act, with the cursor behind it."""

    id: str = Field(description="Cursor of this act; each act has its own, for ever.", examples=["42.3"])
    act: ActEntry

    @classmethod
    def of(cls, act: Act, names: Names) -> "EventOut":
        """The shape of an act that is told."""
        return cls(id=str(write_cursor(position_of(act.event))), act=ActEntry.of(act, names))


class SeenOut(Shape):
    """How far the facade looked through the chain for this reader."""

    through: str = Field(description="Cursor: nothing for this reader lies before it that was not told.")
