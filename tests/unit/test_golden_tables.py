"""Tables and arithmetic of permits, debts, guarantees, refunds and escrows: the ones that the contracts have.

given the golden file, whose digests tests/contracts/GoldenTables.t.sol compares with the libraries' own answers
  when the twins' tables are walked as that test walks them                  → the same pairs, the same digest
  when the twins' arithmetic is tried on all small amounts, as there         → the same digest
"""

import json
from collections.abc import Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from ledger.domain import debt, escrow, permit
from ledger.domain.debt import DebtCase, FiscalState, Guarantee, GuaranteeState, RefundAction, RefundState
from ledger.domain.errors import ActRefused
from ledger.domain.escrow import EscrowAction, EscrowState
from ledger.domain.permit import MAX_QUANTITY, PermitAction, PermitState, QuantityLine, UseAction, UseState

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests/golden/transition_tables.json").read_text())
SOLIDITY_TEST = (ROOT / "tests/contracts/GoldenTables.t.sol").read_text()
Table = Mapping[tuple[Any, Any], IntEnum]


def chained(seen: bytes, *words: tuple[str, Any]) -> bytes:
    return keccak(encode(["bytes32", *(kind for kind, _ in words)], [seen, *(value for _, value in words)]))


@pytest.mark.parametrize(
    ("name", "table", "states", "actions"),
    [
        ("permit", permit.NEXT, PermitState, PermitAction),
        ("use", permit.NEXT_USE, UseState, UseAction),
        ("refund", debt.NEXT_REFUND, RefundState, RefundAction),
        ("escrow", escrow.NEXT, EscrowState, EscrowAction),
    ],
)
def test_tables(name: str, table: Table, states: type[IntEnum], actions: type[IntEnum]) -> None:
    assert {f"{s.name} {a.name}": to.name for (s, a), to in table.items()} == GOLDEN[name]["next"]
    assert keccak(bytes(table.get((s, a), 0xFF) for a in actions for s in states)).hex() == GOLDEN[name]["digest"]


def test_worth_of_permits() -> None:
    cells = bytes(
        permit.worth(state, 10, exhausted=exhausted, at=at)
        for state in PermitState
        for at in (9, 10, 11)
        for exhausted in (False, True)
    )
    assert keccak(cells).hex() == GOLDEN["permit_worth"]["digest"]


def _moved(line: QuantityLine, move: int, quantity: int) -> QuantityLine:
    moves = (line.reserve, line.unreserve, line.restore, line.restate)
    return moves[move](quantity) if move < len(moves) else line.write_off(move - len(moves), quantity)


def test_quantity_lines() -> None:
    parts, seen = (0, 1, 2, MAX_QUANTITY), bytes(32)
    for line in (QuantityLine(free, held, used) for free in parts for held in parts for used in parts):
        for move in range(8):
            for quantity in range(4):
                try:
                    to = _moved(line, move, quantity)
                    word = to.available << 170 | to.reserved << 85 | to.written_off
                except ActRefused:
                    word = 2**256 - 1
                seen = chained(seen, ("uint256", word))
    assert seen.hex() == GOLDEN["quantity_line"]["digest"]


def _covered(cover: Guarantee, move: int, amount: int) -> tuple[Guarantee, int]:
    if move == 0:
        return cover.accept(), 0
    if move == 4:
        return cover.give_back()
    if move == 5:
        return cover.take_back(amount), 0
    return (cover.reserve, cover.unreserve, cover.call)[move - 1](amount), 0


def test_guarantees() -> None:
    seen = bytes(32)
    for i in range(81):
        amounts = {"free": i // 27, "reserved": i // 9 % 3, "called": i // 3 % 3, "pending": i % 3}
        for move in range(6):
            for amount in range(4):
                try:
                    to, back = _covered(Guarantee(GuaranteeState.NONE, 0, **amounts), move, amount)
                except ActRefused:
                    seen = chained(seen, ("string", "refused"))
                else:
                    after = (to.free, to.reserved, to.called, to.pending, back)
                    seen = chained(seen, *(("uint128", each) for each in after))
    assert seen.hex() == GOLDEN["guarantee"]["digest"]


def test_worth_of_guarantees() -> None:
    cells = bytes(
        Guarantee(state, 10, cancelled, i >> 3, i >> 2 & 1, i >> 1 & 1, i & 1).worth(at)
        for state in GuaranteeState
        for i in range(16)
        for at in (8, 9, 10, 11)
        for cancelled in (0, 9)
    )
    assert keccak(cells).hex() == GOLDEN["guarantee_worth"]["digest"]


def _debts() -> Iterator[DebtCase]:
    for i in range(4 * 4 * 2 * 2 * 4 * 9 * 3):
        found, rest = [], i
        for size in (4, 4, 2, 2, 4, 9):
            rest, part = divmod(rest, size)
            found.append(part)
        assessed, paid, refunded, approved, secured, basis = found
        if paid < refunded + approved:
            continue
        yield DebtCase(
            declaration_version=2,
            assessed_version=1 if rest == 2 else 2,
            basis=FiscalState(basis),
            closed=rest == 1,
            due_at=10,
            assessed=assessed,
            paid=paid,
            refunded=refunded,
            secured=secured,
            approved=approved,
        )


def test_debts() -> None:
    seen = bytes(32)
    for case in _debts():
        amounts = [("uint128", amount) for amount in (case.owed, case.credit, case.held)]
        seen = chained(seen, *amounts, ("uint8", case.state(10)), ("uint8", case.state(11)))
    assert seen.hex() == GOLDEN["debt"]["digest"]


def test_the_contract_test_has_the_same_digests() -> None:
    for name, golden in GOLDEN.items():
        assert name == "about" or f'{name.upper()} = hex"{golden["digest"]}"' in SOLIDITY_TEST, name
