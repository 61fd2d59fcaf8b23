// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title DebtReasons
/// @notice Why a debt, a guarantee or a refund moved. Codes are frozen; 0 is "none given".
library DebtReasons {
    uint16 internal constant NONE = 0;
    // Grounds of a refund (domain guide 4.3).
    uint16 internal constant OVERPAID = 1;
    uint16 internal constant WRONGLY_COLLECTED = 2;
    uint16 internal constant DECLARATION_INVALIDATED = 3;
    uint16 internal constant GOODS_REEXPORTED = 4;
    uint16 internal constant PREFERENCE_RESTORED = 5;
    uint16 internal constant TARIFF_CORRECTION = 6;
    /// @notice Highest ground of a refund.
    uint16 internal constant LAST_REFUND_GROUND = TARIFF_CORRECTION;
    // Why an assessment was made or changed.
    uint16 internal constant FIRST_ASSESSMENT = 7;
    uint16 internal constant AMENDMENT = 8;
    uint16 internal constant CONTROL_FINDING = 9;
    uint16 internal constant AUDIT_FINDING = 10;
    uint16 internal constant CLERICAL_ERROR = 11;
    uint16 internal constant RELIEF_BY_LAW = 12;
    uint16 internal constant PAST_DUE = 13;
    uint16 internal constant APPEAL = 14;
    // Why a guarantee or a claim was refused, called or cancelled.
    uint16 internal constant ARREARS = 15;
    uint16 internal constant DEFECT = 16;
    uint16 internal constant FALSITY = 17;
    uint16 internal constant NO_GROUND = 18;
    uint16 internal constant GUARANTOR_NOTICE = 19;
    /// @notice Highest code in use.
    uint16 internal constant LAST = GUARANTOR_NOTICE;
}
