"""Batches that were sealed for somebody who signs elsewhere, until their anchor is on the chain.

Who asks for a lodgement may never sign it, and what was sealed for it would fill the store for ever. So each batch is
noted before it is stored; one that is not anchored a day later is unpinned again, and nobody has more than so many
bytes of them at a time.

Both are durable before anybody is told what to sign: the note is a committed row, and a store returns from `put_batch`
only then. So the act that is signed for a draft never speaks of what a power cut could have taken.

The act that cites what was sealed comes after its anchors, and the ledger cannot tell whether they came: a record's id
is blind. So it is noted which batches a cited record relies on, and asked before the act is carried.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from ledger.domain.cid import raw_cid
from ledger.domain.errors import NotFound, TooMany, Unavailable
from ledger.domain.ids import Address, Cid, Digest32, RecordId
from ledger.domain.limits import FIND_RANGE_BLOCKS, MAX_DRAFT_BYTES
from ledger.ports.chain import ChainReader, Head
from ledger.ports.clock import Clock
from ledger.ports.content_store import ContentStore, Pin
from ledger.ports.draft_store import Draft, DraftStore
from ledger.services.anchoring import REGISTRY

KEPT_S: Final = 86_400
"""How long a batch waits for its anchor, by the chain's own time: its acts are good for a quarter of an hour."""
SWEPT_S: Final = 3_600.0
"""How often what is over is unpinned: each time the store looks through all that it has."""
POLL_S: Final = 0.5


class Drafts:
    """Notes, bounds and ends what was sealed and not anchored."""

    def __init__(self, store: DraftStore, contents: ContentStore, reader: ChainReader, clock: Clock) -> None:
        self._store, self._contents, self._reader, self._clock = store, contents, reader, clock

    def of(self, owner: Address) -> ContentStore:
        """The content store for what is sealed for `owner`, a key: each batch is noted in its name."""
        return _Noted(self, self._contents, owner)

    def note(self, owner: Address, blocks: Sequence[tuple[Cid, bytes]], pins: Sequence[Pin]) -> None:
        """Note a batch that is about to be stored.

        Raises:
            TooMany: The key has as many bytes without an anchor as one may have.
            Unavailable: No node, or no database.
        """
        if self._store.bytes_of(owner) > MAX_DRAFT_BYTES:
            self._forget_anchored(self._store.of_key(owner), self._reader.final_head())
            if self._store.bytes_of(owner) > MAX_DRAFT_BYTES:
                raise TooMany("too much was sealed for this key and never anchored: sign its acts, or wait a day")
        manifest, _ = blocks[-1]  # comes last of all
        size = sum(len(block) for _, block in blocks)
        since, roots = self._reader.final_head().number, tuple(pin.cid for pin in pins)
        self._store.add(Draft(manifest, roots, owner, since, self._clock.now(), size))

    def cite(self, records: Collection[RecordId], manifests: Collection[Digest32]) -> None:
        """Note that an act that cites one of these records relies on all of these batches. Raises `Unavailable`."""
        self._store.cite(records, [raw_cid(manifest) for manifest in manifests])

    def unanchored(self, records: Collection[RecordId]) -> list[Draft]:
        """Batches that who cites one of these records relies on, and that no block up to the newest anchors.

        Raises `Unavailable`.
        """
        drafts = self._store.cited_by(records)
        if not drafts:
            return []
        anchored = self._anchored(min(draft.since for draft in drafts), self._reader.head())
        return [draft for draft in drafts if draft.manifest not in anchored]

    def sweep(self) -> int:
        """Unpin what was not anchored in time, and have the store drop it; gives how many batches.

        Raises `Unavailable`: try again; `NotFound` from a store that lacks what it has to keep.
        """
        final = self._reader.final_head()
        # By the chain's time: of anchors in blocks that this node has not seen yet, nothing is known here.
        over = self._forget_anchored(self._store.sealed_before(final.time - KEPT_S), final)
        if over:
            self._contents.repin([], [root for draft in over for root in draft.roots])
            self._contents.collect()
            self._store.forget([draft.manifest for draft in over])
        return len(over)

    def run(self, stopped: Callable[[], bool], report: Callable[[str], None]) -> None:
        """Sweep now and then until `stopped()`; for a thread of the facade. `report` is told of each new trouble."""
        due, trouble = 0.0, ""
        while not stopped():
            if time.monotonic() >= due:
                due, found = time.monotonic() + SWEPT_S, ""
                try:
                    self.sweep()
                except (Unavailable, NotFound) as error:
                    due, found = time.monotonic() + SWEPT_S / 60, str(error)
                if found != trouble:
                    trouble = found
                    report(trouble)
            time.sleep(POLL_S)

    def _forget_anchored(self, drafts: Sequence[Draft], final: Head) -> list[Draft]:
        """Those that no final block anchors; the others are their issuer's documents now."""
        anchored = self._anchored(min((draft.since for draft in drafts), default=final.number), final)
        self._store.forget([draft.manifest for draft in drafts if draft.manifest in anchored])
        return [draft for draft in drafts if draft.manifest not in anchored]

    def _anchored(self, after: int, until: Head) -> Collection[Cid]:
        found: set[Cid] = set()
        for first in range(after + 1, until.number + 1, FIND_RANGE_BLOCKS):
            last = min(first + FIND_RANGE_BLOCKS - 1, until.number)
            events = self._reader.find_events(REGISTRY, "Anchored", {}, first, last)
            found |= {raw_cid(Digest32(event.args["manifest"])) for event in events}
        return found


class _Noted(ContentStore):
    """A content store that notes each batch before it takes it."""

    def __init__(self, drafts: Drafts, store: ContentStore, owner: Address) -> None:
        self._drafts, self._store, self._owner = drafts, store, owner

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        """See the port; raises as `Drafts.note` too."""
        whole, roots = list(blocks), list(pins)
        self._drafts.note(self._owner, whole, roots)
        self._store.put_batch(whole, roots)

    def has(self, cid: Cid) -> bool:
        """See the port."""
        return self._store.has(cid)

    def pins(self) -> Mapping[Cid, bool]:
        """See the port."""
        return self._store.pins()

    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        """See the port."""
        self._store.repin(add, remove)

    def collect(self) -> None:
        """See the port."""
        self._store.collect()

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        return self._store.get(cid, max_bytes=max_bytes)
