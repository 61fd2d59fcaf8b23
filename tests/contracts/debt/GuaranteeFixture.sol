// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Guarantee, GuaranteeState} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {DebtFixture} from "./DebtFixture.sol";

/// @title GuaranteeFixture
/// @notice An assessed debt, and what tests of guarantees read of one.
abstract contract GuaranteeFixture is DebtFixture {
    bytes32 internal constant REQUEST = keccak256("request");

    function setUp() public virtual {
        deployDebts();
        setAccounts();
        openAssessed();
    }

    function assertAmounts(bytes32 guarantee, uint128 free, uint128 reserved, uint128 called) internal view {
        Guarantee memory cover = debts.guaranteeOf(guarantee);
        assertEq(cover.free, free, "free");
        assertEq(cover.reserved, reserved, "reserved");
        assertEq(cover.called, called, "called");
    }

    function stateNow(bytes32 guarantee) internal view returns (GuaranteeState) {
        return debts.guaranteeStateAt(guarantee, time40());
    }

    function expectSecure(bytes32 guarantee, uint128 amount, uint32 version, bytes memory refusal) internal {
        vm.prank(revenue);
        vm.expectRevert(refusal);
        debts.secure(CASE, version, guarantee, amount, EVIDENCE);
    }

    function expectFree(
        address actor,
        bytes32 guarantee,
        uint128 amount,
        uint32 version,
        bytes memory refusal
    ) internal {
        vm.prank(actor);
        vm.expectRevert(refusal);
        debts.freeSecurity(CASE, version, guarantee, amount, EVIDENCE);
    }
}
