// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {ISettlementToken} from "../../../contracts/interfaces/ISettlementToken.sol";
import {AlreadyDone} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {DebtFixture} from "./DebtFixture.sol";

/// @dev Minted and redeemed by the treasury alone, each once per bank reference; nothing else makes or destroys money.
contract SettlementTokenTest is DebtFixture {
    bytes32 private constant REFERENCE = keccak256("bank reference");

    function setUp() public {
        deployDebts();
    }

    function test_token_isWhatWalletsExpect() public view {
        assertEq(token.decimals(), 2, "decimals");
        assertEq(bytes(token.name()), "Settlement Sum", "name");
        assertEq(bytes(token.symbol()), "SUM", "symbol");
    }

    function test_mint_oncePerReference() public {
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(token));
        emit ISettlementToken.Minted(REFERENCE, treasurer, trader, 500);
        mintAs(treasurer, REFERENCE, trader, 500);
        assertEq(token.totalSupply(), supply + 500, "supply");
        assertEq(token.mintedFor(REFERENCE), 500, "by reference");
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, REFERENCE));
        mintAs(treasurer, REFERENCE, trader, 500);
    }

    function mintAs(address actor, bytes32 bankReference, address to, uint256 amount) private {
        vm.prank(actor);
        token.mint(bankReference, to, amount);
    }

    function test_mint_refusesOthersZeroAndNoReference() public {
        vm.prank(revenue);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, revenue, Roles.TREASURY, time40())
        );
        token.mint(REFERENCE, trader, 1);
        vm.prank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(ISettlementToken.ZeroAmount.selector));
        token.mint(REFERENCE, trader, 0);
        vm.prank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(ISettlementToken.ZeroReference.selector));
        token.mint(0, trader, 1);
    }

    function test_redeem_ownOrAllowedOncePerReference() public {
        uint256 supply = token.totalSupply();
        vm.prank(trader);
        token.transfer(treasurer, 100);
        vm.expectEmit(address(token));
        emit ISettlementToken.Redeemed(REFERENCE, treasurer, treasurer, 100);
        vm.prank(treasurer);
        token.redeem(REFERENCE, treasurer, 100);
        assertEq(token.totalSupply(), supply - 100, "supply");
        assertEq(token.redeemedFor(REFERENCE), 100, "by reference");
        vm.prank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, REFERENCE));
        token.redeem(REFERENCE, treasurer, 100);

        vm.prank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, treasurer, 0, 7));
        token.redeem("other", trader, 7);
        vm.prank(trader);
        token.approve(treasurer, 7);
        vm.prank(treasurer);
        token.redeem("other", trader, 7);
        assertEq(token.totalSupply(), supply - 107, "supply after the second");

        vm.prank(trader);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, Roles.TREASURY, time40())
        );
        token.redeem("third", trader, 7);
        vm.prank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(ISettlementToken.ZeroAmount.selector));
        token.redeem("third", treasurer, 0);
        vm.prank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(ISettlementToken.ZeroReference.selector));
        token.redeem(0, treasurer, 1);
    }

    function testFuzz_supplyIsMintedLessRedeemed(uint64[8] calldata amounts) public {
        uint256 expected = token.totalSupply();
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 amount = bound(amounts[i], 1, type(uint64).max);
            mintAs(treasurer, keccak256(abi.encode(i)), treasurer, amount);
            uint256 back = amount / (i + 1);
            if (back != 0) {
                vm.prank(treasurer);
                token.redeem(keccak256(abi.encode(i)), treasurer, back);
            }
            expected += amount - back;
        }
        assertEq(token.totalSupply(), expected, "supply = minted - redeemed");
    }

    /// @dev Relayed, ERC-20's functions act for their signer; the forwarder itself never owns or approves anything.
    function test_erc20_relayedActsAreTheSigners() public {
        uint256 before = token.balanceOf(trader);
        relayed(trader, abi.encodeCall(token.transfer, (treasurer, 30)));
        assertEq(token.balanceOf(treasurer), 30, "transferred");
        assertEq(token.balanceOf(trader), before - 30, "by the signer");
        relayed(trader, abi.encodeCall(token.approve, (treasurer, 7)));
        assertEq(token.allowance(trader, treasurer), 7, "approved by the signer");
        assertEq(token.allowance(address(forwarder), treasurer), 0, "not by the forwarder");
        relayed(treasurer, abi.encodeCall(token.transferFrom, (trader, treasurer, 7)));
        assertEq(token.balanceOf(treasurer), 37, "spent by the signer");
        assertEq(token.allowance(trader, treasurer), 0, "allowance used up");

        vm.prank(treasurer);
        (bool ok, ) = address(token).call(abi.encodePacked(abi.encodeCall(token.transfer, (treasurer, 1)), trader));
        assertTrue(ok, "trailing bytes are ignored");
        assertEq(token.balanceOf(trader), before - 37, "nobody else is believed");
    }

    function relayed(address actor, bytes memory call) private {
        vm.prank(address(forwarder));
        (bool ok, ) = address(token).call(abi.encodePacked(call, actor));
        assertTrue(ok, "carried");
    }
}
