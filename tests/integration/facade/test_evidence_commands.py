"""Evidence by hand on a real engine: a redacted proof, a grant, an erasure and a recovery.

given documents of plant quarantine's, one erased with its tombstone, one whose tombstone is forged, and one gone
  when a PDF is given its proof to carry    → it verifies by itself, and comes out as it was sealed
  when a proof is redacted                  → it verifies against the same anchor, and opens less
  when customs is granted a document        → it opens that one with the grant, and nothing without it
  when anybody else grants or erases it     → refused
  when quarantine recovers from nothing     → each document with its proof; the erased and the missing named as such
  when customs recovers                     → what it was granted
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.file_store import FileStore
from ledger.domain.ids import Digest32, ParticipantId, RecordId
from ledger.domain.qr import proof_of_link
from ledger.domain.tombstone import ErasureReason, dump_tombstone, parse_tombstone, signer
from ledger.services.erasing import erase as erase_everywhere
from ledger.services.erasing import sign_tombstone
from ledger.services.opening import BatchReader
from tests.support.ledgers import key
from tests.support.pdfs import CORRUPT, INVOICE
from tests.support.places import CUSTOMS, QUARANTINE, Place, two_participants

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with two_participants(tmp_path_factory.mktemp("home")) as made:
        yield made


def sealed(place: Place, *names: str, number: str | None = None) -> Any:
    """Seal and anchor a batch of documents; what `tamga seal` tells of it."""
    files = []
    for name in names:
        files.append(place.home / f"{name}.xml")
        files[-1].write_bytes(f"<certificate>{name}</certificate>".encode())
    numbered = () if number is None else ("--number", number)
    paths = [str(file) for file in files]
    told = place.quarantine.json("seal", *paths, "--type", "851001", "--key", QUARANTINE, *numbered)
    place.quarantine.run("anchor", told["manifest"], "--key", QUARANTINE)
    return told


def report(folder: Path) -> dict[tuple[str, int], Any]:
    """Lines of a recovery's report by manifest and leaf."""
    lines = [json.loads(line) for line in (folder / "report.jsonl").read_text().splitlines()]
    return {(line["manifest"], line["leaf"]): line for line in lines}


def test_from_grant_to_recovery(place: Place, tmp_path: Path) -> None:
    tamga, customs = place.quarantine, place.customs
    alone = sealed(place, "alone", number="PC-1")
    batch = sealed(place, "kept", "erased", "ordered", "lost")
    one, four = alone["manifest"], batch["manifest"]

    # a redacted proof
    tamga.run("prove", one)
    redacted = tmp_path / "redacted.tamga.json"
    told = tamga.json("redact", str(place.home / "alone.xml.tamga.json"), "--keep", "number", "--out", str(redacted))
    assert told["open"] == ["number"]
    assert told["closed"] > 0
    assert tamga.json("verify", "--proof", str(redacted))["overall"] == "VALID"

    # grants
    out = tmp_path / "opened.xml"
    assert customs.json("open", one, "--out", str(out), exits=1)["error"] == "not_opened"
    given = tamga.json("grant", one, "--to", str(place.customs_id), "--key", QUARANTINE)
    customs.run("open", one, "--grant", given["grant"], "--out", str(out))
    assert out.read_bytes() == b"<certificate>alone</certificate>"
    record = tamga.json("grant", four, "--to", str(place.customs_id), "--key", QUARANTINE, "--record-only")
    by_record = ("open", four, "--grant", record["grant"], "--out", str(tmp_path / "record.json"))
    customs.run(*by_record, exits=1)
    customs.run(*by_record, "--record-only")
    assert json.loads((tmp_path / "record.json").read_bytes())["record"]["type"] == 851001
    customs.run("open", four, "--leaf", "1", "--grant", record["grant"], "--out", str(tmp_path / "none"), exits=1)
    refused = tamga.json("grant", one, "--to", str(place.customs_id), "--key", CUSTOMS, exits=1)
    assert refused["refusal"]["name"] == "NotIssuer"

    # erasures: one with its tombstone, one whose tombstone was forged by another
    erasure = ("--reason", "court-order", "--key")
    stranger = tamga.json("erase", four, "--leaf", "1", *erasure, CUSTOMS, exits=1)
    assert stranger["refusal"]["name"] == "NotIssuer"
    erased = tamga.json("erase", four, "--leaf", "1", *erasure, QUARANTINE)
    assert tamga.json("erase", four, "--leaf", "1", *erasure, QUARANTINE) == erased
    (order,) = place.events("ErasureOrdered")
    assert (order["recordId"].hex(), order["reason"]) == (erased["record_id"].removeprefix("0x"), 5)
    gone = tamga.json("open", four, "--leaf", "1", "--out", str(tmp_path / "gone"), exits=1)
    assert (gone["error"], "erased" in gone["text"]) == ("not_found", True)
    stone = parse_tombstone(Path(erased["tombstone"]).read_bytes())
    assert (signer(stone), stone.reason) == (key(QUARANTINE).address, ErasureReason.COURT_ORDER)
    assert tamga.json("open", four, "--leaf", "1", "--out", str(tmp_path / "gone"), exits=1)["error"] == "not_found"
    ordered = Path(tamga.json("erase", four, "--leaf", "2", *erasure, QUARANTINE)["tombstone"])
    issuer = ParticipantId(batch["issuer"])
    ordered_id = RecordId(bytes.fromhex(batch["documents"][2]["record_id"]))
    forged = sign_tombstone(key(CUSTOMS), place.ledger, issuer, ordered_id, ErasureReason.COURT_ORDER, stone.time)
    ordered.write_bytes(dump_tombstone(forged))
    store = FileStore(place.home / "content")
    erase_everywhere([store], BatchReader(store, Digest32(bytes.fromhex(four))), 3)  # and nobody said so
    store.close()

    # recoveries, on a machine with nothing but network, store and ring
    elsewhere = {
        "TAMGA_HOME": str(tmp_path / "elsewhere"),
        "TAMGA_NETWORK": str(place.home / "network.json"),
        "TAMGA_CONTENT": str(place.home / "content"),
    }
    stones = ("--tombstones", str(place.home / "tombstones"))
    into = tmp_path / "quarantine"
    ours = tamga.but(**elsewhere, TAMGA_READ_KEYS=str(place.home / "keyring" / "facade.json"))
    told = ours.json("recover", "--into", str(into), *stones, exits=1)
    assert {fate: told[fate] for fate in ("opened", "sealed", "erased", "missing", "damaged")} == {
        "opened": 2,
        "sealed": 0,
        "erased": 2,
        "missing": 1,
        "damaged": 0,
    }
    assert [(line["leaf"], line["fate"]) for line in told["lost"]] == [(1, "erased"), (2, "erased"), (3, "missing")]
    assert [line["reason"] for line in told["lost"]][:2] == ["court_order", "ordered on the chain: order"]
    found = report(into)
    assert len(found) == 5
    for name, place_ in (("alone", (one, 0)), ("kept", (four, 0))):
        assert Path(found[place_]["file"]).read_bytes() == f"<certificate>{name}</certificate>".encode()
    assert ours.lines("verify", found[one, 0]["file"], found[four, 0]["file"])[1]["overall"] == "VALID"
    ours.run("recover", "--into", str(into), exits=2)

    into = tmp_path / "customs"
    printed = customs.but(**elsewhere).run("recover", "--into", str(into), *stones)
    assert "2 opened, 1 sealed, 2 erased, 0 missing, 0 damaged" in printed, "what is not ours is not looked for"
    assert f"erased: {four} leaf 1 of participant {issuer}: court_order" in printed
    found = report(into)
    assert Path(found[one, 0]["file"]).read_bytes() == b"<certificate>alone</certificate>"
    assert (found[four, 0]["file"], Path(found[four, 0]["proof"]).is_file()) == (None, True)


def test_a_pdf_carries_its_proof(place: Place, tmp_path: Path) -> None:
    tamga, invoice, corrupt = place.quarantine, tmp_path / "invoice.pdf", tmp_path / "corrupt.pdf"
    shutil.copy(INVOICE, invoice)
    shutil.copy(CORRUPT, corrupt)
    batch = tamga.json("seal", str(invoice), str(corrupt), "--type", "851001", "--key", QUARANTINE)["manifest"]
    tamga.run("anchor", batch, "--key", QUARANTINE)
    tamga.run("prove", batch)
    assert tamga.json("verify", str(corrupt))["overall"] == "VALID"
    assert tamga.json("embed", str(corrupt), "--out", str(tmp_path / "none"), exits=2)["error"] == "malformed"
    other = ("--proof", f"{corrupt}.tamga.json", "--out", str(tmp_path / "none"))
    assert "content_differs" in tamga.json("embed", str(invoice), *other, exits=2)["text"]

    carrier, again = tmp_path / "carrier.pdf", tmp_path / "again.pdf"
    told = tamga.json("embed", str(invoice), "--out", str(carrier), "--qr", "https://facade.example/verify")
    assert proof_of_link(told["link"]) == Path(f"{invoice}.tamga.json").read_bytes()
    found = tamga.json("verify", str(carrier))
    assert found["overall"] == "VALID"
    assert found["fragments"][0]["evidence"]["original_bytes"] == invoice.stat().st_size
    tamga.run("extract", str(carrier), "--out", str(again))
    assert again.read_bytes() == invoice.read_bytes()
    assert Path(f"{again}.tamga.json").read_bytes() == Path(f"{invoice}.tamga.json").read_bytes()
    assert tamga.json("extract", str(invoice), "--out", str(tmp_path / "none"), exits=1)["error"] == "not_found"

    carrier.write_bytes(carrier.read_bytes() + b"\n")
    assert tamga.json("verify", str(carrier), exits=1)["fragments"][0]["reason"] == "pdf_altered"
