// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Participant, ParticipantStatus} from "../types/Participant.sol";

/// @title ParticipantWord
/// @notice A participant's standing in one storage word.
/// @dev From the low bit: status u8, roles u32, supervisor u64; at bit 184 version u32 and since u40 ({DatedWord}).
library ParticipantWord {
    function pack(Participant memory p) internal pure returns (uint256) {
        return
            uint256(p.status) |
            (uint256(p.roles) << 8) |
            (uint256(p.supervisor) << 40) |
            (uint256(p.version) << 184) |
            (uint256(p.since) << 216);
    }

    /// @dev The profile is kept beside the word.
    function unpack(uint256 word, bytes32 profile) internal pure returns (Participant memory) {
        return
            Participant({
                status: status(word),
                roles: roles(word),
                supervisor: uint64(word >> 40),
                since: uint40(word >> 216),
                version: uint32(word >> 184),
                profile: profile
            });
    }

    function status(uint256 word) internal pure returns (ParticipantStatus) {
        return ParticipantStatus(uint8(word));
    }

    /// @notice Mask of the roles that its keys may use now: none unless it is ACTIVE.
    function activeRoles(uint256 word) internal pure returns (uint32) {
        return status(word) == ParticipantStatus.ACTIVE ? roles(word) : 0;
    }

    function roles(uint256 word) internal pure returns (uint32) {
        return uint32(word >> 8);
    }
}
