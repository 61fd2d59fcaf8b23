"""Governance by hand on a real engine.

given a decision in a file, and three signers of whom two are needed
  when the first runs `tamga govern`    → it is proposed, and nothing is done yet
  when the first runs it again          → nothing more happens
  when the second does, twice           → it is approved, then executed: the participant is admitted
  when anybody does once more           → it says that it was executed before
  when the file is wrong                → every fault with its path, exit code 2
  when a reason is a word               → it is the number of that word; another word → refused with those there are
  when somebody else proposes           → refused
"""

import json
from pathlib import Path

import pytest

from ledger.adapters.keystore import Keystore
from ledger.devnet.engines import Engine
from ledger.domain.reason_codes import RegistryReason
from tests.support.facades import own_chain
from tests.support.ledgers import install
from tests.support.terminal import PASSPHRASE, Terminal, key_secret

pytestmark = pytest.mark.integration
SIGNERS = ("governor 0", "governor 1", "stranger")


def test_a_decision_from_proposal_to_execution(tmp_path: Path) -> None:
    with own_chain(Engine.ANVIL, tmp_path / "chain") as chain:
        made = install(chain)
        made.network.write(tmp_path / "network.json")
        store = Keystore(tmp_path / "keystore", scrypt_n=2)
        for name in SIGNERS:
            store.add(name.replace(" ", "-"), PASSPHRASE, key_secret(name))
        tamga = Terminal(TAMGA_HOME=str(tmp_path), TAMGA_PASSPHRASE=PASSPHRASE)
        file = tmp_path / "decision.json"
        admit = {"requestId": "0x" + "a7" * 32, "roles": 1, "supervisor": 0, "profile": "0x" + "00" * 32}
        call = {"contract": "ParticipantRegistry", "function": "admit", "args": admit}
        file.write_text(json.dumps({"request": "admit a trader", "calls": [call]}))

        def govern(signer: str) -> str:
            return str(tamga.json("govern", str(file), "--key", signer)["state"])

        def count() -> int:
            return int(made.reader.call("ParticipantRegistry", "participantCount", at=made.reader.head()))

        before = count()
        tamga.run("govern", str(file), "--key", "stranger", exits=1)
        assert [govern("governor-0"), govern("governor-0")] == ["proposed", "waiting"]
        assert [govern("governor-1"), count()] == ["approved", before]
        assert [govern("governor-1"), count()] == ["executed", before + 1]
        assert "executed before" in tamga.run("govern", str(file), "--key", "governor-0")

        file.write_text(json.dumps({"request": 1, "calls": [call], "note": ""}))
        tamga.run("govern", str(file), "--key", "governor-0", exits=2)

        def suspend(reason: str) -> None:
            number = made.reader.call("ParticipantRegistry", "participantCount", at=made.reader.head())
            args = {"participant": number, "expectedVersion": 1, "reason": reason, "evidence": "0x" + "0e" * 32}
            suspending = {"contract": "ParticipantRegistry", "function": "suspend", "args": args}
            file.write_text(json.dumps({"request": "suspend the trader", "calls": [suspending]}))

        suspend("because")
        refused = tamga.json("govern", str(file), "--key", "governor-0", exits=2)
        [fault] = refused["faults"]
        assert (fault["code"], fault["path"]) == ("unknown_word", "/calls/0/args/reason")
        assert "COMPLIANCE, FRAUD" in fault["text"]
        suspend("fraud")
        assert [govern("governor-0"), govern("governor-1"), govern("governor-1")] == [
            "proposed",
            "approved",
            "executed",
        ]
        head = made.reader.head()
        [event] = made.reader.find_events("ParticipantRegistry", "ParticipantStatusChanged", {}, 0, head.number)[-1:]
        assert event.args["reason"] == RegistryReason.FRAUD
        made.rpc.close()
