// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Escrow,
    EscrowCondition,
    EscrowState,
    ITradeEscrow,
    RequiredDocument
} from "../../../contracts/interfaces/ITradeEscrow.sol";
import {Anchor} from "../../../contracts/types/Document.sol";
import {UnknownReason} from "../../../contracts/types/Errors.sol";
import {EscrowReasons} from "../../../contracts/types/EscrowReasons.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @dev Parts, disputes and both parties' cancellation: who may say how the price is shared, to the last unit.
contract EscrowSharesTest is EscrowFixture {
    // ----- parts

    function test_payPart_andTheRest() public {
        openRelease();
        expectPart(0, EscrowReasons.PART_AGREED, abi.encodeWithSelector(ITradeEscrow.ZeroAmount.selector));
        expectPart(
            PRICE + 1,
            EscrowReasons.PART_AGREED,
            abi.encodeWithSelector(ITradeEscrow.AmountTooLarge.selector, PRICE + 1, PRICE)
        );
        expectPart(1, 0, abi.encodeWithSelector(UnknownReason.selector, 0));
        expectPart(1, 306, abi.encodeWithSelector(UnknownReason.selector, 306));
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.EscrowMoved(
            escrow,
            2,
            trader,
            EscrowState.FUNDED,
            4_000,
            0,
            EscrowReasons.PART_AGREED,
            EVIDENCE
        );
        vm.prank(trader);
        escrows.payPart(escrow, 1, 4_000, EscrowReasons.PART_AGREED, EVIDENCE);
        assertBalances(4_000, 0, EscrowState.FUNDED);
        vm.prank(trader);
        escrows.payPart(escrow, 2, 6_000, EscrowReasons.PART_AGREED, EVIDENCE);
        assertBalances(PRICE, 0, EscrowState.PAID);
        assertEq(escrows.escrowOf(escrow).paid, PRICE, "paid");
    }

    function expectPart(uint128 amount, uint16 reason, bytes memory refusal) private {
        vm.prank(trader);
        vm.expectRevert(refusal);
        escrows.payPart(escrow, 1, amount, reason, EVIDENCE);
    }

    // ----- dispute

    function test_dispute_arbiterSplits() public {
        presented();
        vm.prank(arbiterKey);
        vm.expectRevert(forbids(EscrowState.PRESENTED));
        escrows.arbitrate(escrow, 2, 1, EscrowReasons.AWARD, EVIDENCE);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        escrows.dispute(escrow, 2, 0, EVIDENCE);
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.EscrowMoved(
            escrow,
            3,
            trader,
            EscrowState.DISPUTED,
            0,
            0,
            EscrowReasons.DOCUMENTS_DISCREPANT,
            EVIDENCE
        );
        vm.prank(trader);
        escrows.dispute(escrow, 2, EscrowReasons.DOCUMENTS_DISCREPANT, EVIDENCE);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotParty.selector, escrow, importer));
        escrows.arbitrate(escrow, 3, 0, EscrowReasons.AWARD, EVIDENCE);
        vm.prank(arbiterKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.AmountTooLarge.selector, PRICE + 1, PRICE));
        escrows.arbitrate(escrow, 3, PRICE + 1, EscrowReasons.AWARD, EVIDENCE);
        vm.prank(arbiterKey);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        escrows.arbitrate(escrow, 3, 1, 0, EVIDENCE);
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.EscrowMoved(
            escrow,
            4,
            arbiterKey,
            EscrowState.RESOLVED,
            7_001,
            2_999,
            EscrowReasons.AWARD,
            EVIDENCE
        );
        vm.prank(arbiterKey);
        escrows.arbitrate(escrow, 3, 7_001, EscrowReasons.AWARD, EVIDENCE);
        assertBalances(7_001, 2_999, EscrowState.RESOLVED);
    }

    function test_dispute_needsAnArbiter() public {
        RequiredDocument[] memory none = new RequiredDocument[](0);
        vm.prank(trader);
        escrow = escrows.openEscrow(
            REQUEST,
            seller,
            0,
            EscrowCondition.RELEASE,
            PRICE,
            timeout,
            address(releases),
            MRN,
            none,
            EVIDENCE
        );
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.ArbiterNeeded.selector));
        escrows.dispute(escrow, 1, EscrowReasons.NO_ANSWER, EVIDENCE);
    }

    // ----- both parties' cancellation

    function test_split_byBothParties() public {
        openRelease();
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NoProposal.selector, escrow));
        escrows.acceptSplit(escrow, 1, 1_000);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.AmountTooLarge.selector, PRICE + 1, PRICE));
        escrows.proposeSplit(escrow, 1, PRICE + 1);
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.SplitProposed(escrow, 1, trader, importer, 1_000);
        vm.prank(trader);
        escrows.proposeSplit(escrow, 1, 1_000);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotParty.selector, escrow, importer));
        escrows.acceptSplit(escrow, 1, 1_000);
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.OtherProposal.selector, 1_000, 2_000));
        escrows.acceptSplit(escrow, 1, 2_000);
        vm.prank(arbiterKey);
        vm.expectRevert();
        escrows.acceptSplit(escrow, 1, 1_000);
        vm.prank(sellerKey);
        escrows.acceptSplit(escrow, 1, 1_000);
        assertBalances(1_000, PRICE - 1_000, EscrowState.CANCELLED);
    }

    function test_split_proposalLapsesWithThePart() public {
        openRelease();
        vm.prank(sellerKey);
        escrows.proposeSplit(escrow, 1, PRICE);
        vm.prank(trader);
        escrows.payPart(escrow, 1, 1, EscrowReasons.PART_AGREED, EVIDENCE);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NoProposal.selector, escrow));
        escrows.acceptSplit(escrow, 2, PRICE);
    }

    /// @dev What the seller offered before it had presented is not what it would take now.
    function test_split_proposalLapsesWithThePresentation() public {
        openDocuments(2);
        vm.prank(sellerKey);
        escrows.proposeSplit(escrow, 1, 10);
        present(1, 0, RECORD, anchor(1, LADING, RECORD));
        Escrow memory held = escrows.escrowOf(escrow);
        assertEq(uint256(held.proposer) + held.proposedToSeller, 0, "none is open");
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NoProposal.selector, escrow));
        escrows.acceptSplit(escrow, 2, 10);
        vm.prank(trader);
        escrows.proposeSplit(escrow, 2, 10);
        present(2, 1, keccak256("second"), anchor(2, LADING, keccak256("second")));
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NoProposal.selector, escrow));
        escrows.acceptSplit(escrow, 3, 10);
    }

    /// @dev Of a price both parts may be a single unit, and either may be all of it.
    function test_shares_toTheLastUnit() public {
        openRelease();
        vm.prank(sellerKey);
        escrows.proposeSplit(escrow, 1, PRICE - 2);
        vm.prank(trader);
        escrows.payPart(escrow, 1, 1, EscrowReasons.PART_AGREED, EVIDENCE);
        assertEq(escrows.balanceOf(seller), 1, "one unit to the seller");
        assertEq(escrows.escrowOf(escrow).proposedToSeller, 0, "the proposal lapsed whole");
        vm.prank(sellerKey);
        escrows.proposeSplit(escrow, 2, PRICE - 2);
        vm.prank(trader);
        escrows.acceptSplit(escrow, 2, PRICE - 2);
        assertBalances(PRICE - 1, 1, EscrowState.CANCELLED);
    }

    function test_split_allToOne() public {
        openRelease();
        vm.prank(trader);
        escrows.proposeSplit(escrow, 1, PRICE);
        vm.prank(sellerKey);
        escrows.acceptSplit(escrow, 1, PRICE);
        assertBalances(PRICE, 0, EscrowState.CANCELLED);
    }

    function test_eachActHasItsParty() public {
        openRelease();
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotParty.selector, escrow, seller));
        escrows.payPart(escrow, 1, 1, EscrowReasons.PART_AGREED, EVIDENCE);
        Anchor memory a = anchor(1, LADING, RECORD);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotParty.selector, escrow, importer));
        escrows.present(escrow, 1, 0, RECORD, a, 0, new bytes32[](0));
    }

    /// @dev Who would lose the price cannot keep the other's act off by proposing: an offer moves no version.
    function test_split_proposalsOutrunNoAct() public {
        openRelease();
        for (uint128 i = 0; i < 3; ++i) {
            vm.prank(sellerKey);
            escrows.proposeSplit(escrow, 1, PRICE - i);
        }
        assertEq(escrows.escrowOf(escrow).proposedToSeller, PRICE - 2, "a later one replaces it");
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.ProposedBefore.selector, PRICE - 2));
        escrows.proposeSplit(escrow, 1, PRICE - 2);
        uint256 before = vm.snapshotState();
        vm.prank(trader);
        escrows.proposeSplit(escrow, 1, PRICE - 2);
        assertEq(escrows.escrowOf(escrow).proposer, importer, "the same from the other side is its own");
        vm.warp(timeout + 1);
        vm.prank(trader);
        escrows.refundAfterTimeout(escrow, 1);
        assertBalances(0, PRICE, EscrowState.REFUNDED);
        vm.revertToState(before);
        vm.prank(trader);
        escrows.dispute(escrow, 1, EscrowReasons.GOODS_NOT_AS_AGREED, EVIDENCE);
        vm.prank(sellerKey);
        escrows.proposeSplit(escrow, 2, PRICE);
        vm.prank(arbiterKey);
        escrows.arbitrate(escrow, 2, 0, EscrowReasons.AWARD, EVIDENCE);
        assertBalances(0, PRICE, EscrowState.RESOLVED);
    }
}
