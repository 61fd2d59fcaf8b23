"""Finding the records that this participant can read: each anchored batch is opened with its keys, once.

What is found is kept with its proof file, so that a bare file is recognised by its content and `tamga prove` needs no
search; and what it says of its goods is compared with what others say. All of it can be found again from chain, content
store and key ring: the stores are disposable.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Final

from ledger.domain.anchor import unpack_h
from ledger.domain.errors import NotFound, NotOpened, TamgaError, Unavailable
from ledger.domain.events import ANCHORED
from ledger.domain.ids import Address, Digest32
from ledger.domain.limits import MAX_XML_BYTES, TILE_LEAVES
from ledger.domain.proof import AnchorRef, dump_proof
from ledger.domain.record import CONTENT, NUMBER, Opening
from ledger.domain.trade.statements import Stated, is_comparable, statements_of
from ledger.domain.wrap import DocumentKeys, Rights
from ledger.ports.chain import ChainReader, Event
from ledger.ports.content_store import ContentStore
from ledger.ports.index_store import IndexStore, KnownRecord, RecordStore
from ledger.ports.key_store import KeyRing
from ledger.ports.statement_store import StatementStore
from ledger.services.anchoring import anchor_of
from ledger.services.comparing import compare
from ledger.services.opening import BatchReader, OpenedDocument, open_envelope, prove, read_envelope

log = logging.getLogger(__name__)

POLL_S: Final = 0.1
"""Pause while there is nothing to do [s]."""


class Reading:
    """Looks through anchors, as the index learns that they are final."""

    def __init__(
        self,
        reader: ChainReader,
        directory: Address,
        index: IndexStore,
        records: RecordStore,
        statements: StatementStore,
        contents: ContentStore,
        keys: KeyRing,
    ) -> None:
        self._reader, self._directory = reader, directory
        self._index, self._records, self._statements = index, records, statements
        self._contents, self._keys = contents, keys

    def step(self) -> bool:
        """Look through the next final anchor; False if there is none.

        Raises:
            Unavailable: Node, content store or database away; call again.
        """
        found = self._index.events(
            name=ANCHORED, after=self._records.searched_to(), last_block=self._index.finalized(), limit=1
        )
        for event in found:
            for page in self._readable(event):
                compare(self._statements, [stated for _, all_of_it in page for stated in all_of_it])
                self._records.remember([known for known, _ in page])
            self._records.remember([], searched_to=(event.block.number, event.log_index))
        return bool(found)

    def run(self, stopped: Callable[[], bool], report: Callable[[str], None]) -> None:
        """Look until `stopped()`; for a thread of the facade.

        Args:
            stopped: Asked between two steps.
            report: Told of each new trouble in one line, and of its end with "".
        """
        trouble = ""
        while not stopped():
            try:
                idle, found = not self.step(), ""
            except Unavailable as error:
                idle, found = True, str(error)
            if found != trouble:
                trouble = found
                report(trouble)
            if idle:
                time.sleep(POLL_S)

    def _readable(self, event: Event) -> Iterator[list[tuple[KnownRecord, list[Stated]]]]:
        """The batch's records that our keys open, each with what it says, a tile at a time."""
        anchor = anchor_of(self._reader, self._directory, event)
        try:
            batch = BatchReader(self._contents, anchor.manifest)
            for first in range(0, batch.manifest.size, TILE_LEAVES):
                leaves = range(first, min(first + TILE_LEAVES, batch.manifest.size))
                yield [known for leaf in leaves if (known := self._known(batch, leaf, anchor)) is not None]
        except Unavailable:
            raise
        except (NotFound, NotOpened):  # not in our store, or not for us
            return
        except TamgaError as error:  # one issuer's bad batch must not stop the reading of others
            log.warning("batch %d of participant %d: %s", unpack_h(anchor.head).seq, anchor.issuer, error)

    def _known(self, batch: BatchReader, leaf: int, anchor: AnchorRef) -> tuple[KnownRecord, list[Stated]] | None:
        try:
            keys, rights = batch.keys(leaf, self._keys)
            document = self._open(batch, leaf, DocumentKeys(keys.record, None), rights)  # to recognise a file
            claims = {opening.name: opening.value for opening in document.openings}
            content = None
            if keys.content is not None and is_comparable(claims):
                content = self._open(batch, leaf, keys, rights).content
        except NotFound:  # erased: its record is no longer readable, the others of the batch are
            return None
        proof = dump_proof(prove(batch, leaf, document, anchor))
        named = next((_content_digest(o) for o in document.openings if o.name == CONTENT), None)
        number = claims.get(NUMBER)
        known = KnownRecord(
            document.record_id,
            named,
            (anchor.block_number, anchor.log_index),
            proof,
            number if isinstance(number, str) else None,
        )
        return known, statements_of(document.record_id, document.record, document.openings, content)

    def _open(self, batch: BatchReader, leaf: int, keys: DocumentKeys, rights: Rights) -> OpenedDocument:
        envelope = read_envelope(self._contents, batch.envelope(leaf))
        return open_envelope(envelope, batch.record_id(leaf), keys, rights, max_bytes=MAX_XML_BYTES)


def _content_digest(opening: Opening) -> Digest32:
    return Digest32(bytes.fromhex(opening.value["sha256"]))
