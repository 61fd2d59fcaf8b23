// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StateHistory} from "../../../contracts/libraries/StateHistory.sol";
import {Test} from "../support/Test.sol";

/// @dev Every state that was pushed is what the history answers for its time ever after.
contract StateHistoryTest is Test {
    using StateHistory for StateHistory.Pages;

    StateHistory.Pages private _pages;

    function push(uint40 time, uint8 state) external {
        _pages.push(time, state);
    }

    function testFuzz_at_isWhatWasPushed(uint8[23] memory states) public {
        for (uint40 i = 0; i < 23; ++i) {
            _pages.push(10 * i + 7, states[i]);
        }
        assertEq(_pages.at_(6), 0, "before the first");
        for (uint40 i = 0; i < 23; ++i) {
            assertEq(_pages.at_(10 * i + 7), states[i], "first second");
            assertEq(_pages.at_(10 * i + 16), states[i], "last second");
        }
        assertEq(_pages.words[0] >> 240, 23, "counted");
    }

    function test_push_isRefusedOnceTheCountIsFull() public {
        _pages.words[0] = uint256(type(uint16).max - 1) << 240;
        this.push(1, 1);
        vm.expectRevert(abi.encodeWithSelector(StateHistory.HistoryFull.selector));
        this.push(2, 2);
        assertEq(_pages.at_(2), 1, "the last that fitted");
    }
}
