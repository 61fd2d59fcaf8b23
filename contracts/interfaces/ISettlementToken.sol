// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ISettlementToken
/// @notice Tokenised deposit in which debts and escrows are settled: ERC-20 with EIP-2612, minted and redeemed by the
///         treasury.
/// @dev What is beside ERC-20 and EIP-2612.
/// @dev Supply = Σ minted − Σ redeemed, each once per bank reference; a difference to the bank statement is shown,
///      never corrected here. Anyone may hold it. ERC-20's functions, like {mint} and {redeem}, act for the signer of a
///      relayed act.
interface ISettlementToken {
    /// @notice Money that the bank received under `bankReference` became tokens.
    event Minted(bytes32 indexed bankReference, address actor, address indexed to, uint256 amount);
    /// @notice Tokens were burned for money that the bank pays out under `bankReference`.
    event Redeemed(bytes32 indexed bankReference, address actor, address indexed from, uint256 amount);

    error ZeroAmount();
    error ZeroReference();

    /// @notice Mints `amount` [minor units] to `to`. By a TREASURY key; each reference mints once.
    /// @param bankReference Hash of the bank's own reference of the incoming transfer.
    function mint(bytes32 bankReference, address to, uint256 amount) external;

    /// @notice Burns `amount` [minor units] of `from`. By a TREASURY key that is `from` or has its allowance; each
    ///         reference redeems once.
    /// @param bankReference Hash of the bank's own reference of the outgoing transfer.
    function redeem(bytes32 bankReference, address from, uint256 amount) external;

    /// @notice Amount minted against a reference; 0 if none.
    function mintedFor(bytes32 bankReference) external view returns (uint256);

    /// @notice Amount redeemed against a reference; 0 if none.
    function redeemedFor(bytes32 bankReference) external view returns (uint256);
}
