"""Contradictions between documents."""

from pydantic import Field

from api.schemas.base import Shape
from api.schemas.ledger import ParticipantRef
from ledger.domain.profiles import Names
from ledger.domain.trade.statements import Stated
from ledger.ports.statement_store import Noted


class SideOut(Shape):
    """One of the two documents."""

    record_id: str = Field(
        description="The document, 0x hex: the first in force that says it, a part of a declaration before the whole."
    )
    issuer: ParticipantRef
    document_type: int = Field(description="UNCL 1001 code × 1000 + national subtype.", examples=[929001])
    says: list[str] = Field(description="Its values of the fact.", examples=[["31 KGM"]])

    @classmethod
    def of(cls, side: Stated, says: tuple[str, ...], names: Names) -> "SideOut":
        """The shape of a side."""
        return cls(
            record_id=f"0x{side.record_id.hex()}",
            issuer=ParticipantRef.of(side.issuer, names),
            document_type=side.document_type,
            says=list(says),
        )


class ContradictionOut(Shape):
    """Two documents that say different things of the same goods; neither overwrites the other."""

    about: str = Field(description="`ucr:…` or `mrn:…`.", examples=["ucr:1GB150454489082-12345"])
    item: int | None = Field(description="Goods item number; null: the whole consignment.")
    fact: str = Field(description="What they differ in.", examples=["net_mass"])
    standing: bool = Field(
        description="Whether both are last words now: declared, a proposed amendment, or the newest."
    )
    sides: list[SideOut] = Field(min_length=2, max_length=2)

    @classmethod
    def of(cls, noted: Noted, names: Names) -> "ContradictionOut":
        """The shape of a contradiction."""
        found = noted.contradiction
        return cls(
            about=found.about,
            item=found.item,
            fact=found.fact,
            standing=noted.standing,
            sides=[
                SideOut.of(found.one, found.one_says, names),
                SideOut.of(found.other, found.other_says, names),
            ],
        )


class FoundOut(Shape):
    """A contradiction as it is told, with the cursor behind it."""

    id: str = Field(description="Its place at this facade, drawn at random.", examples=["482115950077143"])
    contradiction: ContradictionOut

    @classmethod
    def of(cls, noted: Noted, names: Names) -> "FoundOut":
        """The shape of a contradiction that is told."""
        return cls(id=str(noted.place), contradiction=ContradictionOut.of(noted, names))


class ContradictionsOut(Shape):
    """A page of contradictions, in the order in which they were noted."""

    contradictions: list[ContradictionOut]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")

    @classmethod
    def of(cls, page: list[Noted], following: str | None, names: Names) -> "ContradictionsOut":
        """The shape of a page, and the cursor of the one behind it."""
        return cls(
            contradictions=[ContradictionOut.of(noted, names) for noted in page],
            next=following,
        )
