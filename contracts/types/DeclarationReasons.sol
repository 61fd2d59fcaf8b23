// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title DeclarationReasons
/// @notice Reason codes of acts on declarations. 0: the act explains itself. Codes from 1000 are a national code list,
///         kept beside the rules; the contract reads only those that are named here.
library DeclarationReasons {
    /// @notice The act follows the declaration as lodged.
    uint16 internal constant REGULAR = 1;
    /// @notice Structure or codes are wrong.
    uint16 internal constant DATA_FAULT = 2;
    /// @notice Documents or permits are missing or do not match.
    uint16 internal constant DOCUMENT_FAULT = 3;
    /// @notice The declarant asked for it.
    uint16 internal constant ON_REQUEST = 4;
    /// @notice Lodged or entered in error.
    uint16 internal constant ENTERED_IN_ERROR = 5;
    /// @notice Found by a control.
    uint16 internal constant CONTROL_FINDING = 6;
    /// @notice Information of another authority.
    uint16 internal constant OTHER_AUTHORITY = 7;
    /// @notice Order of a court: an item seized with it is under court hold.
    uint16 internal constant COURT_ORDER = 8;
    /// @notice A finding that does no harm.
    uint16 internal constant HARMLESS = 9;
    /// @notice Goods are no longer there, or did not come.
    uint16 internal constant GOODS_ABSENT = 10;
    /// @notice Legal ground for annulling after release.
    uint16 internal constant LEGAL_GROUND = 11;
    /// @notice Workload, absence or competence of an office or officer.
    uint16 internal constant COMPETENCE = 12;
    /// @notice Result of a post-clearance audit.
    uint16 internal constant AUDIT_FINDING = 13;
    /// @notice Emitted, never given: green lane of an authorised operator (domain guide 3.10, bit 0).
    uint16 internal constant GREEN_LANE = 14;
    /// @notice Done on paper while the ledger could not be reached (domain guide 4.9); needs a confirmed fallback entry.
    uint16 internal constant FALLBACK = 15;
}
