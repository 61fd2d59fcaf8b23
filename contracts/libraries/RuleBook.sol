// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgencyCheck, Regime, Rule} from "../types/Rule.sol";

/// @title RuleBook
/// @notice What makes a rule well-formed, when one asks for less than another, and how a regime is packed.
/// @dev Checks and permit types are kept in order, so that a rule has one form and comparing is one walk.
library RuleBook {
    /// @notice Most checks, and most permit types, of a rule.
    uint256 internal constant MAX_ASKED = 16;

    /// @notice Whether both lists are within bounds, ascending without doubles and free of zeros.
    function isWellFormed(Rule memory rule) internal pure returns (bool) {
        if (rule.checks.length > MAX_ASKED || rule.permitTypes.length > MAX_ASKED) return false;
        uint256 last = 0;
        for (uint256 i = 0; i < rule.checks.length; ++i) {
            uint256 rank = _rank(rule.checks[i]);
            if (rule.checks[i].agency == 0 || rank <= last) return false;
            last = rank;
        }
        last = 0;
        for (uint256 i = 0; i < rule.permitTypes.length; ++i) {
            if (rule.permitTypes[i] <= last) return false;
            last = rule.permitTypes[i];
        }
        return true;
    }

    /// @notice Whether `next` drops anything that `old` asks for. Both well-formed.
    function loosens(Rule memory old, Rule memory next) internal pure returns (bool) {
        if (old.needsPayment && !next.needsPayment) return true;
        if (old.needsSecurity && !next.needsSecurity) return true;
        for (uint256 i = 0; i < old.checks.length; ++i) {
            if (!asksFor(next, old.checks[i])) return true;
        }
        uint256 k = 0;
        for (uint256 i = 0; i < old.permitTypes.length; ++i) {
            while (k < next.permitTypes.length && next.permitTypes[k] < old.permitTypes[i]) ++k;
            if (k == next.permitTypes.length || next.permitTypes[k] != old.permitTypes[i]) return true;
        }
        return false;
    }

    function asksFor(Rule memory rule, AgencyCheck memory check) internal pure returns (bool) {
        uint256 rank = _rank(check);
        for (uint256 i = 0; i < rule.checks.length; ++i) {
            if (_rank(rule.checks[i]) == rank) return true;
        }
        return false;
    }

    /// @dev From the low bit: open, needsArrival, needsExit, paysDuty, needsSecurity (one bit each), procedure u8 at
    ///      bit 8, appealPeriod u40, retention u40, timeLimit u40. Never 0: a regime has a procedure letter.
    function pack(Regime memory r) internal pure returns (uint256) {
        return
            _bit(r.open, 0) |
            _bit(r.needsArrival, 1) |
            _bit(r.needsExit, 2) |
            _bit(r.paysDuty, 3) |
            _bit(r.needsSecurity, 4) |
            (uint256(uint8(r.procedure)) << 8) |
            (uint256(r.appealPeriod) << 16) |
            (uint256(r.retention) << 56) |
            (uint256(r.timeLimit) << 96);
    }

    function unpack(uint256 word) internal pure returns (Regime memory) {
        return
            Regime({
                open: word & 1 == 1,
                procedure: bytes1(uint8(word >> 8)),
                needsArrival: (word >> 1) & 1 == 1,
                needsExit: (word >> 2) & 1 == 1,
                paysDuty: (word >> 3) & 1 == 1,
                needsSecurity: (word >> 4) & 1 == 1,
                appealPeriod: uint40(word >> 16),
                retention: uint40(word >> 56),
                timeLimit: uint40(word >> 96)
            });
    }

    function _bit(bool flag, uint256 position) private pure returns (uint256) {
        return flag ? 1 << position : 0;
    }

    function _rank(AgencyCheck memory check) private pure returns (uint256) {
        return (uint256(check.agency) << 16) | check.checkCode;
    }
}
