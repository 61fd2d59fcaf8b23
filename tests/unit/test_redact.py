"""`tamga redact`, without keys, network or settings."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ledger.cli.app import make_app
from ledger.domain.errors import Malformed
from ledger.domain.integrity import check_integrity
from ledger.domain.proof import dump_proof
from ledger.domain.proof_reading import parse_proof
from ledger.services.opening import BatchReader, prove
from tests.support.content import MemoryStore
from tests.support.evidence import CUSTOMS, anchor_of, seal, text_document

BATCH = seal([text_document(n) for n in range(3)])


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    store = MemoryStore()
    store.put_batch(BATCH.blocks(), BATCH.pins())
    batch = BatchReader(store, BATCH.manifest_digest)
    file = tmp_path / "document.txt.tamga.json"
    file.write_bytes(dump_proof(prove(batch, 1, batch.open(1, CUSTOMS), anchor_of(BATCH))))
    return file


def test_a_redacted_proof_opens_less_and_holds(proof: Path, tmp_path: Path) -> None:
    out = tmp_path / "redacted.tamga.json"
    command = ["redact", str(proof), "--keep", "content", "--out", str(out), "--json"]
    done = CliRunner().invoke(make_app(), command, catch_exceptions=False)
    assert json.loads(done.output) == {"file": str(out), "open": ["content"], "closed": 1}
    before, after = parse_proof(proof.read_bytes()), parse_proof(out.read_bytes())
    assert (after.record, after.path, after.anchor) == (before.record, before.path, before.anchor)
    assert all(check.holds for check in check_integrity(after, b"document 1"))
    assert b"UZ-1" in proof.read_bytes()
    assert b"UZ-1" not in out.read_bytes()
    with pytest.raises(Malformed):  # never overwrites
        CliRunner().invoke(make_app(), command, catch_exceptions=False)


def test_a_claim_that_is_not_there_is_refused(proof: Path, tmp_path: Path) -> None:
    out = tmp_path / "redacted.tamga.json"
    command = ["redact", str(proof), "--keep", "weight", "--out", str(out)]
    with pytest.raises(Malformed):
        CliRunner().invoke(make_app(), command, catch_exceptions=False)
    assert not out.exists()
