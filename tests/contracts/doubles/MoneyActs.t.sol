// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {TokenPermit} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {Twice} from "./Twice.sol";

/// @notice Acts of the debt ledger and of its token, each done twice.
contract MoneyActsTest is Twice {
    bytes32 private constant PERMIT_TYPE = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    address private place;

    function setUp() public {
        deployDebts();
        setAccounts();
        place = address(debts);
    }

    function _key(uint64 participant, bytes32 requestId) private pure returns (bytes32) {
        return keccak256(abi.encode(participant, requestId));
    }

    function _assessed(uint64 caseId) private returns (uint32 version) {
        openCase(caseId, 1);
        assess(caseId, DUTY, VAT);
        return debts.caseOf(caseId).version;
    }

    function test_cases_twice() public {
        twice("DebtLedger.openCase", registry, place, abi.encodeCall(debts.openCase, (CASE, 1, importer, OFFICE)));
        twice(
            "DebtLedger.assess",
            revenue,
            place,
            abi.encodeCall(
                debts.assess,
                (CASE, 1, debts.caseOf(CASE).version, charges(DUTY, VAT), DebtReasons.FIRST_ASSESSMENT, EVIDENCE)
            )
        );
        twice(
            "DebtLedger.markExempt",
            revenue,
            place,
            abi.encodeCall(debts.markExempt, (CASE, 1, debts.caseOf(CASE).version, DebtReasons.RELIEF_BY_LAW, EVIDENCE))
        );
        twice("DebtLedger.bindSecurity", registry, place, abi.encodeCall(debts.bindSecurity, (CASE, true)));
        twice("DebtLedger.closeCase", registry, place, abi.encodeCall(debts.closeCase, (CASE)));
    }

    function test_settings_twice() public {
        governed("DebtLedger.setCountry", place, abi.encodeCall(debts.setCountry, ("UZ")));
        governed("DebtLedger.setRevenueAccount", place, abi.encodeCall(debts.setRevenueAccount, ("EXC", vatAccount)));
    }

    function test_payments_twice() public {
        uint32 version = _assessed(CASE);
        twice("DebtLedger.pay", trader, place, abi.encodeCall(debts.pay, ("pay", CASE, 100)));
        twice("DebtLedger.payWithPermit", trader, place, _payWithPermit());
        twice(
            "DebtLedger.depositPrepaid",
            brokerKey,
            place,
            abi.encodeCall(debts.depositPrepaid, ("deposit", importer, DUE + 50))
        );
        twice(
            "DebtLedger.withdrawPrepaid",
            trader,
            place,
            abi.encodeCall(debts.withdrawPrepaid, ("withdraw", 50, trader))
        );
        twice(
            "DebtLedger.payFromPrepaid",
            trader,
            place,
            abi.encodeCall(debts.payFromPrepaid, ("prepaid", CASE, importer, DUE - 200))
        );
        twice("DebtLedger.settle", revenue, place, abi.encodeCall(debts.settle, (CASE, version)));
    }

    function _payWithPermit() private returns (bytes memory) {
        vm.prank(trader);
        token.approve(place, 0);
        uint256 deadline = block.timestamp + 60;
        bytes32 structHash = keccak256(abi.encode(PERMIT_TYPE, trader, place, 100, token.nonces(trader), deadline));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            traderSecret,
            keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash))
        );
        TokenPermit memory signed = TokenPermit(100, deadline, v, r, s);
        return abi.encodeCall(debts.payWithPermit, ("permit", CASE, 100, signed));
    }

    function test_guarantees_twice() public {
        uint32 version = _assessed(CASE);
        bytes32 cash = _key(bank, "cash");
        twice(
            "DebtLedger.offerGuarantee",
            bankKey,
            place,
            abi.encodeCall(
                debts.offerGuarantee,
                ("cash", importer, SecurityType.CASH_DEPOSIT, 0, 100_000, time40() + 30 days, 0, EVIDENCE)
            )
        );
        twice(
            "DebtLedger.acceptGuarantee",
            revenue,
            place,
            abi.encodeCall(debts.acceptGuarantee, (cash, 1, 0, EVIDENCE))
        );
        twice(
            "DebtLedger.topUpGuarantee",
            bankKey,
            place,
            abi.encodeCall(debts.topUpGuarantee, ("more", cash, DUE, EVIDENCE))
        );
        uint32 guarantee = debts.guaranteeOf(cash).version;
        vm.prank(revenue);
        debts.acceptGuarantee(cash, guarantee, 0, EVIDENCE);
        twice(
            "DebtLedger.secure",
            revenue,
            place,
            abi.encodeCall(debts.secure, (CASE, version, cash, DUE + 10, EVIDENCE))
        );
        version = debts.caseOf(CASE).version;
        twice(
            "DebtLedger.freeSecurity",
            revenue,
            place,
            abi.encodeCall(debts.freeSecurity, (CASE, version, cash, 10, EVIDENCE))
        );
        version = debts.caseOf(CASE).version;
        uint40 due = time40() + 5;
        twice("DebtLedger.defer", revenue, place, abi.encodeCall(debts.defer, (CASE, version, 0, due, EVIDENCE)));
        vm.warp(due + 1);
        version = debts.caseOf(CASE).version;
        twice(
            "DebtLedger.recover",
            revenue,
            place,
            abi.encodeCall(debts.recover, (CASE, version, 5, DebtReasons.PAST_DUE, EVIDENCE))
        );
        version = debts.caseOf(CASE).version;
        twice(
            "DebtLedger.callGuarantee",
            revenue,
            place,
            abi.encodeCall(debts.callGuarantee, (CASE, version, cash, DUE, DebtReasons.PAST_DUE, EVIDENCE))
        );
        guarantee = debts.guaranteeOf(cash).version;
        twice(
            "DebtLedger.cancelGuarantee",
            bankKey,
            place,
            abi.encodeCall(debts.cancelGuarantee, (cash, guarantee, DebtReasons.GUARANTOR_NOTICE))
        );
        guarantee = debts.guaranteeOf(cash).version;
        twice("DebtLedger.returnDeposit", bankKey, place, abi.encodeCall(debts.returnDeposit, (cash, guarantee)));
        _takeBack_twice();
        bytes32 refusedOne = offer(SecurityType.BANK_GUARANTEE, 5);
        twice(
            "DebtLedger.refuseGuarantee",
            revenue,
            place,
            abi.encodeCall(debts.refuseGuarantee, (refusedOne, 1, DebtReasons.DEFECT, EVIDENCE))
        );
    }

    function _takeBack_twice() private {
        uint32 version = _assessed(CASE + 1);
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, 50);
        vm.prank(revenue);
        debts.secure(CASE + 1, version, guarantee, 50, EVIDENCE);
        vm.prank(revenue);
        debts.callGuarantee(CASE + 1, version + 1, guarantee, 50, DebtReasons.PAST_DUE, EVIDENCE);
        pay(trader, CASE + 1, DUE);
        twice(
            "DebtLedger.takeBackCall",
            revenue,
            place,
            abi.encodeCall(debts.takeBackCall, (CASE + 1, version + 2, guarantee, 20, EVIDENCE))
        );
    }

    /// @dev A debtor's freeing counts as no act on the case, and has nothing left to do the second time.
    function test_debtorsFreeing_twice() public {
        uint32 version = _assessed(CASE);
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE + 10);
        vm.prank(revenue);
        debts.secure(CASE, version, guarantee, DUE + 10, EVIDENCE);
        twice(
            "DebtLedger.freeSecurity",
            trader,
            place,
            abi.encodeCall(debts.freeSecurity, (CASE, version + 1, guarantee, 10, EVIDENCE))
        );
    }

    function test_refunds_twice() public {
        uint32 version = _assessed(CASE);
        bytes32 payment = pay(trader, CASE, DUE);
        vm.prank(revenue);
        debts.assess(CASE, 1, version, charges(DUTY, VAT - 500), DebtReasons.CLERICAL_ERROR, EVIDENCE);
        bytes32 refund = _key(importer, "claim");
        twice(
            "DebtLedger.claimRefund",
            trader,
            place,
            abi.encodeCall(debts.claimRefund, ("claim", payment, 300, 206, "basis", true))
        );
        twice("DebtLedger.reviewRefund", revenue, place, abi.encodeCall(debts.reviewRefund, (refund, 1)));
        twice(
            "DebtLedger.refuseRefund",
            secondRevenue,
            place,
            abi.encodeCall(debts.refuseRefund, (refund, 2, DebtReasons.NO_GROUND, EVIDENCE))
        );
        twice("DebtLedger.appealRefund", trader, place, abi.encodeCall(debts.appealRefund, (refund, 3, EVIDENCE)));
        twice(
            "DebtLedger.decideRefundAppeal",
            appealOfficer,
            place,
            abi.encodeCall(debts.decideRefundAppeal, (refund, 4, true, DebtReasons.APPEAL, EVIDENCE))
        );
        address third = giveKey(customs, "third revenue", 1 << 7, OFFICE);
        twice(
            "DebtLedger.approveRefund",
            third,
            place,
            abi.encodeCall(debts.approveRefund, (refund, 5, 300, DebtReasons.TARIFF_CORRECTION, EVIDENCE))
        );
        twice("DebtLedger.payRefund", revenue, place, abi.encodeCall(debts.payRefund, (refund, 6)));
        refund = _key(importer, "second claim");
        vm.prank(trader);
        debts.claimRefund("second claim", payment, 200, 206, "other basis", true);
        vm.prank(revenue);
        debts.reviewRefund(refund, 1);
        vm.prank(secondRevenue);
        debts.approveRefund(refund, 2, 200, DebtReasons.TARIFF_CORRECTION, EVIDENCE);
        _assessed(CASE + 1);
        twice("DebtLedger.offsetRefund", revenue, place, abi.encodeCall(debts.offsetRefund, (refund, 3, CASE + 1)));
    }

    function test_token_twice() public {
        address money = address(token);
        twice("SettlementToken.mint", treasurer, money, abi.encodeCall(token.mint, ("in", treasurer, 100)));
        twice("SettlementToken.redeem", treasurer, money, abi.encodeCall(token.redeem, ("out", treasurer, 100)));
        twice("SettlementToken.approve", trader, money, abi.encodeCall(token.approve, (brokerKey, 10)));
        uint256 deadline = block.timestamp + 60;
        bytes32 structHash = keccak256(abi.encode(PERMIT_TYPE, trader, place, 7, token.nonces(trader), deadline));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            traderSecret,
            keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash))
        );
        twice(
            "SettlementToken.permit",
            brokerKey,
            money,
            abi.encodeCall(token.permit, (trader, place, 7, deadline, v, r, s))
        );
    }

    /// @dev ERC-20 gives a transfer no request id, so that sent directly it is an act each time it is executed. This
    ///      test says so; `RelayedActs.t.sol` shows the form that counts once.
    function test_token_directTransferIsAnActEachTime() public {
        uint256 before = token.balanceOf(bankKey);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(trader);
            assertTrue(token.transfer(bankKey, 5), "moved");
        }
        assertEq(token.balanceOf(bankKey), before + 10, "both count");
    }
}
