"""The sender's own tests once more, on a real PostgreSQL."""

from pathlib import Path

import pytest

from tests.support.databases import fresh_url
from tests.support.lives import World
from tests.unit.chain import test_sender as on_sqlite

pytestmark = pytest.mark.integration


@pytest.fixture
def url(tmp_path: Path) -> str:
    return fresh_url("postgresql", tmp_path)


@pytest.fixture
def world(url: str) -> World:
    return World.new(url)


globals().update({name: test for name, test in vars(on_sqlite).items() if name.startswith("test_")})
