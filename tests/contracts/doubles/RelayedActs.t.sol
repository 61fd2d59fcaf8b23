// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignedAct} from "../../../contracts/interfaces/IActForwarder.sol";
import {Twice} from "./Twice.sol";

/// @notice Carried acts done twice: the nonce counts once, so that even a transfer, which has no request id, does.
contract RelayedActsTest is Twice {
    string private constant TRANSFER =
        "Transfer(address actor,address to,uint256 value,uint256 nonce,uint40 deadline,uint32 gas)";
    string private constant TRANSFER_FROM =
        "TransferFrom(address actor,address from,address to,uint256 value,uint256 nonce,uint40 deadline,uint32 gas)";

    address private relayer;

    function setUp() public {
        deployDebts();
        (relayer, ) = makeKey("relayer");
        bytes4[] memory selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (token.transfer.selector, token.transferFrom.selector);
        string[] memory types = new string[](2);
        (types[0], types[1]) = (TRANSFER, TRANSFER_FROM);
        bytes[] memory layouts = new bytes[](2);
        (layouts[0], layouts[1]) = (hex"0000", hex"000000");
        governed(
            "ActForwarder.setActTypes",
            address(forwarder),
            abi.encodeCall(forwarder.setActTypes, (address(token), selectors, types, layouts))
        );
    }

    function _signed(uint256 nonce, bytes memory data) private view returns (SignedAct memory act) {
        act = SignedAct(address(token), trader, nonce, time40() + 60, 200_000, data, "");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(traderSecret, forwarder.actId(act));
        act.signature = abi.encodePacked(r, s, v);
    }

    function test_carriedActs_twice() public {
        uint256 before = token.balanceOf(brokerKey);
        vm.prank(bankKey);
        token.approve(trader, 100);
        SignedAct memory once = _signed(1, abi.encodeCall(token.transfer, (brokerKey, 5)));
        twice("ActForwarder.execute", relayer, address(forwarder), abi.encodeCall(forwarder.execute, (once)));
        once = _signed(2, abi.encodeCall(token.transfer, (brokerKey, 7)));
        twice("SettlementToken.transfer", relayer, address(forwarder), abi.encodeCall(forwarder.execute, (once)));
        once = _signed(3, abi.encodeCall(token.transferFrom, (bankKey, brokerKey, 11)));
        twice("SettlementToken.transferFrom", relayer, address(forwarder), abi.encodeCall(forwarder.execute, (once)));
        SignedAct[] memory acts = new SignedAct[](2);
        acts[0] = _signed(4, abi.encodeCall(token.transfer, (brokerKey, 13)));
        acts[1] = _signed(5, abi.encodeCall(token.transfer, (brokerKey, type(uint256).max)));
        twice("ActForwarder.executeBatch", relayer, address(forwarder), abi.encodeCall(forwarder.executeBatch, (acts)));
        assertEq(token.balanceOf(brokerKey), before + 36, "each took effect once");
    }
}
