"""Letting others in later: a grant gives the keys of single documents to further X25519 keys.

What is put on chain is the digest of the block made here; who was let in shows nowhere. Taking a grant back ends access
through facades, not the knowledge of a key.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from ledger.domain.cid import cid_bytes, cid_text, raw_cid
from ledger.domain.errors import NotOpened
from ledger.domain.grant import MAX_GRANT_BYTES, Granted, encode_grant, open_grant
from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32, LedgerId, ParticipantId
from ledger.domain.limits import MAX_UPLOAD_BYTES
from ledger.domain.wrap import Rights
from ledger.ports.content_store import ContentStore, Pin
from ledger.ports.key_store import KeyRing
from ledger.services.opening import BatchReader, OpenedDocument, open_envelope, read_envelope


def granted_for(batch: BatchReader, index: int, keyring: KeyRing, rights: Rights) -> Granted:
    """What a grantee of one document is given.

    Raises:
        NotOpened: These keys do not open the document, or not as much of it as is to be given.
    """
    keys, own_rights = batch.keys(index, keyring)
    if rights & ~own_rights:
        raise NotOpened("more would be given than these keys open")
    shown = keys if rights & Rights.CONTENT else keys._replace(content=None)
    return Granted(batch.record_id(index), rights, shown, cid_bytes(batch.envelope(index)))


def store_grant(
    store: ContentStore, ledger: LedgerId, issuer: ParticipantId, granted: Sequence[tuple[bytes, Granted]]
) -> Digest32:
    """Seal and store a grant; return the digest that the issuer puts on chain.

    Args:
        store: Where it is kept.
        ledger: Ledger id.
        issuer: The documents' issuer.
        granted: Grantee's X25519 public key and what it is given.
    """
    block = encode_grant(ledger, issuer, granted)
    found = digest(block)
    cid = raw_cid(found)
    store.put_batch([(cid, block)], [Pin(cid, recursive=True)])
    return found


def read_grant(
    store: ContentStore, ledger: LedgerId, issuer: ParticipantId, grant: Digest32, keyring: KeyRing
) -> Iterator[Granted]:
    """Yield what a grant, named by its digest on chain, gives to any key of the ring."""
    block = store.get(raw_cid(grant), max_bytes=MAX_GRANT_BYTES)
    for own in keyring.public_keys():
        yield from open_grant(block, ledger, issuer, own, partial(keyring.exchange, own))


def open_granted(store: ContentStore, granted: Granted, *, max_bytes: int = MAX_UPLOAD_BYTES) -> OpenedDocument:
    """Open a granted document into memory; errors as `BatchReader.open`."""
    envelope = read_envelope(store, cid_text(granted.envelope))
    return open_envelope(envelope, granted.record_id, granted.keys, granted.rights, max_bytes=max_bytes)
