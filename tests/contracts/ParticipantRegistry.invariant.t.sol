// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantRegistry} from "../../contracts/ParticipantRegistry.sol";
import {Authority, AuthorityWord} from "../../contracts/types/Authority.sol";
import {ParticipantStatus} from "../../contracts/types/Participant.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Roles} from "../../contracts/types/Roles.sol";
import {Ledger} from "./support/Ledger.sol";
import {Test} from "./support/Test.sol";

/// @dev Governance at random: one participant, twenty keys, time passing. Counts what took effect.
contract ParticipantWalk is Test {
    ParticipantRegistry internal immutable PARTICIPANTS;
    address internal immutable GOVERNANCE;
    uint64 internal immutable AGENCY;
    uint256 public constant KEYS = 20;
    uint256 public effects;

    constructor(ParticipantRegistry participants, address governance, uint64 agency) {
        (PARTICIPANTS, GOVERNANCE, AGENCY) = (participants, governance, agency);
    }

    function keyNo(uint256 i) public pure returns (address) {
        return vm.addr(5000 + i);
    }

    function setKey(uint256 key, uint256 kind, uint256 lifetime) external {
        uint32[5] memory kinds = [
            Roles.ISSUER,
            Roles.ISSUER | Roles.OGA,
            Roles.SERVICE_ANCHOR,
            Roles.OGA,
            Roles.REGISTRAR
        ];
        uint40 until = uint40(block.timestamp + bound(lifetime, 0, 30 days));
        (address k, uint32 version) = pick(key);
        act(abi.encodeCall(PARTICIPANTS.setKey, (AGENCY, k, version, kinds[kind % 5], 0, 0, until)));
    }

    function retireKey(uint256 key) external {
        (address k, uint32 version) = pick(key);
        act(abi.encodeCall(PARTICIPANTS.retireKey, (k, version, Reasons.ROTATION)));
    }

    function compromise(uint256 key, uint256 back) external {
        if (back % 4 != 0) return; // for ever: more often and no key would be left
        (address k, uint32 version) = pick(key);
        uint40 from = uint40(block.timestamp - bound(back, 0, 10 days));
        act(abi.encodeCall(PARTICIPANTS.declareCompromised, (k, version, from, 0)));
    }

    function suspend() external {
        act(abi.encodeCall(PARTICIPANTS.suspend, (AGENCY, standing(), Reasons.ORDER, 0)));
    }

    function reinstate() external {
        act(abi.encodeCall(PARTICIPANTS.reinstate, (AGENCY, standing(), Reasons.CLEARED, 0)));
    }

    function amend(uint256 mask) external {
        uint32 all = Roles.ISSUER | Roles.OGA | Roles.SERVICE_ANCHOR | Roles.REGISTRAR;
        act(abi.encodeCall(PARTICIPANTS.amend, (AGENCY, standing(), mask % 2 == 0 ? all : all & uint32(mask), 0, 0)));
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 20 days));
    }

    function pick(uint256 key) private view returns (address k, uint32 version) {
        k = keyNo(key % KEYS);
        (, version) = PARTICIPANTS.keyWord(k);
    }

    function standing() private view returns (uint32) {
        return PARTICIPANTS.participantOf(AGENCY).version;
    }

    function act(bytes memory data) private {
        vm.prank(GOVERNANCE);
        (bool ok, ) = address(PARTICIPANTS).call(data);
        if (ok) ++effects;
    }
}

/// @dev After any walk: the list of anchoring keys is bounded and true, a participant that is not active has no key that
///      may act, no key has a role outside the mask, and the history's answer for now is the answer now.
contract ParticipantRegistryInvariantTest is Ledger {
    ParticipantWalk internal walk;
    uint64 internal agency;

    function setUp() public {
        deployCore();
        agency = admit(Roles.ISSUER | Roles.OGA | Roles.SERVICE_ANCHOR | Roles.REGISTRAR, 0);
        walk = new ParticipantWalk(participants, address(governance), agency);
        targetContract(address(walk));
        bytes4[] memory acts = new bytes4[](7);
        acts[0] = walk.setKey.selector;
        acts[1] = walk.retireKey.selector;
        acts[2] = walk.compromise.selector;
        acts[3] = walk.suspend.selector;
        acts[4] = walk.reinstate.selector;
        acts[5] = walk.amend.selector;
        acts[6] = walk.pass.selector;
        targetSelector(FuzzSelector(address(walk), acts));
    }

    /// hardhat-config: default.invariant.runs = 16
    /// hardhat-config: default.invariant.depth = 50
    function invariant_authorityIsBounded() public view {
        address[] memory listed = participants.anchoringKeys(agency);
        assertLe(listed.length, participants.MAX_ANCHORING_KEYS(), "bounded");
        for (uint256 i = 0; i < listed.length; ++i) {
            (uint256 word, ) = participants.keyWord(listed[i]);
            assertTrue(uint32(word >> 184) & Roles.ANY_ANCHOR != 0, "listed keys may anchor");
        }
        bool active = participants.participantOf(agency).status == ParticipantStatus.ACTIVE;
        uint32 mask = participants.participantOf(agency).roles;
        for (uint256 i = 0; i < walk.KEYS(); ++i) {
            address key = walk.keyNo(i);
            Authority memory then = participants.authorityAt(key, time40());
            try participants.authorise(key, ALL_ROLES) returns (AuthorityWord a) {
                assertTrue(active, "only of an active participant");
                assertEq(a.roles() & ~mask, 0, "within the mask");
                assertEq(
                    abi.encode(a.participant(), a.roles(), a.office()),
                    abi.encode(then.participant, then.roles, then.office),
                    "history agrees"
                );
            } catch {
                assertEq(then.participant, 0, "history agrees that there is none");
            }
        }
    }

    /// @dev Not an invariant of the contract but of this test: the walk is no idle one.
    function test_walk_hasEffects() public {
        for (uint256 i = 0; i < 40; ++i) {
            walk.setKey(i, i, 30 days);
            if (i % 7 == 0) walk.suspend();
            if (i % 7 == 3) walk.reinstate();
            if (i % 11 == 0) walk.amend(i);
            walk.pass(1);
        }
        walk.retireKey(1);
        walk.compromise(2, 0);
        assertTrue(walk.effects() > 20, "most acts apply");
        invariant_authorityIsBounded();
    }
}
