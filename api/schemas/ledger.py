"""Histories as the ledger has them."""

from typing import Final

from pydantic import Field
from pydantic.config import JsonDict

from api.cursors import write_page
from api.schemas.base import MEANT, BlockOut, Shape, Value
from ledger.domain.ids import ParticipantId
from ledger.domain.plain import in_units, rfc3339
from ledger.domain.profiles import Names
from ledger.domain.reason_codes import word_of
from ledger.services.history import Act, Page

ARGUMENTS: Final[JsonDict] = {"caseId": "72057594037927937", "code": "VAT", "difference": "205400", "total": "205400"}


class ParticipantRef(Shape):
    """A participant: its number and, where this facade knows one, its name."""

    id: int
    name: str | None = None

    @classmethod
    def of(cls, participant: ParticipantId, names: Names) -> "ParticipantRef":
        """The shape of a participant."""
        return cls(id=participant, name=names.get(participant))


class ActEntry(Shape):
    """One act of a history."""

    block_number: int
    log_index: int
    time: str = Field(description="Block time, RFC 3339 UTC.")
    tx_hash: str
    contract: str = Field(description="Directory name of the contract.")
    event: str
    entities: list[str] = Field(description="What it belongs to.")
    actor: str | None = Field(description="Key that acted; null if the event names none.")
    participant: ParticipantRef | None = Field(description="In whose name the key acts.")
    reason: int | None = Field(description="Reason code; null if the event has none.")
    reason_word: str | None = Field(description="Its word; the number as text for one of a national list.")
    evidence: str | None = Field(description="Record id of the evidence; null if none.")
    arguments: dict[str, Value] = Field(description=f"The event's own fields. {MEANT}", examples=[ARGUMENTS])

    @classmethod
    def of(cls, act: Act, names: Names) -> "ActEntry":
        """The shape of an act."""
        event = act.event
        return cls(
            block_number=event.block.number,
            log_index=event.log_index,
            time=rfc3339(event.block.time),
            tx_hash=f"0x{event.tx_hash.hex()}",
            contract=event.contract_name,
            event=event.name,
            entities=sorted(act.entities),
            actor=act.actor,
            participant=None if act.participant is None else ParticipantRef.of(act.participant, names),
            reason=act.reason,
            reason_word=None if act.reason is None else word_of(event.contract_name, act.reason),
            evidence=None if act.evidence is None else f"0x{act.evidence.hex()}",
            arguments=in_units(event.name, event.args),
        )


class HistoryOut(Shape):
    """A history, oldest act first."""

    entity: str
    as_of: BlockOut = Field(description="The index knows the chain up to this block.")
    acts: list[ActEntry]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")

    @classmethod
    def of(cls, entity: str, page: Page, names: Names, until: int | None = None) -> "HistoryOut":
        """The shape of a page of a history up to an instant [unix s]; None: to its end."""
        return cls(
            entity=entity,
            as_of=BlockOut.of(page.as_of),
            acts=[ActEntry.of(act, names) for act in page.acts],
            next=write_page(page.next, entity, until),
        )
