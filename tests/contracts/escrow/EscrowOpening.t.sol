// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Escrow,
    EscrowCondition,
    EscrowState,
    ITradeEscrow,
    RequiredDocument
} from "../../../contracts/interfaces/ITradeEscrow.sol";
import {AlreadyDone} from "../../../contracts/types/Errors.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @dev What an escrow is opened with: its price is taken at once, its terms are told and bounded.
contract EscrowOpeningTest is EscrowFixture {
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
}
