"""What commands share: settings, keys, and the ways to a ledger."""

import functools
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import typer

from ledger.bootstrap.acting import Hand, open_hand, open_issuing
from ledger.bootstrap.chain import read_network
from ledger.bootstrap.documents import open_keys, open_keystore
from ledger.cli import durable
from ledger.cli.output import errors
from ledger.client import Client
from ledger.config import Config, read_config
from ledger.domain.errors import Fault, Malformed, NotFound
from ledger.domain.ids import ParticipantId
from ledger.ports.key_store import KeyRing
from ledger.ports.signer import Signer
from ledger.services.turn import Turn

LONGEST_TURN_S: Final = 60.0
"""How long a command waits for another process that uses its key."""


@functools.cache
def config() -> Config:
    """This process's settings."""
    return read_config()


def passphrase() -> str:
    """The passphrase of the key files: configured, or asked for."""
    if config().passphrase is None and config().passphrase_file is None:
        return _asked("Passphrase")
    return config().unlock()


def new_passphrase() -> str:
    """The passphrase for a new key file: configured, or asked for twice."""
    if config().passphrase is None and config().passphrase_file is None:
        return _asked("New passphrase", twice=True)
    return config().unlock()


def _asked(text: str, *, twice: bool = False) -> str:
    """Ask at the terminal: standard input may be a document, standard output JSON. Raises `NotFound` without one."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError as none:
        text = "(set TAMGA_PASSPHRASE_FILE: there is no terminal to ask at)"
        raise NotFound("passphrase", text) from none
    return str(typer.prompt(text, hide_input=True, confirmation_prompt=twice, err=True))


def signer(name: str) -> Signer:
    """Unlock a key. Raises `NotFound`, or `NotOpened` for a wrong passphrase."""
    return open_keystore(config()).load(name, passphrase())


@contextmanager
def turn_of(signer_: Signer) -> Iterator[Turn]:
    """Be the one process that sends for a key, once all that others left on its way has ended.

    What waits says so on standard error.

    Raises:
        Unavailable: Another process goes on using the key; nothing was sent.
        Conflict: The key was used elsewhere while an act of it was on its way.
        Refused: The node does not take what is on its way.
    """
    issuing = open_issuing(config(), hand().chain, signer_)
    try:
        with issuing.sender.alone(timeout_s=LONGEST_TURN_S, report=say_waiting) as left:
            yield Turn(issuing.sender, issuing.anchors, left)
    finally:
        issuing.close()


def say_waiting(cause: str) -> None:
    """Say on standard error what a command waits for."""
    errors.print(f"waiting: {cause}", markup=False, soft_wrap=True)


@contextmanager
def pinning() -> Iterator[None]:
    """Be the one command of this home that changes what its content stores pin: one reads what another is changing.

    What waits says so on standard error. Commands of other homes on the same stores are not held up.
    """
    config().home.mkdir(parents=True, exist_ok=True)
    with durable.alone(config().home / "contents", partial(say_waiting, "another command changes the content stores")):
        yield


def key_ring(ring: Path | None) -> KeyRing:
    """Unlock a ring of decryption keys, the configured one if None. Raises `NotFound`, or `NotOpened`."""
    return open_keys(ring or config().read_keys, passphrase())


def read_file(path: Path, most_bytes: int) -> bytes:
    """Up to `most_bytes` of a file. Raises `NotFound`, or `Malformed` for a folder."""
    try:
        with path.open("rb") as file:
            return file.read(most_bytes)
    except FileNotFoundError as error:
        raise NotFound("file", str(path)) from error
    except IsADirectoryError as error:
        raise Malformed(Fault("folder", f"/{path.name}", "a folder; a file is needed here")) from error


def facade(url: str | None = None, *, key: str | None = None) -> Client:
    """A client of the facade, which signs in with `key` where it is asked who reads.

    Raises:
        NotFound: No facade is configured, or there is no such key.
        NotOpened: The passphrase does not open it.
    """
    found = url or config().api_url or read_network(config()).api_url
    if found is None:
        raise NotFound("facade", "(set TAMGA_API_URL, or start one with scripts/up)")
    name = key or config().key
    return Client(found, signer=None if name is None else signer(name))


@functools.cache
def hand() -> Hand:
    """The ledger, to act on by hand. Raises `NotFound` without `network.json`."""
    return open_hand(config())


def participant_of(signer_: Signer) -> ParticipantId:
    """In whose name a key acts now. Raises `NotFound` for a key that is not registered."""
    reader = hand().chain.reader
    block = reader.final_head()
    found = reader.call("ParticipantRegistry", "keyAt", (signer_.address, block.time), at=block)["participant"]
    if not found:
        raise NotFound("registered key", signer_.address)
    return ParticipantId(found)


def own_key(ring: Path | None, participant: int) -> bytes:
    """The newest key of a ring, to which a participant seals what it issues, so that it can open it later.

    Raises:
        NotFound: The participant has no encryption key on chain, or there is no ring.
        Malformed: The ring does not hold that key: it is another's, and the participant could neither prove, nor
            grant, nor recover what is sealed to it.
    """
    keys = key_ring(ring).public_keys()
    if encryption_key(participant) not in keys:
        text = f"the ring does not hold the key that participant {participant} has on chain"
        raise Malformed(Fault("not_own_ring", "/ring", text))
    return keys[0]


def encryption_key(participant: int) -> bytes:
    """X25519 key that a participant has on chain at a final block. Raises `NotFound`."""
    return encryption_keys([participant])[participant]


def encryption_keys(participants: Collection[int]) -> dict[int, bytes]:
    """X25519 keys that participants have on chain at a final block. Raises `NotFound` naming all that have none."""
    if not participants:
        return {}
    reader = hand().chain.reader
    block = reader.final_head()
    keys: dict[int, bytes] = {}
    for participant in participants:
        keys[participant], _ = reader.call("ParticipantRegistry", "encryptionKey", (participant,), at=block)
    if missing := sorted(participant for participant, found in keys.items() if not any(found)):
        raise NotFound("encryption key of participant", ", ".join(map(str, missing)))
    return keys
