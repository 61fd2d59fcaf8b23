"""The command line on a real engine, as its users meet it: commands, what they print, exit codes.

given quarantine's key, and a facade that runs
  when it seals, anchors and proves a file, then verifies it    → each exits 0, and the document is VALID
  when a byte is changed                                        → verify exits 1 and names the claim
  when it is revoked by a named command, signed for the facade  → exits 0, verify exits 1; a second time is refused: 1
  when nothing is known of a file, or no node answers           → verify exits 3
  when the command is wrong                                     → 2
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.keyring import create_keyring
from ledger.adapters.keystore import Keystore
from ledger.bootstrap.facade import open_facade
from ledger.config import read_config
from ledger.devnet.engines import Chain, Engine
from tests.support.facades import free_url, own_chain, serving
from tests.support.ledgers import FOREVER, ISSUER, install, key
from tests.support.terminal import PASSPHRASE, Terminal, key_secret

pytestmark = pytest.mark.integration

QUARANTINE = "quarantine"


@pytest.fixture(scope="module", params=[Engine.ANVIL], ids=str)
def terminal(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Terminal, Chain, Path]]:
    home = tmp_path_factory.mktemp("home")
    with own_chain(request.param, home / "chain") as chain:
        ledger = install(chain)
        number = ledger.admit(QUARANTINE, (key(QUARANTINE), ISSUER))
        ledger.govern("accredit", ("ParticipantRegistry", "accredit", (number, 851001, 0, 0, FOREVER)))
        ledger.network.write(home / "network.json")
        (home / "keyring").mkdir()
        public = create_keyring(home / "keyring" / "facade.json", PASSPHRASE, scrypt_n=2).public_keys()[0]
        ledger.govern("ring", ("ParticipantRegistry", "setEncryptionKey", (number, 0, public)))
        store = Keystore(home / "keystore", scrypt_n=2)
        store.create("relayer", PASSPHRASE)
        store.add(QUARANTINE, PASSPHRASE, key_secret(QUARANTINE))
        facade = open_facade(
            read_config({"TAMGA_HOME": str(home), "TAMGA_PASSPHRASE": PASSPHRASE, "TAMGA_PUBLIC_URL": free_url()})
        )
        with serving(facade) as client:
            settings = {
                "TAMGA_HOME": str(home),
                "TAMGA_PASSPHRASE": PASSPHRASE,
                "TAMGA_API_URL": str(client.base_url),
                "TAMGA_KEY": QUARANTINE,
            }
            yield Terminal(**settings), chain, home
        ledger.rpc.close()


def told(answer: Any) -> dict[str, tuple[str, str]]:
    return {f["name"]: (f["verdict"], f["reason"]) for f in answer["fragments"]}


def test_a_file_from_seal_to_revocation(terminal: tuple[Terminal, Chain, Path]) -> None:
    tamga, _, home = terminal
    document = home / "certificate.xml"
    document.write_bytes(b"<certificate>apples, 1200 kg</certificate>")

    sealed = tamga.json("seal", str(document), "--type", "851001", "--key", QUARANTINE, "--number", "PC-1")
    manifest, record = sealed["manifest"], sealed["documents"][0]["record_id"]
    tamga.json("prove", manifest, exits=1)  # not anchored yet
    anchored = tamga.json("anchor", manifest, "--key", QUARANTINE)
    assert tamga.json("anchor", manifest, "--key", QUARANTINE) == anchored  # repeating it changes nothing
    tamga.run("prove", manifest)
    assert (home / "certificate.xml.tamga.json").is_file()

    answer = tamga.json("verify", str(document))
    assert answer["overall"] == "VALID"
    assert told(answer)["content"] == ("VALID", "content_matches")
    assert "VALID" in tamga.run("verify", str(document))

    out = home / "opened.xml"
    tamga.run("open", manifest, "--out", str(out))
    assert out.read_bytes() == document.read_bytes()
    tamga.run("open", manifest, "--out", str(out), exits=2)  # never overwrites

    changed = home / "changed.xml"
    changed.write_bytes(document.read_bytes().replace(b"1200", b"1300"))
    proof = str(home / "certificate.xml.tamga.json")
    answer = tamga.json("verify", str(changed), "--proof", proof, exits=1)
    assert told(answer)["integrity"] == ("INVALID", "content_differs")
    stranger = home / "stranger.xml"
    stranger.write_bytes(b"never anchored")
    assert tamga.json("verify", str(stranger), exits=3)["overall"] == "UNDETERMINED"
    of_facade = tamga.lines("verify", str(document), str(stranger), "--key", QUARANTINE, exits=3)
    assert [each["overall"] for each in of_facade] == ["VALID", "UNDETERMINED"]

    issuer = answer["fragments"][3]["evidence"]["participant"]["id"]
    revoke = ("document", "revoke", "--issuer", str(issuer), "--record-id", f"0x{record}", "--reason", "4")
    dry = tamga.json(*revoke, "--key", QUARANTINE, "--dry-run")
    assert dry["typed_data"]["primaryType"] == "Revoke"
    done = tamga.json(*revoke, "--key", QUARANTINE, "--via", "facade")
    assert (done["state"], [e["name"] for e in done["events"]]) == ("FINAL", ["StatusChanged", "ActExecuted"])
    refused = tamga.json(*revoke, "--key", QUARANTINE, exits=1)
    assert refused["error"] == "act_refused"
    assert (refused["refusal"]["name"], refused["others"]) == ("NoTransition", [])
    price = {"seller": "1", "arbiter": "0", "condition": "documents", "amount": "0", "timeout": "2020-01-01T00:00:00Z"}
    price |= {"registry": "0x" + "00" * 20, "mrn": "0x" + "00" * 18, "required": "[]"}
    options = [text for name, value in price.items() for text in (f"--{name}", value)]
    refused = tamga.json("escrow", "open-escrow", *options, "--key", QUARANTINE, exits=1)
    assert refused["refusal"]["name"] == "NotAuthorised"
    others = {each["refusal"]["name"] for each in refused["others"]}
    assert others >= {"ZeroAmount", "BadTimeout", "ArbiterNeeded", "BadRequirements"}
    assert told(tamga.json("verify", str(document), exits=1))["status"] == ("INVALID", "revoked")

    history = tamga.json("history", f"0x{record}", "--kind", "document")
    assert [act["event"] for act in history] == ["StatusChanged"]
    assert tamga.json("show", "document", f"{issuer}/0x{record}")["state"]["state"] == "REVOKED"
    assert tamga.json("status")["facade"]["ready"] is True
    assert tamga.json("who")["roles"] == ["ISSUER"]
    assert "ISSUER" in tamga.run("who", "--key", QUARANTINE)
    assert tamga.json("who", "--key", "relayer", exits=1)["error"] == "not_entitled"
    assert "StatusChanged" in tamga.run("history", f"0x{record}", "--kind", "document")

    assert tamga.json("index", "check")["difference"] is None
    assert tamga.json("index", "rebuild")["indexed"] > 0
    assert [act["event"] for act in tamga.json("history", f"0x{record}", "--kind", "document")] == ["StatusChanged"]

    nowhere = tamga.but(TAMGA_RPC_URL="http://127.0.0.1:9")
    off = nowhere.json("verify", str(document), exits=3)
    assert told(off)["integrity"] == ("VALID", "intact")
    assert told(off)["anchor"] == ("UNDETERMINED", "chain_unavailable")
    nowhere.json("anchor", manifest, "--key", QUARANTINE, exits=3)


def test_wrong_commands_are_usage(terminal: tuple[Terminal, Chain, Path]) -> None:
    tamga, _, home = terminal
    tamga.run("verify", exits=2)
    tamga.run("no-such-command", exits=2)
    tamga.run("verify", "--at", "yesterday", str(home / "network.json"), exits=2)
    tamga.run("act", "DocumentRegistry", "revoke", "nonsense", "--key", QUARANTINE, exits=2)
    tamga.run("document", "revoke", "--issuer", "1", exits=2)
    revoke = ("act", "DocumentRegistry", "revoke", "issuer=1", "recordId=0x00", "reason=boredom", "colour=red")
    text = tamga.json(*revoke, "--key", QUARANTINE, exits=2)["text"]
    assert "unknown_field at /colour" in text
    assert "unknown_word at /reason: one of these is needed: NONE, ERROR, OWN_REQUEST" in text
    lines = ("permit", "issue", "--doc-type", "1", "--valid-from", "0", "--valid-until", "soon", "--lines", "[{")
    text = tamga.json(*lines, "--single-use", "maybe", "--key", QUARANTINE, exits=2)["text"]
    assert [place for place in ("/lines", "/singleUse", "/validUntil") if place in text] == [
        "/lines", "/singleUse", "/validUntil",
    ]  # fmt: skip
    missing = tamga.json("verify", str(home / "no-such-file"), exits=1)
    assert missing["error"] == "not_found"


def test_keys_are_made_and_listed(terminal: tuple[Terminal, Chain, Path], tmp_path: Path) -> None:
    alone = terminal[0].but(TAMGA_HOME=str(tmp_path))
    made = alone.json("key", "new", "officer")
    assert alone.json("key", "list") == [made]
    alone.json("key", "new", "officer", exits=1)
    ring = alone.json("key", "ring", str(tmp_path / "ring.json"))
    assert len(ring["public_key"]) == 66
