"""Looking for an act that somebody carried, in a history of any length.

given an act in the index             → found there, with its refusal; no block is read
given one in blocks that came after   → found in those, and in those alone
given an id that no act has           → NotFound, and no more than those blocks is read
given no index                        → the whole history is read
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.errors import NotFound
from ledger.domain.ids import Digest32
from ledger.ports.outbox import OutboxState
from ledger.services.acts import Acts
from ledger.services.indexing import Indexer
from tests.support.databases import fresh_url
from tests.support.fake_chain import FakeChain
from tests.support.ledgers import key

ACTOR = key("actor").address
CODEC = Contracts.packaged()
WRITER = EvmWriter(EvmRpc("http://127.0.0.1:9", timeout_s=0.1), CODEC)


def act_id(number: int) -> Digest32:
    return Digest32(number.to_bytes(32))


def carried(number: int, name: str = "ActExecuted") -> tuple[str, str, dict[str, object]]:
    return "ActForwarder", name, {"actId": act_id(number), "actor": ACTOR, "nonce": number, "reason": b""}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(fresh_url("sqlite", tmp_path))) as opened:
        yield opened


@pytest.fixture
def chain(database: Database) -> FakeChain:
    made = FakeChain()
    made.mine(carried(1), carried(2, "ActRefused"))
    made.mine(*(("DeclarationRegistry", "Arrived", {"caseId": number}) for number in range(1, 4)))
    list(Indexer(made, SqlIndexStore(database)).catch_up())
    made.mine(carried(3))
    made.calls.clear()
    return made


@pytest.fixture
def acts(chain: FakeChain, database: Database) -> Acts:
    return Acts(chain, WRITER, CODEC, SqlOutbox(database), SystemClock(), index=SqlIndexStore(database))


def test_an_act_in_the_index_is_found_there(acts: Acts, chain: FakeChain) -> None:
    done, refused = acts.find(act_id(1)), acts.find(act_id(2))
    assert (done.state, done.actor, done.block_number) == (OutboxState.FINAL, ACTOR, 1)
    assert refused.state is OutboxState.REFUSED
    assert "events" not in chain.calls


def test_a_newer_act_is_found_in_what_is_not_indexed_yet(
    acts: Acts, chain: FakeChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, int]] = []
    find = chain.find_events
    monkeypatch.setattr(chain, "find_events", lambda *args: read.append(args[3:]) or find(*args))
    assert acts.find(act_id(3)).block_number == 3
    with pytest.raises(NotFound):
        acts.find(act_id(4))
    assert set(read) == {(3, 3)}


def test_without_an_index_all_blocks_are_read(chain: FakeChain, database: Database) -> None:
    acts = Acts(chain, WRITER, CODEC, SqlOutbox(database), SystemClock())
    assert acts.find(act_id(1)).block_number == 1
    assert "events" in chain.calls
