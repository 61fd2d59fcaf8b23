// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {IPermitRegistry} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {MrnCodec} from "../../../contracts/libraries/MrnCodec.sol";
import {
    Check,
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationState,
    DeclarationStatus,
    ItemAgency,
    ItemState,
    Lodgement,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {WrongOffice} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Rows "begin acceptance", "abandon", "seal acceptance" of domain guide 4.1, and acceptance in one act.
contract AcceptanceTest is Declarations {
    bytes32 internal permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _begin(uint64 id) private {
        act(officer, abi.encodeCall(registry.beginAcceptance, (id, rev(id), ruleVersion, REGULAR, EVIDENCE)));
    }

    function _enter(uint64 id, uint16 from, uint16 to, ItemAgency[] memory agencies, PermitUse[] memory uses) private {
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), from, to, agencies, uses)));
    }

    function _seal(uint64 id) private {
        act(officer, abi.encodeCall(registry.sealAcceptance, (id, rev(id), REGULAR, EVIDENCE)));
    }

    function _enterRefused(
        uint64 id,
        uint16 from,
        uint16 to,
        ItemAgency[] memory agencies,
        PermitUse[] memory uses,
        bytes memory reason,
        string memory what
    ) private {
        refused(officer, abi.encodeCall(registry.enterItems, (id, rev(id), from, to, agencies, uses)), reason, what);
    }

    function test_stagedAcceptance_sealsWhatWasEntered() public {
        uint64 id = lodge(4);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.AcceptanceBegun(id, officer, 2, REGULAR, EVIDENCE, ruleVersion);
        _begin(id);
        assertStatus(id, DeclarationStatus.ACCEPTING, "accepting");
        ItemAgency[] memory agencies = checksFor(1, 2);
        PermitUse[] memory uses = usesFor(permit, 2, 2, 100);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.ItemsEntered(id, officer, 0, 3, 1, 3, 1, agencies, uses);
        _enter(id, 1, 3, agencies, uses);
        refused(
            officer,
            abi.encodeCall(registry.sealAcceptance, (id, rev(id), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotAllEntered.selector, 3, 4),
            "item 4 is missing"
        );
        _enter(id, 4, 4, noChecks(), usesFor(permit, 4, 4, 50));
        assertBalance(permit, 850, 150, 0, "entered");
        vm.warp(START + 60);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Accepted(id, officer, 1, 5, REGULAR, EVIDENCE, bytes18("27UZ100000000001A3"));
        _seal(id);
        DeclarationState memory s = stateOf(id);
        assertEq(uint8(s.status), uint8(DeclarationStatus.ACCEPTED), "accepted");
        assertEq(s.acceptedAt, START + 60, "the seal gives the time");
        assertEq(s.openItems, 4, "open items");
        assertEq(s.ruleVersion, ruleVersion, "rule version");
        assertEq(registry.versionOf(id, 1).dataRecord, RECORD, "version 1 is what was lodged");
        assertEq(registry.versionOf(id, 1).madeAt, START + 60, "version 1 at acceptance");
        (uint32 version, uint64 debtor, uint24 office, ) = debts.opened(id);
        assertEq(version, 1, "fiscal case");
        assertEq(debtor, importer, "debtor");
        assertEq(office, OFFICE, "office of revenue");
        Check[] memory checks = registry.checks(id, 2);
        assertEq(checks.length, 1, "one check");
        assertEq(checks[0].agency, quarantine, "agency");
        ItemState memory item = registry.item(id, 2);
        assertEq(item.uses, 1, "uses");
        assertEq(item.enteredVersion, 1, "entered at version 1");
        assertEq(registry.item(id, 3).checks, 0, "item 3 needs nobody");
        PermitUse[] memory kept = registry.permitUses(id, 4);
        assertEq(kept[0].permit, permit, "permit");
        assertEq(kept[0].quantity, 50, "quantity");
        assertEq(kept[0].item, 4, "item");
    }

    function test_abandon_inParts_freesReservations_andAcceptanceCanBeginAgain() public {
        uint64 id = lodge(3);
        _begin(id);
        _enter(id, 1, 3, checksFor(1, 3), usesFor(permit, 1, 3, 100));
        refused(
            officer,
            abi.encodeCall(registry.abandon, (id, rev(id), 0, 0, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector),
            "without a reason"
        );
        refused(
            officer,
            abi.encodeCall(registry.abandon, (id, rev(id), 3, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 3, 3, 3),
            "nothing to take out"
        );
        act(officer, abi.encodeCall(registry.abandon, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.ACCEPTING, "still accepting");
        assertBalance(permit, 900, 100, 0, "items 2 and 3 freed");
        assertEq(registry.item(id, 2).uses, 0, "item 2 is out");
        // Entering item 2 anew takes a reservation of its own, not the freed one.
        _enter(id, 2, 2, noChecks(), usesFor(permit, 2, 2, 100));
        assertBalance(permit, 800, 200, 0, "item 2 again");
        assertEq(registry.item(id, 2).permitVersion, (1 << 16) + 1, "under the next count");
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.AcceptanceAbandoned(id, officer, 6, REGULAR, EVIDENCE, 0);
        act(officer, abi.encodeCall(registry.abandon, (id, rev(id), 0, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.LODGED, "lodged again");
        assertBalance(permit, 1_000, 0, 0, "all freed");
        accept(id, noChecks(), usesFor(permit, 1, 3, 300));
        assertBalance(permit, 100, 900, 0, "accepted after all");
        assertStatus(id, DeclarationStatus.ACCEPTED, "accepted");
    }

    /// @dev Reserved in date, sealed after the permit's last second: what counts is the instant of acceptance.
    function test_seal_needsEveryPermitStillInDate() public {
        uint64 id = lodge(2);
        _begin(id);
        _enter(id, 1, 1, noChecks(), usesFor(permit, 1, 1, 100));
        vm.warp(START + 10 days);
        bytes32 later = issuePermit(1_000);
        _enter(id, 2, 2, noChecks(), usesFor(later, 2, 2, 100));
        vm.warp(START + 30 days + 1);
        bytes memory seal = abi.encodeCall(registry.sealAcceptance, (id, rev(id), REGULAR, EVIDENCE));
        refused(
            officer,
            seal,
            abi.encodeWithSelector(IDeclarationRegistry.PermitsExpired.selector, START + 30 days),
            "the first permit has ended"
        );
        vm.warp(START + 30 days);
        uint256 lastSecond = vm.snapshotState();
        act(officer, seal);
        vm.revertToState(lastSecond);
        // Without its items nothing stands in the way.
        vm.warp(START + 30 days + 1);
        act(officer, abi.encodeCall(registry.abandon, (id, rev(id), 0, REGULAR, EVIDENCE)));
        _begin(id);
        _enter(id, 1, 1, noChecks(), usesFor(later, 1, 1, 100));
        _enter(id, 2, 2, noChecks(), noUses());
        _seal(id);
        assertBalance(permit, 1_000, 0, 0, "freed");
    }

    /// @dev The first to end counts, in whatever order they were entered.
    function test_seal_needsThePermitEnteredLast_stillInDate() public {
        vm.warp(START + 10 days);
        bytes32 later = issuePermit(1_000);
        uint64 id = lodge(2);
        _begin(id);
        _enter(id, 1, 1, noChecks(), usesFor(later, 1, 1, 100));
        _enter(id, 2, 2, noChecks(), usesFor(permit, 2, 2, 100));
        bytes memory seal = abi.encodeCall(registry.sealAcceptance, (id, rev(id), REGULAR, EVIDENCE));
        vm.warp(START + 30 days + 1);
        refused(
            officer,
            seal,
            abi.encodeWithSelector(IDeclarationRegistry.PermitsExpired.selector, START + 30 days),
            "the second permit has ended"
        );
        vm.warp(START + 30 days);
        act(officer, seal);
    }

    function test_abandon_beforeAnyItem() public {
        uint64 id = lodge(1);
        _begin(id);
        act(officer, abi.encodeCall(registry.abandon, (id, rev(id), 0, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.LODGED, "lodged again");
    }

    function test_ranges_followOneAnother() public {
        uint64 id = lodge(4);
        bytes4 badRange = IDeclarationRegistry.BadRange.selector;
        _enterRefused(
            id,
            1,
            1,
            noChecks(),
            noUses(),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.ENTER_ITEMS,
                DeclarationStatus.LODGED
            ),
            "before it began"
        );
        _begin(id);
        _enterRefused(id, 0, 1, noChecks(), noUses(), abi.encodeWithSelector(badRange, 0, 1, 4), "from 0");
        _enterRefused(id, 2, 1, noChecks(), noUses(), abi.encodeWithSelector(badRange, 2, 1, 4), "backwards");
        _enterRefused(id, 1, 5, noChecks(), noUses(), abi.encodeWithSelector(badRange, 1, 5, 4), "past the end");
        _enterRefused(id, 2, 3, noChecks(), noUses(), abi.encodeWithSelector(badRange, 2, 3, 4), "leaves a gap");
        _enter(id, 1, 2, noChecks(), noUses());
        _enterRefused(id, 2, 3, noChecks(), noUses(), abi.encodeWithSelector(badRange, 2, 3, 4), "overlaps");
    }

    function test_lists_ascend_withoutDoubles_insideTheRange() public {
        uint64 id = lodge(4);
        _begin(id);
        bytes4 badOrder = IDeclarationRegistry.BadOrder.selector;
        ItemAgency[] memory agencies = checksFor(1, 2);
        (agencies[0], agencies[1]) = (agencies[1], agencies[0]);
        _enterRefused(id, 1, 2, agencies, noUses(), abi.encodeWithSelector(badOrder, 1), "items backwards");
        _enterRefused(id, 1, 2, checksFor(1, 3), noUses(), abi.encodeWithSelector(badOrder, 2), "check past the range");
        agencies = checksFor(1, 2);
        agencies[1].item = 1;
        _enterRefused(id, 1, 2, agencies, noUses(), abi.encodeWithSelector(badOrder, 1), "the same check twice");
        agencies[1].checkCode = CHECK - 1;
        _enterRefused(id, 1, 2, agencies, noUses(), abi.encodeWithSelector(badOrder, 1), "codes backwards");
        agencies[0].agency = veterinary;
        _enterRefused(id, 1, 2, agencies, noUses(), abi.encodeWithSelector(badOrder, 1), "agencies backwards");
        PermitUse[] memory uses = usesFor(permit, 1, 2, 10);
        uses[1].item = 1;
        _enterRefused(id, 1, 2, noChecks(), uses, abi.encodeWithSelector(badOrder, 1), "the same use twice");
        _enterRefused(
            id,
            1,
            2,
            noChecks(),
            usesFor(permit, 2, 3, 10),
            abi.encodeWithSelector(badOrder, 1),
            "use past the range"
        );
        // Two codes of one agency, and two agencies, in order.
        ItemAgency[] memory three = new ItemAgency[](3);
        three[0] = ItemAgency(1, quarantine, CHECK);
        three[1] = ItemAgency(1, quarantine, CHECK + 1);
        three[2] = ItemAgency(1, veterinary, 1);
        _enter(id, 1, 2, three, noUses());
        assertEq(registry.checks(id, 1).length, 3, "three checks");
    }

    function test_moreThanSixteenOnOneItem_isRefused() public {
        uint64 id = lodge(1);
        ItemAgency[] memory agencies = new ItemAgency[](17);
        for (uint16 i = 0; i < 17; ++i) {
            agencies[i] = ItemAgency(1, quarantine, i + 1);
        }
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, agencies, noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.TooManyOnItem.selector, 1, 17, 16),
            "checks"
        );
        PermitUse[] memory uses = new PermitUse[](17);
        for (uint8 i = 0; i < 17; ++i) {
            uses[i] = PermitUse(permit, 1, i, 1, TERMS);
        }
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), uses, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.TooManyOnItem.selector, 1, 17, 16),
            "uses"
        );
    }

    function test_unknownAgency_isRefused() public {
        uint64 id = lodge(1);
        ItemAgency[] memory agencies = checksFor(1, 1);
        agencies[0].agency = 999;
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, agencies, noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotActive.selector, 999),
            "agency"
        );
    }

    function test_permit_withOtherTerms_orTooLittle_refusesAll() public {
        uint64 id = lodge(1);
        PermitUse[] memory uses = usesFor(permit, 1, 1, 1_001);
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), uses, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IPermitRegistry.NotEnoughAvailable.selector, permit, 0, 1_000, 1_001),
            "too much"
        );
        uses = usesFor(permit, 1, 1, 10);
        uses[0].terms = keccak256("other goods");
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), uses, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IPermitRegistry.TermsMismatch.selector, permit, 0, TERMS, keccak256("other goods")),
            "other terms"
        );
        assertStatus(id, DeclarationStatus.LODGED, "as before");
    }

    function test_twoRacingForTheLastQuantity_oneSucceeds() public {
        uint64 first = lodge(1);
        uint64 second = lodge(1);
        accept(first, noChecks(), usesFor(permit, 1, 1, 600));
        refused(
            officer,
            abi.encodeCall(
                registry.accept,
                (second, 1, ruleVersion, noChecks(), usesFor(permit, 1, 1, 600), REGULAR, EVIDENCE)
            ),
            abi.encodeWithSelector(IPermitRegistry.NotEnoughAvailable.selector, permit, 0, 400, 600),
            "the other"
        );
        assertBalance(permit, 400, 600, 0, "one reservation");
    }

    function test_rulesThatChangedMeanwhile_refuse() public {
        uint64 id = lodge(1);
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion + 1, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.RuleNotInForce.selector, ruleVersion + 1),
            "not yet"
        );
        _begin(id);
        _enter(id, 1, 1, noChecks(), noUses());
        decide(address(rules), abi.encodeCall(rules.setCodeList, (bytes32("tariff"), rules.version(), EVIDENCE)));
        refused(
            officer,
            abi.encodeCall(registry.sealAcceptance, (id, rev(id), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.RuleNotInForce.selector, ruleVersion),
            "the law of the day of acceptance counts"
        );
    }

    function test_officersOfOtherOffices_andParties_cannotAccept() public {
        uint64 id = lodge(1);
        bytes memory call_ = abi.encodeCall(
            registry.accept,
            (id, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)
        );
        refused(farOfficer, call_, abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE), "office");
        address everywhere = giveKey(customs, "officer without office", Roles.CUSTOMS_OFFICER, 0);
        refused(everywhere, call_, abi.encodeWithSelector(WrongOffice.selector, 0, OFFICE), "an officer has an office");
        // Customs itself imports: its own officer cannot accept that.
        address importing = giveKey(customs, "customs as importer", Roles.DECLARANT);
        Lodgement memory own = lodgement(1);
        own.importer = customs;
        uint64 ownId = lodgeAs(importing, own);
        refused(
            officer,
            abi.encodeCall(registry.accept, (ownId, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.OwnDeclaration.selector, customs),
            "own declaration"
        );
    }

    function test_revokedOfficer_fails_atTheTimeOfTheAct() public {
        uint64 id = lodge(1);
        (, uint32 keyVersion) = participants.keyWord(officer);
        decide(address(participants), abi.encodeCall(participants.retireKey, (officer, keyVersion, 7)));
        vm.warp(START + 1);
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, officer, Roles.CUSTOMS_OFFICER, time40()),
            "retired"
        );
        assertStatus(id, DeclarationStatus.LODGED, "as before");
    }

    function _grantGreenLane(uint64 operator, address operatorKey, uint8 categories, uint8 types) private {
        address unit = giveKey(customs, "aeo unit", Roles.AEO_UNIT);
        vm.prank(operatorKey);
        authorisations.applyForAeo(freshId(), EVIDENCE);
        vm.startPrank(unit);
        authorisations.reviewAeo(operator, 1, EVIDENCE);
        authorisations.grantAeo(operator, 2, categories, types, time40(), FOREVER, EVIDENCE);
        vm.stopPrank();
    }

    function test_greenLane_routesToNone_unlessAlerted() public {
        _grantGreenLane(importer, trader, 1, 1);
        uint64 id = lodge(1);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Routed(
            id,
            officer,
            1,
            1,
            DeclarationReasons.GREEN_LANE,
            0,
            ControlState.NONE,
            ControlKind.NONE,
            address(0)
        );
        accept(id, noChecks(), noUses());
        assertEq(uint8(stateOf(id).control), uint8(ControlState.NONE), "green lane");

        uint64 alerted = lodge(1);
        route(alerted, ControlKind.PHYSICAL);
        accept(alerted, noChecks(), noUses());
        assertEq(uint8(stateOf(alerted).control), uint8(ControlState.REQUIRED), "targeted alert");

        uint64 raised = lodge(1);
        accept(raised, noChecks(), noUses());
        route(raised, ControlKind.DOCUMENTARY);
        assertEq(uint8(stateOf(raised).control), uint8(ControlState.REQUIRED), "raised later");
    }

    function test_greenLane_isForTheRoleAndStatusAtTheTime() public {
        _grantGreenLane(importer, trader, 1, 2); // exporter only
        uint64 id = accepted(1);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.UNROUTED), "not as importer");
        Lodgement memory what = lodgement(1);
        what.regime = EXPORT;
        uint64 exported = lodgeAs(trader, what);
        accept(exported, noChecks(), noUses());
        assertEq(uint8(stateOf(exported).control), uint8(ControlState.NONE), "as exporter");
        vm.prank(trader);
        authorisations.suspendAeo(importer, 3, 2, EVIDENCE);
        vm.warp(START + 1);
        what = lodgement(1);
        what.regime = EXPORT;
        uint64 later = lodgeAs(trader, what);
        accept(later, noChecks(), noUses());
        assertEq(uint8(stateOf(later).control), uint8(ControlState.UNROUTED), "suspended: no benefit from now on");
        assertEq(uint8(stateOf(exported).control), uint8(ControlState.NONE), "not retroactively");
    }

    function test_nineAgencies_eachItsOwnItems() public {
        uint64 id = lodge(9);
        ItemAgency[] memory agencies = new ItemAgency[](9);
        for (uint16 i = 0; i < 9; ++i) {
            uint64 agency = admit(Roles.OGA, 0);
            agencies[i] = ItemAgency(i + 1, agency, 100 + i);
        }
        accept(id, agencies, noUses());
        ready(id);
        assertEq(registry.missing(id, 1, 9).length, 9, "nine agencies are awaited");
        for (uint16 i = 1; i <= 9; ++i) {
            assertEq(registry.missing(id, i, i)[0].agency, agencies[i - 1].agency, "its own item");
        }
    }

    function test_constructor_refusesAVersionThatNoNumberCanName() public {
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadRegistryVersion.selector, 0));
        deployRegistry(0);
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadRegistryVersion.selector, 36));
        deployRegistry(36);
    }

    function test_abandon_takesOutTheLastItemToo_andCountsOnlyWhatItTookOut() public {
        uint64 id = lodge(2);
        _begin(id);
        act(officer, abi.encodeCall(registry.abandon, (id, rev(id), 0, REGULAR, EVIDENCE)));
        _begin(id);
        _enter(id, 1, 2, checksFor(1, 2), usesFor(permit, 1, 2, 100));
        assertEq(registry.item(id, 2).permitVersion, 1, "nothing was taken out before");
        act(officer, abi.encodeCall(registry.abandon, (id, rev(id), 0, REGULAR, EVIDENCE)));
        assertEq(registry.item(id, 2).checks, 0, "the last item is out");
        assertEq(registry.item(id, 1).checks, 0, "the first too");
    }

    /// @dev What the regime asks for is noted beside how the declarant is represented.
    function test_acceptance_leavesTheRepresentation() public {
        uint16[3] memory regimes = [IMPORT, EXPORT, FREE];
        for (uint256 i = 0; i < regimes.length; ++i) {
            Lodgement memory what = lodgement(1);
            what.regime = regimes[i];
            uint64 id = lodgeAs(trader, what);
            accept(id, noChecks(), noUses());
            assertEq(uint8(stateOf(id).representation), uint8(Representation.SELF), "self");
        }
    }
}
