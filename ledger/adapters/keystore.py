"""secp256k1 keys in Web3 Secret Storage files (scrypt), one file per key, readable by its owner only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.domain.ids import Address
from ledger.ports.signer import Signer


@dataclass(frozen=True)
class StoredKey:
    """A key file, still locked."""

    name: str
    address: Address


class Keystore:
    """A folder of encrypted keys."""

    def __init__(self, folder: Path) -> None:
        raise NotImplementedError

    def create(self, name: str, passphrase: str) -> Signer:
        """Make a new key, durable when this returns. Raises `Conflict` if `name` is taken."""
        raise NotImplementedError

    def load(self, name: str, passphrase: str) -> Signer:
        """Unlock by name or address. Raises `NotFound`, or `NotOpened` for a wrong passphrase."""
        raise NotImplementedError

    def list(self) -> Sequence[StoredKey]:
        """Every key here, by name."""
        raise NotImplementedError
