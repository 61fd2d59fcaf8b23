// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {ActForwarder} from "../../../contracts/ActForwarder.sol";
import {AuthorisationRegistry} from "../../../contracts/AuthorisationRegistry.sol";
import {Directory} from "../../../contracts/Directory.sol";
import {DocumentRegistry} from "../../../contracts/DocumentRegistry.sol";
import {Governance} from "../../../contracts/Governance.sol";
import {ParticipantRegistry} from "../../../contracts/ParticipantRegistry.sol";
import {RuleRegistry} from "../../../contracts/RuleRegistry.sol";
import {Call} from "../../../contracts/interfaces/IGovernance.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Test} from "./Test.sol";

/// @title Ledger
/// @notice A deployed core: governance of two out of three, the registries, and helpers that act through governance.
abstract contract Ledger is Test {
    uint256 internal constant START = 1_800_000_000;
    uint40 internal constant FOREVER = type(uint40).max;
    uint32 internal constant ALL_ROLES = type(uint32).max;

    address internal signerA;
    address internal signerB;
    address internal signerC;
    Governance internal governance;
    AccessManager internal manager;
    Directory internal directory;
    ActForwarder internal forwarder;
    ParticipantRegistry internal participants;
    RuleRegistry internal rules;
    AuthorisationRegistry internal authorisations;
    DocumentRegistry internal documents;

    uint256 private _requests;

    function deployCore() internal {
        vm.warp(START);
        (signerA, ) = makeKey("signer A");
        (signerB, ) = makeKey("signer B");
        (signerC, ) = makeKey("signer C");
        address[] memory signers = new address[](3);
        (signers[0], signers[1], signers[2]) = (signerA, signerB, signerC);
        governance = new Governance(signers, 2, 0);
        manager = new AccessManager(address(governance));
        directory = new Directory(address(manager), keccak256("ledger"));
        forwarder = new ActForwarder(address(manager));
        participants = new ParticipantRegistry(address(manager), address(forwarder));
        rules = new RuleRegistry(address(manager), address(forwarder), participants);
        authorisations = new AuthorisationRegistry(address(forwarder), participants);
        documents = new DocumentRegistry(address(forwarder), participants, directory);
    }

    /// @dev A request id that no other call gave.
    function freshId() internal returns (bytes32) {
        return bytes32(++_requests);
    }

    /// @dev Calls `target` as governance: proposed by A, approved by B, executed by A.
    function decide(address target, bytes memory data) internal {
        Call[] memory calls = new Call[](1);
        calls[0] = Call(target, data);
        bytes32 requestId = freshId();
        vm.prank(signerA);
        bytes32 decision = governance.propose(requestId, calls);
        vm.prank(signerB);
        governance.approve(decision);
        vm.prank(signerA);
        governance.execute(requestId, calls);
    }

    function admit(uint32 roles, uint64 supervisor) internal returns (uint64 participant) {
        bytes32 requestId = freshId();
        decide(
            address(participants),
            abi.encodeCall(participants.admit, (requestId, roles, supervisor, keccak256("profile")))
        );
        return participants.admittedAs(requestId);
    }

    function giveKey(uint64 participant, string memory name, uint32 roles) internal returns (address key) {
        return giveKey(participant, name, roles, 0);
    }

    function giveKey(
        uint64 participant,
        string memory name,
        uint32 roles,
        uint24 office
    ) internal returns (address key) {
        (key, ) = makeKey(name);
        decide(
            address(participants),
            abi.encodeCall(participants.setKey, (participant, key, 0, roles, office, 0, FOREVER))
        );
    }

    function suspendParticipant(uint64 participant) internal {
        uint32 version = participants.participantOf(participant).version;
        decide(
            address(participants),
            abi.encodeCall(participants.suspend, (participant, version, Reasons.ORDER, keccak256("order")))
        );
    }

    function reinstateParticipant(uint64 participant) internal {
        uint32 version = participants.participantOf(participant).version;
        decide(
            address(participants),
            abi.encodeCall(participants.reinstate, (participant, version, Reasons.CLEARED, keccak256("order")))
        );
    }

    /// @dev Suspends an agency and puts another in its place, which was named `version` times before.
    function succeed(uint64 agency, uint32 version, uint64 successor) internal {
        suspendParticipant(agency);
        decide(address(participants), abi.encodeCall(participants.setSuccessor, (agency, version, successor)));
    }

    function accredit(uint64 participant, uint24 docType) internal {
        decide(address(participants), abi.encodeCall(participants.accredit, (participant, docType, 0, 0, FOREVER)));
    }
}
