"""Web3 Secret Storage, version 3: one secp256k1 key under a passphrase, as wallets and geth write it.

A key derived from the passphrase (scrypt, or PBKDF2 in files of others) has 16 bytes for AES-128-CTR and 16 for the
MAC, `keccak256(second half ‖ ciphertext)`. https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from eth_hash.auto import keccak

from ledger.domain.errors import Fault, Malformed, NotOpened
from ledger.domain.ids import Address

VERSION: Final = 3
CIPHER: Final = "aes-128-ctr"
PRF: Final = "hmac-sha256"
SECRET_BYTES: Final = 32
DERIVED_BYTES: Final = 32
IV_BYTES: Final = 16
SCRYPT_R: Final = 8
MOST_SCRYPT_BYTES: Final = 1 << 30
"""Memory that a file may ask for: geth's own take 256 MiB."""
MOST_SCRYPT_LANES: Final = 16
"""geth's light files have 6."""
MOST_ROUNDS: Final = 10_000_000
"""Of PBKDF2; wallets write 262,144."""


def encrypt(secret: bytes, address: Address, passphrase: str, scrypt_n: int) -> dict[str, Any]:
    """The content of a key file.

    Args:
        secret: 32 bytes.
        address: The key's.
        passphrase: Taken as UTF-8.
        scrypt_n: Work factor, a power of two; a guess takes 1 KiB of memory times this.
    """
    params = {"dklen": DERIVED_BYTES, "n": scrypt_n, "r": SCRYPT_R, "p": 1, "salt": secrets.token_hex(16)}
    iv = secrets.token_bytes(IV_BYTES)
    derived = _scrypt(passphrase, params)
    hidden = _aes_ctr(derived, iv, secret)
    return {
        "address": address.removeprefix("0x"),
        "crypto": {
            "cipher": CIPHER,
            "cipherparams": {"iv": iv.hex()},
            "ciphertext": hidden.hex(),
            "kdf": "scrypt",
            "kdfparams": params,
            "mac": _mac(derived, hidden).hex(),
        },
        "id": str(uuid.uuid4()),
        "version": VERSION,
    }


def decrypt(content: Mapping[str, Any], passphrase: str) -> bytes:
    """The secret, 32 bytes.

    Raises:
        NotOpened: Another passphrase.
        Malformed: No file of this version, or one that asks for more work than `MOST_` allows.
    """
    try:
        derived, iv, hidden, mac = _read({name.lower(): value for name, value in content.items()}, passphrase)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Malformed(Fault("not_a_key_file", "", f"{type(error).__name__}: {error}")) from error
    if not hmac.compare_digest(_mac(derived, hidden), mac):
        raise NotOpened("the passphrase does not open the key file")
    return _aes_ctr(derived, iv, hidden)


def _read(content: Mapping[str, Any], passphrase: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Derived key, initial counter, ciphertext and MAC; raises what `decrypt` names malformed."""
    crypto = content["crypto"]
    if content["version"] != VERSION or crypto["cipher"] != CIPHER:
        raise ValueError(f"version {VERSION} with {CIPHER} is wanted")
    derived = _KDFS[crypto["kdf"]](passphrase, crypto["kdfparams"])
    iv, hidden, mac = (_hex(text) for text in (crypto["cipherparams"]["iv"], crypto["ciphertext"], crypto["mac"]))
    if (len(derived), len(iv), len(hidden)) != (DERIVED_BYTES, IV_BYTES, SECRET_BYTES):
        raise ValueError("a key of 32 bytes is wanted")
    return derived, iv, hidden, mac


def _scrypt(passphrase: str, params: Mapping[str, Any]) -> bytes:
    n, r, p = params["n"], params["r"], params["p"]
    if not 0 < p <= MOST_SCRYPT_LANES or not 0 < 128 * n * r <= MOST_SCRYPT_BYTES:
        raise ValueError("not usable as scrypt's cost")
    salt, most = _hex(params["salt"]), 2 * MOST_SCRYPT_BYTES - 1  # what OpenSSL takes at most
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=most, dklen=params["dklen"])


def _pbkdf2(passphrase: str, params: Mapping[str, Any]) -> bytes:
    if params["prf"] != PRF or not 0 < params["c"] <= MOST_ROUNDS:
        raise ValueError("not usable as PBKDF2's cost")
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), _hex(params["salt"]), params["c"], params["dklen"])


_KDFS: Final = {"scrypt": _scrypt, "pbkdf2": _pbkdf2}


def _hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _mac(derived: bytes, hidden: bytes) -> bytes:
    return keccak(derived[16:] + hidden)


def _aes_ctr(derived: bytes, iv: bytes, content: bytes) -> bytes:
    """Encrypts and decrypts."""
    return Cipher(algorithms.AES(derived[:16]), modes.CTR(iv)).encryptor().update(content)
