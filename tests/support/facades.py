"""A facade over a chain in memory, and an HTTP client of it."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import uvicorn
from fastapi import FastAPI

from api.app import create
from api.server import options
from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.file_store import FileStore
from ledger.adapters.http_courier import WITHIN_S, HttpCourier
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.drafts import SqlDraftStore
from ledger.adapters.sql.duty_troubles import SqlDutyTroubles
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.leases import SqlLeases
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.adapters.sql.records import SqlRecordStore
from ledger.adapters.sql.request_keys import SqlRequestKeys
from ledger.adapters.sql.sessions import SqlSessionStore
from ledger.adapters.sql.statements import SqlStatementStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.adapters.sql.webhooks import SqlWebhookStore, contradiction_webhooks
from ledger.bootstrap.facade import Facade
from ledger.devnet.engines import CHAIN_ID, Chain, Engine, running_chain
from ledger.devnet.loopback import HOST, free_port
from ledger.ports.signer import Signer
from ledger.services.accounts import Accounts
from ledger.services.acts import Acts
from ledger.services.contradiction_feed import ContradictionFeed
from ledger.services.drafts import Drafts
from ledger.services.feed import Feed
from ledger.services.headers import indexed_headers
from ledger.services.history import History
from ledger.services.indexing import Indexer
from ledger.services.lodging import Lodging
from ledger.services.passports import passports
from ledger.services.queries import Queries
from ledger.services.responding import Responding
from ledger.services.rights import Rights
from ledger.services.signing_in import SignIn
from ledger.services.states import States
from ledger.services.subjects import Subjects
from ledger.services.using import Uses
from ledger.services.verification import Verifier
from ledger.services.webhooks import Webhooks
from tests.support.documents import ISSUER, LEDGER, World
from tests.support.fake_chain import FakeChain


def free_url() -> str:
    """A URL for a facade of this machine's own."""
    return f"http://{HOST}:{free_port()}"


def signed_in(client: httpx.Client, signer: Signer) -> httpx.Client:
    """The same client, from now on with a session of this key."""
    asked = client.post("/v1/session/nonce", json={"address": signer.address}).raise_for_status().json()
    signature = "0x" + signer.sign_message(asked["message"]).hex()
    session = client.post("/v1/session", json={"message": asked["message"], "signature": signature})
    client.headers["Authorization"] = f"Bearer {session.raise_for_status().json()['token']}"
    return client


def facade_over(
    made: World, folder: Path, *, webhook_hosts: tuple[str, ...] = (), delivered_within_s: float = WITHIN_S
) -> Facade:
    return facade_on(made.chain, folder, webhook_hosts=webhook_hosts, delivered_within_s=delivered_within_s)


def facade_on(
    chain: FakeChain, folder: Path, *, webhook_hosts: tuple[str, ...] = (), delivered_within_s: float = WITHIN_S
) -> Facade:
    database = Database(f"sqlite:///{folder / 'ledger.sqlite'}")
    index, records = SqlIndexStore(database), SqlRecordStore(database)
    statements = SqlStatementStore(database)
    found = ContradictionFeed(statements)
    names = {ISSUER: "Plant quarantine"}
    nowhere = EvmRpc("http://127.0.0.1:9", timeout_s=0.1)
    contracts = Contracts.packaged()
    writer = EvmWriter(nowhere, contracts)
    rows = SqlStateStore(database)
    queries = Queries(index, rows, SystemClock())
    history, rights = History(index, rows, records), Rights(chain, index, records)
    sign_in = SignIn(free_url(), chain, writer, SqlSessionStore(database), SystemClock())
    feed = Feed(chain, index, history, rights)
    courier = HttpCourier(webhook_hosts, within_s=delivered_within_s)
    states, contents = States(chain, index), FileStore(folder / "content")
    drafts = Drafts(SqlDraftStore(database), contents, chain, SystemClock())
    acts = Acts(chain, writer, contracts, SqlOutbox(database), SystemClock(), index=index, drafts=drafts)

    def close() -> None:
        courier.close()
        database.close()

    return Facade(
        reader=chain,
        index=index,
        indexer=Indexer(chain, index),
        records=records,
        statements=statements,
        verifier=Verifier(LEDGER, chain, SystemClock(), records, names),
        history=history,
        states=states,
        reading=None,
        acts=acts,
        contents=contents,
        drafts=drafts,
        lodging=Lodging(chain, acts, contents, LEDGER, SystemClock(), drafts, indexed_headers(records)),
        responding=Responding(history, records, index, rows),
        sign_in=sign_in,
        rights=rights,
        subjects=Subjects(chain, rights),
        queries=queries,
        accounts=Accounts(index, rows, queries),
        passports=passports(contracts),
        uses=Uses(index, records, states, rights),
        sender=None,
        feed=feed,
        webhooks=Webhooks(SqlWebhookStore(database), courier, feed, sign_in.caller_of, SystemClock()),
        contradictions=found,
        contradiction_webhooks=Webhooks(
            SqlWebhookStore(database, contradiction_webhooks), courier, found, sign_in.caller_of, SystemClock()
        ),
        request_keys=SqlRequestKeys(database),
        leases=SqlLeases(database),
        duty_troubles=SqlDutyTroubles(database),
        clock=SystemClock(),
        rate_limit=0,
        names=names,
        close=close,
    )


def serving(facade: Facade) -> AbstractContextManager[httpx.Client]:
    """A client of the facade's HTTP face, which listens at its own public URL, the facade's threads running."""
    return serving_app(create(lambda: facade), facade.sign_in.public_url)


@contextmanager
def serving_app(app: FastAPI, public_url: str, *, trusted_proxies: tuple[str, ...] = ()) -> Iterator[httpx.Client]:
    """A client of an application, which listens at that URL, served as a facade is."""
    url = urlsplit(public_url)
    assert url.port
    config = uvicorn.Config(app, host=HOST, port=url.port, log_level="warning", **options(trusted_proxies))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        with httpx.Client(base_url=url.geturl(), timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def own_chain(engine: Engine, folder: Path, *, chain_id: int = CHAIN_ID) -> Iterator[Chain]:
    """A chain of this test's own, which the test may stop; its process is collected whatever happens."""
    with running_chain(engine, folder, chain_id=chain_id) as chain:
        try:
            yield chain
        finally:
            chain.process.stop()
            if chain.process.child is not None:
                chain.process.child.wait()
