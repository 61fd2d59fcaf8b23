// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DebtLedger} from "../../../contracts/DebtLedger.sol";
import {SettlementToken} from "../../../contracts/SettlementToken.sol";
import {Charge} from "../../../contracts/interfaces/IDebtLedger.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {ControlKind, DeclarationStatus, HeldFor, JointKind} from "../../../contracts/types/Declaration.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Declarations} from "./Declarations.sol";

/// @notice The registry on the real debt ledger: opened at acceptance, read at release, closed at annulment.
contract WithDebtsTest is Declarations {
    SettlementToken internal token;
    DebtLedger internal ledger;
    address internal revenue;

    function setUp() public {
        deployDeclarations();
        token = new SettlementToken(address(forwarder), address(participants), "Settlement Sum", "SUM", 2);
        ledger = new DebtLedger(
            address(manager),
            address(forwarder),
            address(participants),
            address(authorisations),
            address(token)
        );
        bytes4[] memory acts = new bytes4[](2);
        (acts[0], acts[1]) = (ledger.openCase.selector, ledger.closeCase.selector);
        decide(address(manager), abi.encodeCall(manager.setTargetFunctionRole, (address(ledger), acts, 1)));
        registry = deployRegistry(3, address(ledger));
        revenue = giveKey(customs, "revenue", Roles.CUSTOMS_REVENUE, OFFICE);
        address treasurer = giveKey(customs, "treasurer", Roles.TREASURY);
        vm.prank(treasurer);
        token.mint("bank reference", trader, 1_000_000);
        vm.prank(trader);
        token.approve(address(ledger), type(uint256).max);
    }

    function _assess(uint64 id, uint128 amount) private {
        Charge[] memory charges = new Charge[](1);
        charges[0] = Charge("CUD", amount);
        (uint32 version, uint32 expected) = (ledger.caseOf(id).declarationVersion, ledger.caseOf(id).version);
        vm.prank(revenue);
        ledger.assess(id, version, expected, charges, DebtReasons.FIRST_ASSESSMENT, EVIDENCE);
    }

    function _pay(uint64 id, uint128 amount) private {
        bytes32 requestId = freshId();
        vm.prank(trader);
        ledger.pay(requestId, id, amount);
    }

    function _heldForDebt(uint64 id, HeldFor code) private {
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, one(0, code)),
            "held for its debt"
        );
    }

    function test_release_waitsForThePayment_ofTheVersionInForce() public {
        uint64 id = accepted(1);
        assertEq(ledger.caseOf(id).debtor, importer, "opened for the importer");
        route(id, ControlKind.NONE);
        arrive(id);
        _heldForDebt(id, HeldFor.DEBT_NOT_ASSESSED);
        _assess(id, 27_000);
        _heldForDebt(id, HeldFor.DEBT_UNPAID);
        _pay(id, 27_000);
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), EVIDENCE, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)));
        route(id, ControlKind.NONE);
        _heldForDebt(id, HeldFor.DEBT_NOT_ASSESSED);
        _assess(id, 30_000);
        _heldForDebt(id, HeldFor.DEBT_UNPAID);
        _pay(id, 3_000);
        release(id, 1, 1);
        assertEq(uint8(ledger.fiscalState(id, 2)), uint8(FiscalState.PAID), "what was paid before counts");
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 1));
        assertTrue(ledger.caseOf(id).closed, "closed");
        assertEq(ledger.caseOf(id).assessed, 0, "nothing is due");
        assertEq(ledger.caseOf(id).paid, 30_000, "what was paid can be claimed back");
    }

    function test_cancellation_closesTheFiscalCase() public {
        uint64 id = accepted(1);
        _assess(id, 27_000);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.INVALIDATED, "invalidated");
        assertTrue(ledger.caseOf(id).closed, "closed");
    }

    function test_reassignment_movesTheRevenueOffice() public {
        uint64 id = accepted(1);
        act(officer, abi.encodeCall(registry.reassign, (id, rev(id), OTHER_OFFICE, address(0), REGULAR, EVIDENCE)));
        assertEq(ledger.caseOf(id).office, OTHER_OFFICE, "office");
    }

    function test_pca_withReassessment_opensTheNextVersion() public {
        uint64 id = accepted(1);
        route(id, ControlKind.NONE);
        arrive(id);
        _assess(id, 100);
        _pay(id, 100);
        release(id, 1, 1);
        act(auditor, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
        act(auditor, abi.encodeCall(registry.closePca, (id, rev(id), EVIDENCE, REGULAR, EVIDENCE)));
        assertEq(uint8(ledger.fiscalState(id, 2)), uint8(FiscalState.NONE), "to be assessed");
        _assess(id, 150);
        assertEq(uint8(ledger.fiscalState(id, 2)), uint8(FiscalState.ASSESSED), "50 more is due");
    }
}
