"""A database in real trouble: the message names the cause, nothing accepted is lost, and each act is done once.

given acts that were accepted, some of them on their way
├── when the disk of the SQLite file is full it should say so, and refuse to accept more
├── when its folder has become read-only it should say so, to a process that starts as to one that asks
├── when PostgreSQL is stopped it should say so, through every call
└── when the trouble is over
    ├── the process that lived through it should go on by itself
    └── all that was accepted should be executed once, and what was refused not at all
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from ledger.domain.errors import Unavailable
from ledger.ports.outbox import OutboxState
from ledger.services.sender import Sender
from tests.support.disks import SmallDisk, small_disk
from tests.support.lives import World
from tests.support.postgres import own_server, server_url
from tests.support.scripted_chain import submission

pytestmark = pytest.mark.integration
EARLY, FLYING, LATE = "early", "flying", "late"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


def refuses(sender: Sender, world: World, cause: str) -> None:
    """Accepting and carrying both fail, and say why."""
    for call in (lambda: sender.submit(submission(LATE)), lambda: carry_on(sender, world)):
        with pytest.raises(Unavailable, match=cause):
            call()


def carry_on(sender: Sender, world: World) -> None:
    world.chain.mine()
    for _ in range(3):
        sender.step()


def live_through(world: World, trouble: AbstractContextManager[None], cause: str) -> None:
    """One process: two acts, one of them in the pool, then the trouble, then its end."""
    world.chain.automine = False
    with world.process() as (sender, outbox):
        with sender.hold():
            sender.submit(submission(FLYING))
            sender.step()
            sender.submit(submission(EARLY))
            with trouble:
                refuses(sender, world, cause)
            world.chain.automine = True
            restarted = False
            try:
                sender.step()
            except Unavailable:  # a lock that was held by the server's session ended with the server
                restarted = True
            if not restarted:
                sender.drive([FLYING, EARLY], timeout_s=1_000)
        with sender.hold():
            sender.drive([FLYING, EARLY], timeout_s=1_000)
        assert outbox.get(LATE) is None
    assert world.chain.executions == {FLYING: 1, EARLY: 1}


def test_full_disk(disk: SmallDisk) -> None:
    world = World.new(f"sqlite:///{disk.path / 'outbox.db'}")
    live_through(world, disk.full(), "full")
    assert {row.state for row in world.rows()} == {OutboxState.FINAL}


def test_full_disk_at_the_start(disk: SmallDisk) -> None:
    world = World.new(f"sqlite:///{disk.path / 'outbox.db'}")
    with disk.full(), pytest.raises(Unavailable, match="full"), world.process():
        pass
    live_through(world, disk.full(), "full")


def test_read_only_folder(disk: SmallDisk) -> None:
    world = World.new(f"sqlite:///{disk.path / 'outbox.db'}")
    with world.process() as (sender, _):
        sender.submit(submission(EARLY))
    with disk.read_only(), pytest.raises(Unavailable, match="disk is read-only"), world.process() as (sender, _):
        sender.submit(submission(LATE))
    with world.process() as (sender, outbox), sender.hold():
        assert outbox.get(LATE) is None
        sender.drive([EARLY], timeout_s=1_000)
    assert world.chain.executions == {EARLY: 1}


def test_postgresql_stops_and_starts(tmp_path: Path) -> None:
    with own_server() as server:
        world = World.new(server_url(server, "outbox"))

        @contextmanager
        def stopped() -> Iterator[None]:
            server.stop()
            try:
                yield
            finally:
                server.ensure_postgres_running()

        live_through(world, stopped(), "the database is away")
        assert {row.state for row in world.rows()} == {OutboxState.FINAL}
