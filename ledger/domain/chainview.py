"""Following a chain that may fork: which single step comes next. The plan is pure; the indexer carries it out.

    blocks      the node has blocks above ours that link to our last one
    reorg       the node holds another block at our height: undo down to the last common one
    finalize    blocks that we hold became final

Rules that hold: stored blocks link parent to child; a finalized block is never undone (a node that shows another one
there lies, or is of another chain); a node whose head is below ours lags, which is waited out and never rolled back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ledger.domain.errors import Tampered, Unavailable
from ledger.domain.ids import BlockHash

NOTHING: Final = -1
"""Height of a follower that holds no block."""


class Linked(Protocol):
    """What a header must tell."""

    @property
    def number(self) -> int:
        """Height."""

    @property
    def hash(self) -> BlockHash:
        """Block hash."""

    @property
    def parent(self) -> BlockHash:
        """Hash of the block before."""


@dataclass(frozen=True)
class Blocks:
    """Apply heights `first`..`last`, both inclusive."""

    first: int
    last: int


@dataclass(frozen=True)
class Reorg:
    """Undo every block above height `to`."""

    to: int


@dataclass(frozen=True)
class Finalize:
    """Blocks up to height `to` are final."""

    to: int


Step = Blocks | Reorg | Finalize


def next_step(
    ours: Linked | None,
    finalized: int,
    head: Linked,
    final: Linked,
    *,
    stored: Callable[[int], BlockHash],
    theirs: Callable[[int], BlockHash | None],
    most: int,
) -> Step | None:
    """Return the one step to take now; None when there is none.

    Args:
        ours: Our last block; None if we hold none.
        finalized: Height of our last finalized block, `NOTHING` if there is none.
        head: The node's newest block.
        final: The node's newest final block.
        stored: Hash that we hold at a height up to ours.
        theirs: Hash that the node holds at a height, None above its head.
        most: Blocks per step.

    Raises:
        Unavailable: The node lags behind what we hold.
        Tampered: The node holds another block where ours is final.
    """
    if ours is None:
        return Blocks(0, min(head.number, most - 1))
    if head.number < ours.number:
        raise Unavailable(f"the node is at block {head.number}, we have already seen {ours.number}")
    if theirs(ours.number) != ours.hash:
        return Reorg(fork_point(finalized, ours.number, stored, theirs))
    if head.number > ours.number:
        return Blocks(ours.number + 1, min(head.number, ours.number + most))
    if final.number > finalized:
        return Finalize(min(final.number, ours.number))
    return None


def fork_point(
    finalized: int, top: int, stored: Callable[[int], BlockHash], theirs: Callable[[int], BlockHash | None]
) -> int:
    """Return the highest height at or above `finalized` where both chains agree, by bisection.

    `NOTHING` if nothing is final and not even block 0 agrees.

    Raises:
        Tampered: They differ at `finalized` itself.
    """
    if finalized != NOTHING and theirs(finalized) != stored(finalized):
        raise Tampered(f"the node holds another block at height {finalized}, which is final")
    low, high = finalized, top  # agree at low, differ at high
    while high - low > 1:
        middle = (low + high) // 2
        if theirs(middle) == stored(middle):
            low = middle
        else:
            high = middle
    return low


def check_links(before: Linked | None, blocks: Sequence[Linked]) -> None:
    """Check that `blocks` follow `before` (None: start at block 0) and one another.

    Raises:
        Unavailable: They do not: the chain moved while it was read, or the node mixes answers of several.
    """
    number, parent = (NOTHING, None) if before is None else (before.number, before.hash)
    for block in blocks:
        if block.number != number + 1 or (parent is not None and block.parent != parent):
            raise Unavailable(f"block {block.number} does not follow the one before it")
        number, parent = block.number, block.hash
