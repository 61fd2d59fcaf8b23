"""Shapes of lodging from the trade's own messages, and of customs' answers."""

from typing import Any

from pydantic import Field

from api.schemas.acts import PreparedOut
from api.schemas.base import Shape
from api.schemas.ledger import ParticipantRef
from ledger.domain.plain import rfc3339
from ledger.domain.profiles import Names
from ledger.domain.trade.declaration import GoodsDeclaration, item_json
from ledger.domain.trade.response import Response
from ledger.domain.trade.response_xml import write_response
from ledger.domain.trade.wco_request import Amend, Lodge, Request
from ledger.ports.chain import Event
from ledger.services.declaration_parts import Part
from ledger.services.lodging import Prepared

KINDS = {"Lodge": "lodge", "Amend": "amend", "Cancel": "cancel"}


class PartOut(Shape):
    """A sealed part of what was lodged."""

    name: str = Field(
        description="`header`, `item 3`, `changes`, `statement`, `message`, `declaration`.", examples=["item 1"]
    )
    record_id: str = Field(description="Its record id, 0x hex.")
    manifest: str = Field(description="Digest of its batch's manifest, 0x hex: what the anchor cites.")
    leaf: int = Field(description="Its place in the batch, from 0.")
    readers: list[ParticipantRef] = Field(description="Who can open it, beside its issuer.")

    @classmethod
    def of(cls, part: Part, names: Names) -> "PartOut":
        """The shape of a part."""
        return cls(
            name=part.name,
            record_id=f"0x{part.record.hex()}",
            manifest=f"0x{part.manifest.hex()}",
            leaf=part.leaf,
            readers=[ParticipantRef.of(reader, names) for reader in part.readers],
        )


class ChangeOut(Shape):
    """One value that an amendment changes."""

    path: str = Field(description="WCO path, down to a tag or a name.", examples=["42A/67A/68A[1]/02A[1]/360"])
    before: str | None = Field(description="What the version in force says; null: nothing.", examples=["ES"])
    after: str | None = Field(description="What the next version says; null: nothing.", examples=["EE"])


class LodgementOut(Shape):
    """What a message became: nothing of it counts before its acts are signed and carried."""

    kind: str = Field(description="`lodge`, `amend` or `cancel`.", examples=["lodge"])
    declaration: dict[str, Any] | None = Field(description="As read: header and items; null for a cancellation.")
    changes: list[ChangeOut] = Field(
        description="Of an amendment: all that the next version says differently from the one in force."
    )
    version: str | None = Field(
        description="Of an amendment: the next version as an original message, to be given as `lodged` when that one "
        "is amended; null otherwise."
    )
    ignored: list[str] = Field(
        description="What of the message nobody read, by WCO path, at most 1,000: it is in the sealed message alone.",
        examples=[["42A/67A/28A", "42A/67A/68A[1]/CustomsValuation", "42A/67A/68A[1]/02A[1]/@schemeID"]],
    )
    ignored_count: int = Field(description="How many places of the message were not read.", examples=[3])
    parts: list[PartOut] = Field(description="What was sealed and stored.")
    acts: list[PreparedOut] = Field(
        description="To be signed, and carried in this order, each once the one before took place. Is one refused, the "
        "others are worth nothing: give the message again, under another Idempotency-Key."
    )

    @classmethod
    def of(cls, prepared: Prepared, names: Names) -> "LodgementOut":
        """The shape of a prepared message."""
        message = prepared.message
        declaration = _declaration(message.request)
        amended = message.request if isinstance(message.request, Amend) else None
        return cls(
            kind=KINDS[type(message.request).__name__],
            declaration=None if declaration is None else _shown(declaration),
            changes=[ChangeOut(path=each.path, before=each.before, after=each.after) for each in amended.changes]
            if amended
            else [],
            version=amended.version.decode() if amended else None,
            ignored=list(message.ignored),
            ignored_count=message.ignored_count,
            parts=[PartOut.of(part, names) for part in prepared.parts],
            acts=[PreparedOut.of(act) for act in prepared.acts],
        )


class ResponseOut(Shape):
    """One answer of customs."""

    function_code: str = Field(description="WCO response function.", examples=["01"])
    meaning: str = Field(description="What it means, in words.")
    time: str = Field(description="Time of the act, RFC 3339 UTC.")
    block_number: int
    tx_hash: str
    xml: str = Field(description="The answer as a WCO `RES` message.")

    @classmethod
    def of(cls, event: Event, response: Response, currency: str) -> "ResponseOut":
        """The shape of an answer."""
        return cls(
            function_code=response.function,
            meaning=response.meaning,
            time=rfc3339(response.issued_at),
            block_number=event.block.number,
            tx_hash=f"0x{event.tx_hash.hex()}",
            xml=write_response(response, currency=currency),
        )


class ResponsesOut(Shape):
    """Customs' answers on a declaration, oldest first."""

    case: str = Field(description="Declaration id.")
    responses: list[ResponseOut]


def _declaration(request: Request) -> GoodsDeclaration | None:
    return request.declaration if isinstance(request, Lodge | Amend) else None


def _shown(declaration: GoodsDeclaration) -> dict[str, Any]:
    return {**declaration.header_json(), "items": [item_json(item) for item in declaration.items]}
