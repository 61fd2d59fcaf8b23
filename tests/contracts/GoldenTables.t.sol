// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../contracts/interfaces/IDebtCases.sol";
import {Guarantee, GuaranteeState} from "../../contracts/interfaces/IDebtGuarantees.sol";
import {DebtCase} from "../../contracts/interfaces/IDebtLedger.sol";
import {RefundState} from "../../contracts/interfaces/IDebtRefunds.sol";
import {PermitState, UseState} from "../../contracts/interfaces/IPermitRegistry.sol";
import {EscrowState} from "../../contracts/interfaces/ITradeEscrow.sol";
import {DebtTransitions} from "../../contracts/libraries/DebtTransitions.sol";
import {EscrowAction, EscrowTransitions} from "../../contracts/libraries/EscrowTransitions.sol";
import {GuaranteeMath} from "../../contracts/libraries/GuaranteeMath.sol";
import {PermitAction, PermitTransitions, UseAction} from "../../contracts/libraries/PermitTransitions.sol";
import {QuantityLine, QuantityLines} from "../../contracts/libraries/QuantityLine.sol";
import {RefundAction, RefundTransitions} from "../../contracts/libraries/RefundTransitions.sol";
import {Test} from "./support/Test.sol";

/// @notice What the arithmetic refuses is seen from outside.
contract MathHarness {
    using GuaranteeMath for Guarantee;

    /// @param move 0 reserve, 1 unreserve, 2 restore, 3 restate, 4 and more: write off of `move - 4` held.
    function line(QuantityLine from, uint256 move, uint256 quantity) external pure returns (QuantityLine) {
        if (move == 0) return from.reserve(quantity);
        if (move == 1) return from.unreserve(quantity);
        if (move == 2) return from.restore(quantity);
        if (move == 3) return from.restate(quantity);
        return from.writeOff(move - 4, quantity);
    }

    /// @param move 0 accept, 1 reserve, 2 unreserve, 3 call, 4 give back, 5 take back.
    function cover(
        Guarantee memory from,
        uint256 move,
        uint128 amount
    ) external pure returns (Guarantee memory to, uint128 back) {
        to = from;
        if (move == 0) to.accept();
        if (move == 1) to.reserve(amount);
        if (move == 2) to.unreserve(amount);
        if (move == 3) to.call_(amount);
        if (move == 4) back = to.giveBack();
        if (move == 5) to.takeBack(amount);
    }
}

/// @notice Every table, and the arithmetic over all small amounts, against the digests of
///         tests/golden/transition_tables.json, which the Python twins compute from their own code.
contract GoldenTablesTest is Test {
    using DebtTransitions for DebtCase;
    using GuaranteeMath for Guarantee;

    bytes32 internal constant PERMIT = hex"f3daf67702a3b765cc1a1d2fac2bb99cc93e388d0f9f98830a64bafcecb02636";
    bytes32 internal constant USE = hex"dc1d93cf0096246c22bd22463d11ac2ca12551946a1957f17df6a1062ca26369";
    bytes32 internal constant REFUND = hex"bef7cef79b9eea40f15d3c97a7dcd00fde96abbc403ddea24116c404080ea7d8";
    bytes32 internal constant ESCROW = hex"89c8ed6a23ef3a01a6a6c3152f81153891e1283a4a8a3b18033446ad0a850b2a";
    bytes32 internal constant PERMIT_WORTH = hex"a791b9183daee1330aa4b05b8f988ddcab4db386ef4a97e55ba6c85fcfd5ec63";
    bytes32 internal constant QUANTITY_LINE = hex"d3fed69a2b526fbbbc09a9d7583c426925e2cbe20aadcd616c719a75982c120a";
    bytes32 internal constant GUARANTEE = hex"b6217c9d066886a66393b55de21af0d00994db83f59d3c96a2625f6b917633e6";
    bytes32 internal constant GUARANTEE_WORTH = hex"8c01d3adb5e9df8b17fbc94354d5aa5404d2502c2ecc696e5fcb750fb609e93d";
    bytes32 internal constant DEBT = hex"7507aba97b0440c02ae810627db5c7cc9710db084d625dda3aeeac397c6baef7";

    MathHarness internal math;
    bytes internal cells;

    function setUp() public {
        math = new MathHarness();
    }

    function test_permits() public {
        for (uint256 a = 0; a <= uint256(type(PermitAction).max); ++a) {
            for (uint256 s = 0; s <= uint256(type(PermitState).max); ++s) {
                (bool allowed, PermitState to) = PermitTransitions.next(PermitState(s), PermitAction(a));
                _cell(allowed, s, uint256(to));
            }
        }
        assertEq(keccak256(cells), PERMIT, "permits");
    }

    function test_usesOfPermits() public {
        for (uint256 a = 0; a <= uint256(type(UseAction).max); ++a) {
            for (uint256 s = 0; s <= uint256(type(UseState).max); ++s) {
                (bool allowed, bool changes, UseState to) = PermitTransitions.nextUse(UseState(s), UseAction(a));
                assertTrue(changes == (allowed && uint256(to) != s), "a repetition changes nothing");
                _cell(allowed, s, uint256(to));
            }
        }
        assertEq(keccak256(cells), USE, "uses");
    }

    function test_refunds() public {
        for (uint256 a = 0; a <= uint256(type(RefundAction).max); ++a) {
            for (uint256 s = 0; s <= uint256(type(RefundState).max); ++s) {
                (bool allowed, RefundState to) = RefundTransitions.next(RefundState(s), RefundAction(a));
                _cell(allowed, s, uint256(to));
            }
        }
        assertEq(keccak256(cells), REFUND, "refunds");
    }

    function test_escrows() public {
        for (uint256 a = 0; a <= uint256(type(EscrowAction).max); ++a) {
            for (uint256 s = 0; s <= uint256(type(EscrowState).max); ++s) {
                (bool allowed, EscrowState to) = EscrowTransitions.next(EscrowState(s), EscrowAction(a));
                _cell(allowed, s, uint256(to));
            }
        }
        assertEq(keccak256(cells), ESCROW, "escrows");
    }

    function test_worthOfPermits() public {
        for (uint256 s = 0; s <= uint256(type(PermitState).max); ++s) {
            for (uint256 instant = 9; instant <= 11; ++instant) {
                cells.push(bytes1(uint8(PermitTransitions.worth(PermitState(s), 10, false, instant))));
                cells.push(bytes1(uint8(PermitTransitions.worth(PermitState(s), 10, true, instant))));
            }
        }
        assertEq(keccak256(cells), PERMIT_WORTH, "worth of permits");
    }

    /// @dev A part of a line is 0, 1, 2 or the largest; cells are the word after the move, or all ones.
    function test_quantityLines() public view {
        uint256[4] memory parts = [uint256(0), 1, 2, QuantityLines.MAX];
        bytes32 seen;
        for (uint256 i = 0; i < 64; ++i) {
            uint256 word = (parts[i >> 4] << 170) | (parts[(i >> 2) & 3] << 85) | parts[i & 3];
            for (uint256 move = 0; move < 8; ++move) {
                for (uint256 quantity = 0; quantity < 4; ++quantity) {
                    uint256 after_ = type(uint256).max;
                    try math.line(QuantityLine.wrap(word), move, quantity) returns (QuantityLine to) {
                        after_ = QuantityLine.unwrap(to);
                    } catch {}
                    seen = keccak256(abi.encode(seen, after_));
                }
            }
        }
        assertEq(seen, QUANTITY_LINE, "quantity lines");
    }

    /// @dev Amounts of 0 to 2; cells are the four amounts and what was given back, or a mark of refusal.
    function test_guarantees() public view {
        bytes32 seen;
        for (uint256 i = 0; i < 81; ++i) {
            Guarantee memory cover;
            (cover.free, cover.reserved) = (uint128(i / 27), uint128((i / 9) % 3));
            (cover.called, cover.pending) = (uint128((i / 3) % 3), uint128(i % 3));
            for (uint256 move = 0; move < 6; ++move) {
                for (uint128 amount = 0; amount < 4; ++amount) {
                    try math.cover(cover, move, amount) returns (Guarantee memory to, uint128 back) {
                        seen = keccak256(abi.encode(seen, to.free, to.reserved, to.called, to.pending, back));
                    } catch {
                        seen = keccak256(abi.encode(seen, "refused"));
                    }
                }
            }
        }
        assertEq(seen, GUARANTEE, "guarantees");
    }

    function test_worthOfGuarantees() public {
        for (uint256 s = 0; s <= uint256(type(GuaranteeState).max); ++s) {
            for (uint256 i = 0; i < 16; ++i) {
                Guarantee memory cover;
                (cover.state, cover.validUntil) = (GuaranteeState(s), 10);
                (cover.free, cover.reserved) = (uint128(i >> 3), uint128((i >> 2) & 1));
                (cover.called, cover.pending) = (uint128((i >> 1) & 1), uint128(i & 1));
                for (uint256 instant = 8; instant <= 11; ++instant) {
                    cover.cancelledFrom = 0;
                    cells.push(bytes1(uint8(cover.worth(instant))));
                    cover.cancelledFrom = 9;
                    cells.push(bytes1(uint8(cover.worth(instant))));
                }
            }
        }
        assertEq(keccak256(cells), GUARANTEE_WORTH, "worth of guarantees");
    }

    /// @dev Amounts up to 3; cells are owed, credit, held and the state at the due second and the next.
    function test_debts() public pure {
        bytes32 seen;
        for (uint256 i = 0; i < 4 * 4 * 2 * 2 * 4 * 9 * 3; ++i) {
            DebtCase memory debt;
            uint256 rest = i;
            (debt.assessed, rest) = (uint128(rest % 4), rest / 4);
            (debt.paid, rest) = (uint128(rest % 4), rest / 4);
            (debt.refunded, rest) = (uint128(rest % 2), rest / 2);
            (debt.approved, rest) = (uint112(rest % 2), rest / 2);
            (debt.secured, rest) = (uint112(rest % 4), rest / 4);
            (debt.basis, rest) = (FiscalState(rest % 9), rest / 9);
            (debt.closed, debt.declarationVersion) = (rest == 1, 2);
            (debt.assessedVersion, debt.dueAt) = (rest == 2 ? 1 : 2, 10);
            if (debt.paid < debt.refunded + debt.approved) continue; // the ledger never pays back what it has not
            seen = keccak256(
                abi.encode(seen, debt.owed(), debt.credit(), debt.held(), debt.stateOf(10), debt.stateOf(11))
            );
        }
        assertEq(seen, DEBT, "debts");
    }

    function _cell(bool allowed, uint256 from, uint256 to) private {
        if (!allowed) assertEq(to, from, "a refusal leads nowhere");
        cells.push(allowed ? bytes1(uint8(to)) : bytes1(0xff));
    }
}
