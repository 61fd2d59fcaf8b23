// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    Check,
    DeclarationAct,
    DeclarationStatus,
    ItemAgency,
    Lodgement
} from "../../../contracts/types/Declaration.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice What waits for a suspended agency goes to the one that governance names; what it decided stays its own.
contract SuccessionTest is CaseActs {
    uint64 private id;

    function setUp() public {
        deployDeclarations();
        id = lodge(3);
        accept(id, checksFor(1, 3), noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER));
    }

    function name() private {
        succeed(quarantine, 0, veterinary);
    }

    function takeOver(uint32 revision, uint16 from, uint16 to) private view returns (bytes memory) {
        return abi.encodeCall(registry.takeOverChecks, (id, revision, quarantine, from, to, REGULAR, EVIDENCE));
    }

    function test_takeOver_movesWhatWaits_andDecidesIt() public {
        name();
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.ChecksTakenOver(id, vet, quarantine, veterinary, 2, REGULAR, EVIDENCE, 1, 3);
        act(vet, takeOver(1, 1, 3));
        assertEq(registry.checks(id, 1)[0].agency, quarantine, "decided: stays");
        assertEq(registry.checks(id, 2)[0].agency, veterinary, "waited: moved");
        decideAs(vet, id, decisionsFor(2, 3, AgencyDecision.RELEASE, FOREVER));
        ready(id);
        assertEq(registry.missing(id, 1, 3).length, 0, "nothing waits any more");
        release(id, 1, 3);
    }

    function test_takeOver_ofAHold_startsWithTheHold() public {
        decideAs(phyto, id, decisionsFor(2, 2, AgencyDecision.HOLD, 0));
        name();
        act(vet, takeOver(2, 2, 2));
        Check memory moved = registry.checks(id, 2)[0];
        assertTrue(moved.agency == veterinary && moved.decision == AgencyDecision.HOLD, "held until decided");
    }

    /// @dev The successor checks under the same code already: one check is enough.
    function test_takeOver_whereBothCheckTheSame_leavesOne() public {
        uint64 other = lodge(1);
        ItemAgency[] memory both = new ItemAgency[](3);
        both[0] = ItemAgency(1, quarantine, CHECK);
        both[1] = ItemAgency(1, quarantine, CHECK + 1);
        both[2] = ItemAgency(1, veterinary, CHECK);
        accept(other, both, noUses());
        name();
        id = other;
        act(vet, takeOver(0, 1, 1));
        Check[] memory left = registry.checks(other, 1);
        assertEq(left.length, 2, "one of each code");
        assertTrue(left[0].agency == veterinary && left[1].agency == veterinary, "both the successor's");
        assertTrue(left[0].checkCode != left[1].checkCode, "two codes");
    }

    /// @dev What the old agency held is not let pass by a decision that the successor took before it knew.
    function test_takeOver_ofAHold_besideADecisionOfTheSuccessor_isPending() public {
        ItemAgency[] memory both = new ItemAgency[](6);
        for (uint16 number = 1; number <= 3; ++number) {
            both[number * 2 - 2] = ItemAgency(number, quarantine, CHECK);
            both[number * 2 - 1] = ItemAgency(number, veterinary, CHECK);
        }
        id = lodge(3);
        accept(id, both, noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.HOLD, 0));
        decideAs(phyto, id, decisionsFor(3, 3, AgencyDecision.NO_MATCH, 0));
        decideAs(vet, id, decisionsFor(1, 2, AgencyDecision.RELEASE, FOREVER));
        decideAs(vet, id, decisionsFor(3, 3, AgencyDecision.REFUSE, 0));
        name();
        act(vet, takeOver(2, 1, 3));
        AgencyDecision[3] memory expected = [AgencyDecision.PENDING, AgencyDecision.RELEASE, AgencyDecision.REFUSE];
        for (uint16 number = 1; number <= 3; ++number) {
            Check[] memory left = registry.checks(id, number);
            assertEq(left.length, 1, "one check");
            assertEq(left[0].agency, veterinary, "the successor's");
            assertEq(uint8(left[0].decision), uint8(expected[number - 1]), "held, undecided, refused");
        }
    }

    /// @dev Items 1 and 2, each checked by both under one code.
    function _bothCheck() private {
        ItemAgency[] memory both = new ItemAgency[](4);
        for (uint16 number = 1; number <= 2; ++number) {
            both[number * 2 - 2] = ItemAgency(number, quarantine, CHECK);
            both[number * 2 - 1] = ItemAgency(number, veterinary, CHECK);
        }
        id = lodge(2);
        accept(id, both, noUses());
    }

    function _ownReleaseStands(uint32 revision, string memory what) private {
        name();
        act(vet, takeOver(revision, 1, 2));
        for (uint16 number = 1; number <= 2; ++number) {
            Check[] memory left = registry.checks(id, number);
            assertEq(left.length, 1, "one check");
            assertTrue(left[0].agency == veterinary && left[0].decision == AgencyDecision.RELEASE, what);
        }
        ready(id);
        release(id, 1, 2);
    }

    /// @dev A refusal that was overturned left the old check undecided: nothing is held.
    function test_takeOver_ofAReopenedCheck_leavesTheSuccessorsRelease() public {
        _bothCheck();
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.REFUSE, 0));
        decideAs(vet, id, decisionsFor(1, 2, AgencyDecision.RELEASE, FOREVER));
        act(trader, abi.encodeCall(registry.appeal, ("appeal", id, 1, 0, REGULAR, EVIDENCE)));
        act(appealOfficer, abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)));
        assertEq(registry.checks(id, 1)[0].version, 1, "of this version");
        _ownReleaseStands(2, "undecided");
    }

    function test_takeOver_ofAHoldOfAnEarlierVersion_leavesTheSuccessorsRelease() public {
        _bothCheck();
        decideAs(phyto, id, decisionsFor(1, 2, AgencyDecision.HOLD, 0));
        amend(id, noItems());
        decideAs(vet, id, decisionsFor(1, 2, AgencyDecision.RELEASE, FOREVER));
        _ownReleaseStands(1, "held for version 1 alone");
    }

    function test_takeOver_refusals() public {
        refused(
            vet,
            takeOver(1, 1, 3),
            abi.encodeWithSelector(IDeclarationRegistry.NotSuccessor.selector, quarantine, veterinary),
            "nobody named it"
        );
        name();
        refused(
            vet,
            takeOver(0, 1, 3),
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 0, 1),
            "of another revision"
        );
        refused(
            vet,
            takeOver(1, 1, 4),
            abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 1, 4, 3),
            "beyond its items"
        );
        act(vet, takeOver(1, 1, 3));
        refused(
            vet,
            takeOver(1, 1, 3),
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 1, 2),
            "done before"
        );
        id = lodge(1);
        refused(
            vet,
            takeOver(0, 1, 1),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.DECIDE_ITEMS,
                DeclarationStatus.LODGED
            ),
            "before acceptance"
        );
    }

    /// @dev A decision that ends a check stays whose it was, of whatever kind; one of an older version does not.
    function test_takeOver_leavesEveryDecisionOfThisVersion() public {
        decideAs(phyto, id, decisionsFor(2, 2, AgencyDecision.NOT_REQUIRED, FOREVER));
        decideAs(phyto, id, decisionsFor(3, 3, AgencyDecision.REFUSE, 0));
        name();
        act(vet, takeOver(3, 1, 3));
        for (uint16 number = 1; number <= 3; ++number) {
            assertEq(registry.checks(id, number)[0].agency, quarantine, "decided");
        }
        assertEq(registry.agencyRevision(id, veterinary), 1, "counted for the successor too");
        amend(id, noItems());
        act(vet, takeOver(4, 1, 3));
        for (uint16 number = 1; number <= 3; ++number) {
            assertEq(registry.checks(id, number)[0].agency, veterinary, "decided for an earlier version");
        }
    }

    function test_takeOver_isAnAgencys_andNotOfItsOwnDeclaration() public {
        name();
        refused(
            trader,
            takeOver(1, 1, 3),
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, Roles.OGA, time40()),
            "no agency"
        );
        uint64 both = admit(Roles.OGA | Roles.DECLARANT, 0);
        address importing = giveKey(both, "importing agency", Roles.OGA | Roles.DECLARANT);
        vm.prank(address(governance));
        participants.setSuccessor(quarantine, 1, both);
        Lodgement memory own = lodgement(1);
        own.importer = both;
        id = lodgeAs(importing, own);
        accept(id, noChecks(), noUses());
        refused(
            importing,
            takeOver(0, 1, 1),
            abi.encodeWithSelector(IDeclarationRegistry.OwnDeclaration.selector, both),
            "its own"
        );
    }

    /// @dev Suspension is what lets another act: reinstated, the agency has back what still waits for it.
    function test_takeOver_endsWithTheSuspension() public {
        name();
        act(vet, takeOver(1, 2, 2));
        reinstateParticipant(quarantine);
        refused(
            vet,
            takeOver(2, 3, 3),
            abi.encodeWithSelector(IDeclarationRegistry.NotSuccessor.selector, quarantine, veterinary),
            "the agency acts for itself again"
        );
        decideAs(phyto, id, decisionsFor(3, 3, AgencyDecision.RELEASE, FOREVER));
        assertEq(registry.checks(id, 2)[0].agency, veterinary, "what was taken over stays");
    }
}
