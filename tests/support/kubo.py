"""Fixture: real Kubo nodes on a private swarm on loopback, started once a module; built where there are none yet."""

from collections.abc import Iterator

import pytest

from ledger.devnet.kubo import KuboNode, running_swarm
from ledger.devnet.trouble import Trouble


@pytest.fixture(scope="module")
def swarm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KuboNode, ...]]:
    try:
        with running_swarm(tmp_path_factory.mktemp("kubo"), say=print) as nodes:
            yield nodes
    except Trouble as trouble:
        pytest.skip(f"no Kubo: {trouble}")
