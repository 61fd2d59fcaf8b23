// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuthorityWord} from "../types/Authority.sol";

/// @title IAuthoritySource
/// @notice The part of the ParticipantRegistry that every other contract asks at the time of an act.
interface IAuthoritySource {
    /// @notice Thrown when `key` holds none of the roles asked for at `instant`: unknown, not yet or no
    ///         longer valid, blocked, or of another role.
    error NotAuthorised(address key, uint32 anyOf, uint40 instant);
    /// @notice Thrown when `participant` is not accredited for `docType` at `instant`.
    error NotAccredited(uint64 participant, uint24 docType, uint40 instant);

    /// @notice Authority of `key` in the current block, which must include one of the roles `anyOf`.
    /// @dev Reads the key's word; for a key that may not anchor also its participant's, so that a suspension reaches
    ///      every key. Reverts {NotAuthorised}.
    function authorise(address key, uint32 anyOf) external view returns (AuthorityWord);

    /// @notice Participant for which `key` may anchor documents of `docType` in the current block.
    /// @dev Reads the key's word and, when `docType` is not 0, the accreditation's word. Reverts
    ///      {NotAuthorised} or {NotAccredited}. `docType` 0 needs no accreditation.
    function authoriseAnchor(address key, uint24 docType) external view returns (uint64 participant);

    /// @notice Whether `participant` is accredited for `docType` at `instant` [unix s], both ends inclusive.
    function accreditedAt(uint64 participant, uint24 docType, uint40 instant) external view returns (bool);

    /// @notice Whether `participant` is admitted and not suspended at `instant` [unix s].
    function activeAt(uint64 participant, uint40 instant) external view returns (bool);

    /// @notice The authority that may act on `participant`'s documents beside itself; 0 if none.
    function supervisorOf(uint64 participant) external view returns (uint64);

    /// @notice Whether office `higher` stands above office `than`, at most 8 steps up. Office 0, a key without office,
    ///         is headquarters: above every office, and nothing is above it.
    function isHigherOffice(uint24 higher, uint24 than) external view returns (bool);

    /// @notice The agency that stands in for `agency` now: named by governance, and only while `agency` is not active;
    ///         0 if none.
    function successorOf(uint64 agency) external view returns (uint64);
}
