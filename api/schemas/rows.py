"""Folded rows as the API shows them."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from pydantic import Field

from api.schemas.base import BlockOut, Shape
from api.schemas.pages import Amount, Case, Hex, Member, RowShape, Time
from ledger.domain.folding.declarations import outcomes_in_words
from ledger.domain.profiles import Names
from ledger.domain.roles import Role
from ledger.ports.state_store import AGENCY, Party, Row
from ledger.services.queries import Moment


class AccreditationOut(RowShape):
    """A right to anchor documents of one type."""

    document_type: int
    valid_from: Time
    valid_until: Time
    blocked_from: Time = Field(description="First second from which it is withdrawn; null if it is not.")


class AeoOut(RowShape):
    """An AEO authorisation (domain guide 3.10, 4.6)."""

    state: str
    categories: int = Field(description="Bits of simplification: 0 green lane … 5 pilot.")
    operator_types: int = Field(description="Bits: 0 importer, 1 exporter, 2 manufacturer, 3 broker, 4 carrier, …")
    valid_from: Time
    valid_until: Time
    barred_until: Time


class LicenceOut(RowShape):
    """A broker's licence."""

    state: str
    valid_from: Time
    valid_until: Time


class ParticipantOut(RowShape):
    """A participant. Authorisations are null for readers who may not see them."""

    participant: Member
    status: str = Field(examples=["ACTIVE"])
    roles: list[str] = Field(description="Roles that its keys may have.", examples=[["DECLARANT"]])
    supervisor: Member
    admitted_at: Time
    profile: Hex = Field(description="SHA-256 of the profile, which is not on the ledger.")
    encryption_key: Hex = Field(description="X25519 public key, to seal documents for it.")
    accreditations: list[AccreditationOut]
    aeo: AeoOut | None
    licence: LicenceOut | None

    @classmethod
    def of_state(cls, state: Mapping[str, Any], names: Names) -> Self:
        """The shape of a participant's state."""
        accreditations = [
            AccreditationOut.of_state({**found, "document_type": int(number)}, names)
            for number, found in state["accreditations"].items()
        ]
        shown = {
            "roles": list(Role(state["roles"]).names),
            "accreditations": accreditations,
            "aeo": None if state["aeo"] is None else AeoOut.of_state(state["aeo"], names),
            "licence": None if state["licence"] is None else LicenceOut.of_state(state["licence"], names),
        }
        return super().of_state({**state, **shown}, names)


class OneParticipantOut(Shape):
    """A participant, and the block that it was read at."""

    as_of: BlockOut
    participant: ParticipantOut


class KeyOut(RowShape):
    """A key of a participant."""

    key: str
    participant: Member
    status: str = Field(description="REGISTERED, SUSPENDED, RETIRED or COMPROMISED.")
    roles: list[str]
    office: int = Field(description="Customs office; 0 for none.")
    valid_from: Time
    valid_until: Time
    blocked_from: Time = Field(description="First second from which it may not act; null if it may.")

    @classmethod
    def of_state(cls, state: Mapping[str, Any], names: Names) -> Self:
        """The shape of a key's state."""
        return super().of_state({**state, "roles": list(Role(state["roles"]).names)}, names)


class CompromisedKeyOut(KeyOut):
    """A key that was in wrong hands."""

    noticed_at: Time = Field(description="When that was declared; it was so since `blocked_from`.")
    evidence: Hex


class PowerOut(RowShape):
    """A power of attorney."""

    client: Member
    broker: Member
    status: str = Field(description="GIVEN or REVOKED.")
    scope: int = Field(description="Bits: 1 lodge and correct, 2 pay, 4 claim and appeal.")
    valid_from: Time
    valid_until: Time


class PermitLineOut(RowShape):
    """Balance of a quantity line: authorised = available + reserved + written off, scaled by 10^6."""

    terms: Hex = Field(description="Commitment to commodity, origin, unit and holder.")
    authorised: Amount
    available: Amount
    reserved: Amount
    written_off: Amount


class PermitOut(RowShape):
    """A permit with its balances. A replaced permit's balances are on the one that replaced it."""

    permit: Hex
    status: str = Field(description="ACTIVE, SUSPENDED, REVOKED, REPLACED, EXHAUSTED or EXPIRED.")
    issuer: Member
    holder: Member = Field(description="Who applied for it or used it; null while neither is known.")
    document_type: int
    valid_from: Time
    valid_until: Time
    single_use: bool
    application: Hex
    replaced_by: Hex
    evidence: Hex = Field(description="Record id of the sealed permit.")
    issued_at: Time
    lines: list[PermitLineOut]

    @classmethod
    def of_state(cls, state: Mapping[str, Any], names: Names) -> Self:
        """The shape of a permit's state."""
        lines = [PermitLineOut.of_state(line, names) for line in state["lines"]]
        return super().of_state({**state, "lines": lines}, names)


class ApplicationOut(RowShape):
    """An application for a permit."""

    application: Hex
    status: str = Field(description="APPLIED, ISSUED or REFUSED.")
    trader: Member
    agency: Member
    document_type: int
    applied_at: Time
    permit: Hex


class VersionOut(RowShape):
    """A legal version of a declaration."""

    version: int
    data_record: Hex = Field(description="Record id of the sealed declaration.")
    made_at: Time
    by_customs: bool
    reason: int


class VersionsOut(Shape):
    """All legal versions of a declaration."""

    as_of: BlockOut
    case: str
    versions: list[VersionOut]


class DeclarationOut(RowShape):
    """A declaration in a list. An agency that was asked on some of its items sees the head only."""

    case: Case
    mrn: str | None
    status: str = Field(examples=["ACCEPTED"])
    version: int
    control: str
    control_kind: str
    request: str = Field(description="NONE, AMENDMENT or CANCELLATION: asked for and not decided.")
    declarant: Member
    importer: Member
    carrier: Member
    office: int
    regime: int
    item_count: int
    lodged_at: Time
    accepted_at: Time
    arrived_at: Time
    exited_at: Time
    released_at: Time
    data_record: Hex
    outcomes: list[str] | None = Field(description="Outcome of each item, in order; null for an agency.")
    permits: list[Hex] | None = Field(description="Permits that its items cite; null for an agency.")

    @classmethod
    def shown_to(cls, reader: Party | None) -> Callable[[Row, Moment, Names], "DeclarationOut"]:
        """What shows a row to this reader; None: one who sees everything."""

        def show(row: Row, moment: Moment, names: Names) -> DeclarationOut:
            state = {**row.state, "status": row.status(moment.at)}
            roles = None if reader is None else state["parties"].get(str(reader.participant), [])
            if roles is not None and set(roles) <= {AGENCY}:
                return cls.of_state({**state, "outcomes": None, "permits": None, "data_record": None}, names)
            return cls.of_state({**state, "outcomes": outcomes_in_words(state["outcomes"])}, names)

        return show


class DebtOut(RowShape):
    """A debt: one fiscal case per declaration [minor units]."""

    case: Case
    status: str = Field(description="ASSESSED, PAID, SECURED, DEFERRED, OVERDUE, EXEMPT, RECOVERY, SETTLED or NONE.")
    debtor: Member
    office: int
    declaration_version: int
    charges: dict[str, Amount] = Field(description="Total per charge (UNCL 5153).", examples=[{"CUD": "27000"}])
    assessed: Amount
    paid: Amount
    refunded: Amount
    secured: Amount
    owed: Amount
    credit: Amount = Field(description="Paid over what is assessed.")
    due_at: Time
    closed: bool


class PaymentOut(RowShape):
    """A payment, as credited to one debt [minor units]."""

    payment: Hex
    case: Case
    participant: Member
    amount: Amount
    excess: Amount = Field(description="What went to the debtor's prepaid account.")
    source: str = Field(description="TOKEN, PREPAID, GUARANTEE or OFFSET.")
    paid_at: Time


class GuaranteeOut(RowShape):
    """A guarantee: limit = free + reserved + called [minor units]."""

    guarantee: Hex
    status: str
    guarantor: Member
    principal: Member
    security_type: str
    case: Case = Field(description="The one case that it secures; null: any of the principal's.")
    grn: str | None
    valid_until: Time
    cancelled_from: Time
    pending: Amount
    free: Amount
    reserved: Amount
    called: Amount


class RefundOut(RowShape):
    """A refund claim [minor units]."""

    refund: Hex
    status: str
    case: Case
    payment: Hex
    claimed: Amount
    approved: Amount
    ground: int
    basis: Hex
    reason: int
    claimed_at: Time
    decided_at: Time = None
    paid_at: Time = None


class EntryOut(RowShape):
    """A movement of a trader's account [minor units]."""

    posted_at: Time
    entry: str = Field(description="CHARGE, PAYMENT, REFUND; or PREPAID, of the prepaid account.")
    case: Case = None
    charge: str | None = None
    amount: Amount = Field(description="What is owed, or prepaid, grew by this much.")
    balance: Amount | None = Field(default=None, description="Owed after it; null for the prepaid account.")
    prepaid: Amount | None = Field(default=None, description="Prepaid after it; null for what is owed.")
    reference: Hex = None


class BatchOut(RowShape):
    """A batch of documents that an issuer anchored."""

    issuer: Member
    sequence: int
    document_type: int
    size: int
    manifest: Hex
    root: Hex
    registry: str
    anchored_at: Time


class RecordStatusOut(RowShape):
    """A document whose status changed; all others are in force."""

    issuer: Member
    record_id: Hex
    status: str
    since: Time
    reason: int
    evidence: Hex


class CheckOut(Shape):
    """An agency that must decide."""

    agency: int
    check_code: int


class RuleOut(RowShape):
    """What a commodity group asks for under a regime, beside what the regime does."""

    regime: int
    group: str | None
    status: str = Field(description="IN_FORCE or REMOVED.")
    rule_version: int
    needs_payment: bool
    needs_security: bool
    checks: list[CheckOut]
    permit_types: list[int]


class RegimeOut(RowShape):
    """What a customs procedure asks for, whatever the goods."""

    regime: int = Field(description="Requested procedure × 100 + previous procedure.", examples=[4000])
    status: str = Field(description="OPEN to new declarations, or CLOSED.")
    rule_version: int
    procedure: str | None
    needs_arrival: bool
    needs_exit: bool
    pays_duty: bool
    needs_security: bool
    appeal_period_s: int
    retention_s: int
    time_limit_s: int


class CodeListOut(RowShape):
    """A code list or table of rates, by the hash of the document that holds it."""

    name: str | None
    status: str
    rule_version: int
    digest: Hex


class FallbackOut(RowShape):
    """An act done on paper and entered later (domain guide 4.9)."""

    case: Case
    status: str = Field(description="ENTERED, CONFIRMED or USED.")
    act: Hex = Field(description="Selector of the act.")
    occurred_at: Time
    entered_at: Time
    entered_by: str
    confirmed_at: Time = None
    confirmed_by: str | None = None
    used_at: Time = None
    evidence: Hex


class BankMoveOut(RowShape):
    """Money that entered or left the ledger [minor units]."""

    bank_reference: Hex
    status: str = Field(description="MINTED or REDEEMED.")
    amount: Amount
    holder: str
    moved_at: Time
