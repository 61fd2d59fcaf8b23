"""What the fields of acts are in the trade's words: the inputs of service passports (domain guide 1).

One word per thing holds over all acts, so a field's name tells what it is (`INPUTS`); where a name means something else
in one act or struct, that is listed (`IN`). A test proves both complete.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple


class Kind(Enum):
    """What sort of thing an input is."""

    AMOUNT = "amount"
    QUANTITY = "quantity"
    TIME = "time"
    DURATION = "duration"
    PARTICIPANT = "participant"
    KEY = "key"
    DECLARATION = "declaration"
    MRN = "MRN"
    PERMIT = "permit"
    GUARANTEE = "guarantee"
    PAYMENT = "payment"
    REFUND = "refund claim"
    ESCROW = "escrow"
    APPLICATION = "application"
    DOCUMENT = "document"
    HASH = "hash"
    NUMBER = "number"
    CODE = "code"
    CHOICE = "choice"
    YES_NO = "yes or no"
    LIST = "list"
    GROUP = "group"


FORMS: Final[Mapping[Kind, str]] = {
    Kind.AMOUNT: "minor units of the settlement currency",
    Kind.QUANTITY: "millionths of the unit",
    Kind.TIME: "RFC 3339, UTC",
    Kind.DURATION: "seconds",
    Kind.PARTICIPANT: "its number",
    Kind.DECLARATION: "declaration id",
    Kind.MRN: "18 characters",
    Kind.PERMIT: "permit id",
    Kind.GUARANTEE: "guarantee id",
    Kind.PAYMENT: "payment id",
    Kind.REFUND: "refund id",
    Kind.ESCROW: "escrow id",
    Kind.APPLICATION: "application id",
    Kind.DOCUMENT: "record id",
    Kind.KEY: "its address",
    Kind.CHOICE: "one of the words",
    Kind.YES_NO: "true or false",
}
"""Unit or form of a kind, before how it is written."""


class Described(NamedTuple):
    """An input in words.

    Attributes:
        kind: What sort of thing it is.
        says: What it is, in a few words.
    """

    kind: Kind
    says: str


_BY_KIND: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.AMOUNT: {
        "amount": "How much money",
        "interest": "Interest for late payment",
        "toSeller": "What the seller gets; the rest is the buyer's",
        "value": "How much money",
    },
    Kind.QUANTITY: {
        "authorised": "Quantity that the permit's line allows",
        "quantity": "Quantity that is charged to the permit",
    },
    Kind.TIME: {
        "barredUntil": "Last second at which a new application is barred",
        "deadline": "Last second at which the owner's signature counts",
        "dueAt": "Last second for payment",
        "occurredAt": "When it was done on paper",
        "time": "When the batch was anchored",
        "timeout": "From when on the buyer can take the rest back",
        "until": "Last second of validity",
        "validFrom": "First second of validity",
        "validUntil": "Last second of validity",
    },
    Kind.DURATION: {"notice": "From notice to the end of the guarantee"},
    Kind.PARTICIPANT: {
        "account": "Whose prepaid account",
        "agency": "The agency concerned",
        "arbiter": "Who decides a dispute",
        "broker": "The customs broker",
        "carrier": "Who may confirm arrival and exit; 0: customs alone",
        "importer": "Whose goods they are; on an export, the exporter",
        "issuer": "Who issued the document",
        "operator": "The economic operator",
        "participant": "Whose key it is",
        "principal": "Whose debts are secured",
        "seller": "Who is to be paid",
    },
    Kind.KEY: {
        "key": "The key",
        "officer": "Officer to whom the case goes; zero: whoever serves at the office",
        "owner": "Whose settlement money may be taken",
        "registry": "Declaration registry whose release counts; zero: none",
        "spender": "Who may take it",
        "to": "Who is paid",
    },
    Kind.DECLARATION: {
        "caseId": "The declaration",
        "offsetCase": "Declaration on which the payer owes",
    },
    Kind.MRN: {"mrn": "Declaration whose release counts; zeros: none"},
    Kind.PERMIT: {"permit": "The permit"},
    Kind.GUARANTEE: {"guarantee": "The guarantee"},
    Kind.PAYMENT: {"payment": "Payment that is claimed back"},
    Kind.REFUND: {"refund": "The refund claim"},
    Kind.ESCROW: {"escrow": "The escrow"},
    Kind.APPLICATION: {"application": "Application that is answered"},
    Kind.DOCUMENT: {
        "basis": "Document that the claim rests on",
        "byRecord": "Document that takes its place",
        "dataRecord": "The sealed declaration: its header",
        "evidence": "Document that the act rests on",
        "recordId": "The document",
        "records": "Documents that the declaration rests on",
    },
    Kind.HASH: {
        "bankReference": "Hash of the bank's own reference of the transfer",
        "digest": "Hash of the rule that was proposed",
        "entry": "What was entered as done on paper",
        "foreignAeo": "The recognised foreign operator, as registered",
        "foreignId": "SHA-256 of the identifier that the other country gave the operator",
        "grant": "SHA-256 of the sealed grant",
        "lrnMac": "Local reference (LRN), blinded under a key of the declarant's",
        "manifest": "SHA-256 of the batch's manifest",
        "path": "The document's place in its batch, proven: hashes from it up",
        "proposal": "The proposal of the first officer",
        "r": "First half of the owner's signature",
        "requestId": "The request's own id: the same one is the same request",
        "root": "Root of the batch's documents",
        "s": "Second half of the owner's signature",
        "terms": "The permit line's sealed terms: holder, commodity, origin, unit",
        "x25519Key": "Public X25519 key to which documents are sealed",
    },
    Kind.NUMBER: {
        "categories": "AEO benefits, one bit each: 0 green lane, 1 fewer inspections, 2 priority, 3 simplified "
        "procedure, 4 benchmark, 5 pilot",
        "changedItems": "Goods items that customs enters anew",
        "declarationVersion": "Legal version of the declaration",
        "denominator": "How many of the line's unit, divisor",
        "expectedVersion": "Revision that the act was written for",
        "h": "Number, type and size of the batch, packed",
        "head": "Number, type and size of the batch, packed",
        "index": "Place of the document in its batch, from 0",
        "item": "Goods item, from 1",
        "itemCount": "How many goods items",
        "keep": "Goods items that stay entered",
        "line": "Line of the permit, from 0",
        "numerator": "How many of the line's unit one of the other unit is",
        "office": "Customs office",
        "operatorType": "As which the debtor is an AEO: 0 importer, 1 exporter",
        "operatorTypes": "Operator types, one bit each: 0 importer, 1 exporter, 2 manufacturer, 3 broker, 4 carrier, "
        "5 warehouse keeper, 6 terminal, 7 forwarder",
        "refusal": "Which refusal of the declaration",
        "requirement": "Which of the documents asked for, from 0",
        "returnTo": "Last goods item whose permits are given back in this act",
        "roles": "What the key may do, one bit a role",
        "ruleVersion": "Version of the rule book",
        "scope": "What the broker may do, one bit each: 1 lodge and correct, 2 pay, 4 claim and appeal",
        "v": "Recovery byte of the owner's signature",
        "version": "Legal version of the declaration",
    },
    Kind.CODE: {
        "act": "Which act was done on paper: the selector of its function",
        "checkCode": "The agency's check, from the national code list",
        "code": "Charge (UNCL 5153): CUD, ADD, EXC, VAT, CAP, OTH, FEE",
        "country": "ISO 3166-1 alpha-2",
        "docType": "Document type: UNCL 1001 code × 1000 + national subtype",
        "group": "Commodity group of the rule book",
        "regime": "Procedure, requested and previous: 4000",
    },
    Kind.CHOICE: {
        "condition": "What the payment waits for",
        "control": "What is controlled",
        "decision": "The agency's decision",
        "ground": "Why the payment is claimed back",
        "kind": "What two officers do",
        "reason": "Why: a word of the list, or a number of the national one",
        "representation": "In whose name the declarant acts",
        "securityType": "Kind of security",
    },
    Kind.YES_NO: {
        "offsetConsent": "Whether it may be set off against arrears",
        "overturn": "Whether the refusal is overturned",
        "overturned": "Whether the refusal is overturned",
        "satisfactory": "Whether nothing was found",
        "settlesFinding": "Whether it answers what the control found",
        "singleUse": "Whether one declaration uses it up",
    },
    Kind.LIST: {
        "agencies": "Checks of agencies that the goods items need",
        "charges": "What is due, by charge",
        "decisions": "The agency's decisions, check by check",
        "lines": "The permit's lines",
        "required": "Documents that have to be presented",
        "uses": "What the goods items use of permits",
    },
    Kind.GROUP: {
        "anchor": "The batch as it was anchored",
        "lodgement": "The declaration as the ledger is told of it",
    },
}

INPUTS: Final[Mapping[str, Described]] = {
    name: Described(kind, says) for kind, names in _BY_KIND.items() for name, says in names.items()
}
"""Inputs by name."""

_FIRST, _LAST = Described(Kind.NUMBER, "First goods item"), Described(Kind.NUMBER, "Last goods item")
_RUNS: Final = ("enterItems", "refuseItems", "release", "releaseConditionally", "seize", "takeOverChecks", "JointAct")
_FROM: Final = ("declareCompromised", "grantAeo", "grantPower", "licenseBroker", "recognizeForeignAeo")
IN: Final[Mapping[tuple[str, str], Described]] = {
    **{(owner, "from"): _FIRST for owner in _RUNS},
    **{(owner, "to"): _LAST for owner in _RUNS},
    **{(owner, "from"): Described(Kind.TIME, "First second of validity") for owner in _FROM},
    ("declareCompromised", "from"): Described(Kind.TIME, "From when on the key was in wrong hands"),
    ("returnPermits", "to"): _LAST,
    ("redeem", "from"): Described(Kind.KEY, "Whose settlement money is redeemed"),
    ("transferFrom", "from"): Described(Kind.KEY, "Who pays"),
    ("propose", "act"): Described(Kind.GROUP, "What is proposed"),
    ("countersign", "act"): Described(Kind.GROUP, "What was proposed: the same in every field"),
    ("payWithPermit", "permit"): Described(Kind.GROUP, "The payer's signed allowance (EIP-2612)"),
}
"""Inputs of one act or struct that uses a name for something else."""


def described(owner: str, name: str) -> Described:
    """What the field `name` of the act or struct `owner` is. Raises `KeyError` for one that nobody listed."""
    return IN.get((owner, name)) or INPUTS[name]
