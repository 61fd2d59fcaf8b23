// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ActTarget
/// @notice A contract whose acts come from registered keys, directly or signed and carried by the ActForwarder.
abstract contract ActTarget {
    /// @notice The one forwarder whose appended actor is believed.
    address public immutable FORWARDER;

    constructor(address forwarder) {
        FORWARDER = forwarder;
    }

    /// @dev The key that acts. ERC-2771 layout: the forwarder appends the actor's 20 bytes to the calldata.
    function _actor() internal view returns (address actor) {
        if (msg.sender != FORWARDER) return msg.sender;
        return address(bytes20(msg.data[msg.data.length - 20:]));
    }
}
