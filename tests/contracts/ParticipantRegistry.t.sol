// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IAuthoritySource} from "../../contracts/interfaces/IAuthoritySource.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {KeyWord} from "../../contracts/libraries/KeyWord.sol";
import {AuthorityWord} from "../../contracts/types/Authority.sol";
import {AlreadyDone, BadValidity, UnknownReason, WrongVersion} from "../../contracts/types/Errors.sol";
import {KeyRecord, Participant, ParticipantStatus} from "../../contracts/types/Participant.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Roles} from "../../contracts/types/Roles.sol";
import {Ledger} from "./support/Ledger.sol";

/// @dev Participants, keys, accreditations and encryption keys: who may do what, now and at any past instant.
contract ParticipantRegistryTest is Ledger {
    uint32 internal constant MASK = Roles.REGISTRAR | Roles.ISSUER | Roles.OGA | Roles.DECLARANT | Roles.SERVICE_ANCHOR;
    uint24 internal constant PHYTO = 851_001;

    uint64 internal agency;
    address internal registrar;
    address internal officer;

    function setUp() public {
        deployCore();
        agency = admit(MASK, 0);
        registrar = giveKey(agency, "registrar", Roles.REGISTRAR);
        officer = giveKey(agency, "officer", Roles.OGA, 42);
    }

    function setKey(address as_, address key, uint32 version, uint32 roles) internal {
        vm.prank(as_);
        participants.setKey(agency, key, version, roles, 0, 0, FOREVER);
    }

    function keyNo(uint256 i) internal pure returns (address) {
        return vm.addr(1000 + i);
    }

    function roleNow(address key, uint32 roles) internal view returns (bool) {
        try participants.authorise(key, roles) returns (AuthorityWord a) {
            return a.participant() == agency;
        } catch {
            return false;
        }
    }

    // ----- admission

    function test_admit_countsAndRemembersTheRequest() public {
        assertEq(participants.participantCount(), 1, "one so far");
        vm.prank(address(governance));
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.ParticipantAdmitted(2, address(governance), "x", MASK, agency, "profile");
        uint64 id = participants.admit("x", MASK, agency, "profile");
        Participant memory p = participants.participantOf(id);
        assertEq(uint256(p.status), uint256(ParticipantStatus.ACTIVE), "active");
        assertEq(p.roles, MASK, "mask");
        assertEq(p.supervisor, agency, "supervisor");
        assertEq(participants.supervisorOf(id), agency, "supervisorOf");
        assertEq(p.since, START, "since");
        assertEq(p.version, 1, "version");
        assertEq(p.profile, "profile", "profile");
        vm.prank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, keccak256(abi.encode(uint64(0), bytes32("x")))));
        participants.admit("x", MASK, 0, "profile");
        vm.prank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.BadSupervisor.selector, 3));
        participants.admit("y", MASK, 3, "profile");
    }

    function test_governanceActs_areClosedToOthers() public {
        bytes[6] memory acts = [
            abi.encodeCall(participants.admit, ("x", MASK, 0, 0)),
            abi.encodeCall(participants.amend, (agency, 1, MASK, 0, 0)),
            abi.encodeCall(participants.suspend, (agency, 1, Reasons.ORDER, 0)),
            abi.encodeCall(participants.retire, (agency, 1, Reasons.ORDER, 0)),
            abi.encodeCall(participants.accredit, (agency, PHYTO, 0, 0, FOREVER)),
            abi.encodeCall(participants.withdrawAccreditation, (agency, PHYTO, 0, Reasons.ORDER, 0))
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            vm.prank(registrar);
            (bool ok, bytes memory reason) = address(participants).call(acts[i]);
            assertFalse(ok, "refused");
            assertEq(
                reason,
                abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, registrar),
                "unauthorised"
            );
        }
    }

    // ----- keys

    function test_setKey_storesTheFrozenWord() public {
        address key = keyNo(1);
        KeyRecord memory k = KeyRecord(agency, uint40(START + 5), uint40(START + 9), 0, Roles.ISSUER, 77, 0);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.KeyChanged(key, agency, 1, KeyWord.pack(k), registrar, 0, 0);
        vm.prank(registrar);
        participants.setKey(agency, key, 0, Roles.ISSUER, 77, uint40(START + 5), uint40(START + 9));

        (uint256 word, uint32 version) = participants.keyWord(key);
        assertEq(version, 1, "version");
        uint256 expected =
            uint256(agency) |
                ((START + 5) << 64) |
                ((START + 9) << 104) |
                (uint256(Roles.ISSUER) << 184) |
                (uint256(77) << 216);
        assertEq(word, expected, "layout");
        bytes32 slot = keccak256(abi.encode(key, uint256(1)));
        assertEq(uint256(vm.load(address(participants), slot)), expected, "keys in slot 1");

        uint40[4] memory instants = [uint40(START + 4), uint40(START + 5), uint40(START + 9), uint40(START + 10)];
        bool[4] memory valid = [false, true, true, false];
        for (uint256 i = 0; i < 4; ++i) {
            vm.warp(instants[i]);
            assertTrue(roleNow(key, Roles.ISSUER) == valid[i], "both ends inclusive");
        }
    }

    function test_setKey_cannotBeBackdated() public {
        vm.prank(registrar);
        participants.setKey(agency, keyNo(1), 0, Roles.ISSUER, 0, 1, FOREVER);
        assertEq(participants.authorityAt(keyNo(1), uint40(START - 1)).participant, 0, "nobody before");
        assertEq(participants.authorityAt(keyNo(1), uint40(START)).participant, agency, "from this block");
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(BadValidity.selector, 1, START - 1));
        participants.setKey(agency, keyNo(2), 0, Roles.ISSUER, 0, 1, uint40(START - 1));
    }

    function test_setKey_staysWithinMaskAndKind() public {
        vm.startPrank(registrar);
        vm.expectRevert(rolesNotAllowed(Roles.TREASURY, MASK));
        participants.setKey(agency, keyNo(1), 0, Roles.TREASURY, 0, 0, FOREVER);
        vm.expectRevert(rolesNotAllowed(0, MASK));
        participants.setKey(agency, keyNo(1), 0, 0, 0, 0, FOREVER);
        vm.expectRevert(rolesNotAllowed(Roles.ISSUER | Roles.SERVICE_ANCHOR, Roles.SERVICE_ANCHOR));
        participants.setKey(agency, keyNo(1), 0, Roles.ISSUER | Roles.SERVICE_ANCHOR, 0, 0, FOREVER);
        vm.stopPrank();
    }

    /// @dev What section 5 says that a role may not do, no other role of the same key may do for it.
    function test_setKey_notTwoRolesOfWhichOneExcludesTheOther() public {
        vm.startPrank(address(governance));
        uint64 all = participants.admit("all roles", type(uint32).max, 0, 0);
        uint32[4] memory clashes = [
            Roles.AUDITOR | Roles.ISSUER,
            Roles.CUSTOMS_AUDIT | Roles.CUSTOMS_OFFICER,
            Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_REVENUE,
            Roles.TREASURY | Roles.CUSTOMS_REVENUE
        ];
        for (uint256 i = 0; i < clashes.length; ++i) {
            uint32 more = i == 0 ? clashes[i] : clashes[i] | Roles.ISSUER | Roles.AEO_UNIT;
            vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.RolesExclude.selector, more, clashes[i]));
            participants.setKey(all, keyNo(1), 0, more, 0, 0, FOREVER);
        }
        uint32[5] memory sound = [
            Roles.AUDITOR,
            Roles.CUSTOMS_OFFICER | Roles.CUSTOMS_RISK | Roles.CUSTOMS_REVENUE | Roles.CUSTOMS_APPEAL,
            Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_OFFICER | Roles.TREASURY | Roles.CUSTOMS_RISK,
            Roles.CUSTOMS_AUDIT | Roles.CUSTOMS_RISK | Roles.CUSTOMS_REVENUE,
            Roles.CUSTOMS_AUDIT | Roles.CUSTOMS_INSPECTOR | Roles.TREASURY
        ];
        for (uint160 i = 0; i < sound.length; ++i) {
            participants.setKey(all, keyNo(10 + i), 0, sound[i], 0, 0, FOREVER);
            assertEq(participants.authorityAt(keyNo(10 + i), time40()).roles, sound[i], "one key for these");
        }
        vm.stopPrank();
    }

    function test_setKey_repeatIsRefused() public {
        setKey(registrar, keyNo(1), 0, Roles.ISSUER);
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        participants.setKey(agency, keyNo(1), 0, Roles.ISSUER, 0, 0, FOREVER);
    }

    function test_setKey_onlyByRegistrarOrGovernance() public {
        uint64 other = admit(MASK, 0);
        address stranger = giveKey(other, "stranger", Roles.REGISTRAR);
        address[2] memory wrong = [stranger, officer];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(wrong[i]);
            vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.NotRegistrar.selector, wrong[i], agency));
            participants.setKey(agency, keyNo(1), 0, Roles.ISSUER, 0, 0, FOREVER);
        }
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, officer, agency));
        participants.setKey(other, officer, 0, Roles.ISSUER, 0, 0, FOREVER);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.UnknownParticipant.selector, 99));
        participants.setKey(99, keyNo(1), 0, Roles.ISSUER, 0, 0, FOREVER);
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.UnknownKey.selector, address(0)));
        participants.setKey(agency, address(0), 0, Roles.ISSUER, 0, 0, FOREVER);
    }

    function test_setKey_changeOfOfficeKeepsThePast() public {
        vm.warp(START + 100);
        vm.prank(registrar);
        participants.setKey(agency, officer, 1, Roles.OGA, 43, 0, FOREVER);
        assertEq(participants.authorityAt(officer, uint40(START + 99)).office, 42, "before");
        assertEq(participants.authorityAt(officer, uint40(START + 100)).office, 43, "after");
        assertEq(participants.authorise(officer, Roles.OGA).office(), 43, "now");
    }

    function test_setKey_boundsAnchoringKeys() public {
        for (uint256 i = 0; i < 16; ++i) {
            vm.prank(registrar);
            participants.setKey(agency, keyNo(i), 0, Roles.ISSUER, 0, 0, i == 3 ? uint40(START + 5) : FOREVER);
        }
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.TooManyAnchoringKeys.selector, agency, 16));
        participants.setKey(agency, keyNo(16), 0, Roles.SERVICE_ANCHOR, 0, 0, FOREVER);
        setKey(registrar, keyNo(17), 0, Roles.OGA); // a key that may not anchor needs no place
        setKey(registrar, keyNo(1), 1, Roles.ISSUER); // nor does one that has its place

        vm.warp(START + 6); // an expired key makes room
        setKey(registrar, keyNo(16), 0, Roles.SERVICE_ANCHOR);
        vm.prank(registrar);
        participants.retireKey(keyNo(0), 1, Reasons.ROTATION); // and so does a retired one
        setKey(registrar, keyNo(18), 0, Roles.ISSUER);
        assertEq(participants.anchoringKeys(agency).length, 16, "full again");
        setKey(registrar, keyNo(18), 1, Roles.OGA); // and one that may no longer anchor
        assertEq(participants.anchoringKeys(agency).length, 15, "one free");
    }

    function test_retireKey_endsFromNowOn() public {
        vm.warp(START + 50);
        vm.prank(registrar);
        participants.retireKey(officer, 1, Reasons.OFFICE_CHANGED);
        assertFalse(roleNow(officer, Roles.OGA), "not from this second");
        assertEq(participants.authorityAt(officer, uint40(START + 49)).participant, agency, "past stays");
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyClosed.selector, officer, KeyWord.RETIRED));
        participants.retireKey(officer, 2, Reasons.OFFICE_CHANGED);
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.UnknownKey.selector, keyNo(9)));
        participants.retireKey(keyNo(9), 0, Reasons.OFFICE_CHANGED);

        vm.warp(START + 60);
        setKey(registrar, officer, 2, Roles.OGA); // back in office
        assertTrue(roleNow(officer, Roles.OGA), "again");
        assertEq(participants.authorityAt(officer, uint40(START + 55)).participant, 0, "not in between");
    }

    // ----- compromise

    function test_declareCompromised_reachesBackOverOlderWords() public {
        vm.warp(START + 10 days);
        setKey(registrar, officer, 1, Roles.OGA);
        vm.warp(START + 20 days);
        vm.expectEmit(address(participants));
        KeyRecord memory k = KeyRecord(
            agency,
            uint40(START + 10 days),
            FOREVER,
            uint40(START + 5 days),
            Roles.OGA,
            0,
            KeyWord.COMPROMISED
        );
        emit IParticipantRegistry.KeyChanged(
            officer,
            agency,
            3,
            KeyWord.pack(k),
            registrar,
            Reasons.KEY_LOST,
            "police report"
        );
        vm.prank(registrar);
        participants.declareCompromised(officer, 2, uint40(START + 5 days), "police report");

        assertFalse(roleNow(officer, Roles.OGA), "now");
        assertEq(participants.authorityAt(officer, uint40(START + 5 days - 1)).participant, agency, "second before");
        assertEq(participants.authorityAt(officer, uint40(START + 5 days)).participant, 0, "from that second");
        assertEq(participants.authorityAt(officer, uint40(START + 15 days)).participant, 0, "under the newer word");
        assertEq(participants.keyAt(officer, uint40(START + 6 days)).flags, KeyWord.COMPROMISED, "flag");
        assertEq(participants.keyAt(officer, uint40(START + 6 days)).blockedFrom, START + 5 days, "instant");
    }

    /// @dev Of retirement and compromise the earlier end counts, and at every instant since.
    function test_declareCompromised_afterRetirement() public {
        vm.warp(START + 10 days);
        vm.prank(registrar);
        participants.retireKey(officer, 1, Reasons.OFFICE_CHANGED);
        vm.warp(START + 20 days);
        vm.prank(registrar);
        participants.declareCompromised(officer, 2, uint40(START + 15 days), "police report");
        assertEq(participants.keyAt(officer, time40()).blockedFrom, START + 10 days, "retired before it was lost");
        assertEq(participants.authorityAt(officer, uint40(START + 9 days)).participant, agency, "in office");
        vm.prank(registrar);
        participants.declareCompromised(officer, 3, uint40(START + 5 days), "lost earlier than thought");
        assertEq(participants.keyAt(officer, time40()).blockedFrom, START + 5 days, "lost before it was retired");
        assertEq(
            participants.keyAt(officer, uint40(START + 12 days)).blockedFrom,
            START + 5 days,
            "under that word too"
        );
        assertEq(participants.authorityAt(officer, uint40(START + 9 days)).participant, 0, "no more");
    }

    function test_participantAt_beforeItWasAdmitted() public view {
        Participant memory none;
        assertEq(abi.encode(participants.participantAt(agency, uint40(START - 1))), abi.encode(none), "nothing");
        assertTrue(
            participants.participantAt(agency, uint40(START)).status == ParticipantStatus.ACTIVE,
            "from then on"
        );
    }

    function test_declareCompromised_bounds() public {
        vm.warp(START + 40 days);
        uint40 now_ = time40();
        vm.startPrank(registrar);
        vm.expectRevert(badInstant(now_ - 30 days - 1, now_ - 30 days, now_));
        participants.declareCompromised(officer, 1, now_ - 30 days - 1, 0);
        vm.expectRevert(badInstant(now_ + 1, now_ - 30 days, now_));
        participants.declareCompromised(officer, 1, now_ + 1, 0);
        participants.declareCompromised(officer, 1, now_ - 30 days, 0);
        vm.expectRevert(badInstant(now_ - 1, now_ - 30 days, now_ - 30 days - 1));
        participants.declareCompromised(officer, 2, now_ - 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyClosed.selector, officer, KeyWord.COMPROMISED));
        participants.setKey(agency, officer, 2, Roles.OGA, 0, 0, FOREVER);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyClosed.selector, officer, KeyWord.COMPROMISED));
        participants.retireKey(officer, 2, Reasons.ROTATION);
        vm.stopPrank();
        // Governance may go further back.
        decide(
            address(participants),
            abi.encodeCall(participants.declareCompromised, (officer, 2, uint40(START + 1), "order"))
        );
        assertEq(participants.authorityAt(officer, uint40(START)).participant, agency, "its first second");
        assertEq(participants.authorityAt(officer, uint40(START + 1)).participant, 0, "and no more");
    }

    // ----- suspension

    function test_suspend_reachesEveryKeyAndIsLiftedWhole() public {
        setKey(registrar, keyNo(1), 0, Roles.ISSUER);
        setKey(registrar, keyNo(2), 0, Roles.SERVICE_ANCHOR);
        setKey(registrar, keyNo(3), 0, Roles.ISSUER);
        vm.prank(registrar);
        participants.declareCompromised(keyNo(3), 1, uint40(START), 0);

        vm.warp(START + 100);
        decide(address(participants), abi.encodeCall(participants.suspend, (agency, 1, Reasons.ORDER, "order")));
        assertFalse(roleNow(officer, Roles.OGA), "officer");
        assertFalse(roleNow(keyNo(1), Roles.ISSUER), "issuer");
        assertFalse(roleNow(keyNo(2), Roles.SERVICE_ANCHOR), "service");
        assertFalse(participants.activeAt(agency, time40()), "standing");
        vm.prank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.NotRegistrar.selector, registrar, agency));
        participants.setKey(agency, keyNo(4), 0, Roles.ISSUER, 0, 0, FOREVER);

        vm.warp(START + 200);
        decide(address(participants), abi.encodeCall(participants.reinstate, (agency, 2, Reasons.CLEARED, 0)));
        assertTrue(roleNow(officer, Roles.OGA), "officer back");
        assertTrue(roleNow(keyNo(1), Roles.ISSUER), "issuer back");
        assertFalse(roleNow(keyNo(3), Roles.ISSUER), "a compromised key not");

        address[3] memory keys = [officer, keyNo(1), keyNo(2)];
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(participants.authorityAt(keys[i], uint40(START + 99)).participant, agency, "before");
            assertEq(participants.authorityAt(keys[i], uint40(START + 100)).participant, 0, "first second");
            assertEq(participants.authorityAt(keys[i], uint40(START + 199)).participant, 0, "last second");
            assertEq(participants.authorityAt(keys[i], uint40(START + 200)).participant, agency, "after");
        }
        assertFalse(participants.activeAt(agency, uint40(START + 199)), "standing then");
        assertTrue(participants.activeAt(agency, uint40(START + 200)), "standing after");
        assertFalse(participants.activeAt(agency, uint40(START - 1)), "before admission");
    }

    function test_suspend_keepsKeysRetiredMeanwhileOut() public {
        setKey(registrar, keyNo(1), 0, Roles.ISSUER);
        decide(address(participants), abi.encodeCall(participants.suspend, (agency, 1, Reasons.ORDER, 0)));
        decide(address(participants), abi.encodeCall(participants.retireKey, (keyNo(1), 2, Reasons.ROTATION)));
        decide(address(participants), abi.encodeCall(participants.reinstate, (agency, 2, Reasons.CLEARED, 0)));
        assertFalse(roleNow(keyNo(1), Roles.ISSUER), "stays retired");
    }

    function test_standing_forbiddenTransitions() public {
        vm.startPrank(address(governance));
        vm.expectRevert(wrongStatus(ParticipantStatus.ACTIVE));
        participants.reinstate(agency, 1, Reasons.CLEARED, 0);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        participants.suspend(agency, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 7, 1));
        participants.suspend(agency, 7, Reasons.ORDER, 0);
        participants.suspend(agency, 1, Reasons.ORDER, 0);
        vm.expectRevert(wrongStatus(ParticipantStatus.SUSPENDED));
        participants.suspend(agency, 2, Reasons.ORDER, 0);
        vm.expectRevert(wrongStatus(ParticipantStatus.SUSPENDED));
        participants.setKey(agency, keyNo(1), 0, Roles.ISSUER, 0, 0, FOREVER);
        participants.retire(agency, 2, Reasons.OWN_REQUEST, 0);
        vm.expectRevert(wrongStatus(ParticipantStatus.RETIRED));
        participants.retire(agency, 3, Reasons.OWN_REQUEST, 0);
        vm.expectRevert(wrongStatus(ParticipantStatus.RETIRED));
        participants.reinstate(agency, 3, Reasons.CLEARED, 0);
        vm.expectRevert(wrongStatus(ParticipantStatus.RETIRED));
        participants.amend(agency, 3, MASK, 0, 0);
        vm.expectRevert(wrongStatus(ParticipantStatus.RETIRED));
        participants.accredit(agency, PHYTO, 0, 0, FOREVER);
        vm.expectRevert(wrongStatus(ParticipantStatus.RETIRED));
        participants.setEncryptionKey(agency, 0, "key");
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.UnknownParticipant.selector, 9));
        participants.suspend(9, 0, Reasons.ORDER, 0);
        vm.stopPrank();
        assertFalse(roleNow(officer, Roles.OGA), "no key of a retired participant");
    }

    function test_retire_closesAnchoringKeys() public {
        setKey(registrar, keyNo(1), 0, Roles.ISSUER);
        vm.warp(START + 10);
        decide(address(participants), abi.encodeCall(participants.retire, (agency, 1, Reasons.OWN_REQUEST, 0)));
        assertFalse(roleNow(keyNo(1), Roles.ISSUER), "closed");
        assertEq(participants.anchoringKeys(agency).length, 0, "none left");
        assertEq(participants.authorityAt(keyNo(1), uint40(START + 9)).participant, agency, "past stays");
    }

    function test_amend_takesRolesFromKeys() public {
        setKey(registrar, keyNo(1), 0, Roles.ISSUER | Roles.OGA);
        setKey(registrar, keyNo(2), 0, Roles.SERVICE_ANCHOR);
        vm.warp(START + 10);
        uint32 less = MASK & ~(Roles.ISSUER | Roles.DECLARANT);
        decide(address(participants), abi.encodeCall(participants.amend, (agency, 1, less, 0, "new profile")));
        assertFalse(roleNow(keyNo(1), Roles.ISSUER), "issuer role gone");
        assertTrue(roleNow(keyNo(1), Roles.OGA), "the other stays");
        assertEq(participants.anchoringKeys(agency).length, 1, "off the list");
        assertTrue(roleNow(keyNo(2), Roles.SERVICE_ANCHOR), "untouched");
        assertEq(participants.participantAt(agency, uint40(START + 9)).roles, MASK, "mask then");
        assertEq(participants.participantAt(agency, uint40(START + 10)).roles, less, "mask now");
        assertEq(participants.authorityAt(keyNo(1), uint40(START + 9)).roles, Roles.ISSUER | Roles.OGA, "then");

        // A role that left the mask is gone for keys outside the list too, and comes back with it.
        decide(address(participants), abi.encodeCall(participants.amend, (agency, 2, less & ~Roles.OGA, 0, 0)));
        assertFalse(roleNow(officer, Roles.OGA), "outside the mask");
        decide(address(participants), abi.encodeCall(participants.amend, (agency, 3, MASK, 0, 0)));
        assertTrue(roleNow(officer, Roles.OGA), "within it again");
    }

    function test_amend_leavesAKeyThatStillAnchorsOnTheList() public {
        setKey(registrar, keyNo(1), 0, Roles.ISSUER | Roles.OGA);
        decide(address(participants), abi.encodeCall(participants.amend, (agency, 1, MASK & ~Roles.OGA, 0, 0)));
        assertTrue(roleNow(keyNo(1), Roles.ISSUER) && !roleNow(keyNo(1), Roles.OGA), "one role less");
        assertEq(participants.anchoringKeys(agency).length, 1, "a suspension reaches it still");
    }

    /// @dev Its records may still have to be revoked: a retired issuer can be given an authority over them, nothing else.
    function test_amend_ofARetiredParticipant_setsItsSupervisorAlone() public {
        uint64 ministry = admit(Roles.OGA, 0);
        bytes32 profile = participants.participantOf(agency).profile;
        vm.startPrank(address(governance));
        participants.retire(agency, 1, Reasons.OWN_REQUEST, 0);
        vm.expectRevert(wrongStatus(ParticipantStatus.RETIRED));
        participants.amend(agency, 2, MASK & ~Roles.OGA, ministry, profile);
        vm.expectRevert(wrongStatus(ParticipantStatus.RETIRED));
        participants.amend(agency, 2, MASK, ministry, "another profile");
        participants.amend(agency, 2, MASK, ministry, profile);
        vm.stopPrank();
        assertEq(participants.supervisorOf(agency), ministry, "has an authority");
        Participant memory p = participants.participantOf(agency);
        assertTrue(p.status == ParticipantStatus.RETIRED && p.version == 3, "retired all the same");
        assertFalse(roleNow(officer, Roles.OGA), "no key of a retired participant");
    }

    function test_amend_refusesItselfAsSupervisor() public {
        vm.prank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.BadSupervisor.selector, agency));
        participants.amend(agency, 1, MASK, agency, 0);
    }

    // ----- accreditation

    function test_accredit_periodsAndWithdrawal() public {
        vm.startPrank(address(governance));
        participants.accredit(agency, PHYTO, 0, uint40(START + 10), uint40(START + 20));
        assertFalse(participants.accreditedAt(agency, PHYTO, uint40(START + 9)), "before");
        assertTrue(participants.accreditedAt(agency, PHYTO, uint40(START + 10)), "first second");
        assertTrue(participants.accreditedAt(agency, PHYTO, uint40(START + 20)), "last second");
        assertFalse(participants.accreditedAt(agency, PHYTO, uint40(START + 21)), "after");
        (uint256 word, uint32 version) = participants.accreditationWord(agency, PHYTO);
        assertEq(word, (START + 10) | ((START + 20) << 40), "layout");
        assertEq(version, 1, "version");
        bytes32 slot = keccak256(abi.encode((uint256(agency) << 24) | PHYTO, uint256(2)));
        assertEq(uint256(vm.load(address(participants), slot)), word, "accreditations in slot 2");

        vm.warp(START + 15);
        participants.withdrawAccreditation(agency, PHYTO, 1, Reasons.COMPLIANCE, 0);
        assertTrue(participants.accreditedAt(agency, PHYTO, uint40(START + 14)), "past stays");
        assertFalse(participants.accreditedAt(agency, PHYTO, uint40(START + 15)), "from now on");
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAccredited.selector, agency, PHYTO, START + 15));
        participants.withdrawAccreditation(agency, PHYTO, 2, Reasons.COMPLIANCE, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAccredited.selector, agency, 7, START + 15));
        participants.withdrawAccreditation(agency, 7, 0, Reasons.COMPLIANCE, 0); // never given

        vm.warp(START + 18);
        participants.accredit(agency, PHYTO, 2, 0, FOREVER);
        assertFalse(participants.accreditedAt(agency, PHYTO, uint40(START + 17)), "the gap stays");
        assertTrue(participants.accreditedAt(agency, PHYTO, uint40(START + 18)), "again");
        assertTrue(participants.accreditedAt(agency, PHYTO, uint40(START + 12)), "and the first time");
        assertEq(participants.accreditationAt(agency, PHYTO, uint40(START + 16)).blockedFrom, START + 15, "its end");

        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 3));
        participants.accredit(agency, PHYTO, 0, 0, FOREVER);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.BadDocumentType.selector, 0));
        participants.accredit(agency, 0, 0, 0, FOREVER);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.UnknownParticipant.selector, 9));
        participants.accredit(9, PHYTO, 0, 0, FOREVER);
        vm.stopPrank();
    }

    function test_accredit_countsFromItsFirstSecond() public {
        address service = giveKey(agency, "anchoring service", Roles.SERVICE_ANCHOR);
        vm.prank(address(governance));
        participants.accredit(agency, PHYTO, 0, uint40(START + 10), uint40(START + 20));
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAccredited.selector, agency, PHYTO, START));
        participants.authoriseAnchor(service, PHYTO);
        vm.warp(START + 10);
        assertEq(participants.authoriseAnchor(service, PHYTO), agency, "from then on");
    }

    // ----- encryption keys

    function test_encryptionKey_historyIsComplete() public {
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.EncryptionKeyChanged(agency, 1, "first", registrar);
        vm.prank(registrar);
        participants.setEncryptionKey(agency, 0, "first");
        vm.warp(START + 10);
        vm.prank(registrar);
        participants.setEncryptionKey(agency, 1, "second");
        assertEq(participants.encryptionKeyAt(agency, uint40(START - 1)), 0, "none");
        assertEq(participants.encryptionKeyAt(agency, uint40(START + 9)), "first", "first");
        assertEq(participants.encryptionKeyAt(agency, uint40(START + 10)), "second", "second");
        (bytes32 key, uint32 version) = participants.encryptionKey(agency);
        assertEq(key, "second", "now");
        assertEq(version, 2, "version");

        vm.startPrank(registrar);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 1, 2));
        participants.setEncryptionKey(agency, 1, "third");
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.BadEncryptionKey.selector, bytes32("second")));
        participants.setEncryptionKey(agency, 2, "second");
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.BadEncryptionKey.selector, bytes32(0)));
        participants.setEncryptionKey(agency, 2, 0);
        vm.stopPrank();
    }

    // ----- the law over time

    /// @dev Whatever was authorised at an instant is what the history answers for that instant later.
    function testFuzz_authorityAt_isWhatItWas(uint256 seed) public {
        address key = keyNo(1);
        bool[] memory was = new bool[](24);
        for (uint256 i = 0; i < was.length; ++i) {
            vm.warp(START + i * 10);
            _randomAct(uint256(keccak256(abi.encode(seed, i))) % 7, key);
            was[i] = roleNow(key, Roles.ISSUER);
        }
        for (uint256 i = 0; i < was.length; ++i) {
            uint40 instant = uint40(START + i * 10 + (seed % 10));
            if (instant > block.timestamp) instant = time40();
            bool held = participants.authorityAt(key, instant).roles & Roles.ISSUER != 0;
            assertTrue(held == was[i], "as it was");
        }
    }

    /// @dev One act on `key` or its participant; those that do not apply are refused and change nothing.
    function _randomAct(uint256 kind, address key) private {
        (, uint32 version) = participants.keyWord(key);
        uint32 standing = participants.participantOf(agency).version;
        bytes memory act;
        if (kind == 0) act = abi.encodeCall(participants.setKey, (agency, key, version, Roles.ISSUER, 0, 0, FOREVER));
        if (kind == 1) act = abi.encodeCall(participants.setKey, (agency, key, version, Roles.OGA, 0, 0, FOREVER));
        if (kind == 2) act = abi.encodeCall(participants.retireKey, (key, version, Reasons.ROTATION));
        if (kind == 3) act = abi.encodeCall(participants.suspend, (agency, standing, Reasons.ORDER, 0));
        if (kind == 4) act = abi.encodeCall(participants.reinstate, (agency, standing, Reasons.CLEARED, 0));
        if (kind == 5) act = abi.encodeCall(participants.amend, (agency, standing, MASK & ~Roles.ISSUER, 0, 0));
        if (kind == 6) act = abi.encodeCall(participants.amend, (agency, standing, MASK, 0, 0));
        vm.prank(address(governance));
        (bool ok, ) = address(participants).call(act);
        ok; // refusals are part of the walk
    }

    function rolesNotAllowed(uint32 roles, uint32 allowed) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IParticipantRegistry.RolesNotAllowed.selector, roles, allowed);
    }

    function badInstant(uint40 from, uint40 earliest, uint40 latest) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IParticipantRegistry.BadCompromiseInstant.selector, from, earliest, latest);
    }

    function wrongStatus(ParticipantStatus status) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IParticipantRegistry.WrongStatus.selector, agency, status);
    }
}
