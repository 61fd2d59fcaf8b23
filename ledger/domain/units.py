"""What each field of the contracts means, so that it is told the same way wherever it is told.

One word per thing holds over all contracts, so a field's name tells its unit (`UNITS`); where a name means something
else in one event, error, struct or function, that is listed (`IN`). A test holds the table over the ABI of every
contract: a field that is not in it, or does not fit its type, fails.

    NUMBER       a count, version, code, office or set of bits: a JSON integer
    PARTICIPANT  a participant's number: a JSON integer; null for 0, nobody
    AMOUNT       minor units of the settlement currency, a quantity × 10^6, or a factor: decimal text
    CASE         a declaration's id: decimal text; null for 0, none
    ID           another large number that is not counted with (nonce, role, packed word): decimal text
    INSTANT      unix seconds: RFC 3339 UTC; null for 0, not come or without bound
    DURATION     seconds: a JSON integer
    an enumeration's name: its member's word

Bytes are 0x hex, and those of `TEXTS` the ASCII text that they hold.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class Unit(Enum):
    """What an integer on chain is."""

    NUMBER = auto()
    PARTICIPANT = auto()
    AMOUNT = auto()
    CASE = auto()
    ID = auto()
    INSTANT = auto()
    DURATION = auto()


Meaning = Unit | str
"""A unit, or the name of an enumeration (`ledger.domain.codes.ENUMS`)."""

_NAMES: Final[Mapping[Unit, str]] = {
    Unit.NUMBER: """
        actual allowed anyOf approvals assessedVersion bits caseVersion categories chainId changedItems checkCode checks
        cited conditionalItems controlRevision count declarationVersion decimals deniedItems docType enteredVersion
        entered entries entry excluding expected expectedVersion flags from gas goodsRevision ground higher index item
        itemCount keep kept known length limit line lines mainRevision number ofCase office openAppeals openItems
        operatorType operatorTypes page pendingItems permitTypes permitVersion position presented reason refusal
        refusingOffice regime registryVersion required requirement returnTo returnedItems revision roles ruleVersion
        scope sequence signers than threshold to toItem unit use uses v version
    """,
    Unit.PARTICIPANT: """
        account actor agency arbiter broker buyer carrier client debtor declarant guarantor importer issuer operator
        participant payer principal proposer seller successor supervisor trader
    """,
    Unit.AMOUNT: """
        accepted allowance amount approved asked assessed authorised available balance called claimed credit
        denominator difference excess free has interest left needed numerator owed paid pending proposed
        proposedToSeller quantity received refunded reserved secured settled spare toBuyer toSeller total used value
        writtenOff
    """,
    Unit.CASE: "caseId offsetCase",
    Unit.ID: "admin counter currentNonce guardian h head nonce roleId word",
    Unit.INSTANT: """
        acceptedAt arrivedAt asOf barredUntil blockedFrom cancelledFrom deadline decisionsExpireAt dueAt earliest
        exitedAt instant latest lodgedAt madeAt now occurredAt paidAt refusedAt releasedAt retiredAt schedule since time
        timeout until validFrom validUntil when
    """,
    Unit.DURATION: "appealPeriod delay executionDelay newDelay notice retention timeLimit",
}

ENUMERATIONS: Final[Mapping[str, str]] = {
    "action": "DocumentAction",
    "basis": "FiscalState",
    "code": "HeldFor",
    "condition": "EscrowCondition",
    "control": "ControlState",
    "controlKind": "ControlKind",
    "decision": "AgencyDecision",
    "kind": "ControlKind",
    "open": "OpenRequest",
    "outcome": "ItemOutcome",
    "representation": "Representation",
    "request": "OpenRequest",
    "securityType": "SecurityType",
    "source": "PaymentSource",
    "status": "DeclarationStatus",
}
"""Fields whose numbers are an enumeration's wherever they stand."""

UNITS: Final[Mapping[str, Meaning]] = {
    **{name: unit for unit, names in _NAMES.items() for name in names.split()},
    **ENUMERATIONS,
}
"""What a field of this name is. A trailing underscore, there to keep off a Solidity word, is no part of the name."""

_STATES: Final[Mapping[str, str]] = {
    "AeoState": "AeoChanged WrongAeoState Aeo",
    "AppealState": "Refusal",
    "ControlState": "ControlStarted NoFinding NotInControl",
    "DecisionState": "WrongDecisionState",
    "EscrowState": "DocumentPresented EscrowMoved EscrowOpened EscrowStateForbids Escrow",
    "FiscalState": "FiscalStateForbids",
    "GuaranteeState": "GuaranteeRefused GuaranteeStateForbids Guarantee",
    "LicenceState": "LicenceChanged WrongLicenceState Licence",
    "PermitState": "PermitChanged PermitNotUsable PermitStateForbids PermitApplication PermitHead",
    "RefundState": "RefundDecided RefundPaid RefundStateForbids Refund",
    "UseState": "PermitUsed UseForbids",
}
"""Whose `state` it is, by enumeration."""
_FROM_INSTANT: Final = """
    AeoChanged BadCompromiseInstant BadValidity ForeignAeoChanged LicenceChanged PowerChanged
"""
"""Where `from` is an instant; elsewhere it is the first of a run of items."""

IN: Final[Mapping[tuple[str, str], Meaning]] = {
    **{(owner, "state"): state for state, owners in _STATES.items() for owner in owners.split()},
    **{(owner, "from"): Unit.INSTANT for owner in _FROM_INSTANT.split()},
    ("AmountTooLarge", "limit"): Unit.AMOUNT,
    ("JointAct", "control"): "ControlKind",
    ("JointAct", "kind"): "JointKind",
    ("JointProposed", "control"): "ControlKind",
    ("JointProposed", "kind"): "JointKind",
    ("NoTransition", "from"): "DocumentStatus",
    ("NotEnoughGas", "left"): Unit.NUMBER,
    ("NotEnoughGas", "needed"): Unit.NUMBER,
    ("NotInControl", "act"): "ControlAct",
    ("NotInStatus", "act"): "DeclarationAct",
    ("NotParty", "expected"): Unit.PARTICIPANT,
    ("Panic", "code"): Unit.NUMBER,
    ("Participant", "status"): "ParticipantStatus",
    ("ParticipantStatusChanged", "status"): "ParticipantStatus",
    ("PermitTypeReassigned", "from"): Unit.PARTICIPANT,
    ("PermitTypeReassigned", "to"): Unit.PARTICIPANT,
    ("Refusal", "kind"): "RefusalKind",
    ("RequestNotOpen", "asked"): "OpenRequest",
    ("StatusChanged", "status"): "DocumentStatus",
    ("WrongStatus", "status"): "ParticipantStatus",
}
"""What a field is in one event, error, struct or function that uses its name for something else."""

TEXTS: Final = frozenset({"mrn", "grn", "code", "country", "group", "name", "procedure"})
"""Fields of bytes that hold ASCII text, padded with zeros."""


def meaning_of(owner: str, name: str) -> Meaning | None:
    """What the integer `name` of the event, error, struct or function `owner` is; None for one that nobody listed."""
    bare = name.rstrip("_")
    return IN.get((owner, bare)) or UNITS.get(bare)
