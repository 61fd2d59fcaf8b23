// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {DeclarationAct, DeclarationStatus} from "../types/Declaration.sol";

/// @title DeclarationTransitions
/// @notice The main status of a declaration as a table (domain guide 4.1). A pair that is absent reverts.
/// @dev Python twin and shared vectors: `ledger/domain/declaration.py`, `tests/golden/declaration_transitions.json`.
library DeclarationTransitions {
    uint256 private constant NONE = 1 << uint8(DeclarationStatus.NONE);
    uint256 private constant PRELODGED = 1 << uint8(DeclarationStatus.PRELODGED);
    uint256 private constant LODGED = 1 << uint8(DeclarationStatus.LODGED);
    uint256 private constant REJECTED = 1 << uint8(DeclarationStatus.REJECTED);
    uint256 private constant ACCEPTING = 1 << uint8(DeclarationStatus.ACCEPTING);
    uint256 private constant ACCEPTED = 1 << uint8(DeclarationStatus.ACCEPTED);
    uint256 private constant PARTLY = 1 << uint8(DeclarationStatus.PARTLY_RELEASED);
    uint256 private constant RELEASED = 1 << uint8(DeclarationStatus.RELEASED);
    uint256 private constant CLEARED = 1 << uint8(DeclarationStatus.CLEARED);
    uint256 private constant INVALIDATED = 1 << uint8(DeclarationStatus.INVALIDATED);
    uint256 private constant PCA_OPEN = 1 << uint8(DeclarationStatus.PCA_OPEN);

    /// @notice Status after `act` on a declaration in `from`. Reverts {IDeclarationRegistry.NotInStatus}.
    /// @dev Acts on items (seizure, its lifting, release, refusal, reopening) give back `from`: the status after them
    ///      follows from the items, see {afterItems}. ABANDON gives LODGED, as once nothing is entered any more.
    function next(DeclarationStatus from, DeclarationAct act) internal pure returns (DeclarationStatus) {
        (uint256 starts, DeclarationStatus to, bool stays) = row(act);
        if (starts & (1 << uint8(from)) == 0) revert IDeclarationRegistry.NotInStatus(act, from);
        return stays ? from : to;
    }

    /// @notice Status of a declaration under release: RELEASED when no item is without outcome and some are released.
    /// @dev All items refused or seized leaves it ACCEPTED: nothing was released, so it can still be cancelled.
    /// @param count Goods items.
    /// @param open Items without outcome.
    /// @param denied Items refused or seized.
    function afterItems(uint16 count, uint16 open, uint16 denied) internal pure returns (DeclarationStatus) {
        if (open + denied == count) return DeclarationStatus.ACCEPTED;
        return open == 0 ? DeclarationStatus.RELEASED : DeclarationStatus.PARTLY_RELEASED;
    }

    /// @notice One row of the table.
    /// @return starts Bits of the statuses that the act starts from.
    /// @return to Status that it leads to, unless it `stays`.
    /// @return stays Whether the act itself leaves the status as it is.
    function row(DeclarationAct act) internal pure returns (uint256 starts, DeclarationStatus to, bool stays) {
        if (act == DeclarationAct.PRELODGE) return (NONE, DeclarationStatus.PRELODGED, false);
        if (act == DeclarationAct.LODGE) return (NONE, DeclarationStatus.LODGED, false);
        if (act == DeclarationAct.PRESENT) return (PRELODGED, DeclarationStatus.LODGED, false);
        if (act == DeclarationAct.REJECT) return (LODGED, DeclarationStatus.REJECTED, false);
        if (act == DeclarationAct.BEGIN_ACCEPTANCE) return (LODGED, DeclarationStatus.ACCEPTING, false);
        if (act == DeclarationAct.ENTER_ITEMS) return (ACCEPTING | ACCEPTED | PARTLY, to, true);
        if (act == DeclarationAct.ABANDON) return (ACCEPTING, DeclarationStatus.LODGED, false);
        if (act == DeclarationAct.SEAL) return (ACCEPTING, DeclarationStatus.ACCEPTED, false);
        if (act == DeclarationAct.REQUEST_AMENDMENT) return (ACCEPTED, to, true);
        if (act == DeclarationAct.GRANT_AMENDMENT) return (ACCEPTED, to, true);
        if (act == DeclarationAct.CORRECT) return (ACCEPTED, to, true);
        if (act == DeclarationAct.REQUEST_CANCELLATION) return (ACCEPTED, to, true);
        if (act == DeclarationAct.GRANT_CANCELLATION) return (ACCEPTED, DeclarationStatus.INVALIDATED, false);
        if (act == DeclarationAct.REFUSE_REQUEST) return (ACCEPTED | PARTLY | RELEASED, to, true);
        if (act == DeclarationAct.ROUTE) return (LODGED | ACCEPTING | ACCEPTED | PARTLY, to, true);
        if (act == DeclarationAct.CONTROL) return (ACCEPTED | PARTLY | RELEASED, to, true);
        if (act == DeclarationAct.DECIDE_ITEMS) return (ACCEPTED | PARTLY | RELEASED, to, true);
        if (act == DeclarationAct.CONFIRM_ARRIVAL)
            return (PRELODGED | LODGED | ACCEPTING | ACCEPTED | PARTLY, to, true);
        if (act == DeclarationAct.CONFIRM_EXIT) return (RELEASED | PCA_OPEN, to, true);
        if (act == DeclarationAct.SEIZE) return (ACCEPTED | PARTLY, to, true);
        if (act == DeclarationAct.LIFT_SEIZURE) return (ACCEPTED | PARTLY | RELEASED, to, true);
        if (act == DeclarationAct.RELEASE) return (ACCEPTED | PARTLY | RELEASED, to, true);
        if (act == DeclarationAct.REFUSE_ITEMS) return (ACCEPTED | PARTLY, to, true);
        if (act == DeclarationAct.CLEAR) return (RELEASED, DeclarationStatus.CLEARED, false);
        if (act == DeclarationAct.INVALIDATE) return (RELEASED | CLEARED, DeclarationStatus.INVALIDATED, false);
        if (act == DeclarationAct.OPEN_PCA) return (RELEASED | CLEARED, DeclarationStatus.PCA_OPEN, false);
        if (act == DeclarationAct.CLOSE_PCA) return (PCA_OPEN, DeclarationStatus.CLEARED, false);
        if (act == DeclarationAct.RETURN_PERMITS) return (INVALIDATED, to, true);
        if (act == DeclarationAct.REASSIGN) {
            return (PRELODGED | LODGED | ACCEPTING | ACCEPTED | PARTLY | RELEASED | CLEARED | PCA_OPEN, to, true);
        }
        if (act == DeclarationAct.REOPEN_REJECTION) return (REJECTED, DeclarationStatus.LODGED, false);
        if (act == DeclarationAct.REOPEN_REQUEST) return (ACCEPTED, to, true);
        if (act == DeclarationAct.CLAIM) return (PRELODGED | LODGED, to, true);
        return (ACCEPTED | PARTLY | RELEASED, to, true); // REOPEN_ITEM, SUPPLEMENT
    }
}
