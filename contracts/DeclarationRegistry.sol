// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActTarget} from "./ActTarget.sol";
import {IAuthorisationSource} from "./interfaces/IAuthorisationSource.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {IDebtCases} from "./interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "./interfaces/IDeclarationRegistry.sol";
import {IPermitUse, PermitUse} from "./interfaces/IPermitUse.sol";
import {IRecordKeeping} from "./interfaces/IRecordKeeping.sol";
import {IReleaseSource} from "./interfaces/IReleaseSource.sol";
import {IRuleSource} from "./interfaces/IRuleSource.sol";
import {AgencySuccession} from "./libraries/AgencySuccession.sol";
import {DeclarationAcceptance} from "./libraries/DeclarationAcceptance.sol";
import {DeclarationAppeals} from "./libraries/DeclarationAppeals.sol";
import {DeclarationAuthority} from "./libraries/DeclarationAuthority.sol";
import {DeclarationBenefits} from "./libraries/DeclarationBenefits.sol";
import {DeclarationControl} from "./libraries/DeclarationControl.sol";
import {DeclarationJoint} from "./libraries/DeclarationJoint.sol";
import {DeclarationLodging} from "./libraries/DeclarationLodging.sol";
import {DeclarationRecords} from "./libraries/DeclarationRecords.sol";
import {DeclarationRelease} from "./libraries/DeclarationRelease.sol";
import {DeclarationRequests} from "./libraries/DeclarationRequests.sol";
import {Act, DeclarationStore, Sources, Store} from "./libraries/DeclarationStore.sol";
import {DeclarationViews} from "./libraries/DeclarationViews.sol";
import {MrnCodec} from "./libraries/MrnCodec.sol";
import {
    Check,
    ControlKind,
    DeclarationAct,
    DeclarationState,
    DeclarationVersion,
    ItemAgency,
    ItemDecision,
    ItemState,
    JointAct,
    Lodgement,
    Reason,
    Refusal
} from "./types/Declaration.sol";
import {DeclarationReasons} from "./types/DeclarationReasons.sol";

/// @title DeclarationRegistry
/// @notice Goods declarations from lodging to clearance. The specification is {IDeclarationRegistry}.
/// @dev The law lives in linked libraries, one per chapter, that work on this contract's one {Store}; this contract
///      only says who acts. No proxy: the libraries' addresses are part of the code.
contract DeclarationRegistry is IDeclarationRegistry, ActTarget {
    using DeclarationStore for Store;

    /// @notice Country of the MRNs, ISO 3166-1 alpha-2.
    bytes2 public immutable COUNTRY;
    /// @notice Keys, roles and offices.
    IAuthoritySource public immutable PARTICIPANTS;
    /// @notice The rule book.
    IRuleSource public immutable RULES;
    /// @notice Powers of attorney and AEO authorisations.
    IAuthorisationSource public immutable AUTHORISATIONS;
    /// @notice Permits reserved at acceptance and written off at release.
    IPermitUse public immutable PERMITS;
    /// @notice Fiscal cases opened at acceptance and read at release.
    IDebtCases public immutable DEBTS;

    uint8 private immutable VERSION;

    Store private _store;

    /// @notice Names the registries that it asks and tells; none of them can be changed.
    /// @param version Unique over all declaration registries of the ledger, 1 to 35.
    /// @param country ISO 3166-1 alpha-2, two ASCII capitals.
    constructor(
        uint8 version,
        bytes2 country,
        address forwarder,
        address participants,
        address rules,
        address authorisations,
        address permits,
        address debts
    ) ActTarget(forwarder) {
        if (version == 0 || version > MrnCodec.MAX_VERSION) revert MrnCodec.BadRegistryVersion(version);
        VERSION = version;
        COUNTRY = country;
        PARTICIPANTS = IAuthoritySource(participants);
        RULES = IRuleSource(rules);
        AUTHORISATIONS = IAuthorisationSource(authorisations);
        PERMITS = IPermitUse(permits);
        DEBTS = IDebtCases(debts);
    }

    // ---------------------------------------------------------------- declarant's acts

    /// @inheritdoc IDeclarationRegistry
    function preLodge(bytes32 requestId, Lodgement calldata lodgement) external returns (uint64) {
        return
            DeclarationLodging.lodge(
                _store,
                _sources(),
                _actor(),
                requestId,
                lodgement,
                VERSION,
                DeclarationAct.PRELODGE
            );
    }

    /// @inheritdoc IDeclarationRegistry
    function lodge(bytes32 requestId, Lodgement calldata lodgement) external returns (uint64) {
        return
            DeclarationLodging.lodge(_store, _sources(), _actor(), requestId, lodgement, VERSION, DeclarationAct.LODGE);
    }

    /// @inheritdoc IDeclarationRegistry
    function present(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationLodging.present(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function requestAmendment(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 dataRecord,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationLodging.requestAmendment(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            dataRecord
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function requestCancellation(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationLodging.requestCancellation(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function appeal(
        bytes32 requestId,
        uint64 caseId,
        uint16 refusal,
        bytes32 lrnMac,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationAppeals.appeal(_store, _sources(), _act(caseId, 0, reason, evidence), requestId, refusal, lrnMac);
    }

    /// @inheritdoc IDeclarationRegistry
    function declareSimplified(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationBenefits.declareSimplified(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function supplement(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 dataRecord,
        uint16 reason,
        bytes32 evidence
    ) external {
        Act memory act = _act(caseId, expectedVersion, reason, evidence);
        DeclarationBenefits.supplement(_store, _sources(), act, dataRecord);
    }

    /// @inheritdoc IDeclarationRegistry
    function claimForeignAeo(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 foreignAeo,
        uint16 reason,
        bytes32 evidence
    ) external {
        Act memory act = _act(caseId, expectedVersion, reason, evidence);
        DeclarationBenefits.claimForeign(_store, _sources(), act, foreignAeo);
    }

    /// @inheritdoc IDeclarationRegistry
    function citeRecords(uint64 caseId, uint64 issuer, bytes32[] calldata records) external {
        DeclarationRecords.citeRecords(_store, _sources(), _act(caseId, 0, 0, 0), issuer, records);
    }

    // ---------------------------------------------------------------- acceptance

    /// @inheritdoc IDeclarationRegistry
    function reject(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationAcceptance.reject(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function accept(
        uint64 caseId,
        uint32 expectedVersion,
        uint32 ruleVersion,
        ItemAgency[] calldata agencies,
        PermitUse[] calldata uses,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationAcceptance.accept(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            ruleVersion,
            agencies,
            uses
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function beginAcceptance(
        uint64 caseId,
        uint32 expectedVersion,
        uint32 ruleVersion,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationAcceptance.begin(_store, _sources(), _act(caseId, expectedVersion, reason, evidence), ruleVersion);
    }

    /// @inheritdoc IDeclarationRegistry
    function enterItems(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        ItemAgency[] calldata agencies,
        PermitUse[] calldata uses
    ) external {
        DeclarationAcceptance.enterItems(
            _store,
            _sources(),
            _act(caseId, expectedVersion, 0, 0),
            from,
            to,
            agencies,
            uses
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function abandon(uint64 caseId, uint32 expectedVersion, uint16 keep, uint16 reason, bytes32 evidence) external {
        DeclarationAcceptance.abandon(_store, _sources(), _act(caseId, expectedVersion, reason, evidence), keep);
    }

    /// @inheritdoc IDeclarationRegistry
    function sealAcceptance(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationAcceptance.seal(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    // ---------------------------------------------------------------- requests

    /// @inheritdoc IDeclarationRegistry
    function grantAmendment(
        uint64 caseId,
        uint32 expectedVersion,
        uint16[] calldata changedItems,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationRequests.grantAmendment(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            changedItems
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function grantCancellation(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 returnTo,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationRequests.grantCancellation(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            returnTo
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function refuseRequest(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationRequests.refuseRequest(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function correct(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 dataRecord,
        uint16[] calldata changedItems,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationRequests.correct(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            dataRecord,
            changedItems
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function returnPermits(uint64 caseId, uint32 expectedVersion, uint16 to) external {
        DeclarationRequests.returnPermits(_store, _sources(), _act(caseId, expectedVersion, 0, 0), to);
    }

    // ---------------------------------------------------------------- control track, agencies, carrier

    /// @inheritdoc IDeclarationRegistry
    function route(
        uint64 caseId,
        uint32 expectedVersion,
        ControlKind control,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationControl.route(_store, _sources(), _act(caseId, expectedVersion, reason, evidence), control);
    }

    /// @inheritdoc IDeclarationRegistry
    function startControl(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationControl.start(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function recordControl(
        uint64 caseId,
        uint32 expectedVersion,
        bool satisfactory,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationControl.record(_store, _sources(), _act(caseId, expectedVersion, reason, evidence), satisfactory);
    }

    /// @inheritdoc IDeclarationRegistry
    function dismissDiscrepancy(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationControl.dismiss(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function notifyIrregularity(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationControl.notifyIrregularity(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function decideItems(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 version,
        ItemDecision[] calldata decisions,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationControl.decideItems(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            version,
            decisions
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function takeOverChecks(
        uint64 caseId,
        uint32 expectedVersion,
        uint64 agency,
        uint16 from,
        uint16 to,
        uint16 reason,
        bytes32 evidence
    ) external {
        Act memory act = _act(caseId, expectedVersion, reason, evidence);
        AgencySuccession.takeOver(_store, _sources(), act, agency, from, to);
    }

    /// @inheritdoc IDeclarationRegistry
    function confirmArrival(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationControl.confirmArrival(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function confirmExit(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationControl.confirmExit(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    // ---------------------------------------------------------------- release

    /// @inheritdoc IDeclarationRegistry
    function release(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationRelease.release(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            from,
            to,
            false
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function releaseConditionally(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationRelease.release(_store, _sources(), _act(caseId, expectedVersion, reason, evidence), from, to, true);
    }

    /// @inheritdoc IDeclarationRegistry
    function refuseItems(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationRelease.refuseItems(_store, _sources(), _act(caseId, expectedVersion, reason, evidence), from, to);
    }

    /// @inheritdoc IDeclarationRegistry
    function seize(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 from,
        uint16 to,
        bool settlesFinding,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationRelease.seize(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            from,
            to,
            settlesFinding
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function clear(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationRelease.clear(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    // ---------------------------------------------------------------- two persons

    /// @inheritdoc IDeclarationRegistry
    function propose(bytes32 requestId, JointAct calldata act) external returns (bytes32) {
        address actor = _act(act.caseId, 0, act.reason, act.evidence).actor;
        return DeclarationJoint.propose(_store, _sources(), actor, requestId, act);
    }

    /// @inheritdoc IDeclarationRegistry
    function countersign(bytes32 proposal, uint32 expectedVersion, JointAct calldata act) external {
        DeclarationJoint.countersign(
            _store,
            _sources(),
            _act(act.caseId, expectedVersion, act.reason, act.evidence),
            proposal,
            act
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function enterFallback(
        bytes32 requestId,
        uint64 caseId,
        bytes4 act,
        uint40 occurredAt,
        bytes32 evidence
    ) external returns (bytes32) {
        return
            DeclarationJoint.enterFallback(
                _store,
                _sources(),
                _act(caseId, 0, 0, evidence),
                requestId,
                act,
                occurredAt
            );
    }

    /// @inheritdoc IDeclarationRegistry
    function confirmFallback(bytes32 entry, uint32 expectedVersion, bytes32 evidence) external {
        DeclarationJoint.confirmFallback(_store, _sources(), _act(0, expectedVersion, 0, evidence), entry);
    }

    // ---------------------------------------------------------------- after release, case handling

    /// @inheritdoc IDeclarationRegistry
    function openPca(uint64 caseId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        DeclarationRequests.openPca(_store, _sources(), _act(caseId, expectedVersion, reason, evidence));
    }

    /// @inheritdoc IDeclarationRegistry
    function closePca(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 dataRecord,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationRequests.closePca(_store, _sources(), _act(caseId, expectedVersion, reason, evidence), dataRecord);
    }

    /// @inheritdoc IDeclarationRegistry
    function reassign(
        uint64 caseId,
        uint32 expectedVersion,
        uint24 office,
        address officer,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationAppeals.reassign(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            office,
            officer
        );
    }

    /// @inheritdoc IDeclarationRegistry
    function decideAppeal(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 refusal,
        bool overturned,
        uint16 reason,
        bytes32 evidence
    ) external {
        DeclarationAppeals.decide(
            _store,
            _sources(),
            _act(caseId, expectedVersion, reason, evidence),
            refusal,
            overturned
        );
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IDeclarationRegistry
    function registryVersion() external view returns (uint8) {
        return VERSION;
    }

    /// @inheritdoc IDeclarationRegistry
    function state(uint64 caseId) external view returns (DeclarationState memory) {
        return DeclarationViews.state(_store, caseId, COUNTRY);
    }

    /// @inheritdoc IDeclarationRegistry
    function caseOf(bytes18 mrn) external view returns (uint64) {
        return DeclarationViews.caseOf(_store, mrn, VERSION, COUNTRY);
    }

    /// @inheritdoc IRecordKeeping
    function keptUntil(uint64 issuer, bytes32 recordId) external view returns (uint64 caseId, uint40 until) {
        return DeclarationRecords.keptUntil(_store, _sources(), issuer, recordId);
    }

    /// @inheritdoc IReleaseSource
    function releasedAt(bytes18 mrn) external view returns (uint40) {
        return DeclarationViews.releasedAt(_store, mrn, VERSION, COUNTRY);
    }

    /// @inheritdoc IDeclarationRegistry
    function caseOfRequest(bytes32 key) external view returns (uint64) {
        return _store.requests[key];
    }

    /// @inheritdoc IDeclarationRegistry
    function caseCount() external view returns (uint64) {
        return _store.count;
    }

    /// @inheritdoc IDeclarationRegistry
    function versionOf(uint64 caseId, uint16 version) external view returns (DeclarationVersion memory) {
        return DeclarationViews.versionOf(_store, caseId, version);
    }

    /// @inheritdoc IDeclarationRegistry
    function proposedRecord(uint64 caseId) external view returns (bytes32) {
        return _store.find(caseId).proposedRecord;
    }

    /// @inheritdoc IDeclarationRegistry
    function item(uint64 caseId, uint16 number) external view returns (ItemState memory) {
        return DeclarationViews.item(_store, caseId, number);
    }

    /// @inheritdoc IDeclarationRegistry
    function checks(uint64 caseId, uint16 number) external view returns (Check[] memory) {
        return DeclarationViews.checks(_store, caseId, number);
    }

    /// @inheritdoc IDeclarationRegistry
    function permitUses(uint64 caseId, uint16 number) external view returns (PermitUse[] memory) {
        return DeclarationViews.permitUses(_store, caseId, number);
    }

    /// @inheritdoc IDeclarationRegistry
    function agencyRevision(uint64 caseId, uint64 agency) external view returns (uint32) {
        return _store.find(caseId).agencyRevisions[agency];
    }

    /// @inheritdoc IDeclarationRegistry
    function refusalOf(uint64 caseId, uint16 refusal) external view returns (Refusal memory) {
        return _store.find(caseId).refused[refusal];
    }

    /// @inheritdoc IDeclarationRegistry
    function missing(uint64 caseId, uint16 from, uint16 to) external view returns (Reason[] memory) {
        return DeclarationRelease.missing(_store, _sources(), caseId, from, to);
    }

    // ---------------------------------------------------------------- internal

    function _sources() private view returns (Sources memory) {
        return Sources(PARTICIPANTS, RULES, AUTHORISATIONS, PERMITS, DEBTS, COUNTRY);
    }

    function _act(
        uint64 caseId,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) private returns (Act memory act) {
        DeclarationReasons.requireKnown(reason);
        act = Act(_actor(), msg.sig, caseId, expectedVersion, reason, evidence);
        if (reason == DeclarationReasons.FALLBACK) DeclarationAuthority.useFallback(_store, act);
    }
}
