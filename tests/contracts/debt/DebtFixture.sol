// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DebtLedger} from "../../../contracts/DebtLedger.sol";
import {SettlementToken} from "../../../contracts/SettlementToken.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {Charge} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Ledger} from "../support/Ledger.sol";

/// @title DebtFixture
/// @notice A core with settlement token and DebtLedger; customs with revenue officers of two offices, a treasury, an
///         importer, a broker with a power of attorney, a bank; and an address that opens cases as a declaration
///         registry does.
abstract contract DebtFixture is Ledger {
    uint64 internal constant DECLARATION_REGISTRY = 1;
    uint64 internal constant CASE = (1 << 56) | 7;
    uint24 internal constant OFFICE = 1001;
    uint24 internal constant OTHER_OFFICE = 1002;
    bytes32 internal constant EVIDENCE = keccak256("sealed assessment");
    uint128 internal constant DUTY = 27_000;
    uint128 internal constant VAT = 205_400;
    uint128 internal constant DUE = DUTY + VAT;

    SettlementToken internal token;
    DebtLedger internal debts;
    uint64 internal customs;
    uint64 internal importer;
    uint64 internal broker;
    uint64 internal bank;
    address internal revenue;
    address internal secondRevenue;
    address internal otherRevenue;
    address internal appealOfficer;
    address internal treasurer;
    address internal trader;
    uint256 internal traderSecret;
    address internal brokerKey;
    address internal bankKey;
    address internal aeoOfficer;
    address internal registry;
    address internal dutyAccount;
    address internal vatAccount;

    function deployDebts() internal {
        deployCore();
        token = new SettlementToken(address(forwarder), address(participants), "Settlement Sum", "SUM", 2);
        debts = deployLedger(address(token));
        customs = admit(ALL_ROLES, 0);
        importer = admit(ALL_ROLES, 0);
        broker = admit(ALL_ROLES, 0);
        bank = admit(ALL_ROLES, 0);
        revenue = giveKey(customs, "revenue", Roles.CUSTOMS_REVENUE, OFFICE);
        secondRevenue = giveKey(customs, "second revenue", Roles.CUSTOMS_REVENUE, OFFICE);
        otherRevenue = giveKey(customs, "revenue elsewhere", Roles.CUSTOMS_REVENUE, OTHER_OFFICE);
        appealOfficer = giveKey(customs, "appeal", Roles.CUSTOMS_APPEAL);
        treasurer = giveKey(customs, "treasurer", Roles.TREASURY);
        aeoOfficer = giveKey(customs, "aeo unit", Roles.AEO_UNIT | Roles.CUSTOMS_LICENSING);
        trader = giveKey(importer, "trader", Roles.DECLARANT);
        (, traderSecret) = makeKey("trader");
        brokerKey = giveKey(broker, "broker", Roles.BROKER);
        bankKey = giveKey(bank, "bank", Roles.GUARANTOR);
        (dutyAccount, ) = makeKey("duty account");
        (vatAccount, ) = makeKey("vat account");
        mint(trader, 1_000_000);
        mint(bankKey, 1_000_000);
        mint(brokerKey, 1_000_000);
        approve(trader);
        approve(bankKey);
        approve(brokerKey);
        approve(dutyAccount);
        approve(vatAccount);
    }

    function deployLedger(address money) internal returns (DebtLedger made) {
        made = new DebtLedger(
            address(manager),
            address(forwarder),
            address(participants),
            address(authorisations),
            money
        );
        (registry, ) = makeKey("declaration registry");
        bytes4[] memory acts = new bytes4[](3);
        (acts[0], acts[1], acts[2]) = (made.openCase.selector, made.closeCase.selector, made.bindSecurity.selector);
        decide(
            address(manager),
            abi.encodeCall(manager.setTargetFunctionRole, (address(made), acts, DECLARATION_REGISTRY))
        );
        decide(address(manager), abi.encodeCall(manager.grantRole, (DECLARATION_REGISTRY, registry, 0)));
    }

    function mint(address to, uint256 amount) internal {
        bytes32 bankReference = freshId();
        vm.prank(treasurer);
        token.mint(bankReference, to, amount);
    }

    function approve(address owner) internal {
        vm.prank(owner);
        token.approve(address(debts), type(uint256).max);
    }

    function setAccounts() internal {
        vm.startPrank(address(governance));
        debts.setRevenueAccount("CUD", dutyAccount);
        debts.setRevenueAccount("VAT", vatAccount);
        debts.setRevenueAccount("OTH", vatAccount);
        debts.setCountry("UZ");
        vm.stopPrank();
    }

    function openCase(uint64 caseId, uint32 version) internal {
        vm.prank(registry);
        debts.openCase(caseId, version, importer, OFFICE);
    }

    function charges(uint128 duty, uint128 vat) internal pure returns (Charge[] memory list) {
        list = new Charge[](2);
        list[0] = Charge("CUD", duty);
        list[1] = Charge("VAT", vat);
    }

    function assess(uint64 caseId, uint128 duty, uint128 vat) internal {
        uint32 expected = debts.caseOf(caseId).version;
        uint32 declared = debts.caseOf(caseId).declarationVersion;
        vm.prank(revenue);
        debts.assess(caseId, declared, expected, charges(duty, vat), DebtReasons.FIRST_ASSESSMENT, EVIDENCE);
    }

    function openAssessed() internal {
        openCase(CASE, 1);
        assess(CASE, DUTY, VAT);
    }

    function pay(address payer, uint64 caseId, uint128 amount) internal returns (bytes32) {
        bytes32 requestId = freshId();
        vm.prank(payer);
        return debts.pay(requestId, caseId, amount);
    }

    function settle(uint64 caseId) internal {
        uint32 version = debts.caseOf(caseId).version;
        vm.prank(revenue);
        debts.settle(caseId, version);
    }

    function offer(SecurityType securityType, uint128 amount) internal returns (bytes32) {
        bytes32 requestId = freshId();
        vm.prank(bankKey);
        return debts.offerGuarantee(requestId, importer, securityType, 0, amount, time40() + 30 days, 5 days, EVIDENCE);
    }

    function accepted(SecurityType securityType, uint128 amount) internal returns (bytes32 guarantee) {
        guarantee = offer(securityType, amount);
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
    }

    function secure(bytes32 guarantee, uint128 amount) internal {
        uint32 version = debts.caseOf(CASE).version;
        vm.prank(revenue);
        debts.secure(CASE, version, guarantee, amount, EVIDENCE);
    }

    function assertState(FiscalState expected, string memory what) internal view {
        assertEq(uint8(debts.stateOf(CASE, time40())), uint8(expected), what);
    }

    /// @dev Makes the importer an authorised operator with the simplified procedure, as importer.
    function authoriseImporter() internal {
        vm.prank(trader);
        authorisations.applyForAeo("aeo", EVIDENCE);
        vm.startPrank(aeoOfficer);
        authorisations.reviewAeo(importer, 1, EVIDENCE);
        authorisations.grantAeo(importer, 2, 1 << 3, 1, time40(), FOREVER, EVIDENCE);
        vm.stopPrank();
    }

    function empowerBroker(uint32 scope) internal {
        vm.prank(aeoOfficer);
        authorisations.licenseBroker(broker, 0, time40(), FOREVER, EVIDENCE);
        vm.prank(trader);
        authorisations.grantPower("power", broker, scope, time40(), FOREVER, EVIDENCE);
    }
}
