"""From JSON bytes to sealed, stored and anchored documents; beside TradeTrust's wrap and issue, which do neither.

Timed on ours, in batches of 5,000: parsed, hashed, recorded, encrypted, wrapped for three recipients besides the
issuer, written as one CAR file and synced, manifest, and one transaction final on a geth node. On the peer's: parsed,
wrapped as one batch, and its root issued by one transaction to its own document store on the same node.

    scripts/bench anchor-sealed [--json] [--runs 5]
"""

import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from ledger.adapters.file_store import FileStore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from scripts.measure.figures import Figure, medians, more, rate, show
from scripts.measure.issuing import Issuer
from scripts.measure.ledger import Measured, measured_ledger
from scripts.measure.papers import papers
from scripts.measure.tradetrust import ISSUER, tradetrust

NAME: Final = "anchor-sealed"
UNIT: Final = "docs/s"
BATCH: Final = 5_000
GOAL: Final = 8_000
GOAL_TIMES: Final = 10


def measure(runs: int) -> Iterator[Figure]:
    """The two figures."""
    batch = papers(BATCH)
    with measured_ledger() as ledger, tradetrust() as peer:
        with closing(FileStore(ledger.folder / "store")) as store, closing(_database(ledger)) as database:
            issuer = Issuer(ledger, store, SqlOutbox(database))
            peer.load(batch, {**ISSUER, "documentStore": peer.deploy_store(ledger.chain.rpc_url)})

            def theirs() -> float:
                return BATCH / (float(peer.ask("wrap")["seconds"]) + float(peer.ask("issue")["seconds"]))

            found = medians(runs, UNIT, ours=lambda: rate(BATCH, lambda: issuer.anchor(batch)), theirs=theirs)
        yield more(NAME, found["ours"], UNIT, "goal, two cores", GOAL)
        against = f"TradeTrust {peer.version} wrap and issue"
        yield more(NAME, found["ours"], UNIT, against, found["theirs"], goal=GOAL_TIMES)


def _database(ledger: Measured) -> Database:
    return Database(f"sqlite:///{ledger.folder / 'outbox.db'}")


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:]))
