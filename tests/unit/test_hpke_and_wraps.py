"""HPKE against RFC 9180 and the library's own, and wrapped keys that belong to one document, slot and set of rights."""

import os
from functools import partial

import pytest
from cryptography.hazmat.primitives import hpke as library
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain import hpke
from ledger.domain.errors import Malformed, NotFound, NotOpened
from ledger.domain.ids import RecordId
from ledger.domain.wrap import (
    RECORD_AND_CONTENT,
    RECORD_ONLY,
    STANZA_BYTES,
    DocumentKeys,
    Rights,
    kek_info,
    open_kek,
    plain_keys,
    seal_kek,
    unwrap_keys,
    wrap_keys,
    wrap_prefix,
)
from tests.support.evidence import CUSTOMS, ISSUER, LEDGER, STRANGER, public_key

SUITE = library.Suite(library.KEM.X25519, library.KDF.HKDF_SHA256, library.AEAD.AES_256_GCM)
LOW_ORDER = [bytes(32), b"\1" + bytes(31), (2**255 - 20).to_bytes(32, "little"), (2**255 - 19).to_bytes(32, "little")]


def test_shared_secret_of_rfc_9180_a_1_1() -> None:
    ephemeral = bytes.fromhex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736")
    recipient = bytes.fromhex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
    enc = hpke.public_key(ephemeral)
    assert enc.hex() == "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
    secret = hpke.kem_secret(hpke.exchange(ephemeral, recipient), enc, recipient)
    assert secret.hex() == "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc"


@pytest.mark.parametrize("text", [b"", b"x", bytes(133), os.urandom(5000)])
def test_equal_to_the_library_both_ways(text: bytes) -> None:
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    own = partial(hpke.exchange, private.private_bytes_raw())
    assert SUITE.decrypt(hpke.seal(public, b"info", text, ephemeral=os.urandom(32)), private, info=b"info") == text
    assert hpke.open_sealed(public, own, b"info", SUITE.encrypt(text, private.public_key(), info=b"info")) == text


@pytest.mark.parametrize("point", LOW_ORDER)
def test_points_of_low_order_are_refused(point: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        hpke.seal(point, b"", b"kek", ephemeral=os.urandom(32))
    assert refused.value.faults[0].code == "low_order"
    sealed = hpke.seal(public_key(CUSTOMS), b"", b"kek", ephemeral=os.urandom(32))
    with pytest.raises(NotOpened):
        hpke.open_sealed(public_key(CUSTOMS), partial(CUSTOMS.exchange, public_key(CUSTOMS)), b"", point + sealed[32:])


def test_a_key_that_the_ring_does_not_have() -> None:
    with pytest.raises(NotFound):
        CUSTOMS.exchange(public_key(STRANGER), public_key(CUSTOMS))


def test_kek_opens_for_its_recipient_and_purpose_only() -> None:
    info = kek_info(LEDGER, ISSUER, bytes(32))
    kek = os.urandom(32)
    slot = seal_kek(public_key(CUSTOMS), info, kek, ephemeral=os.urandom(32))
    assert len(slot) == 80
    own = public_key(CUSTOMS)
    assert open_kek(own, partial(CUSTOMS.exchange, own), info, slot) == kek
    for other in (kek_info(LEDGER, ISSUER, b"\1" * 32), kek_info(LEDGER, type(ISSUER)(18), bytes(32))):
        with pytest.raises(NotOpened):
            open_kek(own, partial(CUSTOMS.exchange, own), other, slot)
    with pytest.raises(NotOpened):
        open_kek(public_key(STRANGER), partial(STRANGER.exchange, public_key(STRANGER)), info, slot)


KEK = bytes(range(32))
ID = RecordId(b"\7" * 32)
KEYS = DocumentKeys(b"r" * 32, b"c" * 32)


def stanza(slot: int = 3, rights: Rights = RECORD_AND_CONTENT, index: int = 9, keys: DocumentKeys = KEYS) -> bytes:
    return wrap_keys(AESGCM(KEK), wrap_prefix(slot, rights), index, ID, plain_keys(keys))


def test_stanza_gives_what_the_rights_say() -> None:
    assert len(stanza()) == STANZA_BYTES == 83
    assert unwrap_keys(KEK, 9, ID, stanza()) == (KEYS, RECORD_AND_CONTENT)
    record_alone = KEYS._replace(content=None)
    assert unwrap_keys(KEK, 9, ID, stanza(rights=RECORD_ONLY, keys=record_alone)) == (record_alone, RECORD_ONLY)


def test_stanza_belongs_to_document_slot_position_and_rights() -> None:
    good = stanza()
    for wrong in (
        (bytes(32), 9, ID, good),
        (KEK, 8, ID, good),
        (KEK, 9, RecordId(b"\6" * 32), good),
        (KEK, 9, ID, wrap_prefix(4, RECORD_AND_CONTENT) + good[3:]),
        (KEK, 9, ID, wrap_prefix(3, RECORD_ONLY) + good[3:]),
        (KEK, 9, ID, good[:-1] + bytes([good[-1] ^ 1])),
    ):
        with pytest.raises(NotOpened):
            unwrap_keys(*wrong)


def test_stanzas_that_contradict_themselves() -> None:
    for bad in (
        stanza(rights=RECORD_ONLY),  # gives a key beyond its rights
        stanza(keys=KEYS._replace(content=None)),  # lacks a key of its rights
        b"\0\3\2" + stanza()[3:],  # content without record
        b"\0\3\0" + stanza()[3:],
        stanza() + b"\0",
        b"",
    ):
        with pytest.raises(Malformed):
            unwrap_keys(KEK, 9, ID, bad)
