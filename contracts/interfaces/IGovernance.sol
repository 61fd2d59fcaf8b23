// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One call of a decision.
struct Call {
    address target;
    bytes data;
}

/// @notice Standing of a decision.
enum DecisionState {
    NONE,
    OPEN,
    WAITING,
    READY,
    EXECUTED,
    LAPSED
}

/// @title IGovernance
/// @notice The ledger's government: m of n signers decide, and after a delay anyone of them executes.
/// @dev Sole admin of the AccessManager. It cannot hand that on, share it, renounce it or put it under a delay:
///      calls that could are refused whatever their target (see {Forbidden}). Not relayed: a signer is `msg.sender`.
///      A change of signers lapses every open decision, so that no vote of a former signer counts.
interface IGovernance {
    /// @notice A signer proposed a decision; its approval follows in {DecisionApproved}.
    event DecisionProposed(bytes32 indexed decision, address indexed signer, bytes32 requestId, Call[] calls);
    /// @notice A signer approved; `approvals` in all.
    event DecisionApproved(bytes32 indexed decision, address indexed signer, uint8 approvals);
    /// @notice A signer took its approval back; `approvals` are left.
    event ApprovalWithdrawn(bytes32 indexed decision, address indexed signer, uint8 approvals);
    /// @notice All calls of the decision were made.
    event DecisionExecuted(bytes32 indexed decision, address indexed signer);
    /// @notice `version` counts the signer sets, from 1 at deployment.
    event SignersChanged(uint32 version, address[] signers, uint8 threshold, uint40 delay);

    error NotSigner(address actor);
    /// @notice Needs 2 ≤ threshold ≤ n ≤ 32, distinct signers that are neither zero nor this contract, delay ≤ 30 days.
    error BadQuorum(uint256 signers, uint8 threshold, uint40 delay);
    error BadSigner(address signer);
    error UnknownDecision(bytes32 decision);
    error AlreadyApproved(bytes32 decision, address signer);
    error NotApproved(bytes32 decision, address signer);
    error WrongDecisionState(bytes32 decision, DecisionState state);
    /// @notice The call would weaken this contract's hold of the AccessManager.
    error Forbidden(uint256 index, bytes4 selector);
    error NoCode(uint256 index, address target);
    error CallFailed(uint256 index, bytes reason);
    /// @notice Signers change only by a decision of their own.
    error OnlySelf(address actor);

    /// @notice Proposes a decision and approves it. A repeat reverts {AlreadyDone}.
    /// @return decision `keccak256(abi.encode(requestId, calls))`.
    function propose(bytes32 requestId, Call[] calldata calls) external returns (bytes32 decision);

    /// @notice Approves an open decision; the delay runs from the second in which the quorum is reached.
    function approve(bytes32 decision) external;

    /// @notice Takes back an approval; below the quorum the delay starts anew with the next approval that reaches it.
    function withdrawApproval(bytes32 decision) external;

    /// @notice Executes a decision that is READY: all its calls or none.
    function execute(bytes32 requestId, Call[] calldata calls) external;

    /// @notice Changes signers, threshold and delay. Only as a call of a decision.
    function setSigners(address[] calldata signers, uint8 threshold, uint40 delay) external;

    /// @notice State, approvals and first second at which it can be executed (0 without a quorum).
    function decisionOf(bytes32 decision) external view returns (DecisionState state, uint8 approvals, uint40 readyAt);

    /// @notice Whether `signer` approves `decision`.
    function hasApproved(bytes32 decision, address signer) external view returns (bool);
    /// @notice Whether `account` is a signer now.
    function isSigner(address account) external view returns (bool);

    /// @notice Signers, threshold, delay [s] and number of signer sets so far.
    function quorum() external view returns (address[] memory signers, uint8 threshold, uint40 delay, uint32 version);

    /// @notice A decision that is not executed so long after its proposal lapses [s].
    function LIFETIME_S() external view returns (uint40);
}
