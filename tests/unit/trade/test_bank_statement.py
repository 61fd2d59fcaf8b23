"""A bank's statement beside the settlement token.

given a camt.053 message of version 2 or 8     → its booked entries, period, balance and currency
given one that is wrong in several places      → every fault, with its path
given mints and redemptions that it books      → both books should say the same
  when one side has an entry more, another amount, or an entry twice → that difference, and no other
  when anything is left out of either side     → it should never hold
"""

import dataclasses
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.bank_matching import Disagreement, Matched, Move, match
from ledger.domain.errors import Malformed
from ledger.domain.hashing import digest
from ledger.domain.trade.bank_statement import BankEntry, BankStatement, read_bank_statement

FIRST, LAST = 1_795_651_200, 1_795_737_599  # 2026-11-26, UTC


def entry(reference: str, amount: str, direction: str = "CRDT", state: str = "<Sts>BOOK</Sts>") -> str:
    return (
        f'<Ntry><Amt Ccy="UZS">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{state}'
        f"<AcctSvcrRef>{reference}</AcctSvcrRef></Ntry>"
    )


def message(entries: Sequence[str], *, closing: str = "650.00", version: str = "02") -> bytes:
    balance = f'<Amt Ccy="UZS">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>'
        "<FrToDt><FrDtTm>2026-11-26T00:00:00Z</FrDtTm><ToDtTm>2026-11-26T23:59:59Z</ToDtTm></FrToDt>"
        f"<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>{balance}</Bal>"
        f"<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>{balance}</Bal>"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def test_both_forms_of_the_state_are_read() -> None:
    coded = "<Sts><Cd>BOOK</Cd></Sts>"
    old = message([entry("A-1", "700.5"), entry("A-2", "50", "DBIT"), entry("A-3", "1", state="<Sts>PDNG</Sts>")])
    new = message([entry("A-1", "700.50", state=coded), entry("A-2", "50.00", "DBIT", coded)], version="08")
    booked = (BankEntry("A-1", 70_050, is_credit=True), BankEntry("A-2", 5_000, is_credit=False))
    assert read_bank_statement(old) == BankStatement(FIRST, LAST, "UZS", 65_000, booked)
    assert read_bank_statement(new) == read_bank_statement(old)


def test_every_fault_is_told() -> None:
    wrong = message([entry("A-1", "7.005"), entry("", "1", "BOTH").replace("UZS", "EUR")], closing="x")
    with pytest.raises(Malformed) as refused:
        read_bank_statement(wrong.replace(b"ToDtTm>2026-11-26T", b"ToDtTm>2025-13-26T", 1))
    at = "Document/BkToCstmrStmt/Stmt"
    assert {(fault.code, fault.path.removeprefix(at)) for fault in refused.value.faults} == {
        ("wrong_format", "/FrToDt/ToDtTm"),
        ("wrong_order", "/FrToDt"),
        ("wrong_format", "/Bal[2]/Amt"),
        ("too_precise", "/Ntry[1]/Amt"),
        ("wrong_format", "/Ntry[2]/CdtDbtInd"),
        ("missing", "/Ntry[2]/AcctSvcrRef"),
        ("several_currencies", "/Ntry"),
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace(b"camt.053", b"camt.052"), "not_a_statement"),
        (lambda text: text.replace(b"CLBD", b"ITBD"), "missing"),
        (lambda text: text.replace(b"<Stmt>", b"<Stmt/><Stmt>"), "repeated"),
        (lambda text: text.replace(b' Ccy="UZS"', b""), "missing"),
        (lambda text: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + text, "forbidden_xml"),
    ],
)
def test_what_is_no_statement_is_refused(change: Callable[[bytes], bytes], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_bank_statement(change(message([entry("A-1", "1")])))
    assert code in {fault.code for fault in refused.value.faults}


# ----- both books

CREDIT, DEBIT = BankEntry("in", 70_000, is_credit=True), BankEntry("out", 5_000, is_credit=False)
MINT = Move(CREDIT.on_chain, is_mint=True, amount=70_000, moved_at=FIRST + 10)
BURN = Move(DEBIT.on_chain, is_mint=False, amount=5_000, moved_at=FIRST + 20)


def compare(entries: Sequence[BankEntry], moves: Sequence[Move], closing: int = 65_000) -> Matched:
    return match(BankStatement(FIRST, LAST, "UZS", closing, tuple(entries)), moves)


def test_both_books_say_the_same() -> None:
    assert compare([CREDIT, DEBIT], [BURN, MINT]) == Matched(2, 65_000, 65_000, ())
    assert compare([DEBIT], [dataclasses.replace(MINT, moved_at=FIRST - 1), BURN]).holds, "minted in an earlier period"
    assert compare([CREDIT, DEBIT], [dataclasses.replace(MINT, moved_at=FIRST - 1), BURN]).holds, (
        "minted when announced"
    )
    later = Move(digest(b"tomorrow"), is_mint=True, amount=1, moved_at=LAST + 1)
    assert compare([CREDIT, DEBIT], [MINT, BURN, later]).holds


@pytest.mark.parametrize(
    ("entries", "moves", "wrong"),
    [
        ([CREDIT, DEBIT], [BURN], Disagreement.BOOKED_NOT_MINTED),
        ([CREDIT, DEBIT], [MINT], Disagreement.BOOKED_NOT_REDEEMED),
        ([DEBIT], [MINT, BURN], Disagreement.MINTED_NOT_BOOKED),
        ([CREDIT], [MINT, BURN], Disagreement.REDEEMED_NOT_BOOKED),
        ([CREDIT, DEBIT], [dataclasses.replace(MINT, amount=1), BURN], Disagreement.OTHER_AMOUNT),
        ([CREDIT, CREDIT, DEBIT], [MINT, BURN], Disagreement.BOOKED_TWICE),
        ([CREDIT, DEBIT], [dataclasses.replace(MINT, moved_at=LAST + 1), BURN], Disagreement.BOOKED_NOT_MINTED),
    ],
)
def test_each_difference_is_named(entries: list[BankEntry], moves: list[Move], wrong: Disagreement) -> None:
    found = compare(entries, moves)
    assert [each.what for each in found.differences] == [wrong]
    assert not found.holds


def test_a_balance_that_differs_is_a_difference_by_itself() -> None:
    assert not compare([CREDIT, DEBIT], [MINT, BURN], closing=65_001).holds


references = st.lists(st.tuples(st.text("ab1", min_size=1, max_size=4), st.booleans()), unique=True, min_size=1)


@given(references, st.data())
def test_leaving_anything_out_never_holds(named: list[tuple[str, bool]], data: st.DataObject) -> None:
    amounts = [data.draw(st.integers(1, 10**12)) for _ in named]
    entries = [BankEntry(text, amount, is_in) for (text, is_in), amount in zip(named, amounts, strict=True)]
    moves = [Move(each.on_chain, each.is_credit, each.amount, FIRST) for each in entries]
    closing = sum(each.amount if each.is_credit else -each.amount for each in entries)
    assert compare(entries, moves, closing) == Matched(len(entries), closing, closing, ())
    place = data.draw(st.integers(0, len(entries) - 1))
    assert len(compare(entries, moves[:place] + moves[place + 1 :], closing).differences) == 1
    assert len(compare(entries[:place] + entries[place + 1 :], moves, closing).differences) == 1
