"""From paper and proof file to the batch's root, on one core; beside TradeTrust's offline verification.

Timed on both sides, files in memory, one of a batch of 5,000 each: the proof file is parsed strictly, record and
openings are checked, the path is folded up to the root, and the paper is compared with the record by its RFC 8785 form.
TradeTrust's file holds its paper: it is parsed, hashed field by field and folded up to its root (`verifySignature`).

    scripts/bench verify-proof [--json] [--runs 5] [--profile]
"""

import sys
from collections.abc import Iterator
from functools import partial
from typing import Final

from ledger.domain.integrity import check_integrity
from ledger.domain.proof_reading import parse_proof
from ledger.domain.proof_shape import read_shape
from ledger.domain.record import content_value
from scripts.measure.figures import Figure, medians, more, rate, show
from scripts.measure.papers import MEDIA_TYPE, papers
from scripts.measure.phases import Phase, each, phase
from scripts.measure.proofs import proof_files
from scripts.measure.tradetrust import tradetrust

NAME: Final = "verify-proof"
UNIT: Final = "docs/s"
BATCH: Final = 5_000
GOAL: Final = 25_000
GOAL_TIMES: Final = 25


def measure(runs: int) -> Iterator[Figure]:
    """The two figures."""
    batch = papers(BATCH)
    files = list(zip(proof_files(batch), batch, strict=True))
    with tradetrust() as peer:
        peer.load(batch)
        peer.ask("wrap")

        def theirs() -> float:
            answer = peer.ask("verify")
            if answer["valid"] != BATCH:
                raise ValueError("the peer does not find its own documents valid")
            return BATCH / float(answer["seconds"])

        found = medians(runs, UNIT, ours=lambda: rate(BATCH, lambda: _verify(files)), theirs=theirs)
        yield more(NAME, found["ours"], UNIT, "goal, one core", GOAL)
        against = f"TradeTrust {peer.version} verifySignature"
        yield more(NAME, found["ours"], UNIT, against, found["theirs"], goal=GOAL_TIMES)


def _verify(files: list[tuple[bytes, bytes]]) -> None:
    for proof, paper in files:
        if not all(outcome.holds for outcome in check_integrity(parse_proof(proof), paper)):
            raise ValueError("a document of ours is not found intact")


def profile() -> Iterator[Phase]:
    """Where our time goes."""
    batch = papers(BATCH)
    claim = partial(content_value, media_type=MEDIA_TYPE)
    files = list(zip(proof_files(batch), batch, strict=True))
    proofs = [parse_proof(file) for file, _ in files]
    yield phase(
        "content claim: the paper's RFC 8785 form and its hash",
        BATCH,
        each(claim, batch),
    )
    yield phase("proof file into its shape and back", BATCH, each(lambda one: read_shape(one[0]), files))
    yield phase("proof file read and checked, the shape included", BATCH, each(lambda one: parse_proof(one[0]), files))
    yield phase("record id and path to the root", BATCH, each(check_integrity, proofs))
    yield phase("all", BATCH, lambda: _verify(files))


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:], profile))
