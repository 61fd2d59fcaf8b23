// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EscrowCondition, EscrowState, ITradeEscrow} from "../../../contracts/interfaces/ITradeEscrow.sol";
import {Anchor} from "../../../contracts/types/Document.sol";
import {WrongVersion} from "../../../contracts/types/Errors.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @dev The price waits for a release, or for documents, and for nothing else; past its timeout the buyer has it back.
contract EscrowConditionsTest is EscrowFixture {
    // ----- bound to a release

    function test_claimRelease_onceTheGoodsAreReleased() public {
        openRelease();
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotReleased.selector, MRN));
        escrows.claimRelease(escrow, 1);
        releases.release(MRN);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotParty.selector, escrow, importer));
        escrows.claimRelease(escrow, 1);
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 2, 1));
        escrows.claimRelease(escrow, 2);
        vm.warp(timeout + 1); // past the timeout a released MRN still pays the seller
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.ReleasedAlready.selector, MRN));
        escrows.refundAfterTimeout(escrow, 1);
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.EscrowMoved(escrow, 2, sellerKey, EscrowState.PAID, PRICE, 0, 0, 0);
        vm.prank(sellerKey);
        escrows.claimRelease(escrow, 1);
        assertBalances(PRICE, 0, EscrowState.PAID);
        vm.prank(sellerKey);
        vm.expectRevert(forbids(EscrowState.PAID));
        escrows.claimRelease(escrow, 2);
    }

    function test_refund_onlyAfterTheLastSecond() public {
        openRelease();
        vm.warp(timeout);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.TooEarly.selector, timeout));
        escrows.refundAfterTimeout(escrow, 1);
        vm.warp(timeout + 1);
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotParty.selector, escrow, seller));
        escrows.refundAfterTimeout(escrow, 1);
        vm.prank(trader);
        escrows.refundAfterTimeout(escrow, 1);
        assertBalances(0, PRICE, EscrowState.REFUNDED);
        vm.prank(sellerKey);
        vm.expectRevert(forbids(EscrowState.REFUNDED));
        escrows.claimRelease(escrow, 2);
    }

    function test_refund_ofDocumentsThatNeverCame() public {
        openDocuments(1);
        vm.warp(timeout + 1);
        vm.prank(trader);
        escrows.refundAfterTimeout(escrow, 1);
        assertBalances(0, PRICE, EscrowState.REFUNDED);
    }

    function test_wrongConditionIsRefused() public {
        openDocuments(1);
        vm.prank(sellerKey);
        vm.expectRevert(
            abi.encodeWithSelector(ITradeEscrow.WrongCondition.selector, escrow, EscrowCondition.DOCUMENTS)
        );
        escrows.claimRelease(escrow, 1);
    }

    function test_unknownEscrow() public {
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.UnknownEscrow.selector, bytes32("none")));
        escrows.claimRelease("none", 1);
    }

    // ----- bound to documents

    function test_present_thenAccept() public {
        openDocuments(2);
        Anchor memory first = anchor(1, LADING, RECORD);
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.DocumentPresented(escrow, 2, sellerKey, 1, RECORD, EscrowState.FUNDED);
        present(1, 1, RECORD, first);
        expectPresent(2, 1, RECORD, first, abi.encodeWithSelector(ITradeEscrow.PresentedBefore.selector, 1));
        vm.prank(trader);
        vm.expectRevert(forbids(EscrowState.FUNDED));
        escrows.acceptDocuments(escrow, 2);
        expectPresent(2, 0, RECORD, first, abi.encodeWithSelector(ITradeEscrow.RecordPresented.selector, RECORD));
        bytes32 other = keccak256("second");
        Anchor memory second = anchor(2, LADING, other);
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.DocumentPresented(escrow, 3, sellerKey, 0, other, EscrowState.PRESENTED);
        present(2, 0, other, second);
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotParty.selector, escrow, seller));
        escrows.acceptDocuments(escrow, 3);
        vm.prank(trader);
        escrows.acceptDocuments(escrow, 3);
        assertBalances(PRICE, 0, EscrowState.PAID);
    }

    function test_present_refusals() public {
        openDocuments(1);
        Anchor memory good = anchor(1, LADING, RECORD);
        accredit(carrier, 740_000);
        Anchor memory otherType = anchor(2, 740_000, RECORD);
        expectPresent(
            1,
            0,
            RECORD,
            otherType,
            abi.encodeWithSelector(ITradeEscrow.WrongDocument.selector, carrier, 740_000)
        );
        Anchor memory ofAnother = Anchor(importer, good.h, good.root, good.manifest, good.time);
        expectPresent(
            1,
            0,
            RECORD,
            ofAnother,
            abi.encodeWithSelector(ITradeEscrow.WrongDocument.selector, importer, LADING)
        );
        expectPresent(1, 1, RECORD, good, abi.encodeWithSelector(ITradeEscrow.UnknownRequirement.selector, 1));
        expectPresent(1, 0, "other", good, abi.encodeWithSelector(ITradeEscrow.NotAnchored.selector, bytes32("other")));
        Anchor memory forged = Anchor(good.issuer, good.h, good.root, good.manifest, good.time + 1);
        expectPresent(1, 0, RECORD, forged, abi.encodeWithSelector(ITradeEscrow.NotAnchored.selector, RECORD));
        vm.prank(sellerKey);
        vm.expectRevert(abi.encodeWithSelector(ITradeEscrow.NotAnchored.selector, RECORD));
        escrows.present(escrow, 1, 0, RECORD, good, 0, new bytes32[](21));
        vm.prank(carrierKey);
        documents.revoke(carrier, RECORD, 0, Reasons.ERROR, 0);
        expectPresent(1, 0, RECORD, good, abi.encodeWithSelector(ITradeEscrow.NotInForce.selector, RECORD));
        vm.warp(timeout + 1);
        expectPresent(1, 0, RECORD, good, abi.encodeWithSelector(ITradeEscrow.TooLate.selector, timeout));
    }

    function test_present_notForARelease() public {
        openRelease();
        Anchor memory good = anchor(1, LADING, RECORD);
        expectPresent(
            1,
            0,
            RECORD,
            good,
            abi.encodeWithSelector(ITradeEscrow.WrongCondition.selector, escrow, EscrowCondition.RELEASE)
        );
    }

    function test_presentedIsNotRefundedByTimeout() public {
        presented();
        vm.warp(timeout + 1);
        vm.prank(trader);
        vm.expectRevert(forbids(EscrowState.PRESENTED));
        escrows.refundAfterTimeout(escrow, 2);
    }

    function test_present_inTheLastSecond() public {
        openDocuments(1);
        Anchor memory a = anchor(1, LADING, RECORD);
        vm.warp(timeout);
        present(1, 0, RECORD, a);
        assertBalances(0, 0, EscrowState.PRESENTED);
    }

    /// @dev The largest batch has 2²⁰ documents, so the longest path 20 nodes.
    function test_present_fromTheLargestBatch() public {
        openDocuments(1);
        bytes32[] memory path = new bytes32[](20);
        bytes32 root = RECORD;
        for (uint256 i = 0; i < 20; ++i) {
            path[i] = keccak256(abi.encode(i));
            root = sha256(abi.encodePacked(bytes1(0x01), root, path[i]));
        }
        uint256 head = (uint256(1) << 56) | (uint256(LADING) << 32) | (1 << 20);
        vm.prank(carrierKey);
        documents.anchor(head, root, keccak256("manifest"));
        uint256 h = (uint256(uint160(carrierKey)) << 96) | head;
        Anchor memory a = Anchor(carrier, h, root, keccak256("manifest"), block.timestamp);
        vm.prank(sellerKey);
        escrows.present(escrow, 1, 0, RECORD, a, 0, path);
        assertBalances(0, 0, EscrowState.PRESENTED);
    }
}
