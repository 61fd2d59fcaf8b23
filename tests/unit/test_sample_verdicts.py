"""Every sample document gets the verdict that its publisher states, from the code that users meet.

given a document of another system
  when it is verified with nothing but itself                     → what it proves by itself
  when its issuer is vouched for and its chain can be asked,
    and says what the publisher says it says                      → the publisher's verdict
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from ledger.adapters.clock import SystemClock
from ledger.domain.verdict import Question, Verdict, Verification
from ledger.services.verification import Submitted, Verifier
from tests.support.foreign import BURNT_TITLE, FALSE, HELD_TITLE, TRUE, ScriptedWorld
from tests.support.samples import SAMPLES, sample

OWNER_OF, IS_REVOKED, IS_ISSUED = "ownerOf(uint256)", "isRevoked(bytes32)", "isIssued(bytes32)"
DEMO = "did:ethr:0x433097a1C1b8a3e9188d8C54eCC057B1D69f1638"
LICENCES = "did:ethr:0x1245e5B64D785b25057f7438F715f4aA5D965733"
WORLD = {DEMO: "DEMO STORE", LICENCES: "DEMO STORE"}


@dataclass(frozen=True)
class Row:
    """What is said of one document.

    Attributes:
        integrity, issuer, status: Reasons told with nothing but the document.
        signature: Of its first issuer; None if it has none.
        with_world: What its contracts answer, by function.
        overall: The verdict when its issuer is vouched for and they are asked.
        decided: The fragment that decides it then, and its reason.
    """

    integrity: str
    issuer: str
    status: str
    signature: str | None = None
    with_world: Mapping[str, object] | None = None
    overall: Verdict = Verdict.UNDETERMINED
    decided: tuple[str, str] | None = None


SIGNED = {"integrity": "fields_intact", "issuer": "signed_by_unknown", "signature": "VALID"}
UNSIGNED = {"integrity": "unsigned", "issuer": "unsigned"}
PROVEN_ELSEWHERE = {"integrity": "proof_not_judged", "issuer": "signer_not_resolved", "status": "status_not_asked"}

FOREIGN: dict[str, Row] = {
    "tradetrust/oa2-certificate-of-origin-default.json": Row(**SIGNED, status="in_force", overall=Verdict.VALID),
    "tradetrust/oa2-certificate-of-origin-redacted.json": Row(**SIGNED, status="in_force", overall=Verdict.VALID),
    "tradetrust/oa2-certificate-of-origin-revoked.json": Row(
        **SIGNED,
        status="status_not_asked",
        with_world={IS_REVOKED: TRUE},
        overall=Verdict.INVALID,
        decided=("status", "revoked"),
    ),
    "tradetrust/oa2-invoice-expired.json": Row(
        **SIGNED, status="expired", overall=Verdict.INVALID, decided=("status", "expired")
    ),
    "tradetrust/oa2-bill-of-lading-operative.json": Row(
        **SIGNED,
        status="status_not_asked",
        with_world={OWNER_OF: HELD_TITLE},
        overall=Verdict.VALID,
        decided=("status", "title_active"),
    ),
    "tradetrust/oa2-bill-of-lading-inoperative.json": Row(
        **SIGNED,
        status="status_not_asked",
        with_world={OWNER_OF: BURNT_TITLE},
        overall=Verdict.INVALID,
        decided=("status", "title_inoperative"),
    ),
    "tradetrust/oa2-tampered.json": Row(
        "target_hash_differs",
        "issuer_unsigned",
        "status_not_asked",
        overall=Verdict.INVALID,
        decided=("integrity", "target_hash_differs"),
    ),
    "tradetrust/oa2-wrong-signature.json": Row(
        "fields_intact",
        "signature_differs",
        "in_force",
        "INVALID",
        overall=Verdict.INVALID,
        decided=("issuer", "signature_differs"),
    ),
    "tradetrust/oa2-wrong-merkle-root.json": Row(
        "root_differs",
        "issuer_unsigned",
        "status_not_asked",
        overall=Verdict.INVALID,
        decided=("integrity", "root_differs"),
    ),
    "tradetrust/oa3-did-signed.json": Row(**SIGNED, status="in_force", overall=Verdict.VALID),
    # It names no chain, so that none can be asked: that its store does not hold it is shown in foreign/test_stores.py.
    "tradetrust/oa3-document-store-wrapped-not-issued.json": Row(
        "fields_intact",
        "issuer_unsigned",
        "status_not_asked",
        with_world={IS_ISSUED: FALSE},
        decided=("anchor", "store_not_reached"),
    ),
    # Their status lists and keys are on the web, which is not asked: what the publisher says of them stays open.
    "tradetrust/vc-invoice-revoked.json": Row(**PROVEN_ELSEWHERE),
    "tradetrust/vc2-transferable-record-ecdsa-sd.json": Row(**PROVEN_ELSEWHERE),
    "w3c-traceability/CertificationOfOrigin.json": Row(**UNSIGNED, status="dates_only"),
    "w3c-traceability/PhytosanitaryCredential.json": Row(**UNSIGNED, status="dates_only"),
    "w3c-traceability/CBP7501EntrySummaryCredential.json": Row(**UNSIGNED, status="dates_only"),
    "w3c-traceability/CTPATCertificate.json": Row(**UNSIGNED, status="status_not_asked"),
    "w3c-traceability/SIMASteelImportLicenseCredential.json": Row(
        **UNSIGNED, status="expired", overall=Verdict.INVALID, decided=("status", "expired")
    ),
    "w3c-traceability/PowerOfAttorneyCredential.json": Row(**UNSIGNED, status="dates_only"),
}


def verify(name: str, world: ScriptedWorld | None) -> Verification:
    return Verifier(None, None, SystemClock(), foreign=world).verify(Submitted(sample(name)))


def test_every_document_of_another_system_has_its_row() -> None:
    folders = [SAMPLES / "tradetrust", SAMPLES / "w3c-traceability"]
    files = {path.relative_to(SAMPLES).as_posix() for folder in folders for path in folder.iterdir()}
    assert files == FOREIGN.keys()


@pytest.mark.parametrize(("name", "row"), FOREIGN.items())
def test_with_nothing_but_the_document(name: str, row: Row) -> None:
    found = verify(name, None)
    told = tuple(str(found[question].reason) for question in (Question.INTEGRITY, Question.ISSUER, Question.STATUS))
    assert told == (row.integrity, row.issuer, row.status)
    assert found.block is None
    signatures = [issuer["signature"] for issuer in found[Question.ISSUER].evidence.get("issuers", [])]
    assert (signatures or [None])[0] == row.signature
    assert found.overall is not Verdict.VALID


@pytest.mark.parametrize(("name", "row"), FOREIGN.items())
def test_with_all_that_its_publisher_says(name: str, row: Row) -> None:
    found = verify(name, ScriptedWorld(row.with_world, issuers=WORLD))  # type: ignore[arg-type]
    assert found.overall is row.overall
    if row.decided is not None:
        question, reason = row.decided
        assert found[Question(question)].reason == reason


def test_redacted_fields_are_counted() -> None:
    found = verify("tradetrust/oa2-certificate-of-origin-redacted.json", None)
    assert found[Question.INTEGRITY].evidence["hidden_fields"] == 18


def test_expired_now_and_in_force_before() -> None:
    content = sample("tradetrust/oa2-invoice-expired.json")
    verifier = Verifier(None, None, SystemClock())
    at, after = 1_733_228_392, 1_733_228_393  # 2024-12-03T12:19:52Z and the second after
    assert verifier.verify(Submitted(content, at=at))[Question.STATUS].reason == "in_force"
    assert verifier.verify(Submitted(content, at=after))[Question.STATUS].reason == "expired"
