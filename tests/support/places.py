"""A ledger on an engine of its own and two participants on one machine, for tests of the command line."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ledger.adapters.keyring import create_keyring
from ledger.adapters.keystore import Keystore
from ledger.devnet.engines import Engine
from ledger.domain.ids import LedgerId
from tests.support.facades import own_chain
from tests.support.ledgers import DECLARANT, FOREVER, ISSUER, install, key
from tests.support.terminal import PASSPHRASE, Terminal, key_secret

QUARANTINE, CUSTOMS = "quarantine", "customs"


class Place(NamedTuple):
    """Two participants on one machine, with one content store.

    Attributes:
        home: Its TAMGA_HOME.
        quarantine: Issues documents of type 851001.
        customs: May be let in to them.
        customs_id: Its participant id.
        ledger: Ledger id.
        events: Arguments of all events of a name that the DocumentRegistry told.
    """

    home: Path
    quarantine: Terminal
    customs: Terminal
    customs_id: int
    ledger: LedgerId
    events: Callable[[str], list[Mapping[str, Any]]]


@contextmanager
def two_participants(home: Path, **settings: str) -> Iterator[Place]:
    """A place in `home`; `settings` go to both terminals."""
    with own_chain(Engine.ANVIL, home / "chain") as chain:
        made = install(chain)
        issuer = made.admit(QUARANTINE, (key(QUARANTINE), ISSUER))
        made.govern("accredit", ("ParticipantRegistry", "accredit", (issuer, 851001, 0, 0, FOREVER)))
        customs = made.admit(CUSTOMS, (key(CUSTOMS), DECLARANT))
        made.network.write(home / "network.json")
        rings = home / "keyring"
        rings.mkdir()
        for owner, name in ((issuer, "facade.json"), (customs, "customs.json")):
            public = create_keyring(rings / name, PASSPHRASE, scrypt_n=2).public_keys()[0]
            made.govern(f"ring {owner}", ("ParticipantRegistry", "setEncryptionKey", (owner, 0, public)))
        store = Keystore(home / "keystore", scrypt_n=2)
        for name in (QUARANTINE, CUSTOMS):
            store.add(name, PASSPHRASE, key_secret(name))
        terminal = Terminal(TAMGA_HOME=str(home), TAMGA_PASSPHRASE=PASSPHRASE, **settings)
        of_customs = terminal.but(TAMGA_READ_KEYS=str(rings / "customs.json"))

        def events(name: str) -> list[Mapping[str, Any]]:
            found = made.reader.find_events("DocumentRegistry", name, {}, 0, made.reader.head().number)
            return [event.args for event in found]

        yield Place(home, terminal, of_customs, customs, made.network.ledger_id, events)
        made.rpc.close()
