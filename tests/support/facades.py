"""A facade over a chain in memory, and an HTTP client of it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn

from api.app import create
from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.adapters.sql.records import SqlRecordStore
from ledger.adapters.sql.statements import SqlStatementStore
from ledger.bootstrap import Facade
from ledger.devnet.engines import Chain, Engine, running_chain
from ledger.services.acts import Acts
from ledger.services.history import History
from ledger.services.indexing import Indexer
from ledger.services.states import States
from ledger.services.verification import Verifier
from tests.support.documents import ISSUER, LEDGER, World


def facade_over(made: World, folder: Path) -> Facade:
    database = Database(f"sqlite:///{folder / 'ledger.sqlite'}")
    index, records = SqlIndexStore(database), SqlRecordStore(database)
    names = {ISSUER: "Plant quarantine"}
    nowhere = EvmRpc("http://127.0.0.1:9", timeout_s=0.1)
    contracts = Contracts.packaged()
    return Facade(
        reader=made.chain,
        index=index,
        indexer=Indexer(made.chain, index),
        records=records,
        statements=SqlStatementStore(database),
        verifier=Verifier(LEDGER, made.chain, SystemClock(), records, names),
        history=History(index, records),
        states=States(made.chain, index),
        reading=None,
        acts=Acts(made.chain, EvmWriter(nowhere, contracts), contracts, SqlOutbox(database), SystemClock()),
        sender=None,
        names=names,
        close=database.close,
    )


@contextmanager
def serving(facade: Facade) -> Iterator[httpx.Client]:
    """A client of the facade's HTTP face: uvicorn on a free loopback port, the facade's threads running."""
    server = uvicorn.Server(uvicorn.Config(create(lambda: facade), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def own_chain(engine: Engine, folder: Path) -> Iterator[Chain]:
    """A chain of this test's own, which the test may stop; its process is collected whatever happens."""
    with running_chain(engine, folder) as chain:
        try:
            yield chain
        finally:
            chain.process.stop()
            if chain.process.child is not None:
                chain.process.child.wait()
