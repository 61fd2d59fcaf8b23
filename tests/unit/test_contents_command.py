"""`tamga contents repair`: what its exit code says of damage that it cannot mend."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ledger.adapters.file_store import FileStore
from ledger.cli import context
from ledger.cli.app import make_app
from tests.support.evidence import seal, text_document

BATCH = seal([text_document(n) for n in range(3)])


def repair(*options: str, exits: int) -> Any:
    done = CliRunner().invoke(make_app(), ["contents", "repair", *options, "--json"], catch_exceptions=False)
    assert done.exit_code == exits, done.output
    return json.loads(done.stdout)


@pytest.fixture(autouse=True)
def _settings_of_this_test() -> Iterator[None]:
    """A process reads its settings once, and other tests run commands in this one."""
    context.config.cache_clear()
    yield
    context.config.cache_clear()


def test_damage_that_no_other_store_can_mend_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAMGA_HOME", str(tmp_path))
    monkeypatch.delenv("TAMGA_IPFS_URL", raising=False)
    with_batch = FileStore(tmp_path / "content")
    with_batch.put_batch(BATCH.blocks(), BATCH.pins())
    with_batch.close()
    assert repair("--deep", exits=0)["repairs"] == []
    cid = BATCH.documents[1].envelope
    block = dict(BATCH.blocks())[cid]
    (path,) = (tmp_path / "content" / "cars").iterdir()
    path.write_bytes(path.read_bytes().replace(block, bytes(len(block))))
    assert repair(exits=0)["repairs"] == [], "it compares pins alone"
    assert repair("--deep", exits=1)["repairs"] == [{"store": 0, "cid": cid, "how": "damaged"}]
