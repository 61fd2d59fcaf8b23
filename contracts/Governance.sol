// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {Call, DecisionState, IGovernance} from "./interfaces/IGovernance.sol";
import {AlreadyDone, TooMany} from "./types/Errors.sol";

/// @title Governance
/// @notice See {IGovernance}.
contract Governance is IGovernance {
    struct Decision {
        uint40 proposedAt;
        uint40 quorumAt;
        uint32 signerVersion;
        uint8 approvals;
        bool executed;
    }

    uint256 private constant MAX_SIGNERS = 32;
    uint256 private constant MAX_CALLS = 64;
    uint40 private constant MAX_DELAY_S = 30 days;
    /// @inheritdoc IGovernance
    uint40 public constant LIFETIME_S = 90 days;
    /// @dev Admin role of the AccessManager.
    uint256 private constant ADMIN_ROLE = 0;
    /// @dev Of OpenZeppelin's Multicall, which has no interface.
    bytes4 private constant MULTICALL = bytes4(keccak256("multicall(bytes[])"));

    address[] private _signers;
    uint8 private _threshold;
    uint40 private _delay;
    uint32 private _version;
    mapping(uint32 version => mapping(address signer => bool)) private _isSigner;
    mapping(bytes32 decision => Decision) private _decisions;
    mapping(bytes32 decision => mapping(address signer => bool)) private _approved;

    constructor(address[] memory signers, uint8 threshold, uint40 delay) {
        _setSigners(signers, threshold, delay);
    }

    /// @inheritdoc IGovernance
    function propose(bytes32 requestId, Call[] calldata calls) external returns (bytes32 decision) {
        _requireSigner();
        if (calls.length == 0 || calls.length > MAX_CALLS) revert TooMany(calls.length, MAX_CALLS);
        for (uint256 i = 0; i < calls.length; ++i) {
            _requireHarmless(i, calls[i].data);
        }
        decision = keccak256(abi.encode(requestId, calls));
        Decision storage d = _decisions[decision];
        if (d.proposedAt != 0) revert AlreadyDone(decision);
        d.proposedAt = uint40(block.timestamp);
        d.signerVersion = _version;
        emit DecisionProposed(decision, msg.sender, requestId, calls);
        _approve(decision, d);
    }

    /// @inheritdoc IGovernance
    function approve(bytes32 decision) external {
        _requireSigner();
        Decision storage d = _live(decision);
        if (_approved[decision][msg.sender]) revert AlreadyApproved(decision, msg.sender);
        _approve(decision, d);
    }

    /// @inheritdoc IGovernance
    function withdrawApproval(bytes32 decision) external {
        _requireSigner();
        Decision storage d = _live(decision);
        if (!_approved[decision][msg.sender]) revert NotApproved(decision, msg.sender);
        _approved[decision][msg.sender] = false;
        d.approvals -= 1;
        if (d.approvals < _threshold) d.quorumAt = 0;
        emit ApprovalWithdrawn(decision, msg.sender, d.approvals);
    }

    /// @inheritdoc IGovernance
    function execute(bytes32 requestId, Call[] calldata calls) external {
        _requireSigner();
        bytes32 decision = keccak256(abi.encode(requestId, calls));
        Decision storage d = _decisions[decision];
        DecisionState state = _stateOf(d);
        if (state == DecisionState.NONE) revert UnknownDecision(decision);
        if (state == DecisionState.EXECUTED) revert AlreadyDone(decision);
        if (state != DecisionState.READY) revert WrongDecisionState(decision, state);

        d.executed = true;
        emit DecisionExecuted(decision, msg.sender);
        for (uint256 i = 0; i < calls.length; ++i) {
            address target = calls[i].target;
            if (target.code.length == 0) revert NoCode(i, target);
            (bool ok, bytes memory reason) = target.call(calls[i].data);
            if (!ok) revert CallFailed(i, reason);
        }
    }

    /// @inheritdoc IGovernance
    function setSigners(address[] calldata signers, uint8 threshold, uint40 delay) external {
        if (msg.sender != address(this)) revert OnlySelf(msg.sender);
        _setSigners(signers, threshold, delay);
    }

    /// @inheritdoc IGovernance
    function decisionOf(bytes32 decision) external view returns (DecisionState state, uint8 approvals, uint40 readyAt) {
        Decision storage d = _decisions[decision];
        return (_stateOf(d), d.approvals, d.quorumAt == 0 ? 0 : d.quorumAt + _delay);
    }

    /// @inheritdoc IGovernance
    function hasApproved(bytes32 decision, address signer) external view returns (bool) {
        return _approved[decision][signer];
    }

    /// @inheritdoc IGovernance
    function isSigner(address account) public view returns (bool) {
        return _isSigner[_version][account];
    }

    /// @inheritdoc IGovernance
    function quorum() external view returns (address[] memory signers, uint8 threshold, uint40 delay, uint32 version) {
        return (_signers, _threshold, _delay, _version);
    }

    function _setSigners(address[] memory signers, uint8 threshold, uint40 delay) private {
        uint256 n = signers.length;
        if (threshold < 2 || threshold > n || n > MAX_SIGNERS || delay > MAX_DELAY_S) {
            revert BadQuorum(n, threshold, delay);
        }
        uint32 version = ++_version;
        for (uint256 i = 0; i < n; ++i) {
            address signer = signers[i];
            if (signer == address(0) || signer == address(this) || _isSigner[version][signer]) {
                revert BadSigner(signer);
            }
            _isSigner[version][signer] = true;
        }
        _signers = signers;
        _threshold = threshold;
        _delay = delay;
        emit SignersChanged(version, signers, threshold, delay);
    }

    function _approve(bytes32 decision, Decision storage d) private {
        _approved[decision][msg.sender] = true;
        d.approvals += 1;
        if (d.approvals == _threshold) d.quorumAt = uint40(block.timestamp);
        emit DecisionApproved(decision, msg.sender, d.approvals);
    }

    function _requireSigner() private view {
        if (!isSigner(msg.sender)) revert NotSigner(msg.sender);
    }

    /// @dev A decision that still can be approved.
    function _live(bytes32 decision) private view returns (Decision storage d) {
        d = _decisions[decision];
        DecisionState state = _stateOf(d);
        if (state == DecisionState.NONE) revert UnknownDecision(decision);
        if (state == DecisionState.EXECUTED || state == DecisionState.LAPSED) {
            revert WrongDecisionState(decision, state);
        }
    }

    function _stateOf(Decision storage d) private view returns (DecisionState) {
        if (d.proposedAt == 0) return DecisionState.NONE;
        if (d.executed) return DecisionState.EXECUTED;
        if (d.signerVersion != _version || block.timestamp > d.proposedAt + LIFETIME_S) return DecisionState.LAPSED;
        if (d.quorumAt == 0) return DecisionState.OPEN;
        return block.timestamp < d.quorumAt + _delay ? DecisionState.WAITING : DecisionState.READY;
    }

    /// @dev Refuses what could end or share this contract's hold of the AccessManager, whatever the target: the admin
    ///      role given or taken, the manager calling itself (`execute`, `multicall`), delays on its own acts, and
    ///      contracts moved to another manager.
    function _requireHarmless(uint256 index, bytes calldata data) private pure {
        if (data.length < 4) revert Forbidden(index, bytes4(0));
        bytes4 selector = bytes4(data);
        if (
            selector == MULTICALL ||
            selector == IAccessManager.execute.selector ||
            selector == IAccessManager.schedule.selector ||
            selector == IAccessManager.setTargetAdminDelay.selector ||
            selector == IAccessManager.updateAuthority.selector
        ) revert Forbidden(index, selector);
        if (
            selector == IAccessManager.grantRole.selector ||
            selector == IAccessManager.revokeRole.selector ||
            selector == IAccessManager.renounceRole.selector
        ) {
            if (data.length < 36 || uint256(bytes32(data[4:36])) == ADMIN_ROLE) revert Forbidden(index, selector);
        }
    }
}
