"""What each act does, as a sentence of the trade with the act's own values: what its signer is asked to agree to.

Read by `ledger.domain.act_meanings`, which tells what may stand in braces. One sentence an act, in the words of the
domain guide; who may do it and what the contract checks stands in the contracts' own interfaces. The reason and the
evidence of an act are told behind its sentence and need no place in it.
"""

from collections.abc import Mapping
from typing import Final

_AUTHORISATIONS: Final = {
    "applyForAeo": "Applies for the status of authorised economic operator (AEO) for the signer's participant.",
    "reviewAeo": "Takes up the review of participant {operator}'s application for AEO status.",
    "grantAeo": "Grants participant {operator} AEO status as {operatorTypes}, with the benefits {categories}, "
    "from {from} until {until}.",
    "refuseAeo": "Refuses participant {operator}'s application for AEO status.",
    "suspendAeo": "Suspends the AEO status of participant {operator}: its benefits end with the next decision.",
    "reinstateAeo": "Gives participant {operator} back its AEO status, which was suspended.",
    "withdrawAeo": "Gives up the AEO status, or the application for it, of the signer's participant: it can have it "
    "only after a new application.",
    "proposeAeoRevocation": "Proposes to revoke the AEO status of participant {operator}, barred from applying again "
    "until {barredUntil}; it is revoked once a second officer confirms.",
    "confirmAeoRevocation": "Confirms, as the second officer, that the AEO status of participant {operator} is "
    "revoked.",
    "recognizeForeignAeo": "Recognises an operator that {country} authorised (its identifier's hash is {foreignId}) "
    "as {operatorTypes}, with the benefits {categories}, from {from} until {until}.",
    "endForeignAeo": "Ends at once the recognition of the operator that {country} authorised under the identifier "
    "whose hash is {foreignId}.",
    "licenseBroker": "Licenses participant {broker} as a customs broker at every office, from {from} until {until}.",
    "suspendLicence": "Suspends the broker's licence of participant {broker}: it can act for no trader until it is "
    "reinstated.",
    "reinstateLicence": "Gives participant {broker} back its broker's licence, which was suspended.",
    "revokeLicence": "Revokes the broker's licence of participant {broker}.",
    "grantPower": "Gives participant {broker} power of attorney to {scope} for the signer's participant, "
    "from {from} until {until}; an earlier power of the same broker ends.",
    "revokePower": "Ends at once the power of attorney that the signer's participant gave participant {broker}.",
}

_LODGED: Final = (
    "a declaration of {itemCount:# goods items} under procedure {regime} at office {office} for participant {importer} "
    "({representation}){carrier:|, whose goods carrier # brings}; its sealed contents are record {dataRecord}"
)
_DECLARATIONS: Final = {
    "preLodge": f"Lodges, before the goods arrive, {_LODGED}.",
    "lodge": f"Lodges {_LODGED}. It binds the declarant once customs accepts it.",
    "present": "Presents the goods of declaration {caseId}, which was given before they arrived: it is lodged with "
    "that.",
    "reject": "Rejects declaration {caseId}: it ends, and its goods need another declaration.",
    "accept": "Accepts declaration {caseId} by version {ruleVersion} of the rule book, with {agencies:# agency checks} "
    "and {uses:# permit uses} for its items; it gets its MRN, and this instant fixes law, rates and permits.",
    "beginAcceptance": "Begins to accept declaration {caseId} by version {ruleVersion} of the rule book.",
    "enterItems": "Enters goods items {from} to {to} of declaration {caseId}, with {agencies:# agency checks} and "
    "{uses:# permit uses}, whose quantities are reserved.",
    "abandon": "Takes the goods items after number {keep} of declaration {caseId} out of the acceptance again, and "
    "frees what was reserved for them.",
    "sealAcceptance": "Completes the acceptance of declaration {caseId}: it gets its MRN, and this instant fixes law, "
    "rates and permits.",
    "requestAmendment": "Asks customs to amend declaration {caseId}; the new version, sealed, is record {dataRecord}.",
    "grantAmendment": "Grants the amendment asked for on declaration {caseId}: its next version takes effect, and "
    "control, agencies' decisions and duty begin anew. To be entered anew: {changedItems}.",
    "requestCancellation": "Asks customs to annul declaration {caseId}.",
    "grantCancellation": "Annuls declaration {caseId}, as its declarant asked: it ends, what was paid can be claimed "
    "back, and what its goods items up to number {returnTo} reserved of permits is given back now.",
    "refuseRequest": "Refuses the amendment or cancellation asked for on declaration {caseId}; its declarant can "
    "appeal.",
    "declareSimplified": "Declares {caseId} in the simplified procedure: its goods can be released before its full "
    "data are lodged, and it is cleared only after them.",
    "supplement": "Lodges the full data of the simplified declaration {caseId}; sealed, they are record {dataRecord}.",
    "claimForeignAeo": "Asks for the benefits of the foreign operator registered as {foreignAeo} on declaration "
    "{caseId}.",
    "citeRecords": "Notes that declaration {caseId} rests on {records:# documents} of participant {issuer}: they are "
    "not erased as long as it needs them.",
    "correct": "Corrects declaration {caseId} after what the control found: the corrected version, sealed as record "
    "{dataRecord}, takes effect, and control, decisions and duty begin anew. To be entered anew: {changedItems}.",
    "route": "Decides how declaration {caseId} is controlled: {control}.",
    "startControl": "Starts the control of declaration {caseId}; it cannot be amended by its declarant before its next "
    "version.",
    "recordControl": "Records the result of the control of declaration {caseId}: "
    "{satisfactory:something differs from the declaration|it is satisfactory}.",
    "dismissDiscrepancy": "Finds harmless what the control of declaration {caseId} found different.",
    "notifyIrregularity": "Tells the declarant of declaration {caseId} of an irregularity; it cannot be amended by the "
    "declarant before its next version.",
    "decideItems": "Decides, for the signer's agency, {decisions:# checks} of version {version} of declaration "
    "{caseId}: {decisions}.",
    "takeOverChecks": "Takes over what agency {agency} has not decided on goods items {from} to {to} of declaration "
    "{caseId}, in its place.",
    "confirmArrival": "Confirms that the goods of declaration {caseId} have arrived.",
    "confirmExit": "Confirms that the released goods of declaration {caseId} have left the country.",
    "release": "Releases goods items {from} to {to} of declaration {caseId}: they are at the trader's disposal, and "
    "what they use of permits is written off.",
    "releaseConditionally": "Releases goods items {from} to {to} of declaration {caseId} on condition, against "
    "security, until the result that is awaited comes in.",
    "refuseItems": "Refuses goods items {from} to {to} of declaration {caseId}: they are not released, and what they "
    "use of permits is given back.",
    "seize": "Seizes goods items {from} to {to} of declaration {caseId}"
    "{settlesFinding:|, in answer to what the control found}.",
    "clear": "Clears declaration {caseId}: all formalities of its procedure are completed.",
    "propose": "Proposes, as the first of two officers, for declaration {caseId}: {kind}. It is done once another "
    "officer countersigns the same.",
    "countersign": "Countersigns, as the second of two officers, for declaration {caseId}: {kind}. It is done now.",
    "returnPermits": "Gives back what the goods items up to number {to} of the annulled declaration {caseId} used of "
    "permits.",
    "openPca": "Opens a post-clearance audit of declaration {caseId}.",
    "closePca": "Closes the post-clearance audit of declaration {caseId}"
    "{dataRecord:, which leaves the declaration as it was| with a new version, sealed as record #}.",
    "reassign": "Passes declaration {caseId} to office {office}{officer:, whoever serves there|, to officer #}.",
    "appeal": "Appeals against refusal {refusal} on declaration {caseId}.",
    "decideAppeal": "{overturned:Upholds|Overturns} refusal {refusal} on declaration {caseId}"
    "{overturned:|: what was refused is open again}.",
    "enterFallback": "Enters that an act on declaration {caseId} was done on paper at {occurredAt}, while the ledger "
    "could not be reached; a second officer has to confirm it.",
    "confirmFallback": "Confirms, as the second officer, what was entered as done on paper (entry {entry}).",
}

_DEBTS: Final = {
    "assess": "Assesses what is due on version {declarationVersion} of declaration {caseId}: {charges}.",
    "markExempt": "Exempts version {declarationVersion} of declaration {caseId} from duty: nothing is due.",
    "pay": "Pays {amount} of the signer's settlement money on the debt of declaration {caseId}.",
    "payWithPermit": "Pays {amount} of the signer's settlement money on the debt of declaration {caseId}, and allows "
    "by signature that it is taken.",
    "payFromPrepaid": "Pays {amount} from the prepaid account of participant {account} on the debt of declaration "
    "{caseId}.",
    "depositPrepaid": "Pays {amount} of the signer's settlement money into the prepaid account of participant "
    "{account}.",
    "withdrawPrepaid": "Takes {amount} out of the prepaid account of the signer's participant, paid to {to}.",
    "defer": "Lets the debt of declaration {caseId} be paid later, until {dueAt}.",
    "recover": "Begins to recover the debt of declaration {caseId}, with interest of {interest}.",
    "settle": "Passes what was paid on declaration {caseId} on to the revenue accounts, or takes back from them what a "
    "new assessment lowered.",
    "offerGuarantee": "Offers a guarantee ({securityType}) of {amount} for what participant {principal} owes on "
    "{caseId:any of its declarations|declaration #}, until {validUntil}; it can be ended at {notice} notice.",
    "topUpGuarantee": "Offers {amount} more on guarantee {guarantee}; of a cash deposit, it is taken now from the "
    "signer's settlement money.",
    "acceptGuarantee": "Accepts what was offered as guarantee {guarantee}: debts can be secured with it.",
    "refuseGuarantee": "Refuses what was offered as guarantee {guarantee}; a cash deposit goes into its guarantor's "
    "prepaid account.",
    "cancelGuarantee": "Gives notice of guarantee {guarantee}; what it already secures stays secured.",
    "secure": "Secures {amount} of the debt of declaration {caseId} with guarantee {guarantee}.",
    "freeSecurity": "Frees {amount} of guarantee {guarantee}, which declaration {caseId} does not need any more.",
    "callGuarantee": "Calls {amount} of guarantee {guarantee} for the debt of declaration {caseId}: the guarantor has "
    "to pay it, a cash deposit pays it at once.",
    "takeBackCall": "Takes back the call of {amount} of guarantee {guarantee} for declaration {caseId}, which is not "
    "owed any more.",
    "returnDeposit": "Pays what is left of the ended cash deposit {guarantee} into its guarantor's prepaid account.",
    "claimRefund": "Claims {amount} of payment {payment} back ({ground}), on the strength of document {basis}; it "
    "{offsetConsent:may not|may} be set off against what the payer owes.",
    "reviewRefund": "Takes up the review of refund claim {refund}.",
    "approveRefund": "Approves {amount} of refund claim {refund}.",
    "refuseRefund": "Refuses refund claim {refund}; the claimant can appeal.",
    "appealRefund": "Appeals against the refusal of refund claim {refund}.",
    "decideRefundAppeal": "{overturn:Upholds|Overturns} the refusal of refund claim {refund}"
    "{overturn:|: it is reviewed anew}.",
    "payRefund": "Pays the approved refund {refund} into the payer's prepaid account.",
    "offsetRefund": "Sets the approved refund {refund} off against what the payer owes on declaration {offsetCase}.",
}

_PERMITS: Final = {
    "applyFor": "Applies to agency {agency} for a permit of type {docType}.",
    "issue": "Issues a permit of type {docType} with {lines:# lines} (quantities: {lines}), valid from {validFrom} "
    "until {validUntil}{singleUse:|, for a single use}{application:|, in answer to application #}.",
    "refuse": "Refuses application {application} for a permit.",
    "suspend": "Suspends permit {permit}: nothing can be released on it until it is reinstated.",
    "reinstate": "Puts the suspended permit {permit} back in force.",
    "revoke": "Revokes permit {permit} for good.",
    "replace": "Replaces permit {permit} by a new one with {lines:# lines} (quantities: {lines}), valid from "
    "{validFrom} until {validUntil}; what is reserved and written off passes to it.",
    "declareUnit": "Lets declarations state quantities of line {line} of permit {permit} in another unit, "
    "of which one is {numerator}/{denominator} of the line's own.",
    "transfer": "Passes permit {permit} to another holder.",
}

_DOCUMENTS: Final = {
    "anchor": "Anchors {head} of the signer's participant: whoever holds one can prove that it existed by now, and who "
    "issued it (manifest {manifest}).",
    "grantAccess": "Lets somebody open documents of the signer's participant; who and which is in the sealed grant "
    "{grant}.",
    "suspend": "Suspends document {recordId} of participant {issuer}: it is not in force until it is reinstated.",
    "reinstate": "Puts the suspended document {recordId} of participant {issuer} back in force.",
    "revoke": "Revokes document {recordId} of participant {issuer} for good.",
    "supersede": "Puts document {byRecord} in the place of document {recordId} of participant {issuer}.",
    "orderErasure": "Orders that document {recordId} of the signer's participant is erased wherever it is kept.",
}

_PARTICIPANTS: Final = {
    "setKey": "Lets key {key} act for participant {participant} as {roles}{office:| at office #}, from {validFrom} "
    "until {validUntil}.",
    "retireKey": "Ends key {key} at once; what it signed before stays valid.",
    "declareCompromised": "Declares that key {key} was in wrong hands from {from} on: what it signed since does not "
    "count as its participant's.",
    "setEncryptionKey": "Names {x25519Key} as the key to which documents for participant {participant} are sealed from "
    "now on.",
}

_RULES: Final = {
    "confirmRule": "Confirms that the rule for goods of group {group} under procedure {regime} is removed or "
    "loosened, as proposed (hash {digest}).",
}

_MONEY: Final = {
    "mint": "Issues {amount} of settlement money to {to} against the bank's incoming transfer {bankReference}.",
    "redeem": "Redeems {amount} of settlement money of {from} against the bank's outgoing transfer {bankReference}.",
    "transfer": "Pays {value} of the signer's settlement money to {to}. It cannot be taken back.",
    "transferFrom": "Pays {value} of the settlement money of {from} to {to}, as {from} allowed. It cannot be taken "
    "back.",
    "approve": "Allows {spender} to take up to {value} of the signer's settlement money, in place of what it was "
    "allowed before.",
    "permit": "Brings in that {owner} allows {spender}, by signature until {deadline}, to take up to {value} of its "
    "settlement money.",
}

_ESCROWS: Final = {
    "openEscrow": "Puts {amount} of the signer's settlement money into escrow for seller {seller}, to be paid on "
    "{condition}{mrn:| of MRN #}{required:| (#)}{arbiter:|; participant # decides disputes}. "
    "It can be taken back from {timeout} on.",
    "present": "Presents document {recordId} as number {requirement} of those that escrow {escrow} asks for.",
    "acceptDocuments": "Accepts the documents presented for escrow {escrow}: the seller is paid.",
    "claimRelease": "Takes the price held in escrow {escrow} for the seller, as the goods are released.",
    "payPart": "Pays {amount} of what escrow {escrow} holds to the seller now.",
    "proposeSplit": "Proposes to end escrow {escrow}: {toSeller} to the seller, the rest to the buyer.",
    "acceptSplit": "Agrees to end escrow {escrow}: {toSeller} to the seller, the rest to the buyer.",
    "dispute": "Puts escrow {escrow} to its arbiter.",
    "arbitrate": "Decides escrow {escrow} as its arbiter: {toSeller} to the seller, the rest to the buyer.",
    "refundAfterTimeout": "Takes what escrow {escrow} still holds back for the buyer, as its time has run out.",
    "withdraw": "Takes {amount} out of the escrow balance of the signer's participant, paid to {to}.",
}

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "AuthorisationRegistry": _AUTHORISATIONS,
    "DebtLedger": _DEBTS,
    "DeclarationRegistry": _DECLARATIONS,
    "DocumentRegistry": _DOCUMENTS,
    "ParticipantRegistry": _PARTICIPANTS,
    "PermitRegistry": _PERMITS,
    "RuleRegistry": _RULES,
    "SettlementToken": _MONEY,
    "TradeEscrow": _ESCROWS,
}
"""By contract and function; a test proves it complete."""
