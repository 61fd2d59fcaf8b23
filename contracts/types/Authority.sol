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
