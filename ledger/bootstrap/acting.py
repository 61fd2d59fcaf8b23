"""What somebody needs who acts on the ledger with keys of their own."""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.bootstrap.chain import CLOCK, Chain, open_chain
from ledger.config import Config
from ledger.ports.outbox import Outbox
from ledger.ports.signer import Signer
from ledger.services.acts import Acts
from ledger.services.anchor_queue import AnchorQueue
from ledger.services.sender import Sender


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


def open_hand(config: Config) -> Hand:
    """The ledger, for a person with keys. Raises `NotFound` without `network.json`."""
    from ledger.adapters.sql.database import Database
    from ledger.adapters.sql.outbox import SqlOutbox

    chain = open_chain(config)
    nothing_kept = SqlOutbox(Database("sqlite://"))
    return Hand(chain, Acts(chain.reader, chain.writer, chain.contracts, nothing_kept, CLOCK))


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
