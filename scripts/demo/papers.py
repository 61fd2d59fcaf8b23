"""Part 2, and every later document: sealed for those who may read it, stored, anchored by its issuer, given a proof.

What was sealed is kept before it is anchored, so that a play cut short between the two anchors the same batch.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.domain import canonical, merkle
from ledger.domain.anchor import pack_head
from ledger.domain.ids import Address, DocumentType, LedgerId, ParticipantId, RecordId
from ledger.domain.proof import Path as InclusionPath
from ledger.domain.proof import Proof, dump_proof
from ledger.domain.record import Opening, Record, opening_json, parse_openings, parse_record, record_id, record_json
from ledger.domain.trade.codes import (
    ASSESSMENT,
    CERTIFICATE_OF_ORIGIN,
    COMMERCIAL_INVOICE,
    IMPORT_DECLARATION,
    IMPORT_LICENCE,
    INSPECTION_REPORT,
    PACKING_LIST,
    PHYTOSANITARY_CERTIFICATE,
)
from ledger.domain.trade.declaration import QUANTITY_SCALE, GoodsDeclaration, decimal_text, item_json
from ledger.domain.trade.ephyto import read_ephyto
from ledger.ports.clock import Clock
from ledger.ports.content_store import ContentStore
from ledger.services.anchoring import anchor_of, next_sequence
from ledger.services.sealing import DocumentInput, Recipient, seal_batch
from scripts.demo.cast import BROKER, CUSTOMS, IMPORTER, QUARANTINE, Member, member_of
from scripts.demo.duties import charges_of, item_charges
from scripts.demo.governing import ALWAYS
from scripts.demo.permits import AUTHORISED, commodities_of
from scripts.demo.stage import Done, Stage

JSON: Final = "application/json"


@dataclass(frozen=True)
class Paper:
    """One anchored document.

    Attributes:
        content: Its bytes.
        media_type: Of the content.
        proof: Its proof file.
        seat: Key that anchored it.
    """

    content: bytes
    media_type: str
    proof: Proof
    seat: str


@dataclass(frozen=True)
class Batch:
    """Documents of one issuer and type that are anchored together.

    Attributes:
        part: Part of the main job.
        name: In this play; also the file name.
        seat: Key that anchors.
        document_type: Of all of them.
        readers: Who may open them, besides the issuer.
        documents: What is sealed.
        what: In words.
    """

    part: int
    name: str
    seat: str
    document_type: DocumentType
    readers: tuple[Member, ...]
    documents: Sequence[DocumentInput]
    what: str


class Papers:
    """The documents of the play."""

    def __init__(
        self,
        stage: Stage,
        store: ContentStore,
        clock: Clock,
        folder: Path,
        ledger: LedgerId,
        directory: Address,
        numbers: Mapping[str, ParticipantId],
        sealing: Mapping[str, bytes],
    ) -> None:
        """Keep what is needed.

        Args:
            folder: Where sealed batches and proof files are kept.
            directory: Address of the ledger's Directory.
            numbers: Participants by member name.
            sealing: X25519 public key of each member.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._stage, self._store, self._clock, self._folder = stage, store, clock, folder
        self._ledger, self._directory, self._numbers, self._sealing = ledger, directory, numbers, sealing
        self._papers: dict[str, Paper] = {}

    @property
    def lrn_key(self) -> bytes:
        """Key under which the declarant blinds its references."""
        return bytes.fromhex(self._stage.notes.once("lrn key", lambda: secrets.token_hex(32)))

    def licence_salts(self, declaration: GoodsDeclaration) -> Mapping[str, bytes]:
        """Salt of the licence's terms by HS subheading; known to whoever may read the licence."""
        return {
            commodity: bytes.fromhex(self._stage.notes.once(f"salt {commodity}", lambda: secrets.token_hex(32)))
            for commodity in commodities_of(declaration)
        }

    def paper(self, name: str) -> Paper:
        """An anchored document; `declaration/1` is the second document of the batch `declaration`."""
        return self._papers[name if "/" in name else f"{name}/0"]

    def record_id(self, name: str) -> RecordId:
        """Record id of an anchored document."""
        return record_id(self.paper(name).proof.record)

    def anchor(self, batch: Batch) -> Done:
        """Seal, store and anchor a batch, or pick up what an earlier run did; proof files are written beside."""
        records, root, manifest = self._sealed(batch)
        member = member_of(batch.seat)
        reader, issuer = self._stage.reader, self._numbers[member.name]
        kind = batch.document_type if batch.document_type in member.accredited else 0
        sequence = self._stage.notes.once(
            f"sequence {batch.name}", lambda: next_sequence(reader, issuer, at=reader.head())
        )
        head = pack_head(sequence, kind, len(records))
        done = self._stage.act(
            batch.part, f"anchor/{batch.name}", batch.seat, "DocumentRegistry", "anchor",
            {"head": head, "root": root, "manifest": manifest}, batch.what,
        )  # fmt: skip
        anchor = anchor_of(reader, self._directory, next(event for event in done.events if event.name == "Anchored"))
        leaves = [record_id(record) for record, _ in records]
        for index, ((record, openings), document) in enumerate(zip(records, batch.documents, strict=True)):
            path = InclusionPath(index, len(leaves), tuple(merkle.inclusion_path(leaves, index)))
            proof = Proof(record, openings, path, anchor)
            (self._folder / f"{batch.name}-{index}.tamga.json").write_bytes(dump_proof(proof))
            content = document.content if isinstance(document.content, bytes) else document.content.read_bytes()
            self._papers[f"{batch.name}/{index}"] = Paper(content, document.media_type, proof, batch.seat)
        return done

    def _sealed(self, batch: Batch) -> tuple[list[tuple[Record, tuple[Opening, ...]]], bytes, bytes]:
        file = self._folder / f"{batch.name}.sealed.json"
        if not file.exists():
            self._seal(batch, file)
        kept = json.loads(file.read_text(encoding="utf-8"))
        records = []
        for one in kept["documents"]:
            record = parse_record(one["record"])
            records.append((record, parse_openings(one["openings"], record)))
        return records, bytes.fromhex(kept["root"]), bytes.fromhex(kept["manifest"])

    def _seal(self, batch: Batch, file: Path) -> None:
        member = member_of(batch.seat)
        sealed = seal_batch(
            batch.documents,
            ledger=self._ledger,
            issuer=self._numbers[member.name],
            issuer_key=self._sealing[member.name],
            document_type=batch.document_type,
            recipients=[Recipient(self._sealing[reader.name]) for reader in batch.readers],
            clock=self._clock,
        )
        self._store.put_batch(sealed.blocks(), sealed.pins())
        kept = {
            "root": sealed.root.hex(),
            "manifest": sealed.manifest_digest.hex(),
            "documents": [
                {
                    "record": record_json(one.record),
                    "openings": [opening_json(opening) for opening in one.openings],
                    "envelope": one.envelope,
                }
                for one in sealed.documents
            ],
        }
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(file)


def commercial_papers(samples: Path, declaration: GoodsDeclaration) -> list[Batch]:
    """The documents of part 2, from the samples."""
    certificate = (samples / "ephyto" / "SPSCertificateContent.xml").read_bytes()
    ucr = ("ref.ucr", declaration.ucr)
    concerned = (CUSTOMS, IMPORTER, BROKER)
    return [
        Batch(
            2, "certificate", "quarantine-officer", PHYTOSANITARY_CERTIFICATE, concerned,
            [DocumentInput(certificate, "application/xml", [*read_ephyto(certificate).claims().items(), ucr],
                           valid_until=ALWAYS)],
            "seals and anchors the phytosanitary certificate (IPPC ePhyto)",
        ),
        Batch(
            2, "origin", "chamber-clerk", CERTIFICATE_OF_ORIGIN, concerned,
            [DocumentInput((samples / "w3c-traceability" / "CertificationOfOrigin.json").read_bytes(), JSON, [ucr])],
            "seals and anchors a certificate of origin",
        ),
        Batch(
            2, "invoice", "importer", COMMERCIAL_INVOICE, (CUSTOMS, BROKER),
            [DocumentInput((samples / "pdf" / "EN16931_Einfach.pdf").read_bytes(), "application/pdf", [ucr])],
            "seals and anchors the commercial invoice (PDF)",
        ),
        Batch(
            2, "packing-list", "importer", PACKING_LIST, (CUSTOMS, BROKER),
            [DocumentInput((samples / "dcsa" / "ebl-negotiable-bl.json").read_bytes(), JSON, [ucr])],
            "seals and anchors the packing list",
        ),
    ]  # fmt: skip


def licence(declaration: GoodsDeclaration, salts: Mapping[str, bytes], holder: int) -> Batch:
    """The import licence as a document: the terms that the chain knows as commitments only."""
    reference = next(
        document.reference
        for item in declaration.items
        for document in item.documents
        if document.document_type == IMPORT_LICENCE
    )
    origins = {item.commodity_code[:6]: item.origin for item in declaration.items}
    lines = [
        {
            "commodity": commodity,
            "origin": origins[commodity],
            "unit": "KGM",
            "quantity": decimal_text(AUTHORISED, QUANTITY_SCALE),
            "salt": salt.hex(),
        }
        for commodity, salt in salts.items()
    ]
    text = canonical.dumps({"licence": reference, "holder": holder, "lines": lines})
    return Batch(
        3, "licence", "quarantine-officer", IMPORT_LICENCE, (CUSTOMS, IMPORTER, BROKER),
        [DocumentInput(text, JSON, [("number", reference)], valid_until=ALWAYS)],
        f"seals and anchors the import licence {reference}",
    )  # fmt: skip


def goods_items(declaration: GoodsDeclaration) -> Batch:
    """One part per goods item: an agency is given the items that it decides on."""
    documents = [
        DocumentInput(canonical.dumps(item_json(item)), JSON, [("ref.ucr", declaration.ucr)])
        for item in declaration.items
    ]
    return Batch(
        3, "items", "broker", IMPORT_DECLARATION, (CUSTOMS, IMPORTER, QUARANTINE), documents,
        f"seals and anchors the {len(documents)} goods items of the declaration",
    )  # fmt: skip


def header(declaration: GoodsDeclaration, items: Sequence[RecordId]) -> Batch:
    """The declaration's header, which names its items by their record ids."""
    text = canonical.dumps({**declaration.header_json(), "item_records": [item.hex() for item in items]})
    return Batch(
        3, "declaration", "broker", IMPORT_DECLARATION, (CUSTOMS, IMPORTER),
        [DocumentInput(text, JSON, [("ref.ucr", declaration.ucr)])],
        "seals and anchors the declaration's header",
    )  # fmt: skip


def inspection(mrn: str, items: int) -> Batch:
    """The inspector's findings."""
    text = canonical.dumps({"mrn": mrn, "items": items, "result": "satisfactory", "findings": []})
    return Batch(
        3, "inspection", "customs-inspector", INSPECTION_REPORT, (QUARANTINE,),
        [DocumentInput(text, JSON, [("ref.mrn", mrn)])], "seals and anchors the inspection report",
    )  # fmt: skip


def assessment(mrn: str, declaration: GoodsDeclaration) -> Batch:
    """The sealed assessment: every item's share; the chain is told totals only."""
    by_item: list[Any] = [
        {code: str(minor) for code, minor in charges.items()} for charges in item_charges(declaration)
    ]
    totals = {code: str(minor) for code, minor in charges_of(declaration).items()}
    text = canonical.dumps({"mrn": mrn, "items": by_item, "totals": totals})
    return Batch(
        3, "assessment", "customs-revenue", ASSESSMENT, (IMPORTER, BROKER),
        [DocumentInput(text, JSON, [("ref.mrn", mrn)])], "seals and anchors the assessment",
    )  # fmt: skip
