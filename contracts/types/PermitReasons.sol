// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PermitReasons
/// @notice Why an agency refused, suspended, reinstated, revoked or replaced a permit. Codes are frozen; 0 is "none given".
library PermitReasons {
    uint16 internal constant NONE = 0;
    /// @notice The application lacks documents or facts.
    uint16 internal constant INCOMPLETE = 1;
    /// @notice A condition of the law is not met.
    uint16 internal constant CONDITION_NOT_MET = 2;
    /// @notice Stated facts proved false.
    uint16 internal constant FALSE_STATEMENT = 3;
    /// @notice Quota or quantity not available.
    uint16 internal constant QUOTA = 4;
    /// @notice Danger to health, plants, animals or the environment.
    uint16 internal constant HAZARD = 5;
    /// @notice The holder asked for it.
    uint16 internal constant HOLDER_REQUEST = 6;
    /// @notice The permit holds a clerical error.
    uint16 internal constant CLERICAL_ERROR = 7;
    /// @notice Breach of the permit's conditions.
    uint16 internal constant BREACH = 8;
    /// @notice The cause of the suspension is gone.
    uint16 internal constant CAUSE_REMOVED = 9;
    /// @notice By order of a court or a higher authority.
    uint16 internal constant ORDER = 10;
    /// @notice Highest code in use.
    uint16 internal constant LAST = ORDER;
}
