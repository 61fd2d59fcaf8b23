// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IActForwarder, SignedAct} from "./interfaces/IActForwarder.sol";
import {ActHash} from "./libraries/ActHash.sol";

/// @title ActForwarder
/// @notice See {IActForwarder}.
/// @dev Re-entrancy: the nonce is spent before the target is called, and acts share no other state, so an act
///      carried from within another is just another act. A wallet checks its signature in a static call with a
///      bound on its gas.
contract ActForwarder is IActForwarder, AccessManaged {
    struct ActType {
        bytes32 typeHash;
        bytes fields;
    }

    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME_HASH = keccak256("Tamga");
    bytes32 private constant VERSION_HASH = keccak256("1");
    /// @dev So much does an ERC-1271 wallet get to check a signature: a hostile one cannot burn a batch.
    uint256 private constant WALLET_GAS = 150_000;
    /// @dev Kept back from the act for the event that tells its end, whatever the target returns.
    uint256 private constant EVENT_GAS = 30_000;

    mapping(address actor => mapping(uint256 word => uint256 bits)) private _spent;
    mapping(address target => mapping(bytes4 selector => ActType)) private _actTypes;

    constructor(address accessManager) AccessManaged(accessManager) {}

    /// @inheritdoc IActForwarder
    function execute(SignedAct calldata act) external returns (bool executed) {
        bytes32 id = actId(act);
        if (block.timestamp > act.deadline) revert Expired(act.deadline, block.timestamp);
        if (isSpent(act.actor, act.nonce)) revert NonceSpent(act.actor, act.nonce);
        if (!_isSigned(act.actor, id, act.signature)) revert BadSignature(act.actor, id);
        _spent[act.actor][act.nonce >> 8] |= 1 << (act.nonce & 0xff);

        // A call gets at most 63/64 of what is left (EIP-150): with less the relayer, not the actor, would decide.
        bytes memory call = abi.encodePacked(act.data, act.actor);
        uint256 left = gasleft();
        if (left < (uint256(act.gas) * 64) / 63 + EVENT_GAS) revert NotEnoughGas(left, act.gas);
        bytes memory reason;
        (executed, reason) = act.target.call{gas: act.gas}(call);

        bytes4 selector = bytes4(act.data);
        if (executed) emit ActExecuted(id, act.actor, act.target, selector, act.nonce);
        else emit ActRefused(id, act.actor, act.target, selector, act.nonce, reason);
    }

    /// @inheritdoc IActForwarder
    function executeBatch(SignedAct[] calldata acts) external returns (bool[] memory executed) {
        executed = new bool[](acts.length);
        for (uint256 i = 0; i < acts.length; ++i) {
            try this.execute(acts[i]) returns (bool effect) {
                executed[i] = effect;
            } catch {
                executed[i] = false;
            }
        }
    }

    /// @inheritdoc IActForwarder
    function setActTypes(
        address target,
        bytes4[] calldata selectors,
        string[] calldata typeStrings,
        bytes[] calldata layouts
    ) external restricted {
        if (target == address(this) || target.code.length == 0) revert UnknownAct(target, bytes4(0));
        for (uint256 i = 0; i < selectors.length; ++i) {
            bytes4 selector = selectors[i];
            (bool ok, ) = ActHash.parameters(layouts[i]);
            if (!ok || bytes(typeStrings[i]).length == 0) revert BadLayout(selector);
            _actTypes[target][selector] = ActType(keccak256(bytes(typeStrings[i])), layouts[i]);
            emit ActTypeSet(target, selector, typeStrings[i], layouts[i]);
        }
    }

    /// @inheritdoc IActForwarder
    function actId(SignedAct calldata act) public view returns (bytes32) {
        bytes4 selector = bytes4(act.data);
        ActType storage actType = _actTypes[act.target][selector];
        bytes32 typeHash = actType.typeHash;
        if (typeHash == 0 || act.data.length < 4) revert UnknownAct(act.target, selector);
        (bool ok, bytes memory parameters) = ActHash.encode(actType.fields, act.data[4:]);
        if (!ok) revert BadLayout(selector);
        bytes32 structHash = keccak256(
            bytes.concat(abi.encode(typeHash, act.actor), parameters, abi.encode(act.nonce, act.deadline, act.gas))
        );
        return MessageHashUtils.toTypedDataHash(_domain(act.target), structHash);
    }

    /// @inheritdoc IActForwarder
    function isSpent(address actor, uint256 nonce) public view returns (bool) {
        return (_spent[actor][nonce >> 8] >> (nonce & 0xff)) & 1 == 1;
    }

    function _domain(address target) private view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, target));
    }

    /// @dev A key signs with 65 bytes and low s (EIP-2), a wallet by ERC-1271.
    function _isSigned(address actor, bytes32 id, bytes calldata signature) private view returns (bool) {
        if (actor.code.length == 0) {
            (address signer, ECDSA.RecoverError fault, ) = ECDSA.tryRecover(id, signature);
            return fault == ECDSA.RecoverError.NoError && signer == actor;
        }
        (bool ok, bytes memory answer) = actor.staticcall{gas: WALLET_GAS}(
            abi.encodeCall(IERC1271.isValidSignature, (id, signature))
        );
        return
            ok && answer.length >= 32 && abi.decode(answer, (bytes32)) == bytes32(IERC1271.isValidSignature.selector);
    }
}
