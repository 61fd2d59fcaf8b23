// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EscrowState} from "../interfaces/ITradeEscrow.sol";

/// @notice What may be done to an escrow.
enum EscrowAction {
    PAY_PART,
    PRESENT,
    CLAIM_RELEASE,
    ACCEPT,
    DISPUTE,
    ARBITRATE,
    REFUND,
    PROPOSE,
    SPLIT
}

/// @title EscrowTransitions
/// @notice Table of escrows ({ITradeEscrow}). A pair that is absent is refused: `allowed` is false.
library EscrowTransitions {
    /// @notice State after `action`; PAY_PART that leaves nothing and PRESENT of the last document go one further
    ///         (caller).
    function next(EscrowState from, EscrowAction action) internal pure returns (bool allowed, EscrowState to) {
        bool open = from == EscrowState.FUNDED || from == EscrowState.PRESENTED;
        bool held = open || from == EscrowState.DISPUTED;
        if (action == EscrowAction.PAY_PART) return (open, from);
        if (action == EscrowAction.PRESENT) return (from == EscrowState.FUNDED, from);
        if (action == EscrowAction.CLAIM_RELEASE) return to_(from == EscrowState.FUNDED, from, EscrowState.PAID);
        if (action == EscrowAction.ACCEPT) return to_(from == EscrowState.PRESENTED, from, EscrowState.PAID);
        if (action == EscrowAction.DISPUTE) return to_(open, from, EscrowState.DISPUTED);
        if (action == EscrowAction.ARBITRATE) return to_(from == EscrowState.DISPUTED, from, EscrowState.RESOLVED);
        if (action == EscrowAction.REFUND) return to_(from == EscrowState.FUNDED, from, EscrowState.REFUNDED);
        if (action == EscrowAction.PROPOSE) return (held, from);
        return to_(held, from, EscrowState.CANCELLED);
    }

    function to_(bool allowed, EscrowState from, EscrowState target) private pure returns (bool, EscrowState) {
        return (allowed, allowed ? target : from);
    }
}
