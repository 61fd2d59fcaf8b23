"""secp256k1 keys in Web3 Secret Storage files (version 3, scrypt), one file per key, readable by its owner only."""

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coincurve
from eth_utils.address import is_address, to_checksum_address
from eth_utils.crypto import keccak

from ledger.adapters.evm import typed_data as eip712
from ledger.adapters.evm.transactions import sign_raw
from ledger.domain.errors import Conflict, Fault, Malformed, NotFound, NotOpened, Unavailable
from ledger.domain.ids import Address
from ledger.domain.limits import MAX_KEY_FILE_BYTES
from ledger.domain.personal_sign import message_digest
from ledger.ports.signer import Signer

SCRYPT_N = 1 << 17
"""Work factor of new files: 128 MiB and about half a second a guess (OWASP's recommendation for scrypt)."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class StoredKey:
    """A key file, still locked.

    Attributes:
        name: File name without `.json`.
        address: Address of the key inside.
    """

    name: str
    address: Address


class LocalSigner(Signer):
    """An unlocked key in this process's memory."""

    def __init__(self, secret: bytes) -> None:
        self._key = coincurve.PrivateKey(secret)
        public = self._key.public_key.format(compressed=False)[1:]
        self._address = Address(to_checksum_address(keccak(public)[12:]))

    @property
    def address(self) -> Address:
        """See the port."""
        return self._address

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """See the port."""
        return sign_raw(transaction, self._sign_hash)

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """See the port."""
        signature = self._sign_hash(eip712.digest(typed_data))
        return signature[:64] + bytes([27 + signature[64]])

    def sign_message(self, text: str) -> bytes:
        """See the port."""
        signature = self._sign_hash(message_digest(text))
        return signature[:64] + bytes([27 + signature[64]])

    def _sign_hash(self, digest: bytes) -> bytes:
        return self._key.sign_recoverable(digest, hasher=None)

    def __repr__(self) -> str:
        return f"LocalSigner({self._address})"


class Keystore:
    """A folder of encrypted keys."""

    def __init__(self, folder: Path, *, scrypt_n: int = SCRYPT_N) -> None:
        self._folder, self._scrypt_n = folder, scrypt_n

    def create(self, name: str, passphrase: str) -> LocalSigner:
        """Make a new key, durable when this returns.

        Args:
            name: 1 to 64 of a-z 0-9 . _ -, starting with a letter or digit.
            passphrase: Not empty.

        Raises:
            Conflict: `name` is taken.
            Malformed: The name, or an empty passphrase.
            Unavailable: The folder cannot be written.
        """
        return self.add(name, passphrase, secrets.token_bytes(32))

    def add(self, name: str, passphrase: str, secret: bytes) -> LocalSigner:
        """Keep a key made elsewhere; otherwise as `create`."""
        if not passphrase:
            raise Malformed(Fault("empty_passphrase", "/passphrase", "a key file needs a passphrase"))
        file = self._file(name)
        signer = LocalSigner(secret)
        from ledger.adapters.key_file import encrypt

        encrypted = encrypt(secret, passphrase, self._scrypt_n)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_new(file, json.dumps(encrypted).encode())
        except FileExistsError as error:
            raise Conflict(f"there is a key named {name} already") from error
        except OSError as error:
            raise Unavailable(f"cannot write {file}: {error.strerror}") from error
        return signer

    def load(self, name: str, passphrase: str) -> LocalSigner:
        """Unlock by name or address.

        Raises:
            NotFound: No such key here.
            NotOpened: Wrong passphrase.
            Malformed: The file is no key file.
        """
        if is_address(name):
            address = Address(to_checksum_address(name))
            name = next((key.name for key in self.list() if key.address == address), name)
            if is_address(name):
                raise NotFound("key", name)
        content = _read(self._file(name), name)
        from ledger.adapters.key_file import decrypt

        try:
            return LocalSigner(decrypt(content, passphrase))
        except NotOpened as error:
            raise NotOpened(f"the passphrase does not open the key {name}") from error
        except Malformed as error:
            raise Malformed(*(Fault(each.code, f"/{name}{each.path}", each.text) for each in error.faults)) from error
        except ValueError as error:  # 32 bytes that are no key of the curve
            raise Malformed(Fault("not_a_key_file", f"/{name}", str(error))) from error

    def list(self) -> list[StoredKey]:
        """Every key here, by name. Raises `Malformed` for a file that is no key file."""
        names = sorted(file.stem for file in self._folder.glob("*.json") if NAME.fullmatch(file.stem))
        return [StoredKey(name, _address(_read(self._file(name), name), name)) for name in names]

    def _file(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise Malformed(Fault("bad_name", "/name", "1 to 64 of a-z 0-9 . _ -"))
        return self._folder / f"{name}.json"


def _read(file: Path, name: str) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_KEY_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound("key", name) from error
    except OSError as error:
        raise Unavailable(f"cannot read {file}: {error.strerror}") from error
    try:
        parsed = json.loads(content) if len(content) <= MAX_KEY_FILE_BYTES else None
    except ValueError as error:
        raise Malformed(Fault("not_a_key_file", f"/{name}", str(error))) from error
    if not isinstance(parsed, dict):
        raise Malformed(Fault("not_a_key_file", f"/{name}", "a JSON object of at most 16 KiB is wanted"))
    return parsed


def _address(content: Mapping[str, Any], name: str) -> Address:
    address = str(content.get("address", ""))
    if not is_address(address):
        raise Malformed(Fault("not_a_key_file", f"/{name}/address", "20 bytes of hex are wanted"))
    return Address(to_checksum_address(address))


def _write_new(file: Path, content: bytes) -> None:
    """Create `file` with `content` durably, or fail if it exists; a crash leaves all of it or nothing."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, file)  # fails if the name is taken, unlike a rename
    finally:
        draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
