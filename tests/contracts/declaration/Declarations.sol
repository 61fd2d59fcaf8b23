// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DeclarationRegistry} from "../../../contracts/DeclarationRegistry.sol";
import {PermitRegistry} from "../../../contracts/PermitRegistry.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {PermitLine} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {RegimeEntry} from "../../../contracts/interfaces/IRuleRegistry.sol";
import {
    AgencyDecision,
    ControlKind,
    DeclarationState,
    DeclarationStatus,
    HeldFor,
    ItemAgency,
    ItemDecision,
    JointAct,
    JointKind,
    Lodgement,
    Reason,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Regime} from "../../../contracts/types/Rule.sol";
import {Ledger} from "../support/Ledger.sol";
import {DebtBoard} from "./DebtBoard.sol";

/// @title Declarations
/// @notice A ledger with a declaration registry on real participants, rules, authorisations and permits; only the debts
///         are a board that tests write on. Steps are named after the acts, so that a test reads as a course of events.
abstract contract Declarations is Ledger {
    uint16 internal constant IMPORT = 4000;
    uint16 internal constant EXPORT = 1000;
    uint16 internal constant FREE = 7800;
    uint24 internal constant OFFICE = 26_001;
    uint24 internal constant OTHER_OFFICE = 26_002;
    uint24 internal constant HEAD_OFFICE = 26_000;
    uint40 internal constant APPEAL_PERIOD = 10 days;
    uint24 internal constant PHYTO = 851_001;
    uint16 internal constant CHECK = 219;
    bytes32 internal constant RECORD = keccak256("declaration record");
    bytes32 internal constant EVIDENCE = keccak256("evidence record");
    bytes32 internal constant TERMS = keccak256("terms");
    uint16 internal constant REGULAR = DeclarationReasons.REGULAR;

    DeclarationRegistry internal registry;
    PermitRegistry internal permits;
    DebtBoard internal debts;

    uint64 internal customs;
    uint64 internal quarantine;
    uint64 internal veterinary;
    uint64 internal importer;
    uint64 internal brokerage;
    uint64 internal carriage;

    address internal officer;
    address internal officer2;
    address internal farOfficer;
    address internal risk;
    address internal risk2;
    address internal inspector;
    address internal auditor;
    address internal appealOfficer;
    address internal service;
    address internal phyto;
    address internal vet;
    address internal trader;
    address internal broker;
    address internal carrier;

    uint32 internal ruleVersion;

    function deployDeclarations() internal {
        deployCore();
        permits = new PermitRegistry(address(manager), address(forwarder), address(participants));
        debts = new DebtBoard();
        registry = deployRegistry(1);
        _admitAll();
        _setRegimes();
        _empowerBroker();
    }

    function deployRegistry(uint8 version) internal returns (DeclarationRegistry) {
        return deployRegistry(version, address(debts));
    }

    function deployRegistry(uint8 version, address fiscal) internal returns (DeclarationRegistry deployed) {
        deployed = new DeclarationRegistry(
            version,
            "UZ",
            address(forwarder),
            address(participants),
            address(rules),
            address(authorisations),
            address(permits),
            fiscal
        );
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = permits.reserve.selector;
        selectors[1] = permits.writeOff.selector;
        selectors[2] = permits.unreserve.selector;
        selectors[3] = permits.restore.selector;
        decide(address(manager), abi.encodeCall(manager.setTargetFunctionRole, (address(permits), selectors, 1)));
        decide(address(manager), abi.encodeCall(manager.grantRole, (1, address(deployed), 0)));
    }

    // ---------------------------------------------------------------- the parties

    function _admitAll() private {
        customs = admit(ALL_ROLES, 0);
        quarantine = admit(Roles.OGA | Roles.ISSUER, 0);
        veterinary = admit(Roles.OGA | Roles.ISSUER, 0);
        importer = admit(Roles.DECLARANT, 0);
        brokerage = admit(Roles.BROKER | Roles.DECLARANT, 0);
        carriage = admit(Roles.CARRIER, 0);
        officer = giveKey(customs, "officer", Roles.CUSTOMS_OFFICER, OFFICE);
        officer2 = giveKey(customs, "second officer", Roles.CUSTOMS_OFFICER, OFFICE);
        farOfficer = giveKey(customs, "far officer", Roles.CUSTOMS_OFFICER, OTHER_OFFICE);
        risk = giveKey(customs, "risk", Roles.CUSTOMS_RISK);
        risk2 = giveKey(customs, "second risk", Roles.CUSTOMS_RISK);
        inspector = giveKey(customs, "inspector", Roles.CUSTOMS_INSPECTOR, OFFICE);
        auditor = giveKey(customs, "audit", Roles.CUSTOMS_AUDIT);
        appealOfficer = giveKey(customs, "appeals", Roles.CUSTOMS_APPEAL, HEAD_OFFICE);
        service = giveKey(customs, "auto release", Roles.SERVICE_AUTO_RELEASE);
        phyto = giveKey(quarantine, "phyto", Roles.OGA);
        vet = giveKey(veterinary, "vet", Roles.OGA);
        trader = giveKey(importer, "trader", Roles.DECLARANT);
        broker = giveKey(brokerage, "broker", Roles.BROKER);
        carrier = giveKey(carriage, "carrier", Roles.CARRIER);
        accredit(quarantine, PHYTO);
        decide(address(participants), abi.encodeCall(participants.setOffice, (OFFICE, 0, HEAD_OFFICE)));
        decide(address(participants), abi.encodeCall(participants.setOffice, (OTHER_OFFICE, 0, HEAD_OFFICE)));
    }

    function _setRegimes() private {
        RegimeEntry[] memory entries = new RegimeEntry[](3);
        entries[0] = RegimeEntry(IMPORT, Regime(true, "A", true, false, true, false, APPEAL_PERIOD, 0, 0));
        entries[1] = RegimeEntry(EXPORT, Regime(true, "B", false, true, true, false, APPEAL_PERIOD, 0, 0));
        entries[2] = RegimeEntry(FREE, Regime(true, "C", false, false, false, false, APPEAL_PERIOD, 0, 0));
        decide(address(rules), abi.encodeCall(rules.setRegimes, (rules.version(), entries)));
        ruleVersion = rules.version();
    }

    function _empowerBroker() private {
        address licensing = giveKey(customs, "licensing", Roles.CUSTOMS_LICENSING);
        vm.prank(licensing);
        authorisations.licenseBroker(brokerage, 0, time40(), FOREVER, EVIDENCE);
        vm.prank(trader);
        authorisations.grantPower(freshId(), brokerage, 7, time40(), FOREVER, EVIDENCE);
    }

    /// @dev A broker to whom the importer gave no power of attorney.
    function brokerWithoutPower() internal returns (address key, uint64 participant) {
        participant = admit(Roles.BROKER | Roles.DECLARANT, 0);
        key = giveKey(participant, "another broker", Roles.BROKER);
    }

    // ---------------------------------------------------------------- lists

    function lodgement(uint16 items) internal returns (Lodgement memory) {
        return
            Lodgement({
                lrnMac: keccak256(abi.encode("lrn", freshId())),
                dataRecord: RECORD,
                importer: importer,
                carrier: carriage,
                office: OFFICE,
                regime: IMPORT,
                itemCount: items,
                representation: Representation.SELF
            });
    }

    /// @dev One check by plant quarantine on each of items `from` to `to`.
    function checksFor(uint16 from, uint16 to) internal view returns (ItemAgency[] memory list) {
        list = new ItemAgency[](to - from + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = ItemAgency(uint16(from + i), quarantine, CHECK);
        }
    }

    /// @dev One use of `quantity` of line 0 of `permit` by each of items `from` to `to`.
    function usesFor(
        bytes32 permit,
        uint16 from,
        uint16 to,
        uint96 quantity
    ) internal pure returns (PermitUse[] memory list) {
        list = new PermitUse[](to - from + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = PermitUse(permit, uint16(from + i), 0, quantity, TERMS);
        }
    }

    function noChecks() internal pure returns (ItemAgency[] memory) {
        return new ItemAgency[](0);
    }

    function noUses() internal pure returns (PermitUse[] memory) {
        return new PermitUse[](0);
    }

    function noItems() internal pure returns (uint16[] memory) {
        return new uint16[](0);
    }

    function onlyItem(uint16 a) internal pure returns (uint16[] memory list) {
        list = new uint16[](1);
        list[0] = a;
    }

    function decisionsFor(
        uint16 from,
        uint16 to,
        AgencyDecision decision,
        uint40 until
    ) internal pure returns (ItemDecision[] memory list) {
        list = new ItemDecision[](to - from + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = ItemDecision(uint16(from + i), CHECK, decision, until);
        }
    }

    // ---------------------------------------------------------------- steps

    function rev(uint64 caseId) internal view returns (uint32) {
        return registry.state(caseId).revision;
    }

    function controlRev(uint64 caseId) internal view returns (uint32) {
        return registry.state(caseId).controlRevision;
    }

    function goodsRev(uint64 caseId) internal view returns (uint32) {
        return registry.state(caseId).goodsRevision;
    }

    function issuePermit(uint96 quantity) internal returns (bytes32 permit) {
        PermitLine[] memory lines = new PermitLine[](1);
        lines[0] = PermitLine(TERMS, quantity);
        bytes32 requestId = freshId();
        vm.prank(phyto);
        permit = permits.issue(requestId, PHYTO, time40(), time40() + 30 days, lines, false, EVIDENCE, 0);
    }

    function lodge(uint16 itemCount) internal returns (uint64 caseId) {
        return lodgeAs(trader, lodgement(itemCount));
    }

    function lodgeAs(address actor, Lodgement memory what) internal returns (uint64 caseId) {
        bytes32 requestId = freshId();
        vm.prank(actor);
        return registry.lodge(requestId, what);
    }

    function accept(uint64 caseId, ItemAgency[] memory agencies, PermitUse[] memory uses) internal {
        uint32 revision = rev(caseId);
        vm.prank(officer);
        registry.accept(caseId, revision, ruleVersion, agencies, uses, REGULAR, EVIDENCE);
    }

    /// @dev Lodged and accepted, no checks, no permits.
    function accepted(uint16 itemCount) internal returns (uint64 caseId) {
        caseId = lodge(itemCount);
        accept(caseId, noChecks(), noUses());
    }

    function route(uint64 caseId, ControlKind kind) internal {
        uint32 revision = controlRev(caseId);
        vm.prank(risk);
        registry.route(caseId, revision, kind, REGULAR, EVIDENCE);
    }

    function startControl(uint64 caseId) internal {
        uint32 revision = controlRev(caseId);
        vm.prank(inspector);
        registry.startControl(caseId, revision, REGULAR, EVIDENCE);
    }

    function recordControl(uint64 caseId, bool satisfactory) internal {
        uint32 revision = controlRev(caseId);
        vm.prank(inspector);
        registry.recordControl(caseId, revision, satisfactory, REGULAR, EVIDENCE);
    }

    /// @dev Routed to a documentary control that ended in DISCREPANCY.
    function discrepancy(uint64 caseId) internal {
        route(caseId, ControlKind.DOCUMENTARY);
        startControl(caseId);
        recordControl(caseId, false);
    }

    function arrive(uint64 caseId) internal {
        uint32 revision = goodsRev(caseId);
        vm.prank(carrier);
        registry.confirmArrival(caseId, revision, REGULAR, EVIDENCE);
    }

    function decideAs(address agencyKey, uint64 caseId, ItemDecision[] memory decisions) internal {
        uint64 agency = agencyKey == phyto ? quarantine : veterinary;
        uint32 revision = registry.agencyRevision(caseId, agency);
        uint16 version = registry.state(caseId).version;
        vm.prank(agencyKey);
        registry.decideItems(caseId, revision, version, decisions, REGULAR, EVIDENCE);
    }

    /// @dev Control NONE, debt paid, goods arrived: nothing of the whole declaration stands against release.
    function ready(uint64 caseId) internal {
        route(caseId, ControlKind.NONE);
        pay(caseId);
        arrive(caseId);
    }

    function pay(uint64 caseId) internal {
        debts.set(caseId, registry.state(caseId).version, FiscalState.PAID);
    }

    function release(uint64 caseId, uint16 from, uint16 to) internal {
        uint32 revision = rev(caseId);
        vm.prank(officer);
        registry.release(caseId, revision, from, to, REGULAR, EVIDENCE);
    }

    /// @dev Accepted and fully released, no checks, no permits.
    function released(uint16 itemCount) internal returns (uint64 caseId) {
        caseId = accepted(itemCount);
        ready(caseId);
        release(caseId, 1, itemCount);
    }

    function seize(uint64 caseId, uint16 from, uint16 to) internal {
        uint32 revision = rev(caseId);
        vm.prank(officer2);
        registry.seize(caseId, revision, from, to, false, DeclarationReasons.OTHER_AUTHORITY, EVIDENCE);
    }

    function jointAct(uint64 caseId, JointKind kind, uint16 from, uint16 to) internal pure returns (JointAct memory) {
        return JointAct(caseId, kind, ControlKind.NONE, from, to, DeclarationReasons.LEGAL_GROUND, EVIDENCE);
    }

    /// @dev Proposed by `first`, countersigned by `second`.
    function jointly(address first, address second, JointAct memory joint) internal {
        bytes32 requestId = freshId();
        vm.prank(first);
        bytes32 key = registry.propose(requestId, joint);
        uint32 revision = joint.kind == JointKind.LOWER_CONTROL ? controlRev(joint.caseId) : rev(joint.caseId);
        vm.prank(second);
        registry.countersign(key, revision, joint);
    }

    /// @dev `actor` does the encoded act; a refusal is passed on.
    function act(address actor, bytes memory call_) internal {
        vm.prank(actor);
        (bool done, bytes memory answer) = address(registry).call(call_);
        if (done) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    /// @dev `actor` tries the encoded act, which the registry refuses with exactly `reason`.
    function refused(address actor, bytes memory call_, bytes memory reason, string memory what) internal {
        vm.prank(actor);
        (bool done, bytes memory answer) = address(registry).call(call_);
        assertFalse(done, string.concat(what, ": was not refused"));
        assertEq(answer, reason, what);
    }

    // ---------------------------------------------------------------- assertions

    function assertStatus(uint64 caseId, DeclarationStatus expected, string memory what) internal view {
        assertEq(uint8(registry.state(caseId).status), uint8(expected), what);
    }

    function stateOf(uint64 caseId) internal view returns (DeclarationState memory) {
        return registry.state(caseId);
    }

    function one(uint16 item, HeldFor code) internal pure returns (Reason[] memory list) {
        list = new Reason[](1);
        list[0] = Reason(item, code, 0, 0, 0);
    }

    function balance(bytes32 permit) internal view returns (uint96 available, uint96 reserved, uint96 writtenOff) {
        (, available, reserved, writtenOff) = permits.lineOf(permit, 0);
    }

    function assertBalance(
        bytes32 permit,
        uint96 available,
        uint96 reserved,
        uint96 writtenOff,
        string memory what
    ) internal view {
        (uint96 a, uint96 r, uint96 w) = balance(permit);
        assertEq(a, available, string.concat(what, ": available"));
        assertEq(r, reserved, string.concat(what, ": reserved"));
        assertEq(w, writtenOff, string.concat(what, ": written off"));
    }
}
