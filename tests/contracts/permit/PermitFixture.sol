// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PermitRegistry} from "../../../contracts/PermitRegistry.sol";
import {PermitLine, PermitState} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Ledger} from "../support/Ledger.sol";

/// @title PermitFixture
/// @notice A core with a PermitRegistry, two agencies accredited for phytosanitary certificates, a trader, and an
///         address that governance lets use permits as a declaration registry does.
abstract contract PermitFixture is Ledger {
    uint24 internal constant PHYTO = 851_001;
    uint24 internal constant VETERINARY = 853_001;
    uint64 internal constant DECLARATION_REGISTRY = 1;
    uint64 internal constant CASE = (1 << 56) | 7;
    bytes32 internal constant TERMS = keccak256("terms");
    bytes32 internal constant EVIDENCE = keccak256("record");

    PermitRegistry internal permits;
    uint64 internal agency;
    uint64 internal otherAgency;
    uint64 internal importer;
    address internal officer;
    address internal otherOfficer;
    address internal trader;
    address internal registry;

    function deployPermits() internal {
        deployCore();
        permits = new PermitRegistry(address(manager), address(forwarder), address(participants));
        agency = admit(ALL_ROLES, 0);
        otherAgency = admit(ALL_ROLES, 0);
        importer = admit(ALL_ROLES, 0);
        officer = giveKey(agency, "agency officer", Roles.OGA);
        otherOfficer = giveKey(otherAgency, "other agency's officer", Roles.OGA);
        trader = giveKey(importer, "trader", Roles.DECLARANT);
        accredit(agency, PHYTO);
        accredit(otherAgency, PHYTO);
        (registry, ) = makeKey("declaration registry");
        bytes4[] memory uses = new bytes4[](4);
        (uses[0], uses[1]) = (permits.reserve.selector, permits.writeOff.selector);
        (uses[2], uses[3]) = (permits.unreserve.selector, permits.restore.selector);
        decide(
            address(manager),
            abi.encodeCall(manager.setTargetFunctionRole, (address(permits), uses, DECLARATION_REGISTRY))
        );
        decide(address(manager), abi.encodeCall(manager.grantRole, (DECLARATION_REGISTRY, registry, 0)));
    }

    function oneLine(uint96 authorised) internal pure returns (PermitLine[] memory lines) {
        lines = new PermitLine[](1);
        lines[0] = PermitLine(TERMS, authorised);
    }

    function issue(uint96 authorised, bool singleUse) internal returns (bytes32) {
        return issueUntil(authorised, singleUse, time40() + 1 days);
    }

    function issueUntil(uint96 authorised, bool singleUse, uint40 until) internal returns (bytes32) {
        bytes32 requestId = freshId();
        vm.prank(officer);
        return permits.issue(requestId, PHYTO, time40(), until, oneLine(authorised), singleUse, EVIDENCE, 0);
    }

    function replace(bytes32 permit, uint32 version, uint96 authorised) internal returns (bytes32) {
        bytes32 requestId = freshId();
        vm.prank(officer);
        return
            permits.replace(
                requestId,
                permit,
                version,
                time40(),
                time40() + 1 days,
                oneLine(authorised),
                107,
                EVIDENCE
            );
    }

    function one(bytes32 permit, uint16 item, uint96 quantity) internal pure returns (PermitUse[] memory uses) {
        uses = new PermitUse[](1);
        uses[0] = PermitUse(permit, item, 0, quantity, TERMS);
    }

    function reserve(bytes32 permit, uint64 caseId, uint16 item, uint96 quantity) internal {
        vm.prank(registry);
        permits.reserve(caseId, 1, one(permit, item, quantity), time40());
    }

    function writeOff(bytes32 permit, uint64 caseId, uint16 item, uint96 quantity) internal {
        vm.prank(registry);
        permits.writeOff(caseId, 1, one(permit, item, quantity));
    }

    function unreserve(bytes32 permit, uint64 caseId, uint16 item) internal {
        vm.prank(registry);
        permits.unreserve(caseId, 1, one(permit, item, 1));
    }

    function restore(bytes32 permit, uint64 caseId, uint16 item) internal {
        vm.prank(registry);
        permits.restore(caseId, 1, one(permit, item, 1));
    }

    function stateNow(bytes32 permit) internal view returns (PermitState) {
        return permits.stateAt(permit, time40());
    }

    function assertLine(bytes32 permit, uint96 available, uint96 reserved, uint96 writtenOff) internal view {
        (, uint96 a, uint96 r, uint96 w) = permits.lineOf(permit, 0);
        assertEq(a, available, "available");
        assertEq(r, reserved, "reserved");
        assertEq(w, writtenOff, "written off");
    }
}
