"""Reference numbers that other customs gave: HMRC's published messages carry real MRNs."""

import re
from pathlib import Path

import pytest

from ledger.domain.errors import Malformed
from ledger.domain.reference_numbers import check_digit, parse_mrn

REAL = ["24GBDIRIGZ7QLCPAA8", "21GB31AJB9S50C90R6", "22GB37AEDQ0215GAR0", "20GB1Q3RTK463FGVR4", "21GB6N3J01TZYYE1R0"]
ASSESSMENT = Path(__file__).resolve().parents[1] / "samples" / "hmrc-cds" / "generic_13_tax_assessment.xml"


@pytest.mark.parametrize("mrn", REAL)
def test_real_numbers_have_their_check_digit(mrn: str) -> None:
    assert parse_mrn(mrn).country == "GB"
    assert check_digit(mrn[:-1]) == mrn[-1]


@pytest.mark.parametrize("mrn", REAL)
def test_no_other_check_digit_will_do(mrn: str) -> None:
    for digit in set("0123456789") - {mrn[-1]}:
        with pytest.raises(Malformed, match="mrn_check_digit"):
            parse_mrn(mrn[:-1] + digit)


def test_the_sample_assessment_names_one_of_them() -> None:
    found = re.search("<ID>([0-9]{2}GB[0-9A-Z]{14})</ID>", ASSESSMENT.read_text())
    assert found is not None
    assert found.group(1) in REAL
