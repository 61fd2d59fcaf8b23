"""Commands that change what content stores pin, given at once on one home: one waits for the other, and says so.

given an erasure that is under way
  when another, or a repair, is begun → it waits, says so, and finds what the first has left
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.adapters.replicas import ReplicatedStore
from ledger.cli import context, erasing, keeping
from ledger.domain.ids import Digest32
from ledger.services.opening import open_document
from tests.support.content import MemoryStore
from tests.support.evidence import CUSTOMS, ISSUER, LEDGER, seal, text_document
from tests.support.fake_chain import FakeChain
from tests.unit.test_evidence_services import AccountSigner

BATCH = seal([text_document(n) for n in range(3)])


class Held(MemoryStore):
    """Stops in the middle of its first collection until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.collecting, self.go_on = threading.Event(), threading.Event()
        self.pinnings = 0

    def repin(self, *args: object) -> None:
        self.pinnings += 1
        super().repin(*args)  # type: ignore[arg-type]  # passed on as they are

    def collect(self) -> None:
        self.collecting.set()
        assert self.go_on.wait(60)
        super().collect()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Held:
    made = Held()
    made.put_batch(BATCH.blocks(), BATCH.pins())
    chain = FakeChain()
    chain.answer("DocumentRegistry", "erasureOrderedAt", lambda *_: 0)
    hand = SimpleNamespace(chain=SimpleNamespace(reader=chain, network=SimpleNamespace(ledger_id=LEDGER)))
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    monkeypatch.setattr(context, "hand", lambda: hand)
    monkeypatch.setattr(context, "signer", lambda _: AccountSigner())
    monkeypatch.setattr(context, "participant_of", lambda _: ISSUER)
    monkeypatch.setattr(erasing, "_order_erasure", lambda *_: None)
    monkeypatch.setattr(erasing, "local_records", lambda _: None)
    for command in (erasing, keeping):
        monkeypatch.setattr(command, "open_contents", lambda _: ReplicatedStore([made], required=1))
    return made


@pytest.mark.parametrize("second", ["erase", "repair"])
def test_who_comes_second_waits_and_says_so(store: Held, second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said, waits = [], threading.Event()

    def say(text: str, **_: object) -> None:
        said.append(text)
        waits.set()

    monkeypatch.setattr(context.errors, "print", say)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(_erase, 0)
        assert store.collecting.wait(60)
        pinnings = store.pinnings
        other = threads.submit(_erase, 1) if second == "erase" else threads.submit(keeping.repair, as_json=True)
        assert waits.wait(60)
        assert store.pinnings == pinnings, "nothing is pinned anew meanwhile"
        store.go_on.set()
        first.result()
        other.result()
    assert said == ["waiting: another command changes the content stores"]
    left = [leaf for leaf, document in enumerate(BATCH.documents) if store.has(document.envelope)]
    assert left == ([2] if second == "erase" else [1, 2])
    assert open_document(store, CUSTOMS, BATCH.manifest_digest, 2).content == b"document 2"


def _erase(leaf: int) -> None:
    erasing.erase(Digest32(BATCH.manifest_digest).hex(), leaf, erasing.Why.COURT_ORDER, "key", as_json=True)
