"""References of the trade.

Given a UCR, it should know its shape
Given an LRN, it should blind it under the declarant's key only
"""

import pytest

from ledger.domain.trade.references import blind_lrn, is_ucr


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
