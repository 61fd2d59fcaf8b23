"""Every sample document gets the verdict that its publisher states, from the code that users meet.

given every file of every folder
  → it has its row: judged as a document of another system, read by a reader of ours, or named with the reason why not
given a document of another system
  when it is verified with nothing but itself                     → what it proves by itself
  when its issuer is vouched for and its chain can be asked,
    and says what the publisher says it says                      → the publisher's verdict
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from cryptography import x509

from api.schemas.verification import VerificationOut
from api.schemas.verification import told as in_json
from ledger.adapters.clock import SystemClock
from ledger.domain import der, merkle
from ledger.domain.canonical import canonicalise
from ledger.domain.car import read_header
from ledger.domain.duty import Charge, GoodsValue, Rate, Tariff, charges_of_item
from ledger.domain.errors import Malformed
from ledger.domain.hashing import digest
from ledger.domain.limits import MIB
from ledger.domain.pdf import embed, extract
from ledger.domain.timestamp import read_stamp
from ledger.domain.trade.ephyto import read_ephyto
from ledger.domain.trade.response import MEANINGS
from ledger.domain.trade.wco_request import Cancel, Lodge
from ledger.domain.trade.xml import parse_xml
from ledger.domain.verdict import Question, Verdict, Verification
from ledger.services.verification import Submitted, Verifier
from tests.support.foreign import BURNT_TITLE, FALSE, HELD_TITLE, TRUE, ScriptedWorld
from tests.support.samples import SAMPLES, sample
from tests.support.wco import read_request, texts

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


# ----- messages and vectors, each by the reader of ours that meets it


def lodged(name: str) -> None:
    """Byte for byte; accepted, or rejected by customs, on a real node by test_lives_of_messages.py."""
    assert isinstance(read_request(sample(name)), Lodge)


def amends(name: str) -> None:
    found = read_request(sample(name), sample("hmrc-cds/IM008b_declaration.xml"))
    assert [(change.before, change.after) for change in found.changes] == [("ES", "EE")]  # type: ignore[union-attr]


def cancels(name: str) -> None:
    assert isinstance(read_request(sample(name)), Cancel)


def answers(function: str, meaning: str) -> Callable[[str], None]:
    """An answer of customs; ours has the same shape, see integration/facade/test_lives_of_messages.py."""

    def check(name: str) -> None:
        assert texts(sample(name), "Response/FunctionCode") == [function]
        assert meaning in MEANINGS[function]

    return check


def assesses(name: str) -> None:
    answers("13", "assessment")(name)
    duty, vat = (Rate(percent=Decimal(rate)) for rate in texts(sample(name), "TaxRateNumeric"))
    base = GoodsValue(Decimal(texts(sample(name), "AdValoremTaxBaseAmount")[0]))
    charged = charges_of_item(base, Tariff(duty=duty, vat=vat))
    told = [int(Decimal(amount) * 100) for amount in texts(sample(name), "TaxAssessedAmount")]
    assert [charged[Charge.DUTY], charged[Charge.VAT]] == told


def issued_certificate(name: str) -> None:
    assert read_ephyto(sample(name)).number


def carries_no_proof(name: str) -> None:
    content = sample(name)
    assert extract(content) is None
    carried = extract(embed(content, b"{}"))
    assert carried is not None
    assert carried.original == content


def corrupt_pdf(name: str) -> None:
    assert len(digest(sample(name))) == 32, "it still has a hash"
    with pytest.raises(Malformed):
        embed(sample(name), b"{}")


def well_formed_xml(root: str) -> Callable[[str], None]:
    def check(name: str) -> None:
        assert parse_xml(sample(name)).tag.endswith(root)

    return check


def vector(name: str) -> Any:
    return json.loads(sample(name))


def _hashes(value: Any) -> list[bytes]:
    return [base64.b64decode(each) for each in value or ()]


def included(name: str) -> None:
    it = vector(name)
    leaf, root = base64.b64decode(it["leafHash"]), base64.b64decode(it["root"])
    holds = merkle.verify_inclusion(leaf, it["leafIdx"], it["treeSize"], _hashes(it["proof"]), root)
    assert holds is not it["wantErr"]


def consistent(name: str) -> None:
    it = vector(name)
    roots = (base64.b64decode(it["root1"]), base64.b64decode(it["root2"]))
    assert merkle.verify_consistency(it["size1"], it["size2"], *roots, _hashes(it["proof"])) is not it["wantErr"]


def canonical(name: str) -> None:
    assert canonicalise(sample(name), max_bytes=MIB) == sample("vectors/jcs-weird-output.json")


def archive(name: str) -> None:
    """Its blocks are hashed by unit/test_binary_forms.py."""
    with (SAMPLES / name).open("rb") as file:
        assert len(read_header(file)[0]) == 1


def told(name: str) -> Mapping[str, Any]:
    """What verification says of a message that nobody's record knows."""
    return verify(name, None)[Question.INTEGRITY].evidence


def transit(*faults: str) -> Callable[[str], None]:
    def check(name: str) -> None:
        assert told(name)["read_as"] == "NCTS"
        assert [f"{fault['code']} {fault['path']}" for fault in told(name)["faults"]] == list(faults)

    return check


def held(name: str) -> None:
    """A hold: no release, see `AGENCY_HOLD` in the contract's tests."""
    assert told(name)["decisions"] == [{"item": 1, "check": "H219", "decision": "HOLD"}]


def not_yet_a_permit(name: str) -> None:
    assert (told(name)["status"], told(name)["is_permit"]) == ("InProgress", False)


STAMPED_FILE = b"hello"


def _nonce_asked() -> int:
    *_, nonce, _ = der.read(sample("vectors/rfc3161-request.der")).parts()
    return nonce.number()


def asked_for(name: str) -> None:
    """A request is for the authority, not for a verifier: it has the imprint that the answers have."""
    imprint = der.read(sample(name)).parts()[1].parts()[1].content
    assert imprint == hashlib.sha512(STAMPED_FILE).digest()


def authority(name: str) -> None:
    assert len(x509.load_pem_x509_certificates(sample(name))) == 3


def stamps(time: Verdict, reason: str, *, answers_request: bool) -> Callable[[str], None]:
    """As the proof of the five bytes that it is of, where the authority of the sample chain is trusted."""

    def check(name: str) -> None:
        chain = x509.load_pem_x509_certificates(sample("vectors/rfc3161-chain.pem"))
        verifier = Verifier(None, None, SystemClock(), foreign=ScriptedWorld(authorities={"Test TSA": chain}))
        found = verifier.verify(Submitted(STAMPED_FILE, sample(name)))
        assert (found[Question.TIME].verdict, found[Question.TIME].reason) == (time, reason)
        assert found[Question.INTEGRITY].reason == "stamp_intact"
        assert found.overall is Verdict.UNDETERMINED, "a time is not an issuer"
        assert (read_stamp(sample(name)).nonce == _nonce_asked()) is answers_request
        assert verifier.verify(Submitted(b"hallo", sample(name))).overall is Verdict.INVALID

    return check


READ: dict[str, Callable[[str], None]] = {
    "hmrc-cds/IM008b_declaration.xml": lodged,
    "hmrc-cds/IM008b_amendment.xml": amends,
    "hmrc-cds/IM008b_01_accepted.xml": answers("01", "accepted"),
    "hmrc-cds/IM008b_05_amended.xml": answers("07", "new version"),
    "hmrc-cds/IM008b_08_cleared.xml": answers("09", "cleared"),
    "hmrc-cds/EX010a_declaration.xml": lodged,
    "hmrc-cds/EX010a_cancellation.xml": cancels,
    "hmrc-cds/EX010a_05_invalidated.xml": answers("10", "invalidated"),
    "hmrc-cds/IM001b_declaration_bad_authorisation.xml": lodged,
    "hmrc-cds/IM001b_01_rejected.xml": answers("03", "rejected"),
    "hmrc-cds/FI001b_declaration_guarantee.xml": lodged,
    "hmrc-cds/FI001b_03_insufficient_funds.xml": answers("14", "insufficient funds"),
    "hmrc-cds/generic_05_physical_control.xml": answers("05", "physical control"),
    "hmrc-cds/generic_13_tax_assessment.xml": assesses,
    "derived/import-declaration.xml": lodged,
    "ephyto/SPSCertificateContent.xml": issued_certificate,
    "pdf/EN16931_Einfach.pdf": carries_no_proof,
    "pdf/corrupt-factur-x-waytoosmall.pdf": corrupt_pdf,
    "dcsa/test-iss-document.pdf": carries_no_proof,
    "ubl/UBL-ImportCustomsDeclaration-2.3-Example.xml": well_formed_xml("}ImportCustomsDeclaration"),
    "hmrc-ncts/cc015c-valid-2.xml": transit(),
    "hmrc-ncts/cc015c-invalid-reference-departure.xml": transit(
        "office_outside CC015C/CustomsOfficeOfDeparture/referenceNumber"
    ),
    "hmrc-ncts/cc014c-invalid.xml": transit(
        "missing CC014C/messageSender", "missing CC014C/Invalidation/justification"
    ),
    "hmrc-ncts/cc029c-valid.xml": transit(),
    "defra/decision-hold.json": held,
    "defra/import-pre-notification-chedpp.json": not_yet_a_permit,
    "defra/finalisation.xml": well_formed_xml("}Envelope"),
    "vectors/rfc6962-inclusion-ok.json": included,
    "vectors/rfc6962-inclusion-wrong-leaf.json": included,
    "vectors/rfc6962-consistency-ok.json": consistent,
    "vectors/rfc6962-consistency-truncated.json": consistent,
    "vectors/jcs-weird-input.json": canonical,
    "vectors/jcs-weird-output.json": canonical,
    "vectors/unixfs-dir-with-files.car": archive,
    "vectors/rfc3161-request.der": asked_for,
    "vectors/rfc3161-response.tsr": stamps(Verdict.VALID, "stamped", answers_request=True),
    "vectors/rfc3161-other_response.tsr": stamps(Verdict.UNDETERMINED, "stamped_by_unknown", answers_request=False),
    "vectors/rfc3161-chain.pem": authority,
}
NO_SEALS = "validators' seals are a part of proofs to come"
PLAIN = "a message without a proof of its own: sealed and anchored like any file, not judged by its fields"
UNREAD: dict[str, str] = {
    "dcsa/ebl-negotiable-bl.json": PLAIN,
    "dcsa/pint-transport-document.json": PLAIN,
    "dcsa/tnt-2.2-events.json": PLAIN,
    "defra/clearance-request.json": PLAIN,
    "qbft/blocks-besu.json": NO_SEALS,
    "qbft/blocks-goquorum.json": NO_SEALS,
}
"""Files whose publisher's verdict nothing here can reproduce, and why."""


def test_every_file_has_its_row() -> None:
    files = {path.relative_to(SAMPLES) for path in SAMPLES.rglob("*") if path.is_file() and path.parent != SAMPLES}
    named = {
        file.as_posix()
        for file in files
        if file.parts[0] != "licences" and file.name not in ("README.md", ".gitattributes")
    }
    rows = [*FOREIGN, *READ, *UNREAD]
    assert sorted(rows) == sorted(named)


@pytest.mark.parametrize("name", READ)
def test_by_our_reader(name: str) -> None:
    READ[name](name)


@pytest.mark.parametrize("name", [*READ, *UNREAD])
def test_as_a_bare_file_nobody_vouches_for_it(name: str) -> None:
    found = verify(name, None)
    assert found.overall is Verdict.UNDETERMINED
    assert found[Question.INTEGRITY].reason == "not_known_here"


def verify(name: str, world: ScriptedWorld | None) -> Verification:
    """The verdict, which the interface can tell."""
    found = Verifier(None, None, SystemClock(), foreign=world).verify(Submitted(sample(name)))
    VerificationOut.model_validate_json(json.dumps(in_json(found)), strict=True)
    return found


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
