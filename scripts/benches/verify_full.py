"""All questions about documents, asked of the chain at one block; beside TradeTrust's verification on the same node.

Timed on ours, 1,000 proof files with their papers at once, of one anchored batch of 5,000: integrity, content, anchor,
issuer, status, time and use, as the library's `verify_many` answers them. On the peer's, 50 of its own wrapped files
at once: its hash and its document store's status (issued, not revoked); the check of its issuer's DNS record, which
needs another network, is left out.

    scripts/bench verify-full [--json] [--runs 5]
"""

import sys
from collections.abc import Iterator
from typing import Final

from ledger.adapters.clock import SystemClock
from ledger.domain.verdict import Verdict
from ledger.services.verification import Submitted, Verifier
from scripts.measure.figures import Figure, medians, more, rate, show
from scripts.measure.issuing import proven
from scripts.measure.ledger import LEDGER, measured_ledger
from scripts.measure.papers import papers
from scripts.measure.tradetrust import ISSUER, tradetrust

NAME: Final = "verify-full"
UNIT: Final = "docs/s"
BATCH: Final = 5_000
AT_ONCE: Final = 1_000
"""Documents in one call of ours."""
THEIRS: Final = 250
"""Documents in one run of the peer's: it asks the node about each, some seconds."""
THEIRS_AT_ONCE: Final = 50
GOAL: Final = 5_000
GOAL_TIMES: Final = 40


def measure(runs: int) -> Iterator[Figure]:
    """The two figures."""
    batch = papers(BATCH)
    with measured_ledger() as ledger, tradetrust() as peer:
        submitted = [Submitted(paper, proof) for paper, proof in proven(ledger, batch)]
        verifier = Verifier(LEDGER, ledger.reader, SystemClock())
        peer.load(batch[:THEIRS], {**ISSUER, "documentStore": peer.deploy_store(ledger.chain.rpc_url)})
        peer.ask("wrap")
        peer.ask("issue")

        def theirs() -> float:
            answer = peer.ask("verifyFull", count=THEIRS, atOnce=THEIRS_AT_ONCE)
            if answer["valid"] != THEIRS:
                raise ValueError("the peer does not find its own documents valid")
            return THEIRS / float(answer["seconds"])

        found = medians(runs, UNIT, ours=lambda: rate(BATCH, lambda: _verify(verifier, submitted)), theirs=theirs)
        yield more(NAME, found["ours"], UNIT, "goal", GOAL)
        against = f"TradeTrust {peer.version}, tt-verify hash and document store"
        yield more(NAME, found["ours"], UNIT, against, found["theirs"], goal=GOAL_TIMES)


def _verify(verifier: Verifier, submitted: list[Submitted]) -> None:
    for first in range(0, len(submitted), AT_ONCE):
        for answer in verifier.verify_many(submitted[first : first + AT_ONCE]):
            if answer.overall is not Verdict.VALID:
                raise ValueError(f"a document of ours is {answer.overall}: {answer.fragments}")


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:]))
