"""What a repeated anchoring leaves out, when the stores can and cannot say whether they have it.

given a document that was sealed before
  when its batch is stored                     → it is left out
  when its batch is not                        → it is sealed anew
  when one store of several has it             → it is left out, whether the others are empty or away
  when none that answers has it, one is away, and it is anchored → it is left out: no second anchor of the same
  when none that answers has it, one is away, and it is not      → it is sealed anew
  when it was erased since                     → it is sealed anew
  when number, validity or readers differ      → it is sealed anew
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from ledger.cli import context, notes
from ledger.cli.known import Known, Sealed, terms_of
from ledger.domain.cid import Cid, raw_cid
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.ports.content_store import ContentStore
from ledger.services.storing import StoredBatch

MANIFEST, RECORD, CONTENT = Digest32(b"\1" * 32), b"\3" * 32, "ab" * 32
ISSUER, INVOICE = ParticipantId(5), DocumentType(380000)
TERMS = terms_of(number=None, to=[])


HAS, HAS_NOT, AWAY = True, False, None


class Store:
    """Says which batches are pinned, or that it is away."""

    def __init__(self, *, holds: bool | None) -> None:
        self._holds = holds

    def pinned(self, cids: Collection[Cid]) -> Mapping[Cid, bool]:
        if self._holds is None:
            raise Unavailable("the store is away")
        assert list(cids) == [raw_cid(MANIFEST)]
        return dict.fromkeys(cids, True) if self._holds else {}


@pytest.fixture(autouse=True)
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    with notes.Writer(TERMS) as note:
        note.add("invoice.json", None, RECORD, CONTENT)
        note.keep(StoredBatch(MANIFEST, Digest32(b"\2" * 32), ISSUER, INVOICE, 1))


def before(*holds: bool | None, anchored: bool = False, terms: str = TERMS) -> Digest32 | None:
    stores = [cast(ContentStore, Store(holds=one)) for one in holds]
    sealed = Sealed(stores, Known(ISSUER, INVOICE, terms), lambda manifest: anchored and manifest == MANIFEST)
    found = sealed.batch_of(CONTENT)
    sealed.close()
    return found


@pytest.mark.parametrize(
    ("holds", "anchored", "wanted"),
    [
        ((HAS,), False, MANIFEST),
        ((HAS_NOT,), True, None),
        ((AWAY,), True, MANIFEST),
        ((AWAY,), False, None),
        ((HAS, HAS_NOT), False, MANIFEST),
        ((HAS_NOT, HAS), True, MANIFEST),
        ((AWAY, HAS), False, MANIFEST),
        ((HAS_NOT, AWAY), True, MANIFEST),
        ((HAS_NOT, AWAY), False, None),
    ],
)
def test_what_is_left_out(holds: tuple[bool | None, ...], anchored: bool, wanted: Digest32 | None) -> None:
    assert before(*holds, anchored=anchored) == wanted


def test_what_was_erased_is_sealed_anew() -> None:
    notes.note_erasure(RECORD, Cid("bafy"))
    assert before(True) is None


def test_other_terms_make_another_document() -> None:
    assert before(True, terms=terms_of(number="7", to=[])) is None
