"""What judges documents, and what it knows beside the chain."""

from pathlib import Path
from typing import TYPE_CHECKING

from ledger.adapters.evm.foreign import EvmForeignWorld
from ledger.adapters.names_file import NamesFile
from ledger.bootstrap.chain import CLOCK, open_chain
from ledger.config import Config
from ledger.domain.errors import NotFound
from ledger.domain.fields import in_file
from ledger.domain.foreign.settings import ForeignSettings, read_settings
from ledger.domain.profiles import Names
from ledger.services.verification import Verifier

if TYPE_CHECKING:
    from ledger.adapters.sql.records import SqlRecordStore


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


def display_names(config: Config) -> Names:
    """Names of participants, as the file has them at the time of asking; none without a file."""
    return NamesFile(config.participants_file)
