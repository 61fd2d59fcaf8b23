"""A time stamp as a file's proof.

given the sample's response, and its authority trusted
  when it stamps the file                                → its time is VALID, the rest is not told by a time stamp
  when the file is another, or was not given             → integrity INVALID; or the file's question does not apply
  when the authority is not trusted, or only as a signer → UNDETERMINED, never a yes
  when any byte of it is another                         → never VALID, never an exception
given bytes that begin like one → a fault, not an exception
"""

import json
from collections.abc import Mapping

import pytest
from cryptography import x509

from ledger.adapters.clock import SystemClock
from ledger.domain.errors import Malformed
from ledger.domain.foreign.settings import read_settings
from ledger.domain.timestamp import Certificates, read_stamp
from ledger.domain.verdict import Question, Verdict, Verification
from ledger.services.verification import Submitted, Verifier
from tests.support.foreign import ScriptedWorld
from tests.support.samples import sample

FILE = b"hello"
RESPONSE = sample("vectors/rfc3161-response.tsr")
PEM = sample("vectors/rfc3161-chain.pem")
SIGNER, MIDDLE, ROOT = x509.load_pem_x509_certificates(PEM)


def verify(
    response: bytes, content: bytes | None = FILE, trusted: Mapping[str, Certificates] | None = None
) -> Verification:
    world = ScriptedWorld(authorities={"Test TSA": [ROOT, MIDDLE]} if trusted is None else trusted)
    return Verifier(None, None, SystemClock(), foreign=world).verify(Submitted(content, response))


def told(found: Verification, question: Question) -> tuple[Verdict, str]:
    return found[question].verdict, str(found[question].reason)


def test_the_stamp_of_a_file() -> None:
    found = verify(RESPONSE)
    assert told(found, Question.INTEGRITY) == (Verdict.VALID, "stamp_intact")
    assert told(found, Question.CONTENT) == (Verdict.VALID, "content_matches")
    assert told(found, Question.TIME) == (Verdict.VALID, "stamped")
    assert found[Question.TIME].evidence["time"] == "2024-10-08T15:40:32Z"
    assert found[Question.TIME].evidence["known_as"] == "Test TSA"
    assert told(found, Question.ISSUER) == (Verdict.UNDETERMINED, "stamp_says_nothing")
    assert found.overall is Verdict.UNDETERMINED


def test_of_another_file_or_of_none() -> None:
    other = verify(RESPONSE, b"hello ")
    assert told(other, Question.INTEGRITY) == (Verdict.INVALID, "stamp_of_another")
    assert other.overall is Verdict.INVALID
    assert told(verify(RESPONSE, None), Question.CONTENT) == (Verdict.NOT_APPLICABLE, "content_not_given")


@pytest.mark.parametrize(("trusted", "counts"), [((), False), ((ROOT,), False), ((MIDDLE,), True), ((SIGNER,), True)])
def test_whom_it_leads_to(trusted: Certificates, counts: bool) -> None:
    """The response carries its signer's certificate alone: what stands between it and the root has to be configured."""
    expected = (Verdict.VALID, "stamped") if counts else (Verdict.UNDETERMINED, "stamped_by_unknown")
    assert told(verify(RESPONSE, trusted={"Test TSA": trusted}), Question.TIME) == expected


def test_any_other_byte() -> None:
    """What the signature does not cover (the status, versions, names of algorithms) changes nothing that is told."""
    whole = read_stamp(RESPONSE)
    for place in range(len(RESPONSE)):
        spoilt = bytes(byte ^ (at == place) for at, byte in enumerate(RESPONSE))
        found = verify(spoilt)
        if told(found, Question.TIME)[0] is Verdict.VALID and told(found, Question.INTEGRITY)[0] is Verdict.VALID:
            assert read_stamp(spoilt) == whole, place


@pytest.mark.parametrize(
    "bytes_", [b"\x30", b"\x30\x80", b"\x30\x00", b"\x30\x03\x02\x01\x00", RESPONSE[:600], RESPONSE + b"x"]
)
def test_what_only_begins_like_one(bytes_: bytes) -> None:
    found = verify(bytes_)
    assert told(found, Question.INTEGRITY) == (Verdict.INVALID, "stamp_malformed")


def test_a_stamp_larger_than_any() -> None:
    assert told(verify(b"\x30" + bytes(70_000)), Question.INTEGRITY) == (Verdict.INVALID, "too_large")


def test_authorities_are_configured_in_pem() -> None:
    found = read_settings(json.dumps({"timestamp_authorities": {"Test TSA": PEM.decode()}}).encode())
    assert found.authorities == {"Test TSA": [SIGNER, MIDDLE, ROOT]}
    with pytest.raises(Malformed) as refused:
        read_settings(b'{"timestamp_authorities": {"one": "no PEM", "two": 2}}')
    paths = [fault.path for fault in refused.value.faults]
    assert paths == ["/timestamp_authorities/one", "/timestamp_authorities/two"]
