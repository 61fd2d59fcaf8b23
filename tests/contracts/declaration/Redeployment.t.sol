// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DeclarationRegistry} from "../../../contracts/DeclarationRegistry.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {DeclarationStatus} from "../../../contracts/types/Declaration.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Declarations} from "./Declarations.sol";

/// @notice A second registry takes new cases while the first runs off its own, on the same permits and debts.
contract RedeploymentTest is Declarations {
    function setUp() public {
        deployDeclarations();
    }

    function test_twoRegistries_sideBySide() public {
        bytes32 permit = issuePermit(1_000);
        uint64 old = lodge(1);
        accept(old, noChecks(), usesFor(permit, 1, 1, 400));
        DeclarationRegistry first = registry;
        DeclarationRegistry second = deployRegistry(2);
        decide(address(rules), abi.encodeCall(rules.closeRegistry, (1, rules.version(), Reasons.ROTATION)));
        ruleVersion = rules.version();
        refused(
            trader,
            abi.encodeCall(registry.lodge, ("r", lodgement(1))),
            abi.encodeWithSelector(IDeclarationRegistry.RegistryIsClosed.selector, 1),
            "the first takes no new case"
        );
        registry = second;
        uint64 young = lodge(1);
        assertEq(young, (uint64(2) << 56) | 1, "its own ids");
        accept(young, noChecks(), usesFor(permit, 1, 1, 600));
        assertBalance(permit, 0, 1_000, 0, "one permit serves both");
        assertTrue(second.state(young).mrn != first.state(old).mrn, "the same counter, another number");
        assertEq(second.caseOf(first.state(old).mrn), 0, "not its own");
        ready(young);
        release(young, 1, 1);
        registry = first;
        ready(old);
        release(old, 1, 1);
        assertStatus(old, DeclarationStatus.RELEASED, "the first runs to the end");
        assertBalance(permit, 0, 0, 1_000, "written off by both");
        assertEq(second.releasedAt(first.state(old).mrn), 0, "each answers for its own");
        assertEq(first.releasedAt(first.state(old).mrn), time40(), "released");
    }
}
