// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EscrowCondition,
    EscrowState,
    ITradeEscrow,
    RequiredDocument
} from "../../../contracts/interfaces/ITradeEscrow.sol";
import {AlreadyDone} from "../../../contracts/types/Errors.sol";
import {FeeToken, ReentrantToken, WholeToken} from "../debt/HostileTokens.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @dev The price leaves into balances, balances leave once, and a hostile token gets nothing more.
contract EscrowMoneyTest is EscrowFixture {
    // ----- withdrawing

    function test_withdraw_lowersTheBalance() public {
        openRelease();
        releases.release(MRN);
        vm.startPrank(sellerKey);
        escrows.claimRelease(escrow, 1);
        escrows.withdraw(REQUEST, 1, sellerKey);
        assertEq(escrows.balanceOf(seller), PRICE - 1, "one unit less");
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.AmountTooLarge.selector, PRICE, PRICE - 1));
        escrows.withdraw("all of it again", PRICE, sellerKey);
        escrows.withdraw("the rest", PRICE - 1, sellerKey);
        vm.stopPrank();
        assertBalances(0, 0, EscrowState.PAID);
    }

    function test_withdraw_onceFromTheOwnBalance() public {
        openRelease();
        releases.release(MRN);
        vm.prank(sellerKey);
        escrows.claimRelease(escrow, 1);
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.AmountTooLarge.selector, PRICE + 1, PRICE));
        escrows.withdraw(REQUEST, PRICE + 1, sellerKey);
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.ZeroAmount.selector));
        escrows.withdraw(REQUEST, 0, sellerKey);
        bytes32 key = keccak256(abi.encode(seller, REQUEST));
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.Withdrawn(seller, key, sellerKey, carrierKey, 4_000);
        vm.prank(sellerKey);
        escrows.withdraw(REQUEST, 4_000, carrierKey);
        assertEq(token.balanceOf(carrierKey), 4_000, "paid out");
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, key));
        escrows.withdraw(REQUEST, 4_000, carrierKey);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.AmountTooLarge.selector, 1, 0));
        escrows.withdraw(REQUEST, 1, trader);
    }

    // ----- hostile tokens

    function test_token_wholeUnitsAndFeesAreRefused() public {
        WholeToken whole = new WholeToken();
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.TokenRefused.selector, address(whole)));
        deployEscrow(address(whole));
        FeeToken fee = new FeeToken();
        escrows = deployEscrow(address(fee));
        fee.mint(trader, PRICE);
        vm.prank(trader);
        fee.approve(address(escrows), PRICE);
        fee.take(true);
        expectOpen(
            seller,
            chamber,
            EscrowCondition.RELEASE,
            PRICE,
            timeout,
            address(releases),
            new RequiredDocument[](0),
            abi.encodeWithSelector(ITradeEscrow.TokenTookFee.selector, PRICE, PRICE - 1)
        );
    }

    function test_token_feeOnTheWayOutIsRefused() public {
        FeeToken fee = new FeeToken();
        escrows = deployEscrow(address(fee));
        fee.mint(trader, PRICE + 1);
        vm.prank(trader);
        fee.approve(address(escrows), PRICE);
        openRelease();
        releases.release(MRN);
        vm.prank(sellerKey);
        escrows.claimRelease(escrow, 1);
        vm.prank(trader);
        fee.transfer(address(escrows), 1); // so that there is something to take
        fee.takeFromSender(true);
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.TokenTookFee.selector, PRICE, PRICE + 1));
        escrows.withdraw(REQUEST, PRICE, sellerKey);
        assertEq(escrows.balanceOf(seller), PRICE, "nothing moved");
    }

    function test_token_cannotReenter() public {
        ReentrantToken reentrant = new ReentrantToken();
        escrows = deployEscrow(address(reentrant));
        reentrant.mint(trader, PRICE);
        vm.prank(trader);
        reentrant.approve(address(escrows), PRICE);
        openRelease();
        releases.release(MRN);
        vm.prank(sellerKey);
        escrows.claimRelease(escrow, 1);
        reentrant.strike(address(escrows), abi.encodeCall(escrows.withdraw, (bytes32("inner"), PRICE, trader)));
        vm.prank(sellerKey);
        escrows.withdraw(REQUEST, PRICE, sellerKey);
        assertFalse(reentrant.answered(), "the inner call did not pass");
        assertEq(reentrant.balanceOf(sellerKey), PRICE, "paid once");
    }
}
