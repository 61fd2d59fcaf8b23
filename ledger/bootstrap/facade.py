"""What one participant's facade runs on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.adapters.evm.network import Network
from ledger.bootstrap.chain import CLOCK, Chain, open_chain
from ledger.bootstrap.documents import open_contents, open_keys, open_keystore
from ledger.bootstrap.verifying import display_names, open_foreign
from ledger.config import Config
from ledger.domain.errors import NotFound
from ledger.domain.passports import Passport
from ledger.domain.profiles import Names
from ledger.ports.chain import ChainReader, LoopReader
from ledger.ports.clock import Clock
from ledger.ports.content_store import ContentStore
from ledger.ports.duty_troubles import DutyTroubles
from ledger.ports.index_store import IndexStore, RecordStore
from ledger.ports.leases import Leases
from ledger.ports.request_keys import RequestKeys
from ledger.ports.statement_store import StatementStore
from ledger.services.accounts import Accounts
from ledger.services.acts import Acts
from ledger.services.comparing import Comparing
from ledger.services.contradiction_feed import ContradictionFeed
from ledger.services.drafts import Drafts
from ledger.services.feed import Feed
from ledger.services.force import Forces
from ledger.services.headers import indexed_headers
from ledger.services.history import History
from ledger.services.indexing import Indexer
from ledger.services.lodging import Lodging
from ledger.services.passports import passports
from ledger.services.queries import Queries
from ledger.services.reading import Reading
from ledger.services.responding import Responding
from ledger.services.rights import Rights
from ledger.services.sender import Sender
from ledger.services.signing_in import SignIn
from ledger.services.states import States
from ledger.services.subjects import Subjects
from ledger.services.using import Uses
from ledger.services.verification import Verifier
from ledger.services.webhooks import Webhooks

if TYPE_CHECKING:
    from ledger.adapters.sql.outbox import SqlOutbox

LOCAL_URL: Final = "http://127.0.0.1:8000"
"""A facade that nobody gave an address is this machine's own."""


@dataclass(frozen=True)
class Facade:
    """What one participant's facade runs on.

    Attributes:
        reader: The ledger's chain, for who waits for an answer; what works beside the requests has another.
        index: Read model.
        indexer: Keeps it up.
        records: Records that this participant can read.
        statements: What they say of goods, and where they contradict one another.
        verifier: Judges documents.
        history: Tells what happened.
        states: Reads declarations, permits and documents.
        reading: Finds those records; None without a key ring.
        acts: Prepares, relays and follows acts.
        contents: Where sealed documents are kept.
        drafts: Ends what was sealed and never anchored.
        lodging: Makes sealed parts and acts of declarations.
        responding: Generates customs' answers.
        sign_in: Opens sessions, and says who asks.
        rights: Says who may read what.
        subjects: Says what of an act is hidden from who prepares it.
        queries: Lists what there is.
        accounts: Tells a trader's account.
        passports: Describes every service.
        uses: Tells what documents were used for.
        sender: Carries them; None without a relayer's key.
        feed: What happened since, for one reader.
        webhooks: Tells the systems of others of it.
        contradictions: What was found contradictory since, for one reader.
        contradiction_webhooks: Tells the systems of others of that.
        request_keys: Idempotency keys of requests.
        leases: Which process does which duty.
        duty_troubles: What they complain of, for all processes to tell.
        clock: Time.
        rate_limit: Requests a second that one caller may send to one worker; 0: no limit.
        names: Display names of participants.
        close: Gives back what it holds open.
        loop_reader: The chain, for the event loop of this process; None: threads ask it.
    """

    reader: ChainReader
    index: IndexStore
    indexer: Indexer
    records: RecordStore
    statements: StatementStore
    verifier: Verifier
    history: History
    states: States
    reading: Reading | None
    acts: Acts
    contents: ContentStore
    drafts: Drafts
    lodging: Lodging
    responding: Responding
    sign_in: SignIn
    rights: Rights
    subjects: Subjects
    queries: Queries
    accounts: Accounts
    passports: Sequence[Passport]
    uses: Uses
    sender: Sender | None
    feed: Feed
    webhooks: Webhooks
    contradictions: ContradictionFeed
    contradiction_webhooks: Webhooks
    request_keys: RequestKeys
    leases: Leases
    duty_troubles: DutyTroubles
    clock: Clock
    rate_limit: int
    names: Names
    close: Callable[[], None]
    loop_reader: LoopReader | None = None


def open_facade(config: Config) -> Facade:
    """Put a facade together. Neither node nor relayer's key need be there: verification then says what it can.

    Raises:
        NotFound: No `network.json`.
        Unavailable: The database does not open.
    """
    from ledger.adapters.http_courier import HttpCourier
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

    working, chain = open_chain(config), open_chain(config, is_waited_for=True)
    config.home.mkdir(parents=True, exist_ok=True)
    database = Database(config.database_url)
    index, records, outbox = SqlIndexStore(database), SqlRecordStore(database), SqlOutbox(database)
    statements = SqlStatementStore(database)
    found = ContradictionFeed(statements)
    names = display_names(config)
    sender = _sender(config, working, outbox)
    rows = SqlStateStore(database)
    queries = Queries(index, rows, CLOCK)
    contents, foreign, courier = open_contents(config), open_foreign(config), HttpCourier(config.webhook_hosts)
    history, rights = History(index, rows, records), Rights(chain.reader, index, records)
    sign_in = SignIn(public_url(config, chain.network), chain.reader, chain.writer, SqlSessionStore(database), CLOCK)
    feed = Feed(chain.reader, index, history, rights)

    def close() -> None:
        courier.close()
        contents.close()
        foreign.close()
        database.close()
        chain.close()
        working.close()

    drafts = Drafts(SqlDraftStore(database), contents, chain.reader, CLOCK)
    acts = Acts(chain.reader, chain.writer, chain.contracts, outbox, CLOCK, sender, index, drafts)
    states = States(chain.reader, index)
    return Facade(
        reader=chain.reader,
        index=index,
        indexer=Indexer(working.reader, index),
        records=records,
        statements=statements,
        verifier=Verifier(chain.network.ledger_id, chain.reader, CLOCK, records, names, foreign),
        history=history,
        states=states,
        reading=_reading(config, working, index, records, Comparing(statements, Forces(index, rows)), contents),
        acts=acts,
        contents=contents,
        drafts=drafts,
        lodging=Lodging(chain.reader, acts, contents, chain.network.ledger_id, CLOCK, drafts, indexed_headers(records)),
        responding=Responding(history, records, index, rows),
        sign_in=sign_in,
        rights=rights,
        subjects=Subjects(chain.reader, rights),
        queries=queries,
        accounts=Accounts(index, rows, queries),
        passports=passports(chain.contracts),
        uses=Uses(index, records, states, rights),
        sender=sender,
        feed=feed,
        webhooks=Webhooks(SqlWebhookStore(database), courier, feed, sign_in.caller_of, CLOCK),
        contradictions=found,
        contradiction_webhooks=Webhooks(
            SqlWebhookStore(database, contradiction_webhooks), courier, found, sign_in.caller_of, CLOCK
        ),
        request_keys=SqlRequestKeys(database),
        leases=SqlLeases(database),
        duty_troubles=SqlDutyTroubles(database),
        clock=CLOCK,
        rate_limit=config.rate_limit,
        names=names,
        close=close,
        loop_reader=chain.on_loop(),
    )


def public_url(config: Config, network: Network) -> str:
    """The address under which people see this facade."""
    return config.public_url or network.api_url or LOCAL_URL


def open_index(database_url: str) -> tuple[IndexStore, Callable[[], None]]:
    """An index in a database of its own, and what closes it."""
    from ledger.adapters.sql.database import Database
    from ledger.adapters.sql.index import SqlIndexStore

    database = Database(database_url)
    return SqlIndexStore(database), database.close


def _reading(
    config: Config,
    chain: Chain,
    index: IndexStore,
    records: RecordStore,
    comparing: Comparing,
    contents: ContentStore,
) -> Reading | None:
    try:
        keys = open_keys(config.read_keys, config.unlock())
    except NotFound:
        return None
    return Reading(chain.reader, chain.network.directory, index, records, comparing, contents, keys, CLOCK)


def _sender(config: Config, chain: Chain, outbox: "SqlOutbox") -> Sender | None:
    try:
        signer = open_keystore(config).load(config.relayer, config.unlock())
    except NotFound:
        return None
    return Sender(chain.reader, chain.writer, signer, outbox, chain.contracts)
