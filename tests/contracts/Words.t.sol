// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PeriodWord} from "../../contracts/libraries/PeriodWord.sol";
import {RuleBook} from "../../contracts/libraries/RuleBook.sol";
import {Accreditation} from "../../contracts/types/Participant.sol";
import {AgencyCheck, Rule} from "../../contracts/types/Rule.sol";
import {Test} from "./support/Test.sol";

/// @dev The words and lists that registries keep, at their bounds.
contract WordsTest is Test {
    uint40 private constant FROM = 1_000;
    uint40 private constant UNTIL = 2_000;
    uint40 private constant CUT = 1_500;

    function test_period_isReadAsItWasWritten() public pure {
        Accreditation memory read = PeriodWord.unpack(PeriodWord.pack(FROM, UNTIL, CUT));
        assertEq(read.from, FROM, "from");
        assertEq(read.until, UNTIL, "until");
        assertEq(read.blockedFrom, CUT, "blocked from");
    }

    function valid(uint40 blockedFrom, uint256 instant) private pure returns (bool) {
        return PeriodWord.isValidAt(PeriodWord.pack(FROM, UNTIL, blockedFrom), instant);
    }

    function test_period_hasTwoLastSeconds_oneCutOff() public pure {
        assertFalse(valid(0, FROM - 1), "before");
        assertTrue(valid(0, FROM) && valid(0, UNTIL), "both ends");
        assertFalse(valid(0, UNTIL + 1), "after");
        assertTrue(valid(CUT, CUT - 1), "the last second before the cut");
        assertFalse(valid(CUT, CUT), "from the cut");
    }

    // ---------------------------------------------------------------- rules

    /// @dev Checks by agencies 1, 2, … and permit types 1, 2, …
    function rule(uint256 checks, uint256 permitTypes) private pure returns (Rule memory made) {
        made.checks = new AgencyCheck[](checks);
        for (uint256 i = 0; i < checks; ++i) {
            made.checks[i] = AgencyCheck(uint64(i + 1), 219);
        }
        made.permitTypes = new uint24[](permitTypes);
        for (uint256 i = 0; i < permitTypes; ++i) {
            made.permitTypes[i] = uint24(i + 1);
        }
    }

    function test_rule_hasAtMostSixteenOfEach() public pure {
        assertTrue(RuleBook.isWellFormed(rule(0, 0)), "none");
        assertTrue(RuleBook.isWellFormed(rule(16, 0)), "16 checks");
        assertTrue(RuleBook.isWellFormed(rule(0, 16)), "16 permit types");
        assertTrue(RuleBook.isWellFormed(rule(16, 16)), "both, each in its own order");
        assertFalse(RuleBook.isWellFormed(rule(17, 0)), "17 checks");
        assertFalse(RuleBook.isWellFormed(rule(0, 17)), "17 permit types");
    }

    function test_rule_ascends_withoutZerosAndDoubles() public pure {
        Rule memory made = rule(2, 0);
        made.checks[0].agency = 0;
        assertFalse(RuleBook.isWellFormed(made), "agency 0");
        made = rule(2, 0);
        made.checks[1] = AgencyCheck(1, 219);
        assertFalse(RuleBook.isWellFormed(made), "a check twice");
        made.checks[1] = AgencyCheck(1, 220);
        assertTrue(RuleBook.isWellFormed(made), "two checks of one agency");
        made = rule(0, 2);
        made.permitTypes[1] = 1;
        assertFalse(RuleBook.isWellFormed(made), "a permit type twice");
        made.permitTypes[0] = 0;
        assertFalse(RuleBook.isWellFormed(made), "permit type 0");
    }
}
