// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {RegimeEntry} from "../../../contracts/interfaces/IRuleRegistry.sol";
import {
    AgencyDecision,
    ControlKind,
    HeldFor,
    ItemAgency,
    ItemDecision,
    Lodgement,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Regime} from "../../../contracts/types/Rule.sol";
import {Declarations} from "./Declarations.sol";

/// @notice What happens seldom: each test takes a way through the declaration registry that the courses of events of the
///         other files leave out.
contract CornersTest is Declarations {
    bytes32 private constant AMENDED = keccak256("amended record");

    bytes32 private permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function setRegime(Regime memory terms) private {
        RegimeEntry[] memory entries = new RegimeEntry[](1);
        entries[0] = RegimeEntry(IMPORT, terms);
        decide(address(rules), abi.encodeCall(rules.setRegimes, (rules.version(), entries)));
        ruleVersion = rules.version();
    }

    function amend(uint64 id, uint16[] memory changed) private {
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), changed, REGULAR, EVIDENCE)));
    }

    function test_registry_tellsItsVersion_andNoCaseForNoMrn() public view {
        assertEq(registry.registryVersion(), 1, "version");
        assertEq(registry.caseOf(0), 0, "no case");
    }

    function test_regimeClosedAfterLodging_isNotAccepted() public {
        uint64 id = lodge(1);
        setRegime(Regime(false, "A", true, false, true, false, APPEAL_PERIOD, 0, 0));
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.UnknownRegime.selector, IMPORT),
            "closed"
        );
    }

    /// @dev Temporary admission: no duty to pay, but security to give for what would be due.
    function test_regimeThatOnlyNeedsSecurity_isHeldUntilTheDebtIsSecured() public {
        setRegime(Regime(true, "A", false, false, false, true, APPEAL_PERIOD, 0, 0));
        uint64 id = accepted(1);
        route(id, ControlKind.NONE);
        debts.set(id, 1, FiscalState.NONE);
        assertEq(uint8(registry.missing(id, 1, 1)[0].code), uint8(HeldFor.DEBT_NOT_ASSESSED), "no debt yet");
        FiscalState[4] memory other = [
            FiscalState.OVERDUE,
            FiscalState.EXEMPT,
            FiscalState.DEFERRED,
            FiscalState.ASSESSED
        ];
        for (uint256 i = 0; i < other.length; ++i) {
            debts.set(id, 1, other[i]);
            assertEq(registry.missing(id, 1, 1).length, 1, "one reason");
            assertEq(uint8(registry.missing(id, 1, 1)[0].code), uint8(HeldFor.SECURITY_NEEDED), "not secured");
        }
        // What was only suspended and somebody paid all the same lies with the treasury: nothing is left to secure.
        FiscalState[3] memory held = [FiscalState.PAID, FiscalState.SETTLED, FiscalState.SECURED];
        for (uint256 i = 0; i < held.length; ++i) {
            debts.set(id, 1, held[i]);
            assertEq(registry.missing(id, 1, 1).length, 0, "nothing is missing");
        }
        release(id, 1, 1);
    }

    /// @dev Where a debt was assessed, later versions wait for one too, though the regime asks for none.
    function test_regimeWithoutDuty_assessedOnce_isAssessedForEveryVersion() public {
        Lodgement memory what = lodgement(1);
        what.regime = FREE;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        debts.set(id, 1, FiscalState.ASSESSED);
        amend(id, noItems());
        amend(id, noItems());
        route(id, ControlKind.NONE);
        assertEq(uint8(registry.missing(id, 1, 1)[0].code), uint8(HeldFor.DEBT_NOT_ASSESSED), "of version 3");
        debts.set(id, 3, FiscalState.EXEMPT);
        release(id, 1, 1);
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
    }

    /// @dev Asked at the first version that follows, whoever lodged; how it was lodged stays as it was.
    function test_regimeWithoutDuty_assessedOnce_holdsTheNextVersion() public {
        for (uint8 i = 0; i < 3; ++i) {
            Representation how = Representation(i);
            Lodgement memory what = lodgement(1);
            (what.regime, what.representation) = (FREE, how);
            address who = how == Representation.SELF ? trader : broker;
            uint64 id = lodgeAs(who, what);
            accept(id, noChecks(), noUses());
            debts.set(id, 1, FiscalState.ASSESSED);
            act(who, abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE)));
            act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)));
            assertEq(uint8(stateOf(id).representation), uint8(how), "as lodged");
            route(id, ControlKind.NONE);
            refused(
                officer,
                abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
                abi.encodeWithSelector(
                    IDeclarationRegistry.ReleaseRefused.selector,
                    1,
                    one(0, HeldFor.DEBT_NOT_ASSESSED)
                ),
                "of version 2"
            );
            debts.set(id, 2, FiscalState.EXEMPT);
            release(id, 1, 1);
            act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
        }
    }

    function test_regimeWithoutDuty_neverAssessed_isReleasedInEveryVersion() public {
        Lodgement memory what = lodgement(1);
        what.regime = FREE;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        amend(id, noItems());
        discrepancy(id);
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), AMENDED, noItems(), REGULAR, EVIDENCE)));
        route(id, ControlKind.NONE);
        assertEq(registry.missing(id, 1, 1).length, 0, "no debt is asked for");
        release(id, 1, 1);
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
        assertEq(stateOf(id).version, 3, "amended and corrected");
    }

    function test_exemptFromDuty_isReleasedAndCleared() public {
        uint64 id = accepted(1);
        ready(id);
        debts.set(id, 1, FiscalState.EXEMPT);
        release(id, 1, 1);
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
    }

    /// @dev Without a debt nothing is cleared that needs one.
    function test_clear_needsTheDebtThatTheRegimeAsksFor() public {
        uint64 id = released(1);
        debts.set(id, 1, FiscalState.NONE);
        refused(
            officer,
            abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 1, one(0, HeldFor.DEBT_UNSETTLED)),
            "not cleared"
        );
    }

    function test_customsOfTheBrokersParticipant_isNotIndependent() public {
        uint64 both = admit(ALL_ROLES, 0);
        address lodges = giveKey(both, "broker of customs", Roles.BROKER);
        address decides = giveKey(both, "customs of the broker", Roles.CUSTOMS_OFFICER, OFFICE);
        address licensing = giveKey(customs, "another licensing", Roles.CUSTOMS_LICENSING);
        vm.prank(licensing);
        authorisations.licenseBroker(both, 0, time40(), FOREVER, EVIDENCE);
        bytes32 requestId = freshId();
        vm.prank(trader);
        authorisations.grantPower(requestId, both, 7, time40(), FOREVER, EVIDENCE);
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        uint64 id = lodgeAs(lodges, what);
        refused(
            decides,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.OwnDeclaration.selector, both),
            "its own"
        );
        refused(
            decides,
            abi.encodeCall(registry.citeRecords, (id, importer, new bytes32[](0))),
            abi.encodeWithSelector(IDeclarationRegistry.OwnDeclaration.selector, both),
            "nor says what it rests on"
        );
    }

    function test_permitUsesOutOfOrder_areRefused() public {
        bytes32 other = issuePermit(1_000);
        (bytes32 low, bytes32 high) = permit < other ? (permit, other) : (other, permit);
        PermitUse[] memory uses = new PermitUse[](2);
        uses[0] = PermitUse(high, 1, 0, 1, TERMS);
        uses[1] = PermitUse(low, 1, 0, 1, TERMS);
        uint64 id = lodge(1);
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), uses, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadOrder.selector, 1),
            "descending"
        );
    }

    /// @dev An item without permit between two with one is passed over, not written off.
    function test_itemWithoutPermit_betweenTwoWithOne() public {
        PermitUse[] memory uses = new PermitUse[](2);
        uses[0] = PermitUse(permit, 1, 0, 100, TERMS);
        uses[1] = PermitUse(permit, 3, 0, 200, TERMS);
        uint64 id = lodge(3);
        accept(id, noChecks(), uses);
        assertBalance(permit, 700, 300, 0, "reserved");
        ready(id);
        release(id, 1, 3);
        assertBalance(permit, 700, 0, 300, "written off");
    }

    function test_itemChangedTwice_isEnteredOnce() public {
        uint64 id = accepted(2);
        amend(id, onlyItem(1));
        assertEq(stateOf(id).pendingItems, 1, "to be entered");
        amend(id, onlyItem(1));
        assertEq(stateOf(id).pendingItems, 1, "still once");
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 1, 1, noChecks(), noUses())));
        assertEq(stateOf(id).pendingItems, 0, "entered");
    }

    function test_agencyDecidesAgainOnAConditionallyReleasedItem() public {
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER));
        arrive(id);
        route(id, ControlKind.PHYSICAL);
        startControl(id);
        debts.set(id, 1, FiscalState.SECURED);
        act(officer, abi.encodeCall(registry.releaseConditionally, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.HOLD, FOREVER));
        assertEq(uint8(registry.checks(id, 1)[0].decision), uint8(AgencyDecision.HOLD), "held once the sample is read");
    }

    // ---------------------------------------------------------------- an agency's refusal, overturned

    function appealed(uint64 id) private {
        bytes32 requestId = freshId();
        act(trader, abi.encodeCall(registry.appeal, (requestId, id, 1, 0, REGULAR, EVIDENCE)));
    }

    /// @dev Of an item's checks the one that was refused is open again, the others stay.
    function test_agencyRefusal_overturned_reopensThatCheckAlone() public {
        ItemAgency[] memory three = new ItemAgency[](3);
        three[0] = ItemAgency(1, quarantine, CHECK);
        three[1] = ItemAgency(1, quarantine, CHECK + 1);
        three[2] = ItemAgency(1, veterinary, CHECK);
        uint64 id = lodge(1);
        accept(id, three, noUses());
        ItemDecision[] memory answers = new ItemDecision[](2);
        answers[0] = ItemDecision(1, CHECK, AgencyDecision.RELEASE, FOREVER);
        answers[1] = ItemDecision(1, CHECK + 1, AgencyDecision.REFUSE, 0);
        decideAs(phyto, id, answers);
        decideAs(vet, id, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER));
        appealed(id);
        act(appealOfficer, abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)));
        assertEq(uint8(registry.checks(id, 1)[0].decision), uint8(AgencyDecision.RELEASE), "as it was");
        assertEq(uint8(registry.checks(id, 1)[1].decision), uint8(AgencyDecision.PENDING), "open again");
        assertEq(uint8(registry.checks(id, 1)[2].decision), uint8(AgencyDecision.RELEASE), "another agency's");
    }
}
