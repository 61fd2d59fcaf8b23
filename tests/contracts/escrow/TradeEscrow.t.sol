// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TradeEscrow} from "../../../contracts/TradeEscrow.sol";
import {IReleaseSource} from "../../../contracts/interfaces/IReleaseSource.sol";
import {
    Escrow,
    EscrowCondition,
    EscrowState,
    ITradeEscrow,
    RequiredDocument
} from "../../../contracts/interfaces/ITradeEscrow.sol";
import {EscrowAction, EscrowTransitions} from "../../../contracts/libraries/EscrowTransitions.sol";
import {Anchor} from "../../../contracts/types/Document.sol";
import {AlreadyDone, UnknownReason, WrongVersion} from "../../../contracts/types/Errors.sol";
import {EscrowReasons} from "../../../contracts/types/EscrowReasons.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {DebtFixture} from "../debt/DebtFixture.sol";
import {FeeToken, ReentrantToken, WholeToken} from "../debt/HostileTokens.sol";

/// @notice A declaration registry's answer to an escrow, settable.
contract Releases is IReleaseSource {
    mapping(bytes18 mrn => uint40) public releasedAt;

    function release(bytes18 mrn) external {
        releasedAt[mrn] = uint40(block.timestamp);
    }
}

/// @dev The price leaves by the table of {ITradeEscrow} alone, into the parties' balances, to the last unit.
contract TradeEscrowTest is DebtFixture {
    bytes32 private constant REQUEST = keccak256("request");
    bytes18 private constant MRN = "27UZ1000000000001A";
    uint24 private constant LADING = 705_000;
    bytes32 private constant RECORD = keccak256("bill of lading");
    uint128 private constant PRICE = 10_000;

    TradeEscrow private escrows;
    Releases private releases;
    uint64 private seller;
    uint64 private chamber;
    uint64 private carrier;
    address private sellerKey;
    address private arbiterKey;
    address private carrierKey;
    uint40 private timeout;
    bytes32 private escrow;

    function setUp() public {
        deployDebts();
        seller = admit(ALL_ROLES, 0);
        chamber = admit(ALL_ROLES, 0);
        carrier = admit(ALL_ROLES, 0);
        sellerKey = giveKey(seller, "seller", Roles.DECLARANT);
        arbiterKey = giveKey(chamber, "arbiter", Roles.CHAMBER);
        carrierKey = giveKey(carrier, "carrier", Roles.ISSUER);
        accredit(carrier, LADING);
        releases = new Releases();
        decide(address(directory), abi.encodeCall(directory.announce, ("DeclarationRegistry", address(releases))));
        escrows = deployEscrow(address(token));
        vm.prank(trader);
        token.approve(address(escrows), type(uint256).max);
        timeout = time40() + 100;
    }

    function deployEscrow(address money) private returns (TradeEscrow) {
        return
            new TradeEscrow(address(forwarder), address(participants), address(documents), address(directory), money);
    }

    function openRelease() private {
        RequiredDocument[] memory none = new RequiredDocument[](0);
        vm.prank(trader);
        escrow = escrows.openEscrow(
            REQUEST,
            seller,
            chamber,
            EscrowCondition.RELEASE,
            PRICE,
            timeout,
            address(releases),
            MRN,
            none,
            EVIDENCE
        );
    }

    function openDocuments(uint256 count) private {
        vm.prank(trader);
        escrow = escrows.openEscrow(
            REQUEST,
            seller,
            chamber,
            EscrowCondition.DOCUMENTS,
            PRICE,
            timeout,
            address(0),
            0,
            lading(count),
            EVIDENCE
        );
    }

    function lading(uint256 count) private view returns (RequiredDocument[] memory required) {
        required = new RequiredDocument[](count);
        for (uint256 i = 0; i < count; ++i) {
            required[i] = RequiredDocument(carrier, LADING);
        }
    }

    /// @dev A batch of one: its root is the record's own id.
    function anchor(uint40 seq, uint24 docType, bytes32 record) private returns (Anchor memory made) {
        uint256 head = (uint256(seq) << 56) | (uint256(docType) << 32) | 1;
        vm.prank(carrierKey);
        documents.anchor(head, record, keccak256("manifest"));
        return
            Anchor(
                carrier,
                (uint256(uint160(carrierKey)) << 96) | head,
                record,
                keccak256("manifest"),
                block.timestamp
            );
    }

    function present(uint32 version, uint8 requirement, bytes32 record, Anchor memory a) private {
        vm.prank(sellerKey);
        escrows.present(escrow, version, requirement, record, a, 0, new bytes32[](0));
    }

    function expectPresent(
        uint32 version,
        uint8 requirement,
        bytes32 record,
        Anchor memory a,
        bytes memory refusal
    ) private {
        vm.prank(sellerKey);
        vm.expectRevert(refusal);
        escrows.present(escrow, version, requirement, record, a, 0, new bytes32[](0));
    }

    function presented() private {
        openDocuments(1);
        present(1, 0, RECORD, anchor(1, LADING, RECORD));
    }

    function assertBalances(uint128 ofSeller, uint128 ofBuyer, EscrowState state) private view {
        assertEq(escrows.balanceOf(seller), ofSeller, "seller");
        assertEq(escrows.balanceOf(importer), ofBuyer, "buyer");
        Escrow memory held = escrows.escrowOf(escrow);
        assertEq(uint8(held.state), uint8(state), "state");
        assertEq(
            token.balanceOf(address(escrows)),
            uint256(ofSeller) + ofBuyer + held.amount,
            "tokens = balances + held"
        );
    }

    function forbids(EscrowState state) private view returns (bytes memory) {
        return abi.encodeWithSelector(ITradeEscrow.EscrowStateForbids.selector, escrow, state);
    }

    // ----- opening

    function test_open_keepsTellsAndTakesThePrice() public {
        openRelease();
        assertEq(escrow, keccak256(abi.encode(importer, REQUEST)), "key");
        Escrow memory held = escrows.escrowOf(escrow);
        assertEq(held.buyer, importer, "buyer");
        assertEq(held.seller, seller, "seller");
        assertEq(held.arbiter, chamber, "arbiter");
        assertEq(held.timeout, timeout, "timeout");
        assertTrue(held.mrn == MRN && held.registry == address(releases), "condition");
        assertBalances(0, 0, EscrowState.FUNDED);
        assertEq(token.balanceOf(trader), 1_000_000 - PRICE, "paid in");
        RequiredDocument[] memory none = new RequiredDocument[](0);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, escrow));
        escrows.openEscrow(
            REQUEST,
            seller,
            chamber,
            EscrowCondition.RELEASE,
            PRICE,
            timeout,
            address(releases),
            MRN,
            none,
            EVIDENCE
        );
    }

    function test_open_tellsTermsAndDocuments() public {
        Escrow memory terms = Escrow(
            importer,
            seller,
            chamber,
            EscrowState.FUNDED,
            EscrowCondition.DOCUMENTS,
            timeout,
            1,
            2,
            0,
            PRICE,
            0,
            0,
            0,
            address(0),
            0
        );
        bytes32 key = keccak256(abi.encode(importer, REQUEST));
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.EscrowOpened(key, 1, trader, importer, seller, terms, EVIDENCE);
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.DocumentsRequired(key, lading(2));
        openDocuments(2);
        assertEq(escrows.requiredOf(escrow).length, 2, "documents kept");
    }

    function test_open_oneDocumentOrSixteen() public {
        vm.expectEmit(address(escrows));
        emit ITradeEscrow.DocumentsRequired(keccak256(abi.encode(importer, REQUEST)), lading(1));
        openDocuments(1);
        RequiredDocument[] memory most = lading(16);
        vm.prank(trader);
        bytes32 other = escrows.openEscrow(
            "most",
            seller,
            chamber,
            EscrowCondition.DOCUMENTS,
            PRICE,
            timeout,
            address(0),
            0,
            most,
            EVIDENCE
        );
        assertEq(escrows.requiredOf(other).length, 16, "the most there may be");
    }

    function test_open_refusals() public {
        RequiredDocument[] memory none = new RequiredDocument[](0);
        EscrowCondition release = EscrowCondition.RELEASE;
        EscrowCondition docs = EscrowCondition.DOCUMENTS;
        address listed = address(releases);
        expectOpen(
            importer,
            chamber,
            release,
            1,
            timeout,
            listed,
            none,
            abi.encodeWithSelector(ITradeEscrow.BadParties.selector, importer, importer, chamber)
        );
        expectOpen(
            seller,
            seller,
            release,
            1,
            timeout,
            listed,
            none,
            abi.encodeWithSelector(ITradeEscrow.BadParties.selector, importer, seller, seller)
        );
        expectOpen(
            seller,
            importer,
            release,
            1,
            timeout,
            listed,
            none,
            abi.encodeWithSelector(ITradeEscrow.BadParties.selector, importer, seller, importer)
        );
        expectOpen(
            999,
            chamber,
            release,
            1,
            timeout,
            listed,
            none,
            abi.encodeWithSelector(ITradeEscrow.BadParties.selector, importer, 999, chamber)
        );
        expectOpen(
            seller,
            999,
            release,
            1,
            timeout,
            listed,
            none,
            abi.encodeWithSelector(ITradeEscrow.BadParties.selector, importer, seller, 999)
        );
        expectOpen(
            seller,
            chamber,
            release,
            0,
            timeout,
            listed,
            none,
            abi.encodeWithSelector(ITradeEscrow.ZeroAmount.selector)
        );
        expectOpen(
            seller,
            chamber,
            release,
            1,
            time40(),
            listed,
            none,
            abi.encodeWithSelector(ITradeEscrow.BadTimeout.selector, time40(), block.timestamp)
        );
        expectOpen(
            seller,
            chamber,
            release,
            1,
            timeout,
            trader,
            none,
            abi.encodeWithSelector(ITradeEscrow.RegistryNotListed.selector, trader)
        );
        expectOpen(
            seller,
            chamber,
            release,
            1,
            timeout,
            listed,
            lading(1),
            abi.encodeWithSelector(ITradeEscrow.BadRequirements.selector, 1, 0)
        );
        expectOpen(
            seller,
            0,
            docs,
            1,
            timeout,
            address(0),
            lading(1),
            abi.encodeWithSelector(ITradeEscrow.ArbiterNeeded.selector)
        );
        expectOpen(
            seller,
            chamber,
            docs,
            1,
            timeout,
            address(0),
            none,
            abi.encodeWithSelector(ITradeEscrow.BadRequirements.selector, 0, 16)
        );
        expectOpen(
            seller,
            chamber,
            docs,
            1,
            timeout,
            address(0),
            lading(17),
            abi.encodeWithSelector(ITradeEscrow.BadRequirements.selector, 17, 16)
        );
        expectOpen(
            seller,
            chamber,
            docs,
            1,
            timeout,
            listed,
            lading(1),
            abi.encodeWithSelector(ITradeEscrow.RegistryNotListed.selector, listed)
        );
    }

    function expectOpen(
        uint64 seller_,
        uint64 arbiter,
        EscrowCondition condition,
        uint128 amount,
        uint40 until,
        address registry_,
        RequiredDocument[] memory required,
        bytes memory refusal
    ) private {
        vm.prank(trader);
        vm.expectRevert(refusal);
        escrows.openEscrow(REQUEST, seller_, arbiter, condition, amount, until, registry_, MRN, required, EVIDENCE);
    }

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

    // ----- the table

    function test_next_isTheTableAndNothingElse() public pure {
        // one row per state from NONE to CANCELLED, one digit per action: 1 allowed
        string[8] memory table = [
            "000000000",
            "111010111",
            "100110011",
            "000001011",
            "000000000",
            "000000000",
            "000000000",
            "000000000"
        ];
        for (uint8 s = 0; s <= uint8(EscrowState.CANCELLED); ++s) {
            for (uint8 a = 0; a <= uint8(EscrowAction.SPLIT); ++a) {
                (bool allowed, EscrowState to) = EscrowTransitions.next(EscrowState(s), EscrowAction(a));
                assertTrue(allowed == (bytes(table[s])[a] == "1"), "a row of the table");
                if (!allowed) assertEq(uint8(to), s, "a refused pair moves nothing");
            }
        }
    }
}
