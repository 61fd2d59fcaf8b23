"""Sealed parts: round trips at every boundary, and nothing good from changed, cut, reordered or spliced bytes."""

import os
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.domain.errors import LimitExceeded, Malformed, NotOpened
from ledger.domain.limits import CHUNK_BYTES
from ledger.domain.part import Kind, open_part, open_stream, padme, part_keys, seal_part, seal_stream, sealed_bytes
from ledger.domain.stream import ByteStream

KEY = bytes(range(32))
SEALED_CHUNK = CHUNK_BYTES + 16


@pytest.mark.parametrize(
    "size", [0, 1, 7, 8, 9, 1000, 57_336, 65_527, 65_528, 65_529, 65_536, 131_064, 131_065, 300_000]
)
def test_round_trip_in_memory_and_in_pieces(size: int) -> None:
    content = os.urandom(size)
    sealed = seal_part(KEY, Kind.CONTENT, content)
    assert len(sealed) == sealed_bytes(size)
    pieces = [content[at : at + 999] for at in range(0, size, 999)]
    assert b"".join(seal_stream(KEY, Kind.CONTENT, size, pieces)) == sealed
    assert open_part(KEY, Kind.CONTENT, sealed, max_bytes=size) == content
    in_pieces = ByteStream([sealed[at : at + 1001] for at in range(0, len(sealed), 1001)])
    assert b"".join(open_stream(KEY, Kind.CONTENT, in_pieces, len(sealed), max_bytes=size)) == content


def test_padme_hides_the_low_bits() -> None:
    # Nikitin et al., "Reducing Metadata Leakage from Encrypted Files": 9 → 10, 100 → 104; never over 12 % more.
    assert [padme(n) for n in (0, 1, 8, 9, 100, 1000, 1 << 20, (1 << 20) + 1)] == [
        0, 1, 8, 10, 104, 1024, 1 << 20, (1 << 20) + (1 << 15),
    ]  # fmt: skip
    for length in range(2, 5000):
        padded = padme(length)
        assert length <= padded <= length * 1.12 + 1
        assert padme(padded) == padded


def test_commitment_and_key_differ_by_part() -> None:
    assert len({*part_keys(KEY, Kind.RECORD), *part_keys(KEY, Kind.CONTENT)}) == 4


@pytest.mark.parametrize("kind", list(Kind))
def test_keys_are_those_of_hkdf(kind: Kind) -> None:
    """RFC 5869, as `cryptography` has it."""
    for key in (bytes(32), b"\xff" * 32, *(os.urandom(32) for _ in range(200))):
        derived = HKDF(hashes.SHA256(), 64, salt=b"", info=b"tamga/seal/1" + bytes([kind])).derive(key)
        assert part_keys(key, kind) == (derived[:32], derived[32:])


def test_another_key_or_kind_does_not_open() -> None:
    sealed = seal_part(KEY, Kind.RECORD, b"secret")
    for key, kind in ((bytes(32), Kind.RECORD), (KEY, Kind.CONTENT)):
        with pytest.raises(NotOpened):
            open_part(key, kind, sealed, max_bytes=100)


THREE_CHUNKS = seal_part(KEY, Kind.CONTENT, bytes(2 * CHUNK_BYTES + 4000))
CHUNKS = [THREE_CHUNKS[at : at + SEALED_CHUNK] for at in range(32, len(THREE_CHUNKS), SEALED_CHUNK)]
HEAD = THREE_CHUNKS[:32]
OTHER = seal_part(bytes(32), Kind.CONTENT, bytes(2 * CHUNK_BYTES + 4000))


@pytest.mark.parametrize(
    "changed",
    [
        lambda: HEAD + CHUNKS[1] + CHUNKS[0] + CHUNKS[2],
        lambda: HEAD + CHUNKS[0] + CHUNKS[0] + CHUNKS[2],
        lambda: HEAD + CHUNKS[0] + CHUNKS[1],
        lambda: HEAD + CHUNKS[0] + CHUNKS[2],
        lambda: HEAD + CHUNKS[2],
        lambda: HEAD + CHUNKS[0] + CHUNKS[1] + CHUNKS[1],
        lambda: THREE_CHUNKS + CHUNKS[2],
        lambda: THREE_CHUNKS[:-1],
        lambda: THREE_CHUNKS + b"\0",
        lambda: THREE_CHUNKS[:32],
        lambda: THREE_CHUNKS[:31],
        lambda: b"",
        lambda: HEAD + OTHER[32:],
        lambda: OTHER[:32] + THREE_CHUNKS[32:],
        lambda: HEAD + CHUNKS[0] + OTHER[32 + SEALED_CHUNK :],
    ],
)
def test_cut_reordered_or_spliced(changed: Callable[[], bytes]) -> None:
    with pytest.raises((NotOpened, Malformed)):
        open_part(KEY, Kind.CONTENT, changed(), max_bytes=1 << 20)


def test_padding_is_checked() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key, commitment = part_keys(KEY, Kind.RECORD)

    def sealed(plaintext: bytes) -> bytes:
        return commitment + AESGCM(key).encrypt(b"\0" * 11 + b"\1", plaintext, None)

    assert open_part(KEY, Kind.RECORD, sealed(bytes(7) + b"\1" + b"x" + b"\0"), max_bytes=9) == b"x"
    for plaintext in (
        bytes(7) + b"\1" + b"x" + b"\1",  # padding that is not zero
        bytes(7) + b"\2" + b"x" + b"\0\0",  # one byte too many
        bytes(7) + b"\x09" + b"x",  # longer than what is there
        bytes(7),
        b"",
    ):
        with pytest.raises(Malformed):
            open_part(KEY, Kind.RECORD, sealed(plaintext), max_bytes=100)


def test_length_is_bounded_before_it_is_given_out() -> None:
    sealed = seal_part(KEY, Kind.CONTENT, bytes(1000))
    with pytest.raises(LimitExceeded):
        open_part(KEY, Kind.CONTENT, sealed, max_bytes=999)


@pytest.mark.parametrize("length", [99, 101, 0])
def test_a_source_that_changes_its_length_is_refused(length: int) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * 60
        yield b"x" * 40

    with pytest.raises(Malformed):
        list(seal_stream(KEY, Kind.CONTENT, length, pieces()))


def test_byte_stream_reads_exactly() -> None:
    stream = ByteStream([b"ab", b"", b"cde", b"f"])
    assert [stream.read(0), stream.read(1), stream.read(4)] == [b"", b"a", b"bcde"]
    with pytest.raises(Malformed):
        stream.expect_end()
    assert ByteStream([b"", b""]).expect_end() is None
    with pytest.raises(Malformed):
        ByteStream([b"a"]).read(2)
