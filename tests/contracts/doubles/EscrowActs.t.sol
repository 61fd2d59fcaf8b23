// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TradeEscrow} from "../../../contracts/TradeEscrow.sol";
import {EscrowCondition, RequiredDocument} from "../../../contracts/interfaces/ITradeEscrow.sol";
import {IReleaseSource} from "../../../contracts/interfaces/IReleaseSource.sol";
import {Anchor} from "../../../contracts/types/Document.sol";
import {EscrowReasons} from "../../../contracts/types/EscrowReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Twice} from "./Twice.sol";

/// @notice Acts of the escrow, each done twice; it is its own declaration registry, which has released everything.
contract EscrowActsTest is Twice, IReleaseSource {
    uint24 private constant LADING = 705_000;
    bytes32 private constant RECORD = keccak256("bill of lading");
    uint128 private constant PRICE = 10_000;

    TradeEscrow private escrows;
    uint64 private seller;
    uint64 private chamber;
    uint64 private carrier;
    address private sellerKey;
    address private arbiterKey;
    address private carrierKey;
    address private place;

    function releasedAt(bytes18) external pure returns (uint40) {
        return 1;
    }

    function setUp() public {
        deployDebts();
        (seller, chamber, carrier) = (admit(ALL_ROLES, 0), admit(ALL_ROLES, 0), admit(ALL_ROLES, 0));
        sellerKey = giveKey(seller, "seller", Roles.DECLARANT);
        arbiterKey = giveKey(chamber, "arbiter", Roles.CHAMBER);
        carrierKey = giveKey(carrier, "carrier", Roles.ISSUER);
        accredit(carrier, LADING);
        decide(address(directory), abi.encodeCall(directory.announce, ("DeclarationRegistry", address(this))));
        escrows = new TradeEscrow(
            address(forwarder),
            address(participants),
            address(documents),
            address(directory),
            address(token)
        );
        place = address(escrows);
        vm.prank(trader);
        token.approve(place, type(uint256).max);
    }

    function _open(bytes32 requestId, bool byDocument) private returns (bytes32 escrow) {
        bytes memory data = _opening(requestId, byDocument);
        twice("TradeEscrow.openEscrow", trader, place, data);
        return keccak256(abi.encode(importer, requestId));
    }

    function _opening(bytes32 requestId, bool byDocument) private view returns (bytes memory) {
        RequiredDocument[] memory required = new RequiredDocument[](byDocument ? 1 : 0);
        if (byDocument) required[0] = RequiredDocument(carrier, LADING);
        return
            abi.encodeCall(
                escrows.openEscrow,
                (
                    requestId,
                    seller,
                    chamber,
                    byDocument ? EscrowCondition.DOCUMENTS : EscrowCondition.RELEASE,
                    PRICE,
                    time40() + 100,
                    byDocument ? address(0) : address(this),
                    byDocument ? bytes18(0) : bytes18("27UZ1000000000001A"),
                    required,
                    EVIDENCE
                )
            );
    }

    /// @dev A batch of one: its root is the record's own id.
    function _anchored() private returns (Anchor memory) {
        uint256 head = (uint256(1) << 56) | (uint256(LADING) << 32) | 1;
        vm.prank(carrierKey);
        documents.anchor(head, RECORD, "manifest");
        uint256 h = (uint256(uint160(carrierKey)) << 96) | head;
        return Anchor(carrier, h, RECORD, "manifest", block.timestamp);
    }

    function test_release_twice() public {
        bytes32 escrow = _open("by release", false);
        uint16 part = EscrowReasons.PART_AGREED;
        twice("TradeEscrow.payPart", trader, place, abi.encodeCall(escrows.payPart, (escrow, 1, 10, part, EVIDENCE)));
        twice("TradeEscrow.claimRelease", sellerKey, place, abi.encodeCall(escrows.claimRelease, (escrow, 2)));
        twice("TradeEscrow.withdraw", sellerKey, place, abi.encodeCall(escrows.withdraw, ("out", PRICE, sellerKey)));
    }

    function test_documents_twice() public {
        bytes32 escrow = _open("by document", true);
        Anchor memory anchored = _anchored();
        bytes32[] memory path = new bytes32[](0);
        twice(
            "TradeEscrow.present",
            sellerKey,
            place,
            abi.encodeCall(escrows.present, (escrow, 1, 0, RECORD, anchored, 0, path))
        );
        twice("TradeEscrow.acceptDocuments", trader, place, abi.encodeCall(escrows.acceptDocuments, (escrow, 2)));
    }

    function test_disputeAndSplit_twice() public {
        bytes32 escrow = _open("disputed", true);
        uint16 why = EscrowReasons.NO_ANSWER;
        twice("TradeEscrow.dispute", trader, place, abi.encodeCall(escrows.dispute, (escrow, 1, why, EVIDENCE)));
        twice(
            "TradeEscrow.arbitrate",
            arbiterKey,
            place,
            abi.encodeCall(escrows.arbitrate, (escrow, 2, 6_000, EscrowReasons.AWARD, EVIDENCE))
        );
        escrow = _open("split", true);
        twice("TradeEscrow.proposeSplit", trader, place, abi.encodeCall(escrows.proposeSplit, (escrow, 1, 1_000)));
        twice("TradeEscrow.acceptSplit", sellerKey, place, abi.encodeCall(escrows.acceptSplit, (escrow, 1, 1_000)));
        escrow = _open("late", true);
        vm.warp(block.timestamp + 200);
        twice("TradeEscrow.refundAfterTimeout", trader, place, abi.encodeCall(escrows.refundAfterTimeout, (escrow, 1)));
    }
}
