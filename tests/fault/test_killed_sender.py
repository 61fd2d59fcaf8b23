"""SIGKILL at random moments, of the sender and of the node: every accepted batch is anchored once, none twice.

`-m long` runs the long campaign: TAMGA_KILLS cycles, 1,000 if not given.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.devnet.engines import Chain, Engine, start_chain
from ledger.domain.ids import Address
from ledger.ports.outbox import OutboxState
from tests.support.killer import Campaign, Work, campaign
from tests.support.ledgers import SERVICE_ANCHOR, TestLedger, install, key
from tests.support.postgres import postgres_url

pytestmark = pytest.mark.integration
LIVES = {Engine.GETH: 90, Engine.GANACHE: 10}
"""With each database: two hundred in all. Ganache takes five times as long for the same."""
ANCHORS_A_LIFE = 120
"""More than one carries before it is killed, so that the last of them finds something to do as well."""
DURABLE = [engine for engine in Engine if engine.durable]


class Node:
    """A chain that can be killed and comes back on its state and port."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self._folder = engine, folder
        self.chain: Chain = start_chain(engine, folder)
        self._port = int(self.chain.rpc_url.rsplit(":", 1)[1])

    def kill_and_restart(self) -> None:
        self.chain.process.kill()
        self._collect()
        self.chain = start_chain(self.engine, self._folder, port=self._port)

    def stop(self) -> None:
        self.chain.process.stop()
        self._collect()

    def _collect(self) -> None:
        """The pid of a killed process goes before its threads do, and with them its port."""
        if self.chain.process.child is not None:
            self.chain.process.child.wait()


@pytest.fixture(params=DURABLE, ids=str)
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    started = Node(request.param, tmp_path / "chain")
    yield started
    started.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'outbox.db'}" if request.param == "sqlite" else postgres_url(tmp_path / "pg")


def assert_anchored_once(ledger: TestLedger, work: Work) -> None:
    with closing(Database(work.database)) as database:
        rows = SqlOutbox(database).get_many(work.keys())
    assert [row and (row.state, row.error) for row in rows] == [(OutboxState.FINAL, None)] * work.count
    head = ledger.reader.head()
    found = ledger.reader.find_events("DocumentRegistry", "Anchored", {"issuer": work.issuer}, 0, head.number)
    sequences = [event.args["h"] >> 56 & (1 << 40) - 1 for event in found]
    assert sequences == list(range(1, work.count + 1))


def run(ledger: TestLedger, database: str, *, kills: int, count: int, restart: Callable[[], None]) -> Campaign:
    signer = key("service")
    issuer = ledger.admit("service", (signer, SERVICE_ANCHOR))
    directory: Address = ledger.network.directory
    work = Work(ledger.chain.rpc_url, directory, database, signer, issuer, count)
    told = campaign(work, kills=kills, seed=kills, restart_node=restart)
    assert_anchored_once(ledger, work)
    ledger.rpc.close()
    print(f"{told.killed} of {kills} lives killed at work, the node {told.nodes_killed} times")
    print(f"rows that the killed left open, by state: {dict(told.left)}")
    print(f"{count} anchors, {told.done} of them done before the last life, each of them once")
    return told


@pytest.mark.timeout(1800)
def test_killed_sender_and_node(node: Node, database: str) -> None:
    lives = LIVES[node.engine]
    told = run(install(node.chain), database, kills=lives, count=lives * ANCHORS_A_LIFE, restart=node.kill_and_restart)
    assert told.killed > lives * 3 // 4
    assert told.left.total() > lives * 3 // 4, "these lives did nothing before they were killed"
    assert told.done > lives * 10, "these lives were killed before they carried anything"


@pytest.mark.long
@pytest.mark.timeout(0)
def test_long_campaign(node: Node, database: str) -> None:
    cycles = int(os.environ.get("TAMGA_KILLS", "1000"))
    told = run(
        install(node.chain), database, kills=cycles, count=cycles * ANCHORS_A_LIFE, restart=node.kill_and_restart
    )
    assert told.killed > cycles * 3 // 4
    assert told.left.total() > cycles * 3 // 4, "these lives did nothing before they were killed"
    assert told.done > cycles * 10, "these lives were killed before they carried anything"
    # SENT is written with the next moves: where a transaction is mined at once, nobody may ever see it.
    seen = "SIGNED" if node.engine is Engine.GANACHE else "SENT"
    assert {"ACCEPTED", seen} <= set(told.left)
