"""Finding the records that this participant can read: each anchored batch is opened with its keys, once.

What is found is kept with its proof file, so that a bare file is recognised by its content and `tamga prove` needs no
search; and what it says of its goods is compared with what others say. All of it can be found again from chain, content
store and key ring: the stores are disposable.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from ledger.domain.anchor import unpack_h
from ledger.domain.chainview import NOTHING
from ledger.domain.cid import raw_cid
from ledger.domain.errors import Conflict, NotFound, NotOpened, TamgaError, Unavailable
from ledger.domain.events import ANCHORED
from ledger.domain.ids import Address, Digest32
from ledger.domain.judging import record_fault
from ledger.domain.limits import MAX_XML_BYTES, TILE_LEAVES
from ledger.domain.proof import AnchorRef, dump_proof
from ledger.domain.record import CONTENT, NUMBER, Opening
from ledger.domain.trade.said import Said, said_in
from ledger.domain.trade.statements import is_comparable
from ledger.domain.wrap import DocumentKeys, Rights
from ledger.ports.chain import ChainReader, Event
from ledger.ports.clock import Clock
from ledger.ports.content_store import ContentStore
from ledger.ports.index_store import IndexStore, KnownRecord, RecordStore
from ledger.ports.key_store import KeyRing
from ledger.services.anchoring import anchor_of
from ledger.services.comparing import Comparing
from ledger.services.idling import Idling
from ledger.services.opening import BatchReader, OpenedDocument, open_envelope, prove, read_envelope
from ledger.services.seeking import seek

log = logging.getLogger(__name__)

POLL_S: Final = (0.1, 0.25)
"""Between two looks for final blocks, when there was an anchor of late and when not [s]."""
RETRY_S: Final = 60
"""Pause before a batch that nobody gave is asked for again [s], or as long as it is old, up to `MAX_RETRY_S`."""
MAX_RETRY_S: Final = 24 * 3600
"""Longest of those pauses [s]."""


Found = tuple[KnownRecord, Said]
"""A record that our keys open, and what it says."""


class Reading:
    """Looks through anchors, as the index learns that they are final.

    Anybody may anchor anything: what is wrong with one document is logged and counted, and the next is read. One whose
    anchor does not bear out its type is kept, as every verifier refuses it, and says nothing.

    Attributes:
        faults: Documents and batches that could not be read since the start, whatever our keys.
    """

    def __init__(
        self,
        reader: ChainReader,
        directory: Address,
        index: IndexStore,
        records: RecordStore,
        comparing: Comparing,
        contents: ContentStore,
        keys: KeyRing,
        clock: Clock,
    ) -> None:
        self._reader, self._directory = reader, directory
        self._index, self._records, self._comparing = index, records, comparing
        self._contents, self._keys, self._clock = contents, keys, clock
        self.faults = 0
        self._seen = NOTHING

    def step(self) -> bool:
        """Look through the next final anchor, else through one whose batch nobody gave before; False if none is due.

        Documents are compared by what was in force when they were anchored, so blocks before an anchor come first.

        Raises:
            Unavailable: Node, content store or database away; call again.
            Conflict: Another process reads for this database; call again.
        """
        self._seen = self._index.finalized()
        if self._seen < self._comparing.followed():  # the index is being rebuilt
            return False
        self._comparing.settle()
        found = self._index.events(name=ANCHORED, after=self._records.searched_to(), last_block=self._seen, limit=1)
        if self._comparing.follow(found[0].block.number if found else self._seen):
            return True
        for event in found:
            here = (event.block.number, event.log_index)
            if not self._look_through(event):
                self._records.owe(here, again_at=self._again_at(event))
            self._records.remember([], searched_to=here)
        return bool(found) or self._ask_again()

    def run(self, stopped: Callable[[], bool], report: Callable[[str], None]) -> None:
        """Look until `stopped()`; for a thread of the facade.

        Args:
            stopped: Asked between two steps.
            report: Told of each new trouble in one line, and of its end with "".
        """
        trouble, idling = "", Idling(*POLL_S)
        while not stopped():
            try:
                idle, found = not self.step(), ""
            except (Unavailable, Conflict) as error:
                idle, found = True, str(error)
            if found != trouble:
                trouble = found
                report(trouble)
            if found:
                idling.again()
            elif idle:
                idling.wait(stopped, lambda: self._index.finalized() != self._seen)
            else:
                idling.worked()

    def _ask_again(self) -> bool:
        now = self._clock.now()
        position = self._records.owed(at=now)
        if position is None:
            return False
        event = self._index.event_at(position)
        if event is not None and self._look_through(event):
            self._records.settle(position)
        else:  # or the index is being rebuilt
            self._records.owe(position, again_at=now + RETRY_S if event is None else self._again_at(event))
        return True

    def _again_at(self, event: Event) -> int:
        """The older a batch that nobody gives, the less often it is asked for: asking can take long."""
        now = self._clock.now()
        return now + min(max(now - event.block.time, RETRY_S), MAX_RETRY_S)

    def _look_through(self, event: Event) -> bool:
        """Keep what our keys open of one batch; False if some of it is not to be had, and may come yet."""
        anchor = anchor_of(self._reader, self._directory, event)
        whole = True
        try:
            with self._counting(_batch(anchor)):
                whole = self._read(anchor)
        except NotOpened:  # not for us
            return True
        except NotFound:
            return False
        except Unavailable:  # a part of it has not come yet; if our own store is away, it says so
            self._contents.has(raw_cid(anchor.manifest))
            return False
        return whole

    def _read(self, anchor: AnchorRef) -> bool:
        batch = BatchReader(self._contents, anchor.manifest)
        batch.require_anchored(anchor)
        batch.require_recipient(self._keys)
        whole = True
        for first in range(0, batch.manifest.size, TILE_LEAVES):
            leaves = range(first, min(first + TILE_LEAVES, batch.manifest.size))
            lost = seek(self._contents, map(batch.envelope, leaves))
            page: list[Found] = []
            for leaf in leaves:
                if batch.envelope(leaf) in lost:  # erased, or it will not come
                    continue
                try:
                    with self._counting(f"leaf {leaf} of {_batch(anchor)}"):
                        page.append(self._known(batch, leaf, anchor))
                except NotOpened:  # not for us: the others of the batch are
                    continue
                except (NotFound, Unavailable):  # erased; or only a part of it came. Is our store away, it says so
                    whole = whole and not self._contents.has(batch.envelope(leaf))
            self._keep(page)
        return whole

    def _known(self, batch: BatchReader, leaf: int, anchor: AnchorRef) -> Found:
        keys, rights = batch.keys(leaf, self._keys)
        document = self._open(batch, leaf, DocumentKeys(keys.record, None), rights)  # to recognise a file
        claims = {opening.name: opening.value for opening in document.openings}
        content = None
        if keys.content is not None and is_comparable(claims):
            content = self._open(batch, leaf, keys, rights).content
        named = next((_content_digest(o) for o in document.openings if o.name == CONTENT), None)
        number = claims.get(NUMBER)
        known = KnownRecord(
            document.record_id,
            named,
            (anchor.block_number, anchor.log_index),
            dump_proof(prove(batch, leaf, document, anchor)),
            number if isinstance(number, str) else None,
        )
        place = (anchor.block_number, anchor.log_index, leaf)
        said = said_in(document.record_id, document.record, document.openings, content, place)
        is_borne_out = record_fault(document.record, anchor) is None
        return known, said if is_borne_out else replace(said, statements=())

    def _keep(self, page: Sequence[Found]) -> None:
        """Keep records and what they say: all at once, and if that fails, each by itself."""
        try:
            self._store(page)
        except (Unavailable, Conflict):
            raise
        except Exception:
            log.exception("%d documents could not be kept at once", len(page))
            for one in page:
                with self._counting("a document"):
                    self._store([one])

    def _store(self, page: Sequence[Found]) -> None:
        self._comparing.arrived([said for _, said in page])
        self._records.remember([known for known, _ in page])

    def _open(self, batch: BatchReader, leaf: int, keys: DocumentKeys, rights: Rights) -> OpenedDocument:
        envelope = read_envelope(self._contents, batch.envelope(leaf))
        opened = open_envelope(envelope, batch.record_id(leaf), keys, rights, max_bytes=MAX_XML_BYTES)
        return batch.checked(opened)

    @contextmanager
    def _counting(self, what: str) -> Iterator[None]:
        """What is wrong with one document ends its reading, not the duty. That it is not here, or not ours, passes."""
        try:
            yield
        except (Unavailable, Conflict, NotFound, NotOpened):
            raise
        except TamgaError as error:
            self.faults += 1
            log.warning("%s: %s", what, error.code)  # its words may quote the document
        except Exception:  # a fault of ours
            self.faults += 1
            log.exception("%s", what)


def _batch(anchor: AnchorRef) -> str:
    return f"batch {unpack_h(anchor.head).seq} of participant {anchor.issuer}"


def _content_digest(opening: Opening) -> Digest32:
    return Digest32(bytes.fromhex(opening.value["sha256"]))
