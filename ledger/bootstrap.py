"""The only place that names adapters: puts together what a face needs, from settings.

Adapters whose libraries take long to import (SQLAlchemy, web3.py, Kubo's) are imported by the functions
that use them: a command starts with what it needs.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.build import Build
from ledger.adapters.evm.code_check import Checked as Checked
from ledger.adapters.evm.code_check import check_ledger
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.foreign import EvmForeignWorld
from ledger.adapters.evm.loop_reader import EvmLoopReader
from ledger.adapters.evm.network import GOVERNANCE, Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.solidity import FOLDER, compiler_of
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.file_store import FileStore
from ledger.adapters.keyring import add_key, create_keyring, open_keyring
from ledger.adapters.keystore import Keystore
from ledger.adapters.names_file import NamesFile
from ledger.adapters.replicas import ReplicatedStore
from ledger.config import Config
from ledger.domain.act_meanings import description
from ledger.domain.errors import NotFound
from ledger.domain.fields import in_file
from ledger.domain.foreign.settings import ForeignSettings, read_settings
from ledger.domain.passports import Passport
from ledger.domain.profiles import Names
from ledger.ports.chain import ChainReader, Head, LoopReader
from ledger.ports.clock import Clock
from ledger.ports.content_store import ContentStore
from ledger.ports.contracts import ActParam
from ledger.ports.duty_troubles import DutyTroubles
from ledger.ports.index_store import IndexStore, RecordStore
from ledger.ports.key_store import KeyRing
from ledger.ports.leases import Leases
from ledger.ports.outbox import Outbox
from ledger.ports.request_keys import RequestKeys
from ledger.ports.signer import Signer
from ledger.ports.statement_store import StatementStore
from ledger.services.accounts import Accounts
from ledger.services.acts import Acts
from ledger.services.anchor_queue import AnchorQueue
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
    from ledger.adapters.evm.direct import Transact
    from ledger.adapters.evm.governing import Governing
    from ledger.adapters.sql.outbox import SqlOutbox
    from ledger.adapters.sql.records import SqlRecordStore

CLOCK: Final = SystemClock()
LOCAL_URL: Final = "http://127.0.0.1:8000"
WORKING_S: Final = 10.0
"""Patience with the node of what works beside the requests, and of commands [s]."""
WAITED_FOR_S: Final = 2.0
"""The same of a request that somebody waits for: it is answered without the node then, or told to come again."""
"""A facade that nobody gave an address is this machine's own."""


@dataclass(frozen=True)
class Chain:
    """One ledger on one chain.

    Attributes:
        network: Where it is.
        contracts: Its ABI.
        reader: Pinned reads.
        writer: Raw access for senders.
        governing: Its governance; asks the node where that is. Given what sends a step, else as a deployment does.
        on_loop: Pinned reads for an event loop.
        close: Gives its connections back.
    """

    network: Network
    contracts: Contracts
    reader: EvmReader
    writer: EvmWriter
    governing: "Callable[..., Governing]"
    on_loop: Callable[[], LoopReader]
    close: Callable[[], None]


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


@dataclass(frozen=True)
class Hand:
    """What somebody needs who acts on the ledger with keys of their own.

    Attributes:
        chain: The ledger.
        acts: Describes acts for signing; carries none.
    """

    chain: Chain
    acts: Acts


@dataclass(frozen=True)
class Issuing:
    """What an issuer's own machine needs to anchor batch after batch.

    Attributes:
        anchors: Takes stored batches.
        sender: Carries their anchors; to be run.
        close: Gives the database back.
    """

    anchors: AnchorQueue
    sender: Sender
    close: Callable[[], None]


@dataclass(frozen=True)
class DescribedAct:
    """An act of a contract.

    Attributes:
        contract: Directory name.
        function: ABI name.
        meaning: What it does, its fields by name.
        notice: What its interface says of it (NatSpec): who may do it, from which state to which.
        parameters: Its parameters, in order.
    """

    contract: str
    function: str
    meaning: str
    notice: str
    parameters: Sequence[ActParam]


def acts_of(contract: str) -> list[DescribedAct]:
    """Every act of a contract in this package, in the order of its interface; no node is asked. Raises `NotFound`."""
    contracts = _contracts()
    return [
        DescribedAct(
            contract,
            function,
            description(contract, function),
            contracts.notice(contract, function),
            contracts.parameters(contract, function),
        )
        for function in contracts.artifact(contract).acts
    ]


def every_act() -> list[DescribedAct]:
    """Every act of every contract in this package; no node is asked."""
    return [act for contract in _contracts().names() for act in acts_of(contract)]


def act_inputs(contract: str, function: str) -> Sequence[ActParam]:
    """Parameters of an act, in order. Raises `NotFound`."""
    return _contracts().parameters(contract, function)


@functools.cache
def _contracts() -> Contracts:
    return Contracts.packaged()


def read_network(config: Config) -> Network:
    """Where the ledger is. Raises `NotFound` without `network.json`."""
    return Network.read(config.network_file)


def open_hand(config: Config) -> Hand:
    """The ledger, for a person with keys. Raises `NotFound` without `network.json`."""
    from ledger.adapters.sql.database import Database
    from ledger.adapters.sql.outbox import SqlOutbox

    chain = open_chain(config)
    nothing_kept = SqlOutbox(Database("sqlite://"))
    return Hand(chain, Acts(chain.reader, chain.writer, chain.contracts, nothing_kept, CLOCK))


def open_chain(config: Config, *, is_waited_for: bool = False) -> Chain:
    """Name the ledger that `network.json` tells of, or raise `NotFound` without that file; no node is asked yet.

    Args:
        config: Settings.
        is_waited_for: Many wait for its answers at once: it is asked with less patience.
    """
    network = read_network(config)
    rpc = EvmRpc(
        config.rpc_url or network.rpc_url,
        chain_id=network.chain_id,
        genesis=network.genesis,
        timeout_s=WAITED_FOR_S if is_waited_for else WORKING_S,
    )
    contracts = _contracts()
    reader = EvmReader(rpc, contracts, network.directory, finality_depth=network.finality_depth)

    def governing(transact: "Transact | None" = None) -> "Governing":
        from ledger.adapters.evm.governing import Governing  # web3.py

        return Governing(rpc, contracts, reader.address_of(GOVERNANCE), transact)

    return Chain(
        network=network,
        contracts=contracts,
        reader=reader,
        writer=EvmWriter(rpc, contracts),
        governing=governing,
        on_loop=lambda: EvmLoopReader(reader, rpc),
        close=rpc.close,
    )


def sources_at_hand() -> Path | None:
    """The clone that this package was installed from, if it is one: a wheel brings no Solidity."""
    root = Path(__file__).resolve().parents[1]
    return root if (root / FOLDER).is_dir() else None


def check_code(
    config: Config, roots: Sequence[Path], compiler: Path | None, progress: Callable[[str, int, int], None]
) -> tuple[Head, list[Checked]]:
    """Compare the contracts on the chain with the sources of clones, compiled by their own compiler if none is named.

    Raises:
        Malformed: No sources, or they do not compile.
        NotFound: No `network.json`.
        Unavailable: No node of this ledger; asked before compiling, which takes half a minute a clone.
    """
    chain = open_chain(config)
    network = chain.network
    try:
        chain.reader.final_head()
        builds = [Build(root, compiler or compiler_of(root)) for root in roots]
        return check_ledger(chain.reader, network.directory, network.ledger_id, network.chain_id, builds, progress)
    finally:
        chain.close()


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


def open_issuing(config: Config, chain: Chain, signer: Signer) -> Issuing:
    """The outbox of an issuer's key. Raises `Unavailable` if its database does not open."""
    outbox, close = open_outbox(config)
    sender = Sender(chain.reader, chain.writer, signer, outbox, chain.contracts)
    return Issuing(AnchorQueue(chain.reader, chain.contracts, sender, outbox), sender, close)


def open_outbox(config: Config) -> tuple[Outbox, Callable[[], None]]:
    """The outbox of this machine, and what closes it. Raises `Unavailable` if its database does not open."""
    from ledger.adapters.sql.database import Database
    from ledger.adapters.sql.outbox import SqlOutbox

    config.home.mkdir(parents=True, exist_ok=True)
    database = Database(config.database_url)
    return SqlOutbox(database), database.close


def open_index(database_url: str) -> tuple[IndexStore, Callable[[], None]]:
    """An index in a database of its own, and what closes it."""
    from ledger.adapters.sql.database import Database
    from ledger.adapters.sql.index import SqlIndexStore

    database = Database(database_url)
    return SqlIndexStore(database), database.close


def open_verifier(config: Config, *, with_records: bool = True) -> Verifier:
    """A verifier that works anywhere: without `network.json` it knows no ledger, and answers integrity alone.

    Raises:
        Unavailable: The database of this machine's facade does not open; `with_records` wants what it knows.
    """
    try:
        chain = open_chain(config)
    except NotFound:
        return Verifier(None, None, CLOCK, foreign=open_foreign(config))
    names, foreign = display_names(config), open_foreign(config)
    records = local_records(config) if with_records else None
    return Verifier(chain.network.ledger_id, chain.reader, CLOCK, records, names, foreign)


def open_foreign(config: Config) -> EvmForeignWorld:
    """Issuers and chains of other systems, as the file has them; none without a file.

    Raises:
        Malformed: The file cannot be read.
        LimitExceeded: It is too large.
    """
    try:
        with in_file(config.foreign_file):
            settings = read_settings(config.foreign_file.read_bytes())
    except FileNotFoundError:
        settings = ForeignSettings()
    return EvmForeignWorld(settings)


def local_records(config: Config) -> "SqlRecordStore | None":
    """Readable records of a facade on this machine, if there is one.

    Raises:
        Unavailable: Its database does not open.
    """
    from sqlalchemy import make_url

    from ledger.adapters.sql.database import Database
    from ledger.adapters.sql.records import SqlRecordStore

    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None
    return SqlRecordStore(Database(config.database_url))


def open_keystore(config: Config) -> Keystore:
    """The folder of encrypted keys."""
    return Keystore(config.keystore)


def display_names(config: Config) -> Names:
    """Names of participants, as the file has them at the time of asking; none without a file."""
    return NamesFile(config.participants_file)


def open_contents(config: Config) -> ReplicatedStore:
    """Where sealed documents are kept: the Kubo nodes that are configured, else the folder.

    Raises:
        Malformed: A node's address is none; none is asked yet.
        Unavailable: The folder does not open.
    """
    if not config.ipfs_urls:
        return ReplicatedStore([FileStore(config.content)], required=1)
    from ledger.adapters.kubo import KuboStore

    return ReplicatedStore([KuboStore(url) for url in config.ipfs_urls], required=config.replicas)


def open_keys(ring: Path, passphrase: str) -> KeyRing:
    """A participant's decryption keys. Raises `NotFound` without such a file, `NotOpened` for a wrong passphrase."""
    return open_keyring(ring, passphrase)


def make_keys(ring: Path, passphrase: str) -> KeyRing:
    """A new ring with one key. Raises `Conflict` if the file is already there."""
    return create_keyring(ring, passphrase)


def add_read_key(ring: Path, passphrase: str) -> KeyRing:
    """The same ring with one more key, the newest. Raises as `open_keys`."""
    return add_key(ring, passphrase)


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
