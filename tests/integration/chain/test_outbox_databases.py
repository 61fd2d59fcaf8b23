"""The outbox on SQLite and on PostgreSQL: the same answers, and what a database in trouble does.

given a database
├── when a row is accepted twice it should be kept once; with other content it should be a conflict, and nothing kept
├── when processes accept the same row at once each should get the one that is kept
├── when rows are advanced all should be, or none
├── when a nonce is taken, or a raw transaction stored, no other should take its place
├── when an operator decides about what the node refuses it should stand, and only what is renewed be signed again
├── when the lease is lost or never held nothing should be written
├── when a process that holds a lease dies the next should get it at once
└── when the disk is full, the folder cannot be written, or the server is away, the error should name it
"""

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.errors import Conflict, NotFound, Unavailable
from ledger.domain.ids import Address, BlockHash, Digest32, TxHash
from ledger.ports.outbox import ABANDONED, NODE_REFUSES, RENEWED, OutboxRow, OutboxState, Release
from ledger.services import effects
from tests.support.postgres import postgres_url

pytestmark = pytest.mark.integration

SIGNER, OTHER = Address("0x" + "a1" * 20), Address("0x" + "b2" * 20)
ACCEPTED, SIGNED, SENT, MINED, FINAL, CONFLICT = (
    OutboxState.ACCEPTED,
    OutboxState.SIGNED,
    OutboxState.SENT,
    OutboxState.MINED,
    OutboxState.FINAL,
    OutboxState.CONFLICT,
)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> str:
    return postgres_url(tmp_path_factory.mktemp("pg"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'outbox.db'}"
    found: str = request.getfixturevalue("postgres")
    with closing(Database(found)) as database, database.writing() as connection:
        connection.execute(text("TRUNCATE outbox, nonce_release, signer_lease"))
    return found


@pytest.fixture
def outbox(url: str) -> Iterator[SqlOutbox]:
    with closing(Database(url)) as database:
        yield SqlOutbox(database)


def row(key: str, *, signer: Address = SIGNER, content: bytes = b"c") -> OutboxRow:
    return OutboxRow(key, Digest32(content * 32), signer, OTHER, b"calldata", 100_000, ACCEPTED, effect='{"a": 1}')


def signed(accepted: OutboxRow, nonce: int) -> OutboxRow:
    tx_hash = TxHash(nonce.to_bytes(32, "big"))
    return replace(accepted, state=SIGNED, nonce=nonce, raw=b"raw %d" % nonce, tx_hash=tx_hash)


def test_rows_come_back_as_they_were(outbox: SqlOutbox) -> None:
    accepted = outbox.accept(row("one"))
    assert accepted == row("one")
    mined = replace(signed(accepted, 3), state=MINED, block_number=7, block_hash=BlockHash(b"\7" * 32), error="why")
    with outbox.lease(SIGNER):
        outbox.advance(signed(accepted, 3), expected=ACCEPTED)
        outbox.advance(mined, expected=SIGNED)
    assert outbox.get("one") == mined
    assert outbox.get_many(["none", "one"]) == [None, mined]


def test_accepted_once(outbox: SqlOutbox) -> None:
    outbox.accept(row("one"))
    assert outbox.accept_many([row("one"), row("two"), row("two")]) == [row("one"), row("two"), row("two")]
    with pytest.raises(Conflict, match="one"):
        outbox.accept_many([row("three"), row("one", content=b"d")])
    with pytest.raises(Conflict, match="four"):
        outbox.accept_many([row("four"), row("four", content=b"d")])
    assert [r.key for r in outbox.open_rows(SIGNER, limit=10)] == ["one", "two"]


def test_a_new_row_is_given_back_itself(outbox: SqlOutbox) -> None:
    """By that its sender knows that nobody can have sent it before, and asks the chain nothing about it."""
    mine = [row("one"), row("two")]
    assert all(kept is own for kept, own in zip(outbox.accept_many(mine), mine, strict=True))
    again, new = row("one"), row("three")
    kept = outbox.accept_many([again, new])
    assert kept[0] is not again
    assert kept[1] is new


def test_accepted_once_by_many_at_once(url: str, outbox: SqlOutbox) -> None:
    rounds, together = 25, threading.Barrier(6)

    def accept(_: int) -> list[OutboxRow]:
        with closing(Database(url)) as database:
            mine = SqlOutbox(database)
            together.wait()
            return [mine.accept(row(f"key {number}")) for number in range(rounds)]

    def accept_another(_: int) -> list[str]:
        with closing(Database(url)) as database:
            mine = SqlOutbox(database)
            together.wait()
            return [_refused(mine, row(f"key {number}", content=b"d")) for number in range(rounds)]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(accept, range(6)))
        assert found == [[row(f"key {number}") for number in range(rounds)]] * 6
        assert [r.key for r in outbox.open_rows(SIGNER, limit=100)] == [f"key {number}" for number in range(rounds)]
        for refused in pool.map(accept_another, range(6)):
            assert refused == [f"the key key {number} was used for another request" for number in range(rounds)]


def _refused(outbox: SqlOutbox, other: OutboxRow) -> str:
    with pytest.raises(Conflict) as refused:
        outbox.accept(other)
    return str(refused.value)


def test_order_and_views(outbox: SqlOutbox) -> None:
    accepted = outbox.accept_many([row(str(i)) for i in range(6)] + [row("other", signer=OTHER)])
    assert outbox.next_nonce(SIGNER) == 0
    with outbox.lease(SIGNER):
        outbox.advance_many([(signed(accepted[4], 5), ACCEPTED), (signed(accepted[2], 6), ACCEPTED)])
        outbox.advance(replace(signed(accepted[2], 6), state=FINAL), expected=SIGNED)
    assert [r.key for r in outbox.open_rows(SIGNER, limit=3)] == ["4", "0", "1"]
    assert [r.key for r in outbox.open_rows(SIGNER, limit=10)] == ["4", "0", "1", "3", "5"]
    assert [r.key for r in outbox.in_state(SIGNER, FINAL)] == ["2"]
    assert [r.key for r in outbox.at_nonces(SIGNER, 5, 6)] == ["4", "2"]
    assert [r.key for r in outbox.at_nonces(SIGNER, 6, 9)] == ["2"]
    assert (outbox.next_nonce(SIGNER), outbox.next_nonce(OTHER)) == (7, 0)


def test_advanced_all_or_none(outbox: SqlOutbox) -> None:
    one, two = outbox.accept_many([row("one"), row("two")])
    with outbox.lease(SIGNER):
        with pytest.raises(Conflict, match="two is ACCEPTED, not SENT"):
            outbox.advance_many([(signed(one, 0), ACCEPTED), (signed(two, 1), SENT)])
        with pytest.raises(Conflict, match="ghost"):
            outbox.advance(signed(row("ghost"), 3), expected=ACCEPTED)
        assert outbox.get_many(["one", "two"]) == [one, two]


def test_one_transaction_for_a_nonce(outbox: SqlOutbox) -> None:
    one, two = outbox.accept_many([row("one"), row("two")])
    with outbox.lease(SIGNER):
        outbox.advance(signed(one, 0), expected=ACCEPTED)
        with pytest.raises(Conflict, match="second row"):
            outbox.advance(signed(two, 0), expected=ACCEPTED)
        with pytest.raises(Conflict, match="never signed again"):
            outbox.advance(signed(one, 1), expected=SIGNED)
    assert outbox.get_many(["one", "two"]) == [signed(one, 0), two]


def test_reopened_from_a_nonce(outbox: SqlOutbox) -> None:
    rows = outbox.accept_many([row(str(i)) for i in range(4)])
    states = [FINAL, MINED, SENT, MINED]
    with outbox.lease(SIGNER):
        outbox.advance_many([(signed(r, i), ACCEPTED) for i, r in enumerate(rows)])
        moved = [
            replace(signed(r, i), state=state, block_number=1)
            for i, (r, state) in enumerate(zip(rows, states, strict=True))
        ]
        outbox.advance_many([(r, SIGNED) for r in moved])
        outbox.reopen(SIGNER, 1)
    found = outbox.at_nonces(SIGNER, 0, 9)
    assert [(r.state, r.block_number) for r in found] == [(FINAL, 1), (SIGNED, None), (SIGNED, None), (SIGNED, None)]


def test_renewed_only_from_conflict(outbox: SqlOutbox) -> None:
    accepted = outbox.accept(row("one"))
    with pytest.raises(NotFound):
        outbox.renew("nothing")
    with pytest.raises(Conflict, match="one is ACCEPTED"):
        outbox.renew("one")
    with outbox.lease(SIGNER):
        outbox.advance(signed(accepted, 4), expected=ACCEPTED)
        outbox.advance(replace(signed(accepted, 4), state=CONFLICT, error="used elsewhere"), expected=SIGNED)
    assert outbox.renew("one") == accepted
    assert outbox.next_nonce(SIGNER) == 0


def test_given_up_only_when_nothing_of_it_can_be_mined(outbox: SqlOutbox) -> None:
    accepted = outbox.accept(row("one"))
    with pytest.raises(NotFound):
        outbox.abandon("nothing", "why")
    moves = [(ACCEPTED, signed(accepted, 4)), (SIGNED, replace(signed(accepted, 4), state=SENT))]
    with outbox.lease(SIGNER):
        for expected, moved in moves:
            with pytest.raises(Conflict, match=f"one is {expected}"):
                outbox.abandon("one", "why")
            outbox.advance(moved, expected=expected)
        stopped = replace(signed(accepted, 4), state=CONFLICT, error="used elsewhere")
        outbox.advance(stopped, expected=SENT)
    told = json.dumps({"error": "Abandoned", "arguments": {"text": "sent by hand"}})
    ended = replace(stopped, state=OutboxState.REFUSED, error=told)
    assert outbox.abandon("one", "sent by hand") == ended
    assert outbox.get("one") == ended
    assert outbox.next_nonce(SIGNER) == 5, "its nonce is never given out again"


def test_a_decision_about_what_the_node_refuses_stands(outbox: SqlOutbox) -> None:
    """Whatever its sender, who read the row before, then writes."""
    refused = json.dumps({"error": NODE_REFUSES, "arguments": {"text": "too little gas"}})
    rows = [signed(row, nonce) for nonce, row in enumerate(outbox.accept_many([row("one"), row("two")]))]
    with outbox.lease(SIGNER):
        outbox.advance_many([(each, ACCEPTED) for each in rows])
        with pytest.raises(Conflict, match="one is SIGNED"):
            outbox.renew("one")
        outbox.advance_many([(replace(each, error=refused), SIGNED) for each in rows])
        assert (outbox.renew("one").trouble, outbox.abandon("two", "why").trouble) == (RENEWED, ABANDONED)
        outbox.advance_many([(replace(each, state=SENT), SIGNED) for each in rows])
        found = outbox.at_nonces(SIGNER, 0, 9)
        assert [(each.state, each.trouble) for each in found] == [(SENT, RENEWED), (SENT, ABANDONED)]
        for key in ("one", "two"):
            with pytest.raises(Conflict, match=f"{key} is SENT"):
                outbox.renew(key)
        anew = [replace(each, state=ACCEPTED, nonce=None, raw=None, tx_hash=None, error=None) for each in found]
        outbox.advance(anew[0], expected=SENT)
        with pytest.raises(Conflict, match="two was signed with nonce 1 and is never signed again"):
            outbox.advance(anew[1], expected=SENT)
        outbox.advance(replace(found[1], state=FINAL, error=None), expected=SENT)
    assert outbox.get_many(["one", "two"]) == [row("one"), replace(found[1], state=FINAL, error=None)]


def test_a_nonce_is_released_once_and_by_its_holder(outbox: SqlOutbox) -> None:
    release = Release(SIGNER, 4, b"raw", TxHash(b"\7" * 32), 1_000_000)
    with pytest.raises(Unavailable, match="lease"):
        outbox.release([release])
    with outbox.lease(SIGNER):
        outbox.release([release])
        with pytest.raises(Conflict, match="second row"):
            outbox.release([replace(release, nonce=5), replace(release, raw=b"another")])
    assert outbox.releases(SIGNER, 0, 9) == [release]
    assert outbox.releases(SIGNER, 5, 9) == outbox.releases(OTHER, 0, 9) == []


def test_signers_are_those_that_have_rows(outbox: SqlOutbox) -> None:
    assert outbox.signers() == []
    outbox.accept_many([replace(row("two"), signer=OTHER), row("one"), row("three")])
    assert outbox.signers() == [SIGNER, OTHER]


def test_open_acts_are_counted_by_actor(outbox: SqlOutbox) -> None:
    def act(number: int, actor: Address, *, signer: Address = SIGNER) -> OutboxRow:
        effect = effects.ActEffect(OTHER, Digest32(b"i" * 32), actor, number)
        return replace(row(f"act {number}", signer=signer), effect=effects.to_json(effect))

    ended = replace(act(1, OTHER), state=FINAL)
    outbox.accept_many([ended, act(2, OTHER), act(3, OTHER), act(4, SIGNER), act(5, OTHER, signer=OTHER), row("none")])
    assert [outbox.count_open(SIGNER, actor) for actor in (OTHER, SIGNER, Address("0x" + "c3" * 20))] == [2, 1, 0]
    assert outbox.count_open(SIGNER) == 4


def test_lease_is_needed_and_exclusive(url: str, outbox: SqlOutbox) -> None:
    accepted = outbox.accept(row("one"))
    with pytest.raises(Unavailable, match="lease"):
        outbox.advance(signed(accepted, 0), expected=ACCEPTED)
    with closing(Database(url)) as database:
        other = SqlOutbox(database)
        with outbox.lease(SIGNER):
            with pytest.raises(Unavailable, match=f"in use by .* pid {os.getpid()}"), other.lease(SIGNER):
                pass
            with other.lease(OTHER):
                pass
            with pytest.raises(Unavailable, match="lease"):
                other.reopen(SIGNER, 0)
        with other.lease(SIGNER):
            other.advance(signed(accepted, 0), expected=ACCEPTED)


def test_fenced_once_another_took_over(url: str, outbox: SqlOutbox) -> None:
    """A holder that lost its lock without noticing cannot write: the epoch has moved on."""
    accepted = outbox.accept(row("one"))
    with outbox.lease(SIGNER):
        with closing(Database(url)) as database:
            SqlOutbox(database)._next_epoch(SIGNER)  # as a process does that got the lock
        with pytest.raises(Unavailable, match="lease"):
            outbox.advance(signed(accepted, 0), expected=ACCEPTED)


def test_lost_session_of_the_lock_is_survived(postgres: str) -> None:
    """PostgreSQL was restarted: the lock is gone, the epoch still holds, and giving the lease back is no error."""
    with closing(Database(postgres)) as database, closing(Database(postgres)) as elsewhere:
        outbox, other = SqlOutbox(database), SqlOutbox(elsewhere)
        accepted = outbox.accept(row("survivor"))
        with outbox.lease(SIGNER):
            with elsewhere.writing() as connection:
                holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                assert connection.scalar(text(holders))
            outbox.advance(signed(accepted, 1_000), expected=ACCEPTED)
            with other.lease(SIGNER), pytest.raises(Unavailable, match="lease"):
                outbox.reopen(SIGNER, 0)


def hold_until_killed(url: str, ready: "multiprocessing.synchronize.Event") -> None:
    with closing(Database(url)) as database, SqlOutbox(database).lease(SIGNER):
        ready.set()
        signal.pause()


def test_lease_ends_with_its_process(url: str, outbox: SqlOutbox) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=hold_until_killed, args=(url, ready))
    process.start()
    assert ready.wait(30)
    with pytest.raises(Unavailable, match=f"pid {process.pid}"), outbox.lease(SIGNER):
        pass
    process.kill()
    process.join()
    process.close()
    for _ in range(100):  # PostgreSQL notices a lost client within moments
        try:
            with outbox.lease(SIGNER):
                return
        except Unavailable:
            time.sleep(0.1)
    pytest.fail("the lease outlived its process by 10 s")


def test_full_disk_is_named(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'outbox.db'}")) as database:
        outbox = SqlOutbox(database)
        outbox.accept(row("before"))
        event.listen(database.engine, "begin", lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1"))
        with pytest.raises(Unavailable, match="full"):
            outbox.accept_many([row(f"much {i}") for i in range(2_000)])
        assert outbox.get("before") is not None
        assert outbox.get("much 0") is None


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="unable to open"):
        Database(f"sqlite:///{tmp_path / 'nowhere' / 'outbox.db'}")


def test_read_only_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "outbox.db"
    with closing(Database(f"sqlite:///{file}")) as database:
        event.listen(database.engine, "begin", lambda c: c.exec_driver_sql("PRAGMA query_only = ON"), insert=True)
        with pytest.raises(Unavailable, match="readonly"):
            SqlOutbox(database).accept(row("one"))


def test_other_schema_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'outbox.db'}"
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(text("UPDATE tamga_schema SET version = version + 1"))
    with pytest.raises(Unavailable, match="schema"):
        Database(url)


def test_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="away"):
        Database("postgresql://nobody@127.0.0.1:1/nothing")
