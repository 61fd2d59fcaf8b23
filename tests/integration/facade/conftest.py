"""What tests of facades have in common."""

from collections.abc import Iterator

import pytest

from tests.support.customs import Customs, customs_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Customs]:
    """A customs office of the module's own, for tests that spoil nothing for one another."""
    with customs_office(tmp_path_factory.mktemp("customs")) as made:
        yield made
