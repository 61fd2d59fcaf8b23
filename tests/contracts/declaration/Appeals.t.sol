// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    AppealState,
    Check,
    ControlKind,
    DeclarationAct,
    DeclarationState,
    DeclarationStatus,
    HeldFor,
    ItemAgency,
    ItemDecision,
    ItemOutcome,
    Lodgement,
    OpenRequest,
    Refusal,
    RefusalKind,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {NotHigherOffice, WrongOffice} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Appeals, reassignment and fallback entries (domain guide 4.1, 4.9).
contract AppealsTest is Declarations {
    bytes32 internal constant AMENDED = keccak256("amended record");
    bytes32 internal constant LRN = keccak256("one reference");
    bytes32 internal permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _appeal(uint64 id, uint16 refusal, bytes32 lrnMac) private {
        bytes32 requestId = freshId();
        act(trader, abi.encodeCall(registry.appeal, (requestId, id, refusal, lrnMac, REGULAR, EVIDENCE)));
    }

    function _decide(uint64 id, uint16 refusal, bool overturned) private {
        act(appealOfficer, abi.encodeCall(registry.decideAppeal, (id, 2, refusal, overturned, REGULAR, EVIDENCE)));
    }

    function _rejected() private returns (uint64 id) {
        Lodgement memory what = lodgement(1);
        what.lrnMac = LRN;
        id = lodgeAs(trader, what);
        act(officer, abi.encodeCall(registry.reject, (id, 1, DeclarationReasons.DATA_FAULT, EVIDENCE)));
    }

    // ---------------------------------------------------------------- what can be appealed

    function test_rejection_overturned_lodgesAgain() public {
        uint64 id = _rejected();
        Refusal memory refusal = registry.refusalOf(id, 1);
        assertEq(uint8(refusal.kind), uint8(RefusalKind.REJECTION), "kind");
        assertEq(refusal.by, officer, "by");
        assertEq(uint8(refusal.state), uint8(AppealState.REFUSED), "state");
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Appealed(
            id,
            trader,
            1,
            2,
            REGULAR,
            EVIDENCE,
            keccak256(abi.encode(importer, bytes32("a")))
        );
        act(trader, abi.encodeCall(registry.appeal, ("a", id, 1, LRN, REGULAR, EVIDENCE)));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.AppealDecided(
            id,
            appealOfficer,
            1,
            3,
            REGULAR,
            EVIDENCE,
            true,
            3,
            DeclarationStatus.LODGED
        );
        _decide(id, 1, true);
        assertStatus(id, DeclarationStatus.LODGED, "lodged again");
        accept(id, noChecks(), noUses());
    }

    function test_rejection_whoseReferenceWasReused_staysRejected() public {
        uint64 id = _rejected();
        _appeal(id, 1, LRN);
        Lodgement memory what = lodgement(1);
        what.lrnMac = LRN;
        uint64 second = lodgeAs(trader, what);
        bytes memory inUse = abi.encodeWithSelector(IDeclarationRegistry.LrnInUse.selector, second);
        refused(
            appealOfficer,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            inUse,
            "reused meanwhile"
        );
        _decide(id, 1, false);
        assertStatus(id, DeclarationStatus.REJECTED, "upheld");
        act(officer, abi.encodeCall(registry.reject, (second, 1, REGULAR, EVIDENCE)));
        refused(
            trader,
            abi.encodeCall(registry.appeal, ("b", second, 1, keccak256("not its own"), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.LrnInUse.selector, 0),
            "another reference"
        );
    }

    function test_amendmentRefused_overturned_isOpenAgain() public {
        uint64 id = accepted(1);
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        assertEq(registry.proposedRecord(id), 0, "nothing proposed");
        _appeal(id, 1, 0);
        _decide(id, 1, true);
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.AMENDMENT), "open again");
        assertEq(registry.proposedRecord(id), AMENDED, "the same record");
        act(officer2, abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)));
        assertEq(stateOf(id).version, 2, "granted by a new act");
    }

    function test_requestRefused_isNotOpenedBesideAnother() public {
        uint64 id = accepted(1);
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        _appeal(id, 1, 0);
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE)));
        refused(
            appealOfficer,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.RequestIsOpen.selector, OpenRequest.AMENDMENT),
            "another request is open"
        );
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)));
        _decide(id, 1, true);
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.AMENDMENT), "once the other is answered");
    }

    /// @dev No version that customs makes meanwhile ends a trader's appeal against a refused cancellation.
    function test_cancellationRefused_ofAnEarlierVersion_isOpenAgain() public {
        uint64 id = accepted(1);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        _appeal(id, 1, 0);
        discrepancy(id);
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), RECORD, noItems(), REGULAR, EVIDENCE)));
        _decide(id, 1, true);
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.CANCELLATION), "open again");
        act(officer2, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.INVALIDATED, "version 2");
    }

    function test_cancellationRefused_overturned_isOpenAgain() public {
        uint64 id = accepted(1);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        _appeal(id, 1, 0);
        _decide(id, 1, true);
        act(officer2, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.INVALIDATED, "granted by a new act");
    }

    function test_itemsRefused_overturned_areEnteredAnew() public {
        uint64 id = lodge(3);
        accept(id, checksFor(1, 3), usesFor(permit, 1, 3, 100));
        decideAs(phyto, id, decisionsFor(1, 3, AgencyDecision.RELEASE, FOREVER));
        ready(id);
        release(id, 1, 1);
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 2, 3, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.RELEASED, "all have an outcome");
        assertBalance(permit, 900, 0, 100, "freed");
        _appeal(id, 1, 0);
        _decide(id, 1, true);
        assertStatus(id, DeclarationStatus.PARTLY_RELEASED, "two are open again");
        assertEq(uint8(registry.missing(id, 2, 2)[0].code), uint8(HeldFor.NOT_ENTERED), "to be entered");
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 2, 3, noChecks(), usesFor(permit, 2, 3, 100))));
        assertBalance(permit, 700, 200, 100, "reserved anew");
        release(id, 2, 3);
        assertBalance(permit, 700, 0, 300, "released");
        assertEq(registry.releasedAt(stateOf(id).mrn), time40(), "in full");
    }

    function test_agencyRefusal_overturned_isPendingAgain() public {
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        ItemDecision[] memory no = decisionsFor(1, 1, AgencyDecision.REFUSE, 0);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.ItemRefusedByAgency(id, quarantine, 1, CHECK, 1);
        decideAs(phyto, id, no);
        _appeal(id, 1, 0);
        _decide(id, 1, true);
        assertEq(uint8(registry.checks(id, 1)[0].decision), uint8(AgencyDecision.PENDING), "pending");
        assertEq(registry.agencyRevision(id, quarantine), 2, "the agency's revision moved");
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER));
    }

    function test_agencyRefusal_changedMeanwhile_staysAsTheAgencyLeftIt() public {
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.REFUSE, 0));
        _appeal(id, 1, 0);
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER));
        _decide(id, 1, true);
        assertEq(uint8(registry.checks(id, 1)[0].decision), uint8(AgencyDecision.RELEASE), "released");
    }

    // ---------------------------------------------------------------- who and when

    function test_appeal_lastSecondInclusive() public {
        uint64 id = _rejected();
        vm.warp(START + APPEAL_PERIOD + 1);
        bytes memory call_ = abi.encodeCall(registry.appeal, ("a", id, 1, LRN, REGULAR, EVIDENCE));
        refused(
            trader,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.AppealTooLate.selector, START + APPEAL_PERIOD),
            "too late"
        );
        vm.warp(START + APPEAL_PERIOD);
        act(trader, call_);
    }

    function test_appeal_once_byTheParty_againstARefusal() public {
        uint64 id = _rejected();
        bytes memory call_ = abi.encodeCall(registry.appeal, ("a", id, 1, LRN, REGULAR, EVIDENCE));
        (address stranger, uint64 strangers) = brokerWithoutPower();
        refused(
            stranger,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.NotRepresented.selector, strangers, importer, 4),
            "no power of the importer's"
        );
        refused(
            trader,
            abi.encodeCall(registry.appeal, ("a", id, 2, LRN, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NoSuchRefusal.selector, id, 2),
            "no such refusal"
        );
        act(trader, call_);
        refused(
            trader,
            call_,
            abi.encodeWithSelector(
                IDeclarationRegistry.AlreadyDone.selector,
                keccak256(abi.encode(importer, bytes32("a")))
            ),
            "the same request"
        );
        refused(
            trader,
            abi.encodeCall(registry.appeal, ("b", id, 1, LRN, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotAppealable.selector, 1),
            "appealed already"
        );
        _decide(id, 1, false);
        assertEq(uint8(registry.refusalOf(id, 1).state), uint8(AppealState.UPHELD), "upheld");
        refused(
            trader,
            abi.encodeCall(registry.appeal, ("b", id, 1, LRN, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotAppealable.selector, 1),
            "upheld is the end"
        );
    }

    function test_appeal_isDecidedFromAHigherOffice_byWhoDidNotRefuse() public {
        uint64 id = _rejected();
        bytes memory call_ = abi.encodeCall(registry.decideAppeal, (id, 1, 1, true, REGULAR, EVIDENCE));
        refused(
            appealOfficer,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.NotAppealable.selector, 1),
            "nobody appealed"
        );
        _appeal(id, 1, LRN);
        call_ = abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE));
        address sameOffice = giveKey(customs, "appeals here", Roles.CUSTOMS_APPEAL, OFFICE);
        refused(sameOffice, call_, abi.encodeWithSelector(NotHigherOffice.selector, OFFICE, OFFICE), "the same office");
        address besideIt = giveKey(customs, "appeals elsewhere", Roles.CUSTOMS_APPEAL, OTHER_OFFICE);
        refused(
            besideIt,
            call_,
            abi.encodeWithSelector(NotHigherOffice.selector, OTHER_OFFICE, OFFICE),
            "an office beside it"
        );
        refused(
            officer,
            call_,
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, officer, Roles.CUSTOMS_APPEAL, time40()),
            "who refused"
        );
        refused(
            appealOfficer,
            abi.encodeCall(registry.decideAppeal, (id, 1, 1, true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 1, 2),
            "of another revision"
        );
        refused(
            appealOfficer,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, 0, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector),
            "no reason"
        );
        act(appealOfficer, call_);
    }

    function test_appeal_byWhoRefused_underAnotherOffice_isRefused() public {
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        // One key that is both an agency's and of appeals refuses, then would decide on it.
        address both = giveKey(quarantine, "agency", Roles.OGA);
        act(
            both,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 1, decisionsFor(1, 1, AgencyDecision.REFUSE, 0), REGULAR, EVIDENCE)
            )
        );
        _appeal(id, 1, 0);
        (, uint32 version) = participants.keyWord(both);
        decide(
            address(participants),
            abi.encodeCall(
                participants.amend,
                (
                    quarantine,
                    participants.participantOf(quarantine).version,
                    Roles.OGA | Roles.ISSUER | Roles.CUSTOMS_APPEAL,
                    0,
                    keccak256("profile")
                )
            )
        );
        decide(
            address(participants),
            abi.encodeCall(
                participants.setKey,
                (quarantine, both, version, Roles.OGA | Roles.CUSTOMS_APPEAL, HEAD_OFFICE, 0, FOREVER)
            )
        );
        vm.warp(START + 1);
        refused(
            both,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, both),
            "who refused"
        );
    }

    // ---------------------------------------------------------------- reassignment

    function test_reassign_toAnotherOffice_movesTheAuthority() public {
        uint64 id = lodge(1);
        bytes memory call_ = abi.encodeCall(
            registry.reassign,
            (id, 1, OTHER_OFFICE, address(0), DeclarationReasons.COMPETENCE, EVIDENCE)
        );
        refused(
            farOfficer,
            call_,
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE),
            "nobody takes a case"
        );
        refused(
            officer,
            abi.encodeCall(registry.reassign, (id, 1, OTHER_OFFICE, address(0), 0, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector),
            "no reason"
        );
        refused(
            officer,
            abi.encodeCall(registry.reassign, (id, 1, 0, address(0), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(WrongOffice.selector, 0, OFFICE),
            "no office"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Reassigned(
            id,
            officer,
            0,
            2,
            DeclarationReasons.COMPETENCE,
            EVIDENCE,
            OTHER_OFFICE,
            address(0)
        );
        act(officer, call_);
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 2, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(WrongOffice.selector, OFFICE, OTHER_OFFICE),
            "no longer here"
        );
        act(farOfficer, abi.encodeCall(registry.accept, (id, 2, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)));
        act(farOfficer, abi.encodeCall(registry.reassign, (id, 3, OFFICE, address(0), REGULAR, EVIDENCE)));
        (, , uint24 office, ) = debts.opened(id);
        assertEq(office, OFFICE, "revenue of the new office assesses");
    }

    function test_reassign_toOneOfficer_shutsOutTheOthers_untilReassigned() public {
        uint64 id = lodge(1);
        act(officer, abi.encodeCall(registry.reassign, (id, 1, OFFICE, officer, REGULAR, EVIDENCE)));
        assertEq(stateOf(id).officer, officer, "assigned");
        refused(
            officer2,
            abi.encodeCall(registry.accept, (id, 2, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotAssigned.selector, officer),
            "another officer"
        );
        accept(id, noChecks(), noUses());
        act(risk, abi.encodeCall(registry.route, (id, 0, ControlKind.NONE, REGULAR, EVIDENCE)));
        act(officer2, abi.encodeCall(registry.confirmArrival, (id, 0, REGULAR, EVIDENCE)));
        pay(id);
        act(service, abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        act(officer2, abi.encodeCall(registry.reassign, (id, rev(id), OFFICE, address(0), REGULAR, EVIDENCE)));
        act(officer2, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
    }

    // ---------------------------------------------------------------- fallback entries

    function test_fallback_isConfirmed_thenEnteredByItsOfficer_once() public {
        uint64 id = accepted(2);
        ready(id);
        vm.warp(START + 1 hours);
        uint16 fallbackReason = DeclarationReasons.FALLBACK;
        bytes4 selector = registry.release.selector;
        bytes memory releaseCall = abi.encodeCall(registry.release, (id, rev(id), 1, 1, fallbackReason, EVIDENCE));
        bytes memory none = abi.encodeWithSelector(IDeclarationRegistry.NoFallback.selector, id, officer, selector);
        refused(officer, releaseCall, none, "not entered");
        bytes32 key = keccak256(abi.encode(customs, bytes32("f")));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.FallbackEntered(id, officer, key, selector, uint40(START + 60), EVIDENCE);
        act(officer, abi.encodeCall(registry.enterFallback, ("f", id, selector, uint40(START + 60), EVIDENCE)));
        refused(officer, releaseCall, none, "not confirmed");
        refused(
            officer,
            abi.encodeCall(registry.confirmFallback, (key, 1, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, officer),
            "by the same officer"
        );
        refused(
            farOfficer,
            abi.encodeCall(registry.confirmFallback, (key, 1, EVIDENCE)),
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE),
            "of another office"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.FallbackConfirmed(id, officer2, key, EVIDENCE);
        act(officer2, abi.encodeCall(registry.confirmFallback, (key, 1, EVIDENCE)));
        refused(
            officer2,
            abi.encodeCall(registry.confirmFallback, (key, 1, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 1, 2),
            "confirmed once"
        );
        refused(
            officer2,
            abi.encodeCall(registry.confirmFallback, (key, 2, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.AlreadyDone.selector, key),
            "confirmed once, whatever the revision"
        );
        refused(
            officer2,
            abi.encodeCall(registry.release, (id, rev(id), 1, 1, fallbackReason, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NoFallback.selector, id, officer2, selector),
            "another's entry"
        );
        refused(
            officer,
            abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 1, fallbackReason, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NoFallback.selector,
                id,
                officer,
                registry.refuseItems.selector
            ),
            "another act"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.FallbackUsed(id, officer, key, selector, uint40(START + 60), officer2);
        act(officer, releaseCall);
        assertEq(uint8(registry.item(id, 1).outcome), uint8(ItemOutcome.RELEASED), "released");
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 2, 2, fallbackReason, EVIDENCE)),
            none,
            "used once"
        );
    }

    function test_fallback_doesNotBendTheGuard() public {
        uint64 id = accepted(1);
        act(officer, abi.encodeCall(registry.enterFallback, ("f", id, registry.release.selector, time40(), EVIDENCE)));
        bytes32 key = keccak256(abi.encode(customs, bytes32("f")));
        act(officer2, abi.encodeCall(registry.confirmFallback, (key, 1, EVIDENCE)));
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 1, 1, DeclarationReasons.FALLBACK, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 3, registry.missing(id, 1, 1)),
            "the guard holds at entry"
        );
    }

    function test_fallback_bounds() public {
        uint64 id = accepted(1);
        bytes4 selector = registry.release.selector;
        refused(
            officer,
            abi.encodeCall(registry.enterFallback, ("f", id, selector, time40() + 1, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadInstant.selector, time40() + 1, time40(), time40()),
            "in the future"
        );
        refused(
            officer,
            abi.encodeCall(registry.enterFallback, ("f", id, selector, time40() - 1, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadInstant.selector, time40() - 1, time40(), time40()),
            "before lodging"
        );
        refused(
            officer,
            abi.encodeCall(registry.enterFallback, ("f", id, selector, time40(), 0)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no paper"
        );
        act(officer, abi.encodeCall(registry.enterFallback, ("f", id, selector, time40(), EVIDENCE)));
        bytes32 key = keccak256(abi.encode(customs, bytes32("f")));
        refused(
            officer,
            abi.encodeCall(registry.enterFallback, ("f", id, selector, time40(), EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.AlreadyDone.selector, key),
            "the same request"
        );
        refused(
            officer2,
            abi.encodeCall(registry.confirmFallback, ("none", 1, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NoSuchProposal.selector, bytes32("none")),
            "no such entry"
        );
    }

    // ---------------------------------------------------------------- each reopening counts, and ends the appeal

    /// @dev The revision before and after; an officer who saw the case before the appeal must look again.
    function _overturn(uint64 id, uint16 refusal) private {
        _appeal(id, refusal, 0);
        uint32 before = rev(id);
        _decide(id, refusal, true);
        assertEq(rev(id), before + 1, "the case has moved");
        assertEq(uint8(registry.refusalOf(id, refusal).state), uint8(AppealState.OVERTURNED), "overturned");
        assertEq(stateOf(id).openAppeals, 0, "no appeal is open");
    }

    function test_overturned_movesTheCase_whateverWasRefused() public {
        uint64 id = lodge(2);
        accept(id, checksFor(1, 1), noUses());
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        _overturn(id, 1);
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.REFUSE, 0));
        _overturn(id, 3);
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 2, 2, REGULAR, EVIDENCE)));
        _overturn(id, 4);
    }

    /// @dev Judged from above the office that refused, even when the case has moved to another since.
    function test_appeal_followsTheOfficeThatRefused_notTheCase() public {
        uint64 id = accepted(1);
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        _appeal(id, 1, 0);
        act(officer, abi.encodeCall(registry.reassign, (id, rev(id), OTHER_OFFICE, address(0), REGULAR, EVIDENCE)));
        decide(address(participants), abi.encodeCall(participants.setOffice, (OTHER_OFFICE, 1, 27_000)));
        _decide(id, 1, true);
    }

    function test_appeal_isNotDecidedByItsOwnParty() public {
        uint64 both = admit(Roles.CUSTOMS_APPEAL | Roles.DECLARANT, 0);
        address judge = giveKey(both, "judge in its own case", Roles.CUSTOMS_APPEAL | Roles.DECLARANT, HEAD_OFFICE);
        Lodgement memory own = lodgement(1);
        (own.importer, own.lrnMac) = (both, LRN);
        uint64 id = lodgeAs(judge, own);
        act(officer, abi.encodeCall(registry.reject, (id, 1, DeclarationReasons.DATA_FAULT, EVIDENCE)));
        act(judge, abi.encodeCall(registry.appeal, ("a", id, 1, LRN, REGULAR, EVIDENCE)));
        refused(
            judge,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.OwnDeclaration.selector, both),
            "its own"
        );
    }

    /// @dev A power to appeal is enough to appeal, whatever else it leaves out; assignment leaves the representation.
    function test_broker_appealsWithAPowerToAppeal() public {
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        uint64 id = lodgeAs(broker, what);
        act(officer, abi.encodeCall(registry.reassign, (id, 1, OFFICE, officer, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.reassign, (id, 2, OFFICE, address(0), REGULAR, EVIDENCE)));
        accept(id, noChecks(), noUses());
        assertEq(uint8(stateOf(id).representation), uint8(Representation.DIRECT), "as lodged");
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        vm.prank(trader);
        authorisations.grantPower("appeal only", brokerage, 4, time40(), FOREVER, EVIDENCE);
        act(broker, abi.encodeCall(registry.appeal, ("a", id, 1, 0, REGULAR, EVIDENCE)));
    }

    /// @dev One check of three that look alike is opened again: the one that was appealed.
    function test_agencyRefusal_overturned_opensItsOwnCheckAlone() public {
        uint64 id = lodge(1);
        ItemAgency[] memory list = new ItemAgency[](3);
        list[0] = ItemAgency(1, quarantine, CHECK);
        list[1] = ItemAgency(1, quarantine, CHECK + 1);
        list[2] = ItemAgency(1, veterinary, CHECK);
        accept(id, list, noUses());
        ItemDecision[] memory both = new ItemDecision[](2);
        both[0] = ItemDecision(1, CHECK, AgencyDecision.REFUSE, 0);
        both[1] = ItemDecision(1, CHECK + 1, AgencyDecision.REFUSE, 0);
        decideAs(phyto, id, both);
        decideAs(vet, id, decisionsFor(1, 1, AgencyDecision.REFUSE, 0));
        _appeal(id, 1, 0);
        _decide(id, 1, true);
        Check[] memory checks = registry.checks(id, 1);
        assertEq(uint8(checks[0].decision), uint8(AgencyDecision.PENDING), "opened again");
        assertEq(uint8(checks[1].decision), uint8(AgencyDecision.REFUSE), "the agency's other check");
        assertEq(uint8(checks[2].decision), uint8(AgencyDecision.REFUSE), "the other agency's check");
    }

    function test_itemsRefused_overturned_useNoPermitUntilEntered() public {
        uint64 id = lodge(1);
        accept(id, noChecks(), usesFor(permit, 1, 1, 100));
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        _appeal(id, 1, 0);
        _decide(id, 1, true);
        assertEq(registry.permitUses(id, 1).length, 0, "nothing reserved");
        assertBalance(permit, 1_000, 0, 0, "freed");
    }
}
