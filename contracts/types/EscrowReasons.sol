// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UnknownReason} from "./Errors.sol";

/// @title EscrowReasons
/// @notice Why the price of an escrow moved or was disputed. Codes are frozen; 0 is "none given".
/// @dev 300 to 399 are this file's; below 100 are {Reasons}.
library EscrowReasons {
    uint16 internal constant NONE = 0;
    /// @notice Part of the goods or of the price, as agreed.
    uint16 internal constant PART_AGREED = 301;
    /// @notice The documents presented are not those agreed.
    uint16 internal constant DOCUMENTS_DISCREPANT = 302;
    /// @notice The goods are not as agreed.
    uint16 internal constant GOODS_NOT_AS_AGREED = 303;
    /// @notice The other party does not act.
    uint16 internal constant NO_ANSWER = 304;
    /// @notice Decision of the arbiter.
    uint16 internal constant AWARD = 305;
    /// @notice Highest code in use.
    uint16 internal constant LAST = AWARD;

    /// @dev Reverts {UnknownReason} unless `reason` is one of the codes above, and not {NONE}.
    function requireKnown(uint16 reason) internal pure {
        if (reason <= 300 || reason > LAST) revert UnknownReason(reason);
    }
}
