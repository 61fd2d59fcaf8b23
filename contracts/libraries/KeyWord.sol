// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {KeyRecord} from "../types/Participant.sol";

/// @title KeyWord
/// @notice A registered key in one storage word, so that authority costs one cold slot.
/// @dev Frozen, from the low bit: participant u64, validFrom u40, validUntil u40, blockedFrom u40, roles u32,
///      office u24, flags u16. The empty word is no key.
library KeyWord {
    /// @notice Was in wrong hands from `blockedFrom` on; for ever.
    uint16 internal constant COMPROMISED = 1 << 0;
    /// @notice Blocked by the suspension of its participant; its reinstatement lifts it.
    uint16 internal constant SUSPENDED = 1 << 1;
    /// @notice Retired; may be registered anew.
    uint16 internal constant RETIRED = 1 << 2;

    function pack(KeyRecord memory key) internal pure returns (uint256) {
        return
            uint256(key.participant) |
            (uint256(key.validFrom) << 64) |
            (uint256(key.validUntil) << 104) |
            (uint256(key.blockedFrom) << 144) |
            (uint256(key.roles) << 184) |
            (uint256(key.office) << 216) |
            (uint256(key.flags) << 240);
    }

    function unpack(uint256 word) internal pure returns (KeyRecord memory) {
        return
            KeyRecord({
                participant: participant(word),
                validFrom: uint40(word >> 64),
                validUntil: uint40(word >> 104),
                blockedFrom: uint40(word >> 144),
                roles: roles(word),
                office: office(word),
                flags: uint16(word >> 240)
            });
    }

    function participant(uint256 word) internal pure returns (uint64) {
        return uint64(word);
    }

    function roles(uint256 word) internal pure returns (uint32) {
        return uint32(word >> 184);
    }

    function office(uint256 word) internal pure returns (uint24) {
        return uint24(word >> 216);
    }

    /// @notice The key's roles at `instant`; none when it is not registered, outside its validity (both ends
    ///         inclusive) or blocked.
    function rolesAt(uint256 word, uint256 instant) internal pure returns (uint32) {
        if (instant < uint40(word >> 64) || instant > uint40(word >> 104)) return 0;
        unchecked {
            // Not blocked is 0, and 0 - 1 is the end of time.
            if (instant > uint256(uint40(word >> 144)) - 1) return 0;
        }
        return uint32(word >> 184);
    }
}
