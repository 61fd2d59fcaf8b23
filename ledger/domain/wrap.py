"""Wrapping a document's two keys for each recipient of its batch.

Per batch and recipient one key-encryption key, sealed once by HPKE into the manifest; per document and recipient one
stanza: `slot u16 ‖ rights u8 ‖ AES-256-GCM(KEK, nonce = u96 leaf index, K_rec ‖ K_con or zeros, AAD)`, 83 bytes.
The AAD `"tamga/wrap/1" ‖ record_id ‖ slot ‖ rights` ties a stanza to its document and to what it lets one see.
A leaf index is used once under a KEK, so the nonce never repeats.
"""

from collections.abc import Callable
from enum import IntFlag
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain import hpke
from ledger.domain.errors import NotOpened
from ledger.domain.fields import malformed
from ledger.domain.ids import LedgerId, ParticipantId, RecordId
from ledger.domain.part import KEY_BYTES, TAG_BYTES

STANZA_BYTES: Final = 3 + 2 * KEY_BYTES + TAG_BYTES
SLOT_BYTES: Final = hpke.ENC_BYTES + KEY_BYTES + TAG_BYTES
"""enc ‖ ct of a sealed KEK in the manifest."""
_NO_KEY: Final = bytes(KEY_BYTES)
_WRAP: Final = b"tamga/wrap/1"
_KEK: Final = b"tamga/kek/1"


class Rights(IntFlag):
    """What a recipient may open. Content comes with its record, never without."""

    RECORD = 1
    CONTENT = 2


RECORD_ONLY: Final = Rights.RECORD
RECORD_AND_CONTENT: Final = Rights.RECORD | Rights.CONTENT


class DocumentKeys(NamedTuple):
    """Keys of one document.

    Attributes:
        record: Key of the record part.
        content: Key of the content part; None where it is not given.
    """

    record: bytes
    content: bytes | None


def parse_rights(number: int, path: str) -> Rights:
    """Require 1 (record) or 3 (record and content)."""
    if number not in (RECORD_ONLY, RECORD_AND_CONTENT):
        raise malformed("rights", path, f"rights {number} are unknown")
    return Rights(number)


def kek_info(ledger: LedgerId, issuer: ParticipantId, batch_id: bytes) -> bytes:
    """HPKE info of a batch's key-encryption keys."""
    return _KEK + ledger + issuer.to_bytes(8) + batch_id


def seal_kek(recipient: bytes, info: bytes, kek: bytes, *, ephemeral: bytes) -> bytes:
    """One slot of the manifest: `enc ‖ ct`, 80 bytes."""
    return hpke.seal(recipient, info, kek, ephemeral=ephemeral)


def open_kek(own: bytes, exchange_with: Callable[[bytes], bytes], info: bytes, slot: bytes) -> bytes:
    """The KEK of a slot. Raises `NotOpened` if it is another recipient's."""
    return hpke.open_sealed(own, exchange_with, info, slot)


def wrap_prefix(slot: int, rights: Rights) -> bytes:
    """`slot u16 ‖ rights u8`: how a stanza begins, and how its AAD ends."""
    return slot.to_bytes(2) + rights.to_bytes(1)


def wrap_keys(kek: AESGCM, prefix: bytes, index: int, record_id: bytes, keys: bytes) -> bytes:
    """One stanza; `keys` is `plain_keys` for the rights in `prefix` (`wrap_prefix`)."""
    return prefix + kek.encrypt(index.to_bytes(12), keys, _WRAP + record_id + prefix)


def plain_keys(keys: DocumentKeys) -> bytes:
    """`K_rec ‖ K_con`, or zeros in place of a key that is not given."""
    return keys.record + (_NO_KEY if keys.content is None else keys.content)


def keys_of(plain: bytes, rights: Rights, path: str) -> DocumentKeys:
    """Inverse of `plain_keys`; a content key must be there exactly when the rights say so."""
    content = plain[KEY_BYTES:]
    if (content != _NO_KEY) != bool(rights & Rights.CONTENT):
        raise malformed("rights", path, "the keys given are not those of the rights")
    return DocumentKeys(plain[:KEY_BYTES], content if rights & Rights.CONTENT else None)


def unwrap_keys(kek: bytes, index: int, record_id: RecordId, stanza: bytes) -> tuple[DocumentKeys, Rights]:
    """Open a stanza.

    Raises:
        NotOpened: Another KEK, document, slot or position, or changed rights.
        Malformed: Not a stanza.
    """
    if len(stanza) != STANZA_BYTES:
        raise malformed("length", "/stanzas", f"{len(stanza)} bytes are no stanza")
    prefix = stanza[:3]
    rights = parse_rights(prefix[2], "/stanzas")
    try:
        plain = AESGCM(kek).decrypt(index.to_bytes(12), stanza[3:], _WRAP + record_id + prefix)
    except InvalidTag:
        raise NotOpened("the stanza is not of this document, slot and key") from None
    return keys_of(plain, rights, "/stanzas"), rights
