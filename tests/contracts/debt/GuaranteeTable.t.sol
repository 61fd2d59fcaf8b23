// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {GuaranteeState, IDebtGuarantees, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {DebtFixture} from "./DebtFixture.sol";

/// @dev Every act on a guarantee in every state (domain guide 4.3): what the table does not list is refused and
///      changes nothing. Where there can be something pending, free and reserved, there is, so that the state alone
///      decides.
contract GuaranteeTableTest is DebtFixture {
    uint128 private constant SPARE = 100;
    uint256 private constant ACTS = 8;

    bytes32 private guarantee;

    function setUp() public {
        deployDebts();
        setAccounts();
        openAssessed();
        guarantee = offer(SecurityType.CASH_DEPOSIT, DUE + 2 * SPARE);
        secure(accepted(SecurityType.BANK_GUARANTEE, DUE), DUE); // so that the debt is one that can be called for
    }

    function test_act_isTheTableAndNothingElse() public {
        // one row per state from OFFERED, one digit per act: accept, refuse, top up, secure, free, call, cancel, return
        string[6] memory table = ["11100010", "00000000", "11111110", "00000000", "00001101", "00001101"];
        uint256 offered = vm.snapshotState();
        for (uint8 s = 0; s < 6; ++s) {
            GuaranteeState state = GuaranteeState(s + 1);
            bring(state);
            assertTrue(debts.guaranteeStateAt(guarantee, time40()) == state, "the state is reached");
            uint256 ready = vm.snapshotState();
            for (uint256 act = 0; act < ACTS; ++act) {
                bytes memory before = abi.encode(debts.guaranteeOf(guarantee));
                bool allowed = bytes(table[s])[act] == "1";
                (bool done, bytes memory answer) = perform(act);
                assertTrue(done == allowed, string.concat("state ", digit(s + 1), ", act ", digit(act)));
                if (!done) {
                    bytes4 expected =
                        act == 4 || act == 5
                            ? IDebtGuarantees.NotEnoughSecured.selector
                            : IDebtGuarantees.GuaranteeStateForbids.selector;
                    assertEq(bytes32(bytes4(answer)), bytes32(expected), "refused for its state");
                    assertEq(abi.encode(debts.guaranteeOf(guarantee)), before, "nothing changed");
                }
                vm.revertToState(ready);
                ready = vm.snapshotState();
            }
            vm.revertToState(offered);
            offered = vm.snapshotState();
        }
    }

    /// @dev From OFFERED to `state`, by acts and time.
    function bring(GuaranteeState state) private {
        if (state == GuaranteeState.OFFERED) return;
        if (state == GuaranteeState.REFUSED) {
            vm.prank(revenue);
            debts.refuseGuarantee(guarantee, 1, DebtReasons.DEFECT, EVIDENCE);
            return;
        }
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
        if (state == GuaranteeState.CALLED) {
            assess(CASE, DUTY, VAT + 3 * SPARE); // a rest stays owed
            secure(guarantee, DUE + 2 * SPARE);
            call(DUE + 2 * SPARE);
            return;
        }
        vm.prank(bankKey);
        debts.topUpGuarantee("top up", guarantee, 5, EVIDENCE);
        secure(guarantee, DUE + SPARE);
        if (state == GuaranteeState.CANCELLED) {
            uint32 expected = version();
            vm.prank(bankKey);
            debts.cancelGuarantee(guarantee, expected, DebtReasons.GUARANTOR_NOTICE);
            vm.warp(block.timestamp + 5 days);
        }
        if (state == GuaranteeState.EXPIRED) vm.warp(block.timestamp + 30 days + 1);
        assertState(FiscalState.SECURED, "what is reserved stays reserved");
    }

    function perform(uint256 act) private returns (bool, bytes memory) {
        bytes memory data;
        uint32 caseVersion = debts.caseOf(CASE).version;
        if (act == 0) data = abi.encodeCall(debts.acceptGuarantee, (guarantee, version(), 0, EVIDENCE));
        if (act == 1)
            data = abi.encodeCall(debts.refuseGuarantee, (guarantee, version(), DebtReasons.DEFECT, EVIDENCE));
        if (act == 2) data = abi.encodeCall(debts.topUpGuarantee, ("again", guarantee, 1, EVIDENCE));
        if (act == 3) data = abi.encodeCall(debts.secure, (CASE, caseVersion, guarantee, 1, EVIDENCE));
        if (act == 4) data = abi.encodeCall(debts.freeSecurity, (CASE, caseVersion, guarantee, 1, EVIDENCE));
        if (act == 5)
            data = abi.encodeCall(
                debts.callGuarantee,
                (CASE, caseVersion, guarantee, 1, DebtReasons.PAST_DUE, EVIDENCE)
            );
        if (act == 6)
            data = abi.encodeCall(debts.cancelGuarantee, (guarantee, version(), DebtReasons.GUARANTOR_NOTICE));
        if (act == 7) data = abi.encodeCall(debts.returnDeposit, (guarantee, version()));
        vm.prank(act == 2 || act == 6 || act == 7 ? bankKey : revenue);
        return address(debts).call(data);
    }

    function call(uint128 amount) private {
        uint32 expected = debts.caseOf(CASE).version;
        vm.prank(revenue);
        debts.callGuarantee(CASE, expected, guarantee, amount, DebtReasons.PAST_DUE, EVIDENCE);
    }

    function version() private view returns (uint32) {
        return debts.guaranteeOf(guarantee).version;
    }

    function digit(uint256 n) private pure returns (string memory) {
        return string(abi.encodePacked(bytes1(uint8(48 + n))));
    }
}
