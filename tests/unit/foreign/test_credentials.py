"""W3C credentials: a proof is named, not judged; what a credential says against itself is held against it.

given a credential without a proof → nothing vouches for it, and that is said
given one with a proof that needs the web → UNDETERMINED, with the suite, the key and the keeper of its status
given dates → before their beginning and after their end it is not in force
"""

import json

import pytest

from ledger.adapters.clock import SystemClock
from ledger.domain.plain import instant
from ledger.domain.verdict import Question, Verdict, Verification
from ledger.services.verification import Submitted, Verifier
from tests.support.samples import sample

SIGNED = "tradetrust/vc2-transferable-record-ecdsa-sd.json"
REVOKED = "tradetrust/vc-invoice-revoked.json"
LICENCE = "w3c-traceability/SIMASteelImportLicenseCredential.json"


def verify(content: bytes, at: str | None = None) -> Verification:
    return Verifier(None, None, SystemClock()).verify(Submitted(content, at=None if at is None else instant(at)))


def test_proofs_are_named() -> None:
    found = verify(sample(SIGNED))
    assert found[Question.INTEGRITY].evidence == {"format": "W3C credential 2.0", "proofs": ["ecdsa-sd-2023"]}
    assert found[Question.ISSUER].evidence["keys"] == ["did:web:disappointed-blush-mouse.playground.fyntech.io#keys-1"]
    (kept,) = verify(sample(REVOKED))[Question.STATUS].evidence["kept_by"]
    assert kept == {
        "type": "StatusList2021Entry",
        "statusPurpose": "revocation",
        "statusListCredential": "https://trustvc.github.io/did/credentials/statuslist/sample",
        "statusListIndex": "2",
    }


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2023-02-28T11:22:59Z", "not_yet_in_force"),
        ("2023-02-28T11:23:00Z", "dates_only"),
        ("2024-02-28T11:23:00Z", "dates_only"),
        ("2024-02-28T11:23:01Z", "expired"),
    ],
)
def test_both_ends_of_its_dates(at: str, reason: str) -> None:
    found = verify(sample(LICENCE), at)
    assert found[Question.STATUS].reason == reason
    assert found.overall is (Verdict.UNDETERMINED if reason == "dates_only" else Verdict.INVALID)


@pytest.mark.parametrize("date", [7, "tomorrow", "2024-02-30"])
def test_a_date_that_is_none(date: object) -> None:
    document = {**json.loads(sample(LICENCE)), "validUntil": date}
    found = verify(json.dumps(document).encode())
    assert (found[Question.INTEGRITY].verdict, found[Question.INTEGRITY].reason) == ("INVALID", "document_malformed")
    assert found[Question.INTEGRITY].evidence["faults"][0]["path"] == "/validUntil"


def test_a_day_counts_to_its_end() -> None:
    content = json.dumps({**json.loads(sample(LICENCE)), "validUntil": "2024-02-28"}).encode()
    assert verify(content, "2024-02-28T23:59:59Z")[Question.STATUS].reason == "dates_only"
    assert verify(content, "2024-02-29T00:00:00Z")[Question.STATUS].reason == "expired"
