"""Web3 Secret Storage, version 3, by eth-account: one secp256k1 key under a passphrase, as wallets and geth write it.

Importing eth-account takes longer than most commands do, so nothing imports this before a key file is opened or made.
"""

import sys
from collections.abc import Mapping
from typing import Any

from eth_account import Account

from ledger.domain.errors import Fault, Malformed, NotOpened

# eth-account brings in py_ecc, which raises the limit to 100,000 when it is imported: deep JSON from outside would then
# overflow the C stack and end the process instead of raising RecursionError.
sys.setrecursionlimit(1_000)


def encrypt(secret: bytes, passphrase: str, scrypt_n: int) -> Mapping[str, Any]:
    """The content of a key file.

    Args:
        secret: 32 bytes.
        passphrase: Taken as UTF-8.
        scrypt_n: Work factor, a power of two; a guess takes 1 KiB of memory times this.
    """
    return Account.encrypt(secret, passphrase, kdf="scrypt", iterations=scrypt_n)


def decrypt(content: Mapping[str, Any], passphrase: str) -> bytes:
    """The secret, 32 bytes.

    Raises:
        NotOpened: Another passphrase.
        Malformed: No such file.
    """
    try:
        return bytes(Account.decrypt(dict(content), passphrase))
    except ValueError as error:
        if "MAC mismatch" in str(error):
            raise NotOpened("the passphrase does not open the key file") from error
        raise Malformed(Fault("not_a_key_file", "", str(error))) from error
    except (KeyError, TypeError, NotImplementedError) as error:
        raise Malformed(Fault("not_a_key_file", "", f"{type(error).__name__}: {error}")) from error
