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
import {Anchor} from "../../../contracts/types/Document.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {DebtFixture} from "../debt/DebtFixture.sol";

/// @notice A declaration registry's answer to an escrow, settable.
contract Releases is IReleaseSource {
    mapping(bytes18 mrn => uint40) public releasedAt;

    function release(bytes18 mrn) external {
        releasedAt[mrn] = uint40(block.timestamp);
    }
}

/// @title EscrowFixture
/// @notice An escrow between the importer and a seller, with a chamber as arbiter, a carrier that anchors bills of lading
///         and a declaration registry that a test answers for.
abstract contract EscrowFixture is DebtFixture {
    bytes32 internal constant REQUEST = keccak256("request");
    bytes18 internal constant MRN = "27UZ1000000000001A";
    uint24 internal constant LADING = 705_000;
    bytes32 internal constant RECORD = keccak256("bill of lading");
    uint128 internal constant PRICE = 10_000;

    TradeEscrow internal escrows;
    Releases internal releases;
    uint64 internal seller;
    uint64 internal chamber;
    uint64 internal carrier;
    address internal sellerKey;
    address internal arbiterKey;
    address internal carrierKey;
    uint40 internal timeout;
    bytes32 internal escrow;

    function setUp() public virtual {
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

    function deployEscrow(address money) internal returns (TradeEscrow) {
        return
            new TradeEscrow(address(forwarder), address(participants), address(documents), address(directory), money);
    }

    function openRelease() internal {
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

    function openDocuments(uint256 count) internal {
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

    function lading(uint256 count) internal view returns (RequiredDocument[] memory required) {
        required = new RequiredDocument[](count);
        for (uint256 i = 0; i < count; ++i) {
            required[i] = RequiredDocument(carrier, LADING);
        }
    }

    /// @dev A batch of one: its root is the record's own id.
    function anchor(uint40 seq, uint24 docType, bytes32 record) internal returns (Anchor memory made) {
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

    function present(uint32 version, uint8 requirement, bytes32 record, Anchor memory a) internal {
        vm.prank(sellerKey);
        escrows.present(escrow, version, requirement, record, a, 0, new bytes32[](0));
    }

    function expectPresent(
        uint32 version,
        uint8 requirement,
        bytes32 record,
        Anchor memory a,
        bytes memory refusal
    ) internal {
        vm.prank(sellerKey);
        vm.expectRevert(refusal);
        escrows.present(escrow, version, requirement, record, a, 0, new bytes32[](0));
    }

    function presented() internal {
        openDocuments(1);
        present(1, 0, RECORD, anchor(1, LADING, RECORD));
    }

    function assertBalances(uint128 ofSeller, uint128 ofBuyer, EscrowState state) internal view {
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

    function forbids(EscrowState state) internal view returns (bytes memory) {
        return abi.encodeWithSelector(ITradeEscrow.EscrowStateForbids.selector, escrow, state);
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
    ) internal {
        vm.prank(trader);
        vm.expectRevert(refusal);
        escrows.openEscrow(REQUEST, seller_, arbiter, condition, amount, until, registry_, MRN, required, EVIDENCE);
    }
}
