"""Puts the stage up on a running ledger and plays the five parts in order."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.deploy import Network
from ledger.adapters.evm.governing import Governing
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.file_store import FileStore
from ledger.adapters.keystore import Keystore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.trade.wco_xml import read_declaration
from ledger.services.acts import Acts
from scripts.demo import governing
from scripts.demo.cast import MEMBERS, TREASURY, Keys, display_names
from scripts.demo.clearing import Case, Clearing
from scripts.demo.duties import tariff_digest
from scripts.demo.notes import Notes
from scripts.demo.papers import Papers, commercial_papers
from scripts.demo.stage import Facade, Stage
from scripts.demo.telling import Telling

SAMPLES: Final = Path(__file__).resolve().parents[2] / "tests" / "samples"
GOVERNORS: Final = ("governor-1", "governor-2")
"""Two of the three signers of an embedded ledger; the third is not needed."""


@dataclass(frozen=True)
class Setting:
    """Where the play is played.

    Attributes:
        home: State folder of the ledger; the play keeps its own things in `demo` below it.
        network: Where the ledger is.
        passphrase: Opens the key files.
        content: Folder of sealed documents.
        customs_ring: Key ring of the facade, which is customs'.
    """

    home: Path
    network: Network
    passphrase: str
    content: Path
    customs_ring: Path
