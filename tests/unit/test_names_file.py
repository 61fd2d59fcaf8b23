"""Display names from a file.

Given no file, it should know none, and take the file up once it is there
Given a file that changes, it should follow; given one that is damaged meanwhile, it should keep what it had
Given a damaged file at the start, it should refuse it
"""

import os
from pathlib import Path

import pytest

from ledger.adapters.names_file import NamesFile
from ledger.domain.errors import Malformed
from ledger.domain.ids import ParticipantId
from ledger.domain.profiles import read_names

ONE, TWO = ParticipantId(1), ParticipantId(2)


def put(file: Path, text: str) -> None:
    """As whole as `participants.json` is written by its owner: in one step."""
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    os.replace(draft, file)


def test_follows_the_file(tmp_path: Path) -> None:
    file = tmp_path / "participants.json"
    names = NamesFile(file)
    assert dict(names) == {}
    put(file, '{"1": {"name": "Customs"}}')
    assert names.get(ONE) == "Customs"
    put(file, '{"1": {"name": "Customs"}, "2": {"name": "Chamber"}}')
    assert dict(names) == {ONE: "Customs", TWO: "Chamber"}
    assert len(names) == 2
    file.unlink()
    assert names.get(ONE) is None


def test_damage_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "participants.json"
    put(file, '{"1": {"name": "Customs"}}')
    names = NamesFile(file)
    put(file, '{"1": ')
    assert names.get(ONE) == "Customs"
    put(file, '{"1": {"name": "Customs of the north"}}')
    assert names.get(ONE) == "Customs of the north"


def test_a_damaged_file_is_refused_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "participants.json"
    put(file, "[]")
    with pytest.raises(Malformed, match="not_an_object"):
        NamesFile(file)


def test_a_file_nested_without_end_is_refused() -> None:
    with pytest.raises(Malformed):
        read_names(b"[" * 100_000)
