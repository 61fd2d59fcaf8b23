"""SIGKILL at random moments of a process that collects documents: what it accepted is anchored once, none twice.

given documents that are sealed, stored, accepted and anchored in batches
  when the process dies at any moment, and another key of the issuer takes numbers of its sequence
    → each document that was told to be accepted is in a batch that is anchored once, and can be opened; no batch of
      this store is anchored twice; what a killed life had not told was not promised
`-m long` runs the long campaign: TAMGA_KILLS lives, 300 if not given.
"""

import os
import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from ledger.adapters.evm.direct import Direct
from ledger.adapters.file_store import FileStore
from ledger.devnet.engines import Engine, running_chain
from ledger.domain.anchor import pack_head
from ledger.domain.errors import TamgaError
from ledger.domain.ids import Digest32, ParticipantId
from ledger.services.anchoring import next_sequence
from ledger.services.opening import BatchReader
from tests.support.collector import Collecting, drain, killed_life
from tests.support.killer import MOMENT_S, Doom
from tests.support.ledgers import SERVICE_ANCHOR, TestLedger, install, key
from tests.support.postgres import postgres_url

pytestmark = [pytest.mark.integration, pytest.mark.timeout(0)]
RIVAL = Digest32(b"\xfe" * 32)
"""Manifest of all anchors of the other key."""
EXCHANGES = (20, 300)
"""Fewest and most exchanges with the node in a life: holding the key, the first number and a batch take some ten."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[TestLedger]:
    with running_chain(Engine.GETH, tmp_path / "chain") as chain:
        made = install(chain)
        yield made
        made.rpc.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'outbox.db'}" if request.param == "sqlite" else postgres_url(tmp_path / "pg")


def campaign(ledger: TestLedger, database: str, folder: Path, *, kills: int) -> Collecting:
    """Kill so many lives, let one carry the rest to its end, and look at what is on the chain."""
    service, rival, dice = key("service"), key("rival"), random.Random(kills)
    issuer = ParticipantId(ledger.admit("issuer", (service, SERVICE_ANCHOR), (rival, SERVICE_ANCHOR)))
    directory, registry = ledger.network.directory, ledger.reader.address_of("DocumentRegistry")
    work = Collecting(ledger.chain.rpc_url, directory, ledger.network.ledger_id, database, service, issuer, folder)
    direct, taken = Direct(ledger.rpc, ledger.contracts), 0

    def take_a_number() -> None:
        nonlocal taken
        time.sleep(dice.uniform(0.02, 0.4))
        head = pack_head(next_sequence(ledger.reader, issuer, at=ledger.reader.head()), 0, 1)
        call = ledger.contracts.encode_call("DocumentRegistry", "anchor", (head, secrets.token_bytes(32), RIVAL))
        with suppress(TamgaError):  # the collector was faster
            direct.transact(rival, registry, call, gas=200_000)
            taken += 1

    for _ in range(kills):
        killed_life(work, Doom(dice.randint(*EXCHANGES), dice.uniform(0, MOMENT_S)), take_a_number)
    drain(work)

    accepted = work.accepted()
    promised = {manifest for manifest, _ in accepted}
    found = ledger.reader.find_events(
        "DocumentRegistry", "Anchored", {"issuer": issuer}, 0, ledger.reader.head().number
    )
    anchored = Counter(event.args["manifest"].hex() for event in found)
    assert anchored.pop(RIVAL.hex(), 0) == taken
    assert set(anchored.values()) == {1}, "a batch was anchored twice"
    assert promised - anchored.keys() == set(), "a promised batch was not anchored"
    assert len(set(accepted)) == len(accepted), "two documents have one place"
    with closing(FileStore(folder / "store")) as store:
        for manifest in anchored:
            batch = BatchReader(store, Digest32(bytes.fromhex(manifest)))
            assert {leaf for found, leaf in accepted if found == manifest} <= set(range(batch.manifest.size))
            assert batch.record_id(batch.manifest.size - 1)
    print(f"{kills} lives killed, {taken} numbers taken by another key")
    print(f"{len(accepted)} documents accepted in {len(promised)} batches, {len(anchored)} anchored, each once")
    assert taken > 0
    return work


def test_killed_while_it_collects(ledger: TestLedger, database: str, tmp_path: Path) -> None:
    assert campaign(ledger, database, tmp_path, kills=10).accepted()


@pytest.mark.long
def test_long_campaign(ledger: TestLedger, database: str, tmp_path: Path) -> None:
    lives = int(os.environ.get("TAMGA_KILLS", "300"))
    assert len(campaign(ledger, database, tmp_path, kills=lives).accepted()) > lives
