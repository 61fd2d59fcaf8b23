// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DocumentAction, DocumentStatus} from "../types/Document.sol";

/// @title DocumentLifecycle
/// @notice The table of domain guide 4.8. A pair that is absent is refused.
///
///     from                     action     → to
///     ACTIVE                   SUSPEND    → SUSPENDED, by its authority SUSPENDED_BY_AUTHORITY
///     SUSPENDED                SUSPEND    → by its authority SUSPENDED_BY_AUTHORITY
///     SUSPENDED                REINSTATE  → ACTIVE
///     SUSPENDED_BY_AUTHORITY   REINSTATE  → by its authority ACTIVE
///     any but an end           REVOKE     → REVOKED
///     ACTIVE                   SUPERSEDE  → SUPERSEDED
library DocumentLifecycle {
    /// @notice Where `action` leads.
    /// @param byAuthority The actor is the issuer's supervising authority, not the issuer.
    /// @return found False when the table has no such transition.
    function next(
        DocumentStatus from,
        DocumentAction action,
        bool byAuthority
    ) internal pure returns (bool found, DocumentStatus to) {
        if (from == DocumentStatus.REVOKED || from == DocumentStatus.SUPERSEDED) return (false, from);
        if (action == DocumentAction.REVOKE) return (true, DocumentStatus.REVOKED);
        if (action == DocumentAction.SUPERSEDE) {
            return (from == DocumentStatus.ACTIVE && !byAuthority, DocumentStatus.SUPERSEDED);
        }
        if (action == DocumentAction.REINSTATE) {
            bool mayLift =
                from == DocumentStatus.SUSPENDED || (from == DocumentStatus.SUSPENDED_BY_AUTHORITY && byAuthority);
            return (mayLift, DocumentStatus.ACTIVE);
        }
        if (byAuthority) {
            return (from != DocumentStatus.SUSPENDED_BY_AUTHORITY, DocumentStatus.SUSPENDED_BY_AUTHORITY);
        }
        return (from == DocumentStatus.ACTIVE, DocumentStatus.SUSPENDED);
    }
}
