"""Letting others in later: a grant gives the keys of single documents to further X25519 keys.

What is put on chain is the digest of the block made here; who was let in shows nowhere. Taking a grant back ends access
through facades, not the knowledge of a key.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ledger.domain.cid import cid_bytes, cid_text, raw_cid
from ledger.domain.errors import NotFound
from ledger.domain.grant import MAX_GRANT_BYTES, Granted, encode_grant, open_grant
from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32, LedgerId, ParticipantId, RecordId
from ledger.domain.limits import MAX_UPLOAD_BYTES
from ledger.domain.manifest import Manifest
from ledger.ports.content_store import ContentStore, Pin
from ledger.ports.key_store import KeyRing
from ledger.services.opening import BatchReader, OpenedDocument, open_envelope, read_block, read_envelope, save_envelope


def granted_for(batch: BatchReader, index: int, keyring: KeyRing) -> Granted:
    """All that these keys open of one document; `narrowed`, it is what a grantee is given.

    Raises:
        NotOpened: These keys do not open the document.
    """
    keys, rights = batch.keys(index, keyring)
    return Granted(batch.record_id(index), rights, keys, cid_bytes(batch.envelope(index)))


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
    block = read_block(store, raw_cid(grant), max_bytes=MAX_GRANT_BYTES)
    for own in keyring.public_keys():
        yield from open_grant(block, ledger, issuer, own, partial(keyring.exchange, own))


def find_granted(
    store: ContentStore, ledger: LedgerId, issuer: ParticipantId, grant: Digest32, keyring: KeyRing, record_id: RecordId
) -> Granted:
    """What a grant gives of one document, the most if it gives it twice.

    Raises:
        NotFound: No such block, or it gives these keys nothing of this document.
    """
    given = [one for one in read_grant(store, ledger, issuer, grant, keyring) if one.record_id == record_id]
    if not given:
        raise NotFound("grant of this document to these keys", f"in {grant.hex()}")
    return max(given, key=lambda one: one.rights)


def open_granted(store: ContentStore, granted: Granted, *, max_bytes: int = MAX_UPLOAD_BYTES) -> OpenedDocument:
    """Open a granted document into memory; errors as `BatchReader.open`."""
    envelope = read_envelope(store, cid_text(granted.envelope))
    return open_envelope(envelope, granted.record_id, granted.keys, granted.rights, max_bytes=max_bytes)


def save_granted(store: ContentStore, granted: Granted, target: Path, of: Manifest) -> OpenedDocument:
    """Open a granted document into a file; errors as `BatchReader.open_to_file`."""
    envelope = read_envelope(store, cid_text(granted.envelope))
    return save_envelope(envelope, granted.record_id, granted.keys, granted.rights, target, of)
