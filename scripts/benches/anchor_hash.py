"""From JSON bytes to record, claims, tree and all proofs, on one core; beside TradeTrust's wrap.

Timed on both sides, in batches of 5,000: papers in memory are parsed, each is given salts and hashed, one tree is made
over all of them and every document gets its proof. Ours: RFC 8785 form, a claim on the content and one on the serial
number, record and openings written out, record id, inclusion path; records are not kept, since a sealer passes each on
to its envelope. (TradeTrust looks each leaf up from the start, so a larger batch slows it down.)

    scripts/bench anchor-hash [--json] [--runs 5]
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Final

from ledger.domain import merkle
from scripts.measure.figures import Figure, medians, more, rate, show
from scripts.measure.papers import papers
from scripts.measure.proofs import records
from scripts.measure.tradetrust import tradetrust

NAME: Final = "anchor-hash"
UNIT: Final = "docs/s"
BATCH: Final = 5_000
OURS: Final = 8
"""Batches in one of our runs; the peer does one."""
GOAL: Final = 40_000
GOAL_TIMES: Final = 50


def measure(runs: int) -> Iterator[Figure]:
    """The two figures."""
    batch = papers(BATCH)

    def ours() -> float:
        return rate(OURS * BATCH, lambda: [anchor(batch) for _ in range(OURS)])

    with tradetrust() as peer:
        peer.load(batch)
        found = medians(runs, UNIT, ours=ours, theirs=lambda: BATCH / float(peer.ask("wrap")["seconds"]))
        yield more(NAME, found["ours"], UNIT, "goal, one core", GOAL)
        yield more(NAME, found["ours"], UNIT, f"TradeTrust {peer.version} wrap", found["theirs"], goal=GOAL_TIMES)


def anchor(batch: Sequence[bytes]) -> list[list[bytes]]:
    """Everything up to the root and the paths of a batch."""
    return list(merkle.inclusion_paths([one.record_id for one in records(batch)]))


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:]))
