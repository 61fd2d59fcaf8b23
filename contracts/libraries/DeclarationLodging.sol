// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {AuthorityWord} from "../types/Authority.sol";
import {
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    Lodgement,
    OpenRequest,
    Representation
} from "../types/Declaration.sol";
import {WrongOffice} from "../types/Errors.sol";
import {Roles} from "../types/Roles.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {DeclarationRecords} from "./DeclarationRecords.sol";
import {Act, Case, DeclarationStore, Sources, Store} from "./DeclarationStore.sol";
import {DeclarationTransitions} from "./DeclarationTransitions.sol";

/// @title DeclarationLodging
/// @notice The declarant's acts: lodging and requests (domain guide 4.1). Linked into a declaration registry.
library DeclarationLodging {
    using DeclarationStore for Store;
    using DeclarationStore for Case;

    /// @notice Pre-lodges or lodges, by `step` PRELODGE or LODGE. See {IDeclarationRegistry.lodge}.
    function lodge(
        Store storage store,
        Sources calldata sources,
        address actor,
        bytes32 requestId,
        Lodgement calldata lodgement,
        uint8 registryVersion,
        DeclarationAct step
    ) external returns (uint64 caseId) {
        uint64 declarant = _declarant(sources, actor, lodgement);
        bytes32 key = keccak256(abi.encode(declarant, requestId));
        if (store.requests[key] != 0) revert IDeclarationRegistry.AlreadyDone(key);
        _checkLodgement(sources, lodgement, registryVersion);

        caseId = (uint64(registryVersion) << 56) | ++store.count;
        _takeLrn(store, declarant, lodgement.lrnMac, caseId);
        store.requests[key] = caseId;
        Case storage c = store.cases[caseId];
        c.status = DeclarationTransitions.next(DeclarationStatus.NONE, step);
        c.revision = 1;
        c.facts = uint8(lodgement.representation);
        c.office = lodgement.office;
        c.itemCount = lodgement.itemCount;
        c.declarant = declarant;
        c.importer = lodgement.importer;
        c.carrier = lodgement.carrier;
        c.regime = lodgement.regime;
        c.versions[0].dataRecord = lodgement.dataRecord;
        DeclarationRecords.cite(store, sources, caseId, declarant, lodgement.dataRecord);
        if (step == DeclarationAct.LODGE) {
            c.lodgedAt = uint40(block.timestamp);
            emit IDeclarationRegistry.Lodged(caseId, actor, 1, declarant, key, lodgement);
        } else {
            emit IDeclarationRegistry.Prelodged(caseId, actor, 1, declarant, key, lodgement);
        }
    }

    /// @notice See {IDeclarationRegistry.present}.
    function present(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.party(sources, c, act.actor, DeclarationAuthority.SCOPE_LODGE);
        c.step(act.expectedVersion, DeclarationAct.PRESENT);
        c.lodgedAt = uint40(block.timestamp);
        emit IDeclarationRegistry.Presented(act.caseId, act.actor, c.revision, act.reason, act.evidence);
    }

    /// @notice Asks for an amendment to `dataRecord`. See {IDeclarationRegistry.requestAmendment}.
    function requestAmendment(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        bytes32 dataRecord
    ) external {
        Case storage c = store.find(act.caseId);
        uint64 issuer = DeclarationAuthority.party(sources, c, act.actor, DeclarationAuthority.SCOPE_LODGE);
        c.step(act.expectedVersion, DeclarationAct.REQUEST_AMENDMENT);
        DeclarationStore.requireEvidence(dataRecord);
        requireAmendable(c);
        c.proposedRecord = dataRecord;
        DeclarationRecords.cite(store, sources, act.caseId, issuer, dataRecord);
        _request(c, act, OpenRequest.AMENDMENT, dataRecord);
    }

    /// @notice See {IDeclarationRegistry.requestCancellation}.
    function requestCancellation(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.party(sources, c, act.actor, DeclarationAuthority.SCOPE_LODGE);
        c.step(act.expectedVersion, DeclarationAct.REQUEST_CANCELLATION);
        requireNeverReleased(c);
        _request(c, act, OpenRequest.CANCELLATION, 0);
    }

    /// @dev No control started, no irregularity notified (Revised Kyoto Convention, standard 3.27).
    function requireAmendable(Case storage c) internal view {
        ControlState control = c.control;
        if (uint8(control) > uint8(ControlState.REQUIRED)) revert IDeclarationRegistry.ControlStarted(control);
        if (c.irregularity) revert IDeclarationRegistry.IrregularityWasNotified();
    }

    /// @dev Goods that were out, though they were refused or seized since: annulled by two officers alone.
    function requireNeverReleased(Case storage c) internal view {
        if (c.wasReleased) revert IDeclarationRegistry.WasReleased();
    }

    function _request(Case storage c, Act calldata act, OpenRequest request, bytes32 dataRecord) private {
        OpenRequest open = c.request;
        if (open != OpenRequest.NONE) revert IDeclarationRegistry.RequestIsOpen(open);
        c.request = request;
        emit IDeclarationRegistry.Requested(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            act.reason,
            act.evidence,
            request,
            dataRecord
        );
    }

    /// @dev The actor's participant: the importer itself, or a broker with its power of attorney.
    function _declarant(
        Sources calldata sources,
        address actor,
        Lodgement calldata lodgement
    ) private view returns (uint64 participant) {
        AuthorityWord authority = sources.participants.authorise(actor, Roles.DECLARANT | Roles.BROKER);
        participant = authority.participant();
        bool self = participant == lodgement.importer;
        if (self != (lodgement.representation == Representation.SELF)) {
            revert IDeclarationRegistry.WrongRepresentation();
        }
        if (self) return participant;
        if (authority.roles() & Roles.BROKER == 0) {
            revert IDeclarationRegistry.NotParty(participant, lodgement.importer);
        }
        DeclarationAuthority.requireRepresents(
            sources,
            participant,
            lodgement.importer,
            DeclarationAuthority.SCOPE_LODGE
        );
    }

    function _checkLodgement(
        Sources calldata sources,
        Lodgement calldata lodgement,
        uint8 registryVersion
    ) private view {
        uint16 count = lodgement.itemCount;
        if (count == 0 || count > DeclarationStore.MAX_ITEMS) {
            revert IDeclarationRegistry.BadItemCount(count, DeclarationStore.MAX_ITEMS);
        }
        if (lodgement.office == 0) revert WrongOffice(0, 0);
        DeclarationStore.requireEvidence(lodgement.dataRecord);
        DeclarationStore.requireEvidence(lodgement.lrnMac);
        if (!sources.participants.activeAt(lodgement.importer, uint40(block.timestamp))) {
            revert IDeclarationRegistry.NotActive(lodgement.importer);
        }
        if (!sources.rules.opensCases(registryVersion)) revert IDeclarationRegistry.RegistryIsClosed(registryVersion);
        if (!sources.rules.regimeAt(lodgement.regime, sources.rules.version()).open) {
            revert IDeclarationRegistry.UnknownRegime(lodgement.regime);
        }
    }

    /// @dev A local reference is its declarant's own; after a rejection, and only then, it can name another case.
    function _takeLrn(Store storage store, uint64 declarant, bytes32 lrnMac, uint64 caseId) private {
        bytes32 lrn = keccak256(abi.encode(declarant, lrnMac));
        uint64 earlier = store.lrns[lrn];
        if (earlier != 0 && store.cases[earlier].status != DeclarationStatus.REJECTED) {
            revert IDeclarationRegistry.LrnInUse(earlier);
        }
        store.lrns[lrn] = caseId;
    }
}
