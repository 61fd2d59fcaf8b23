"""Anchoring sealed batches by hand, and the proofs that follow from an anchor.

An issuer's sequence has no gaps, so its next number is found by looking for the first empty slot: no counter is kept.
"""

from collections.abc import Iterator
from typing import Final

from ledger.domain.errors import NotFound
from ledger.domain.ids import Address, Digest32, ParticipantId
from ledger.domain.limits import FIND_RANGE_BLOCKS
from ledger.domain.proof import AnchorRef
from ledger.ports.chain import ChainReader, Event, Head

REGISTRY: Final = "DocumentRegistry"


def next_sequence(reader: ChainReader, issuer: ParticipantId, *, at: Head) -> int:
    """The issuer's next sequence number, from 1, in the current registry; some forty reads at most."""

    def is_taken(sequence: int) -> bool:
        return any(reader.call(REGISTRY, "anchorWord", (issuer, sequence), at=at))

    free = 1
    while is_taken(free):
        free *= 2
    taken = free // 2  # 0: before the first
    while free - taken > 1:
        middle = (free + taken) // 2
        if is_taken(middle):
            taken = middle
        else:
            free = middle
    return free


def find_anchor(
    reader: ChainReader, issuer: ParticipantId, manifest: Digest32, *, until: Head, since: int = 0
) -> Event:
    """The `Anchored` event of a batch, the newest first. Raises `NotFound` if none is in blocks since..until."""
    last = until.number
    while last >= since:
        first = max(since, last - FIND_RANGE_BLOCKS + 1)
        for event in reversed(reader.find_events(REGISTRY, "Anchored", {"issuer": issuer}, first, last)):
            if event.args["manifest"] == manifest:
                return event
        last = first - 1
    raise NotFound("anchor of manifest", manifest.hex())


def registry_events(reader: ChainReader, name: str, *, until: Head) -> Iterator[Event]:
    """All events of that name of every DocumentRegistry up to `until`, in order; read as they are asked for."""
    for first in range(0, until.number + 1, FIND_RANGE_BLOCKS):
        yield from reader.find_events(REGISTRY, name, {}, first, min(first + FIND_RANGE_BLOCKS - 1, until.number))


def anchor_of(reader: ChainReader, directory: Address, event: Event) -> AnchorRef:
    """What a proof says of the anchor that an `Anchored` event tells of. Raises `Unavailable` without a node."""
    return AnchorRef(
        chain_id=reader.chain_id(),
        genesis=reader.genesis(),
        directory=directory,
        contract=event.contract,
        code_hash=reader.code_hash(event.contract, at=event.block),
        issuer=ParticipantId(event.args["issuer"]),
        head=event.args["h"],
        root=Digest32(event.args["root"]),
        manifest=Digest32(event.args["manifest"]),
        time=event.block.time,
        block_number=event.block.number,
        block_hash=event.block.hash,
        tx_hash=event.tx_hash,
        log_index=event.log_index,
    )
