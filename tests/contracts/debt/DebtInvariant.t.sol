// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuthorisationRegistry} from "../../../contracts/AuthorisationRegistry.sol";
import {DebtLedger} from "../../../contracts/DebtLedger.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {Guarantee, GuaranteeState, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {Charge, DebtCase, Payment} from "../../../contracts/interfaces/IDebtLedger.sol";
import {Refund, RefundState} from "../../../contracts/interfaces/IDebtRefunds.sol";
import {Aeo, AeoState} from "../../../contracts/types/Authorisation.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Test} from "../support/Test.sol";
import {DebtFixture} from "./DebtFixture.sol";

/// @notice Keys in whose name the handler acts.
struct Actors {
    address registry;
    address revenue;
    address second;
    address trader;
    address bank;
    address aeoOfficer;
    uint64 importer;
    uint64 guarantor;
    uint24 office;
}

/// @dev Random steps over two cases and three guarantees (cash, a bank's, a waiver). Counts what went through, and what
///      must not.
contract DebtHandler is Test {
    uint64 public constant CASES = 2;
    uint256 public constant STEPS = 16;

    DebtLedger private immutable DEBTS;
    AuthorisationRegistry private immutable AUTHORISATIONS;
    Actors private _a;
    uint256 private _requests;
    bytes32[] public payments;
    bytes32[] public refunds;
    bytes32[3] public guarantees;
    uint256[16] public done;
    /// @notice Times that a debtor freed cover that its debt still needed.
    uint256 public uncovered;
    /// @notice Times that cover of a debt that is due could not be called.
    uint256 public uncallable;
    /// @notice Times that guarantors were called for more than is owed.
    uint256 public overcalled;
    /// @notice Times that a waiver secured a debt while its principal's authorisation was not in force.
    uint256 public unentitled;

    constructor(DebtLedger debts, AuthorisationRegistry authorisations, Actors memory actors) {
        (DEBTS, AUTHORISATIONS, _a) = (debts, authorisations, actors);
        for (uint64 c = 1; c <= CASES; ++c) {
            vm.prank(actors.registry);
            debts.openCase(c, 1, actors.importer, actors.office);
        }
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(actors.bank);
            guarantees[i] = debts.offerGuarantee(
                bytes32(i),
                actors.importer,
                [SecurityType.CASH_DEPOSIT, SecurityType.BANK_GUARANTEE, SecurityType.WAIVER][i],
                0,
                50_000,
                type(uint40).max,
                10,
                0
            );
            vm.prank(actors.revenue);
            debts.acceptGuarantee(guarantees[i], 1, 0, 0);
        }
    }

    function assess(uint256 seed, uint32 duty, uint32 vat) external {
        Charge[] memory charges = new Charge[](2);
        charges[0] = Charge("CUD", duty % 30_000);
        charges[1] = Charge("VAT", vat % 30_000);
        (uint64 c, DebtCase memory debt) = pick(seed);
        vm.prank(_a.revenue);
        try DEBTS.assess(c, debt.declarationVersion, debt.version, charges, 207, 0) {
            ++done[0];
        } catch {}
    }

    function pay(uint256 seed, uint32 amount) external {
        (uint64 c, ) = pick(seed);
        vm.prank(seed % 5 == 0 ? _a.bank : _a.trader);
        try DEBTS.pay(fresh(), c, uint128(bound(amount, 1, 40_000))) returns (bytes32 key) {
            payments.push(key);
            ++done[1];
        } catch {}
    }

    function payFromPrepaid(uint256 seed, uint32 amount) external {
        (uint64 c, ) = pick(seed);
        vm.prank(_a.trader);
        try DEBTS.payFromPrepaid(fresh(), c, _a.importer, uint128(bound(amount, 1, 10_000))) returns (bytes32 key) {
            payments.push(key);
            ++done[2];
        } catch {}
    }

    function withdraw(uint32 amount) external {
        vm.prank(_a.trader);
        try DEBTS.withdrawPrepaid(fresh(), uint128(bound(amount, 1, 10_000)), _a.trader) {
            ++done[3];
        } catch {}
    }

    function settle(uint256 seed) external {
        (uint64 c, DebtCase memory debt) = pick(seed);
        vm.prank(_a.revenue);
        try DEBTS.settle(c, debt.version) {
            ++done[4];
        } catch {}
    }

    function topUp(uint256 seed, uint32 amount) external {
        bytes32 guarantee = guarantees[seed % 2];
        vm.prank(_a.bank);
        try DEBTS.topUpGuarantee(fresh(), guarantee, uint128(bound(amount, 1, 1_000)), 0) {
            ++done[5];
        } catch {
            return;
        }
        if (seed % 3 == 0) return; // leave some pending
        uint32 version = DEBTS.guaranteeOf(guarantee).version;
        vm.prank(_a.revenue);
        if (seed % 3 == 1) DEBTS.acceptGuarantee(guarantee, version, 0, 0);
        else DEBTS.refuseGuarantee(guarantee, version, 216, 0);
    }

    function secure(uint256 seed, uint32 amount) external {
        (uint64 c, DebtCase memory debt) = pick(seed);
        bytes32 guarantee = guarantees[(seed >> 8) % 3];
        uint128 free_ = DEBTS.guaranteeOf(guarantee).free;
        uint128 part = seed % 3 == 0 ? free_ : uint128(bound(amount, 1, 30_000));
        bool inForce = AUTHORISATIONS.aeoOf(_a.importer).state == AeoState.ACTIVE;
        vm.prank(_a.revenue);
        try DEBTS.secure(c, debt.version, guarantee, part, 0) {
            ++done[6];
            if (guarantee == guarantees[2] && !inForce) ++unentitled;
        } catch {}
    }

    function free(uint256 seed, uint32 amount) external {
        (uint64 c, DebtCase memory debt) = pick(seed);
        bytes32 guarantee = guarantees[(seed >> 8) % 3];
        uint128 part = seed % 4 == 0 ? uint128(bound(amount, 1, 10_000)) : DEBTS.reservedFor(guarantee, c);
        vm.prank(_a.trader);
        try DEBTS.freeSecurity(c, debt.version, guarantee, part, 0) {
            ++done[7];
            if (DEBTS.caseOf(c).secured < DEBTS.owedOn(c)) ++uncovered;
        } catch {}
    }

    function call(uint256 seed, uint32 amount) external {
        (uint64 c, DebtCase memory debt) = pick(seed);
        bytes32 guarantee = guarantees[(seed >> 8) % 3];
        uint128 most = DEBTS.reservedFor(guarantee, c);
        (, , uint128 unpaid) = DEBTS.callsOf(guarantee, c);
        uint128 owed = DEBTS.owedOn(c);
        if (unpaid >= owed) return;
        if (most == 0 || DEBTS.stateOf(c, uint40(block.timestamp)) == FiscalState.NONE) return;
        uint128 part = seed % 3 == 0 ? most : uint128(bound(amount, 1, most));
        vm.prank(_a.revenue);
        try DEBTS.callGuarantee(c, debt.version, guarantee, part, 213, 0) {
            ++done[8];
            (, , unpaid) = DEBTS.callsOf(guarantee, c);
            if (unpaid > DEBTS.owedOn(c)) ++overcalled;
        } catch {
            ++uncallable;
        }
    }

    function takeBackCall(uint256 seed, uint32 amount) external {
        (uint64 c, DebtCase memory debt) = pick(seed);
        bytes32 guarantee = guarantees[(seed >> 8) % 3];
        (uint128 called, , uint128 unpaid) = DEBTS.callsOf(guarantee, c);
        uint128 owed = DEBTS.owedOn(c);
        uint128 most = unpaid > owed && called > unpaid - owed ? unpaid - owed : called;
        uint128 part = seed % 3 == 0 ? most : uint128(bound(amount, 1, 2_000));
        vm.prank(_a.revenue);
        try DEBTS.takeBackCall(c, debt.version, guarantee, part, 0) {
            ++done[15];
        } catch {}
    }

    /// @notice Suspends the debtor's authorisation, or reinstates it.
    function standing() external {
        Aeo memory aeo = AUTHORISATIONS.aeoOf(_a.importer);
        vm.prank(_a.aeoOfficer);
        if (aeo.state == AeoState.ACTIVE) {
            AUTHORISATIONS.suspendAeo(_a.importer, aeo.version, Reasons.COMPLIANCE, 0);
        } else {
            AUTHORISATIONS.reinstateAeo(_a.importer, aeo.version, Reasons.COMPLIANCE, 0);
        }
        ++done[14];
    }

    function claim(uint256 seed, uint32 amount) external {
        if (payments.length == 0) return;
        bytes32 basis = fresh();
        vm.prank(_a.trader);
        try
            DEBTS.claimRefund(
                basis,
                payments[seed % payments.length],
                uint128(bound(amount, 1, 40_000)),
                201,
                basis,
                true
            )
        returns (bytes32 refund) {
            refunds.push(refund);
            ++done[9];
            vm.prank(_a.revenue);
            DEBTS.reviewRefund(refund, 1);
        } catch {}
    }

    function decide(uint256 seed, uint32 amount) external {
        if (refunds.length == 0) return;
        bytes32 refund = refunds[seed % refunds.length];
        Refund memory asked = DEBTS.refundOf(refund);
        uint128 most = DEBTS.creditOn(asked.caseId);
        most = most < asked.claimed ? most : asked.claimed;
        vm.prank(_a.second);
        if (most != 0 && seed % 4 != 0) {
            try DEBTS.approveRefund(refund, asked.version, uint128(bound(amount, 1, most)), 201, 0) {
                ++done[10];
            } catch {}
        } else {
            try DEBTS.refuseRefund(refund, asked.version, 218, 0) {
                ++done[11];
            } catch {}
        }
    }

    function payRefund(uint256 seed) external {
        (bytes32 refund, uint32 version) = oneApproved(seed);
        if (refund == 0) return;
        uint64 arrears = DEBTS.owedOn(1) != 0 ? 1 : 2;
        bool offset = DEBTS.owedOn(arrears) != 0 && seed % 4 != 0;
        vm.prank(_a.revenue);
        if (offset) {
            try DEBTS.offsetRefund(refund, version, arrears) {
                ++done[13];
            } catch {}
        } else {
            try DEBTS.payRefund(refund, version) {
                ++done[12];
            } catch {}
        }
    }

    /// @notice What the ledger owes in tokens: prepaid accounts, money of cases not yet passed on, cash deposits.
    function obligations() external view returns (uint256 sum) {
        sum = uint256(DEBTS.prepaidOf(_a.importer)) + DEBTS.prepaidOf(_a.guarantor);
        for (uint64 c = 1; c <= CASES; ++c) {
            DebtCase memory debt = DEBTS.caseOf(c);
            sum += debt.paid - debt.refunded - debt.settled;
        }
        Guarantee memory cash = DEBTS.guaranteeOf(guarantees[0]);
        sum += uint256(cash.free) + cash.reserved + cash.pending;
    }

    function paymentCount() external view returns (uint256) {
        return payments.length;
    }

    function refundCount() external view returns (uint256) {
        return refunds.length;
    }

    function pick(uint256 seed) private view returns (uint64 c, DebtCase memory debt) {
        c = uint64(seed % CASES) + 1;
        debt = DEBTS.caseOf(c);
    }

    /// @dev The first approved claim from a random place on.
    function oneApproved(uint256 seed) private view returns (bytes32 refund, uint32 version) {
        for (uint256 i = 0; i < refunds.length; ++i) {
            refund = refunds[((seed % refunds.length) + i) % refunds.length];
            Refund memory asked = DEBTS.refundOf(refund);
            if (asked.state == RefundState.APPROVED) return (refund, asked.version);
        }
        return (0, 0);
    }

    function fresh() private returns (bytes32) {
        return keccak256(abi.encode("handler", ++_requests));
    }
}

/// @dev Invariant 3 of the domain guide: no money appears or is lost, refunds stay within payments, covers within
///      guarantees.
contract DebtInvariantTest is DebtFixture {
    DebtHandler private handler;

    function setUp() public {
        deployDebts();
        setAccounts();
        mint(trader, type(uint64).max);
        mint(bankKey, type(uint64).max);
        authoriseImporter();
        handler = new DebtHandler(
            debts,
            authorisations,
            Actors(registry, revenue, secondRevenue, trader, bankKey, aeoOfficer, importer, bank, OFFICE)
        );
        targetContract(address(handler));
    }

    function invariant_tokensAreTheObligations() public view {
        assertEq(token.balanceOf(address(debts)), handler.obligations(), "tokens = prepaid + held + deposits");
    }

    function invariant_accountsHoldWhatIsSettled() public view {
        uint256 settled;
        for (uint64 c = 1; c <= handler.CASES(); ++c) {
            DebtCase memory debt = debts.caseOf(c);
            settled += debt.settled;
            assertLe(uint256(debt.refunded) + debt.settled, debt.paid, "paid - refunded - settled >= 0");
            Charge[] memory charges = debts.chargesOf(c);
            uint256 sum;
            for (uint256 i = 0; i < charges.length; ++i) {
                sum += charges[i].amount;
            }
            assertEq(sum, debt.assessed, "assessed = sum of the charges");
        }
        assertEq(token.balanceOf(dutyAccount) + token.balanceOf(vatAccount), settled, "accounts = settled");
    }

    function invariant_guaranteesAreNeverOverReserved() public view {
        uint256[3] memory byCase;
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 guarantee = handler.guarantees(i);
            Guarantee memory cover = debts.guaranteeOf(guarantee);
            uint256 reserved;
            for (uint64 c = 1; c <= handler.CASES(); ++c) {
                uint128 forCase = debts.reservedFor(guarantee, c);
                reserved += forCase;
                byCase[c] += forCase;
            }
            assertEq(reserved, cover.reserved, "reserved = sum over cases");
        }
        for (uint64 c = 1; c <= handler.CASES(); ++c) {
            assertEq(debts.caseOf(c).secured, byCase[c], "secured = sum over guarantees");
        }
    }

    /// @dev What is reserved for a debt stays, for its debtor, as long as the debt needs it, and customs can call it.
    function invariant_coverStaysAndCanBeCalled() public view {
        assertEq(handler.uncovered(), 0, "freed by the debtor though still needed");
        assertEq(handler.uncallable(), 0, "reserved for a debt that is due, and not to be called");
    }

    /// @dev No guarantor is called for more than is owed, and each call is paid, taken back, or still unpaid.
    function invariant_callsStayWithinWhatIsOwed() public view {
        assertEq(handler.overcalled(), 0, "called for more than was owed");
        for (uint64 c = 1; c <= handler.CASES(); ++c) {
            (uint128 first, uint128 ofGuarantor, uint128 unpaid) = debts.callsOf(handler.guarantees(1), c);
            (uint128 second, , ) = debts.callsOf(handler.guarantees(2), c);
            (uint128 cash, , ) = debts.callsOf(handler.guarantees(0), c);
            assertEq(ofGuarantor, unpaid, "the one guarantor's are the case's");
            assertLe(unpaid, uint256(first) + second, "unpaid of what was called");
            assertEq(cash, 0, "a deposit pays at once");
        }
        for (uint256 i = 1; i < 3; ++i) {
            uint256 called;
            for (uint64 c = 1; c <= handler.CASES(); ++c) {
                (uint128 forCase, , ) = debts.callsOf(handler.guarantees(i), c);
                called += forCase;
            }
            assertEq(called, debts.guaranteeOf(handler.guarantees(i)).called, "called = sum over cases");
        }
    }

    function invariant_waiversSecureOnlyForAuthorisedOperators() public view {
        assertEq(handler.unentitled(), 0, "secured by a waiver out of force");
    }

    /// @dev In CALLED and REFUSED nothing can be decided or given back any more.
    function invariant_nothingPendingIsStuck() public view {
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 guarantee = handler.guarantees(i);
            GuaranteeState state = debts.guaranteeStateAt(guarantee, time40());
            bool ended = state == GuaranteeState.CALLED || state == GuaranteeState.REFUSED;
            assertTrue(debts.guaranteeOf(guarantee).pending == 0 || !ended, "pending in a guarantee that has ended");
        }
    }

    function invariant_refundsStayWithinPayments() public view {
        uint256[3] memory approvedByCase;
        uint256[3] memory refundedByCase;
        for (uint256 i = 0; i < handler.refundCount(); ++i) {
            Refund memory asked = debts.refundOf(handler.refunds(i));
            assertLe(asked.approved, asked.claimed, "approved within the claim");
            if (asked.state == RefundState.APPROVED) approvedByCase[asked.caseId] += asked.approved;
            if (asked.state == RefundState.PAID || asked.state == RefundState.OFFSET) {
                refundedByCase[asked.caseId] += asked.approved;
            }
        }
        for (uint256 i = 0; i < handler.paymentCount(); ++i) {
            Payment memory paid = debts.paymentOf(handler.payments(i));
            assertLe(paid.claimed, paid.amount, "claimed within the payment");
        }
        for (uint64 c = 1; c <= handler.CASES(); ++c) {
            DebtCase memory debt = debts.caseOf(c);
            assertEq(debt.approved, approvedByCase[c], "approved = sum over claims");
            assertEq(debt.refunded, refundedByCase[c], "refunded = sum over claims");
        }
    }

    /// @dev An idle campaign would prove nothing: the steps that a fixed script does must all be counted.
    function test_handler_everyStepGoesThrough() public {
        for (uint256 i = 1; i < 400; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            uint32 amount = uint32(seed >> 32);
            if (i % 9 == 1) handler.assess(seed, amount, uint32(seed >> 64));
            if (i % 3 == 0) handler.pay(seed, amount);
            if (i % 4 == 0) handler.payFromPrepaid(seed, amount);
            if (i % 5 == 0) handler.withdraw(amount);
            if (i % 6 == 0) handler.settle(seed);
            if (i % 13 == 0) handler.topUp(seed, amount);
            if (i % 2 == 0) handler.secure(seed, amount);
            if (i % 3 == 1) handler.free(seed, amount);
            if (i % 5 == 1) handler.call(seed, amount);
            if (i % 3 == 2) handler.takeBackCall(seed, amount);
            if (i % 7 == 1) handler.standing();
            handler.claim(seed, amount);
            handler.decide(seed, amount);
            handler.payRefund(seed);
        }
        for (uint256 i = 0; i < handler.STEPS(); ++i) {
            assertTrue(
                handler.done(i) > 0,
                string.concat("step never went through: ", string(abi.encodePacked(uint8(97 + i))))
            );
        }
        invariant_tokensAreTheObligations();
        invariant_accountsHoldWhatIsSettled();
        invariant_guaranteesAreNeverOverReserved();
        invariant_coverStaysAndCanBeCalled();
        invariant_callsStayWithinWhatIsOwed();
        invariant_waiversSecureOnlyForAuthorisedOperators();
        invariant_nothingPendingIsStuck();
        invariant_refundsStayWithinPayments();
    }
}
