// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A key's authority at one instant, as answered by the ParticipantRegistry.
/// @param participant The participant in whose name the key acts; never 0 for a registered key.
/// @param roles Bits of {Roles}.
/// @param office Customs office of the officer; 0 for keys that belong to no office.
struct Authority {
    uint64 participant;
    uint32 roles;
    uint24 office;
}

/// @notice An {Authority} in one word, from the low bit: participant u64, roles u32, office u24. What every act asks
///         for is passed as a word: that is cheaper than a struct.
type AuthorityWord is uint256;

using {participant, roles, office} for AuthorityWord global;

/// @dev The packed form.
function packAuthority(uint64 participant_, uint32 roles_, uint24 office_) pure returns (AuthorityWord) {
    return AuthorityWord.wrap(uint256(participant_) | (uint256(roles_) << 64) | (uint256(office_) << 96));
}

/// @dev {Authority.participant}.
function participant(AuthorityWord word) pure returns (uint64) {
    return uint64(AuthorityWord.unwrap(word));
}

/// @dev {Authority.roles}.
function roles(AuthorityWord word) pure returns (uint32) {
    return uint32(AuthorityWord.unwrap(word) >> 64);
}

/// @dev {Authority.office}.
function office(AuthorityWord word) pure returns (uint24) {
    return uint24(AuthorityWord.unwrap(word) >> 96);
}
