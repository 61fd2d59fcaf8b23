// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {
    AgencyDecision,
    ControlKind,
    DeclarationState,
    DeclarationStatus,
    ItemAgency,
    ItemDecision,
    ItemState,
    ItemOutcome,
    JointAct,
    JointKind
} from "../../../contracts/types/Declaration.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {Declarations} from "./Declarations.sol";

/// @title DeclarationWalk
/// @notice All parties at random on three declarations that share one permit. Acts that the law refuses are refused;
///         what takes effect is counted, and a release is compared with what was missing before it.
contract DeclarationWalk is Declarations {
    uint16 internal constant ITEMS = 4;
    uint256 internal constant CASES = 3;
    uint96 internal constant AUTHORISED = 500;

    bytes32 internal permit;
    uint64[] internal ids;
    uint256 public effects;
    uint256 public releases;
    uint256 public versions;
    uint256 public annulments;
    uint256 public takenWhileWaiting;
    bool public releasedAgainstTheGuard;
    bool public revisionWentBack;
    bool public annulledByOneAfterRelease;
    bool public annulledByOneWhileSeized;
    mapping(uint64 => bool) internal wasOut;

    constructor() {
        deployDeclarations();
        permit = issuePermit(AUTHORISED);
        for (uint256 i = 0; i < CASES; ++i) {
            ids.push(lodge(ITEMS));
        }
        // Two are far enough for goods to leave within a short walk; the third starts as lodged.
        for (uint256 i = 0; i < 2; ++i) {
            accept(ids[i], checksFor(1, ITEMS), usesFor(permit, 1, ITEMS, 20));
            arrive(ids[i]);
            pay(ids[i]);
            decideAs(phyto, ids[i], decisionsFor(1, ITEMS, AgencyDecision.RELEASE, FOREVER));
        }
        route(ids[0], ControlKind.NONE);
    }

    // ---------------------------------------------------------------- the walk

    function enter(uint256 c, uint256 from, uint256 to, uint96 quantity) external {
        uint64 id = _case(c);
        (uint16 a, uint16 b) = _range(from, to);
        _try(officer, id, abi.encodeCall(registry.beginAcceptance, (id, rev(id), ruleVersion, REGULAR, EVIDENCE)));
        uint16 entered = registry.state(id).entered;
        if (entered < ITEMS) a = entered + 1;
        if (b < a) b = a;
        _enter(id, a, b, quantity);
    }

    function _enter(uint64 id, uint16 from, uint16 to, uint96 quantity) private {
        PermitUse[] memory uses = usesFor(permit, from, to, uint96(bound(quantity, 1, 60)));
        ItemAgency[] memory agencies = checksFor(from, to);
        _try(officer, id, abi.encodeCall(registry.enterItems, (id, rev(id), from, to, agencies, uses)));
    }

    function seal(uint256 c) external {
        uint64 id = _case(c);
        _try(officer, id, abi.encodeCall(registry.sealAcceptance, (id, rev(id), REGULAR, EVIDENCE)));
    }

    function abandon(uint256 c, uint256 keep) external {
        uint64 id = _case(c);
        uint16 kept = uint16(keep % ITEMS);
        _try(officer, id, abi.encodeCall(registry.abandon, (id, rev(id), kept, REGULAR, EVIDENCE)));
    }

    function control(uint256 c, uint256 kind, bool satisfactory) external {
        uint64 id = _case(c);
        ControlKind k = ControlKind(kind % 3);
        _try(risk, id, abi.encodeCall(registry.route, (id, controlRev(id), k, REGULAR, EVIDENCE)));
        if (k == ControlKind.NONE) return;
        _try(inspector, id, abi.encodeCall(registry.startControl, (id, controlRev(id), REGULAR, EVIDENCE)));
        if (kind % 5 == 0) return; // the laboratory takes its time
        _try(
            inspector,
            id,
            abi.encodeCall(registry.recordControl, (id, controlRev(id), satisfactory, REGULAR, EVIDENCE))
        );
    }

    function dismiss(uint256 c) external {
        uint64 id = _case(c);
        _try(officer2, id, abi.encodeCall(registry.dismissDiscrepancy, (id, controlRev(id), REGULAR, EVIDENCE)));
    }

    function decideItem(uint256 c, uint256 from, uint256 to, uint256 decision, uint256 lasting) external {
        uint64 id = _case(c);
        (uint16 a, uint16 b) = _range(from, to);
        // Three of four decisions let goods pass, so that releases happen.
        AgencyDecision d = decision % 4 == 0 ? AgencyDecision(1 + (decision % 5)) : AgencyDecision.RELEASE;
        ItemDecision[] memory list = decisionsFor(a, b, d, time40() + uint40(bound(lasting, 0, 3 days)));
        uint32 revision = registry.agencyRevision(id, quarantine);
        uint16 version = registry.state(id).version;
        _try(phyto, id, abi.encodeCall(registry.decideItems, (id, revision, version, list, REGULAR, EVIDENCE)));
    }

    function arrival(uint256 c) external {
        uint64 id = _case(c);
        _try(carrier, id, abi.encodeCall(registry.confirmArrival, (id, goodsRev(id), REGULAR, EVIDENCE)));
    }

    function debt(uint256 c, uint256 state) external {
        uint64 id = _case(c);
        FiscalState fiscal = state % 3 == 0 ? FiscalState(state % 9) : FiscalState.PAID;
        debts.set(id, registry.state(id).version, fiscal);
    }

    function releaseItems(uint256 c, uint256 from, uint256 to, bool conditional) external {
        uint64 id = _case(c);
        (uint16 a, uint16 b) = _range(from, to);
        bool free = registry.missing(id, a, b).length == 0;
        bytes memory call_ =
            conditional
                ? abi.encodeCall(registry.releaseConditionally, (id, rev(id), a, b, REGULAR, EVIDENCE))
                : abi.encodeCall(registry.release, (id, rev(id), a, b, REGULAR, EVIDENCE));
        if (!_try(officer, id, call_)) return;
        ++releases;
        wasOut[id] = true;
        if (!conditional && !free) releasedAgainstTheGuard = true;
    }

    function refuseItem(uint256 c, uint256 number) external {
        uint64 id = _case(c);
        (uint16 a, ) = _range(number, number);
        if (number % 3 != 0) return; // seldom: a refused item is done
        _try(officer, id, abi.encodeCall(registry.refuseItems, (id, rev(id), a, a, REGULAR, EVIDENCE)));
    }

    function seizeItem(uint256 c, uint256 number, bool lift) external {
        uint64 id = _case(c);
        (uint16 a, ) = _range(number, number);
        if (!lift) {
            _try(officer2, id, abi.encodeCall(registry.seize, (id, rev(id), a, a, false, REGULAR, EVIDENCE)));
            return;
        }
        _jointly(jointAct(id, JointKind.LIFT_SEIZURE, a, a));
    }

    function amend(uint256 c, uint256 number, uint96 quantity) external {
        uint64 id = _case(c);
        (uint16 a, ) = _range(number, number);
        _try(trader, id, abi.encodeCall(registry.requestAmendment, (id, rev(id), EVIDENCE, REGULAR, EVIDENCE)));
        bytes memory grant = abi.encodeCall(registry.grantAmendment, (id, rev(id), onlyItem(a), REGULAR, EVIDENCE));
        if (!_try(officer, id, grant)) return;
        ++versions;
        uint256 when = quantity % 4;
        if (when == 0) return; // entered later
        // Taken away while it waits: its entry must not bring it back.
        bytes memory seize_ = abi.encodeCall(registry.seize, (id, rev(id), a, a, false, REGULAR, EVIDENCE));
        bytes memory refuse_ = abi.encodeCall(registry.refuseItems, (id, rev(id), a, a, REGULAR, EVIDENCE));
        if (when != 1 && _try(when == 2 ? officer2 : officer, id, when == 2 ? seize_ : refuse_)) ++takenWhileWaiting;
        _enter(id, a, a, quantity);
    }

    function correctCase(uint256 c, uint256 number) external {
        uint64 id = _case(c);
        (uint16 a, ) = _range(number, number);
        bytes memory call_ = abi.encodeCall(registry.correct, (id, rev(id), EVIDENCE, onlyItem(a), REGULAR, EVIDENCE));
        if (_try(officer, id, call_)) ++versions;
    }

    function appealRefusal(uint256 c, uint256 number, bool overturned) external {
        uint64 id = _case(c);
        uint16 refusal = uint16(1 + (number % 4));
        _try(trader, id, abi.encodeCall(registry.appeal, (freshId(), id, refusal, 0, REGULAR, EVIDENCE)));
        _try(appealOfficer, id, abi.encodeCall(registry.decideAppeal, (id, 2, refusal, overturned, REGULAR, EVIDENCE)));
    }

    function annul(uint256 c, uint256 dice, uint256 to) external {
        if (dice % 6 != 0) return; // seldom: it ends a case
        uint64 id = _case(c);
        (, uint16 b) = _range(to, to);
        _try(trader, id, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        bytes memory grant = abi.encodeCall(registry.grantCancellation, (id, rev(id), b, REGULAR, EVIDENCE));
        if (_try(officer, id, grant)) {
            ++annulments;
            if (wasOut[id]) annulledByOneAfterRelease = true;
            for (uint16 n = 1; n <= ITEMS; ++n) {
                if (registry.item(id, n).outcome == ItemOutcome.SEIZED) annulledByOneWhileSeized = true;
            }
        } else if (_jointly(jointAct(id, JointKind.INVALIDATE, 0, b))) {
            ++annulments;
        }
    }

    function returnRest(uint256 c) external {
        uint64 id = _case(c);
        _try(officer, id, abi.encodeCall(registry.returnPermits, (id, rev(id), ITEMS)));
    }

    function clearCase(uint256 c) external {
        uint64 id = _case(c);
        _try(officer, id, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
    }

    function audit(uint256 c, bool reassess) external {
        uint64 id = _case(c);
        _try(auditor, id, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
        bytes32 record = reassess ? EVIDENCE : bytes32(0);
        _try(auditor, id, abi.encodeCall(registry.closePca, (id, rev(id), record, REGULAR, EVIDENCE)));
    }

    function suspendPermit(bool reinstate) external {
        uint32 version = permits.permitHead(permit).version;
        vm.prank(phyto);
        bytes memory call_ =
            reinstate
                ? abi.encodeCall(permits.reinstate, (permit, version, PermitReasons.CAUSE_REMOVED, EVIDENCE))
                : abi.encodeCall(permits.suspend, (permit, version, PermitReasons.HAZARD, EVIDENCE));
        (bool done, ) = address(permits).call(call_);
        if (done) ++effects;
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 6 hours));
    }

    // ---------------------------------------------------------------- what must hold

    /// @dev Counters say what the items are; the status says what the counters are.
    function checkCounters() external view {
        for (uint256 i = 0; i < CASES; ++i) {
            DeclarationState memory s = registry.state(ids[i]);
            uint16[5] memory byOutcome;
            uint16 pending;
            bool conditional;
            for (uint16 n = 1; n <= ITEMS; ++n) {
                ItemState memory item = registry.item(ids[i], n);
                ++byOutcome[uint8(item.outcome)];
                if (item.pending) ++pending;
                if (item.conditional) conditional = true;
            }
            assertEq(s.pendingItems, pending, "pending items");
            if (s.status != DeclarationStatus.INVALIDATED) {
                assertTrue(debts.isBound(ids[i]) == conditional, "security is bound while a condition is open");
            }
            if (s.version == 0) continue;
            assertEq(s.openItems, byOutcome[uint8(ItemOutcome.HELD)], "open items");
            assertEq(s.conditionalItems, byOutcome[uint8(ItemOutcome.CONDITIONALLY_RELEASED)], "conditional items");
            assertEq(
                s.deniedItems,
                byOutcome[uint8(ItemOutcome.REFUSED)] + byOutcome[uint8(ItemOutcome.SEIZED)],
                "denied items"
            );
            bool nothingOpen = s.openItems == 0 && s.deniedItems < ITEMS;
            if (s.status == DeclarationStatus.RELEASED) assertTrue(nothingOpen, "released: nothing is open");
            if (s.status == DeclarationStatus.ACCEPTED) {
                assertEq(s.openItems + s.deniedItems, ITEMS, "accepted: nothing is released");
            }
            if (registry.releasedAt(s.mrn) != 0) {
                assertEq(byOutcome[uint8(ItemOutcome.RELEASED)], ITEMS, "an escrow is paid for all items");
            }
        }
    }

    /// @dev What is reserved and written off is what the items of all declarations stand for, and nothing is lost.
    function checkQuantities() external view {
        uint256 reserved;
        uint256 writtenOff;
        for (uint256 i = 0; i < CASES; ++i) {
            DeclarationState memory s = registry.state(ids[i]);
            for (uint16 n = s.returnedItems + 1; n <= ITEMS; ++n) {
                ItemState memory item = registry.item(ids[i], n);
                PermitUse[] memory uses = registry.permitUses(ids[i], n);
                for (uint256 u = 0; u < uses.length; ++u) {
                    if (item.outcome == ItemOutcome.REFUSED) continue;
                    if (item.outcome == ItemOutcome.HELD || (item.outcome == ItemOutcome.SEIZED && !item.conditional)) {
                        reserved += uses[u].quantity;
                    } else {
                        writtenOff += uses[u].quantity;
                    }
                }
            }
        }
        (uint96 a, uint96 r, uint96 w) = balance(permit);
        assertEq(r, reserved, "reserved");
        assertEq(w, writtenOff, "written off");
        assertEq(uint256(a) + r + w, AUTHORISED, "authorised");
    }

    // ---------------------------------------------------------------- internal

    function _case(uint256 c) private view returns (uint64) {
        return ids[c % CASES];
    }

    function _range(uint256 from, uint256 to) private pure returns (uint16 a, uint16 b) {
        (a, b) = (uint16(1 + (from % ITEMS)), uint16(1 + (to % ITEMS)));
        if (b < a) (a, b) = (b, a);
        if ((to / ITEMS) % 4 != 0) b = a; // mostly one item: a range fails with its worst item
    }

    function _try(address actor, uint64 id, bytes memory call_) private returns (bool done) {
        uint32 before = rev(id);
        vm.prank(actor);
        (done, ) = address(registry).call(call_);
        if (done) ++effects;
        if (rev(id) < before) revisionWentBack = true;
    }

    function _jointly(JointAct memory joint) private returns (bool done) {
        bytes32 requestId = freshId();
        _try(officer, joint.caseId, abi.encodeCall(registry.propose, (requestId, joint)));
        bytes32 key = keccak256(abi.encode(customs, requestId));
        return _try(officer2, joint.caseId, abi.encodeCall(registry.countersign, (key, rev(joint.caseId), joint)));
    }
}
