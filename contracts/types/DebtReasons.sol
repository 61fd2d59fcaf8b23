// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UnknownReason} from "./Errors.sol";

/// @title DebtReasons
/// @notice Why a debt, a guarantee or a refund moved. Codes are frozen; 0 is "none given".
/// @dev 200 to 299 are this file's; below 100 are {Reasons}.
library DebtReasons {
    uint16 internal constant NONE = 0;
    // Grounds of a refund (domain guide 4.3).
    uint16 internal constant OVERPAID = 201;
    uint16 internal constant WRONGLY_COLLECTED = 202;
    uint16 internal constant DECLARATION_INVALIDATED = 203;
    uint16 internal constant GOODS_REEXPORTED = 204;
    uint16 internal constant PREFERENCE_RESTORED = 205;
    uint16 internal constant TARIFF_CORRECTION = 206;
    /// @notice Highest ground of a refund.
    uint16 internal constant LAST_REFUND_GROUND = TARIFF_CORRECTION;
    // Why an assessment was made or changed.
    uint16 internal constant FIRST_ASSESSMENT = 207;
    uint16 internal constant AMENDMENT = 208;
    uint16 internal constant CONTROL_FINDING = 209;
    uint16 internal constant AUDIT_FINDING = 210;
    uint16 internal constant CLERICAL_ERROR = 211;
    uint16 internal constant RELIEF_BY_LAW = 212;
    uint16 internal constant PAST_DUE = 213;
    uint16 internal constant APPEAL = 214;
    // Why a guarantee or a claim was refused, called or cancelled.
    uint16 internal constant ARREARS = 215;
    uint16 internal constant DEFECT = 216;
    uint16 internal constant FALSITY = 217;
    uint16 internal constant NO_GROUND = 218;
    uint16 internal constant GUARANTOR_NOTICE = 219;
    /// @notice Highest code in use.
    uint16 internal constant LAST = GUARANTOR_NOTICE;

    /// @dev Reverts {UnknownReason} unless `reason` is one of the codes above, and not {NONE}.
    function requireKnown(uint16 reason) internal pure {
        if (reason <= 200 || reason > LAST) revert UnknownReason(reason);
    }

    /// @dev Reverts {UnknownReason} unless `reason` is one for which security may be refused (domain guide 3.9): debt,
    ///      defects, falsity.
    function requireAgainstSecurity(uint16 reason) internal pure {
        if (reason < ARREARS || reason > FALSITY) revert UnknownReason(reason);
    }

    /// @dev Reverts {UnknownReason} unless `ground` is one of the grounds of a refund.
    function requireGround(uint16 ground) internal pure {
        if (ground < OVERPAID || ground > LAST_REFUND_GROUND) revert UnknownReason(ground);
    }
}
