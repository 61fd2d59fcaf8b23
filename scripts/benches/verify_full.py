"""All questions about documents, asked of the chain at one block; beside TradeTrust's verification on the same node.

Timed on ours, 1,000 proof files with their papers at once, of one anchored batch of 5,000: integrity, content, anchor,
issuer, status, time and use, as the library's `verify_many` answers them. On the peer's, 50 of its own wrapped files
at once: its hash and its document store's status (issued, not revoked); the check of its issuer's DNS record, which
needs another network, is left out.

    scripts/bench verify-full [--json] [--runs 5]
"""

import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from ledger.adapters.clock import SystemClock
from ledger.adapters.file_store import FileStore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain import merkle
from ledger.domain.proof import Path, Proof, dump_proof
from ledger.domain.verdict import Verdict
from ledger.services.anchoring import anchor_of, find_anchor
from ledger.services.sealing import SealedDocument
from ledger.services.verification import Submitted, Verifier
from scripts.measure.figures import Figure, medians, more, rate, show
from scripts.measure.issuing import Issuer
from scripts.measure.ledger import LEDGER, Measured, measured_ledger
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
        submitted = _submitted(ledger, batch)
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


def _submitted(ledger: Measured, batch: list[bytes]) -> list[Submitted]:
    """Papers with their proof files, of a batch that is anchored."""
    sealed: list[SealedDocument] = []
    with (
        closing(FileStore(ledger.folder / "store")) as store,
        closing(Database(f"sqlite:///{ledger.folder / 'outbox.db'}")) as database,
    ):
        issuer = Issuer(ledger, store, SqlOutbox(database))
        _, digest = issuer.anchor(batch, sealed.append)
    head = ledger.reader.final_head()
    event = find_anchor(ledger.reader, issuer.participant, digest, until=head)
    anchor = anchor_of(ledger.reader, ledger.network.directory, event)
    paths = merkle.inclusion_paths([one.record_id for one in sealed])
    return [
        Submitted(paper, dump_proof(Proof(one.record, one.openings, Path(one.leaf, BATCH, tuple(hashes)), anchor)))
        for paper, one, hashes in zip(batch, sealed, paths, strict=True)
    ]


def _verify(verifier: Verifier, submitted: list[Submitted]) -> None:
    for first in range(0, len(submitted), AT_ONCE):
        for answer in verifier.verify_many(submitted[first : first + AT_ONCE]):
            if answer.overall is not Verdict.VALID:
                raise ValueError(f"a document of ours is {answer.overall}: {answer.fragments}")


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:]))
