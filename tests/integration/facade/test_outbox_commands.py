"""`tamga outbox` on a real engine: a key that another program used stops, until its operator decides.

given an act that was signed and lost on its way, and its nonce spent by another program with the same key
  when a command acts with the key → refused, with what to do; nothing is sent
  when what is stuck is listed     → the act, its nonce and the reason, exit code 1
  when it is renewed               → the next command with the key sends it, once, and then its own
  when another such is given up    → the next command goes on without it
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from ledger.bootstrap import Chain, open_chain, open_outbox
from ledger.config import read_config
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services.sender import FILLER_GAS, Sender, Submission
from tests.support.ledgers import key
from tests.support.places import QUARANTINE, Place, two_participants

pytestmark = pytest.mark.integration
SIGNER = key(QUARANTINE)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with two_participants(tmp_path_factory.mktemp("home")) as made:
        yield made


@contextmanager
def chain_of(place: Place) -> Iterator[Chain]:
    chain = open_chain(read_config({"TAMGA_HOME": str(place.home)}))
    yield chain
    chain.close()


def row(place: Place, name: str) -> OutboxRow:
    outbox, close = open_outbox(read_config({"TAMGA_HOME": str(place.home)}))
    found = outbox.get(name)
    close()
    assert found is not None
    return found


def lose(place: Place, name: str) -> int:
    """Sign an act that never arrives, and let another program spend its nonce; returns the nonce."""
    outbox, close = open_outbox(read_config({"TAMGA_HOME": str(place.home)}))
    with chain_of(place) as chain:
        sender = Sender(chain.reader, chain.writer, SIGNER, outbox, chain.contracts)
        sender.submit(Submission(name, SIGNER.address, b"", FILLER_GAS))
        with sender.hold(), mock.patch.object(chain.writer, "send_many", lambda raws: [None] * len(raws)):
            sender.step()
        close()
        nonce = row(place, name).nonce
        assert nonce is not None
        while spent(chain) <= nonce:  # fillers were lost as well
            chain.direct.transact(
                SIGNER, SIGNER.address, b"", gas=2 * FILLER_GAS
            )  # else it would be the same transaction
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
