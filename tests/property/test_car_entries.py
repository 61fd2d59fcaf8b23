"""The index of a CAR file, gathered through a spool, is the index that sorting all entries at once gives.

Given blocks in any order, some of them written twice
    it should list each once, at its last place, whatever had to go to the spool
    it should leave no file behind
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.adapters import car_entries
from ledger.adapters.car_entries import CarEntries
from ledger.domain.car import ENTRY_BYTES, encode_index, encode_index_head

few_digests = st.binary(min_size=32, max_size=32) | st.sampled_from([bytes([first]) * 32 for first in (0, 0, 7, 255)])
blocks = st.lists(st.tuples(few_digests, st.integers(0, (1 << 63) - 1)), max_size=60)


@given(blocks, st.integers(0, 1 << 62), st.integers(1, 20))
def test_spooled_entries_make_the_plain_index(added: list[tuple[bytes, int]], shift: int, held: int) -> None:
    ascending = list(zip((digest for digest, _ in added), sorted(offset for _, offset in added), strict=True))
    last = dict(ascending)
    plain = encode_index([digest + (last[digest] + shift).to_bytes(8, "little") for digest in sorted(last)])
    with TemporaryDirectory() as folder, patch.object(car_entries, "_HELD_BYTES", held * ENTRY_BYTES):
        entries = CarEntries(Path(folder), ".tmp")
        for digest, offset in ascending:
            entries.add(digest, offset)
        spooled = b"".join(entries.index(shift))
        assert encode_index_head(len(spooled) // ENTRY_BYTES) + spooled == plain
        assert list(entries.digests()) == sorted(last)
        assert list(Path(folder).iterdir()) == []
        entries.close()


def test_memory_holds_a_bounded_number_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(car_entries, "_HELD_BYTES", 100 * ENTRY_BYTES)
    entries = CarEntries(tmp_path, ".tmp")
    most = 0
    for number in range(1_000):
        entries.add(number.to_bytes(32, "little"), number)
        most = max(most, sum(map(len, entries._parts)))
    assert most < 100 * ENTRY_BYTES
    entries.close()
