"""A participant's X25519 key ring in one encrypted file.

`{"tamga": "keyring/1", "scrypt": {"n", "r", "p", "salt"}, "sealed"}`: the private keys, oldest first, 32 bytes each,
under AES-256-GCM with a fresh salt (hence a fresh key, so the nonce is zero) at every change. Keys are only ever added:
without an old one, what was sealed to it is lost. So who changes a ring holds its folder.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain import canonical, hpke
from ledger.domain.errors import Conflict, Malformed, NotFound, NotOpened, Unavailable
from ledger.domain.fields import base64url_of, check_version, in_file, malformed, object_of, text_of, uint_of
from ledger.domain.hashing import base64url
from ledger.domain.limits import KIB
from ledger.ports.key_store import KeyRing

FORM: Final = "keyring/1"
MAX_KEYS: Final = 1024
"""A key a month for 85 years."""
_MAX_FILE_BYTES: Final = 64 * KIB
_SCRYPT_N: Final = 1 << 17
_SCRYPT_R: Final = 8
_MAX_SCRYPT_BYTES: Final = 512 * KIB * KIB
_NONCE: Final = bytes(12)
_KEYS: Final = frozenset({"tamga", "scrypt", "sealed"})
_SCRYPT_KEYS: Final = frozenset({"n", "r", "p", "salt"})


class PrivateKeys(KeyRing):
    """Keys held in memory."""

    def __init__(self, private: Sequence[bytes]) -> None:
        """Take raw private keys, oldest first."""
        self._private = {hpke.public_key(key): key for key in reversed(private)}

    def public_keys(self) -> list[bytes]:
        """See the port."""
        return list(self._private)

    def exchange(self, own_public: bytes, peer_public: bytes) -> bytes:
        """See the port."""
        if own_public not in self._private:
            raise NotFound("decryption key", own_public.hex())
        try:
            return hpke.exchange(self._private[own_public], peer_public)
        except Malformed as bad:
            raise NotOpened("sealed with a point of low order") from bad


def create_keyring(path: Path, password: str, *, scrypt_n: int = _SCRYPT_N) -> PrivateKeys:
    """Make a ring with one new key. Raises `Conflict` if the file is already there."""
    with _alone(path):
        if path.exists():
            raise Conflict(f"{path} is already there")
        return _save(path, password, [os.urandom(32)], scrypt_n)


def add_key(path: Path, password: str) -> PrivateKeys:
    """Add a new key, which becomes the newest; the older ones stay."""
    if not path.parent.is_dir():
        raise NotFound("key ring", str(path))
    with _alone(path):
        private, scrypt_n = _load(path, password)
        if len(private) == MAX_KEYS:
            raise Conflict(f"{path} holds {MAX_KEYS} keys already")
        return _save(path, password, [*private, os.urandom(32)], scrypt_n)


def open_keyring(path: Path, password: str) -> PrivateKeys:
    """Open a ring.

    Raises:
        NotFound: No such file.
        NotOpened: Another password, or a damaged file.
        Malformed: Not a key ring.
    """
    return PrivateKeys(_load(path, password)[0])


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Be the one process that changes rings of a folder, waiting for any other: of two at once, one's key were lost."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as bad:
        raise Unavailable(f"{path} cannot be changed: {bad.strerror}") from bad
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _load(path: Path, password: str) -> tuple[list[bytes], int]:
    with in_file(path):
        return _read(path, password)


def _read(path: Path, password: str) -> tuple[list[bytes], int]:
    try:
        with path.open("rb") as file:
            value = canonical.loads(file.read(_MAX_FILE_BYTES + 1), max_bytes=_MAX_FILE_BYTES, floats=False)
    except FileNotFoundError:
        raise NotFound("key ring", str(path)) from None
    except OSError as bad:
        raise Unavailable(f"{path} cannot be read: {bad.strerror}") from bad
    check_version(value, FORM)
    object_of(value, _KEYS, "")
    scrypt = object_of(value["scrypt"], _SCRYPT_KEYS, "/scrypt")
    sealed_text = text_of(value["sealed"], "/sealed", at_most=_MAX_FILE_BYTES)
    sealed = base64url_of(sealed_text, "/sealed", len(sealed_text) * 3 // 4)
    key = _derive(password, scrypt)
    try:
        plain = AESGCM(key).decrypt(_NONCE, sealed, FORM.encode())
    except InvalidTag:
        raise NotOpened(f"{path}: another password, or a damaged file") from None
    if not plain or len(plain) % 32:
        raise malformed("length", "/sealed", "not a list of keys")
    return [plain[at : at + 32] for at in range(0, len(plain), 32)], scrypt["n"]


def _derive(password: str, scrypt: dict[str, Any]) -> bytes:
    cost = uint_of(scrypt["n"], "/scrypt/n", at_least=2, at_most=1 << 20)
    block = uint_of(scrypt["r"], "/scrypt/r", at_least=1, at_most=16)
    lanes = uint_of(scrypt["p"], "/scrypt/p", at_least=1, at_most=4)
    if cost & (cost - 1) or 128 * cost * block * lanes > _MAX_SCRYPT_BYTES:
        raise malformed("number_range", "/scrypt", "not usable as scrypt's cost")
    salt = base64url_of(scrypt["salt"], "/scrypt/salt", 32)
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=block, p=lanes, dklen=32, maxmem=_MAX_SCRYPT_BYTES + KIB * KIB
    )


def _save(path: Path, password: str, private: list[bytes], scrypt_n: int) -> PrivateKeys:
    scrypt = {"n": scrypt_n, "r": _SCRYPT_R, "p": 1, "salt": base64url(os.urandom(32))}
    sealed = AESGCM(_derive(password, scrypt)).encrypt(_NONCE, b"".join(private), FORM.encode())
    text = canonical.dumps({"tamga": FORM, "scrypt": scrypt, "sealed": base64url(sealed)})
    waiting = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as bad:
        waiting.unlink(missing_ok=True)
        raise Unavailable(f"{path} cannot be written: {bad.strerror}") from bad
    return PrivateKeys(private)
