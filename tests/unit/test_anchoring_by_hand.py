"""Which sealed batch `tamga anchor` puts on the chain, and in whose name.

given a batch that this machine sealed
  when as many stores as are required have it   → it is anchored
  when one of two has it, and both are required → not now, and what mends that; nothing is sealed or sent
  when no store has it                          → its documents are to be sealed again
  when the key acts for somebody else           → refused before anything is sent
given a manifest's digest that was cut off, or typed in capitals → it is told as such, not taken for a document
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.adapters.replicas import ReplicatedStore
from ledger.cli import context, notes, sealing
from ledger.domain.errors import ActRefused, Malformed, NotFound, TamgaError, Unavailable
from ledger.domain.ids import Digest32, ParticipantId
from ledger.ports.signer import Signer
from ledger.services.storing import StoredBatch
from tests.support.content import MemoryStore
from tests.support.evidence import ISSUER, PHYTOSANITARY, seal, text_document
from tests.support.fake_chain import FakeChain

SEALED = seal([text_document(0)])
BATCH = StoredBatch(SEALED.manifest_digest, SEALED.root, ISSUER, PHYTOSANITARY, 1)


class Place:
    """A machine whose acts are anchors of `BATCH`, with two content stores."""

    def __init__(self) -> None:
        self.chain, self.stores = FakeChain(), [MemoryStore(), MemoryStore()]
        self.key_of: ParticipantId = ISSUER
        self.chain.answer("DocumentRegistry", "anchorWord", lambda _args, _at: bytes(32))
        self.sent = 0

    def anchor(self, _: StoredBatch) -> None:
        self.sent += 1
        args = {"issuer": self.key_of, "h": 1, "root": BATCH.root, "manifest": BATCH.manifest}
        self.chain.mine(("DocumentRegistry", "Anchored", args))

    def hold(self, *places: int) -> None:
        for place in places:
            self.stores[place].put_batch(SEALED.blocks(), SEALED.pins())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place()

    @contextmanager
    def turn(_: Signer) -> Iterator[Place]:
        yield made

    network = SimpleNamespace(directory="0x")
    chain = SimpleNamespace(reader=made.chain, network=network)
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    monkeypatch.setattr(context, "signer", lambda _: None)
    monkeypatch.setattr(context, "participant_of", lambda _: made.key_of)
    monkeypatch.setattr(context, "hand", lambda: SimpleNamespace(chain=chain))
    monkeypatch.setattr(context, "turn_of", turn)
    monkeypatch.setattr(sealing, "open_contents", lambda _: ReplicatedStore(made.stores, required=2))
    with notes.Writer() as note:
        note.add("a.txt", None, SEALED.documents[0].record_id)
        note.keep(BATCH)
    return made


def anchor(manifest: Digest32 = BATCH.manifest) -> None:
    sealing.anchor([manifest.hex()], "key")


def test_a_batch_with_enough_replicas_is_anchored_once(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.hold(0, 1)
    anchor()
    anchor()
    assert place.sent == 1
    assert capsys.readouterr().out.count("anchored in block 1") == 2


@pytest.mark.parametrize(("holders", "refusal"), [((0,), Unavailable), ((1,), Unavailable), ((), NotFound)])
def test_a_batch_without_them_is_not(place: Place, holders: tuple[int, ...], refusal: type[TamgaError]) -> None:
    place.hold(*holders)
    with pytest.raises(refusal, match="contents repair" if holders else "seal the documents again"):
        anchor()
    assert place.sent == 0


def test_another_participants_key_anchors_nothing(place: Place) -> None:
    place.hold(0, 1)
    place.key_of = ParticipantId(18)
    with pytest.raises(ActRefused) as refused:
        anchor()
    assert (refused.value.error, refused.value.arguments) == ("NotIssuer", {"participant": 18, "issuer": ISSUER})
    assert place.sent == 0


@pytest.mark.parametrize("typed", [BATCH.manifest.hex()[:-1], f"0x{BATCH.manifest.hex()}00"], ids=["short", "long"])
def test_a_wrong_digest_is_no_document(place: Place, typed: str) -> None:
    with pytest.raises(Malformed) as refused:
        sealing.anchor([typed], "key")
    assert [(fault.code, fault.path) for fault in refused.value.faults] == [("hex", "/manifest")]
    assert place.sent == 0


def test_batches_tell_how_many_stores_have_each(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.hold(1)
    sealing.batches(as_json=True)
    shown = capsys.readouterr().out
    assert '"stored": true' in shown
    assert '"replicas": 1' in shown
