"""Readers of the trade's documents never crash on damaged input, and never take a damaged value for another.

Given a real document with bytes changed, cut out, doubled or swapped
    it should be read, or refused with our errors: never an unexpected exception
Given quantities and amounts
    their decimal text should be read back to the same number
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.trade.declaration import QUANTITY_SCALE, decimal_text
from ledger.domain.trade.ephyto import read_ephyto
from ledger.domain.trade.wco_xml import read_declaration

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
DECLARATION = (SAMPLES / "derived" / "import-declaration.xml").read_bytes()
CERTIFICATE = (SAMPLES / "ephyto" / "SPSCertificateContent.xml").read_bytes()
HEADER = CERTIFICATE.index(b"AttachmentBinaryObject")
"""What follows is scanned pages; damage there is of no interest to the reader of fields."""
NUMBERS = st.integers(0, 10**15 * QUANTITY_SCALE - 1)


@st.composite
def damaged(draw: st.DrawFn, whole: bytes, until: int) -> bytes:
    """`whole` with one stretch before `until` replaced by something else."""
    start = draw(st.integers(0, until - 1))
    end = draw(st.integers(start, min(start + 200, until)))
    other = draw(st.integers(0, until - 1))
    put = draw(st.one_of(st.binary(max_size=20), st.just(whole[other : other + 100]), st.just(b"")))
    return whole[:start] + put + whole[end:]


@pytest.mark.parametrize(
    ("read", "whole", "until"),
    [(read_declaration, DECLARATION, len(DECLARATION)), (read_ephyto, CERTIFICATE, HEADER)],
)
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
def test_damage_is_read_or_refused(read: Callable[[bytes], Any], whole: bytes, until: int, data: st.DataObject) -> None:
    content = data.draw(damaged(whole, until))
    assert all(fault.code and fault.text for fault in faults_of(read, content))


def faults_of(read: Callable[[bytes], Any], content: bytes) -> Sequence[Fault]:
    """What is wrong with the content: nothing, the faults told, or that it is too large."""
    try:
        read(content)
    except Malformed as refused:
        return refused.faults
    except LimitExceeded as refused:
        return [Fault(refused.code, "", str(refused))]
    return ()


@given(NUMBERS)
def test_decimal_text_is_exact_and_shortest(scaled: int) -> None:
    text = decimal_text(scaled, QUANTITY_SCALE)
    assert Decimal(text) * QUANTITY_SCALE == scaled
    assert "." not in text or not text.endswith(("0", "."))


@given(NUMBERS)
def test_net_mass_is_read_back(scaled: int) -> None:
    text = decimal_text(scaled, QUANTITY_SCALE)
    content = DECLARATION.replace(b'"KGM">31</NetNet', f'"KGM">{text}</NetNet'.encode(), 1)
    assert read_declaration(content).items[0].net_mass.scaled == scaled
