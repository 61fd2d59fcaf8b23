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
    /// @dev Before the release is complete.
    uint256 private constant UNDER_WAY = PRELODGED | LODGED | ACCEPTING | ACCEPTED | PARTLY;

    uint256 private constant TO_SHIFT = 11;
    uint256 private constant STAYS = 1 << 15;
    uint256 private constant TO_PRELODGED = uint256(DeclarationStatus.PRELODGED) << TO_SHIFT;
    uint256 private constant TO_LODGED = uint256(DeclarationStatus.LODGED) << TO_SHIFT;
    uint256 private constant TO_REJECTED = uint256(DeclarationStatus.REJECTED) << TO_SHIFT;
    uint256 private constant TO_ACCEPTING = uint256(DeclarationStatus.ACCEPTING) << TO_SHIFT;
    uint256 private constant TO_ACCEPTED = uint256(DeclarationStatus.ACCEPTED) << TO_SHIFT;
    uint256 private constant TO_INVALIDATED = uint256(DeclarationStatus.INVALIDATED) << TO_SHIFT;
    uint256 private constant TO_CLEARED = uint256(DeclarationStatus.CLEARED) << TO_SHIFT;
    uint256 private constant TO_PCA_OPEN = uint256(DeclarationStatus.PCA_OPEN) << TO_SHIFT;

    /// @dev The table, sixteen rows a word, in the order of {DeclarationAct}. A row, from the low bit: a bit for each
    ///      status that the act starts from, the status that it leads to (4 bits), or {STAYS}. Words and not a chain of
    ///      conditions: an act looks its row up once or twice, and the chain took up to 1,200 gas each time.
    uint256 private constant ROWS_0 =
        (NONE | TO_PRELODGED) | // PRELODGE
            ((NONE | TO_LODGED) << 16) | // LODGE
            ((PRELODGED | TO_LODGED) << 32) | // PRESENT
            ((LODGED | TO_REJECTED) << 48) | // REJECT
            ((LODGED | TO_ACCEPTING) << 64) | // BEGIN_ACCEPTANCE
            ((ACCEPTING | ACCEPTED | PARTLY | STAYS) << 80) | // ENTER_ITEMS
            ((ACCEPTING | TO_LODGED) << 96) | // ABANDON
            ((ACCEPTING | TO_ACCEPTED) << 112) | // SEAL
            ((ACCEPTED | STAYS) << 128) | // REQUEST_AMENDMENT
            ((ACCEPTED | STAYS) << 144) | // GRANT_AMENDMENT
            ((ACCEPTED | STAYS) << 160) | // CORRECT
            ((ACCEPTED | STAYS) << 176) | // REQUEST_CANCELLATION
            ((ACCEPTED | TO_INVALIDATED) << 192) | // GRANT_CANCELLATION
            ((ACCEPTED | PARTLY | RELEASED | CLEARED | STAYS) << 208) | // REFUSE_REQUEST
            ((LODGED | ACCEPTING | ACCEPTED | PARTLY | RELEASED | STAYS) << 224) | // ROUTE
            ((ACCEPTED | PARTLY | RELEASED | STAYS) << 240); // CONTROL
    uint256 private constant ROWS_1 =
        (ACCEPTED | PARTLY | RELEASED | STAYS) | // DECIDE_ITEMS
            ((UNDER_WAY | STAYS) << 16) | // CONFIRM_ARRIVAL
            ((PARTLY | RELEASED | PCA_OPEN | STAYS) << 32) | // CONFIRM_EXIT
            ((ACCEPTED | PARTLY | RELEASED | STAYS) << 48) | // SEIZE
            ((ACCEPTED | PARTLY | RELEASED | CLEARED | STAYS) << 64) | // LIFT_SEIZURE
            ((ACCEPTED | PARTLY | RELEASED | STAYS) << 80) | // RELEASE
            ((ACCEPTED | PARTLY | RELEASED | STAYS) << 96) | // REFUSE_ITEMS
            ((RELEASED | TO_CLEARED) << 112) | // CLEAR
            ((ACCEPTED | RELEASED | CLEARED | TO_INVALIDATED) << 128) | // INVALIDATE
            ((RELEASED | CLEARED | TO_PCA_OPEN) << 144) | // OPEN_PCA
            ((PCA_OPEN | TO_CLEARED) << 160) | // CLOSE_PCA
            ((INVALIDATED | STAYS) << 176) | // RETURN_PERMITS
            ((UNDER_WAY | RELEASED | CLEARED | INVALIDATED | PCA_OPEN | STAYS) << 192) | // REASSIGN
            ((REJECTED | TO_LODGED) << 208) | // REOPEN_REJECTION
            ((ACCEPTED | PARTLY | RELEASED | CLEARED | INVALIDATED | STAYS) << 224) | // REOPEN_REQUEST
            ((ACCEPTED | PARTLY | RELEASED | CLEARED | INVALIDATED | STAYS) << 240); // REOPEN_ITEM
    // CLAIM, SUPPLEMENT
    uint256 private constant ROWS_2 = (PRELODGED | LODGED | STAYS) | ((ACCEPTED | PARTLY | RELEASED | STAYS) << 16);

    /// @notice Status after `act` on a declaration in `from`. Reverts {IDeclarationRegistry.NotInStatus}.
    /// @dev Acts on items (seizure, its lifting, release, refusal, reopening) give back `from`: the status after them
    ///      follows from the items, see {afterItems}. REOPEN_REQUEST and REOPEN_ITEM of an annulled case open nothing:
    ///      an appeal is decided there, and no more. ABANDON gives LODGED, as once nothing is entered any more, and
    ///      CLOSE_PCA gives CLEARED, as when nothing stands against clearance.
    function next(DeclarationStatus from, DeclarationAct act) internal pure returns (DeclarationStatus) {
        uint256 row = _row(act);
        if (row & (1 << uint8(from)) == 0) revert IDeclarationRegistry.NotInStatus(act, from);
        return row & STAYS != 0 ? from : DeclarationStatus((row >> TO_SHIFT) & 15);
    }

    /// @notice Status of a declaration under release: RELEASED when no item is without outcome and some are released.
    /// @dev All items refused or seized leaves it ACCEPTED, or makes it so again: nothing is released any more.
    /// @param count Goods items.
    /// @param open Items without outcome.
    /// @param denied Items refused or seized.
    function afterItems(uint16 count, uint16 open, uint16 denied) internal pure returns (DeclarationStatus) {
        if (open + denied == count) return DeclarationStatus.ACCEPTED;
        return open == 0 ? DeclarationStatus.RELEASED : DeclarationStatus.PARTLY_RELEASED;
    }

    /// @dev The row of `act`.
    function _row(DeclarationAct act) private pure returns (uint256) {
        uint256 n = uint256(act);
        uint256 word =
            n < 16
                ? ROWS_0
                : n < 32
                    ? ROWS_1
                    : ROWS_2;
        return word >> ((n & 15) << 4);
    }
}
