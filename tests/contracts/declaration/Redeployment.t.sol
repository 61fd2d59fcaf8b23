// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DeclarationRegistry} from "../../../contracts/DeclarationRegistry.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {Listing} from "../../../contracts/interfaces/IDirectory.sol";
import {ControlKind, DeclarationStatus, JointKind} from "../../../contracts/types/Declaration.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {DeclarationsWithDebts} from "./DeclarationsWithDebts.sol";

/// @notice A second registry takes new cases while the first runs off its own, on the same permits and debts.
contract RedeploymentTest is DeclarationsWithDebts {
    bytes32 private constant NAME = "DeclarationRegistry";
    bytes32 private permit;
    DeclarationRegistry private first;
    DeclarationRegistry private second;

    /// @dev Case `old` of the first registry is accepted when the second one is announced and the first closed.
    uint64 private old;

    function setUp() public {
        deployWithDebts(1);
        first = registry;
        announce(first);
        permit = issuePermit(1_000);
        old = lodge(1);
        accept(old, noChecks(), usesFor(permit, 1, 1, 400));
        second = deployRegistry(2, address(ledger));
        announce(second);
        decide(address(rules), abi.encodeCall(rules.closeRegistry, (1, rules.version(), Reasons.ROTATION)));
        ruleVersion = rules.version();
    }

    function announce(DeclarationRegistry one) private {
        decide(address(directory), abi.encodeCall(directory.announce, (NAME, address(one))));
    }

    /// @dev Assessed, paid, arrived, control NONE, released, on whichever registry is `registry` now.
    function runToRelease(uint64 id, uint128 duty) private {
        route(id, ControlKind.NONE);
        arrive(id);
        assessDuty(id, duty);
        payDuty(id, duty);
        release(id, 1, 1);
    }

    function test_directory_namesTheSecond_andKeepsTheFirst() public view {
        assertEq(directory.current(NAME), address(second), "new cases go here");
        Listing[] memory both = directory.versions(NAME, 0, 2);
        assertTrue(both[0].contract_ == address(first) && both[1].contract_ == address(second), "both are found");
    }

    function test_theFirst_takesNoNewCase() public {
        refused(
            trader,
            abi.encodeCall(registry.lodge, ("r", lodgement(1))),
            abi.encodeWithSelector(IDeclarationRegistry.RegistryIsClosed.selector, 1),
            "closed"
        );
    }

    function test_both_runToTheirEnd_onOnePermitAndOneLedgerOfDebts() public {
        registry = second;
        uint64 young = lodge(1);
        assertEq(young, (uint64(2) << 56) | 1, "its own ids");
        accept(young, noChecks(), usesFor(permit, 1, 1, 600));
        assertBalance(permit, 0, 1_000, 0, "one permit serves both");
        assertTrue(second.state(young).mrn != first.state(old).mrn, "the same counter, another number");
        assertEq(second.caseOf(first.state(old).mrn), 0, "not its own");
        runToRelease(young, 500);
        registry = first;
        runToRelease(old, 300);
        act(officer, abi.encodeCall(registry.clear, (old, rev(old), REGULAR, EVIDENCE)));
        assertStatus(old, DeclarationStatus.CLEARED, "the first runs to the end");
        assertBalance(permit, 0, 0, 1_000, "written off by both");
        assertEq(second.releasedAt(first.state(old).mrn), 0, "each answers for its own");
        assertEq(first.releasedAt(first.state(old).mrn), time40(), "released");
        assertTrue(ledger.caseOf(old).paid == 300 && ledger.caseOf(young).paid == 500, "each its own debt");
        assertEq(token.balanceOf(address(ledger)), 800, "in one ledger");
        assertEq(uint8(ledger.fiscalState(old, 1)), uint8(FiscalState.PAID), "paid");
    }

    /// @dev Annulled late, the first registry's case gives its permit and its money back all the same.
    function test_theFirst_annulsItsOwn_afterItWasReplaced() public {
        runToRelease(old, 300);
        jointly(officer, officer2, jointAct(old, JointKind.INVALIDATE, 0, 1));
        assertBalance(permit, 1_000, 0, 0, "restored");
        assertTrue(ledger.caseOf(old).closed, "its debt is closed");
    }
}
