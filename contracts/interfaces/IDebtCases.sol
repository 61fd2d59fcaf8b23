// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Fiscal track of one version of a declaration (domain guide 4.3).
enum FiscalState {
    NONE,
    ASSESSED,
    PAID,
    SECURED,
    DEFERRED,
    EXEMPT,
    OVERDUE,
    RECOVERY,
    SETTLED
}

/// @title IDebtCases
/// @notice What a declaration registry, by a role of the AccessManager, tells and asks the DebtLedger.
interface IDebtCases {
    /// @notice Opens or moves the fiscal case of a declaration to `version`; earlier payments stay credited.
    /// @dev Repeating it changes nothing and tells nothing. A closed case can move to another office, whose officers
    ///      pay its refunds, and stays closed.
    /// @param debtor Participant liable for the debt (the importer; with indirect representation also its broker, off
    ///        chain).
    /// @param office Customs office whose revenue officers may assess.
    function openCase(uint64 caseId, uint32 version, uint64 debtor, uint24 office) external;

    /// @notice Closes the case of an invalidated declaration: nothing more is due, payments become refundable.
    function closeCase(uint64 caseId) external;

    /// @notice Binds the case's security, or frees it again: goods are out under a condition (domain guide 4.4), or no
    ///         longer are.
    /// @dev Repeating it changes nothing and tells nothing. Ends with the case.
    function bindSecurity(uint64 caseId, bool bound) external;

    /// @notice Fiscal state of `version`; {FiscalState.NONE} while it has not been assessed.
    /// @dev Release passes with PAID, SECURED, DEFERRED, EXEMPT or SETTLED, and with nothing else.
    function fiscalState(uint64 caseId, uint32 version) external view returns (FiscalState);
}
