// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {
    AgencyDecision,
    ControlKind,
    ItemState,
    JointAct,
    JointKind,
    Lodgement,
    Check
} from "../../../contracts/types/Declaration.sol";
import {UnknownReason} from "../../../contracts/types/Errors.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Invariant 5 for every act: the same transaction executed twice changes nothing the second time.
contract DoublesTest is Declarations {
    bytes32 internal permit;
    uint256 internal acts;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(10_000);
    }

    /// @dev All that a case, its items and its permits are.
    function _picture(uint64 id) private view returns (bytes32) {
        bytes memory picture = abi.encode(registry.caseCount());
        if (registry.caseCount() != 0) {
            uint16 count = registry.state(id).itemCount;
            picture = abi.encode(picture, registry.state(id), registry.proposedRecord(id));
            for (uint16 i = 1; i <= count; ++i) {
                ItemState memory item = registry.item(id, i);
                Check[] memory checks = registry.checks(id, i);
                picture = abi.encode(picture, item, checks, registry.permitUses(id, i));
            }
            picture = abi.encode(picture, registry.refusalOf(id, 1), registry.agencyRevision(id, quarantine));
        }
        (uint96 available, uint96 reserved, uint96 writtenOff) = balance(permit);
        return keccak256(abi.encode(picture, available, reserved, writtenOff));
    }

    /// @dev Does the act, then does the very same again: refused, and nothing has changed.
    function _twice(address actor, uint64 id, bytes memory call_, string memory what) private {
        act(actor, call_);
        bytes32 before = _picture(id);
        vm.prank(actor);
        (bool done, ) = address(registry).call(call_);
        assertFalse(done, string.concat(what, ": done twice"));
        assertEq(_picture(id), before, what);
        ++acts;
    }

    function test_everyAct_twice() public {
        _lodgingActs();
        _acceptanceActs();
        _requestActs();
        _controlActs();
        _releaseActs();
        _afterRelease();
        _appealActs();
        _jointActs();
        _benefitActs();
        assertEq(acts, 44, "all 43 acts of the registry, enterItems in two ways");
    }

    function _lodgingActs() private {
        uint64 id = (uint64(1) << 56) | 1;
        _twice(trader, id, abi.encodeCall(registry.preLodge, ("pre", lodgement(1))), "preLodge");
        _twice(trader, id, abi.encodeCall(registry.present, (id, 1, REGULAR, EVIDENCE)), "present");
        _twice(trader, id, abi.encodeCall(registry.lodge, ("lodge", lodgement(1))), "lodge");
        _twice(officer, id, abi.encodeCall(registry.reject, (id, 2, REGULAR, EVIDENCE)), "reject");
    }

    function _acceptanceActs() private {
        uint64 id = lodge(2);
        _twice(
            officer,
            id,
            abi.encodeCall(registry.beginAcceptance, (id, 1, ruleVersion, REGULAR, EVIDENCE)),
            "beginAcceptance"
        );
        _twice(
            officer,
            id,
            abi.encodeCall(registry.enterItems, (id, 2, 1, 1, checksFor(1, 1), usesFor(permit, 1, 1, 5))),
            "enterItems"
        );
        _twice(
            officer,
            id,
            abi.encodeCall(registry.enterItems, (id, 3, 2, 2, noChecks(), usesFor(permit, 2, 2, 5))),
            "enterItems, the rest"
        );
        _twice(officer, id, abi.encodeCall(registry.abandon, (id, 4, 1, REGULAR, EVIDENCE)), "abandon");
        act(officer, abi.encodeCall(registry.enterItems, (id, 5, 2, 2, noChecks(), noUses())));
        _twice(officer, id, abi.encodeCall(registry.sealAcceptance, (id, 6, REGULAR, EVIDENCE)), "sealAcceptance");
        id = lodge(1);
        _twice(
            officer,
            id,
            abi.encodeCall(
                registry.accept,
                (id, 1, ruleVersion, checksFor(1, 1), usesFor(permit, 1, 1, 5), REGULAR, EVIDENCE)
            ),
            "accept"
        );
    }

    function _requestActs() private {
        uint64 id = lodge(1);
        accept(id, noChecks(), usesFor(permit, 1, 1, 5));
        _twice(
            trader,
            id,
            abi.encodeCall(registry.requestAmendment, (id, 2, EVIDENCE, REGULAR, EVIDENCE)),
            "requestAmendment"
        );
        _twice(officer, id, abi.encodeCall(registry.refuseRequest, (id, 3, REGULAR, EVIDENCE)), "refuseRequest");
        act(trader, abi.encodeCall(registry.requestAmendment, (id, 4, EVIDENCE, REGULAR, EVIDENCE)));
        _twice(
            officer,
            id,
            abi.encodeCall(registry.grantAmendment, (id, 5, noItems(), REGULAR, EVIDENCE)),
            "grantAmendment"
        );
        _twice(
            trader,
            id,
            abi.encodeCall(registry.requestCancellation, (id, 6, REGULAR, EVIDENCE)),
            "requestCancellation"
        );
        _twice(
            officer,
            id,
            abi.encodeCall(registry.grantCancellation, (id, 7, 0, REGULAR, EVIDENCE)),
            "grantCancellation"
        );
        _twice(officer, id, abi.encodeCall(registry.returnPermits, (id, 8, 1)), "returnPermits");
    }

    function _controlActs() private {
        uint64 id = accepted(1);
        _twice(risk, id, abi.encodeCall(registry.route, (id, 0, ControlKind.DOCUMENTARY, REGULAR, EVIDENCE)), "route");
        _twice(
            officer,
            id,
            abi.encodeCall(registry.notifyIrregularity, (id, 1, REGULAR, EVIDENCE)),
            "notifyIrregularity"
        );
        _twice(inspector, id, abi.encodeCall(registry.startControl, (id, 2, REGULAR, EVIDENCE)), "startControl");
        _twice(
            inspector,
            id,
            abi.encodeCall(registry.recordControl, (id, 3, false, REGULAR, EVIDENCE)),
            "recordControl"
        );
        _twice(
            officer,
            id,
            abi.encodeCall(registry.dismissDiscrepancy, (id, 4, REGULAR, EVIDENCE)),
            "dismissDiscrepancy"
        );
        id = accepted(1);
        discrepancy(id);
        _twice(
            officer,
            id,
            abi.encodeCall(registry.correct, (id, 2, EVIDENCE, onlyItem(1), REGULAR, EVIDENCE)),
            "correct"
        );
        id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        _twice(
            phyto,
            id,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 1, decisionsFor(1, 1, AgencyDecision.HOLD, 0), REGULAR, EVIDENCE)
            ),
            "decideItems"
        );
        _twice(carrier, id, abi.encodeCall(registry.confirmArrival, (id, 0, REGULAR, EVIDENCE)), "confirmArrival");
        _twice(officer, id, abi.encodeCall(registry.reassign, (id, 2, OFFICE, officer, REGULAR, EVIDENCE)), "reassign");
    }

    function _releaseActs() private {
        uint64 id = lodge(3);
        accept(id, noChecks(), usesFor(permit, 1, 3, 5));
        ready(id);
        _twice(officer, id, abi.encodeCall(registry.release, (id, 2, 1, 1, REGULAR, EVIDENCE)), "release");
        _twice(officer, id, abi.encodeCall(registry.refuseItems, (id, 3, 2, 2, REGULAR, EVIDENCE)), "refuseItems");
        _twice(officer, id, abi.encodeCall(registry.seize, (id, 4, 3, 3, false, REGULAR, EVIDENCE)), "seize");
        id = accepted(1);
        arrive(id);
        route(id, ControlKind.PHYSICAL);
        startControl(id);
        debts.set(id, 1, FiscalState.SECURED);
        _twice(
            officer,
            id,
            abi.encodeCall(registry.releaseConditionally, (id, 2, 1, 1, REGULAR, EVIDENCE)),
            "releaseConditionally"
        );
    }

    function _afterRelease() private {
        Lodgement memory what = lodgement(1);
        what.regime = EXPORT;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        route(id, ControlKind.NONE);
        pay(id);
        release(id, 1, 1);
        _twice(carrier, id, abi.encodeCall(registry.confirmExit, (id, 0, REGULAR, EVIDENCE)), "confirmExit");
        _twice(officer, id, abi.encodeCall(registry.clear, (id, 3, REGULAR, EVIDENCE)), "clear");
        _twice(auditor, id, abi.encodeCall(registry.openPca, (id, 4, REGULAR, EVIDENCE)), "openPca");
        _twice(auditor, id, abi.encodeCall(registry.closePca, (id, 5, EVIDENCE, REGULAR, EVIDENCE)), "closePca");
    }

    function _appealActs() private {
        uint64 id = accepted(1);
        act(officer, abi.encodeCall(registry.refuseItems, (id, 2, 1, 1, REGULAR, EVIDENCE)));
        _twice(trader, id, abi.encodeCall(registry.appeal, ("appeal", id, 1, 0, REGULAR, EVIDENCE)), "appeal");
        _twice(
            appealOfficer,
            id,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            "decideAppeal"
        );
    }

    function _jointActs() private {
        uint64 id = accepted(1);
        seize(id, 1, 1);
        JointAct memory lift = jointAct(id, JointKind.LIFT_SEIZURE, 1, 1);
        _twice(officer, id, abi.encodeCall(registry.propose, ("lift", lift)), "propose");
        bytes32 key = keccak256(abi.encode(customs, bytes32("lift")));
        _twice(officer2, id, abi.encodeCall(registry.countersign, (key, 3, lift)), "countersign");
        bytes4 selector = registry.seize.selector;
        _twice(
            officer,
            id,
            abi.encodeCall(registry.enterFallback, ("fallback", id, selector, time40(), EVIDENCE)),
            "enterFallback"
        );
        key = keccak256(abi.encode(customs, bytes32("fallback")));
        _twice(officer2, id, abi.encodeCall(registry.confirmFallback, (key, 1, EVIDENCE)), "confirmFallback");
    }

    function _benefitActs() private {
        address unit = giveKey(customs, "aeo unit", Roles.AEO_UNIT);
        vm.prank(trader);
        authorisations.applyForAeo("aeo", EVIDENCE);
        vm.startPrank(unit);
        authorisations.reviewAeo(importer, 1, EVIDENCE);
        authorisations.grantAeo(importer, 2, 8, 1, time40(), FOREVER, EVIDENCE);
        authorisations.recognizeForeignAeo("mra", "GB", "id", 1, 2, time40(), FOREVER, EVIDENCE);
        vm.stopPrank();
        uint64 id = lodge(1);
        bytes32[] memory records = new bytes32[](1);
        records[0] = EVIDENCE;
        _twice(trader, id, abi.encodeCall(registry.declareSimplified, (id, 1, REGULAR, EVIDENCE)), "declareSimplified");
        bytes32 foreignAeo = authorisations.foreignAeoKey("GB", "id");
        _twice(
            trader,
            id,
            abi.encodeCall(registry.claimForeignAeo, (id, 2, foreignAeo, REGULAR, EVIDENCE)),
            "claimForeignAeo"
        );
        accept(id, checksFor(1, 1), noUses());
        succeed(quarantine, 0, veterinary);
        _twice(
            vet,
            id,
            abi.encodeCall(registry.takeOverChecks, (id, 0, quarantine, 1, 1, REGULAR, EVIDENCE)),
            "takeOverChecks"
        );
        _twice(trader, id, abi.encodeCall(registry.supplement, (id, 4, EVIDENCE, REGULAR, EVIDENCE)), "supplement");
        _repeats(officer, id, abi.encodeCall(registry.citeRecords, (id, importer, records)), "citeRecords");
    }

    /// @dev An act that says again what is said already: it passes and changes nothing.
    function _repeats(address actor, uint64 id, bytes memory call_, string memory what) private {
        act(actor, call_);
        (uint64 needs, uint40 until) = registry.keptUntil(importer, EVIDENCE);
        bytes32 before = keccak256(abi.encode(_picture(id), needs, until));
        act(actor, call_);
        (needs, until) = registry.keptUntil(importer, EVIDENCE);
        assertEq(keccak256(abi.encode(_picture(id), needs, until)), before, what);
        ++acts;
    }

    function testFuzz_reasonCodes_areEnumerated(uint16 reason) public {
        uint64 id = lodge(1);
        bool known =
            reason == 0 ||
                reason >= DeclarationReasons.NATIONAL ||
                (reason >= DeclarationReasons.REGULAR && reason <= DeclarationReasons.LAST);
        bytes memory call_ = abi.encodeCall(registry.beginAcceptance, (id, 1, ruleVersion, reason, EVIDENCE));
        if (!known) {
            refused(officer, call_, abi.encodeWithSelector(UnknownReason.selector, reason), "unknown");
            JointAct memory joint = jointAct(id, JointKind.INVALIDATE, 0, 0);
            joint.reason = reason;
            refused(
                officer,
                abi.encodeCall(registry.propose, ("r", joint)),
                abi.encodeWithSelector(UnknownReason.selector, reason),
                "unknown in a proposal"
            );
        } else if (reason != DeclarationReasons.FALLBACK) {
            act(officer, call_);
        }
    }
}
