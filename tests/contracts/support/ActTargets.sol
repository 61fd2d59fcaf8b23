// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {ActTarget} from "../../../contracts/ActTarget.sol";
import {IActForwarder, SignedAct} from "../../../contracts/interfaces/IActForwarder.sol";

struct Pair {
    uint64 left;
    bytes32 right;
}

/// @title EveryShape
/// @notice An act with a parameter of each shape that can be signed, and acts that misbehave.
contract EveryShape is ActTarget {
    error Declined(uint256 why);

    address public lastActor;
    bytes32 public lastArguments;
    uint256 public count;
    SignedAct private _inner;

    constructor(address forwarder) ActTarget(forwarder) {}

    function submit(
        uint8 kind,
        bytes calldata content,
        string calldata note,
        uint16[] calldata codes,
        Pair[] calldata pairs,
        Pair calldata last,
        bytes2 country
    ) external {
        lastActor = _actor();
        lastArguments = keccak256(abi.encode(kind, content, note, codes, pairs, last, country));
        ++count;
    }

    function decline(uint256 why) external pure {
        revert Declined(why);
    }

    /// @dev Uses up whatever gas it gets.
    function burn(uint256 seed) external {
        while (true) seed = uint256(keccak256(abi.encode(seed)));
        count = seed;
    }

    /// @dev Succeeds only with more than `needed` gas.
    function needs(uint256 needed) external {
        if (gasleft() < needed) revert Declined(gasleft());
        lastActor = _actor();
        ++count;
    }

    function keepInner(SignedAct calldata act) external {
        _inner = act;
    }

    /// @dev Carries another act from within its own.
    function reenter(uint256 tag) external {
        lastActor = _actor();
        lastArguments = bytes32(tag);
        ++count;
        IActForwarder(FORWARDER).execute(_inner);
    }
}

/// @title Wallet
/// @notice ERC-1271 wallet of one owner.
contract Wallet is IERC1271 {
    address private immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, , ) = ECDSA.tryRecover(hash, signature);
        return signer == OWNER ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @title HostileWallet
/// @notice Never ends checking a signature.
contract HostileWallet is IERC1271 {
    function isValidSignature(bytes32 hash, bytes calldata) external pure returns (bytes4) {
        while (true) hash = keccak256(abi.encode(hash));
        return IERC1271.isValidSignature.selector;
    }
}

/// @title CurtWallet
/// @notice Answers with the right four bytes and nothing after them.
contract CurtWallet {
    fallback() external {
        bytes4 yes = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            mstore(0, yes)
            return(0, 4)
        }
    }
}
