"""Time stamps of RFC 3161: that an authority saw a file's hash at a time. Pure: who is trusted is told by the caller.

A response counts if its token's signature holds under the certificate that it names (RFC 5652 §5.4, RFC 5816), that
certificate is for time stamping alone, and it leads to a certificate that is trusted; all as of the stamp's own time.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from ledger.domain.der import INTEGER, OCTET_STRING, OID, SEQUENCE, SET, TIME, Node, expect, read
from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.limits import MAX_STAMP_BYTES

Certificates = Sequence[x509.Certificate]
_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_TST_INFO: Final = bytes.fromhex("2a864886f70d0109100104")
_CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
_SIGNING_CERTIFICATE: Final = bytes.fromhex("2a864886f70d010910020c")
_SIGNING_CERTIFICATE_V2: Final = bytes.fromhex("2a864886f70d010910022f")
_HASHES: Final[Mapping[bytes, hashes.HashAlgorithm]] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
"""Hashes that still bind: SHA-1 and older are not taken."""
_GRANTED: Final = (0, 1)
_CONTEXT_0: Final = 0xA0
_BAD_CERTIFICATE: Final = (x509.InvalidVersion, x509.DuplicateExtension, UnsupportedAlgorithm)
MAX_CERTIFICATES: Final = 8
"""That come with a stamp: each may be compared with each."""


@dataclass(frozen=True)
class Stamp:
    """A time stamp as read; nothing of it is proven yet.

    Attributes:
        algorithm: Hash of the file.
        imprint: The file's hash.
        time: When the authority says that it saw it [unix s].
        nonce: Of the request; None: it had none.
        content: The signed statement.
        attributes: What the signature is over.
        digest: Hash by which the signature is made.
        signature: The signature.
        signer: Certificate that made it.
        certificates: All that came with it.
    """

    algorithm: hashes.HashAlgorithm
    imprint: bytes
    time: int
    nonce: int | None
    content: bytes
    attributes: bytes
    digest: hashes.HashAlgorithm
    signature: bytes
    signer: x509.Certificate
    certificates: tuple[x509.Certificate, ...]

    def is_of(self, content: bytes) -> bool:
        """Whether it is of this file."""
        return hashlib.new(self.algorithm.name, content).digest() == self.imprint


def is_stamp(data: bytes) -> bool:
    """Whether this may be a time-stamp response: a proof file of ours begins with a brace."""
    return data[:1] == b"\x30"


def read_stamp(data: bytes) -> Stamp:
    """Read a time-stamp response. Raises `LimitExceeded`; `Malformed`, also for one that was not granted."""
    if len(data) > MAX_STAMP_BYTES:
        raise LimitExceeded("time stamp", MAX_STAMP_BYTES)
    try:
        return _read(data)
    except (ValueError, IndexError, *_BAD_CERTIFICATE) as error:
        raise _malformed(f"it is not formed like one: {error}") from error


def _read(data: bytes) -> Stamp:
    status, *token = read(data).parts()
    if not token or expect(status.parts(), INTEGER)[0].number() not in _GRANTED:
        raise _malformed("no time stamp was granted")
    kind, wrapped = expect(token[0].parts(), OID, _CONTEXT_0)
    _require(kind.content == _SIGNED_DATA, "no signed data")
    signed = read(wrapped.content).parts()
    _, _, encapsulated = expect(signed, INTEGER, SET, SEQUENCE)
    inner, octets = expect(encapsulated.parts(), OID, _CONTEXT_0)
    _require(inner.content == _TST_INFO, "no time stamp inside")
    content = expect([read(octets.content)], OCTET_STRING)[0].content
    certificates = tuple(
        x509.load_der_x509_certificate(node.whole) for node in signed[3].parts() if signed[3].tag == _CONTEXT_0
    )
    _require(len(certificates) <= MAX_CERTIFICATES, f"more than {MAX_CERTIFICATES} certificates")
    signers = expect(signed[-1:], SET)[0].parts()
    _require(len(signers) == 1, "exactly one signature is needed")
    return _stamp(content, signers[0].parts(), certificates)


def _stamp(content: bytes, signer: Sequence[Node], certificates: tuple[x509.Certificate, ...]) -> Stamp:
    info = read(content).parts()
    _, _, imprint, _, time = expect(info, INTEGER, OID, SEQUENCE, INTEGER, TIME)
    algorithm, hashed = expect(imprint.parts(), SEQUENCE, OCTET_STRING)
    nonces = [node.number() for node in info[5:] if node.tag == INTEGER]
    _, _, digest, attributes, _, signature = expect(
        signer, INTEGER, SEQUENCE, SEQUENCE, _CONTEXT_0, SEQUENCE, OCTET_STRING
    )
    issuer, serial = expect(signer[1].parts(), SEQUENCE, INTEGER)
    made = [c for c in certificates if c.serial_number == serial.number() and c.issuer.public_bytes() == issuer.whole]
    _require(len(made) == 1, "the signer's certificate has to come with it")
    found = Stamp(
        algorithm=_hash(algorithm),
        imprint=hashed.content,
        time=_time(time.content),
        nonce=nonces[0] if nonces else None,
        content=content,
        attributes=bytes([SET]) + attributes.whole[1:],  # signed as the SET that it stands for
        digest=_hash(digest),
        signature=signature.content,
        signer=made[0],
        certificates=certificates,
    )
    _check_attributes(found, attributes.parts())
    return found


def _check_attributes(stamp: Stamp, attributes: Sequence[Node]) -> None:
    """The signed attributes have to name this content and this certificate."""
    values = {}
    for attribute in attributes:
        name, value = expect(attribute.parts(), OID, SET)
        values[name.content] = read(value.content)
    _require(_CONTENT_TYPE in values and values[_CONTENT_TYPE].content == _TST_INFO, "signed as something else")
    digest = hashlib.new(stamp.digest.name, stamp.content).digest()
    _require(_MESSAGE_DIGEST in values and values[_MESSAGE_DIGEST].content == digest, "signed over another content")
    named = values.get(_SIGNING_CERTIFICATE_V2) or values.get(_SIGNING_CERTIFICATE)
    _require(named is not None, "signed without naming the certificate")
    first = named.parts()[0].parts()[0].parts() if named is not None else []
    algorithm: hashes.HashAlgorithm = hashes.SHA256() if _SIGNING_CERTIFICATE_V2 in values else hashes.SHA1()  # noqa: S303 - names, proves nothing
    if first and first[0].tag == SEQUENCE:
        algorithm, first = _hash(first[0]), first[1:]
    _require(bool(first) and first[0].content == stamp.signer.fingerprint(algorithm), "signed for another certificate")


def is_signed(stamp: Stamp) -> bool:
    """Whether the certificate that it names did sign it."""
    try:
        key = stamp.signer.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(stamp.signature, stamp.attributes, ec.ECDSA(stamp.digest))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(stamp.signature, stamp.attributes, padding.PKCS1v15(), stamp.digest)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def is_trusted(stamp: Stamp, trusted: Certificates) -> bool:
    """Whether its certificate is for time stamping alone, and leads to a trusted one, at the stamp's time."""
    at = datetime.fromtimestamp(stamp.time, UTC)
    return _is_for_stamping(stamp.signer) and _leads_to(stamp.signer, stamp.certificates, trusted, at)


def _is_for_stamping(certificate: x509.Certificate) -> bool:
    try:
        use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError, *_BAD_CERTIFICATE):
        return False
    return use.critical and list(use.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _leads_to(signer: x509.Certificate, others: Certificates, trusted: Certificates, at: datetime) -> bool:
    """Whether a path of issuers goes from it to a trusted one; each certificate is looked at once."""
    seen: list[x509.Certificate] = []
    waiting = [signer]
    while waiting:
        certificate = waiting.pop()
        if certificate in seen or not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            continue
        if certificate in trusted:
            return True
        seen.append(certificate)
        waiting += [each for each in (*trusted, *others) if _issued(each, certificate)]
    return False


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature, *_BAD_CERTIFICATE):
        return False
    return True


def _hash(algorithm: Node) -> hashes.HashAlgorithm:
    found = _HASHES.get(expect(algorithm.parts(), OID)[0].content)
    if found is None:
        raise _malformed("a hash that is not taken: SHA-256, SHA-384 and SHA-512 are")
    return found


def _time(content: bytes) -> int:
    """GeneralizedTime in UTC; parts of a second are cut off."""
    text, _, _ = content.decode("ascii").removesuffix("Z").partition(".")
    return int(datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp())


def _require(holds: bool, text: str) -> None:
    if not holds:
        raise _malformed(text)


def _malformed(text: str) -> Malformed:
    return Malformed(Fault("time_stamp", "", text))
