// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IActForwarder, SignedAct} from "../../../contracts/interfaces/IActForwarder.sol";
import {
    AgencyDecision,
    DeclarationStatus,
    ItemDecision,
    Lodgement,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {WrongOffice} from "../../../contracts/types/Errors.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Acts signed by their actors and carried by anyone: a struct, lists of structs, and plain fields.
contract RelayedTest is Declarations {
    string internal constant LODGEMENT =
        "Lodgement(bytes32 lrnMac,bytes32 dataRecord,uint64 importer,uint64 carrier,uint24 office,uint16 regime,"
        "uint16 itemCount,uint8 representation)";
    string internal constant LODGE =
        "Lodge(address actor,bytes32 requestId,Lodgement lodgement,uint256 nonce,uint40 deadline,uint32 gas)";
    string internal constant ITEM_AGENCY = "ItemAgency(uint16 item,uint64 agency,uint16 checkCode)";
    string internal constant PERMIT_USE =
        "PermitUse(bytes32 permit,uint16 item,uint8 line,uint96 quantity,bytes32 terms)";
    string internal constant ACCEPT =
        "Accept(address actor,uint64 caseId,uint32 expectedVersion,uint32 ruleVersion,ItemAgency[] agencies,"
        "PermitUse[] uses,uint16 reason,bytes32 evidence,uint256 nonce,uint40 deadline,uint32 gas)";
    string internal constant ITEM_DECISION =
        "ItemDecision(uint16 item,uint16 checkCode,uint8 decision,uint40 validUntil)";
    string internal constant DECIDE_ITEMS =
        "DecideItems(address actor,uint64 caseId,uint32 expectedVersion,uint16 version,ItemDecision[] decisions,"
        "uint16 reason,bytes32 evidence,uint256 nonce,uint40 deadline,uint32 gas)";

    uint256 internal nonce;

    function setUp() public {
        deployDeclarations();
        bytes4[] memory selectors = new bytes4[](3);
        string[] memory types = new string[](3);
        bytes[] memory layouts = new bytes[](3);
        selectors[0] = registry.lodge.selector;
        types[0] = string.concat(LODGE, LODGEMENT);
        layouts[0] = abi.encodePacked(hex"0004", keccak256(bytes(LODGEMENT)), uint8(8));
        selectors[1] = registry.accept.selector;
        types[1] = string.concat(ACCEPT, ITEM_AGENCY, PERMIT_USE);
        layouts[1] = abi.encodePacked(
            hex"00000003",
            keccak256(bytes(ITEM_AGENCY)),
            uint8(3),
            hex"03",
            keccak256(bytes(PERMIT_USE)),
            uint8(5),
            hex"0000"
        );
        selectors[2] = registry.decideItems.selector;
        types[2] = string.concat(DECIDE_ITEMS, ITEM_DECISION);
        layouts[2] = abi.encodePacked(hex"00000003", keccak256(bytes(ITEM_DECISION)), uint8(4), hex"0000");
        decide(
            address(forwarder),
            abi.encodeCall(forwarder.setActTypes, (address(registry), selectors, types, layouts))
        );
    }

    /// @dev Signs with the key that `makeKey(name)` made.
    function _signed(string memory name, bytes memory data) private returns (SignedAct memory signed) {
        uint256 secret = uint256(keccak256(bytes(name)));
        signed = SignedAct(address(registry), vm.addr(secret), ++nonce, time40() + 60, 2_000_000, data, "");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, forwarder.actId(signed));
        signed.signature = abi.encodePacked(r, s, v);
    }

    function _carry(string memory name, bytes memory data) private returns (bool) {
        return forwarder.execute(_signed(name, data));
    }

    function test_signedActs_areTheSigners() public {
        bytes32 permit = issuePermit(100);
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        assertTrue(_carry("broker", abi.encodeCall(registry.lodge, ("r", what))), "lodged");
        uint64 id = registry.caseOfRequest(keccak256(abi.encode(brokerage, bytes32("r"))));
        assertStatus(id, DeclarationStatus.LODGED, "lodged");
        assertTrue(
            _carry(
                "officer",
                abi.encodeCall(
                    registry.accept,
                    (id, 1, ruleVersion, checksFor(1, 1), usesFor(permit, 1, 1, 60), REGULAR, EVIDENCE)
                )
            ),
            "accepted"
        );
        ItemDecision[] memory pass = decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER);
        assertTrue(
            _carry("phyto", abi.encodeCall(registry.decideItems, (id, 0, 1, pass, REGULAR, EVIDENCE))),
            "decided"
        );
        assertEq(uint8(registry.checks(id, 1)[0].decision), uint8(AgencyDecision.RELEASE), "by the signer");
        assertBalance(permit, 40, 60, 0, "reserved");
    }

    function test_signedAct_ofAnotherOffice_isRefusedWithItsReason() public {
        uint64 id = lodge(1);
        SignedAct memory signed = _signed(
            "far officer",
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE))
        );
        bytes32 actId = forwarder.actId(signed);
        vm.expectEmit(address(forwarder));
        emit IActForwarder.ActRefused(
            actId,
            farOfficer,
            address(registry),
            registry.accept.selector,
            signed.nonce,
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE)
        );
        assertFalse(forwarder.execute(signed), "refused");
        assertStatus(id, DeclarationStatus.LODGED, "as before");
    }

    function test_actorAppendedByAnyoneElse_isNotBelieved() public {
        uint64 id = lodge(1);
        bytes memory forged = abi.encodePacked(
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            officer
        );
        vm.prank(trader);
        (bool done, ) = address(registry).call(forged);
        assertFalse(done, "not believed");
        assertStatus(id, DeclarationStatus.LODGED, "as before");
    }
}
