// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PermitRegistry} from "../../../contracts/PermitRegistry.sol";
import {Predecessor} from "../../../contracts/interfaces/IDirectory.sol";
import {Call, IGovernance} from "../../../contracts/interfaces/IGovernance.sol";
import {RegimeEntry, RuleEntry} from "../../../contracts/interfaces/IRuleRegistry.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {AgencyCheck, Regime, Rule} from "../../../contracts/types/Rule.sol";
import {Twice} from "./Twice.sol";

/// @notice Acts of governance and of the registries it keeps, each done twice.
contract GovernedActsTest is Twice {
    uint64 private constant SOME_ROLE = 9;
    bytes32 private constant NAME = "SomeRegistry";

    address private delegate;

    function setUp() public {
        deployDebts();
        (delegate, ) = makeKey("delegate");
    }

    function test_governance_twice() public {
        Call[] memory calls = new Call[](1);
        calls[0] = Call(address(directory), abi.encodeCall(directory.announce, (NAME, address(rules))));
        bytes32 id = freshId();
        bytes32 decision = keccak256(abi.encode(id, calls));
        address place = address(governance);
        twice("Governance.propose", signerA, place, abi.encodeCall(governance.propose, (id, calls)));
        twice("Governance.approve", signerB, place, abi.encodeCall(governance.approve, (decision)));
        twice("Governance.withdrawApproval", signerB, place, abi.encodeCall(governance.withdrawApproval, (decision)));
        vm.prank(signerC);
        governance.approve(decision);
        twice("Governance.execute", signerC, place, abi.encodeCall(governance.execute, (id, calls)));
        address[] memory signers = new address[](2);
        (signers[0], signers[1]) = (signerA, signerB);
        governed("Governance.setSigners", place, abi.encodeCall(governance.setSigners, (signers, 2, 1)));
    }

    function test_directory_twice() public {
        address place = address(directory);
        governed("Directory.announce", place, abi.encodeCall(directory.announce, (NAME, address(rules))));
        governed("Directory.retire", place, abi.encodeCall(directory.retire, (NAME, address(rules), Reasons.ROTATION)));
        governed("Directory.setParameter", place, abi.encodeCall(directory.setParameter, ("drift", 0, bytes32("15"))));
        Predecessor memory from = Predecessor(1, "genesis", 5, "block", "state");
        governed("Directory.setPredecessor", place, abi.encodeCall(directory.setPredecessor, (from)));
    }

    function test_participants_twice() public {
        address place = address(participants);
        uint64 newcomer = participants.participantCount() + 1;
        (address key, ) = makeKey("newcomer");
        (address lost, ) = makeKey("lost");
        uint32 roles = Roles.DECLARANT | Roles.ISSUER;
        governed("ParticipantRegistry.admit", place, abi.encodeCall(participants.admit, ("new", roles, 0, "profile")));
        governed(
            "ParticipantRegistry.setKey",
            place,
            abi.encodeCall(participants.setKey, (newcomer, key, 0, roles, 0, 0, FOREVER))
        );
        decide(place, abi.encodeCall(participants.setKey, (newcomer, lost, 0, roles, 0, 0, FOREVER)));
        governed(
            "ParticipantRegistry.amend",
            place,
            abi.encodeCall(participants.amend, (newcomer, 1, roles, 0, "other"))
        );
        governed("ParticipantRegistry.setOffice", place, abi.encodeCall(participants.setOffice, (7, 0, 70)));
        governed(
            "ParticipantRegistry.accredit",
            place,
            abi.encodeCall(participants.accredit, (newcomer, 705_000, 0, 0, FOREVER))
        );
        governed(
            "ParticipantRegistry.withdrawAccreditation",
            place,
            abi.encodeCall(participants.withdrawAccreditation, (newcomer, 705_000, 1, Reasons.COMPLIANCE, EVIDENCE))
        );
        governed(
            "ParticipantRegistry.setEncryptionKey",
            place,
            abi.encodeCall(participants.setEncryptionKey, (newcomer, 0, "x25519"))
        );
        governed(
            "ParticipantRegistry.declareCompromised",
            place,
            abi.encodeCall(participants.declareCompromised, (lost, 1, time40(), EVIDENCE))
        );
        governed(
            "ParticipantRegistry.suspend",
            place,
            abi.encodeCall(participants.suspend, (newcomer, 2, Reasons.ORDER, EVIDENCE))
        );
        governed(
            "ParticipantRegistry.setSuccessor",
            place,
            abi.encodeCall(participants.setSuccessor, (newcomer, 0, customs))
        );
        governed(
            "ParticipantRegistry.reinstate",
            place,
            abi.encodeCall(participants.reinstate, (newcomer, 3, Reasons.CLEARED, EVIDENCE))
        );
        governed(
            "ParticipantRegistry.retireKey",
            place,
            abi.encodeCall(participants.retireKey, (key, 3, Reasons.ROTATION))
        );
        governed(
            "ParticipantRegistry.retire",
            place,
            abi.encodeCall(participants.retire, (newcomer, 4, Reasons.OWN_REQUEST, EVIDENCE))
        );
    }

    /// @dev A registrar's own acts are not decisions: they cite a version themselves.
    function test_registrar_twice() public {
        address registrar = giveKey(importer, "registrar", Roles.REGISTRAR);
        (address key, ) = makeKey("clerk");
        address place = address(participants);
        twice(
            "ParticipantRegistry.setKey",
            registrar,
            place,
            abi.encodeCall(participants.setKey, (importer, key, 0, Roles.DECLARANT, 0, 0, FOREVER))
        );
        twice(
            "ParticipantRegistry.setEncryptionKey",
            registrar,
            place,
            abi.encodeCall(participants.setEncryptionKey, (importer, 0, "x25519"))
        );
        twice(
            "ParticipantRegistry.retireKey",
            registrar,
            place,
            abi.encodeCall(participants.retireKey, (key, 1, Reasons.ROTATION))
        );
        twice(
            "ParticipantRegistry.declareCompromised",
            registrar,
            place,
            abi.encodeCall(participants.declareCompromised, (key, 2, time40(), EVIDENCE))
        );
    }

    function test_rules_twice() public {
        address place = address(rules);
        RegimeEntry[] memory regimes = new RegimeEntry[](1);
        regimes[0] = RegimeEntry(40, Regime(true, "A", true, false, true, false, 30 days, 1825 days, 0));
        RuleEntry[] memory entries = new RuleEntry[](1);
        entries[0].regime = 40;
        entries[0].group = "0602";
        entries[0].rule.checks = new AgencyCheck[](1);
        entries[0].rule.checks[0] = AgencyCheck(customs, 1);
        governed("RuleRegistry.setRegimes", place, abi.encodeCall(rules.setRegimes, (0, regimes)));
        governed("RuleRegistry.setRules", place, abi.encodeCall(rules.setRules, (1, entries, 0, 0)));
        governed(
            "RuleRegistry.removeRule",
            place,
            abi.encodeCall(rules.removeRule, (40, "0602", 2, Reasons.LAW, EVIDENCE))
        );
        bytes memory confirmed = abi.encodeCall(rules.confirmRule, (40, "0602", 2, 0));
        twice("RuleRegistry.confirmRule", appealOfficer, place, confirmed);
        governed("RuleRegistry.setCodeList", place, abi.encodeCall(rules.setCodeList, ("tariff", 3, EVIDENCE)));
        governed("RuleRegistry.closeRegistry", place, abi.encodeCall(rules.closeRegistry, (7, 4, Reasons.ROTATION)));
    }

    function test_manager_twice() public {
        address place = address(manager);
        bytes4[] memory acts = new bytes4[](1);
        acts[0] = directory.announce.selector;
        governed("AccessManager.labelRole", place, abi.encodeCall(manager.labelRole, (SOME_ROLE, "some")));
        governed("AccessManager.setRoleAdmin", place, abi.encodeCall(manager.setRoleAdmin, (SOME_ROLE, SOME_ROLE + 1)));
        governed("AccessManager.setRoleGuardian", place, abi.encodeCall(manager.setRoleGuardian, (SOME_ROLE, 11)));
        governed("AccessManager.setGrantDelay", place, abi.encodeCall(manager.setGrantDelay, (SOME_ROLE + 2, 60)));
        governed(
            "AccessManager.setTargetClosed",
            place,
            abi.encodeCall(manager.setTargetClosed, (address(rules), true))
        );
        decide(place, abi.encodeCall(manager.setRoleAdmin, (SOME_ROLE, 0)));
        governed(
            "AccessManager.setTargetFunctionRole",
            place,
            abi.encodeCall(manager.setTargetFunctionRole, (address(directory), acts, SOME_ROLE))
        );
        governed("AccessManager.grantRole", place, abi.encodeCall(manager.grantRole, (SOME_ROLE, delegate, 5)));
        _delegatedActs(place);
        governed("AccessManager.revokeRole", place, abi.encodeCall(manager.revokeRole, (SOME_ROLE, delegate)));
        decide(place, abi.encodeCall(manager.grantRole, (SOME_ROLE, delegate, 0)));
        twice(
            "AccessManager.renounceRole",
            delegate,
            place,
            abi.encodeCall(manager.renounceRole, (SOME_ROLE, delegate))
        );
    }

    /// @dev Whoever governance lets act with a delay schedules, and then acts once for each time.
    function _delegatedActs(address place) private {
        bytes memory first = abi.encodeCall(directory.announce, (NAME, address(rules)));
        bytes memory second = abi.encodeCall(directory.announce, (NAME, address(documents)));
        uint48 soon = uint48(block.timestamp + 10);
        twice(
            "AccessManager.schedule",
            delegate,
            place,
            abi.encodeCall(manager.schedule, (address(directory), first, soon))
        );
        twice(
            "AccessManager.cancel",
            delegate,
            place,
            abi.encodeCall(manager.cancel, (delegate, address(directory), first))
        );
        bytes[] memory both = new bytes[](2);
        both[0] = abi.encodeCall(manager.schedule, (address(directory), first, soon));
        both[1] = abi.encodeCall(manager.schedule, (address(directory), second, soon));
        twice("AccessManager.multicall", delegate, place, abi.encodeCall(manager.multicall, (both)));
        vm.warp(soon);
        twice("AccessManager.execute", delegate, place, abi.encodeCall(manager.execute, (address(directory), first)));
        twice("AccessManager.consumeScheduledOp", delegate, address(directory), second);
    }

    /// @dev What governance may never decide happens no time at all.
    function test_managerActsBeyondGovernance_never() public {
        _never(
            "AccessManager.setTargetAdminDelay",
            manager.setTargetAdminDelay.selector,
            abi.encodeCall(manager.setTargetAdminDelay, (address(rules), 1))
        );
        _never(
            "AccessManager.updateAuthority",
            manager.updateAuthority.selector,
            abi.encodeCall(manager.updateAuthority, (address(rules), signerA))
        );
    }

    function _never(string memory what, bytes4 selector, bytes memory data) private {
        Call[] memory calls = new Call[](1);
        calls[0] = Call(address(manager), data);
        vm.prank(signerA);
        vm.expectRevert(abi.encodeWithSelector(IGovernance.Forbidden.selector, 0, selector));
        governance.propose(bytes32(bytes(what)), calls);
    }

    /// @dev The manager alone may move a contract, and nobody makes it do so; the same manager again is no change.
    function test_setAuthority_twice() public {
        PermitRegistry permits = new PermitRegistry(address(manager), address(forwarder), address(participants));
        address[6] memory managed = [
            address(directory),
            address(forwarder),
            address(participants),
            address(rules),
            address(debts),
            address(permits)
        ];
        string[6] memory names = [
            "Directory.setAuthority",
            "ActForwarder.setAuthority",
            "ParticipantRegistry.setAuthority",
            "RuleRegistry.setAuthority",
            "DebtLedger.setAuthority",
            "PermitRegistry.setAuthority"
        ];
        for (uint256 i = 0; i < managed.length; ++i) {
            bytes memory data = abi.encodeCall(directory.setAuthority, (address(manager)));
            twice(names[i], address(manager), managed[i], data);
        }
    }
}
