"""Every parser of outside bytes, on damaged input: it reads or refuses.

given a true input with stretches changed, cut out, doubled or swapped, or bytes without any sense
  → it is read, or refused with an error of ours: never an unexpected exception
`-m long` runs 200 times the examples, in a process that may not grow by more than GROWTH_BYTES. Input made to hurt:
`tests/fault/test_hostile_bytes.py`.
"""

import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.errors import TamgaError
from ledger.domain.limits import MIB
from tests.support.parsers import PARSERS, Parser

QUIET = [HealthCheck.data_too_large, HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
MANY = settings(max_examples=5_000, deadline=None, suppress_health_check=QUIET)
GROWTH_BYTES = 512 * MIB
FEW = settings(max_examples=25, deadline=None, suppress_health_check=QUIET)


@st.composite
def damaged(draw: st.DrawFn, parser: Parser) -> bytes:
    """A true input with up to four stretches replaced, or any bytes at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=400))
    whole = draw(st.sampled_from(list(parser.seeds)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(0, len(whole) - 1)))
        end = draw(st.integers(start, min(start + 200, len(whole))))
        other = draw(st.integers(0, max(0, len(whole) - 1)))
        put = draw(st.binary(max_size=20) | st.just(whole[other : other + 100]) | st.just(b"\xff" * 8))
        whole = whole[:start] + put + whole[end:]
    return whole


def check(parser: Parser, data: st.DataObject) -> None:
    content = data.draw(damaged(parser))
    with suppress(TamgaError):
        parser.read(content)


@pytest.mark.parametrize("name", PARSERS)
@FEW
@given(data=st.data())
def test_damage_is_read_or_refused(name: str, data: st.DataObject) -> None:
    check(PARSERS[name], data)


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Lets the address space grow by so much: who wants more gets a MemoryError, which is no error of ours."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + GROWTH_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.long
@pytest.mark.usefixtures("little_memory")
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", PARSERS)
@MANY
@given(data=st.data())
def test_much_damage_is_read_or_refused(name: str, data: st.DataObject) -> None:
    check(PARSERS[name], data)
