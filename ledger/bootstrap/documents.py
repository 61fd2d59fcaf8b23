"""Stores of sealed documents, and the keys that open them."""

from pathlib import Path

from ledger.adapters.file_store import FileStore
from ledger.adapters.keyring import add_key, create_keyring, open_keyring
from ledger.adapters.keystore import Keystore
from ledger.adapters.replicas import ReplicatedStore
from ledger.config import Config
from ledger.ports.key_store import KeyRing


def open_contents(config: Config) -> ReplicatedStore:
    """Where sealed documents are kept: the Kubo nodes that are configured, else the folder.

    Raises:
        Malformed: A node's address is none; none is asked yet.
        Unavailable: The folder does not open.
    """
    if not config.ipfs_urls:
        return ReplicatedStore([FileStore(config.content)], required=1)
    from ledger.adapters.kubo import KuboStore

    return ReplicatedStore([KuboStore(url) for url in config.ipfs_urls], required=config.replicas)


def open_keystore(config: Config) -> Keystore:
    """The folder of encrypted keys."""
    return Keystore(config.keystore)


def open_keys(ring: Path, passphrase: str) -> KeyRing:
    """A participant's decryption keys. Raises `NotFound` without such a file, `NotOpened` for a wrong passphrase."""
    return open_keyring(ring, passphrase)


def make_keys(ring: Path, passphrase: str) -> KeyRing:
    """A new ring with one key. Raises `Conflict` if the file is already there."""
    return create_keyring(ring, passphrase)


def add_read_key(ring: Path, passphrase: str) -> KeyRing:
    """The same ring with one more key, the newest. Raises as `open_keys`."""
    return add_key(ring, passphrase)
