"""`tamga outbox` on a real engine, on either database: what stops a key, until its operator decides.

given an act that was signed and lost on its way, and its nonce spent by another program with the same key
  when a command acts with the key → refused, with what to do; nothing is sent
  when what is stuck is listed     → the act, its nonce and the reason, exit code 1
  when it is renewed               → the next command with the key sends it, once, and then its own
  when another such is given up    → the next command goes on without it
given an act that the node refuses for ever: it asks for less gas than any transaction takes
  when a command acts with the key → refused, with the node's reason and what to do; nothing of its own is sent
  when what is stuck is listed     → the act and the node's reason, exit code 1
  when it is given up              → listed as decided until the next command has spent its nonce on nothing and goes on
  when another is renewed          → the next command signs it anew, is refused again, and it is listed again
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from ledger.adapters.evm.direct import Direct
from ledger.adapters.evm.rpc import EvmRpc
from ledger.bootstrap.acting import open_outbox
from ledger.bootstrap.chain import Chain, open_chain
from ledger.config import read_config
from ledger.domain.errors import Refused
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services.sender import Sender
from ledger.services.signing import FILLER_GAS
from ledger.services.submission import Submission
from tests.support.databases import DATABASES, fresh_url
from tests.support.ledgers import key
from tests.support.places import QUARANTINE, Place, two_participants

pytestmark = pytest.mark.integration
SIGNER = key(QUARANTINE)


@pytest.fixture(scope="module", params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    with two_participants(home, TAMGA_DATABASE_URL=fresh_url(request.param, home)) as made:
        yield made


@contextmanager
def chain_of(place: Place) -> Iterator[Chain]:
    chain = open_chain(read_config(place.quarantine.settings))
    yield chain
    chain.close()


def row(place: Place, name: str) -> OutboxRow:
    outbox, close = open_outbox(read_config(place.quarantine.settings))
    found = outbox.get(name)
    close()
    assert found is not None
    return found


def lose(place: Place, name: str) -> int:
    """Sign an act that never arrives, and let another program spend its nonce; returns the nonce."""
    outbox, close = open_outbox(read_config(place.quarantine.settings))
    with chain_of(place) as chain:
        sender = Sender(chain.reader, chain.writer, SIGNER, outbox, chain.contracts)
        sender.submit(Submission(name, SIGNER.address, b"", FILLER_GAS))
        with sender.hold(), mock.patch.object(chain.writer, "send_many", lambda raws: [None] * len(raws)):
            sender.step()
        close()
        nonce = row(place, name).nonce
        assert nonce is not None
        direct = Direct(EvmRpc(chain.network.rpc_url), chain.contracts)
        while spent(chain) <= nonce:  # fillers were lost as well
            direct.transact(SIGNER, SIGNER.address, b"", gas=2 * FILLER_GAS)  # else it would be the same transaction
    return nonce


def spent(chain: Chain) -> int:
    return chain.writer.nonce_at(SIGNER.address, at=chain.reader.head())


def test_an_operator_decides_about_a_key_that_was_used_elsewhere(place: Place, tmp_path: Path) -> None:
    tamga, paper = place.quarantine, tmp_path / "a.xml"
    anchor = ("anchor", str(paper), "--type", "851001", "--key", QUARANTINE)
    paper.write_text("<certificate/>")
    tamga.run(*anchor)
    assert tamga.json("outbox", "list") == []
    assert tamga.run("outbox", "list") == "nothing is stuck\n"

    nonce = lose(place, "one")
    paper.write_text("<certificate>2</certificate>")
    told = tamga.json(*anchor, exits=1)
    assert told["error"] == "conflict"
    assert f"one: nonce {nonce} of {SIGNER.address} is spent by another transaction" in told["text"]
    assert "`tamga outbox list`" in told["text"]
    (stuck,) = tamga.json("outbox", "list", exits=1)
    assert (stuck["key"], stuck["state"], stuck["nonce"]) == ("one", "CONFLICT", nonce)
    assert "the signer was used elsewhere" in stuck["why"]
    shown = tamga.run("outbox", "list", exits=1)
    assert "tamga outbox renew one" in shown
    assert "tamga outbox abandon one" in shown

    with chain_of(place) as chain:
        before = spent(chain)
        tamga.run("outbox", "renew", "one")
        assert tamga.json("outbox", "list") == []
        tamga.run(*anchor)
        assert spent(chain) == before + 2, "the act, and the command's own"
        renewed = row(place, "one")
        assert (renewed.state, renewed.nonce) == (OutboxState.FINAL, before)

    lose(place, "two")
    paper.write_text("<certificate>3</certificate>")
    tamga.run(*anchor, exits=1)
    assert tamga.json("outbox", "abandon", "two", "--reason", " ", exits=2)["error"] == "malformed"
    assert tamga.json("outbox", "abandon", "none", "--reason", "x", exits=1)["error"] == "not_found"
    with chain_of(place) as chain:
        before = spent(chain)
        tamga.run("outbox", "abandon", "two", "--reason", "done by hand")
        tamga.run(*anchor)
        assert spent(chain) == before + 1
    assert row(place, "two").state is OutboxState.REFUSED
    assert '"done by hand"' in (row(place, "two").error or "")
    assert tamga.json("outbox", "list") == []


def refused_by_the_node(place: Place, name: str) -> int:
    """Sign an act that no node takes; returns its nonce."""
    outbox, close = open_outbox(read_config(place.quarantine.settings))
    with chain_of(place) as chain:
        sender = Sender(chain.reader, chain.writer, SIGNER, outbox, chain.contracts)
        sender.submit(Submission(name, SIGNER.address, b"", FILLER_GAS - 1), simulate=False)
        with sender.hold(), pytest.raises(Refused, match=f"{name}: .*intrinsic gas"):
            sender.drive([name], timeout_s=30)
        close()
    nonce = row(place, name).nonce
    assert nonce is not None
    return nonce


def test_an_operator_decides_about_what_the_node_refuses(place: Place, tmp_path: Path) -> None:
    tamga, paper = place.quarantine, tmp_path / "a.xml"
    paper.write_text("<certificate>refused</certificate>")
    anchor = ("anchor", str(paper), "--type", "851001", "--key", QUARANTINE)
    nonce = refused_by_the_node(place, "poor")
    with chain_of(place) as chain:
        before = spent(chain)
        told = tamga.json(*anchor, exits=1)
        assert "intrinsic gas" in told["text"]
        assert "poor: " in told["text"]
        assert "`tamga outbox list`" in told["text"]
        assert spent(chain) == before
        (stuck,) = tamga.json("outbox", "list", exits=1)
        assert (stuck["key"], stuck["state"], stuck["nonce"]) == ("poor", "SIGNED", nonce)
        assert "intrinsic gas" in stuck["why"]
        shown = tamga.run("outbox", "list", exits=1)
        assert "tamga outbox renew poor" in shown
        assert "tamga outbox abandon poor" in shown

        tamga.run("outbox", "abandon", "poor", "--reason", "asked for too little gas")
        shown = tamga.run("outbox", "list", exits=1)
        assert "asked for too little gas" in shown
        assert "decided" in shown
        tamga.run(*anchor)
        assert spent(chain) == before + 2, "nothing under its nonce, and the command's own"
    assert row(place, "poor").state is OutboxState.REFUSED
    assert '"asked for too little gas"' in (row(place, "poor").error or "")
    assert tamga.json("outbox", "list") == []

    nonce = refused_by_the_node(place, "again")
    tamga.run("outbox", "renew", "again")
    paper.write_text("<certificate>renewed</certificate>")
    assert "intrinsic gas" in tamga.json(*anchor, exits=1)["text"]
    (stuck,) = tamga.json("outbox", "list", exits=1)
    assert (stuck["key"], stuck["nonce"]) == ("again", nonce + 1)
    tamga.run("outbox", "abandon", "again", "--reason", "the same again")
    tamga.run(*anchor)
    assert tamga.json("outbox", "list") == []
