"""Puts the stage up on a running ledger and plays the five parts in order."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.governing import Governing
from ledger.adapters.evm.network import Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.file_store import FileStore
from ledger.adapters.keystore import Keystore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.client import Client
from ledger.devnet.places import write_whole
from ledger.domain.declaration import DeclarationStatus
from ledger.domain.errors import NotFound
from ledger.domain.ids import ParticipantId
from ledger.domain.trade.wco_xml import read_declaration
from ledger.services.acts import Acts
from scripts.demo import governing
from scripts.demo.auditing import audit
from scripts.demo.cast import MEMBERS, TREASURY, Keys, display_names
from scripts.demo.clearing import Case, Clearing
from scripts.demo.duties import tariff_digest
from scripts.demo.notes import Notes
from scripts.demo.papers import Papers, commercial_papers
from scripts.demo.stage import Stage
from scripts.demo.telling import Telling
from scripts.demo.verifying import Verifying

SAMPLES: Final = Path(__file__).resolve().parents[2] / "tests" / "samples"
CLOCK: Final = SystemClock()
REMARKS: Final = (
    "the declaration is derived, see tests/samples/README.md: header and parties of HMRC's IM008b, goods items of",
    "Defra's clearance request; it cites phytosanitary certificate GBCHD2024.7360439, the public sample bears 123ABC",
)
Switch = Callable[[], AbstractContextManager[None]]
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
        participants_file: Display names for that facade.
    """

    home: Path
    network: Network
    passphrase: str
    content: Path
    customs_ring: Path
    participants_file: Path


def play(setting: Setting, telling: Telling, chain_off: Switch | None) -> None:
    """Play all five parts; what an earlier run did is told, not done again.

    Args:
        setting: Where.
        telling: Told of each step.
        chain_off: Switches the node off while it is held; None where it is not ours to switch off.

    Raises:
        TamgaError: A step failed; playing again goes on from there.
    """
    network, folder = setting.network, setting.home / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    contracts = Contracts.packaged()
    database = Database(f"sqlite:///{folder / 'outbox.sqlite'}")
    with EvmRpc(network.rpc_url, chain_id=network.chain_id, genesis=network.genesis) as rpc:
        reader = EvmReader(rpc, contracts, network.directory, finality_depth=network.finality_depth)
        acts = Acts(reader, EvmWriter(rpc, contracts), contracts, SqlOutbox(database), CLOCK)
        keys = Keys(folder, setting.passphrase, customs_ring=setting.customs_ring)
        try:
            with Client(_api(network)) as facade:
                stage = Stage(reader, acts, facade, keys, Notes(folder / "notes.json"), telling)
                _parts(setting, stage, Governing(rpc, contracts, reader.address_of("Governance")), chain_off)
        finally:
            database.close()


def _parts(setting: Setting, stage: Stage, governing_: Governing, chain_off: Switch | None) -> None:
    telling, network = stage.telling, setting.network
    declaration = read_declaration((SAMPLES / "derived" / "import-declaration.xml").read_bytes())
    with telling.part(1, "Governance admits the participants and sets the rules"):
        numbers, sealing = _governance(setting, stage, governing_)
    with telling.part(2, "Documents are sealed, stored and anchored"):
        papers = Papers(
            stage, FileStore(setting.content), CLOCK, setting.home / "demo" / "papers",
            network.ledger_id, network.directory, numbers, sealing,
        )  # fmt: skip
        for batch in commercial_papers(SAMPLES, declaration):
            papers.anchor(batch)
    with telling.part(3, "A permit, a declaration, its control, its debt, its release"):
        for remark in REMARKS:
            telling.note(remark)
        case = Clearing(stage, numbers, declaration, papers).play()
    with telling.part(4, "An agency verifies by HTTP"):
        Verifying(stage, papers, chain_off).play()
    with telling.part(5, "The auditor reads the declaration's history"):
        audit(stage, case, {numbers[member.name]: member.title for member in MEMBERS})
    _close(setting, stage, case)


def _governance(
    setting: Setting, stage: Stage, governing_: Governing
) -> tuple[Mapping[str, ParticipantId], Mapping[str, bytes]]:
    keystore = Keystore(setting.home / "keystore")
    signers = [keystore.load(name, setting.passphrase) for name in GOVERNORS]
    government = governing.Government(stage, governing_, signers)
    numbers = governing.admit(government, stage)
    write_whole(setting.participants_file, display_names(numbers))
    sealing = {member.name: stage.keys.sealing_key(member) for member in MEMBERS}
    governing.equip(government, stage.keys, numbers, sealing)
    base = stage.notes.once("rules/base", lambda: stage.view("RuleRegistry", "version"))
    account = stage.keys.signer(TREASURY.seats[0].name).address
    governing.rule(government, numbers, base, tariff_digest(), account)
    return numbers, sealing


def _close(setting: Setting, stage: Stage, case: Case) -> None:
    telling = stage.telling
    state = stage.view("DeclarationRegistry", "state", case.case_id)
    unpaid, suspended = case.refusals
    telling.outcome |= {
        "MRN": case.mrn,
        "declaration": f"{case.case_id}, {DeclarationStatus(state['status']).name}",
        "refused while unpaid for": ", ".join(unpaid),
        "refused while suspended for": ", ".join(suspended),
        **{f"verified {name}": told["overall"] for name, told in telling.verdicts.items()},
        "history": f"{len(telling.history)} acts",
        "steps": f"{len(telling.steps)}, of which {sum(step.before for step in telling.steps)} were done before",
    }
    telling.close()
    proof = setting.home / "demo" / "papers" / "invoice-0.tamga.json"
    home, keys = setting.home, setting.home / "demo" / "keystore"
    unlocked = f"TAMGA_PASSPHRASE_FILE={home / 'passphrase'} TAMGA_KEYSTORE={keys}"
    telling.note(f"look further: {unlocked} .venv/bin/tamga history {case.case_id} --key auditor")
    telling.note(f"or: .venv/bin/tamga verify tests/samples/pdf/EN16931_Einfach.pdf --proof {proof}")


def _api(network: Network) -> str:
    if network.api_url is None:
        raise NotFound("api_url", "network.json")
    return network.api_url
