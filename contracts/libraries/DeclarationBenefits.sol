// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {DeclarationAct} from "../types/Declaration.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {DeclarationRecords} from "./DeclarationRecords.sol";
import {Act, Case, DeclarationStore, Sources, Store} from "./DeclarationStore.sol";

/// @title DeclarationBenefits
/// @notice What a declarant asks for on the strength of an AEO authorisation: the simplified procedure, and benefits of
///         a foreign operator under mutual recognition (domain guide 3.10, 4.6). Linked into a declaration registry.
library DeclarationBenefits {
    using DeclarationStore for Store;
    using DeclarationStore for Case;

    /// @notice Categories of simplification, bits 0 and 3.
    uint8 internal constant GREEN_LANE = 1;
    uint8 internal constant SIMPLIFIED = 8;
    /// @notice Operator types that a declaration knows.
    uint8 internal constant IMPORTER = 0;
    uint8 internal constant EXPORTER = 1;

    /// @notice See {IDeclarationRegistry.declareSimplified}.
    function declareSimplified(Store storage store, Sources calldata sources, Act calldata act) external {
        (Case storage c, ) = _claim(store, sources, act, DeclarationAct.CLAIM);
        uint40 now_ = uint40(block.timestamp);
        uint8 categories =
            sources.authorisations.aeoCategories(c.importer, IMPORTER, now_) |
                sources.authorisations.aeoCategories(c.importer, EXPORTER, now_);
        if (categories & SIMPLIFIED == 0) revert IDeclarationRegistry.NotEntitled(c.importer);
        _once(c, act, DeclarationStore.INCOMPLETE);
        emit IDeclarationRegistry.SimplifiedDeclared(act.caseId, act.actor, c.revision, act.reason, act.evidence);
    }

    /// @notice See {IDeclarationRegistry.supplement}.
    function supplement(Store storage store, Sources calldata sources, Act calldata act, bytes32 dataRecord) external {
        (Case storage c, uint64 issuer) = _claim(store, sources, act, DeclarationAct.SUPPLEMENT);
        DeclarationStore.requireEvidence(dataRecord);
        if (c.facts & DeclarationStore.INCOMPLETE == 0) revert IDeclarationRegistry.DataComplete(act.caseId);
        c.facts &= ~DeclarationStore.INCOMPLETE;
        DeclarationRecords.cite(store, sources, act.caseId, issuer, dataRecord);
        emit IDeclarationRegistry.Supplemented(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            act.reason,
            act.evidence,
            dataRecord
        );
    }

    /// @notice See {IDeclarationRegistry.claimForeignAeo}.
    function claimForeign(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        bytes32 foreignAeo
    ) external {
        (Case storage c, ) = _claim(store, sources, act, DeclarationAct.CLAIM);
        uint40 now_ = uint40(block.timestamp);
        uint8 categories =
            sources.authorisations.foreignCategories(foreignAeo, IMPORTER, now_) |
                sources.authorisations.foreignCategories(foreignAeo, EXPORTER, now_);
        if (categories == 0) revert IDeclarationRegistry.NotRecognised(foreignAeo);
        _once(c, act, DeclarationStore.FOREIGN_AEO);
        c.foreignAeo = foreignAeo;
        emit IDeclarationRegistry.ForeignAeoClaimed(
            act.caseId,
            act.actor,
            c.revision,
            act.reason,
            act.evidence,
            foreignAeo
        );
    }

    /// @dev At acceptance: benefits count only when the authorisation is in force and its holder plays its part now.
    ///      Gives whether the importer's own, or the foreign partner's, authorisation opens the green lane.
    function atAcceptance(Case storage c, Sources calldata sources) internal view returns (bool greenLane) {
        uint8 facts = c.facts;
        bool export_ = facts & DeclarationStore.NEEDS_EXIT != 0;
        uint40 now_ = uint40(block.timestamp);
        uint8 own = sources.authorisations.aeoCategories(c.importer, export_ ? EXPORTER : IMPORTER, now_);
        if (facts & DeclarationStore.INCOMPLETE != 0 && own & SIMPLIFIED == 0) {
            revert IDeclarationRegistry.NotEntitled(c.importer);
        }
        if (own & GREEN_LANE != 0) return true;
        if (facts & DeclarationStore.FOREIGN_AEO == 0) return false;
        uint8 partner = export_ ? IMPORTER : EXPORTER;
        return sources.authorisations.foreignCategories(c.foreignAeo, partner, now_) & GREEN_LANE != 0;
    }

    /// @dev A claim moves the main revision: made again and again, it would outrun every act of customs.
    function _once(Case storage c, Act calldata act, uint8 fact) private {
        if (c.facts & fact != 0) revert IDeclarationRegistry.AlreadyClaimed(act.caseId);
        c.facts |= fact;
    }

    function _claim(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        DeclarationAct step
    ) private returns (Case storage c, uint64 participant) {
        c = store.find(act.caseId);
        participant = DeclarationAuthority.party(sources, c, act.actor, DeclarationAuthority.SCOPE_LODGE);
        c.step(act.expectedVersion, step);
    }
}
