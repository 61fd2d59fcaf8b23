"""A grant: letting others in later, without showing on chain whom.

    "TAMGAGRA" ‖ 01 ‖ 2^k × HPKE(record_id ‖ rights u8 ‖ K_rec ‖ K_con or zeros ‖ envelope CID 36)

A raw block whose digest the issuer puts on chain; stanzas of 181 bytes, ascending, filled up with stanzas sealed to
nobody. A grantee tries each. HPKE info: `"tamga/grant/1" ‖ ledger ‖ u64 issuer`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from ledger.domain import hpke
from ledger.domain.cid import CID_BYTES, check_cid
from ledger.domain.errors import NotOpened
from ledger.domain.fields import malformed
from ledger.domain.frame import FRAME_BYTES, check_frame
from ledger.domain.ids import LedgerId, ParticipantId, RecordId
from ledger.domain.part import KEY_BYTES
from ledger.domain.wrap import DocumentKeys, Rights, keys_of, parse_rights, plain_keys

FRAME: Final = b"TAMGAGRA\x01"
MAX_STANZAS: Final = 4096
"""740 KB: one IPFS block."""
_PLAIN_BYTES: Final = 32 + 1 + 2 * KEY_BYTES + CID_BYTES
STANZA_BYTES: Final = hpke.ENC_BYTES + _PLAIN_BYTES + 16
MAX_GRANT_BYTES: Final = FRAME_BYTES + MAX_STANZAS * STANZA_BYTES


class Granted(NamedTuple):
    """What one stanza gives.

    Attributes:
        record_id: The document.
        rights: What may be opened.
        keys: Its keys.
        envelope: Binary CID of its envelope.
    """

    record_id: RecordId
    rights: Rights
    keys: DocumentKeys
    envelope: bytes

    def narrowed(self, rights: Rights) -> "Granted":
        """The same document with these rights alone. Raises `NotOpened` if that would be more than is given here."""
        if rights & ~self.rights:
            raise NotOpened("these keys open the record only")
        keys = self.keys if rights & Rights.CONTENT else self.keys._replace(content=None)
        return self._replace(rights=rights, keys=keys)


def grant_info(ledger: LedgerId, issuer: ParticipantId) -> bytes:
    """HPKE info of a grant's stanzas."""
    return b"tamga/grant/1" + ledger + issuer.to_bytes(8)


def encode_grant(
    ledger: LedgerId,
    issuer: ParticipantId,
    granted: Sequence[tuple[bytes, Granted]],
    *,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """The block of a grant.

    Args:
        ledger: Ledger id.
        issuer: Who grants: the issuer of the documents.
        granted: Grantee's X25519 public key and what it is given, 1 to 4,096 times.
        random: Source of random bytes.

    Raises:
        Malformed: None or too many, or a public key of low order.
    """
    if not 1 <= len(granted) <= MAX_STANZAS:
        raise malformed("length", "/stanzas", f"{len(granted)} stanzas; from 1 to {MAX_STANZAS} are allowed")
    info = grant_info(ledger, issuer)
    plain = [(key, _plain(one)) for key, one in granted]
    for _ in range((1 << (len(granted) - 1).bit_length()) - len(granted)):
        plain.append((hpke.public_key(random(32)), bytes(_PLAIN_BYTES)))  # a real key, so that it looks like the others
    stanzas = [hpke.seal(key, info, text, ephemeral=random(32)) for key, text in plain]
    return FRAME + b"".join(sorted(stanzas))  # they begin with random points, so sorting tells nothing


def _plain(one: Granted) -> bytes:
    if bool(one.rights & Rights.CONTENT) != (one.keys.content is not None):
        raise malformed("rights", "/rights", "the keys given are not those of the rights")
    return one.record_id + one.rights.to_bytes(1) + plain_keys(one.keys) + one.envelope


def parse_grant(block: bytes) -> list[bytes]:
    """Stanzas of a grant.

    Raises:
        UnknownVersion: Of another version.
        Malformed: No grant, a number of stanzas that is no power of two, or stanzas out of order.
    """
    check_frame(block[:FRAME_BYTES], FRAME)
    count, rest = divmod(len(block) - FRAME_BYTES, STANZA_BYTES)
    if rest or not 1 <= count <= MAX_STANZAS or count & (count - 1):
        raise malformed("length", "/stanzas", f"{len(block)} bytes are no grant")
    stanzas = [block[at : at + STANZA_BYTES] for at in range(FRAME_BYTES, len(block), STANZA_BYTES)]
    if any(left >= right for left, right in pairwise(stanzas)):
        raise malformed("order", "/stanzas", "stanzas ascend, each once")
    return stanzas


def open_grant(
    block: bytes, ledger: LedgerId, issuer: ParticipantId, own: bytes, exchange_with: Callable[[bytes], bytes]
) -> Iterator[Granted]:
    """Yield what a grant gives to the holder of one key; nothing if it is for others.

    Raises:
        Malformed: No grant, or a stanza sealed to this key that is none.
    """
    info = grant_info(ledger, issuer)
    for stanza in parse_grant(block):
        try:
            plain = hpke.open_sealed(own, exchange_with, info, stanza)
        except NotOpened:
            continue
        rights = parse_rights(plain[32], "/rights")
        keys = keys_of(plain[33:97], rights, "/keys")
        yield Granted(RecordId(plain[:32]), rights, keys, check_cid(plain[97:], "/envelope"))
