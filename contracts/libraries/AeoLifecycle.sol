// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AeoState} from "../types/Authorisation.sol";

/// @notice What may be done to an AEO authorisation.
enum AeoAction {
    APPLY,
    REVIEW,
    GRANT,
    REFUSE,
    SUSPEND,
    REINSTATE,
    REVOKE,
    WITHDRAW
}

/// @title AeoLifecycle
/// @notice The table of domain guide 4.6. A pair that is absent is refused.
///
///     from                                     action      → to
///     NONE, REFUSED, REVOKED, WITHDRAWN        APPLY       → APPLIED
///     ACTIVE, SUSPENDED once expired           APPLY       → APPLIED
///     APPLIED                                  REVIEW      → IN_REVIEW
///     IN_REVIEW                                GRANT       → ACTIVE
///     IN_REVIEW                                REFUSE      → REFUSED
///     ACTIVE                                   SUSPEND     → SUSPENDED
///     SUSPENDED                                REINSTATE   → ACTIVE
///     ACTIVE, SUSPENDED                        REVOKE      → REVOKED
///     APPLIED, IN_REVIEW, ACTIVE, SUSPENDED    WITHDRAW    → WITHDRAWN
library AeoLifecycle {
    /// @notice Where `action` leads.
    /// @param expired The validity has ended.
    /// @return found False when the table has no such transition.
    function next(AeoState from, AeoAction action, bool expired) internal pure returns (bool found, AeoState to) {
        bool granted = from == AeoState.ACTIVE || from == AeoState.SUSPENDED;
        if (action == AeoAction.APPLY) {
            bool pending = from == AeoState.APPLIED || from == AeoState.IN_REVIEW;
            return (!pending && (!granted || expired), AeoState.APPLIED);
        }
        if (action == AeoAction.REVIEW) return (from == AeoState.APPLIED, AeoState.IN_REVIEW);
        if (action == AeoAction.GRANT) return (from == AeoState.IN_REVIEW, AeoState.ACTIVE);
        if (action == AeoAction.REFUSE) return (from == AeoState.IN_REVIEW, AeoState.REFUSED);
        if (action == AeoAction.SUSPEND) return (from == AeoState.ACTIVE, AeoState.SUSPENDED);
        if (action == AeoAction.REINSTATE) return (from == AeoState.SUSPENDED, AeoState.ACTIVE);
        if (action == AeoAction.REVOKE) return (granted, AeoState.REVOKED);
        return (granted || from == AeoState.APPLIED || from == AeoState.IN_REVIEW, AeoState.WITHDRAWN);
    }
}
