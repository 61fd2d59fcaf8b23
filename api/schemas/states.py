"""States of declarations, permits and documents as the contracts answer them, at one block.

Fields have the contracts' own names. Each is told as what it means (`ledger.domain.units`): amounts and quantities as
decimal text, instants as RFC 3339 UTC, enumerations as their words; instants and participants that are none are null.
"""

from typing import Final

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from api.schemas.base import BlockOut, Shape
from ledger.domain.plain import in_units
from ledger.services.states import State

HASH: Final = "0x" + "1f" * 32
TIME: Final = "2026-11-23T09:00:00Z"

MISSING_EXAMPLE: Final[JsonDict] = {"item": 1, "code": "AGENCY_PENDING", "agency": 3, "checkCode": 851, "use": 0}


class Contracts(Shape):
    """Base of shapes whose fields have the contracts' own names."""

    model_config = ConfigDict(alias_generator=to_camel)


class ItemCheck(Contracts):
    """A check of an item, and how its agency decided."""

    agency: int
    check_code: int
    decision: str = Field(description="Counts only if `version` is the declaration's.", examples=["RELEASE"])
    version: int = Field(description="Legal version that was decided; 0: none yet.")
    valid_until: str | None = Field(description="RFC 3339 UTC; null without bound.")


class ItemPermitUse(Contracts):
    """A use of a permit by an item."""

    permit: str
    item: int
    line: int
    quantity: str = Field(description="Scaled by 10^6.", examples=["100000000"])
    terms: str


class Item(Contracts):
    """A goods item. To an agency, only its own checks and no permit uses."""

    number: int
    outcome: str = Field(examples=["HELD"])
    court_hold: bool
    pending: bool = Field(description="Customs must enter its agencies and permit uses for the current version.")
    entered_version: int
    permit_version: int
    uses: int = Field(description="Number of permit uses.")
    conditional: bool
    checks: list[ItemCheck]
    permit_uses: list[ItemPermitUse] | None = Field(alias="permit_uses")


class Missing(Contracts, json_schema_extra={"examples": [MISSING_EXAMPLE]}):
    """One thing that stands against a release."""

    item: int = Field(description="Goods item; 0 for the whole declaration.")
    code: str = Field(examples=["DEBT_UNPAID"])
    agency: int | None
    check_code: int
    use: int


class Debt(Contracts):
    """A declaration's debt [minor units, as decimal text]."""

    debtor: int | None
    office: int
    declaration_version: int
    assessed_version: int
    version: int
    basis: str = Field(examples=["PAID"])
    state: str | None = Field(description="At the instant asked about.", examples=["PAID"])
    closed: bool
    bound: bool
    due_at: str | None = Field(description="RFC 3339 UTC; null if payment was not deferred.")
    assessed: str
    paid: str
    refunded: str
    settled: str
    secured: str
    approved: str
    owed: str | None
    entries: int
    charges: dict[str, str] = Field(description="Total per charge (UNCL 5153).", examples=[{"CUD": "27000"}])


DEBT_EXAMPLE: Final[JsonDict] = {
    "debtor": 5,
    "office": 1001,
    "declarationVersion": 1,
    "assessedVersion": 1,
    "version": 3,
    "basis": "PAID",
    "state": "PAID",
    "closed": False,
    "bound": False,
    "dueAt": TIME,
    "assessed": "232399",
    "paid": "232399",
    "refunded": "0",
    "settled": "0",
    "secured": "0",
    "approved": "0",
    "owed": "0",
    "entries": 2,
    "charges": {"CUD": "26999", "VAT": "205400"},
}
CASE_EXAMPLE: Final[JsonDict] = {
    "case": "72057594037927937",
    "mrn": "26ZZ00100000000016",
    "status": "CLEARED",
    "version": 1,
    "items": [],
    "missing": [],
    "debt": DEBT_EXAMPLE,
}
DECLARATION_EXAMPLE: Final[JsonDict] = {
    **CASE_EXAMPLE,
    "control": "NONE",
    "controlKind": "NONE",
    "request": "NONE",
    "representation": "DIRECT",
    "irregularityNotified": False,
    "revision": 4,
    "controlRevision": 1,
    "goodsRevision": 1,
    "declarant": 6,
    "importer": 5,
    "carrier": 7,
    "office": 1001,
    "regime": 4000,
    "officer": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "controlledBy": "0x0000000000000000000000000000000000000000",
    "lodgedAt": TIME,
    "acceptedAt": TIME,
    "arrivedAt": TIME,
    "exitedAt": TIME,
    "releasedAt": TIME,
    "decisionsExpireAt": TIME,
    "ruleVersion": 1,
    "itemCount": 1,
    "entered": 1,
    "openItems": 0,
    "conditionalItems": 0,
    "deniedItems": 0,
    "pendingItems": 0,
    "returnedItems": 0,
    "dataIncomplete": False,
    "openAppeals": 0,
    "foreignAeo": "0x" + "00" * 32,
    "wasReleased": True,
    "items": [
        {
            "number": 1,
            "outcome": "RELEASED",
            "courtHold": False,
            "pending": False,
            "enteredVersion": 1,
            "permitVersion": 1,
            "uses": 1,
            "conditional": False,
            "checks": [
                {"agency": 3, "checkCode": 851, "decision": "RELEASE", "version": 1, "validUntil": TIME},
            ],
            "permit_uses": [{"permit": HASH, "item": 1, "line": 0, "quantity": "100000000", "terms": HASH}],
        }
    ],
}
PERMIT_EXAMPLE: Final[JsonDict] = {
    "permit": HASH,
    "issuer": 3,
    "docType": 911,
    "validFrom": TIME,
    "validUntil": "2100-01-01T00:00:00Z",
    "state": "ACTIVE",
    "singleUse": False,
    "successor": False,
    "version": 1,
    "standing": "ACTIVE",
    "root": HASH,
    "live": HASH,
    "lines": [{"line": 0, "terms": HASH, "available": "100000000", "reserved": "0", "written_off": "0"}],
}
DOCUMENT_EXAMPLE: Final[JsonDict] = {
    "issuer": 3,
    "record_id": HASH,
    "state": "REVOKED",
    "since": TIME,
    "text": "It was revoked, for ever.",
}


class CaseState(Contracts, json_schema_extra={"examples": [CASE_EXAMPLE]}):
    """What a declaration tells who may see its debt alone: a guarantor, the treasury."""

    case: str
    mrn: str | None
    status: str = Field(examples=["ACCEPTED"])
    version: int = Field(description="Legal version.")
    items: list[Item]
    missing: list[Missing] | None = Field(description="What stands against a release; null where none can be asked.")
    debt: Debt | None = Field(description="Null for who may not see it, and while nothing was assessed.")


class DeclarationState(CaseState, json_schema_extra={"examples": [DECLARATION_EXAMPLE]}):
    """A declaration, its items, and what stands against its release."""

    control: str
    control_kind: str
    request: str = Field(description="NONE, AMENDMENT or CANCELLATION: asked for and not decided.")
    representation: str
    irregularity_notified: bool
    revision: int
    control_revision: int
    goods_revision: int
    declarant: int | None
    importer: int | None
    carrier: int | None
    office: int
    regime: int = Field(examples=[4000])
    officer: str
    controlled_by: str
    lodged_at: str | None
    accepted_at: str | None
    arrived_at: str | None
    exited_at: str | None
    released_at: str | None
    decisions_expire_at: str | None
    rule_version: int
    item_count: int
    entered: int
    open_items: int
    conditional_items: int
    denied_items: int
    pending_items: int
    returned_items: int
    data_incomplete: bool
    open_appeals: int
    foreign_aeo: str
    was_released: bool


class PermitLineState(Contracts):
    """Balance of a quantity line, scaled by 10^6."""

    line: int
    terms: str = Field(description="Commitment to commodity, origin, unit and holder.")
    available: str
    reserved: str
    written_off: str = Field(alias="written_off")


class PermitState(Contracts, json_schema_extra={"examples": [PERMIT_EXAMPLE]}):
    """A permit with its balances."""

    permit: str
    issuer: int | None
    doc_type: int
    valid_from: str | None = Field(description="RFC 3339 UTC; null without bound.")
    valid_until: str | None = Field(description="RFC 3339 UTC; null without bound.")
    state: str = Field(description="As it was last changed.")
    standing: str = Field(description="At the instant asked about: also EXPIRED, EXHAUSTED.")
    single_use: bool
    successor: bool = Field(description="Whether it replaced another.")
    version: int
    root: str = Field(description="First permit of those that replaced one another.")
    live: str = Field(description="The one of them that holds the balances.")
    lines: list[PermitLineState]


class DocumentState(Contracts, json_schema_extra={"examples": [DOCUMENT_EXAMPLE]}):
    """Standing of a document."""

    issuer: int
    record_id: str = Field(alias="record_id")
    state: str
    since: str | None = Field(description="RFC 3339 UTC; null if its status was never changed.")
    text: str = Field(description="The state in words.")


class DeclarationStateOut(Shape):
    """What the contracts answered of a declaration, at one block."""

    block: BlockOut
    state: DeclarationState | CaseState

    @classmethod
    def of(cls, state: State) -> "DeclarationStateOut":
        """The shape of a declaration's state, as its reader may see it."""
        told = in_units("DeclarationState", state.values)
        shape = DeclarationState if "control" in told else CaseState
        return cls(block=BlockOut.of(state.block), state=shape.model_validate(told))


class PermitStateOut(Shape):
    """What the contracts answered of a permit, at one block."""

    block: BlockOut
    state: PermitState

    @classmethod
    def of(cls, state: State) -> "PermitStateOut":
        """The shape of a permit's state."""
        told = in_units("PermitHead", state.values)
        return cls(block=BlockOut.of(state.block), state=PermitState.model_validate(told))


class DocumentStateOut(Shape):
    """What the contracts answered of a document, at one block."""

    block: BlockOut
    state: DocumentState

    @classmethod
    def of(cls, state: State) -> "DocumentStateOut":
        """The shape of a document's standing."""
        told = in_units("DocumentState", state.values)
        return cls(block=BlockOut.of(state.block), state=DocumentState.model_validate(told))
