"""From JSON bytes to record, claims, tree and all proofs, on one core; beside TradeTrust's wrap.

Timed on both sides, in batches of 5,000: papers in memory are parsed, each is given salts and hashed, one tree is made
over all of them and every document gets its proof. Ours: RFC 8785 form, a claim on the content and one on the serial
number, record and openings written out, record id, inclusion path; records are not kept, since a sealer passes each on
to its envelope. (TradeTrust looks each leaf up from the start, so a larger batch slows it down.)

    scripts/bench anchor-hash [--json] [--runs 5] [--profile]
"""

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import Final

import msgspec
import orjson

from ledger.domain import merkle
from ledger.domain.canonical import canonicalise
from ledger.domain.record import content_value
from scripts.measure.figures import Figure, medians, more, rate, show
from scripts.measure.papers import MEDIA_TYPE, papers
from scripts.measure.phases import Phase, each, phase
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


def profile() -> Iterator[Phase]:
    """Where our time goes; the first three are what the same bytes cost in C alone."""
    batch = papers(BATCH)
    write = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)
    claim = partial(content_value, media_type=MEDIA_TYPE)
    values = [msgspec.json.decode(paper) for paper in batch[:500]]
    texts = [write(value) for value in values]
    yield phase("reading JSON: msgspec alone", BATCH, each(msgspec.json.Decoder().decode, batch))
    yield phase("writing it sorted: orjson alone", 500, each(write, values))
    yield phase("SHA-256 of the text", 500, each(lambda text: sha256(text).digest(), texts))
    yield phase("RFC 8785 form, checks included", BATCH, each(partial(canonicalise, max_bytes=1 << 20), batch))
    yield phase("content claim: the form and its hash", BATCH, each(claim, batch))
    yield phase("content claim, record, openings and ids", BATCH, lambda: deque(records(batch), maxlen=0))
    ids = [sha256(paper).digest() for paper in batch]
    yield phase("tree and all paths", BATCH, lambda: list(merkle.inclusion_paths(ids)))
    yield phase("all", BATCH, lambda: anchor(batch))


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:], profile))
