"""What is read of an OpenAttestation document, whichever its version, before anything is judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_hash.auto import keccak

from ledger.domain import canonical
from ledger.domain.fields import array_of, hex_of, malformed, text_of
from ledger.domain.foreign.weaknesses import Weakness

MAX_HIDDEN: Final = 100_000
"""Hashes of hidden fields; no form has more fields."""
MAX_PATH: Final = 64
"""Steps of a Merkle path: more than any tree has levels."""
MAX_ISSUERS: Final = 16
MAX_SIGNATURES: Final = 16
MAX_TEXT: Final = 1_024
"""Characters of a name, identifier or location that is looked at."""


@dataclass(frozen=True)
class Issuer:
    """One issuer as the document names it; None where it says nothing.

    Attributes:
        name: Its own word.
        did: Decentralised identifier.
        key: Identifier of the key that has to have signed.
        identity: How it says its identity can be proven: `DID`, `DNS-DID`, `DNS-TXT`.
        domain: The domain to ask, for the latter two.
        store: Contract that holds issued roots.
        registry: Contract that holds titles.
        revocation: `NONE`, `REVOCATION_STORE`, `OCSP_RESPONDER`.
        revoked_at: Contract or address to ask.
    """

    name: str | None = None
    did: str | None = None
    key: str | None = None
    identity: str | None = None
    domain: str | None = None
    store: str | None = None
    registry: str | None = None
    revocation: str | None = None
    revoked_at: str | None = None


@dataclass(frozen=True)
class Signature:
    """A signature over the Merkle root, and the key that is said to have made it."""

    key: str
    signature: str


@dataclass(frozen=True)
class Wrapped:
    """An OpenAttestation document.

    Attributes:
        form: `OpenAttestation 2.0` or `3.0`.
        computed: keccak-256 over the sorted hashes of all fields, shown and hidden, as recomputed.
        target_hash: What the document says it is; any text.
        merkle_root: What the batch's root is said to be; any text.
        path: Siblings from the leaf up.
        fields: Number of fields shown.
        hidden: Number of fields hidden.
        issuers: At least one.
        signatures: None, for documents that only a store vouches for.
        chain_id: Chain of its contracts, if it says so.
        valid_from, valid_until: Instants [unix s]; None if it names none.
        weaknesses: Of its form and found in it.
    """

    form: str
    computed: bytes
    target_hash: str
    merkle_root: str
    path: tuple[bytes, ...]
    fields: int
    hidden: int
    issuers: tuple[Issuer, ...]
    signatures: tuple[Signature, ...]
    chain_id: int | None
    valid_from: int | None
    valid_until: int | None
    weaknesses: frozenset[Weakness]

    def folded(self) -> list[bytes]:
        """Hashes from the target up to the root that path and target give."""
        hashes = [self.computed]
        for sibling in self.path:
            hashes.append(bytes(keccak(b"".join(sorted((hashes[-1], sibling))))))
        return hashes

    def root(self) -> bytes | None:
        """The Merkle root that it carries; None if that is no hash."""
        return self.folded()[-1] if self.folded()[-1].hex() == self.merkle_root else None


def field_hash(path: str, value: Any) -> str:
    """keccak-256 of `{"path":value}`, in hex: how OpenAttestation hashes one field."""
    return bytes(keccak(canonical.dumps({path: value}))).hex()


def digest_of(hashes: Sequence[str]) -> bytes:
    """keccak-256 of the JSON array of the sorted hashes."""
    return bytes(keccak(canonical.dumps(sorted(hashes))))


def hashes_of(value: Any, path: str, *, at_most: int) -> list[str]:
    """Require a list of 32-byte hashes in hex."""
    return [hex_of(item, f"{path}/{n}").hex() for n, item in enumerate(array_of(value, path, at_most=at_most))]


def object_at(value: Any, key: str, path: str) -> dict[str, Any]:
    """The object under `key`. Raises `Malformed`."""
    found = value.get(key)
    if type(found) is not dict:
        raise malformed("type", f"{path}/{key}", "an object is needed here")
    return found


def text_at(value: Any, key: str, path: str) -> str:
    """The text under `key`. Raises `Malformed`."""
    return text_of(value.get(key), f"{path}/{key}", at_most=MAX_TEXT)


def optional_text(value: Any) -> str | None:
    """`value` if it is a text of reasonable length."""
    return value if type(value) is str and 0 < len(value) <= MAX_TEXT else None


def check_key(key: str, path: str) -> None:
    """Refuse a key that makes the path of a field ambiguous.

    Paths are joined by dots, and the reference reader drops an empty key: `{"": {"total": …}}` gives the path of
    `{"total": …}`, so that one of two values under one path would be shown and the other hashed.
    """
    if not key or any(mark in key for mark in ".[]"):
        raise malformed("ambiguous_key", f"{path}/{key[:64]}", "a key may not be empty or have . [ ] in it")
