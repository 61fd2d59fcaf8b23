"""Service passports (domain guide 1): the public description of each electronic service of this ledger.

One per act of the contracts, and one per service of the facade that is no act. A test proves the table complete: every
act that can be signed is in it, and nothing else. An act's inputs are its own fields (`act_inputs`), its result is what
it means (`act_sentences`).
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

RKC: Final = "Revised Kyoto Convention, General Annex"
TFA: Final = "WTO Trade Facilitation Agreement"
LODGE: Final = f"{RKC} ch. 3; {TFA} art. 10.4"
PREARRIVAL: Final = f"{RKC} std. 3.25; {TFA} art. 7.1"
CONTROL: Final = f"{RKC} ch. 6; {TFA} art. 7.4"
RELEASE: Final = f"{RKC} ch. 3; {TFA} art. 7.3"
DUTY: Final = f"{RKC} ch. 4; {TFA} art. 7.2"
SECURITY: Final = f"{RKC} ch. 5"
REFUND: Final = f"{RKC} ch. 4 (C)"
APPEAL: Final = f"{RKC} ch. 10; {TFA} art. 4"
AUDIT: Final = f"{TFA} art. 7.5"
PERMIT: Final = f"{TFA} art. 8 and 10.4"
AEO: Final = f"WCO SAFE Framework; {TFA} art. 7.7"
THIRD: Final = f"{RKC} ch. 8"
EVIDENCE: Final = f"{TFA} art. 10.2; UN/CEFACT Rec. 33"
REGISTER: Final = "UN/CEFACT Rec. 33; governance of this ledger"
TRADE: Final = "Contract between buyer and seller"
CUSTOMS, AGENCY, TREASURY = "customs", "permit agency", "treasury"
ISSUER, MEMBER, BUYERS, GOVERNANCE = "issuer of the document", "participant's registrar", "the parties", "governance"

APPEAL_PERIOD: Final = "within the appeal period of the regime (GET /v1/regimes)"
NONE: Final = "none"


class Service(NamedTuple):
    """A row of the table.

    Attributes:
        name: What a user asks for.
        owner: Who answers for the service.
        basis: Legal basis.
        deadline: Time limit, of whoever it binds.
    """

    name: str
    owner: str
    basis: str
    deadline: str = NONE


@dataclass(frozen=True)
class Input:
    """One input of a service.

    Attributes:
        name: Field of the request.
        kind: What sort of thing it is, in the trade's words.
        says: What it is.
        form: Its unit or form, and how it is written.
        is_needed: Whether it has to be given.
        words: What may be chosen; empty where nothing is chosen.
        members: What it is made of; empty for a single value.
    """

    name: str
    kind: str
    says: str
    form: str
    is_needed: bool = True
    words: tuple[str, ...] = ()
    members: tuple["Input", ...] = ()


@dataclass(frozen=True)
class Passport:
    """A service passport.

    Attributes:
        code: `DeclarationRegistry.lodge`, or the method and path of a service that is no act.
        name: What a user asks for.
        owner: Who answers for it.
        legal_basis: Agreements and rules.
        inputs: What is given.
        result: What it does, and for whom.
        fee: What the ledger asks for it.
        deadline: Time limit.
        sign_in: Means by which the user proves who it is.
        version: Of the service.
    """

    code: str
    name: str
    owner: str
    legal_basis: str
    inputs: tuple[Input, ...]
    result: str
    fee: str
    deadline: str
    sign_in: str
    version: str


FEE: Final = "none"
"""The ledger takes none; what the law asks for is a charge of the declaration (FEE)."""
SIGNATURE: Final = "EIP-712 signature of a registered key"
VERSION: Final = "1"

ACTS: Final = {
    "AuthorisationRegistry": {
        "applyForAeo": Service("Apply for AEO authorisation", CUSTOMS, AEO),
        "reviewAeo": Service("Take up the review of an AEO application", CUSTOMS, AEO),
        "grantAeo": Service("Grant AEO authorisation", CUSTOMS, AEO),
        "refuseAeo": Service("Refuse AEO authorisation", CUSTOMS, AEO),
        "suspendAeo": Service("Suspend AEO authorisation", CUSTOMS, AEO),
        "reinstateAeo": Service("Reinstate AEO authorisation", CUSTOMS, AEO),
        "withdrawAeo": Service("Withdraw from AEO authorisation", CUSTOMS, AEO),
        "proposeAeoRevocation": Service("Propose to revoke AEO authorisation", CUSTOMS, AEO),
        "confirmAeoRevocation": Service("Confirm the revocation of AEO authorisation", CUSTOMS, AEO),
        "recognizeForeignAeo": Service("Recognise an AEO authorised abroad", CUSTOMS, AEO),
        "endForeignAeo": Service("End the recognition of a foreign AEO", CUSTOMS, AEO),
        "licenseBroker": Service("License a customs broker", CUSTOMS, THIRD),
        "suspendLicence": Service("Suspend a broker's licence", CUSTOMS, THIRD),
        "reinstateLicence": Service("Reinstate a broker's licence", CUSTOMS, THIRD),
        "revokeLicence": Service("Revoke a broker's licence", CUSTOMS, THIRD),
        "grantPower": Service("Give a broker power of attorney", CUSTOMS, THIRD),
        "revokePower": Service("Revoke a power of attorney", CUSTOMS, THIRD),
    },
    "DeclarationRegistry": {
        "preLodge": Service("Lodge a declaration before arrival", CUSTOMS, PREARRIVAL),
        "lodge": Service("Lodge a declaration", CUSTOMS, LODGE),
        "present": Service("Present the goods of a pre-lodged declaration", CUSTOMS, LODGE),
        "reject": Service("Reject a declaration", CUSTOMS, LODGE),
        "accept": Service("Accept a declaration in one act", CUSTOMS, LODGE),
        "beginAcceptance": Service("Begin to accept a declaration", CUSTOMS, LODGE),
        "enterItems": Service("Enter goods items with their checks and permits", CUSTOMS, LODGE),
        "abandon": Service("Take entered items out again", CUSTOMS, LODGE),
        "sealAcceptance": Service("Seal the acceptance of a declaration", CUSTOMS, LODGE),
        "requestAmendment": Service("Ask to amend a declaration", CUSTOMS, f"{RKC} std. 3.27"),
        "grantAmendment": Service("Grant an amendment", CUSTOMS, f"{RKC} std. 3.27"),
        "requestCancellation": Service("Ask to cancel a declaration", CUSTOMS, f"{RKC} std. 3.29"),
        "declareSimplified": Service("Declare in the simplified procedure", CUSTOMS, f"{TFA} art. 7.7"),
        "supplement": Service("Lodge the full data of a simplified declaration", CUSTOMS, f"{RKC} ch. 3"),
        "claimForeignAeo": Service("Ask for a foreign operator's benefits", CUSTOMS, f"{TFA} art. 7.7"),
        "citeRecords": Service("Note the records that a declaration rests on", CUSTOMS, EVIDENCE),
        "grantCancellation": Service("Grant a cancellation", CUSTOMS, f"{RKC} std. 3.29"),
        "refuseRequest": Service("Refuse an amendment or cancellation", CUSTOMS, f"{RKC} ch. 3"),
        "correct": Service("Correct a declaration ex officio", CUSTOMS, CONTROL),
        "route": Service("Route a declaration to control or to none", CUSTOMS, CONTROL),
        "startControl": Service("Start a control", CUSTOMS, CONTROL),
        "recordControl": Service("Record a control's result", CUSTOMS, CONTROL),
        "dismissDiscrepancy": Service("Find a discrepancy harmless", CUSTOMS, CONTROL),
        "notifyIrregularity": Service("Notify the declarant of an irregularity", CUSTOMS, CONTROL),
        "decideItems": Service("Decide on goods items", AGENCY, f"{TFA} art. 8"),
        "takeOverChecks": Service("Take over the checks of a suspended agency", AGENCY, f"{TFA} art. 8"),
        "confirmArrival": Service("Confirm the arrival of goods", CUSTOMS, f"{RKC} ch. 3"),
        "confirmExit": Service("Confirm the exit of goods", CUSTOMS, f"{RKC} ch. 3"),
        "release": Service("Release goods items", CUSTOMS, RELEASE),
        "releaseConditionally": Service("Release goods items on condition", CUSTOMS, RELEASE),
        "refuseItems": Service("Refuse goods items", CUSTOMS, RELEASE),
        "seize": Service("Seize goods items", CUSTOMS, CONTROL),
        "clear": Service("Clear a released declaration", CUSTOMS, RELEASE),
        "propose": Service("Propose an act that takes two officers", CUSTOMS, CONTROL),
        "countersign": Service("Countersign an act of two officers", CUSTOMS, CONTROL),
        "returnPermits": Service("Give permits back after invalidation", CUSTOMS, RELEASE),
        "openPca": Service("Open a post-clearance audit", CUSTOMS, AUDIT),
        "closePca": Service("Close a post-clearance audit", CUSTOMS, AUDIT),
        "reassign": Service("Reassign a case to an office or officer", CUSTOMS, f"{RKC} ch. 3"),
        "appeal": Service("Appeal against a refusal", CUSTOMS, APPEAL, APPEAL_PERIOD),
        "decideAppeal": Service("Decide an appeal", CUSTOMS, APPEAL),
        "enterFallback": Service("Enter that an act was done on paper", CUSTOMS, f"{RKC} ch. 7"),
        "confirmFallback": Service("Confirm a fallback entry", CUSTOMS, f"{RKC} ch. 7"),
    },
    "DebtLedger": {
        "assess": Service("Assess duty", CUSTOMS, DUTY),
        "markExempt": Service("Exempt a declaration from duty", CUSTOMS, DUTY),
        "pay": Service("Pay a debt", CUSTOMS, DUTY),
        "payWithPermit": Service("Pay a debt with a signed token permit", CUSTOMS, DUTY),
        "payFromPrepaid": Service("Pay a debt from a prepaid account", CUSTOMS, DUTY),
        "depositPrepaid": Service("Pay into a prepaid account", CUSTOMS, DUTY),
        "withdrawPrepaid": Service("Take money out of a prepaid account", CUSTOMS, DUTY),
        "defer": Service("Grant deferred payment", CUSTOMS, f"{RKC} ch. 4 (B)", "due at most 366 days later"),
        "recover": Service("Begin the recovery of an overdue debt", CUSTOMS, DUTY),
        "settle": Service("Pass revenue on to its accounts", CUSTOMS, DUTY),
        "offerGuarantee": Service("Offer a guarantee", CUSTOMS, SECURITY),
        "topUpGuarantee": Service("Top up a guarantee", CUSTOMS, SECURITY),
        "acceptGuarantee": Service("Accept a guarantee", CUSTOMS, SECURITY),
        "refuseGuarantee": Service("Refuse a guarantee", CUSTOMS, SECURITY),
        "cancelGuarantee": Service("Give notice of a guarantee", CUSTOMS, SECURITY, "the guarantee's notice period"),
        "secure": Service("Secure a debt with a guarantee", CUSTOMS, SECURITY),
        "freeSecurity": Service("Free security that is no longer needed", CUSTOMS, SECURITY),
        "callGuarantee": Service("Call a guarantee", CUSTOMS, SECURITY),
        "takeBackCall": Service("Take back a call that is not owed any more", CUSTOMS, SECURITY),
        "returnDeposit": Service("Return an ended cash deposit", CUSTOMS, SECURITY),
        "claimRefund": Service("Claim a refund", CUSTOMS, REFUND, "within 3 years of the payment"),
        "reviewRefund": Service("Review a refund claim", CUSTOMS, REFUND),
        "approveRefund": Service("Approve a refund", CUSTOMS, REFUND),
        "refuseRefund": Service("Refuse a refund", CUSTOMS, REFUND),
        "appealRefund": Service("Appeal against a refused refund", CUSTOMS, APPEAL, "within 3 years of the refusal"),
        "decideRefundAppeal": Service("Decide the appeal on a refund", CUSTOMS, APPEAL),
        "payRefund": Service("Pay a refund", CUSTOMS, REFUND, "within 3 working days of the decision"),
        "offsetRefund": Service("Set a refund off against arrears", CUSTOMS, REFUND),
    },
    "PermitRegistry": {
        "applyFor": Service("Apply for a permit", AGENCY, PERMIT),
        "issue": Service("Issue a permit", AGENCY, PERMIT),
        "refuse": Service("Refuse a permit", AGENCY, PERMIT),
        "suspend": Service("Suspend a permit", AGENCY, PERMIT),
        "reinstate": Service("Reinstate a permit", AGENCY, PERMIT),
        "revoke": Service("Revoke a permit", AGENCY, PERMIT),
        "replace": Service("Replace a permit", AGENCY, PERMIT),
        "declareUnit": Service("Declare a unit for a permit line", AGENCY, PERMIT),
        "transfer": Service("Pass a permit to another holder", AGENCY, PERMIT),
    },
    "DocumentRegistry": {
        "anchor": Service("Anchor a batch of documents", ISSUER, EVIDENCE),
        "grantAccess": Service("Let somebody in to a document", ISSUER, EVIDENCE),
        "suspend": Service("Suspend a document", ISSUER, EVIDENCE),
        "reinstate": Service("Reinstate a document", ISSUER, EVIDENCE),
        "revoke": Service("Revoke a document", ISSUER, EVIDENCE),
        "supersede": Service("Supersede a document", ISSUER, EVIDENCE),
        "orderErasure": Service("Order the erasure of a document", ISSUER, EVIDENCE),
    },
    "ParticipantRegistry": {
        "setKey": Service("Register or change a key", MEMBER, REGISTER),
        "retireKey": Service("Retire a key", MEMBER, REGISTER),
        "declareCompromised": Service(
            "Declare that a key was in wrong hands", MEMBER, REGISTER, "30 days back at most"
        ),
        "setEncryptionKey": Service("Name the key for sealed documents", MEMBER, REGISTER),
    },
    "RuleRegistry": {
        "confirmRule": Service("Confirm a rule's removal or loosening", GOVERNANCE, REGISTER),
    },
    "SettlementToken": {
        "mint": Service("Mint settlement money against a bank reference", TREASURY, DUTY),
        "redeem": Service("Redeem settlement money", TREASURY, DUTY),
        "transfer": Service("Transfer settlement money", TREASURY, DUTY),
        "transferFrom": Service("Transfer settlement money by allowance", TREASURY, DUTY),
        "approve": Service("Allow a contract to take settlement money", TREASURY, DUTY),
        "permit": Service("Allow it by signature (EIP-2612)", TREASURY, DUTY),
    },
    "TradeEscrow": {
        "openEscrow": Service("Put the price of goods into escrow", BUYERS, TRADE),
        "present": Service("Present a document that an escrow asks for", BUYERS, TRADE),
        "acceptDocuments": Service("Accept the documents presented", BUYERS, TRADE),
        "claimRelease": Service("Take the price, as the goods are released", BUYERS, TRADE),
        "payPart": Service("Pay part of the price out", BUYERS, TRADE),
        "proposeSplit": Service("Propose to end an escrow", BUYERS, TRADE),
        "acceptSplit": Service("Agree to end an escrow", BUYERS, TRADE),
        "dispute": Service("Put an escrow to its arbiter", BUYERS, TRADE),
        "arbitrate": Service("Decide an escrow as arbiter", BUYERS, TRADE),
        "refundAfterTimeout": Service("Take the price back after the timeout", BUYERS, TRADE),
        "withdraw": Service("Withdraw from the escrow's balance", BUYERS, TRADE),
    },
}
"""Every act that a registered key can sign, by contract and function."""

WITHOUT_ACT: Final = (
    Passport(
        "POST /v1/verify",
        "Verify a document",
        "the facade",
        EVIDENCE,
        (
            Input("file", "document", "The document itself", "its bytes", is_needed=False),
            Input("proof", "proof", "Its proof file", "`*.tamga.json`", is_needed=False),
            Input("at", "time", "Instant at which it is judged; now, if not given", "RFC 3339, UTC", is_needed=False),
        ),
        "Whether it is intact, anchored, issued by who was entitled to, and in force at an instant.",
        FEE,
        NONE,
        "none",
        VERSION,
    ),
    Passport(
        "POST /v1/duty/calculate",
        "Calculate duty",
        CUSTOMS,
        DUTY,
        (
            Input("items", "list", "Goods items: value, quantity, commodity, rates", "see the OpenAPI"),
            Input("tariff", "document", "Table of rates, where items have none", "as read, JSON", is_needed=False),
            Input("fee", "amount", "Customs clearance fee", "decimal number of the currency", is_needed=False),
            Input("as_of", "time", "Date of acceptance; now, if not given", "RFC 3339, UTC", is_needed=False),
        ),
        "What would be owed, per item and charge; an assessment is made by revenue.",
        FEE,
        NONE,
        "none",
        VERSION,
    ),
    Passport(
        "GET /v1/accounts/{participant}/statement",
        "Statement of account",
        CUSTOMS,
        DUTY,
        (
            Input("participant", "participant", "Whose account", "its number"),
            Input("from", "time", "First second; the beginning, if not given", "RFC 3339, UTC", is_needed=False),
            Input("until", "time", "Last second; now, if not given", "RFC 3339, UTC", is_needed=False),
        ),
        "Opening balance, movements and closing balance of a trader's account.",
        FEE,
        NONE,
        "EIP-4361 sign-in with a registered key",
        VERSION,
    ),
)
"""Services of a facade that are no act."""
