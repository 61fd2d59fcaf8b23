// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IAuthorisationSource
/// @notice The part of the AuthorisationRegistry that declarations and debts ask at the time of an act.
interface IAuthorisationSource {
    /// @notice Whether `broker` holds a licence and a power of attorney of `client` that covers `scope` at `instant`.
    /// @param scope One bit per kind of act: 1 lodge and correct, 2 pay, 4 claim and appeal.
    function mayRepresent(uint64 broker, uint64 client, uint32 scope, uint40 instant) external view returns (bool);

    /// @notice AEO category bits (domain guide 3.10) of `operator` that are ACTIVE at `instant` for `operatorType`.
    function aeoCategories(uint64 operator, uint8 operatorType, uint40 instant) external view returns (uint8 bits);

    /// @notice Category bits that the foreign operator `key` brings under mutual recognition at `instant`, as
    ///         `operatorType`.
    function foreignCategories(bytes32 key, uint8 operatorType, uint40 instant) external view returns (uint8 bits);
}
