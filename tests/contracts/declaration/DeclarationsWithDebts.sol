// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DebtLedger} from "../../../contracts/DebtLedger.sol";
import {SettlementToken} from "../../../contracts/SettlementToken.sol";
import {Charge} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Declarations} from "./Declarations.sol";

/// @title DeclarationsWithDebts
/// @notice Declarations on the real debt ledger, with a trader that has money.
abstract contract DeclarationsWithDebts is Declarations {
    SettlementToken internal token;
    DebtLedger internal ledger;
    address internal revenue;

    /// @param version Of the registry that is deployed beside the ledger of debts.
    function deployWithDebts(uint8 version) internal {
        deployDeclarations();
        token = new SettlementToken(address(forwarder), address(participants), "Settlement Sum", "SUM", 2);
        ledger = new DebtLedger(
            address(manager),
            address(forwarder),
            address(participants),
            address(authorisations),
            address(token)
        );
        bytes4[] memory acts = new bytes4[](3);
        (acts[0], acts[1], acts[2]) = (
            ledger.openCase.selector,
            ledger.closeCase.selector,
            ledger.bindSecurity.selector
        );
        decide(address(manager), abi.encodeCall(manager.setTargetFunctionRole, (address(ledger), acts, 1)));
        registry = deployRegistry(version, address(ledger));
        revenue = giveKey(customs, "revenue", Roles.CUSTOMS_REVENUE, OFFICE);
        address treasurer = giveKey(customs, "treasurer", Roles.TREASURY);
        vm.prank(treasurer);
        token.mint("bank reference", trader, 1_000_000);
        vm.prank(trader);
        token.approve(address(ledger), type(uint256).max);
    }

    function assessDuty(uint64 id, uint128 amount) internal {
        Charge[] memory charges = new Charge[](1);
        charges[0] = Charge("CUD", amount);
        (uint32 version, uint32 expected) = (ledger.caseOf(id).declarationVersion, ledger.caseOf(id).version);
        vm.prank(revenue);
        ledger.assess(id, version, expected, charges, DebtReasons.FIRST_ASSESSMENT, EVIDENCE);
    }

    function payDuty(uint64 id, uint128 amount) internal {
        bytes32 requestId = freshId();
        vm.prank(trader);
        ledger.pay(requestId, id, amount);
    }
}
