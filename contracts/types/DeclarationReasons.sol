// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UnknownReason} from "./Errors.sol";

/// @title DeclarationReasons
/// @notice Why an act on a declaration was done: a code, never free text. 0: the act explains itself.
/// @dev Frozen: codes are only ever added. 301 to 399 are declarations' (see {Reasons}); from 1000 on a national code
///      list, kept beside the rules. The contract reads only those that are named here.
library DeclarationReasons {
    /// @notice The act follows the declaration as lodged.
    uint16 internal constant REGULAR = 301;
    /// @notice Structure or codes are wrong.
    uint16 internal constant DATA_FAULT = 302;
    /// @notice Documents or permits are missing or do not match.
    uint16 internal constant DOCUMENT_FAULT = 303;
    /// @notice The declarant asked for it.
    uint16 internal constant ON_REQUEST = 304;
    /// @notice Lodged or entered in error.
    uint16 internal constant ENTERED_IN_ERROR = 305;
    /// @notice Found by a control.
    uint16 internal constant CONTROL_FINDING = 306;
    /// @notice Information of another authority.
    uint16 internal constant OTHER_AUTHORITY = 307;
    /// @notice Order of a court: an item seized with it is under court hold.
    uint16 internal constant COURT_ORDER = 308;
    /// @notice A finding that does no harm.
    uint16 internal constant HARMLESS = 309;
    /// @notice Goods are no longer there, or did not come.
    uint16 internal constant GOODS_ABSENT = 310;
    /// @notice Legal ground for annulling after release.
    uint16 internal constant LEGAL_GROUND = 311;
    /// @notice Workload, absence or competence of an office or officer.
    uint16 internal constant COMPETENCE = 312;
    /// @notice Result of a post-clearance audit.
    uint16 internal constant AUDIT_FINDING = 313;
    /// @notice Done on paper while the ledger could not be reached (domain guide 4.9): needs a confirmed entry.
    uint16 internal constant FALLBACK = 314;
    /// @notice Emitted, never given: green lane of an authorised operator (domain guide 3.10, bit 0).
    uint16 internal constant GREEN_LANE = 315;

    /// @notice Highest code that an act may give.
    uint16 internal constant LAST = FALLBACK;
    /// @notice First code of the national list.
    uint16 internal constant NATIONAL = 1000;

    /// @dev Reverts {UnknownReason} unless `reason` is 0, one of the codes that an act may give, or national.
    function requireKnown(uint16 reason) internal pure {
        if (reason == 0 || reason >= NATIONAL || (reason >= REGULAR && reason <= LAST)) return;
        revert UnknownReason(reason);
    }
}
