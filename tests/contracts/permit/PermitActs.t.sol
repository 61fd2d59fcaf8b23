// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {
    IPermitRegistry,
    PermitApplication,
    PermitHead,
    PermitLine,
    PermitState
} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {AlreadyDone, BadValidity, UnknownReason, WrongVersion} from "../../../contracts/types/Errors.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {PermitFixture} from "./PermitFixture.sol";

/// @dev Acts of traders and agencies: each by the right key alone, once, from the listed states, with its event.
contract PermitActsTest is PermitFixture {
    bytes32 private constant REQUEST = keccak256("request");

    function setUp() public {
        deployPermits();
    }

    function apply_() private returns (bytes32) {
        vm.prank(trader);
        return permits.applyFor(REQUEST, PHYTO, agency, EVIDENCE);
    }

    // ----- applications

    function test_applyFor_keepsAndTells() public {
        bytes32 key = keccak256(abi.encode(importer, REQUEST));
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitApplied(key, 1, trader, importer, agency, PHYTO, EVIDENCE);
        assertEq(apply_(), key, "key");
        PermitApplication memory kept = permits.applicationOf(key);
        assertEq(kept.trader, importer, "trader");
        assertEq(kept.agency, agency, "agency");
        assertEq(kept.docType, PHYTO, "type");
        assertTrue(kept.state == PermitState.APPLIED, "state");
        assertEq(kept.version, 1, "version");
    }

    function test_applyFor_onceAndToAnAccreditedAgency() public {
        bytes32 key = apply_();
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, key));
        permits.applyFor(REQUEST, PHYTO, agency, EVIDENCE);

        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAccredited.selector, agency, VETERINARY, time40()));
        permits.applyFor(freshId(), VETERINARY, agency, EVIDENCE);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAccredited.selector, agency, 0, time40()));
        permits.applyFor(keccak256("another"), 0, agency, EVIDENCE);

        vm.prank(officer);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                officer,
                Roles.DECLARANT | Roles.BROKER,
                time40()
            )
        );
        permits.applyFor(REQUEST, PHYTO, agency, EVIDENCE);
    }

    function test_refuse_endsTheApplication() public {
        bytes32 application = apply_();
        vm.prank(otherOfficer);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.NotAddressee.selector, application, agency, otherAgency)
        );
        permits.refuse(application, 1, PermitReasons.QUOTA, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 2, 1));
        permits.refuse(application, 2, PermitReasons.QUOTA, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        permits.refuse(application, 1, 0, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, PermitReasons.LAST + 1));
        permits.refuse(application, 1, PermitReasons.LAST + 1, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.UnknownApplication.selector, bytes32("none")));
        permits.refuse("none", 1, PermitReasons.QUOTA, EVIDENCE);

        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitRefused(application, 2, officer, PermitReasons.QUOTA, EVIDENCE);
        vm.prank(officer);
        permits.refuse(application, 1, PermitReasons.QUOTA, EVIDENCE);
        assertTrue(permits.applicationOf(application).state == PermitState.REFUSED, "refused");

        vm.prank(officer);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, application, PermitState.REFUSED)
        );
        permits.issue(REQUEST, PHYTO, time40(), time40(), oneLine(1), false, EVIDENCE, application);
    }

    // ----- issue

    function test_issue_keepsAndTells() public {
        bytes32 application = apply_();
        bytes32 key = keccak256(abi.encode(agency, REQUEST));
        uint40 now_ = time40();
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitIssued(
            key,
            1,
            officer,
            agency,
            PHYTO,
            now_,
            now_ + 9,
            true,
            oneLine(5),
            key,
            application,
            EVIDENCE
        );
        vm.prank(officer);
        permits.issue(REQUEST, PHYTO, now_, now_ + 9, oneLine(5), true, EVIDENCE, application);

        PermitHead memory head = permits.permitHead(key);
        assertEq(head.issuer, agency, "issuer");
        assertEq(head.docType, PHYTO, "type");
        assertEq(head.validFrom, now_, "from");
        assertEq(head.validUntil, now_ + 9, "until");
        assertEq(head.lines, 1, "lines");
        assertEq(head.version, 1, "version");
        assertTrue(head.singleUse && !head.successor && head.state == PermitState.ACTIVE, "head");
        (bytes32 terms, , , ) = permits.lineOf(key, 0);
        assertEq(terms, TERMS, "terms");
        assertLine(key, 5, 0, 0);
        PermitApplication memory answered = permits.applicationOf(application);
        assertTrue(answered.state == PermitState.ISSUED, "answered");
        assertEq(answered.permit, key, "permit of the application");
        assertEq(permits.rootOf(key), key, "root");
        assertEq(permits.liveOf(key), key, "live");
    }

    function test_issue_onceEach() public {
        bytes32 application = apply_();
        vm.prank(officer);
        bytes32 permit = permits.issue(REQUEST, PHYTO, time40(), time40(), oneLine(1), false, EVIDENCE, application);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, permit));
        permits.issue(REQUEST, PHYTO, time40(), time40(), oneLine(1), false, EVIDENCE, 0);
        vm.prank(officer);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, application, PermitState.ISSUED)
        );
        permits.issue("other", PHYTO, time40(), time40(), oneLine(1), false, EVIDENCE, application);
    }

    function test_issue_refusesWhatIsWrong() public {
        uint40 now_ = time40();
        expectIssue(
            VETERINARY,
            now_,
            now_,
            oneLine(1),
            abi.encodeWithSelector(IAuthoritySource.NotAccredited.selector, agency, VETERINARY, now_)
        );
        expectIssue(
            0,
            now_,
            now_,
            oneLine(1),
            abi.encodeWithSelector(IAuthoritySource.NotAccredited.selector, agency, 0, now_)
        );
        expectIssue(PHYTO, now_ + 1, now_, oneLine(1), abi.encodeWithSelector(BadValidity.selector, now_ + 1, now_));
        expectIssue(PHYTO, 1, now_ - 1, oneLine(1), abi.encodeWithSelector(BadValidity.selector, 1, now_ - 1));
        expectIssue(PHYTO, now_, now_, oneLine(0), abi.encodeWithSelector(IPermitRegistry.BadQuantity.selector, 0, 0));
        expectIssue(
            PHYTO,
            now_,
            now_,
            oneLine(1 << 85),
            abi.encodeWithSelector(IPermitRegistry.BadQuantity.selector, 0, 1 << 85)
        );
        expectIssue(
            PHYTO,
            now_,
            now_,
            new PermitLine[](0),
            abi.encodeWithSelector(IPermitRegistry.BadLineCount.selector, 0, 100)
        );
        PermitLine[] memory many = new PermitLine[](101);
        for (uint256 i = 0; i < many.length; ++i) {
            many[i] = PermitLine(TERMS, 1);
        }
        expectIssue(PHYTO, now_, now_, many, abi.encodeWithSelector(IPermitRegistry.BadLineCount.selector, 101, 100));

        bytes32 application = apply_();
        accredit(agency, VETERINARY);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.TypeMismatch.selector, PHYTO, VETERINARY));
        permits.issue(REQUEST, VETERINARY, now_, now_, oneLine(1), false, EVIDENCE, application);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, Roles.OGA, now_));
        permits.issue(REQUEST, PHYTO, now_, now_, oneLine(1), false, EVIDENCE, 0);
    }

    function expectIssue(
        uint24 docType,
        uint40 from,
        uint40 until,
        PermitLine[] memory lines,
        bytes memory refusal
    ) private {
        vm.prank(officer);
        vm.expectRevert(refusal);
        permits.issue(REQUEST, docType, from, until, lines, false, EVIDENCE, 0);
    }

    function test_issue_largestLineAndMostLines() public {
        bytes32 permit = issue((1 << 85) - 1, false);
        assertLine(permit, (1 << 85) - 1, 0, 0);
        PermitLine[] memory many = new PermitLine[](100);
        for (uint256 i = 0; i < many.length; ++i) {
            many[i] = PermitLine(TERMS, uint96(i + 1));
        }
        vm.prank(officer);
        permit = permits.issue(REQUEST, PHYTO, time40(), time40(), many, false, EVIDENCE, 0);
        (, uint96 available, , ) = permits.lineOf(permit, 99);
        assertEq(available, 100, "last line");
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.UnknownLine.selector, permit, 100));
        permits.lineOf(permit, 100);
    }

    // ----- suspension, revocation

    function test_suspendReinstateRevoke_tell() public {
        bytes32 permit = issue(5, false);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitChanged(permit, 2, officer, PermitState.SUSPENDED, PermitReasons.HAZARD, EVIDENCE);
        vm.prank(officer);
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitChanged(
            permit,
            3,
            officer,
            PermitState.ACTIVE,
            PermitReasons.CAUSE_REMOVED,
            EVIDENCE
        );
        vm.prank(officer);
        permits.reinstate(permit, 2, PermitReasons.CAUSE_REMOVED, EVIDENCE);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitChanged(permit, 4, officer, PermitState.REVOKED, PermitReasons.BREACH, EVIDENCE);
        vm.prank(officer);
        permits.revoke(permit, 3, PermitReasons.BREACH, EVIDENCE);

        vm.prank(officer);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, permit, PermitState.REVOKED)
        );
        permits.reinstate(permit, 4, PermitReasons.CAUSE_REMOVED, EVIDENCE);
    }

    function test_change_refusesOthersDoublesAndNoReason() public {
        bytes32 permit = issue(5, false);
        vm.prank(otherOfficer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.NotIssuer.selector, permit, agency, otherAgency));
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, Roles.OGA, time40()));
        permits.revoke(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        permits.suspend(permit, 1, 0, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.UnknownPermit.selector, bytes32("none")));
        permits.suspend("none", 1, PermitReasons.HAZARD, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, permit, PermitState.ACTIVE)
        );
        permits.reinstate(permit, 1, PermitReasons.CAUSE_REMOVED, EVIDENCE);

        vm.prank(officer);
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 1, 2));
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, permit, PermitState.SUSPENDED)
        );
        permits.replace(REQUEST, permit, 2, time40(), time40(), oneLine(5), PermitReasons.CLERICAL_ERROR, EVIDENCE);
    }

    // ----- state at a past and future instant

    function test_stateAt_bothBoundarySecondsAndThePast() public {
        uint40 issued = time40();
        bytes32 permit = issueUntil(5, false, issued + 100);
        vm.warp(issued + 10);
        vm.prank(officer);
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        vm.warp(issued + 20);
        vm.prank(officer);
        permits.reinstate(permit, 2, PermitReasons.CAUSE_REMOVED, EVIDENCE);

        assertTrue(permits.stateAt(permit, issued - 1) == PermitState.NONE, "before issue");
        assertTrue(permits.stateAt(permit, issued) == PermitState.ACTIVE, "from the first second");
        assertTrue(permits.stateAt(permit, issued + 9) == PermitState.ACTIVE, "last second before suspension");
        assertTrue(permits.stateAt(permit, issued + 10) == PermitState.SUSPENDED, "suspended from its second");
        assertTrue(permits.stateAt(permit, issued + 19) == PermitState.SUSPENDED, "to the last second");
        assertTrue(permits.stateAt(permit, issued + 20) == PermitState.ACTIVE, "reinstated");
        assertTrue(permits.stateAt(permit, issued + 100) == PermitState.ACTIVE, "last valid second");
        assertTrue(permits.stateAt(permit, issued + 101) == PermitState.EXPIRED, "expired without a transaction");
        assertTrue(permits.stateAt("none", issued) == PermitState.NONE, "unknown");
    }

    function test_stateAt_longHistory() public {
        uint40 start = time40();
        bytes32 permit = issue(5, false);
        for (uint32 i = 0; i < 12; ++i) {
            vm.warp(start + 10 * (i + 1));
            vm.prank(officer);
            if (i % 2 == 0) permits.suspend(permit, i + 1, PermitReasons.HAZARD, 0);
            else permits.reinstate(permit, i + 1, PermitReasons.CAUSE_REMOVED, 0);
        }
        for (uint32 i = 0; i < 12; ++i) {
            PermitState expected = i % 2 == 0 ? PermitState.SUSPENDED : PermitState.ACTIVE;
            assertTrue(permits.stateAt(permit, start + 10 * (i + 1)) == expected, "page");
            assertTrue(permits.stateAt(permit, start + 10 * (i + 1) + 9) == expected, "page, later");
        }
    }

    // ----- replacement

    function test_replace_inheritsWhatWasUsed() public {
        bytes32 permit = issue(10, true);
        reserve(permit, CASE, 1, 4);
        reserve(permit, CASE, 2, 3);
        writeOff(permit, CASE, 1, 4);
        // a single use that is consumed is EXHAUSTED, which the table does not replace
        vm.prank(officer);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, permit, PermitState.EXHAUSTED)
        );
        permits.replace(REQUEST, permit, 1, time40(), time40(), oneLine(20), PermitReasons.CLERICAL_ERROR, EVIDENCE);

        permit = issue(10, false);
        reserve(permit, CASE, 1, 4);
        reserve(permit, CASE, 2, 3);
        writeOff(permit, CASE, 1, 2);
        bytes32 key = keccak256(abi.encode(agency, REQUEST));
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitChanged(
            permit,
            2,
            officer,
            PermitState.REPLACED,
            PermitReasons.CLERICAL_ERROR,
            EVIDENCE
        );
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitIssued(
            key,
            1,
            officer,
            agency,
            PHYTO,
            time40(),
            time40() + 5,
            false,
            oneLine(6),
            permit,
            0,
            EVIDENCE
        );
        vm.prank(officer);
        permits.replace(REQUEST, permit, 1, time40(), time40() + 5, oneLine(6), PermitReasons.CLERICAL_ERROR, EVIDENCE);
        assertLine(key, 1, 3, 2);
        assertLine(permit, 1, 3, 2);
        assertEq(permits.rootOf(key), permit, "root");
        assertEq(permits.liveOf(permit), key, "live");
        assertTrue(stateNow(permit) == PermitState.REPLACED, "replaced");
        assertTrue(stateNow(key) == PermitState.ACTIVE, "replacement");

        // the reservation cited under the old number is written off, under the new one restored
        writeOff(permit, CASE, 2, 3);
        assertLine(key, 1, 0, 5);
        restore(key, CASE, 2);
        assertLine(key, 4, 0, 2);
        // a new reservation cites the live permit
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.PermitNotUsable.selector, permit, PermitState.REPLACED));
        permits.reserve(CASE, 1, one(permit, 3, 1), time40());
        reserve(key, CASE, 3, 1);
    }

    function test_replace_chainKeepsOneRoot() public {
        bytes32 first = issue(10, false);
        reserve(first, CASE, 1, 4);
        bytes32 second = replace(first, 1, 8);
        bytes32 third = replace(second, 1, 7);
        assertEq(permits.rootOf(third), first, "root of the third");
        assertEq(permits.liveOf(first), third, "live of the first");
        assertEq(permits.liveOf(second), third, "live of the second");
        assertLine(first, 3, 4, 0);
        // suspension of the live one counts for every citation
        vm.prank(officer);
        permits.suspend(third, 1, PermitReasons.HAZARD, 0);
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.PermitNotUsable.selector, first, PermitState.SUSPENDED));
        permits.writeOff(CASE, 1, one(first, 1, 4));
    }

    function test_replace_refusesLessThanUsedFewerLinesAndDoubles() public {
        vm.prank(officer);
        bytes32 permit = permits.issue(REQUEST, PHYTO, time40(), time40(), oneLine(10), false, EVIDENCE, 0);
        reserve(permit, CASE, 1, 4);
        expectReplace(REQUEST, permit, oneLine(10), abi.encodeWithSelector(AlreadyDone.selector, permit));
        expectReplace("r", permit, oneLine(3), abi.encodeWithSelector(IPermitRegistry.BelowUse.selector, 0, 3, 4));
        expectReplace("r", permit, oneLine(0), abi.encodeWithSelector(IPermitRegistry.BadQuantity.selector, 0, 0));
        PermitLine[] memory none = new PermitLine[](0);
        expectReplace("r", permit, none, abi.encodeWithSelector(IPermitRegistry.BadLineCount.selector, 0, 100));
        expectReplace(
            "r",
            "none",
            oneLine(1),
            abi.encodeWithSelector(IPermitRegistry.UnknownPermit.selector, bytes32("none"))
        );
    }

    function expectReplace(bytes32 requestId, bytes32 permit, PermitLine[] memory lines, bytes memory refusal) private {
        vm.prank(officer);
        vm.expectRevert(refusal);
        permits.replace(requestId, permit, 1, time40(), time40(), lines, PermitReasons.CLERICAL_ERROR, EVIDENCE);
    }

    function test_replace_refusesTheExpired() public {
        bytes32 permit = issue(10, false);
        vm.warp(block.timestamp + 2 days);
        vm.prank(officer);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, permit, PermitState.EXPIRED)
        );
        permits.replace(REQUEST, permit, 1, time40(), time40(), oneLine(9), PermitReasons.CLERICAL_ERROR, EVIDENCE);
    }

    function test_replace_downToWhatIsUsed_withItsOwnValidity() public {
        bytes32 permit = issue(10, false);
        reserve(permit, CASE, 1, 4);
        reserve(permit, CASE, 2, 3);
        writeOff(permit, CASE, 1, 4);
        expectReplace("r", permit, oneLine(6), abi.encodeWithSelector(IPermitRegistry.BelowUse.selector, 0, 6, 7));
        uint40 from = time40() + 1 hours;
        vm.prank(officer);
        bytes32 last = permits.replace("r", permit, 1, from, from + 9, oneLine(7), 107, EVIDENCE);
        assertLine(last, 0, 3, 4);
        assertEq(permits.permitHead(last).validFrom, from, "from");
        assertEq(permits.permitHead(last).validUntil, from + 9, "until");
    }

    function test_replace_leavesNoLineOut() public {
        PermitLine[] memory two = new PermitLine[](2);
        (two[0], two[1]) = (PermitLine(TERMS, 5), PermitLine(TERMS, 6));
        vm.prank(officer);
        bytes32 permit = permits.issue(REQUEST, PHYTO, time40(), time40(), two, false, EVIDENCE, 0);
        expectReplace(
            "r",
            permit,
            oneLine(5),
            abi.encodeWithSelector(IPermitRegistry.BadLineCount.selector, 1, permits.MAX_LINES())
        );
        vm.prank(officer);
        permits.replace("r", permit, 1, time40(), time40(), two, 107, EVIDENCE);
    }

    function test_refuse_isTheAgencysAlone() public {
        bytes32 application = apply_();
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, Roles.OGA, time40()));
        permits.refuse(application, 1, PermitReasons.QUOTA, EVIDENCE);
    }

    function test_issue_ofTheLowestDocumentType() public {
        accredit(agency, 1);
        vm.prank(officer);
        bytes32 permit = permits.issue(REQUEST, 1, time40(), time40(), oneLine(1), false, EVIDENCE, 0);
        assertEq(permits.permitHead(permit).docType, 1, "type");
    }

    function test_usable_needsAReservation_evenForNothing() public {
        bytes32 permit = issue(5, false);
        assertFalse(permits.usable(CASE, 1, one(permit, 1, 0))[0], "nothing reserved");
        reserve(permit, CASE, 1, 4);
        assertTrue(permits.usable(CASE, 1, one(permit, 1, 4))[0], "reserved");
        assertFalse(permits.usable(CASE, 1, one(permit, 1, 5))[0], "not as much");
    }
}
