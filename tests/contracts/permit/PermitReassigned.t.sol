// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IPermitRegistry, PermitState} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {WrongVersion} from "../../../contracts/types/Errors.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {PermitFixture} from "./PermitFixture.sol";

/// @dev Who acts in the place of an agency that may not (domain guide 4.9): on its permits of a type, and on what was
///      applied for.
contract PermitReassignedTest is PermitFixture {
    bytes32 private permit;
    bytes32 private application;

    function setUp() public {
        deployPermits();
        permit = issue(5, false);
        vm.prank(trader);
        application = permits.applyFor("application", PHYTO, agency, EVIDENCE);
    }

    function reassign(uint32 version, uint64 to) private {
        vm.prank(address(governance));
        permits.reassignType(agency, PHYTO, version, to);
    }

    function refuse(address by) private {
        vm.prank(by);
        permits.refuse(application, 1, PermitReasons.INCOMPLETE, EVIDENCE);
    }

    function withdrawAccreditation() private {
        decide(
            address(participants),
            abi.encodeCall(participants.withdrawAccreditation, (agency, PHYTO, 1, Reasons.LAW, EVIDENCE))
        );
    }

    function test_reassignType_letsTheSuccessorAct() public {
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, officer));
        permits.reassignType(agency, PHYTO, 0, otherAgency);

        suspendParticipant(agency);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitTypeReassigned(agency, PHYTO, 1, address(governance), otherAgency);
        reassign(0, otherAgency);
        vm.prank(otherOfficer);
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);

        assertEq(permits.reassignedTo(agency, PHYTO), otherAgency, "told to readers");
        assertEq(permits.reassignedTo(agency, PHYTO + 1), 0, "of this type alone");
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        reassign(0, 0);
        reassign(1, 0);
        assertEq(permits.reassignedTo(agency, PHYTO), 0, "taken back");
        vm.prank(otherOfficer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.NotIssuer.selector, permit, agency, otherAgency));
        permits.reinstate(permit, 2, PermitReasons.CAUSE_REMOVED, EVIDENCE);
    }

    /// @dev No agency touches the permits of one that is entitled to issue them (section 5).
    function test_reassignType_notOfAnAgencyThatIsEntitled() public {
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.StillEntitled.selector, agency, PHYTO));
        reassign(0, otherAgency);
        withdrawAccreditation();
        reassign(0, otherAgency);
        vm.prank(otherOfficer);
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        vm.prank(officer);
        permits.revoke(permit, 2, PermitReasons.HAZARD, EVIDENCE);
        assertTrue(stateNow(permit) == PermitState.REVOKED, "the issuer keeps what it issued, beside the other");
    }

    function test_reassignType_isEndedAtAnyTime() public {
        suspendParticipant(agency);
        reassign(0, otherAgency);
        reinstateParticipant(agency);
        reassign(1, 0);
        suspendParticipant(agency);
        assertEq(permits.reassignedTo(agency, PHYTO), 0, "not in force again with the next suspension");
    }

    function test_reassignedAt_keepsThePast_andEndsWithTheSuspension() public {
        uint40 began = time40();
        suspendParticipant(agency);
        vm.warp(began + 10);
        reassign(0, otherAgency);
        vm.warp(began + 20);
        reinstateParticipant(agency);
        assertEq(permits.reassignedTo(agency, PHYTO), 0, "acts for itself again");
        vm.prank(otherOfficer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.NotIssuer.selector, permit, agency, otherAgency));
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        vm.warp(began + 30);
        withdrawAccreditation();
        vm.warp(began + 40);
        reassign(1, 0);
        uint64[5] memory then = [0, otherAgency, 0, otherAgency, 0];
        for (uint40 i = 0; i < 5; ++i) {
            assertEq(permits.reassignedAt(agency, PHYTO, began + i * 10), then[i], "from its first second");
            assertEq(permits.reassignedAt(agency, PHYTO, began + i * 10 + 9), then[i], "to its last");
        }
    }

    // ----- applications that wait

    function test_application_isAnsweredByWhoHasTheType() public {
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.NotAddressee.selector, application, agency, otherAgency)
        );
        refuse(otherOfficer);
        suspendParticipant(agency);
        reassign(0, otherAgency);
        vm.prank(otherOfficer);
        bytes32 made = permits.issue(
            "answer",
            PHYTO,
            time40(),
            time40() + 1 days,
            oneLine(5),
            false,
            EVIDENCE,
            application
        );
        assertEq(permits.applicationOf(application).permit, made, "answered");
        assertEq(permits.permitHead(made).issuer, otherAgency, "by its own permit");
    }

    function test_application_isAnsweredByWhoStandsInForTheAgency() public {
        succeed(agency, 0, otherAgency);
        refuse(otherOfficer);
        assertTrue(permits.applicationOf(application).state == PermitState.REFUSED, "answered");
    }

    function test_application_isTheAgencysAgain_onceReinstated() public {
        succeed(agency, 0, otherAgency);
        reinstateParticipant(agency);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.NotAddressee.selector, application, agency, otherAgency)
        );
        refuse(otherOfficer);
        refuse(officer);
    }
}
