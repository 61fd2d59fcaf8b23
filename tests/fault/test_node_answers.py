"""A node that is away, late, cut short, asked twice, that mixes up answers or is of another chain: anchored once.

given a sender on a real node and either database, and a client that has two anchors accepted
└── when one HTTP exchange goes wrong, each in turn and in each way
    ├── what it tells should name the cause
    └── without a restart each anchor should be there once, under its own sequence number, and its row FINAL

Anchors of one issuer are gap-free: a lost one refuses the next, and a doubled one is refused itself.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.devnet.engines import CHAIN_ID, Engine
from ledger.domain.errors import Refused, Unavailable
from ledger.ports.outbox import OutboxState
from ledger.services.sender import Sender
from tests.support.bad_node import BadNode, Trouble
from tests.support.databases import DATABASES, fresh_url
from tests.support.facades import own_chain
from tests.support.killer import Work
from tests.support.ledgers import SERVICE_ANCHOR, TestLedger, install, key

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
CONTRACTS = Contracts.packaged()
CAUSES = {
    Trouble.AWAY: ("no answer from", "Connection refused"),
    Trouble.LATE: ("no answer from", "timed out"),
    Trouble.TRUNCATED: ("without JSON",),
    Trouble.TWICE: (),  # the second answer says "known" or "nonce too low", which is no trouble at all
    Trouble.OTHERS: ("answered other requests than were asked",),
    Trouble.ELSEWHERE: (),  # another chain's answer looks like any other; what it says depends on the request
    Trouble.NOISE: ("HTTP 502",),
}


@dataclass
class Issuer:
    """An anchoring key, and how many anchors it has made."""

    ledger: TestLedger
    number: int
    elsewhere: str
    done: int = 0


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    other = own_chain(Engine.ANVIL, tmp_path_factory.mktemp("elsewhere"), chain_id=CHAIN_ID + 1)
    with own_chain(Engine.ANVIL, tmp_path_factory.mktemp("here")) as here, other as there:
        ledger = install(here)
        number = ledger.admit("service", (key("service"), SERVICE_ANCHOR))
        yield Issuer(ledger, number, there.rpc_url)
        ledger.rpc.close()


def live(issuer: Issuer, database: str, node: BadNode) -> list[str]:
    """Anchor two more over this connection, and return what was told on the way."""
    network, told = issuer.ledger.network, []
    work = Work(network.rpc_url, network.directory, database, key("service"), issuer.number, issuer.done + 2)
    with (
        EvmRpc(network.rpc_url, chain_id=network.chain_id, genesis=network.genesis, exchange=node) as rpc,
        closing(Database(database)) as opened,
    ):
        reader = EvmReader(rpc, CONTRACTS, network.directory)
        outbox, ticks = SqlOutbox(opened), count()
        sender = Sender(
            reader, EvmWriter(rpc, CONTRACTS), key("service"), outbox, CONTRACTS, monotonic=lambda: float(next(ticks))
        )
        registry = issuer.ledger.reader.address_of("DocumentRegistry")
        wanted = [work.submission(CONTRACTS, registry, number) for number in range(issuer.done + 1, work.count + 1)]
        keys = [one.key for one in wanted]
        sender.submit_many(wanted)
        with sender.hold():
            for _ in range(60):
                try:
                    if not sender.step():
                        break
                except (Unavailable, Refused) as trouble:
                    told.append(str(trouble))
        rows = outbox.get_many(keys)
    assert [row and row.state for row in rows] == [OutboxState.FINAL] * 2, (node.exchanges, told)
    issuer.done += 2
    return told


def sequences(issuer: Issuer) -> list[int]:
    head = issuer.ledger.reader.head()
    found = issuer.ledger.reader.find_events("DocumentRegistry", "Anchored", {"issuer": issuer.number}, 0, head.number)
    return [event.args["h"] >> 56 & (1 << 40) - 1 for event in found]


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name.lower())
def test_every_exchange_going_wrong(issuer: Issuer, tmp_path: Path, trouble: Trouble, kind: str) -> None:
    told: list[str] = []
    for at in range(1, 200):
        folder = tmp_path / str(at)
        folder.mkdir()
        with closing(BadNode(at, trouble, issuer.ledger.network.rpc_url, issuer.elsewhere)) as node:
            told += live(issuer, fresh_url(kind, folder), node)
        if not node.spoiled:
            break
    else:
        pytest.fail("a life has no end")
    assert at > 10
    assert sequences(issuer) == list(range(1, issuer.done + 1))
    for cause in CAUSES[trouble]:
        assert any(cause in text for text in told), set(told)
    if trouble is Trouble.ELSEWHERE:
        assert any("serves chain" in text or "another" in text or "behind" in text for text in told), set(told)
    print(f"{trouble} on {kind}: {at - 1} exchanges, told {sorted({text[:90] for text in told})}")
