"""API and command line say the same of every sample, answer by answer.

given customs' facade, and the command line on the same machine
  when each sample is verified as a bare file, before anything is anchored         → the same answers
  when all are sealed and anchored, and each is verified again, bare and by proof   → the same answers, all VALID
  when each is changed in one byte, with the same proof                            → the same answers, all INVALID
"""

from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.clock import SystemClock
from ledger.adapters.file_store import FileStore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.records import SqlRecordStore
from ledger.domain.anchor import pack_head
from ledger.domain.hashing import digest
from ledger.domain.ids import DocumentType
from ledger.services.sealing import DocumentInput, seal_batch
from tests.support.customs import PASSPHRASE, Customs
from tests.support.samples import SAMPLES
from tests.support.terminal import Terminal

pytestmark = pytest.mark.integration

ASSESSMENT = 961_001
FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.parent != SAMPLES)
NAMES = [path.relative_to(SAMPLES).as_posix() for path in FILES]


def by_terminal(office: Customs, *args: str, exits: int) -> list[Any]:
    terminal = Terminal(TAMGA_HOME=str(office.home), TAMGA_PASSPHRASE=PASSPHRASE)
    return terminal.lines("verify", *args, exits=exits)


def by_facade(office: Customs, file: Path, proof: bytes | None, at: int) -> Any:
    files = {"file": file.read_bytes()} if proof is None else {"file": file.read_bytes(), "proof": proof}
    answer = office.client.post("/v1/verify", files=files, data={"at": str(at)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def verdicts(answers: list[Any]) -> dict[str, list[str]]:
    """Names of the samples by verdict."""
    found: dict[str, list[str]] = {}
    for name, answer in zip(NAMES, answers, strict=True):
        found.setdefault(answer["overall"], []).append(name)
    return found


def compare(office: Customs, files: list[Path], proofs: list[bytes | None], exits: int) -> list[Any]:
    """Verify each both ways, at one instant; return the facade's answers."""
    at = office.ledger.reader.head().time
    answers = [by_facade(office, file, proof, at) for file, proof in zip(files, proofs, strict=True)]
    assert (exits == 1) == ("INVALID" in verdicts(answers)), verdicts(answers).get("INVALID")
    told = by_terminal(office, *map(str, files), "--at", str(at), exits=exits)
    for name, here, there in zip(NAMES, told, answers, strict=True):
        assert {key: value for key, value in here.items() if key != "document"} == there, name
    return answers


def test_every_sample_as_a_bare_file(office: Customs) -> None:
    answers = compare(office, FILES, [None] * len(FILES), exits=1)
    assert verdicts(answers).keys() == {"INVALID", "UNDETERMINED"}


def test_every_sample_with_its_proof_and_changed(office: Customs, tmp_path: Path) -> None:
    seal_all(office)
    office.caught_up()
    store = SqlRecordStore(Database(f"sqlite:///{office.home / 'ledger.sqlite'}"))
    proofs: list[bytes | None] = [store.by_content(digest(file.read_bytes()))[-1].proof for file in FILES]
    assert verdicts(compare(office, FILES, [None] * len(FILES), exits=0)).keys() == {"VALID"}
    copies, changed = [], []
    for name, file, proof in zip(NAMES, FILES, proofs, strict=True):
        assert proof is not None
        for kind, into, content in (
            ("copy", copies, file.read_bytes()),
            ("changed", changed, file.read_bytes()[:-1] + b"\x07"),
        ):
            path = tmp_path / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.with_name(path.name + ".tamga.json").write_bytes(proof)
            into.append(path)
    assert verdicts(compare(office, copies, proofs, exits=0)).keys() == {"VALID"}
    assert verdicts(compare(office, changed, proofs, exits=1)).keys() == {"INVALID"}


def seal_all(office: Customs) -> None:
    """One batch of all samples, byte by byte, by customs."""
    issuer = office.numbers["customs"]
    own, _ = office.view("ParticipantRegistry", "encryptionKey", issuer)
    batch = seal_batch(
        [DocumentInput(file.read_bytes(), "application/octet-stream") for file in FILES],
        ledger=office.ledger.network.ledger_id,
        issuer=issuer,
        issuer_key=own,
        document_type=DocumentType(ASSESSMENT),
        recipients=[],
        clock=SystemClock(),
    )
    store = FileStore(office.home / "content")
    store.put_batch(batch.blocks(), batch.pins())
    store.close()
    head = pack_head(1, ASSESSMENT, len(FILES))
    office.act("customs-anchor", "DocumentRegistry", "anchor", head, batch.root, batch.manifest_digest)
