// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Main status of a declaration (domain guide 4.1). PARTLY_RELEASED: some items have an outcome, not all.
enum DeclarationStatus {
    NONE,
    PRELODGED,
    LODGED,
    REJECTED,
    ACCEPTING,
    ACCEPTED,
    PARTLY_RELEASED,
    RELEASED,
    CLEARED,
    INVALIDATED,
    PCA_OPEN
}

/// @notice Acts that move, or need, a main status: the rows of {DeclarationTransitions}.
enum DeclarationAct {
    PRELODGE,
    LODGE,
    PRESENT,
    REJECT,
    BEGIN_ACCEPTANCE,
    ENTER_ITEMS,
    ABANDON,
    SEAL,
    REQUEST_AMENDMENT,
    GRANT_AMENDMENT,
    CORRECT,
    REQUEST_CANCELLATION,
    GRANT_CANCELLATION,
    REFUSE_REQUEST,
    ROUTE,
    CONTROL,
    DECIDE_ITEMS,
    CONFIRM_ARRIVAL,
    CONFIRM_EXIT,
    SEIZE,
    LIFT_SEIZURE,
    RELEASE,
    REFUSE_ITEMS,
    CLEAR,
    INVALIDATE,
    OPEN_PCA,
    CLOSE_PCA,
    RETURN_PERMITS,
    REASSIGN,
    REOPEN_REJECTION,
    REOPEN_REQUEST,
    REOPEN_ITEM,
    CLAIM,
    SUPPLEMENT
}

/// @notice In whose name a declaration is made (domain guide 1: declarant, representative).
enum Representation {
    SELF,
    DIRECT,
    INDIRECT
}

/// @notice Control track of one version of a declaration.
enum ControlState {
    UNROUTED,
    NONE,
    REQUIRED,
    IN_PROGRESS,
    SATISFACTORY,
    DISCREPANCY
}

/// @notice What a routing asks for; a higher number is a stricter control.
enum ControlKind {
    NONE,
    DOCUMENTARY,
    PHYSICAL
}

/// @notice Acts on the control track: the rows of {ControlTransitions}.
enum ControlAct {
    ROUTE_NONE,
    ROUTE_REQUIRED,
    LOWER_TO_NONE,
    LOWER_TO_DOCUMENTARY,
    START,
    RECORD_SATISFACTORY,
    RECORD_DISCREPANCY,
    DISMISS,
    SETTLE_BY_SEIZURE,
    REOPEN_FINDING,
    NEW_VERSION
}

/// @notice Decision of an agency on an item (domain guide 3.7).
enum AgencyDecision {
    PENDING,
    NOT_REQUIRED,
    HOLD,
    RELEASE,
    REFUSE,
    NO_MATCH
}

/// @notice Outcome of an item (domain guide 4.4). HELD is computed: no outcome yet, see `missing`.
enum ItemOutcome {
    HELD,
    RELEASED,
    CONDITIONALLY_RELEASED,
    REFUSED,
    SEIZED
}

/// @notice What the declarant has asked for and customs has not decided yet.
enum OpenRequest {
    NONE,
    AMENDMENT,
    CANCELLATION
}

/// @notice Acts that take two persons, see `propose` and `countersign`.
enum JointKind {
    LOWER_CONTROL,
    LIFT_SEIZURE,
    INVALIDATE
}

/// @notice What was refused, and can be appealed against.
enum RefusalKind {
    REJECTION,
    AMENDMENT,
    CANCELLATION,
    ITEM,
    AGENCY_DECISION
}

/// @notice Life of a refusal.
enum AppealState {
    NONE,
    REFUSED,
    APPEALED,
    UPHELD,
    OVERTURNED
}

/// @notice Why a release (or clearance) was refused. Codes of the whole declaration come with item 0. NEEDS_OFFICER
///         comes with the item if its condition is what an officer must lift; NOTHING_PENDING: no control's result is
///         awaited, so nothing calls for a conditional release.
enum HeldFor {
    CONTROL_UNROUTED,
    CONTROL_OPEN,
    CONTROL_DISCREPANCY,
    DEBT_NOT_ASSESSED,
    DEBT_UNPAID,
    NOT_ARRIVED,
    COURT_HOLD,
    SEIZED,
    NOT_ENTERED,
    HAS_OUTCOME,
    AGENCY_PENDING,
    AGENCY_HOLD,
    AGENCY_REFUSED,
    AGENCY_NO_MATCH,
    AGENCY_EXPIRED,
    PERMIT_UNUSABLE,
    SECURITY_NEEDED,
    CONDITION_OPEN,
    DEBT_UNSETTLED,
    NOT_EXITED,
    NEEDS_OFFICER,
    DATA_INCOMPLETE,
    APPEAL_OPEN,
    NOTHING_PENDING
}

/// @notice One reason why goods are held.
/// @param item Goods item number; 0 for the whole declaration.
/// @param code What is missing.
/// @param agency Participant whose decision is missing; 0 unless the code is an agency's.
/// @param checkCode The agency's check; 0 unless the code is an agency's.
/// @param use Number of the item's permit use, from 0; 0 unless the code is PERMIT_UNUSABLE.
struct Reason {
    uint16 item;
    HeldFor code;
    uint64 agency;
    uint16 checkCode;
    uint8 use;
}

/// @notice What is lodged. Nothing in it names goods, values or parties beyond participant ids.
/// @param lrnMac HMAC of the local reference number under a key of the declarant's; unique per declarant.
/// @param dataRecord Record id of the sealed declaration.
/// @param importer Participant whose goods they are, and who owes the debt.
/// @param carrier Participant that may confirm arrival and exit; 0 leaves both to customs.
/// @param office Customs office at which it is lodged.
/// @param regime Requested procedure × 100 + previous procedure (domain guide 3.5), as in the rule set: 4000.
/// @param itemCount Goods items, 1 to 999; an amendment changes items, never their number.
/// @param representation In whose name: SELF when the actor is of the importer, else DIRECT or INDIRECT.
struct Lodgement {
    bytes32 lrnMac;
    bytes32 dataRecord;
    uint64 importer;
    uint64 carrier;
    uint24 office;
    uint16 regime;
    uint16 itemCount;
    Representation representation;
}

/// @notice One check of an item that an agency must decide.
/// @param checkCode What the agency checks, from the national code list that the rules use.
struct ItemAgency {
    uint16 item;
    uint64 agency;
    uint16 checkCode;
}

/// @notice An agency's decision on one of its checks of an item.
/// @param validUntil Last second at which the decision counts [unix s]; read for RELEASE and NOT_REQUIRED only.
struct ItemDecision {
    uint16 item;
    uint16 checkCode;
    AgencyDecision decision;
    uint40 validUntil;
}

/// @notice An act that one officer proposes and another countersigns, signing the same fields.
/// @param caseId Declaration.
/// @param kind What is to be done.
/// @param control LOWER_CONTROL: the lower control; NONE otherwise.
/// @param from LIFT_SEIZURE: first item; 0 otherwise.
/// @param to LIFT_SEIZURE: last item; INVALIDATE: last item whose permits are given back in the same act, the rest by
///        `returnPermits`; 0 otherwise.
/// @param reason Reason code, never 0.
/// @param evidence Record id; for INVALIDATE never 0.
struct JointAct {
    uint64 caseId;
    JointKind kind;
    ControlKind control;
    uint16 from;
    uint16 to;
    uint16 reason;
    bytes32 evidence;
}

/// @notice State of a declaration, as of the latest block.
/// @param status Main status.
/// @param controlKind Control last asked for. In an UNROUTED version it is what the one before was to have and did not
///        get: less than that takes two persons.
/// @param version Legal version: 0 before acceptance, 1 at acceptance, one more per amendment or correction.
/// @param revision Changes of the main status so far: what main acts cite as `expectedVersion`.
/// @param controlRevision Changes of the control track so far: what its acts cite.
/// @param goodsRevision Confirmations of arrival and exit so far, and of an export the releases after the first: what
///        confirmations cite.
/// @param mrn Movement reference number; 0 before acceptance.
/// @param declarant Participant that lodged; equals `importer` unless a broker did.
/// @param officer Officer to whom the case is assigned; 0: any officer of the office.
/// @param lodgedAt Instant of lodging, not of pre-lodging [unix s].
/// @param acceptedAt Instant of acceptance, at which law, rates and permit validity are fixed [unix s].
/// @param releasedAt Instant of the full release: every item RELEASED, none conditionally, refused or seized [unix s];
///        0 before.
/// @param exitedAt Instant at which the exit of all goods released by now was confirmed [unix s]; 0 while it was not.
/// @param decisionsExpireAt Earliest valid-until among the decisions taken for `version` [unix s]; 0: none yet. A
///        decision that was replaced since still counts: none of those in force ends before this instant.
/// @param ruleVersion Version of the rule set cited at acceptance.
/// @param entered Items entered while ACCEPTING; then `itemCount`.
/// @param openItems Items without outcome.
/// @param conditionalItems Items released conditionally.
/// @param deniedItems Items refused or seized.
/// @param pendingItems Items of an amended version whose agencies and permit uses customs must enter again.
/// @param returnedItems Items, from 1, whose permits were given back after invalidation.
/// @param dataIncomplete Whether it was declared in the simplified procedure and its full data are still to come.
/// @param openAppeals Refusals that are appealed against and not decided.
/// @param foreignAeo Key of the foreign operator whose benefits were asked for; 0: none.
/// @param wasReleased Whether goods were ever released, also conditionally, whatever became of them since.
struct DeclarationState {
    DeclarationStatus status;
    ControlState control;
    ControlKind controlKind;
    OpenRequest request;
    Representation representation;
    bool irregularityNotified;
    uint16 version;
    uint32 revision;
    uint32 controlRevision;
    uint32 goodsRevision;
    bytes18 mrn;
    uint64 declarant;
    uint64 importer;
    uint64 carrier;
    uint24 office;
    uint16 regime;
    address officer;
    address controlledBy;
    uint40 lodgedAt;
    uint40 acceptedAt;
    uint40 arrivedAt;
    uint40 exitedAt;
    uint40 releasedAt;
    uint40 decisionsExpireAt;
    uint32 ruleVersion;
    uint16 itemCount;
    uint16 entered;
    uint16 openItems;
    uint16 conditionalItems;
    uint16 deniedItems;
    uint16 pendingItems;
    uint16 returnedItems;
    bool dataIncomplete;
    uint16 openAppeals;
    bytes32 foreignAeo;
    bool wasReleased;
}

/// @notice State of a goods item.
/// @param outcome Its outcome; HELD while it has none.
/// @param courtHold Whether a seizure by order of a court holds it.
/// @param pending Whether customs must enter its agencies and permit uses for the current version.
/// @param enteredVersion Legal version at which its agencies and permit uses were entered.
/// @param permitVersion Version under which its uses are reserved at the PermitRegistry: `enteredVersion`, plus 2^16
///        for each time that entered items were taken out again.
/// @param checks Number of checks.
/// @param uses Number of permit uses.
/// @param conditional Whether it is released conditionally, or was when it was seized: its permits are written off.
struct ItemState {
    ItemOutcome outcome;
    bool courtHold;
    bool pending;
    uint16 enteredVersion;
    uint32 permitVersion;
    uint8 checks;
    uint8 uses;
    bool conditional;
}

/// @notice A check of an item and how it was decided.
/// @param decision Last decision; counts only when `version` is the declaration's.
/// @param version Legal version that was decided; 0: none yet.
struct Check {
    uint64 agency;
    uint16 checkCode;
    AgencyDecision decision;
    uint16 version;
    uint40 validUntil;
}

/// @notice One legal version of a declaration.
/// @param dataRecord Record id of the sealed declaration.
/// @param madeAt Instant at which it took effect [unix s].
/// @param byCustoms Whether customs made it ex officio.
struct DeclarationVersion {
    bytes32 dataRecord;
    uint40 madeAt;
    bool byCustoms;
}

/// @notice A refusal that can be appealed against.
/// @param by Key that refused.
/// @param office Office in which it was refused.
/// @param refusedAt Instant [unix s].
/// @param item Item concerned, or first item; 0 for the declaration.
/// @param toItem Last item concerned; 0 for the declaration.
/// @param agency Agency that refused; 0 for customs.
/// @param version Legal version at the time.
/// @param revision Changes so far: what `decideAppeal` cites as `expectedVersion`.
/// @param dataRecord Version that a refused amendment would have made; 0 otherwise.
struct Refusal {
    address by;
    uint24 office;
    uint40 refusedAt;
    RefusalKind kind;
    AppealState state;
    uint16 item;
    uint16 toItem;
    uint64 agency;
    uint16 checkCode;
    uint16 version;
    uint32 revision;
    bytes32 dataRecord;
}
