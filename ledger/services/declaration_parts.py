"""The sealed parts of a declaration: one for each goods item, a header that names them, and the message itself.

An item is for customs, the importer and the agencies that the rule book names for it; all else for customs and the
importer. Items with the same readers are one batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from ledger.domain import canonical
from ledger.domain.errors import NotFound
from ledger.domain.ids import Digest32, DocumentType, LedgerId, ParticipantId, RecordId
from ledger.domain.record import content_value
from ledger.domain.trade.codes import EXPORT_DECLARATION, IMPORT_DECLARATION
from ledger.domain.trade.declaration import GoodsDeclaration, item_json
from ledger.domain.trade.said import DECLARED
from ledger.ports.chain import ChainReader, Head
from ledger.ports.clock import Clock
from ledger.ports.content_store import ContentStore
from ledger.services.sealing import DocumentInput, Recipient, SealedBatch, seal_batch

JSON, XML = "application/json", "application/xml"
MESSAGE: Final = "message"
"""Name of the part that is the message itself."""
VERSION: Final = "declaration"
"""Name of the part that is an amended declaration as a whole."""
HEADER: Final = "header"
"""Name of the part that names its items' records, and that acts cite."""
HS_PREFIXES: Final = (10, 8, 6, 4, 2)
"""Digits of a commodity code that a rule may stand under, the nearest rule first."""


@dataclass(frozen=True)
class Part:
    """One sealed part.

    Attributes:
        name: `header`, `item 3`, `changes`, `statement`, `message` for the message itself, or `declaration` for an
            amended declaration as a whole.
        record: Its record id.
        manifest: Digest of its batch's manifest.
        leaf: Its place in the batch, from 0.
        readers: Participants that can open it, beside its issuer.
    """

    name: str
    record: RecordId
    manifest: Digest32
    leaf: int
    readers: tuple[ParticipantId, ...]


class DeclarationParts:
    """Seals the parts of one message, and keeps account of them; needs no key but those that its readers have on chain.

    Attributes:
        content: Value of the `content` claim of the message itself.
        batches: What was sealed so far, each with the type of its documents.
        parts: The parts in them.
    """

    def __init__(
        self,
        reader: ChainReader,
        contents: ContentStore,
        ledger: LedgerId,
        clock: Clock,
        *,
        issuer: ParticipantId,
        readers: Sequence[ParticipantId],
        message: bytes,
        at: Head,
    ) -> None:
        """Nothing is sealed yet.

        Args:
            reader: The ledger's chain.
            contents: Where sealed parts are kept.
            ledger: Ledger id.
            clock: Wall clock.
            issuer: Participant that declares, which reads all of it.
            readers: Participants that read all of it beside the issuer, who may be among them.
            message: The message.
            at: Block at which rules and keys are read.
        """
        self._reader, self._contents, self._ledger, self._clock = reader, contents, ledger, clock
        self._issuer, self._message, self._at = issuer, message, at
        self._readers = tuple(one for one in dict.fromkeys(readers) if one != issuer)
        self.content = content_value(message, XML)
        self.batches: list[tuple[SealedBatch, DocumentType]] = []
        self.parts: list[Part] = []

    def seal_declaration(
        self, declaration: GoodsDeclaration, declared: Digest32, more: Mapping[str, Any], whole: Sequence[bytes]
    ) -> RecordId:
        """Seal the items, then header, message, and `whole` of an amended version; return the header's record id.

        Args:
            declaration: What was declared.
            declared: Digest of the declaration in the message as a whole.
            more: Further members of the header.
            whole: The version as an original message, where the message amends one. Errors as `seal`.
        """
        kind = document_type_of(is_import=declaration.is_import)
        about = [] if declaration.ucr is None else [("ref.ucr", declaration.ucr)]
        agencies = self._agencies(declaration)
        readers = [(*self._readers, *agencies[item.commodity_code]) for item in declaration.items]
        records: dict[int, RecordId] = {}
        for group in dict.fromkeys(readers):
            items = [item for item, who in zip(declaration.items, readers, strict=True) if who == group]
            documents = [json_document(item_json(item), about) for item in items]
            names = [f"item {item.number}" for item in items]
            sealed = self.seal(documents, kind, names, group)
            records |= {item.number: record for item, record in zip(items, sealed, strict=True)}
        header = {
            **declaration.header_json(),
            "item_records": [records[item.number].hex() for item in declaration.items],
            "message": self.content,
            "declaration": declared.hex(),
            **more,
        }
        claims: list[tuple[str, Any]] = [*about, ("field:/lrn", declaration.lrn), ("field:/message", self.content)]
        claims.append((DECLARED, declared.hex()))
        if declaration.guarantees:
            claims.append(("field:/guarantees", list(declaration.guarantees)))
        messages = [DocumentInput(each, XML, about) for each in (self._message, *whole)]
        names = [HEADER, MESSAGE, VERSION][: len(messages) + 1]
        return self.seal([json_document(header, claims), *messages], kind, names)[0]

    def seal(
        self,
        documents: Sequence[DocumentInput],
        kind: DocumentType,
        names: Sequence[str],
        readers: tuple[ParticipantId, ...] | None = None,
    ) -> list[RecordId]:
        """Seal one batch, for `readers` or for who reads all of the message; return its record ids.

        Raises:
            NotFound: A reader has no encryption key.
            TooMany, Unavailable: As the content store.
        """
        readers = self._readers if readers is None else readers
        batch = seal_batch(
            documents,
            ledger=self._ledger,
            issuer=self._issuer,
            issuer_key=self._encryption_key(self._issuer),
            document_type=kind,
            recipients=[Recipient(self._encryption_key(reader)) for reader in readers],
            clock=self._clock,
        )
        self._contents.put_batch(batch.blocks(), batch.pins())
        self.batches.append((batch, kind))
        records = [document.record_id for document in batch.documents]
        self.parts += [
            Part(name, record, batch.manifest_digest, leaf, readers)
            for leaf, (name, record) in enumerate(zip(names, records, strict=True))
        ]
        return records

    def _agencies(self, declaration: GoodsDeclaration) -> dict[str, tuple[ParticipantId, ...]]:
        """By commodity code, agencies that the rule in force names for it."""
        version = self._reader.call("RuleRegistry", "version", at=self._at)
        codes = list(dict.fromkeys(item.commodity_code for item in declaration.items))
        groups = [code[:digits].encode().ljust(32, b"\0") for code in codes for digits in HS_PREFIXES]
        calls = [("RuleRegistry", "ruleAt", (regime_of(declaration), group, version)) for group in groups]
        rules = iter(self._reader.call_many(calls, at=self._at))
        return {code: self._named_by(list(islice(rules, len(HS_PREFIXES)))) for code in codes}

    def _named_by(self, rules: Sequence[tuple[bool, Any]]) -> tuple[ParticipantId, ...]:
        """Agencies of the first rule that there is, without who reads the declaration anyway."""
        for found, rule in rules:
            if found:
                agencies = sorted({ParticipantId(check["agency"]) for check in rule["checks"]})
                return tuple(agency for agency in agencies if agency not in (self._issuer, *self._readers))
        return ()

    def _encryption_key(self, participant: ParticipantId) -> bytes:
        found: bytes
        found, _ = self._reader.call("ParticipantRegistry", "encryptionKey", (participant,), at=self._at)
        if not any(found):
            raise NotFound("encryption key of participant", str(participant))
        return found


def document_type_of(*, is_import: bool) -> DocumentType:
    """What declarations are sealed as, and the requests about them."""
    return IMPORT_DECLARATION if is_import else EXPORT_DECLARATION


def json_document(value: Mapping[str, Any], claims: Sequence[tuple[str, Any]]) -> DocumentInput:
    """A part made of a value, with these claims beside that on its content."""
    return DocumentInput(canonical.dumps(dict(value)), JSON, claims)


def regime_of(declaration: GoodsDeclaration) -> int:
    """Requested and previous procedure as the rule book writes them: 4000. All items have the same."""
    first = declaration.items[0]
    return int(first.requested + first.previous)
