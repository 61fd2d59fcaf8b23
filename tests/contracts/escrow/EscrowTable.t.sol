// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EscrowState} from "../../../contracts/interfaces/ITradeEscrow.sol";
import {EscrowAction, EscrowTransitions} from "../../../contracts/libraries/EscrowTransitions.sol";
import {Test} from "../support/Test.sol";

/// @dev The table of {ITradeEscrow}, and nothing else.
contract EscrowTableTest is Test {
    function test_next_isTheTableAndNothingElse() public pure {
        // one row per state from NONE to CANCELLED, one digit per action: 1 allowed
        string[8] memory table = [
            "000000000",
            "111010111",
            "100110011",
            "000001011",
            "000000000",
            "000000000",
            "000000000",
            "000000000"
        ];
        for (uint8 s = 0; s <= uint8(EscrowState.CANCELLED); ++s) {
            for (uint8 a = 0; a <= uint8(EscrowAction.SPLIT); ++a) {
                (bool allowed, EscrowState to) = EscrowTransitions.next(EscrowState(s), EscrowAction(a));
                assertTrue(allowed == (bytes(table[s])[a] == "1"), "a row of the table");
                if (!allowed) assertEq(uint8(to), s, "a refused pair moves nothing");
            }
        }
    }
}
