// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../support/Test.sol";
import {DeclarationWalk} from "./DeclarationWalk.sol";

/// @notice Throws the dice for the walk: the one contract that a campaign calls. (The runner only knows contracts
///         without linked libraries.)
contract Dice {
    DeclarationWalk internal immutable WALK;
    /// @dev Which act a throw means: those that lead to release more often, those that end a case seldom.
    bytes internal constant ACTS =
        hex"0000010203030303040405050505060607070708080808080808090a0b0c0d0e0f10111212131305";

    constructor(DeclarationWalk walk) {
        WALK = walk;
    }

    function step(uint256 dice) external {
        uint256 kind = uint8(ACTS[uint8(dice) % ACTS.length]);
        (uint256 c, uint256 a, uint256 b) = (dice >> 8, dice >> 16, dice >> 24);
        if (kind == 0) WALK.enter(c, a, b, uint96(dice >> 32));
        else if (kind == 1) WALK.seal(c);
        else if (kind == 2) WALK.abandon(c, a);
        else if (kind == 3) WALK.control(c, a, b % 3 != 0);
        else if (kind == 4) WALK.dismiss(c);
        else if (kind == 5) WALK.decideItem(c, a, b, dice >> 32, dice >> 64);
        else if (kind == 6) WALK.arrival(c);
        else if (kind == 7) WALK.debt(c, a);
        else if (kind == 8) WALK.releaseItems(c, a, b, a % 4 == 0);
        else if (kind == 9) WALK.refuseItem(c, a);
        else if (kind == 10) WALK.seizeItem(c, a, b % 2 == 0);
        else if (kind == 11) WALK.amend(c, a, uint96(b));
        else if (kind == 12) WALK.correctCase(c, a);
        else if (kind == 13) WALK.appealRefusal(c, a, b % 2 == 0);
        else if (kind == 14) WALK.annul(c, a, b);
        else if (kind == 15) WALK.returnRest(c);
        else if (kind == 16) WALK.clearCase(c);
        else if (kind == 17) WALK.audit(c, a % 2 == 0);
        else if (kind == 18) WALK.suspendPermit(a % 4 != 0);
        else WALK.pass(a);
    }
}

/// @notice Invariants 1, 2 and 4 of domain guide 7 over random courses of three declarations:
///         no release against the guard; quantities are conserved and are those of the items; counters and status say
///         what the items are; revisions never go back.
contract DeclarationInvariantTest is Test {
    /// @dev The runner keeps every call in memory until a test ends: a longer walk takes gigabytes.
    uint256 internal constant STEPS = 100;

    DeclarationWalk internal walk;
    Dice internal dice;

    function setUp() public {
        walk = new DeclarationWalk();
        dice = new Dice(walk);
        bytes4[] memory acts = new bytes4[](1);
        acts[0] = dice.step.selector;
        targetContract(address(dice));
        targetSelector(FuzzSelector(address(dice), acts));
    }

    function invariant_noReleaseAgainstTheGuard() public view {
        assertFalse(walk.releasedAgainstTheGuard(), "released although something was missing");
        assertFalse(walk.revisionWentBack(), "revisions never go back");
    }

    function invariant_whatWasOut_isNeverAnnulledByOne() public view {
        assertFalse(walk.annulledByOneAfterRelease(), "one officer annulled what had been released");
    }

    function invariant_whatIsSeized_isNeverAnnulledByOne() public view {
        assertFalse(walk.annulledByOneWhileSeized(), "one officer ended a case with goods under seizure");
    }

    function invariant_countersAndStatus_followTheItems() public view {
        walk.checkCounters();
    }

    function invariant_quantities_areConserved() public view {
        walk.checkQuantities();
    }

    /// @dev Not an invariant of the contracts but of this test: an opening that the law allows, then seeded dice.
    function test_walk_isNotIdle() public {
        walk.releaseItems(0, 0, 0, false);
        walk.releaseItems(0, 1, 1, false);
        walk.amend(1, 2, 5);
        walk.amend(1, 3, 2);
        for (uint256 i = 0; i < STEPS; ++i) {
            dice.step(uint256(keccak256(abi.encode(i))));
        }
        walk.annul(1, 0, 3);
        walk.checkCounters();
        walk.checkQuantities();
        assertTrue(walk.effects() > STEPS / 10, "the walk is no idle one");
        assertTrue(walk.releases() > 1, "goods are released");
        assertTrue(walk.versions() > 0, "declarations are amended and corrected");
        assertTrue(walk.takenWhileWaiting() > 0, "and items seized while they wait to be entered");
        assertFalse(walk.releasedAgainstTheGuard(), "never against the guard");
        assertFalse(walk.annulledByOneAfterRelease(), "nor annulled by one");
        assertFalse(walk.annulledByOneWhileSeized(), "nor while goods are seized");
    }
}
