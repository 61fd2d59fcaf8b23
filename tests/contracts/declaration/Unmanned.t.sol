// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDebtLedger} from "../../../contracts/interfaces/IDebtLedger.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {DeclarationStatus, JointKind, Lodgement} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {NotHigherOffice, WrongOffice} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {DeclarationsWithDebts} from "./DeclarationsWithDebts.sol";

/// @notice A case whose office has no officers, or has them no more: it is moved from above, and by its own officers
///         also once it is annulled (domain guide 4.1, reassign).
contract UnmannedTest is DeclarationsWithDebts {
    uint24 internal constant NOBODY = 26_099;

    function setUp() public {
        deployWithDebts(4);
    }

    function _moves(uint64 id, uint24 office) private view returns (bytes memory) {
        return
            abi.encodeCall(
                registry.reassign,
                (id, rev(id), office, address(0), DeclarationReasons.COMPETENCE, EVIDENCE)
            );
    }

    function test_officeWithoutOfficers_losesItsCase_toAnOfficeAbove() public {
        Lodgement memory slip = lodgement(1);
        slip.office = NOBODY;
        uint64 id = lodgeAs(trader, slip);
        refused(
            giveKey(customs, "officer who also imports", Roles.CUSTOMS_OFFICER | Roles.DECLARANT, OFFICE),
            _moves(id, OFFICE),
            abi.encodeWithSelector(WrongOffice.selector, OFFICE, NOBODY),
            "beside it"
        );
        refused(
            appealOfficer,
            _moves(id, OFFICE),
            abi.encodeWithSelector(NotHigherOffice.selector, HEAD_OFFICE, NOBODY),
            "not above an office that nobody set"
        );
        address headquarters = giveKey(customs, "headquarters", Roles.CUSTOMS_APPEAL);
        act(headquarters, _moves(id, OFFICE));
        assertEq(stateOf(id).office, OFFICE, "where somebody is");
        accept(id, noChecks(), noUses());
        act(appealOfficer, _moves(id, OTHER_OFFICE));
        assertEq(ledger.caseOf(id).office, OTHER_OFFICE, "and its debt");
        refused(
            giveKey(customs, "appeals of the office", Roles.CUSTOMS_APPEAL | Roles.DECLARANT, OTHER_OFFICE),
            _moves(id, OFFICE),
            abi.encodeWithSelector(NotHigherOffice.selector, OTHER_OFFICE, OTHER_OFFICE),
            "no office is above itself"
        );
        act(farOfficer, _moves(id, OFFICE));
    }

    /// @dev One key may be both: an officer of another office, and of an office above for appeals.
    function test_reassignment_asksForEitherOfTwoRoles_andNoParty() public {
        uint64 id = lodge(1);
        uint32 both = Roles.CUSTOMS_OFFICER | Roles.CUSTOMS_APPEAL;
        act(giveKey(customs, "officer and appeals above", both, HEAD_OFFICE), _moves(id, OTHER_OFFICE));
        act(giveKey(customs, "officer and appeals of the office", both, OTHER_OFFICE), _moves(id, OFFICE));
        Lodgement memory own = lodgement(1);
        own.importer = customs;
        id = lodgeAs(giveKey(customs, "customs imports", Roles.DECLARANT), own);
        refused(
            appealOfficer,
            _moves(id, OTHER_OFFICE),
            abi.encodeWithSelector(IDeclarationRegistry.OwnDeclaration.selector, customs),
            "its own"
        );
    }

    function test_annulledCase_movesItsRefundsToAnotherOffice_andStaysClosed() public {
        uint64 id = accepted(1);
        assessDuty(id, 100);
        payDuty(id, 100);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        uint32 version = ledger.caseOf(id).version;
        vm.expectEmit(address(ledger));
        emit IDebtLedger.CaseOpened(id, version + 1, address(registry), 1, importer, OTHER_OFFICE);
        act(officer, _moves(id, OTHER_OFFICE));
        assertEq(ledger.caseOf(id).office, OTHER_OFFICE, "revenue there pays back");
        assertTrue(ledger.caseOf(id).closed, "closed for ever");
        assertStatus(id, DeclarationStatus.INVALIDATED, "annulled for ever");
        act(appealOfficer, _moves(id, OTHER_OFFICE));
        assertEq(ledger.caseOf(id).version, version + 1, "the same office again tells nothing");
    }

    function test_annulledCase_ofGoodsThatWereOut_isMovedFromAbove() public {
        uint64 id = accepted(1);
        assessDuty(id, 100);
        payDuty(id, 100);
        ready(id);
        release(id, 1, 1);
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 1));
        act(appealOfficer, _moves(id, OTHER_OFFICE));
        assertEq(ledger.caseOf(id).office, OTHER_OFFICE, "moved");
        assertEq(ledger.creditOn(id), 100, "to be paid back there");
    }
}
