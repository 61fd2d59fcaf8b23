// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PermitRegistry} from "../../../contracts/PermitRegistry.sol";
import {PermitLine} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Twice} from "./Twice.sol";

/// @notice Acts on authorisations, documents and permits, each done twice.
contract PaperActsTest is Twice {
    uint24 private constant PHYTO = 851_001;
    bytes32 private constant RECORD = keccak256("a record");
    bytes2 private constant ABROAD = "GB";
    bytes32 private constant FOREIGN = keccak256("foreign operator");

    PermitRegistry private permits;
    uint64 private agency;
    uint64 private successor;
    address private officer;
    address private aeoOfficer2;

    function setUp() public {
        deployDebts();
        permits = new PermitRegistry(address(manager), address(forwarder), address(participants));
        agency = admit(ALL_ROLES, 0);
        successor = admit(ALL_ROLES, 0);
        officer = giveKey(agency, "agency officer", Roles.OGA | Roles.ISSUER);
        aeoOfficer2 = giveKey(customs, "second of the aeo unit", Roles.AEO_UNIT);
        accredit(agency, PHYTO);
        bytes4[] memory uses = new bytes4[](4);
        (uses[0], uses[1]) = (permits.reserve.selector, permits.writeOff.selector);
        (uses[2], uses[3]) = (permits.unreserve.selector, permits.restore.selector);
        decide(
            address(manager),
            abi.encodeCall(manager.setTargetFunctionRole, (address(permits), uses, DECLARATION_REGISTRY))
        );
    }

    function test_aeo_twice() public {
        address place = address(authorisations);
        uint16 why = Reasons.COMPLIANCE;
        twice(
            "AuthorisationRegistry.applyForAeo",
            trader,
            place,
            abi.encodeCall(authorisations.applyForAeo, ("aeo", EVIDENCE))
        );
        _aeo("AuthorisationRegistry.reviewAeo", abi.encodeCall(authorisations.reviewAeo, (importer, 1, EVIDENCE)));
        _aeo(
            "AuthorisationRegistry.grantAeo",
            abi.encodeCall(authorisations.grantAeo, (importer, 2, 1, 1, time40(), FOREVER, EVIDENCE))
        );
        _aeo(
            "AuthorisationRegistry.suspendAeo",
            abi.encodeCall(authorisations.suspendAeo, (importer, 3, why, EVIDENCE))
        );
        _aeo(
            "AuthorisationRegistry.reinstateAeo",
            abi.encodeCall(authorisations.reinstateAeo, (importer, 4, Reasons.CLEARED, EVIDENCE))
        );
        _aeo(
            "AuthorisationRegistry.proposeAeoRevocation",
            abi.encodeCall(authorisations.proposeAeoRevocation, (importer, 5, time40() + 1, why, EVIDENCE))
        );
        twice(
            "AuthorisationRegistry.confirmAeoRevocation",
            aeoOfficer2,
            place,
            abi.encodeCall(authorisations.confirmAeoRevocation, (importer, 6))
        );
        vm.warp(block.timestamp + 5);
        vm.prank(trader);
        authorisations.applyForAeo("again", EVIDENCE);
        vm.prank(aeoOfficer);
        authorisations.reviewAeo(importer, 8, EVIDENCE);
        _aeo("AuthorisationRegistry.refuseAeo", abi.encodeCall(authorisations.refuseAeo, (importer, 9, why, EVIDENCE)));
        vm.prank(trader);
        authorisations.applyForAeo("third", EVIDENCE);
        twice(
            "AuthorisationRegistry.withdrawAeo",
            trader,
            place,
            abi.encodeCall(authorisations.withdrawAeo, (11, EVIDENCE))
        );
        _aeo(
            "AuthorisationRegistry.recognizeForeignAeo",
            abi.encodeCall(
                authorisations.recognizeForeignAeo,
                ("mra", ABROAD, FOREIGN, 1, 1, time40(), FOREVER, EVIDENCE)
            )
        );
        _aeo(
            "AuthorisationRegistry.endForeignAeo",
            abi.encodeCall(authorisations.endForeignAeo, (ABROAD, FOREIGN, 1, why, EVIDENCE))
        );
    }

    function _aeo(string memory what, bytes memory data) private {
        twice(what, aeoOfficer, address(authorisations), data);
    }

    function test_brokers_twice() public {
        uint16 why = Reasons.COMPLIANCE;
        _aeo(
            "AuthorisationRegistry.licenseBroker",
            abi.encodeCall(authorisations.licenseBroker, (broker, 0, time40(), FOREVER, EVIDENCE))
        );
        _aeo(
            "AuthorisationRegistry.suspendLicence",
            abi.encodeCall(authorisations.suspendLicence, (broker, 1, why, EVIDENCE))
        );
        _aeo(
            "AuthorisationRegistry.reinstateLicence",
            abi.encodeCall(authorisations.reinstateLicence, (broker, 2, Reasons.CLEARED, EVIDENCE))
        );
        address place = address(authorisations);
        twice(
            "AuthorisationRegistry.grantPower",
            trader,
            place,
            abi.encodeCall(authorisations.grantPower, ("power", broker, 7, time40(), FOREVER, EVIDENCE))
        );
        twice(
            "AuthorisationRegistry.revokePower",
            trader,
            place,
            abi.encodeCall(authorisations.revokePower, (broker, 1, Reasons.OWN_REQUEST))
        );
        _aeo(
            "AuthorisationRegistry.revokeLicence",
            abi.encodeCall(authorisations.revokeLicence, (broker, 3, why, EVIDENCE))
        );
    }

    function test_documents_twice() public {
        address place = address(documents);
        uint256 head = (uint256(1) << 56) | (uint256(PHYTO) << 32) | 1;
        uint16 why = Reasons.ERROR;
        _paper("DocumentRegistry.anchor", place, abi.encodeCall(documents.anchor, (head, RECORD, "manifest")));
        _paper(
            "DocumentRegistry.suspend",
            place,
            abi.encodeCall(documents.suspend, (agency, RECORD, 0, why, EVIDENCE))
        );
        _paper(
            "DocumentRegistry.reinstate",
            place,
            abi.encodeCall(documents.reinstate, (agency, RECORD, 1, why, EVIDENCE))
        );
        _paper("DocumentRegistry.revoke", place, abi.encodeCall(documents.revoke, (agency, RECORD, 2, why, EVIDENCE)));
        _paper(
            "DocumentRegistry.supersede",
            place,
            abi.encodeCall(documents.supersede, (agency, "old", 0, why, RECORD))
        );
        _paper("DocumentRegistry.orderErasure", place, abi.encodeCall(documents.orderErasure, ("old", why, EVIDENCE)));
        _paper("DocumentRegistry.grantAccess", place, abi.encodeCall(documents.grantAccess, (EVIDENCE)));
    }

    function _paper(string memory what, address place, bytes memory data) private {
        twice(what, officer, place, data);
    }

    function _lines(uint96 authorised) private pure returns (PermitLine[] memory lines) {
        lines = new PermitLine[](1);
        lines[0] = PermitLine("terms", authorised);
    }

    function test_permits_twice() public {
        address place = address(permits);
        bytes32 application = keccak256(abi.encode(importer, bytes32("apply")));
        bytes32 permit = keccak256(abi.encode(agency, bytes32("issue")));
        uint40 until = time40() + 30 days;
        twice(
            "PermitRegistry.applyFor",
            trader,
            place,
            abi.encodeCall(permits.applyFor, ("apply", PHYTO, agency, EVIDENCE))
        );
        _paper(
            "PermitRegistry.issue",
            place,
            abi.encodeCall(permits.issue, ("issue", PHYTO, time40(), until, _lines(100), false, EVIDENCE, application))
        );
        vm.prank(trader);
        permits.applyFor("second", PHYTO, agency, EVIDENCE);
        application = keccak256(abi.encode(importer, bytes32("second")));
        _paper(
            "PermitRegistry.refuse",
            place,
            abi.encodeCall(permits.refuse, (application, 1, PermitReasons.QUOTA, EVIDENCE))
        );
        _uses(permit);
        _paper(
            "PermitRegistry.suspend",
            place,
            abi.encodeCall(permits.suspend, (permit, 1, PermitReasons.HAZARD, EVIDENCE))
        );
        _paper(
            "PermitRegistry.reinstate",
            place,
            abi.encodeCall(permits.reinstate, (permit, 2, PermitReasons.CAUSE_REMOVED, EVIDENCE))
        );
        _paper(
            "PermitRegistry.declareUnit",
            place,
            abi.encodeCall(
                permits.declareUnit,
                (permit, 3, 0, "tonnes", 1000, 1, PermitReasons.HOLDER_REQUEST, EVIDENCE)
            )
        );
        vm.prank(address(governance));
        permits.setTransferable(PHYTO, 0, true);
        bytes32[] memory terms = new bytes32[](1);
        terms[0] = "terms";
        _paper(
            "PermitRegistry.transfer",
            place,
            abi.encodeCall(permits.transfer, (permit, 4, terms, PermitReasons.HOLDER_REQUEST, EVIDENCE))
        );
        _paper(
            "PermitRegistry.replace",
            place,
            abi.encodeCall(
                permits.replace,
                ("other", permit, 5, time40(), until, _lines(90), PermitReasons.CLERICAL_ERROR, EVIDENCE)
            )
        );
        permit = keccak256(abi.encode(agency, bytes32("other")));
        _paper(
            "PermitRegistry.revoke",
            place,
            abi.encodeCall(permits.revoke, (permit, 1, PermitReasons.BREACH, EVIDENCE))
        );
        governed("PermitRegistry.setTransferable", place, abi.encodeCall(permits.setTransferable, (PHYTO, 1, false)));
        suspendParticipant(agency);
        governed(
            "PermitRegistry.reassignType",
            place,
            abi.encodeCall(permits.reassignType, (agency, PHYTO, 0, successor))
        );
    }

    /// @dev A use is keyed by case, item and version: a repetition passes and moves nothing.
    function _uses(bytes32 permit) private {
        PermitUse[] memory use = new PermitUse[](1);
        use[0] = PermitUse(permit, 1, 0, 10, "terms");
        _use("PermitRegistry.reserve", abi.encodeCall(permits.reserve, (CASE, 1, use, time40())));
        _use("PermitRegistry.unreserve", abi.encodeCall(permits.unreserve, (CASE, 1, use)));
        vm.prank(registry);
        permits.reserve(CASE, 2, use, time40());
        _use("PermitRegistry.writeOff", abi.encodeCall(permits.writeOff, (CASE, 2, use)));
        _use("PermitRegistry.restore", abi.encodeCall(permits.restore, (CASE, 2, use)));
    }

    function _use(string memory what, bytes memory data) private {
        twice(what, registry, address(permits), data);
    }
}
