// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPermitRegistry, PermitLine, PermitState} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice The permits that count are those at the date of acceptance (domain guide, introduction), also for items that
///         are entered after it: reopened by an appeal, amended or corrected.
contract PermitDatesTest is CaseActs {
    uint40 private constant VALIDITY = 30 days;
    bytes32 private permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _entering(uint64 id, bytes32 cited) private view returns (bytes memory) {
        return abi.encodeCall(registry.enterItems, (id, rev(id), 1, 1, noChecks(), usesFor(cited, 1, 1, 100)));
    }

    function _refusedFor(uint64 id, bytes32 cited, PermitState state, string memory what) private {
        refused(
            officer,
            _entering(id, cited),
            abi.encodeWithSelector(IPermitRegistry.PermitNotUsable.selector, cited, state),
            what
        );
    }

    /// @dev Accepted with 100 of `permit`, refused, and reopened by an appeal that was decided after `delay`.
    function _reopened(uint40 delay) private returns (uint64 id) {
        id = lodge(1);
        accept(id, noChecks(), usesFor(permit, 1, 1, 100));
        refuseItems(id, 1, 1);
        appeal(id, 1);
        vm.warp(block.timestamp + delay);
        overturn(id, 1);
    }

    function _releases(uint64 id, bytes32 cited) private {
        act(officer, _entering(id, cited));
        assertBalance(permit, 900, 100, 0, "reserved");
        ready(id);
        assertEq(registry.missing(id, 1, 1).length, 0, "the guard sees nothing against it");
        release(id, 1, 1);
        assertBalance(permit, 900, 0, 100, "written off");
    }

    function _replace(uint40 from, uint40 until) private returns (bytes32 replacement) {
        PermitLine[] memory lines = new PermitLine[](1);
        lines[0] = PermitLine(TERMS, 1_000);
        bytes32 requestId = freshId();
        vm.prank(phyto);
        return permits.replace(requestId, permit, 1, from, until, lines, PermitReasons.HOLDER_REQUEST, EVIDENCE);
    }

    // ---------------------------------------------------------------- dates

    function test_itemReopened_afterItsPermitExpired_reservesIt() public {
        uint64 id = _reopened(VALIDITY + 1);
        assertEq(uint8(permits.stateAt(permit, time40())), uint8(PermitState.EXPIRED), "expired since");
        _releases(id, permit);
    }

    function test_amendedItem_afterItsPermitExpired_reservesIt() public {
        uint64 id = lodge(1);
        accept(id, noChecks(), usesFor(permit, 1, 1, 50));
        vm.warp(block.timestamp + VALIDITY + 1);
        amend(id, onlyItem(1));
        _releases(id, permit);
    }

    function test_permitThatBeganAfterAcceptance_doesNotCount_unlessItsAgencySaysThatItReachesBack() public {
        uint64 id = _reopened(1 days);
        _refusedFor(id, issuePermit(1_000), PermitState.ACTIVE, "valid from today");
        bytes32 requestId = freshId();
        PermitLine[] memory lines = new PermitLine[](1);
        lines[0] = PermitLine(TERMS, 1_000);
        uint40 acceptedAt = stateOf(id).acceptedAt;
        vm.prank(phyto);
        bytes32 late = permits.issue(requestId, PHYTO, acceptedAt + 1, FOREVER, lines, false, EVIDENCE, 0);
        _refusedFor(id, late, PermitState.ACTIVE, "valid from the second after");
        vm.prank(phyto);
        permit = permits.issue(freshId(), PHYTO, acceptedAt, FOREVER, lines, false, EVIDENCE, 0);
        _releases(id, permit);
    }

    function test_permitThatEndedBeforeAcceptance_doesNotCount() public {
        bytes32 ended = permit;
        vm.warp(block.timestamp + VALIDITY + 1);
        permit = issuePermit(1_000);
        _refusedFor(_reopened(0), ended, PermitState.EXPIRED, "ended before");
    }

    /// @dev While a declaration is being accepted no date lies behind it yet.
    function test_beforeAcceptance_todayCounts() public {
        uint64 id = lodge(1);
        act(officer, abi.encodeCall(registry.beginAcceptance, (id, rev(id), ruleVersion, REGULAR, EVIDENCE)));
        vm.warp(block.timestamp + VALIDITY + 1);
        _refusedFor(id, permit, PermitState.EXPIRED, "ended since lodging");
    }

    // ---------------------------------------------------------------- state

    function test_permitThatMayNotBeUsedNow_doesNotCount() public {
        uint64 id = _reopened(1 days);
        vm.prank(phyto);
        permits.suspend(permit, 1, PermitReasons.ORDER, EVIDENCE);
        _refusedFor(id, permit, PermitState.SUSPENDED, "suspended since");
        vm.prank(phyto);
        permits.revoke(permit, 2, PermitReasons.ORDER, EVIDENCE);
        _refusedFor(id, permit, PermitState.REVOKED, "revoked since");
    }

    /// @dev What stood in its place at acceptance is cited; its balance and standing are the replacement's.
    function test_permitReplacedSince_countsByItsOwnDates() public {
        uint64 id = _reopened(1 days);
        bytes32 replacement = _replace(time40(), time40() + 1 days);
        _refusedFor(id, replacement, PermitState.ACTIVE, "begins after acceptance");
        vm.warp(block.timestamp + VALIDITY + 1);
        _releases(id, permit);
    }

    function test_permitReplacedSince_fallsWithItsReplacement() public {
        uint64 id = _reopened(1 days);
        bytes32 replacement = _replace(time40(), time40() + 1 days);
        vm.prank(phyto);
        permits.revoke(replacement, 1, PermitReasons.ORDER, EVIDENCE);
        _refusedFor(id, permit, PermitState.REVOKED, "revoked in its place");
    }

    /// @dev Replaced by a shorter one before acceptance: the longer dates of the old one count no more.
    function test_permitReplacedBeforeAcceptance_doesNotCount() public {
        bytes32 old = permit;
        permit = _replace(time40(), time40() + 1 hours);
        vm.warp(block.timestamp + 1);
        uint64 id = _reopened(1 days);
        _refusedFor(id, old, PermitState.REPLACED, "replaced before");
        _releases(id, permit);
    }
}
