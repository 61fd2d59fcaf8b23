// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RegimeEntry} from "../../../contracts/interfaces/IRuleRegistry.sol";
import {
    AgencyDecision,
    AppealState,
    DeclarationStatus,
    ItemOutcome,
    JointKind,
    OpenRequest
} from "../../../contracts/types/Declaration.sol";
import {Regime} from "../../../contracts/types/Rule.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice An appeal ends by its decision alone (domain guide 4.1): no later version and no annulment, whoever made it,
///         takes OVERTURNED away.
contract AppealEndsTest is CaseActs {
    bytes32 private constant AMENDED = keccak256("amended record");
    bytes32 private permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _ask(uint64 id, OpenRequest request) private {
        act(
            trader,
            request == OpenRequest.AMENDMENT
                ? abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE))
                : abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE))
        );
    }

    function _refuseRequest(uint64 id) private {
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
    }

    function _correct(uint64 id) private {
        discrepancy(id);
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), RECORD, noItems(), REGULAR, EVIDENCE)));
    }

    function _annul(uint64 id, uint16 returnTo) private {
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, returnTo));
    }

    function _assertOverturned(uint64 id, uint16 refusal) private view {
        assertEq(uint8(registry.refusalOf(id, refusal).state), uint8(AppealState.OVERTURNED), "overturned");
        assertEq(stateOf(id).openAppeals, 0, "none waits");
    }

    function _decision(uint64 id) private view returns (AgencyDecision) {
        return registry.checks(id, 1)[0].decision;
    }

    // ---------------------------------------------------------------- outrun by a later version

    /// @dev Customs corrects while the trader's appeal against its refusal is open: the request is open again, and
    ///      customs refuses it anew, or grants it, as a new act.
    function test_refusedAmendment_outrunByACorrection_isOpenAgain() public {
        for (uint256 way = 0; way < 2; ++way) {
            uint64 id = accepted(1);
            _ask(id, OpenRequest.AMENDMENT);
            _refuseRequest(id);
            appeal(id, 1);
            _correct(id);
            overturn(id, 1);
            _assertOverturned(id, 1);
            assertEq(uint8(stateOf(id).request), uint8(OpenRequest.AMENDMENT), "open again");
            assertEq(registry.proposedRecord(id), AMENDED, "the same record");
            if (way == 0) {
                act(officer2, abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)));
                assertEq(registry.versionOf(id, 3).dataRecord, AMENDED, "granted for what is in force now");
            } else {
                _refuseRequest(id);
                assertEq(registry.refusalOf(id, 2).version, 2, "refused anew");
                appeal(id, 2);
            }
        }
    }

    /// @dev An agency's refusal of version 1, overturned once version 2 is in force: what is asked, or was said, of
    ///      version 2 stays.
    function test_agencyRefusal_outrunByAnAmendment_isOverturned_andLeavesTheNextVersionAlone() public {
        AgencyDecision[4] memory said = [
            AgencyDecision.PENDING,
            AgencyDecision.RELEASE,
            AgencyDecision.HOLD,
            AgencyDecision.REFUSE
        ];
        for (uint256 i = 0; i < said.length; ++i) {
            uint64 id = lodge(1);
            accept(id, checksFor(1, 1), noUses());
            decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.REFUSE, 0));
            appeal(id, 1);
            amend(id, noItems());
            if (i != 0) decideAs(phyto, id, decisionsFor(1, 1, said[i], FOREVER));
            uint32 revision = registry.agencyRevision(id, quarantine);
            overturn(id, 1);
            _assertOverturned(id, 1);
            assertEq(registry.agencyRevision(id, quarantine), revision + 1, "the agency's revision moved");
            assertEq(uint8(_decision(id)), uint8(said[i]), "of version 2");
            if (i == 3) {
                appeal(id, 2);
                overturn(id, 2);
                assertEq(uint8(_decision(id)), uint8(AgencyDecision.PENDING), "its refusal has its own appeal");
            }
        }
    }

    function test_agencyRefusal_ofACheckThatTheNextVersionDoesNotAsk_isOverturned() public {
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.REFUSE, 0));
        appeal(id, 1);
        amend(id, onlyItem(1));
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 1, 1, noChecks(), noUses())));
        overturn(id, 1);
        _assertOverturned(id, 1);
        assertEq(registry.checks(id, 1).length, 0, "not asked any more");
    }

    // ---------------------------------------------------------------- annulled meanwhile

    /// @dev Two officers annul while the appeal is open: it is decided all the same, and opens nothing.
    function test_refusedRequest_ofAnAnnulledCase_isOverturned_withoutEffect() public {
        OpenRequest[2] memory asked = [OpenRequest.AMENDMENT, OpenRequest.CANCELLATION];
        for (uint256 i = 0; i < asked.length; ++i) {
            uint64 id = accepted(1);
            _ask(id, asked[i]);
            _refuseRequest(id);
            appeal(id, 1);
            ready(id);
            release(id, 1, 1);
            _annul(id, 1);
            uint32 revision = rev(id);
            overturn(id, 1);
            _assertOverturned(id, 1);
            assertStatus(id, DeclarationStatus.INVALIDATED, "the end");
            assertEq(rev(id), revision + 1, "the main revision moved");
            assertEq(uint8(stateOf(id).request), uint8(OpenRequest.NONE), "nothing to grant any more");
            assertEq(registry.proposedRecord(id), 0, "nothing proposed");
        }
    }

    function test_refusedItem_ofAnAnnulledCase_isOverturned_withoutEffect() public {
        uint64 id = lodge(2);
        accept(id, noChecks(), usesFor(permit, 1, 2, 100));
        ready(id);
        release(id, 1, 1);
        refuseItems(id, 2, 2);
        appeal(id, 1);
        _annul(id, 0);
        overturn(id, 1);
        _assertOverturned(id, 1);
        assertStatus(id, DeclarationStatus.INVALIDATED, "the end");
        assertEq(uint8(registry.item(id, 2).outcome), uint8(ItemOutcome.REFUSED), "as it was");
        assertTrue(stateOf(id).openItems == 0 && stateOf(id).pendingItems == 0, "nothing waits");
        act(officer, abi.encodeCall(registry.returnPermits, (id, rev(id), 2)));
        assertBalance(permit, 1_000, 0, 0, "each item's own given back once");
    }

    function test_agencyRefusal_ofAnAnnulledCase_isOverturned_withoutEffect() public {
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.REFUSE, 0));
        appeal(id, 1);
        refuseItems(id, 1, 1);
        _annul(id, 0);
        overturn(id, 1);
        _assertOverturned(id, 1);
        assertEq(uint8(_decision(id)), uint8(AgencyDecision.REFUSE), "nothing is decided any more");
        assertEq(registry.agencyRevision(id, quarantine), 1, "nothing of the agency's moved");
    }

    /// @dev The records of an annulled case are kept for the appeal, and no longer.
    function test_appealAgainstAnAnnulledCase_keepsItsRecordsUntilItIsDecided() public {
        uint64 id = accepted(1);
        refuseItems(id, 1, 1);
        _annul(id, 0);
        appeal(id, 1); // within the period, though the case has ended
        (, uint40 until) = registry.keptUntil(importer, RECORD);
        assertEq(until, FOREVER, "needed");
        overturn(id, 1);
        (, until) = registry.keptUntil(importer, RECORD);
        assertTrue(until < FOREVER, "not for ever");
    }

    // ---------------------------------------------------------------- the period

    /// @dev A period longer than instants reach never ends; it does not shut appeals out.
    function test_appealPeriod_forEver() public {
        RegimeEntry[] memory entries = new RegimeEntry[](1);
        entries[0] = RegimeEntry(IMPORT, Regime(true, "A", true, false, true, false, type(uint40).max, 0, 0));
        decide(address(rules), abi.encodeCall(rules.setRegimes, (rules.version(), entries)));
        ruleVersion = rules.version();
        uint64 id = accepted(1);
        refuseItems(id, 1, 1);
        vm.warp(block.timestamp + 100 * 365 days);
        appeal(id, 1);
        assertEq(uint8(registry.refusalOf(id, 1).state), uint8(AppealState.APPEALED), "a century later");
    }
}
