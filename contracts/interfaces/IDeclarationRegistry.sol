// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AgencyDecision,
    Check,
    ControlAct,
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationState,
    DeclarationStatus,
    DeclarationVersion,
    ItemAgency,
    ItemDecision,
    ItemOutcome,
    ItemState,
    JointAct,
    Lodgement,
    OpenRequest,
    Reason,
    Refusal
} from "../types/Declaration.sol";
import {IRecordKeeping} from "./IRecordKeeping.sol";
import {IReleaseSource} from "./IReleaseSource.sol";
import {PermitUse} from "./IPermitUse.sol";

/// @title IDeclarationRegistry
/// @notice Goods declarations from lodging to clearance: main status, control track, decisions of agencies per goods
///         item, arrival, seizure, release (domain guide 3.6, 3.7, 4.1, 4.4, 4.9).
/// @dev Two numbers are kept apart by name. `version` is legal: 1 at acceptance, one more for each amendment,
///      correction or reassessment; decisions of agencies and debts belong to one version. `expectedVersion` is what
///      an act cites so that a doubled or outrun act changes nothing: the *revision* of the one thing that it changes.
///      Things that change independently count apart, so that customs, carrier and agencies never spoil each other's
///      acts:
///        main      `DeclarationState.revision`         all acts not named below
///        control   `DeclarationState.controlRevision`  route, startControl, recordControl, dismissDiscrepancy,
///                                                      notifyIrregularity, LOWER_CONTROL; a new version too
///        goods     `DeclarationState.goodsRevision`    confirmArrival, confirmExit
///        agency    `agencyRevision(caseId, agency)`    decideItems
///        appeal    `Refusal.revision`                  decideAppeal
///        fallback  1 once entered                      confirmFallback
///      Acts that create take a `requestId` instead.
/// @dev Officers (CUSTOMS_OFFICER, CUSTOMS_INSPECTOR) act only in the case's office; CUSTOMS_RISK, CUSTOMS_AUDIT and
///      SERVICE_AUTO_RELEASE keys of office 0 act everywhere, others in their own. CUSTOMS_APPEAL acts from another
///      office. A declarant's act is done by the importer, or by any broker (BROKER) with its power of attorney of now:
///      not the one who lodged alone. Nobody of customs or of an agency decides a declaration of its own participant.
/// @dev Every transition emits one event with case, actor, version, revision, reason code (0 or one of
///      {DeclarationReasons}; others revert `UnknownReason`) and evidence record id; the block gives the time. An act
///      with reason FALLBACK, whosever it is, cites the paper as its evidence, uses up that paper's confirmed entry and
///      also emits {FallbackUsed}; without one it reverts {NoFallback}.
/// @dev An appeal that is overturned also moves the main revision, and for an agency's refusal the agency's unless the
///      case was annulled.
/// @dev A release that adds to goods of an export which were released before moves the goods' revision: an exit that is
///      on its way speaks of those alone.
/// @dev Assumes: reads of the registries of participants, rules and authorisations are of the same block.
interface IDeclarationRegistry is IReleaseSource, IRecordKeeping {
    // ---------------------------------------------------------------- events

    /// @notice A declaration was sent before its goods were presented. `key` is the entity key of the request.
    event Prelodged(
        uint64 indexed caseId,
        address indexed actor,
        uint32 revision,
        uint64 declarant,
        bytes32 key,
        Lodgement lodgement
    );
    /// @notice A declaration was lodged. `key` is the entity key of the request.
    event Lodged(
        uint64 indexed caseId,
        address indexed actor,
        uint32 revision,
        uint64 declarant,
        bytes32 key,
        Lodgement lodgement
    );
    /// @notice The goods of a pre-lodged declaration were presented: it is lodged.
    event Presented(uint64 indexed caseId, address indexed actor, uint32 revision, uint16 reason, bytes32 evidence);
    /// @notice Customs rejected it; `evidence` is the record id of the error list, `refusal` can be appealed against.
    event Rejected(
        uint64 indexed caseId,
        address indexed actor,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        uint16 refusal
    );
    /// @notice Acceptance began under `ruleVersion` of the rule set.
    event AcceptanceBegun(
        uint64 indexed caseId,
        address indexed actor,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        uint32 ruleVersion
    );
    /// @notice Items `from` to `to` were entered for `version` with the checks and permit uses listed, and no others;
    ///         an item that an appeal reopened at that version keeps the checks that it had.
    ///         `permitVersion` is the one under which the uses are reserved.
    event ItemsEntered(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 from,
        uint16 to,
        uint32 permitVersion,
        ItemAgency[] agencies,
        PermitUse[] uses
    );
    /// @notice Items above `kept` were taken out again and their reservations freed; with `kept` 0 the case is LODGED.
    event AcceptanceAbandoned(
        uint64 indexed caseId,
        address indexed actor,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        uint16 kept
    );
    /// @notice The declaration is legally registered as version 1.
    event Accepted(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        bytes18 mrn
    );
    /// @notice The declarant asked for an amendment (`dataRecord`: the proposed version) or a cancellation (0).
    event Requested(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        OpenRequest request,
        bytes32 dataRecord
    );
    /// @notice Customs refused what the declarant had asked for.
    event RequestRefused(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        OpenRequest request,
        uint16 refusal
    );
    /// @notice A new legal version took effect: by a granted amendment, or ex officio (`byCustoms`).
    event VersionMade(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        bytes32 dataRecord,
        bool byCustoms,
        uint16[] changedItems
    );
    /// @notice The declaration was annulled, before release (on request) or after it (`proposer` and actor).
    event Invalidated(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        address proposer
    );
    /// @notice Reservations and write-offs of items `from` to `to` of an invalidated declaration were given back.
    event PermitsReturned(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 from,
        uint16 to
    );
    /// @notice The control track was set by routing. `proposer` is 0 unless the control was lowered by two persons.
    ///         `revision` is the control track's, as in all control events.
    event Routed(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        ControlState control,
        ControlKind kind,
        address proposer
    );
    /// @notice The control track moved by a control, its result, a dismissal or a seizure.
    event Controlled(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        ControlState control
    );
    /// @notice The declarant was told of an irregularity: no amendment on request any more.
    event IrregularityNotified(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice An agency decided items. `revision` is the agency's on this declaration.
    event ItemsDecided(
        uint64 indexed caseId,
        address indexed actor,
        uint64 indexed agency,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        ItemDecision[] decisions
    );
    /// @notice An agency refused an item; the refusal can be appealed against. Follows {ItemsDecided}.
    event ItemRefusedByAgency(
        uint64 indexed caseId,
        uint64 indexed agency,
        uint16 item,
        uint16 checkCode,
        uint16 refusal
    );
    /// @notice The goods arrived. `revision` is the goods track's.
    event Arrived(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice All goods that are released by now left the territory. `revision` is the goods track's.
    event Exited(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice Items `from` to `to` were seized; `status` is the declaration's from now on.
    event Seized(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        uint16 from,
        uint16 to,
        DeclarationStatus status
    );
    /// @notice The seizure of items `from` to `to` was lifted by two officers: each is again what it was before it,
    ///         without outcome or released conditionally; `status` is the declaration's from now on.
    event SeizureLifted(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        uint16 from,
        uint16 to,
        address proposer,
        DeclarationStatus status
    );
    /// @notice Items `from` to `to` got `outcome` RELEASED, CONDITIONALLY_RELEASED or REFUSED; `status` is the
    ///         declaration's from now on.
    event ItemsSettled(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        uint16 from,
        uint16 to,
        ItemOutcome outcome,
        DeclarationStatus status
    );
    /// @notice Customs refused items; the refusal can be appealed against. Follows {ItemsSettled}.
    event ItemsRefused(uint64 indexed caseId, uint16 from, uint16 to, uint16 refusal);
    /// @notice All formalities are completed.
    event Cleared(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice A post-clearance audit was opened.
    event PcaOpened(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice A post-clearance audit was closed; with a `dataRecord` `version` is new and its debt to be assessed.
    ///         `status` is the declaration's from now on: CLEARED or RELEASED.
    event PcaClosed(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        bytes32 dataRecord,
        DeclarationStatus status
    );
    /// @notice The case moved to another office or officer (0: any officer of the office).
    event Reassigned(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        uint24 office,
        address officer
    );
    /// @notice The declarant appealed against a refusal. `revision` is the refusal's.
    event Appealed(
        uint64 indexed caseId,
        address indexed actor,
        uint16 refusal,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        bytes32 key
    );
    /// @notice An appeal was decided; when overturned the refused decision is open again, unless the case was annulled.
    ///         `mainRevision` and `status` are the declaration's from now on.
    event AppealDecided(
        uint64 indexed caseId,
        address indexed actor,
        uint16 refusal,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        bool overturned,
        uint32 mainRevision,
        DeclarationStatus status
    );
    /// @notice Declared in the simplified procedure: full data come later.
    event SimplifiedDeclared(
        uint64 indexed caseId,
        address indexed actor,
        uint32 revision,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice The full data of a simplified declaration were lodged: the record `dataRecord`.
    event Supplemented(
        uint64 indexed caseId,
        address indexed actor,
        uint16 version,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        bytes32 dataRecord
    );
    /// @notice Benefits of an operator authorised abroad were asked for.
    event ForeignAeoClaimed(
        uint64 indexed caseId,
        address indexed actor,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        bytes32 foreignAeo
    );
    /// @notice Undecided checks of `agency` on items `from` to `to` are `successor`'s; `revision` is the agency's.
    event ChecksTakenOver(
        uint64 indexed caseId,
        address indexed actor,
        uint64 indexed agency,
        uint64 successor,
        uint32 revision,
        uint16 reason,
        bytes32 evidence,
        uint16 from,
        uint16 to
    );
    /// @notice The declaration rests on these records of `issuer`: they are kept as long as it needs them.
    event RecordsCited(uint64 indexed caseId, address indexed actor, uint64 indexed issuer, bytes32[] records);
    /// @notice An act of two persons was proposed; `key` is what the second countersigns.
    event JointProposed(
        uint64 indexed caseId,
        address indexed actor,
        bytes32 indexed key,
        uint16 version,
        JointAct act
    );
    /// @notice An officer says that the act with this selector was done on paper at `occurredAt`.
    event FallbackEntered(
        uint64 indexed caseId,
        address indexed actor,
        bytes32 indexed key,
        bytes4 act,
        uint40 occurredAt,
        bytes32 evidence
    );
    /// @notice A second officer confirmed a fallback entry: its officer may now enter the act with reason FALLBACK.
    event FallbackConfirmed(uint64 indexed caseId, address indexed actor, bytes32 indexed key, bytes32 evidence);
    /// @notice The act of a fallback entry was entered; it counts from this block. Precedes the act's own event.
    event FallbackUsed(
        uint64 indexed caseId,
        address indexed actor,
        bytes32 indexed key,
        bytes4 act,
        uint40 occurredAt,
        address confirmedBy
    );

    // ---------------------------------------------------------------- errors

    /// @notice The entity with this key, or this proposal or appeal, was made before.
    error AlreadyDone(bytes32 key);
    /// @notice The act cites another revision than the current one.
    error WrongVersion(uint32 expected, uint32 actual);
    /// @notice A decision cites another legal version than the current one.
    error WrongLegalVersion(uint16 cited, uint16 actual);
    error UnknownCase(uint64 caseId);
    /// @notice The act is not among those of the status (domain guide 4.1).
    error NotInStatus(DeclarationAct act, DeclarationStatus status);
    /// @notice The act is not among those of the control track's state.
    error NotInControl(ControlAct act, ControlState state);
    /// @notice The importer has no AEO authorisation in force for the simplified procedure.
    error NotEntitled(uint64 importer);
    /// @notice The foreign operator is not recognised now.
    error NotRecognised(bytes32 foreignAeo);
    /// @notice The simplified procedure, or benefits of a foreign operator, were asked for before.
    error AlreadyClaimed(uint64 caseId);
    /// @notice No full data are awaited.
    error DataComplete(uint64 caseId);
    /// @notice Governance did not name `actor` in the place of `agency`.
    error NotSuccessor(uint64 agency, uint64 actor);
    /// @notice As many declarations as can be noted need the record already, and none of them has ended.
    error TooManyCitations(bytes32 record, uint256 limit);
    /// @notice The case is assigned to another officer.
    error NotAssigned(address assigned);
    /// @notice The actor's participant is a party to this declaration.
    error OwnDeclaration(uint64 participant);
    /// @notice The actor's participant is not the one whose act this is: `expected`, or a BROKER with its power.
    error NotParty(uint64 participant, uint64 expected);
    /// @notice `broker` holds no licence or no power of attorney of `client` for this kind of act now.
    error NotRepresented(uint64 broker, uint64 client, uint32 scope);
    /// @notice The representation does not fit: SELF exactly when the actor is of the importer.
    error WrongRepresentation();
    /// @notice The declarant has a declaration with this local reference that was not rejected.
    error LrnInUse(uint64 caseId);
    error BadItemCount(uint16 count, uint16 limit);
    /// @notice Items must be 1 ≤ from ≤ to ≤ `limit`, and while ACCEPTING begin at the first not yet entered.
    error BadRange(uint16 from, uint16 to, uint16 limit);
    /// @notice Lists must lie within the range and ascend without doubles: checks by (item, agency, checkCode), permit
    ///         uses by (item, permit, line), items by number. `position` is the first entry that does not.
    error BadOrder(uint256 position);
    /// @notice More checks or permit uses on one item than `limit`.
    error TooManyOnItem(uint16 item, uint256 count, uint256 limit);
    /// @notice The regime is not set or not open in the rule book.
    error UnknownRegime(uint16 regime);
    /// @notice Governance closed this registry for new cases; open ones run to their end.
    error RegistryIsClosed(uint8 registryVersion);
    /// @notice The rule book is at another version now.
    error RuleNotInForce(uint32 ruleVersion);
    error NotActive(uint64 participant);
    error ReasonNeeded();
    error EvidenceNeeded();
    error NotAllEntered(uint16 entered, uint16 itemCount);
    /// @notice A permit that was reserved while ACCEPTING has ended since: the items are to be entered anew.
    error PermitsExpired(uint40 until);
    error RequestIsOpen(OpenRequest request);
    error RequestNotOpen(OpenRequest asked, OpenRequest open);
    /// @notice Checking has started or a finding is open: no amendment or cancellation on request.
    error ControlStarted(ControlState state);
    error IrregularityWasNotified();
    /// @notice Goods of this declaration were released once: two officers annul it, see INVALIDATE of `propose`.
    error WasReleased();
    /// @notice A correction ex officio needs a control that ended in DISCREPANCY.
    error NoFinding(ControlState state);
    /// @notice A lower control takes two persons; see `propose`.
    error NeedsSecondPerson();
    /// @notice Two acts that must be done by two persons, or by persons of separate duties, were done by one.
    error SamePerson(address actor);
    error ItemHasOutcome(uint16 item, ItemOutcome outcome);
    error ItemNotSeized(uint16 item);
    error ItemNotPending(uint16 item);
    /// @notice The item was reopened at the version for which it was entered: it keeps its checks and none are listed.
    error ChecksStand(uint16 item);
    /// @notice Customs has yet to enter what the current version asks of the item.
    error ItemIsPending(uint16 item);
    /// @notice The item has no such check of this agency.
    error NotRequired(uint16 item, uint64 agency, uint16 checkCode);
    error BadDecision(uint16 item, AgencyDecision decision, uint40 validUntil);
    /// @notice Release refused: `count` reasons, of which the first 32 are given; `missing` reads them all.
    error ReleaseRefused(uint32 count, Reason[] first32);
    /// @notice Clearance refused: `count` reasons, of which the first 32 are given.
    error ClearanceRefused(uint32 count, Reason[] first32);
    /// @notice Arrival, or the exit of all that is released, was confirmed before, or the regime knows none.
    error NotExpected();
    error NoSuchProposal(bytes32 key);
    error NoSuchRefusal(uint64 caseId, uint16 refusal);
    /// @notice The refusal is not in the state that the act needs.
    error NotAppealable(uint16 refusal);
    error AppealTooLate(uint40 until);
    error NoFallback(uint64 caseId, address officer, bytes4 act);
    /// @notice The officer has not yet entered the act of an earlier entry of the same kind and paper.
    error FallbackWaits(bytes32 entry);
    error BadInstant(uint40 instant, uint40 earliest, uint40 latest);

    // ---------------------------------------------------------------- declarant's acts

    /// @notice Sends a declaration before its goods are presented. [DECLARANT; BROKER with a power of attorney]
    /// @return caseId Declaration id: registry version in the top byte, counter below.
    function preLodge(bytes32 requestId, Lodgement calldata lodgement) external returns (uint64 caseId);

    /// @notice Lodges a declaration whose goods are presented. [DECLARANT; BROKER with a power of attorney]
    /// @dev Reverts {LrnInUse} for a local reference of the same declarant that was not rejected.
    function lodge(bytes32 requestId, Lodgement calldata lodgement) external returns (uint64 caseId);

    /// @notice Presents the goods of a pre-lodged declaration: PRELODGED → LODGED. [DECLARANT, BROKER]
    function present(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Asks for an amendment. [DECLARANT, BROKER]
    ///         {ACCEPTED; no request open; no control started; no irregularity notified}
    /// @param dataRecord Record id of the sealed new version.
    /// @param evidence Record id of the changed paths.
    function requestAmendment(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 dataRecord,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Asks to annul the declaration. [DECLARANT, BROKER] {ACCEPTED; no request open; no goods released ever}
    function requestCancellation(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Declares the case in the simplified procedure: released before full data, cleared only after them.
    ///         [DECLARANT, BROKER; importer with AEO category 3] {PRELODGED, LODGED; once}
    function declareSimplified(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Lodges the full data of a simplified declaration. [DECLARANT, BROKER] {ACCEPTED to RELEASED}
    /// @param dataRecord Record id of the sealed full declaration. Other duties than assessed are assessed anew.
    function supplement(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 dataRecord,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Asks for the benefits of the foreign partner's AEO authorisation under mutual recognition.
    ///         [DECLARANT, BROKER] {PRELODGED, LODGED; recognised now; once}
    /// @dev They count if the recognition is still in force at acceptance. The accepting officer compares the partner
    ///      in the sealed declaration with it.
    /// @param foreignAeo {IAuthorisationRegistry.foreignAeoKey}.
    function claimForeignAeo(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 foreignAeo,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Notes that the declaration rests on records of `issuer`, so that their erasure is refused as long as it
    ///         needs them. [CUSTOMS_OFFICER, _INSPECTOR, _REVENUE, _AUDIT, _APPEAL] The declaration's own data records
    ///         are noted by the acts that bring them.
    /// @dev A repetition changes nothing. At most 256 declarations keep one record by their number. When all places are
    ///      taken, one that has ended makes room: it keeps the record until the end of its period all the same, but an
    ///      audit or appeal that outlasts that period has to cite the record anew.
    function citeRecords(uint64 caseId, uint64 issuer, bytes32[] calldata records) external;

    /// @notice Takes over the undecided checks of an agency in whose place governance named the actor's. [OGA]
    /// @dev Where the actor's agency has a check under the same code, the two become one; if the old agency held the
    ///      item at this version, a decision that let it pass is PENDING again.
    /// @param expectedVersion Revision of the agency that is replaced.
    function takeOverChecks(
        uint64 caseId,
        uint32 expectedVersion,
        uint64 agency,
        uint16 from,
        uint16 to,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Appeals against a refusal, within the period of the rule set, last second inclusive.
    ///         [DECLARANT; BROKER with a power of attorney to appeal]
    /// @param lrnMac When a rejection is appealed against, the declaration's own: it must not be reused; else 0.
    function appeal(
        bytes32 requestId,
        uint64 caseId,
        uint16 refusal,
        bytes32 lrnMac,
        uint16 reason,
        bytes32 evidence
    ) external;

    // ---------------------------------------------------------------- acceptance [CUSTOMS_OFFICER]

    /// @notice LODGED → REJECTED. Its local reference may be used again, its id never.
    ///         [CUSTOMS_OFFICER, or SERVICE_REJECT: the published rules of structure and codes]
    /// @param evidence Record id of the list of errors (code, path, text); never 0.
    function reject(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Accepts a declaration of few items in one act: begin, enter all items, seal.
    /// @param ruleVersion Version of the rule set that is applied; in force now.
    /// @param agencies Checks of the items, ascending by (item, agency, checkCode).
    /// @param uses Permit uses of the items, ascending by (item, permit, line); each is reserved.
    function accept(
        uint64 caseId,
        uint32 expectedVersion,
        uint32 ruleVersion,
        ItemAgency[] calldata agencies,
        PermitUse[] calldata uses,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice LODGED → ACCEPTING.
    function beginAcceptance(
        uint64 caseId,
        uint32 expectedVersion,
        uint32 ruleVersion,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Enters items `from` to `to`: each gets exactly the checks and permit uses listed for it, ordered
    ///         as for `accept`.
    /// @dev While ACCEPTING `from` must be the first item not yet entered; the act is resumed by the next range. When
    ///      ACCEPTED every item of the range must be pending (changed by an amendment or a correction, or reopened by
    ///      an appeal); its earlier reservations are freed before the new ones are made. An item refused or seized
    ///      since reverts {ItemHasOutcome}: it stays pending until that is undone. An item that an appeal reopened at
    ///      the version for which it was entered keeps its checks and what agencies decided: only its permit uses are
    ///      entered, and a check listed for it reverts {ChecksStand}.
    /// @dev After acceptance a permit has to be ACTIVE now and in date at acceptance. One that was replaced since then
    ///      is cited as it stood at acceptance.
    function enterItems(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        ItemAgency[] calldata agencies,
        PermitUse[] calldata uses
    ) external;

    /// @notice Takes items above `keep` out again and frees their reservations; with `keep` 0 ACCEPTING → LODGED.
    /// @param reason Never 0.
    function abandon(uint64 caseId, uint32 expectedVersion, uint16 keep, uint16 reason, bytes32 evidence) external;

    /// @notice ACCEPTING → ACCEPTED, version 1: gives the MRN, fixes the acceptance time, opens the fiscal case, and
    ///         routes to NONE an importer (exporter) on the AEO green lane whom risk has not routed before. {every
    ///         item entered; rule set still in force; every permit reserved still in date}
    /// @dev The earliest end of the permits counts even if its item was taken out again, until all are.
    function sealAcceptance(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    // ---------------------------------------------------------------- requests [CUSTOMS_OFFICER]

    /// @notice Grants the open amendment: ACCEPTED, next version; control UNROUTED, decisions and debt start anew. A
    ///         control that was REQUIRED is what one person cannot route it below.
    /// @param changedItems Items whose checks or permit uses change, ascending; each must be entered again before it
    ///        can be released. The others keep their checks and reservations, never their decisions.
    function grantAmendment(
        uint64 caseId,
        uint32 expectedVersion,
        uint16[] calldata changedItems,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Grants the open cancellation: ACCEPTED → INVALIDATED. {no goods released, not even on a condition that
    ///         ended in refusal or seizure; no control open; no item seized, which two officers lift first}
    /// @param returnTo Last item whose reservations are freed in this act; the rest by `returnPermits`.
    function grantCancellation(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 returnTo,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Refuses the open request; the declarant can appeal. `reason` is never 0.
    function refuseRequest(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Makes the next version ex officio. {ACCEPTED; control DISCREPANCY; finding in `evidence`}
    /// @param dataRecord Record id of the sealed corrected version.
    function correct(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 dataRecord,
        uint16[] calldata changedItems,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Gives back reservations and write-offs of an invalidated declaration, from the first item not yet done.
    ///         [any CUSTOMS_OFFICER of the office]
    /// @param to Last item of this act.
    function returnPermits(uint64 caseId, uint32 expectedVersion, uint16 to) external;

    // ---------------------------------------------------------------- control track

    /// @notice Routes: UNROUTED → NONE or REQUIRED; raises NONE → REQUIRED or DOCUMENTARY → PHYSICAL. [CUSTOMS_RISK]
    /// @dev Before acceptance only REQUIRED can be set: a targeted alert, which keeps the case off the green lane.
    ///      Lowering reverts {NeedsSecondPerson}; so does less, in a new version, than the version before was to have
    ///      and did not get. A RELEASED case is routed while goods are out on a condition, and no more after that. Who
    ///      has inspected the case, or released part of it, cannot route it.
    function route(
        uint64 caseId,
        uint32 expectedVersion,
        ControlKind control,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice REQUIRED → IN_PROGRESS. [CUSTOMS_INSPECTOR who never routed this case]
    function startControl(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice IN_PROGRESS → SATISFACTORY, or DISCREPANCY. [CUSTOMS_INSPECTOR who never routed this case]
    /// @param evidence Record id of the findings; never 0.
    function recordControl(
        uint64 caseId,
        uint32 expectedVersion,
        bool satisfactory,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice DISCREPANCY → SATISFACTORY: the finding is harmless. [CUSTOMS_OFFICER other than who recorded it, who
    ///         never routed this case]
    /// @param reason Never 0.
    function dismissDiscrepancy(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Tells the declarant of an irregularity; until the next version no amendment can be asked for.
    ///         [CUSTOMS_OFFICER, CUSTOMS_INSPECTOR]
    function notifyIrregularity(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    // ---------------------------------------------------------------- agencies, carrier

    /// @notice Decides the agency's own checks of items without outcome. [OGA of the agency required]
    /// @param expectedVersion `agencyRevision(caseId, agency)`.
    /// @param version Legal version that is decided; must be the current one.
    /// @param reason Never 0 when an item is refused.
    function decideItems(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 version,
        ItemDecision[] calldata decisions,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Confirms that the goods arrived, once. [the CARRIER named at lodging, or CUSTOMS_OFFICER]
    function confirmArrival(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Confirms that all exported goods released so far left. If more are released afterwards, in full or on a
    ///         condition, their exit is confirmed by another act. [the CARRIER named at lodging, or CUSTOMS_OFFICER]
    ///         {released, or in part}
    function confirmExit(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    // ---------------------------------------------------------------- release

    /// @notice Releases items `from` to `to` and writes off their permits in the same act, or reverts
    ///         {ReleaseRefused}: all reasons of domain guide 4.4 are read again. Lifts the condition of items released
    ///         conditionally. [CUSTOMS_OFFICER who never routed this case; SERVICE_AUTO_RELEASE with control NONE, of
    ///         items without outcome]
    function release(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice As `release`, while the control's result is pending (samples taken: IN_PROGRESS, and nothing else) and
    ///         the debt is SECURED. A bad result is answered by `seize` or `refuseItems`.
    ///         [CUSTOMS_OFFICER who never routed this case]
    function releaseConditionally(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Refuses items that have no outcome or were released conditionally; their reservations are freed, their
    ///         write-offs restored. [CUSTOMS_OFFICER]
    /// @param reason Never 0.
    function refuseItems(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Seizes items that have no outcome or were released conditionally; with reason COURT_ORDER under court
    ///         hold. Reservations and write-offs stay as they are. [CUSTOMS_OFFICER]
    /// @param settlesFinding Whether the seizure answers the DISCREPANCY, which it then leaves; the finding is open
    ///        again once one of these items is lifted.
    function seize(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        bool settlesFinding,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice RELEASED → CLEARED. [CUSTOMS_OFFICER]
    ///         {no condition open; debt PAID, EXEMPT or SETTLED; goods exited if export; full data lodged; no appeal
    ///         open}
    function clear(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    // ---------------------------------------------------------------- two persons

    /// @notice Proposes an act of two persons: LOWER_CONTROL [CUSTOMS_RISK], LIFT_SEIZURE, INVALIDATE [CUSTOMS_OFFICER]
    ///         {RELEASED or CLEARED; ACCEPTED, if goods were released once, or if every item is refused or seized}.
    ///         Nothing changes until another key countersigns the same fields. Who has inspected the case, or released
    ///         part of it, cannot lower its control. INVALIDATE also ends a case with seized items.
    /// @dev It lapses when the revision that its act cites moves: what was proposed of one state is never done to
    ///      another. Before acceptance a control is not lowered to NONE, as in `route`.
    /// @return key What is countersigned: entity key of the request.
    function propose(bytes32 requestId, JointAct calldata act) external returns (bytes32 key);

    /// @notice Does a proposed act. [another key: CUSTOMS_OFFICER; for LOWER_CONTROL also CUSTOMS_RISK]
    /// @param expectedVersion Control revision for LOWER_CONTROL, main revision otherwise.
    /// @param act The fields of the proposal; other fields revert {NoSuchProposal}, a lapsed one {WrongVersion} with
    ///        its revision.
    function countersign(bytes32 proposal, uint32 expectedVersion, JointAct calldata act) external;

    /// @notice Enters that an act was done on paper while the ledger could not be reached.
    ///         [CUSTOMS_OFFICER, CUSTOMS_INSPECTOR, CUSTOMS_RISK, OGA: who did it; others give another reason]
    /// @dev Of an act of two persons each enters and gets confirmed its own part: `propose`, `countersign`.
    /// @param act Selector of the act's function.
    /// @param occurredAt When it was done [unix s]: not in the future, not before lodging.
    /// @param evidence Record id of the paper, which the act is to cite as its own evidence; never 0.
    /// @return key Entity key of the entry.
    function enterFallback(
        bytes32 requestId,
        uint64 caseId,
        bytes4 act,
        uint40 occurredAt,
        bytes32 evidence
    ) external returns (bytes32 key);

    /// @notice Confirms another officer's fallback entry; its officer can then enter the act itself, once, with reason
    ///         FALLBACK. The act counts from its entry. [CUSTOMS_OFFICER of the case's office]
    /// @dev Reverts {FallbackWaits} while the same act of the same officer on the same paper waits to be entered.
    function confirmFallback(bytes32 entry, uint32 expectedVersion, bytes32 evidence) external;

    // ---------------------------------------------------------------- after release, case handling

    /// @notice RELEASED, CLEARED → PCA_OPEN. [CUSTOMS_AUDIT]
    function openPca(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice PCA_OPEN → CLEARED, or back to RELEASED if it was opened there and `clear` would be refused, as it is
    ///         once the audit reassesses. [CUSTOMS_AUDIT]
    /// @param dataRecord Record id of the reassessed version: makes the next legal version, whose debt revenue
    ///        assesses by difference; 0 leaves all as it was.
    /// @param evidence Record id of the findings; never 0.
    function closePca(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 dataRecord,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Moves the case, also an annulled one, to an office, and to one of its officers or to all (0).
    ///         [CUSTOMS_OFFICER of its office; CUSTOMS_APPEAL of a higher office, as its own may have no officers]
    /// @dev While an officer is named, acts of CUSTOMS_OFFICER are that key's alone, but for reassignment, seizure,
    ///      arrival, exit, permits given back and the second signature.
    /// @param reason Never 0.
    function reassign(
        uint64 caseId,
        uint32 expectedVersion,
        uint24 office,
        address officer,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Decides an appeal. Overturned, the refused decision is open again as a new act: REJECTED → LODGED, the
    ///         request is open, the item is without outcome, the agency's check is PENDING. So too when the rest was
    ///         released or cleared meanwhile, or a later version was made: a request that came too late to be granted
    ///         is then refused anew, or answered by INVALIDATE; what an agency said of the later version stays. Of an
    ///         annulled case nothing opens any more. While an audit is open, a decision that overturns waits for its
    ///         end.
    ///         [CUSTOMS_APPEAL of a higher office than the refusal's, who did not refuse]
    function decideAppeal(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 refusal,
        bool overturned,
        uint16 reason,
        bytes32 evidence
    ) external;

    // ---------------------------------------------------------------- views

    /// @notice Top byte of this registry's declaration ids, and first alphanumeric of its MRNs.
    function registryVersion() external view returns (uint8);

    /// @notice State of a declaration. Reverts {UnknownCase}.
    function state(uint64 caseId) external view returns (DeclarationState memory);

    /// @notice Declaration with this MRN; 0 if there is none.
    function caseOf(bytes18 mrn) external view returns (uint64 caseId);

    /// @notice Declaration made by a request; 0 if there is none.
    /// @param key `keccak256(abi.encode(participant, requestId))`.
    function caseOfRequest(bytes32 key) external view returns (uint64 caseId);

    /// @notice Declarations lodged so far: their ids are `registryVersion << 56 | 1 .. caseCount`.
    function caseCount() external view returns (uint64);

    /// @notice A legal version; all zero if there is none. Version 0 is what was lodged.
    function versionOf(uint64 caseId, uint16 version) external view returns (DeclarationVersion memory);

    /// @notice The record id that the open amendment would make the next version; 0 if none is open.
    function proposedRecord(uint64 caseId) external view returns (bytes32);

    /// @notice State of an item. Reverts {UnknownCase}, {BadRange}.
    function item(uint64 caseId, uint16 number) external view returns (ItemState memory);

    /// @notice The checks of an item and their decisions.
    function checks(uint64 caseId, uint16 number) external view returns (Check[] memory);

    /// @notice The permit uses of an item; `terms` is 0 (they were opened when the use was reserved).
    function permitUses(uint64 caseId, uint16 number) external view returns (PermitUse[] memory);

    /// @notice Decisions of `agency` on this declaration so far: what `decideItems` cites as `expectedVersion`.
    function agencyRevision(uint64 caseId, uint64 agency) external view returns (uint32);

    /// @notice A refusal, numbered from 1.
    function refusalOf(uint64 caseId, uint16 refusal) external view returns (Refusal memory);

    /// @notice All that stands against the release of items `from` to `to` in the current block; empty if nothing does.
    function missing(uint64 caseId, uint16 from, uint16 to) external view returns (Reason[] memory);
}
