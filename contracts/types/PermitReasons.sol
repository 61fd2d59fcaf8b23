// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UnknownReason} from "./Errors.sol";

/// @title PermitReasons
/// @notice Why an agency refused, suspended, reinstated, revoked or replaced a permit. Codes are frozen; 0 is "none
///         given".
/// @dev 100 to 199 are this file's; below 100 are {Reasons}.
library PermitReasons {
    uint16 internal constant NONE = 0;
    /// @notice The application lacks documents or facts.
    uint16 internal constant INCOMPLETE = 101;
    /// @notice A condition of the law is not met.
    uint16 internal constant CONDITION_NOT_MET = 102;
    /// @notice Stated facts proved false.
    uint16 internal constant FALSE_STATEMENT = 103;
    /// @notice Quota or quantity not available.
    uint16 internal constant QUOTA = 104;
    /// @notice Danger to health, plants, animals or the environment.
    uint16 internal constant HAZARD = 105;
    /// @notice The holder asked for it.
    uint16 internal constant HOLDER_REQUEST = 106;
    /// @notice The permit holds a clerical error.
    uint16 internal constant CLERICAL_ERROR = 107;
    /// @notice Breach of the permit's conditions.
    uint16 internal constant BREACH = 108;
    /// @notice The cause of the suspension is gone.
    uint16 internal constant CAUSE_REMOVED = 109;
    /// @notice By order of a court or a higher authority.
    uint16 internal constant ORDER = 110;
    /// @notice Highest code in use.
    uint16 internal constant LAST = ORDER;

    /// @dev Reverts {UnknownReason} unless `reason` is one of the codes above, and not {NONE}.
    function requireKnown(uint16 reason) internal pure {
        if (reason <= 100 || reason > LAST) revert UnknownReason(reason);
    }
}
