"""Fixtures: each engine started once a session on a free port with its state on disk, a ledger deployed on it."""

from collections.abc import Iterator

import pytest

from ledger.devnet.engines import Chain, Engine, running_chain
from tests.support.ledgers import TestLedger, install


@pytest.fixture(scope="session", params=list(Engine), ids=str)
def chain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A running chain; the test runs once for each engine."""
    with running_chain(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running
    if running.process.child is not None:
        running.process.child.wait()


@pytest.fixture(scope="session")
def ledger(chain: Chain) -> Iterator[TestLedger]:
    """A deployed ledger on it."""
    installed = install(chain)
    yield installed
    installed.rpc.close()
