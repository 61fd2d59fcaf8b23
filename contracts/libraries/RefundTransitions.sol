// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RefundState} from "../interfaces/IDebtRefunds.sol";

/// @notice What may be done to a refund claim.
enum RefundAction {
    REVIEW,
    APPROVE,
    REFUSE,
    APPEAL,
    UPHOLD,
    OVERTURN,
    PAY,
    SET_OFF
}

/// @title RefundTransitions
/// @notice Table of refunds (domain guide 4.3). A pair that is absent is refused: `allowed` is false.
/// @dev Twin: ledger/domain/debt.py.
library RefundTransitions {
    /// @notice State after `action`.
    function next(RefundState from, RefundAction action) internal pure returns (bool allowed, RefundState to) {
        if (from == RefundState.CLAIMED) {
            if (action == RefundAction.REVIEW) return (true, RefundState.IN_REVIEW);
        } else if (from == RefundState.IN_REVIEW) {
            // another reviewer, in place of one who has lost its office (caller)
            if (action == RefundAction.REVIEW) return (true, RefundState.IN_REVIEW);
            if (action == RefundAction.APPROVE) return (true, RefundState.APPROVED);
            if (action == RefundAction.REFUSE) return (true, RefundState.REFUSED);
        } else if (from == RefundState.REFUSED) {
            if (action == RefundAction.APPEAL) return (true, RefundState.APPEALED);
        } else if (from == RefundState.APPEALED) {
            if (action == RefundAction.UPHOLD) return (true, RefundState.UPHELD);
            if (action == RefundAction.OVERTURN) return (true, RefundState.IN_REVIEW);
        } else if (from == RefundState.APPROVED) {
            if (action == RefundAction.PAY) return (true, RefundState.PAID);
            if (action == RefundAction.SET_OFF) return (true, RefundState.OFFSET);
        }
        return (false, from);
    }
}
