// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IDebtGuarantees, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {IDebtLedger} from "../../../contracts/interfaces/IDebtLedger.sol";
import {GuaranteeFixture} from "./GuaranteeFixture.sol";

/// @dev While goods are out under a condition their security is no longer the debtor's to free, be the debt paid or not
///      (domain guide 4.4): what the analysis finds may be owed as well.
contract BoundSecurityTest is GuaranteeFixture {
    bytes32 private guarantee;

    function setUp() public override {
        super.setUp();
        guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE + 10);
        secure(guarantee, DUE + 10);
    }

    function bind(bool bound) private {
        vm.prank(registry);
        debts.bindSecurity(CASE, bound);
    }

    function free(address actor, uint128 amount) private {
        uint32 version = debts.caseOf(CASE).version;
        vm.prank(actor);
        debts.freeSecurity(CASE, version, guarantee, amount, EVIDENCE);
    }

    function expectRefused(address actor, uint128 amount, bytes memory refusal) private {
        expectFree(actor, guarantee, amount, debts.caseOf(CASE).version, refusal);
    }

    function test_bound_isNotTheDebtorsToFree_paidOrNot() public {
        bytes memory open = abi.encodeWithSelector(IDebtGuarantees.ConditionOpen.selector, CASE);
        bind(true);
        expectRefused(trader, 10, open);
        pay(trader, CASE, DUE);
        expectRefused(trader, DUE, open);
        bind(false);
        free(trader, DUE + 10);
        assertEq(debts.reservedFor(guarantee, CASE), 0, "no condition is open any more");
    }

    function test_bound_anOfficerMayFree_downToWhatIsOwed() public {
        bind(true);
        free(revenue, 10);
        expectRefused(revenue, 1, abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE));
        pay(trader, CASE, DUE);
        free(revenue, DUE);
        assertEq(debts.reservedFor(guarantee, CASE), 0, "by its own decision, with its evidence");
    }

    function test_bound_endsWithTheCase() public {
        bind(true);
        vm.prank(registry);
        debts.closeCase(CASE);
        assertFalse(debts.caseOf(CASE).bound, "nothing is out any more");
        free(trader, DUE + 10);
    }

    function test_bindSecurity_tells_once() public {
        uint32 version = debts.caseOf(CASE).version;
        vm.expectEmit(address(debts));
        emit IDebtLedger.SecurityBound(CASE, version + 1, registry, true);
        bind(true);
        bind(true);
        assertEq(debts.caseOf(CASE).version, version + 1, "a repetition is no act");
        vm.expectEmit(address(debts));
        emit IDebtLedger.SecurityBound(CASE, version + 2, registry, false);
        bind(false);
        assertFalse(debts.caseOf(CASE).bound, "freed");
    }

    function test_bindSecurity_isForRegistries_andKnownCases() public {
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, trader));
        debts.bindSecurity(CASE, false);
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.UnknownCase.selector, CASE + 1));
        debts.bindSecurity(CASE + 1, true);
    }
}
