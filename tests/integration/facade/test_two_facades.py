"""Two facades of two participants over one chain: each shows what its participant was let to see.

Given the main job, played, and beside the customs' facade one that the plant quarantine runs with its own read key
    when a document is verified by its file alone
        → customs, reader of every document that a declaration cites, should know it
        → the quarantine's facade should know what it was given, and say of the rest that it is not known there
        → with its proof, both should judge it, and say the same
    when the same officer signs in at either → both should show the same part of the declaration, and no more
    when a customs officer signs in at the quarantine's facade → the ledger's facts, and none of the sealed contents
    when states and histories are read → amounts should be text, instants RFC 3339, and integers nothing but numbers
    when customs asks for checks of another net mass than the broker declared
        → both facades should find the contradiction by themselves, and show both values to both sides
    when one facade is asked with the other's session → it should know nobody of that token
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.adapters.keystore import Keystore
from ledger.client import Client
from ledger.devnet.engines import Engine
from ledger.devnet.loopback import HOST, free_port
from ledger.domain.canonical import dumps
from ledger.domain.errors import NotSignedIn
from ledger.domain.trade.declaration import item_json
from ledger.domain.trade.wco_xml import read_declaration
from ledger.domain.units import Unit, meaning_of
from tests.support.clone import ROOT, Clone

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

SAMPLES = ROOT / "tests" / "samples"
INVOICE = SAMPLES / "pdf" / "EN16931_Einfach.pdf"
DECLARATION = read_declaration((SAMPLES / "derived" / "import-declaration.xml").read_bytes())
INSPECTION_REPORT = "856001"
CUSTOMS, QUARANTINE, BROKER = 1, 2, 6
DEADLINE_S = 60


@dataclass(frozen=True)
class Played:
    """The ledger after the main job, and its two facades.

    Attributes:
        clone: The ledger, and the facade of customs.
        customs_url, quarantine_url: The two facades.
        case: Declaration id.
    """

    clone: Clone
    customs_url: str
    quarantine_url: str
    case: str

    def client(self, url: str, officer: str) -> Client:
        """A client signed in with an officer's key."""
        passphrase = (self.clone.home / "passphrase").read_text().partition("\n")[0]
        return Client(url, signer=Keystore(self.clone.home / "demo" / "keystore").load(officer, passphrase))

    def tamga(self, *arguments: str, ring: str) -> str:
        """Run `tamga` with the demo's keys and a member's key ring."""
        environment = {
            **self.clone.environment,
            "TAMGA_PASSPHRASE_FILE": str(self.clone.home / "passphrase"),
            "TAMGA_KEYSTORE": str(self.clone.home / "demo" / "keystore"),
            "TAMGA_READ_KEYS": ring,
        }
        argv = [str(Path(sys.executable).with_name("tamga")), *arguments]
        done = subprocess.run(argv, env=environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
        return done.stdout


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("two")
    clone = Clone(folder / "home", Engine.ANVIL)
    with ExitStack() as stack:
        clone.up()
        stack.callback(clone.command, "down")
        told = clone.play()
        network = json.loads((clone.home / "network.json").read_text())
        url = stack.enter_context(second_facade(clone, folder / "quarantine"))
        yield Played(clone, network["api_url"], url, told["outcome"]["declaration"].partition(",")[0])


@contextmanager
def second_facade(clone: Clone, home: Path) -> Iterator[str]:
    """The quarantine's own facade: a database and a read key of its own, the same chain and content store."""
    home.mkdir()
    port = free_port()
    url = f"http://{HOST}:{port}"
    environment = {
        **clone.environment,
        "TAMGA_HOME": str(home),
        "TAMGA_NETWORK": str(clone.home / "network.json"),
        "TAMGA_PUBLIC_URL": url,
        "TAMGA_CONTENT": str(clone.home / "content"),
        "TAMGA_PARTICIPANTS": str(clone.home / "participants.json"),
        "TAMGA_READ_KEYS": str(clone.home / "demo" / "keyrings" / "quarantine.json"),
        "TAMGA_PASSPHRASE_FILE": str(clone.home / "passphrase"),
    }
    argv = [sys.executable, "-m", "api", "--host", HOST, "--port", str(port)]
    with (home / "api.log").open("w") as log:
        process = subprocess.Popen(argv, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_for(lambda: is_live(url), "the second facade")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def is_live(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live").is_success
    except httpx.HTTPError:
        return False


def wait_for(holds: Any, what: str) -> Any:
    until = time.monotonic() + DEADLINE_S
    while not (found := holds()):
        assert time.monotonic() < until, f"waited {DEADLINE_S} s for {what}"
        time.sleep(0.2)
    return found


def integrity(url: str, content: bytes, proof: bytes | None = None) -> tuple[str, str]:
    with Client(url) as facade:
        answer = facade.verify(file=content, proof=proof)
    fragment = next(f for f in answer["fragments"] if f["name"] == "integrity")
    return answer["overall"], fragment["reason"]


def test_a_file_alone_is_known_where_its_reader_is(played: Played) -> None:
    item = dumps(item_json(DECLARATION.items[0]))
    for url in (played.customs_url, played.quarantine_url):  # both were given the goods items
        wait_for(lambda url=url: integrity(url, item)[0] == "VALID", f"the goods item at {url}")
    invoice = INVOICE.read_bytes()
    assert integrity(played.customs_url, invoice) == ("VALID", "intact")
    assert integrity(played.quarantine_url, invoice) == ("UNDETERMINED", "not_known_here")


def test_with_its_proof_both_judge_alike(played: Played) -> None:
    invoice = INVOICE.read_bytes()
    proof = (played.clone.home / "demo" / "papers" / "invoice-0.tamga.json").read_bytes()
    for content in (invoice, invoice + b"\n"):
        with Client(played.customs_url) as customs, Client(played.quarantine_url) as quarantine:
            told = [facade.verify(file=content, proof=proof) for facade in (customs, quarantine)]
        shown = [[(f["name"], f["verdict"], f["reason"]) for f in answer["fragments"]] for answer in told]
        assert shown[0] == shown[1]
        assert told[0]["overall"] == ("VALID" if content == invoice else "INVALID")


def test_an_agency_sees_its_part_at_either(played: Played) -> None:
    for url in (played.customs_url, played.quarantine_url):
        with played.client(url, "quarantine-officer") as facade:
            state = facade.state(f"declarations/{played.case}")["state"]
        assert state["debt"] is None
        assert {check["agency"] for item in state["items"] for check in item["checks"]} == {QUARANTINE}


def test_customs_sees_the_ledgers_facts_at_the_agencys(played: Played) -> None:
    with played.client(played.quarantine_url, "customs-officer") as facade:
        assert facade.state(f"declarations/{played.case}")["state"]["debt"]["owed"] == "0"
    assert integrity(played.quarantine_url, INVOICE.read_bytes())[1] == "not_known_here"


def integers(owner: str, told: Any) -> Iterator[tuple[str, str]]:
    """Fields, at any depth, that are told as integers."""
    for name, value in told.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from integers(owner, each)
            elif isinstance(each, int) and not isinstance(each, bool):
                yield owner, name


def test_times_and_amounts_are_told_as_such(played: Played) -> None:
    with played.client(played.customs_url, "customs-officer") as facade:
        acts = list(facade.history(f"declarations/{played.case}"))
        permit = next(act["arguments"]["permit"] for act in acts if act["event"] == "PermitIssued")
        states = {
            kind: facade.state(f"{kind}/{what}")["state"]
            for kind, what in (
                ("declarations", played.case),
                ("permits", permit),
            )
        }
    told = [(act["event"], act["arguments"]) for act in acts] + list(states.items())
    meanings = {meaning_of(*field) for owner, fields in told for field in integers(owner, fields)}
    assert meanings <= {Unit.NUMBER, Unit.PARTICIPANT, Unit.DURATION}
    assert states["declarations"]["lodgedAt"].endswith("Z")
    assert states["declarations"]["debt"]["assessed"] == states["declarations"]["debt"]["paid"] != "0"
    assert states["permits"]["validUntil"].endswith("Z")
    assert {type(line["reserved"]) for line in states["permits"]["lines"]} == {str}


def test_a_session_counts_where_it_was_opened(played: Played) -> None:
    with played.client(played.customs_url, "customs-officer") as facade:
        facade.sign_in()
        token = facade._token
    answer = httpx.get(f"{played.quarantine_url}/v1/session", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, NotSignedIn.code)


def test_both_sides_are_shown_what_contradicts(played: Played, tmp_path: Path) -> None:
    request = json.loads((SAMPLES / "defra" / "clearance-request.json").read_bytes())
    request["header"] |= {"declarationUCR": DECLARATION.ucr, "declarantId": DECLARATION.declarant.identifier}
    request["items"][0]["itemNetMass"] = 310
    file = tmp_path / "clearance-request.json"
    file.write_text(json.dumps(request))
    ring = str(played.clone.home / "keyring" / "facade.json")
    sealed = json.loads(
        played.tamga(
            "seal", str(file), "--type", INSPECTION_REPORT, "--key", "customs-inspector", "--to", str(QUARANTINE),
            "--json", ring=ring,
        )
    )  # fmt: skip
    played.tamga("anchor", sealed["manifest"], "--key", "customs-inspector", ring=ring)
    for url, officer in (
        (played.customs_url, "customs-officer"),
        (played.customs_url, "broker"),
        (played.quarantine_url, "broker"),
    ):
        with played.client(url, officer) as facade:
            (found,) = wait_for(lambda facade=facade: list(facade.contradictions()), f"the contradiction at {url}")
        assert (found["about"], found["item"], found["fact"]) == (f"ucr:{DECLARATION.ucr}", 1, "net_mass")
        assert {side["issuer"]["id"]: side["says"] for side in found["sides"]} == {
            CUSTOMS: ["310 KGM"],
            BROKER: ["31 KGM"],
        }
    with played.client(played.quarantine_url, "quarantine-officer") as facade:
        assert list(facade.contradictions()) == []  # it issued neither
