// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ActTarget} from "./ActTarget.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {ISettlementToken} from "./interfaces/ISettlementToken.sol";
import {AlreadyDone} from "./types/Errors.sol";
import {Roles} from "./types/Roles.sol";

/// @title SettlementToken
/// @notice Tokenised deposit in which debts and escrows are settled: {ISettlementToken}, ERC-20 and EIP-2612.
contract SettlementToken is ISettlementToken, ERC20, ERC20Permit, ActTarget {
    IAuthoritySource private immutable PARTICIPANTS;
    uint8 private immutable DECIMALS;

    /// @inheritdoc ISettlementToken
    mapping(bytes32 bankReference => uint256 amount) public mintedFor;
    /// @inheritdoc ISettlementToken
    mapping(bytes32 bankReference => uint256 amount) public redeemedFor;

    constructor(
        address forwarder,
        address participants,
        string memory name_,
        string memory symbol_,
        uint8 decimals_
    ) ERC20(name_, symbol_) ERC20Permit(name_) ActTarget(forwarder) {
        PARTICIPANTS = IAuthoritySource(participants);
        DECIMALS = decimals_;
    }

    /// @inheritdoc ISettlementToken
    function mint(bytes32 bankReference, address to, uint256 amount) external {
        address actor = _treasury(bankReference, amount);
        if (mintedFor[bankReference] != 0) revert AlreadyDone(bankReference);
        mintedFor[bankReference] = amount;
        _mint(to, amount);
        emit Minted(bankReference, actor, to, amount);
    }

    /// @inheritdoc ISettlementToken
    function redeem(bytes32 bankReference, address from, uint256 amount) external {
        address actor = _treasury(bankReference, amount);
        if (redeemedFor[bankReference] != 0) revert AlreadyDone(bankReference);
        redeemedFor[bankReference] = amount;
        if (from != actor) _spendAllowance(from, actor, amount);
        _burn(from, amount);
        emit Redeemed(bankReference, actor, from, amount);
    }

    /// @notice Digits of the minor unit.
    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    /// @dev Whose tokens ERC-20's functions move: a relayed act's signer, never the forwarder.
    function _msgSender() internal view override returns (address) {
        return _actor();
    }

    function _treasury(bytes32 bankReference, uint256 amount) private view returns (address actor) {
        actor = _actor();
        PARTICIPANTS.authorise(actor, Roles.TREASURY);
        if (bankReference == 0) revert ZeroReference();
        if (amount == 0) revert ZeroAmount();
    }
}
