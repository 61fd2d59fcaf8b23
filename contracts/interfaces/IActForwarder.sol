// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An act signed by its actor and carried by anyone.
/// @param target Contract that holds the act; also the `verifyingContract` of the EIP-712 domain.
/// @param actor Registered key (or ERC-1271 wallet) in whose name the act is done.
/// @param nonce Unordered: any unused number; spent even when the act is refused.
/// @param deadline Last second at which the act may be carried [unix s].
/// @param gas Gas given to the act [gas]; signed, so that a relayer cannot starve it into a refusal.
/// @param data ABI-encoded call of the act, without the actor.
/// @param signature 65 bytes r ‖ s ‖ v with low s, or an ERC-1271 signature.
struct SignedAct {
    address target;
    address actor;
    uint256 nonce;
    uint40 deadline;
    uint32 gas;
    bytes data;
    bytes signature;
}

/// @title IActForwarder
/// @notice Carries acts that their actors signed. The relayer gains no authority by carrying them.
/// @dev Domain: name "Tamga", version "1", chain id, verifyingContract = target. The signed struct is named after
///      the function with a capital first letter; its fields are `address actor`, then the function's own parameters
///      by name and type, then `uint256 nonce,uint40 deadline,uint32 gas`. So a wallet shows the act itself, not bytes.
///      The act's id is the EIP-712 digest. Assumes that targets take the actor from the last 20 bytes of calldata
///      only when the caller is this contract.
interface IActForwarder {
    /// @notice An act was carried and took effect.
    event ActExecuted(
        bytes32 indexed actId,
        address indexed actor,
        address indexed target,
        bytes4 selector,
        uint256 nonce
    );
    /// @notice An act was carried and its target refused it; `reason` is the target's revert data.
    event ActRefused(
        bytes32 indexed actId,
        address indexed actor,
        address indexed target,
        bytes4 selector,
        uint256 nonce,
        bytes reason
    );
    /// @notice `selector` of `target` can be carried; `typeString` is its EIP-712 encodeType, `fields` its layout as in
    ///         {setActTypes}.
    event ActTypeSet(address indexed target, bytes4 indexed selector, string typeString, bytes fields);

    error UnknownAct(address target, bytes4 selector);
    error Expired(uint40 deadline, uint256 now_);
    error NonceSpent(address actor, uint256 nonce);
    error BadSignature(address actor, bytes32 actId);
    error NotEnoughGas(uint256 left, uint32 needed);
    error BadLayout(bytes4 selector);

    /// @notice Carries one act. Reverts only when the act was not the actor's to begin with (unknown, expired,
    ///         spent nonce, bad signature, too little gas); a refusal by the target is an event.
    /// @return executed False when the target refused.
    function execute(SignedAct calldata act) external returns (bool executed);

    /// @notice Carries several acts; one that is not carried or is refused never spoils the others.
    /// @return executed One flag per act; an act that {execute} would revert on gives false and spends nothing.
    function executeBatch(SignedAct[] calldata acts) external returns (bool[] memory executed);

    /// @notice Governance names the acts of a target. Anyone can recompute the type strings from the target's ABI.
    ///         Reverts {BadLayout}, or {UnknownAct} for a target without code or this contract itself.
    /// @param typeStrings EIP-712 encodeType of each act.
    /// @param layouts How to read its parameters, one entry each in order: `00` atomic; `01` dynamic array of atomic;
    ///        `02` bytes or string; `03 ‖ typehash32 ‖ words u8` dynamic array of structs of atomic members;
    ///        `04 ‖ typehash32 ‖ words u8` one such struct, inline.
    function setActTypes(
        address target,
        bytes4[] calldata selectors,
        string[] calldata typeStrings,
        bytes[] calldata layouts
    ) external;

    /// @notice EIP-712 digest of an act. Reverts {UnknownAct}, or {BadLayout} when its data is not what the layout
    ///         says.
    function actId(SignedAct calldata act) external view returns (bytes32);

    /// @notice Whether `actor` has spent `nonce`.
    function isSpent(address actor, uint256 nonce) external view returns (bool);
}
