"""Reference numbers.

Given numbers that customs gave (HMRC's published messages), it should find their check digits right
Given one changed character or a swap, it should find them wrong
Given an LRN, it should blind it under the declarant's key only
"""

import pytest

from ledger.domain.trade.references import blind_lrn, check_digit, is_grn, is_mrn, is_ucr

REAL = [
    "24GBDIRIGZ7QLCPAA8",
    "21GB31AJB9S50C90R6",
    "22GB37AEDQ0215GAR0",
    "20GB1Q3RTK463FGVR4",
    "21GB6N3J01TZYYE1R0",
]


@pytest.mark.parametrize("mrn", REAL)
def test_real_numbers_have_their_check_digit(mrn: str) -> None:
    assert is_mrn(mrn)
    assert check_digit(mrn[:-1]) == int(mrn[-1])


@pytest.mark.parametrize("mrn", REAL)
def test_another_check_digit_is_wrong(mrn: str) -> None:
    wrong = [f"{mrn[:-1]}{digit}" for digit in range(10) if str(digit) != mrn[-1]]
    assert not any(map(is_mrn, wrong))


def test_shape_comes_first() -> None:
    mrn = REAL[0]
    assert not any(
        map(is_mrn, (mrn.lower(), mrn[:-1], mrn + "0", "2" + mrn, mrn[:2] + "1B" + mrn[4:], "", "٢" + mrn[1:]))
    )


def test_grn_is_one_shorter() -> None:
    body = "24GBDIRIGZ7QLCPA"
    assert is_grn(f"{body}{check_digit(body)}")
    assert not is_grn(REAL[0])


def test_letters_take_iso_6346_values() -> None:
    assert [check_digit(letter) for letter in "ABLVZ"] == [value % 11 % 10 for value in (10, 12, 23, 34, 38)]
    with pytest.raises(ValueError, match="no value"):
        check_digit("é")


@pytest.mark.parametrize(
    ("reference", "good"),
    [
        ("1GB150454489082-12345", True),
        ("4DP99000000000-TST63", True),
        ("1GB150454489082", False),
        ("GB150454489082-1", False),
        ("1gb150454489082-1", False),
        ("1GB150454489082-" + "A" * 20, False),
    ],
)
def test_ucr(reference: str, good: bool) -> None:
    assert is_ucr(reference) is good


def test_lrn_is_blinded_under_its_declarants_key() -> None:
    one, other = bytes(32), b"\x01" * 32
    assert blind_lrn(one, "R280") == blind_lrn(one, "R280")
    assert len({blind_lrn(one, "R280"), blind_lrn(other, "R280"), blind_lrn(one, "R281")}) == 3
    with pytest.raises(ValueError, match="31 bytes"):
        blind_lrn(bytes(31), "R280")
