"""Finding anchors in a history that is too long to be asked for at once.

given anchors of several issuers, spread over many blocks
  when one is looked for      → it is found, the newest part of the history first, and no more is read than that takes
  when there is none          → NotFound, after the whole history
  when all are read, in order → each once, part by part
"""

import pytest

from ledger.domain.errors import NotFound
from ledger.domain.ids import Digest32, ParticipantId
from ledger.services import anchoring
from ledger.services.anchoring import find_anchor, registry_events
from tests.support.fake_chain import FakeChain

ISSUER = ParticipantId(17)


def manifest(number: int) -> Digest32:
    return Digest32(number.to_bytes(32))


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> FakeChain:
    monkeypatch.setattr(anchoring, "FIND_RANGE_BLOCKS", 4)
    made = FakeChain()
    for number in range(1, 11):
        args = {"issuer": 17 if number % 2 else 18, "manifest": manifest(number)}
        made.mine(("DocumentRegistry", "Anchored", args))
    return made


@pytest.mark.parametrize(("number", "asked"), [(9, 1), (7, 1), (5, 2), (1, 3)])
def test_an_anchor_is_found_from_the_newest_on(chain: FakeChain, number: int, asked: int) -> None:
    found = find_anchor(chain, ISSUER, manifest(number), until=chain.head())
    assert (found.block.number, chain.calls.count("events")) == (number, asked)


def test_no_anchor_is_not_found(chain: FakeChain) -> None:
    with pytest.raises(NotFound):
        find_anchor(chain, ISSUER, manifest(2), until=chain.head())  # another issuer's
    assert chain.calls.count("events") == 3
    with pytest.raises(NotFound):
        find_anchor(chain, ISSUER, manifest(5), until=chain.head(), since=6)


def test_all_are_read_part_by_part(chain: FakeChain) -> None:
    found = registry_events(chain, "Anchored", until=chain.head())
    first = next(found)
    assert chain.calls.count("events") == 1
    assert [event.block.number for event in (first, *found)] == list(range(1, 11))
