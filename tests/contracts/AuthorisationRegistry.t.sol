// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorisationRegistry} from "../../contracts/interfaces/IAuthorisationRegistry.sol";
import {IAuthoritySource} from "../../contracts/interfaces/IAuthoritySource.sol";
import {AeoAction, AeoLifecycle} from "../../contracts/libraries/AeoLifecycle.sol";
import {Aeo, AeoState, ForeignAeo, Licence, LicenceState, Power} from "../../contracts/types/Authorisation.sol";
import {AlreadyDone, BadValidity, UnknownReason, WrongVersion} from "../../contracts/types/Errors.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Roles} from "../../contracts/types/Roles.sol";
import {Ledger} from "./support/Ledger.sol";

/// @dev AEO, licences, powers of attorney: the tables of domain guide 4.6 and 1, in force only when and as granted.
contract AuthorisationRegistryTest is Ledger {
    uint8 internal constant IMPORTER = 0;
    uint8 internal constant GREEN_LANE = 1;

    uint64 internal customs;
    uint64 internal importer;
    uint64 internal brokerage;
    address internal unit;
    address internal secondOfficer;
    address internal licensing;
    address internal trader;
    address internal broker;

    function setUp() public {
        deployCore();
        customs = admit(ALL_ROLES, 0);
        importer = admit(ALL_ROLES, 0);
        brokerage = admit(ALL_ROLES, 0);
        unit = giveKey(customs, "AEO unit", Roles.AEO_UNIT);
        secondOfficer = giveKey(customs, "AEO unit, second officer", Roles.AEO_UNIT);
        licensing = giveKey(customs, "licensing", Roles.CUSTOMS_LICENSING);
        trader = giveKey(importer, "trader", Roles.DECLARANT);
        broker = giveKey(brokerage, "broker", Roles.BROKER);
    }

    function grantAeo(uint40 from, uint40 until) internal {
        vm.prank(trader);
        authorisations.applyForAeo(freshId(), "criteria");
        uint32 version = authorisations.aeoOf(importer).version;
        vm.startPrank(unit);
        authorisations.reviewAeo(importer, version, 0);
        authorisations.grantAeo(importer, version + 1, GREEN_LANE, 1, from, until, "decision");
        vm.stopPrank();
    }

    function benefits(uint256 instant) internal view returns (uint8) {
        return authorisations.aeoCategories(importer, IMPORTER, uint40(instant));
    }

    // ----- AEO

    function test_aeo_goesItsWay() public {
        vm.expectEmit(address(authorisations));
        emit IAuthorisationRegistry.AeoChanged(
            importer,
            1,
            AeoState.APPLIED,
            Aeo(AeoState.APPLIED, 0, 0, 0, 0, 0, 1),
            trader,
            Reasons.OWN_REQUEST,
            "criteria"
        );
        vm.prank(trader);
        authorisations.applyForAeo("x", "criteria");
        vm.prank(unit);
        authorisations.reviewAeo(importer, 1, 0);
        Aeo memory granted = Aeo(AeoState.ACTIVE, 9, 3, uint40(START + 10), uint40(START + 100), 0, 3);
        vm.expectEmit(address(authorisations));
        emit IAuthorisationRegistry.AeoChanged(importer, 3, AeoState.ACTIVE, granted, unit, 0, "decision");
        vm.prank(unit);
        authorisations.grantAeo(importer, 2, 9, 3, uint40(START + 10), uint40(START + 100), "decision");
        assertEq(abi.encode(authorisations.aeoOf(importer)), abi.encode(granted), "as granted");

        assertEq(benefits(START + 9), 0, "before");
        assertEq(benefits(START + 10), 9, "first second");
        assertEq(benefits(START + 100), 9, "last second");
        assertEq(benefits(START + 101), 0, "after");
        assertEq(authorisations.aeoCategories(importer, 1, uint40(START + 50)), 9, "as exporter");
        assertEq(authorisations.aeoCategories(importer, 2, uint40(START + 50)), 0, "not as manufacturer");
        assertEq(authorisations.aeoCategories(importer, 8, uint40(START + 50)), 0, "no such type");
    }

    function test_aeo_suspensionIsNotRetroactive() public {
        grantAeo(0, FOREVER);
        vm.warp(START + 10);
        vm.prank(trader); // at its own request
        authorisations.suspendAeo(importer, 3, Reasons.OWN_REQUEST, 0);
        vm.warp(START + 20);
        vm.prank(unit);
        authorisations.reinstateAeo(importer, 4, Reasons.CLEARED, 0);
        assertEq(benefits(START + 9), GREEN_LANE, "before");
        assertEq(benefits(START + 10), 0, "from the suspension");
        assertEq(benefits(START + 19), 0, "to its end");
        assertEq(benefits(START + 20), GREEN_LANE, "again");
        assertEq(
            uint256(authorisations.aeoAt(importer, uint40(START + 15)).state),
            uint256(AeoState.SUSPENDED),
            "then"
        );
        assertEq(
            uint256(authorisations.aeoAt(importer, uint40(START - 1)).state),
            uint256(AeoState.NONE),
            "before all"
        );
    }

    function test_aeo_revocationTakesTwo() public {
        grantAeo(0, FOREVER);
        vm.expectEmit(address(authorisations));
        emit IAuthorisationRegistry.AeoRevocationProposed(
            importer,
            4,
            uint40(START + 100),
            unit,
            Reasons.FRAUD,
            "findings"
        );
        vm.prank(unit);
        authorisations.proposeAeoRevocation(importer, 3, uint40(START + 100), Reasons.FRAUD, "findings");
        assertEq(benefits(START), GREEN_LANE, "not yet");
        vm.prank(unit);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.SameOfficer.selector, unit));
        authorisations.confirmAeoRevocation(importer, 4);
        vm.expectEmit(address(authorisations));
        Aeo memory revoked = Aeo(AeoState.REVOKED, GREEN_LANE, 1, uint40(START), FOREVER, uint40(START + 100), 5);
        emit IAuthorisationRegistry.AeoChanged(
            importer,
            5,
            AeoState.REVOKED,
            revoked,
            secondOfficer,
            Reasons.FRAUD,
            "findings"
        );
        vm.prank(secondOfficer);
        authorisations.confirmAeoRevocation(importer, 4);
        assertEq(benefits(START), 0, "revoked");

        vm.warp(START + 100);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.Barred.selector, importer, START + 100));
        authorisations.applyForAeo("again", 0);
        vm.warp(START + 101);
        grantAeo(0, FOREVER);
        assertEq(benefits(START + 101), GREEN_LANE, "after the bar");
    }

    /// @dev Two officers, both of them now: a proposer whose key was lost since is asked again.
    function test_aeo_revocation_theProposerStillHoldsItsOffice() public {
        grantAeo(0, FOREVER);
        vm.prank(unit);
        authorisations.proposeAeoRevocation(importer, 3, 0, Reasons.FRAUD, 0);
        decide(address(participants), abi.encodeCall(participants.declareCompromised, (unit, 1, time40(), "lost")));
        vm.prank(secondOfficer);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, unit, Roles.AEO_UNIT, time40())
        );
        authorisations.confirmAeoRevocation(importer, 4);
        assertEq(benefits(time40()), GREEN_LANE, "not revoked");
        address third = giveKey(customs, "third officer", Roles.AEO_UNIT);
        vm.prank(third);
        authorisations.proposeAeoRevocation(importer, 4, 0, Reasons.FRAUD, 0);
        vm.prank(secondOfficer);
        authorisations.confirmAeoRevocation(importer, 5);
        assertEq(benefits(time40()), 0, "revoked by two who hold it");
    }

    function test_grants_notToOnesOwnParticipant() public {
        uint64 trading = admit(ALL_ROLES, 0);
        address own = giveKey(trading, "unit that also trades", Roles.AEO_UNIT | Roles.CUSTOMS_LICENSING);
        vm.prank(giveKey(trading, "its trader", Roles.DECLARANT));
        authorisations.applyForAeo("own", 0);
        bytes memory refusal = abi.encodeWithSelector(IAuthorisationRegistry.BadParty.selector, trading);
        vm.startPrank(own);
        authorisations.reviewAeo(trading, 1, 0);
        vm.expectRevert(refusal);
        authorisations.grantAeo(trading, 2, GREEN_LANE, 1, 0, FOREVER, 0);
        vm.expectRevert(refusal);
        authorisations.licenseBroker(trading, 0, 0, FOREVER, 0);
        vm.stopPrank();
    }

    function test_aeo_changeVoidsTheProposal() public {
        grantAeo(0, FOREVER);
        vm.prank(secondOfficer);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.NothingProposed.selector, importer));
        authorisations.confirmAeoRevocation(importer, 3);
        vm.prank(secondOfficer); // nobody's, at version 0, which a proposal that was never made has too
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.NothingProposed.selector, brokerage));
        authorisations.confirmAeoRevocation(brokerage, 0);
        vm.startPrank(unit);
        authorisations.proposeAeoRevocation(importer, 3, 0, Reasons.COMPLIANCE, 0);
        authorisations.suspendAeo(importer, 4, Reasons.COMPLIANCE, 0);
        vm.stopPrank();
        vm.prank(secondOfficer);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.NothingProposed.selector, importer));
        authorisations.confirmAeoRevocation(importer, 5);
    }

    /// @dev While two officers decide on a revocation, its operator cannot get out of its bar by acts of its own.
    function test_aeo_operatorDoesNotDodgeAProposedRevocation() public {
        grantAeo(0, uint40(START + 10));
        vm.prank(unit);
        authorisations.proposeAeoRevocation(importer, 3, uint40(START + 100), Reasons.FRAUD, "findings");
        bytes memory refusal = abi.encodeWithSelector(IAuthorisationRegistry.RevocationProposed.selector, importer);
        vm.startPrank(trader);
        vm.expectRevert(refusal);
        authorisations.withdrawAeo(4, 0);
        vm.expectRevert(refusal);
        authorisations.suspendAeo(importer, 4, Reasons.OWN_REQUEST, 0);
        vm.warp(START + 11);
        vm.expectRevert(refusal);
        authorisations.applyForAeo("expired", 0);
        vm.stopPrank();
        uint256 before = vm.snapshotState();
        vm.prank(secondOfficer);
        authorisations.confirmAeoRevocation(importer, 4);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.Barred.selector, importer, START + 100));
        authorisations.applyForAeo("barred", 0);
        vm.revertToState(before);
        vm.prank(unit); // an act of the unit's own lets the proposal fall
        authorisations.suspendAeo(importer, 4, Reasons.COMPLIANCE, 0);
        vm.prank(trader);
        authorisations.withdrawAeo(5, 0);
        assertEq(uint256(authorisations.aeoOf(importer).state), uint256(AeoState.WITHDRAWN), "free to go");
    }

    function test_aeo_refusalWithdrawalAndExpiry() public {
        vm.prank(trader);
        authorisations.applyForAeo("one", 0);
        vm.startPrank(unit);
        authorisations.reviewAeo(importer, 1, 0);
        authorisations.refuseAeo(importer, 2, Reasons.COMPLIANCE, 0);
        vm.stopPrank();
        vm.prank(trader);
        authorisations.applyForAeo("two", 0);
        vm.prank(trader);
        authorisations.withdrawAeo(4, 0);
        grantAeo(0, uint40(START + 10));
        vm.warp(START + 10);
        vm.prank(trader);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthorisationRegistry.WrongAeoState.selector, importer, AeoState.ACTIVE)
        );
        authorisations.applyForAeo("three", 0);
        vm.warp(START + 11);
        vm.prank(trader);
        authorisations.applyForAeo("three", 0); // expired without a transaction
        assertEq(uint256(authorisations.aeoOf(importer).state), uint256(AeoState.APPLIED), "anew");
        assertEq(benefits(START + 11), 0, "no benefits");
    }

    function test_aeo_refusals() public {
        vm.startPrank(trader);
        authorisations.applyForAeo("x", 0);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, keccak256(abi.encode(importer, bytes32("x")))));
        authorisations.applyForAeo("x", 0);
        vm.expectPartialRevert(IAuthoritySource.NotAuthorised.selector);
        authorisations.reviewAeo(importer, 1, 0);
        vm.stopPrank();
        vm.prank(broker);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadParty.selector, brokerage));
        authorisations.suspendAeo(importer, 1, Reasons.OWN_REQUEST, 0);
        vm.startPrank(unit);
        vm.expectPartialRevert(IAuthoritySource.NotAuthorised.selector);
        authorisations.applyForAeo("y", 0);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        authorisations.reviewAeo(importer, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthorisationRegistry.WrongAeoState.selector, importer, AeoState.APPLIED)
        );
        authorisations.proposeAeoRevocation(importer, 1, 0, Reasons.FRAUD, 0);
        authorisations.reviewAeo(importer, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadBits.selector, 64, 63));
        authorisations.grantAeo(importer, 2, 64, 1, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadBits.selector, 0, 63));
        authorisations.grantAeo(importer, 2, 0, 1, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadBits.selector, 0, 255));
        authorisations.grantAeo(importer, 2, 1, 0, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(BadValidity.selector, 0, START - 1));
        authorisations.grantAeo(importer, 2, 1, 1, 0, uint40(START - 1), 0);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        authorisations.refuseAeo(importer, 2, 0, 0);
        vm.stopPrank();
    }

    /// @dev The whole table, forbidden pairs included.
    function test_aeo_table() public pure {
        uint256 n = uint256(type(AeoState).max);
        uint256 actions = uint256(type(AeoAction).max);
        for (uint256 s = 0; s <= n; ++s) {
            for (uint256 a = 0; a <= actions; ++a) {
                for (uint256 e = 0; e < 2; ++e) {
                    (bool found, AeoState to) = AeoLifecycle.next(AeoState(s), AeoAction(a), e == 1);
                    int256 expected = tableOf(AeoState(s), AeoAction(a), e == 1);
                    assertTrue(found == (expected >= 0), "pair");
                    if (found) assertEq(uint256(to), uint256(expected), "to");
                }
            }
        }
    }

    /// @dev Domain guide 4.6, written out; -1 for what it does not list.
    function tableOf(AeoState s, AeoAction a, bool expired) internal pure returns (int256) {
        bytes memory rows = bytes(
            // APPLY REVIEW GRANT REFUSE SUSPEND REINSTATE REVOKE WITHDRAW; x refused, else the state's number
            "1xxxxxxx" // NONE
            "x2xxxxx7" // APPLIED
            "xx34xxx7" // IN_REVIEW
            "xxxx5x67" // ACTIVE
            "1xxxxxxx" // REFUSED
            "xxxxx367" // SUSPENDED
            "1xxxxxxx" // REVOKED
            "1xxxxxxx" // WITHDRAWN
        );
        if (expired && a == AeoAction.APPLY && (s == AeoState.ACTIVE || s == AeoState.SUSPENDED)) return 1;
        bytes1 cell = rows[uint256(s) * 8 + uint256(a)];
        return cell == "x" ? int256(-1) : int256(uint256(uint8(cell)) - 48);
    }

    // ----- licences and powers

    function license() internal {
        vm.prank(licensing);
        authorisations.licenseBroker(brokerage, 0, 0, FOREVER, 0);
    }

    function empower(uint32 scope, uint40 from, uint40 until) internal {
        bytes32 requestId = freshId();
        vm.prank(trader);
        authorisations.grantPower(requestId, brokerage, scope, from, until, "deed");
    }

    function may(uint32 scope, uint256 instant) internal view returns (bool) {
        return authorisations.mayRepresent(brokerage, importer, scope, uint40(instant));
    }

    function test_mayRepresent_needsLicenceAndPower() public {
        assertFalse(may(1, START), "neither");
        license();
        assertFalse(may(1, START), "no power");
        vm.expectEmit(address(authorisations));
        emit IAuthorisationRegistry.PowerChanged(
            importer,
            brokerage,
            1,
            Power(3, uint40(START + 10), uint40(START + 20), 1),
            trader,
            0,
            "deed"
        );
        empower(3, uint40(START + 10), uint40(START + 20));
        assertFalse(may(1, START + 9), "before");
        assertTrue(may(1, START + 10), "first second");
        assertTrue(may(3, START + 20), "last second, both scopes");
        assertFalse(may(1, START + 21), "after");
        assertFalse(may(4, START + 15), "not to claim");
        assertFalse(may(5, START + 15), "all of the scopes asked");
        assertFalse(may(0, START + 15), "for nothing");
        assertFalse(authorisations.mayRepresent(importer, brokerage, 1, uint40(START + 15)), "not the other way");
    }

    function test_power_revocationAndReplacement() public {
        license();
        empower(7, 0, FOREVER);
        vm.warp(START + 10);
        vm.prank(trader);
        authorisations.revokePower(brokerage, 1, Reasons.OWN_REQUEST);
        assertTrue(may(1, START + 9), "before");
        assertFalse(may(1, START + 10), "revoked");
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.NoPower.selector, importer, brokerage));
        authorisations.revokePower(brokerage, 2, Reasons.OWN_REQUEST);
        vm.warp(START + 20);
        empower(1, 0, FOREVER);
        assertTrue(may(1, START + 20), "anew");
        assertFalse(may(2, START + 20), "with less");
        assertTrue(may(2, START + 5), "the past stays");
        assertFalse(may(2, START + 15), "the gap too");
        assertEq(authorisations.powerOf(importer, brokerage).version, 3, "version");
        assertEq(authorisations.powerAt(importer, brokerage, uint40(START + 15)).scope, 0, "none then");
    }

    function test_power_refusals() public {
        vm.startPrank(trader);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadParty.selector, importer));
        authorisations.grantPower("x", importer, 1, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadParty.selector, 99));
        authorisations.grantPower("x", 99, 1, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadBits.selector, 8, 7));
        authorisations.grantPower("x", brokerage, 8, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadBits.selector, 0, 7));
        authorisations.grantPower("x", brokerage, 0, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(BadValidity.selector, START + 2, START + 1));
        authorisations.grantPower("x", brokerage, 1, uint40(START + 2), uint40(START + 1), 0);
        authorisations.grantPower("x", brokerage, 1, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, keccak256(abi.encode(importer, bytes32("x")))));
        authorisations.grantPower("x", brokerage, 1, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        authorisations.revokePower(brokerage, 0, Reasons.OWN_REQUEST);
        vm.stopPrank();
        vm.prank(broker);
        vm.expectPartialRevert(IAuthoritySource.NotAuthorised.selector);
        authorisations.grantPower("y", importer, 1, 0, FOREVER, 0);
    }

    function test_licence_goesItsWay() public {
        vm.expectEmit(address(authorisations));
        emit IAuthorisationRegistry.LicenceChanged(
            brokerage,
            1,
            Licence(LicenceState.ACTIVE, uint40(START), FOREVER, 1),
            licensing,
            0,
            0
        );
        license();
        empower(7, 0, FOREVER);
        vm.startPrank(licensing);
        vm.warp(START + 10);
        authorisations.suspendLicence(brokerage, 1, Reasons.COMPLIANCE, 0);
        vm.expectRevert(wrongLicence(LicenceState.SUSPENDED));
        authorisations.suspendLicence(brokerage, 2, Reasons.COMPLIANCE, 0);
        vm.expectRevert(wrongLicence(LicenceState.SUSPENDED));
        authorisations.licenseBroker(brokerage, 2, 0, FOREVER, 0);
        vm.warp(START + 20);
        authorisations.reinstateLicence(brokerage, 2, Reasons.CLEARED, 0);
        vm.expectRevert(wrongLicence(LicenceState.ACTIVE));
        authorisations.reinstateLicence(brokerage, 3, Reasons.CLEARED, 0);
        vm.warp(START + 30);
        authorisations.revokeLicence(brokerage, 3, Reasons.FRAUD, 0);
        vm.expectRevert(wrongLicence(LicenceState.REVOKED));
        authorisations.revokeLicence(brokerage, 4, Reasons.FRAUD, 0);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 4));
        authorisations.licenseBroker(brokerage, 0, 0, FOREVER, 0);
        vm.warp(START + 40);
        authorisations.licenseBroker(brokerage, 4, 0, FOREVER, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.BadParty.selector, 99));
        authorisations.licenseBroker(99, 0, 0, FOREVER, 0);
        vm.stopPrank();
        bool[5] memory expected = [true, false, true, false, true];
        for (uint256 i = 0; i < 5; ++i) {
            assertTrue(may(1, START + 10 * i) == expected[i], "first second");
            assertTrue(may(1, START + 10 * i + 9) == expected[i], "last second");
        }
        assertEq(
            uint256(authorisations.licenceAt(brokerage, uint40(START + 15)).state),
            uint256(LicenceState.SUSPENDED),
            "then"
        );
        assertEq(authorisations.licenceOf(brokerage).version, 5, "now");
        vm.prank(trader);
        vm.expectPartialRevert(IAuthoritySource.NotAuthorised.selector);
        authorisations.revokeLicence(brokerage, 5, Reasons.FRAUD, 0);
    }

    // ----- mutual recognition

    function test_foreignAeo_recognisedAndEnded() public {
        bytes32 key = authorisations.foreignAeoKey("CN", "AEOCN1");
        vm.expectEmit(address(authorisations));
        emit IAuthorisationRegistry.ForeignAeoChanged(
            key,
            1,
            ForeignAeo("CN", 2, 1, uint40(START), FOREVER, 1),
            unit,
            0,
            "arrangement"
        );
        vm.startPrank(unit);
        authorisations.recognizeForeignAeo("x", "CN", "AEOCN1", 2, 1, 0, FOREVER, "arrangement");
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, keccak256(abi.encode(customs, bytes32("x")))));
        authorisations.recognizeForeignAeo("x", "CN", "AEOCN1", 2, 1, 0, FOREVER, 0);
        vm.warp(START + 10);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        authorisations.endForeignAeo("CN", "AEOCN1", 0, Reasons.COMPLIANCE, 0);
        authorisations.endForeignAeo("CN", "AEOCN1", 1, Reasons.COMPLIANCE, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorisationRegistry.UnknownForeignAeo.selector, key));
        authorisations.endForeignAeo("CN", "AEOCN1", 2, Reasons.COMPLIANCE, 0);
        vm.stopPrank();
        assertEq(authorisations.foreignAeoAt(key, uint40(START + 9)).categories, 2, "then");
        assertEq(authorisations.foreignAeoAt(key, uint40(START + 10)).categories, 0, "ended");
        assertEq(authorisations.foreignAeoAt(key, uint40(START - 1)).version, 0, "before");
        vm.prank(trader);
        vm.expectPartialRevert(IAuthoritySource.NotAuthorised.selector);
        authorisations.recognizeForeignAeo("y", "CN", "AEOCN2", 2, 1, 0, FOREVER, 0);
    }

    function wrongLicence(LicenceState state) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IAuthorisationRegistry.WrongLicenceState.selector, brokerage, state);
    }

    function test_licence_endsWithItsPeriod_andMayBeRevokedWhileSuspended() public {
        vm.startPrank(licensing);
        authorisations.licenseBroker(brokerage, 0, uint40(START), uint40(START + 10), 0);
        vm.stopPrank();
        empower(7, 0, FOREVER);
        assertTrue(may(1, START + 10), "last second");
        assertFalse(may(1, START + 11), "over");
        vm.startPrank(licensing);
        authorisations.suspendLicence(brokerage, 1, Reasons.COMPLIANCE, 0);
        authorisations.revokeLicence(brokerage, 2, Reasons.FRAUD, 0);
        vm.stopPrank();
        assertEq(uint256(authorisations.licenceOf(brokerage).state), uint256(LicenceState.REVOKED), "revoked");
    }

    /// @dev Every field as it was granted, with an end that is not for ever.
    function test_words_areReadAsTheyWereWritten() public {
        uint40 from = uint40(START + 10);
        uint40 until = uint40(START + 20);
        vm.prank(licensing);
        authorisations.licenseBroker(brokerage, 0, from, until, 0);
        assertEq(
            abi.encode(authorisations.licenceOf(brokerage)),
            abi.encode(Licence(LicenceState.ACTIVE, from, until, 1)),
            "licence"
        );
        empower(5, from, until);
        assertEq(
            abi.encode(authorisations.powerOf(importer, brokerage)),
            abi.encode(Power(5, from, until, 1)),
            "power of attorney"
        );
        vm.prank(unit);
        authorisations.recognizeForeignAeo("x", "CN", "AEOCN1", 2, 3, from, until, 0);
        assertEq(
            abi.encode(authorisations.foreignAeoAt(authorisations.foreignAeoKey("CN", "AEOCN1"), uint40(START))),
            abi.encode(ForeignAeo("CN", 2, 3, from, until, 1)),
            "foreign AEO"
        );
    }

    /// @dev The shortest validity is one second, this one.
    function test_validity_ofThisSecondAlone() public {
        vm.prank(licensing);
        authorisations.licenseBroker(brokerage, 0, 0, uint40(START), 0);
        empower(7, 0, uint40(START));
        assertTrue(may(1, START), "now");
        assertFalse(may(1, START + 1), "over");
    }

    function test_foreignAeo_countsForItsPart_inItsTime() public {
        bytes32 key = authorisations.foreignAeoKey("CN", "AEOCN1");
        uint40 from = uint40(START + 10);
        vm.prank(unit);
        authorisations.recognizeForeignAeo("x", "CN", "AEOCN1", 5, 2, from, from + 10, 0);
        assertEq(authorisations.foreignCategories(key, 1, from), 5, "first second");
        assertEq(authorisations.foreignCategories(key, 1, from + 10), 5, "last second");
        assertEq(authorisations.foreignCategories(key, 1, from - 1), 0, "before");
        assertEq(authorisations.foreignCategories(key, 1, from + 11), 0, "after");
        assertEq(authorisations.foreignCategories(key, 0, from), 0, "another part");
        assertEq(authorisations.foreignCategories(key, 9, from), 0, "no such part");
    }
}
