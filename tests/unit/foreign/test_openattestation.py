"""OpenAttestation documents, changed in every way that their format is known to let through, and in every other.

given a real signed document
  when a field is changed, added, taken out or moved          → integrity INVALID
  when a field is hidden as its format allows                 → integrity VALID, and the weakness is named
  when a field is put where another shares its path           → refused, with its place
given a real document of version 3
  when a field is added together with a salt for nothing      → refused
given a signature
  when another key made it, or it is cut short                → issuer INVALID
  when its key can only be looked up elsewhere                → issuer UNDETERMINED
  when its issuer is vouched for here                         → issuer VALID, and overall
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.adapters.clock import SystemClock
from ledger.domain.foreign.weaknesses import Weakness
from ledger.domain.foreign.wrapped import field_hash
from ledger.domain.verdict import Question, Verdict, Verification
from ledger.ports.foreign import ForeignWorld
from ledger.services.verification import Submitted, Verifier
from tests.support.foreign import ScriptedWorld
from tests.support.samples import sample

CERTIFICATE = "tradetrust/oa2-certificate-of-origin-default.json"
LICENCE = "tradetrust/oa3-did-signed.json"
DID = "did:ethr:0x433097a1C1b8a3e9188d8C54eCC057B1D69f1638"


def verify(document: Any, world: ForeignWorld | None = None, *, at: int | None = None) -> Verification:
    content = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    return Verifier(None, None, SystemClock(), foreign=world).verify(Submitted(content, at=at))


def loaded(name: str) -> Any:
    return json.loads(sample(name))


def told(found: Verification, question: Question = Question.INTEGRITY) -> tuple[str, str]:
    return str(found[question].verdict), str(found[question].reason)


def weaknesses(found: Verification) -> set[str]:
    return {each["code"] for f in found.fragments for each in f.evidence.get("weaknesses", [])}


def codes(found: Verification) -> list[str]:
    return [fault["code"] for fault in found[Question.INTEGRITY].evidence["faults"]]


def change_value(data: Any) -> None:
    data["iD"] = data["iD"] + "0"


def change_salt(data: Any) -> None:
    data["iD"] = "f" + data["iD"][1:]


def change_type(data: Any) -> None:
    data["iD"] = data["iD"].replace(":string:", ":number:")


def add_field(data: Any) -> None:
    data["note"] = "3edb07e7-bf46-4a5a-835c-58e499a08d3d:string:duty free"


def add_empty(data: Any) -> None:
    data["note"] = {}


def take_out(data: Any) -> None:
    del data["iD"]


def move(data: Any) -> None:
    data["reference"] = data.pop("iD")


@pytest.mark.parametrize("change", [change_value, change_salt, change_type, add_field, add_empty, take_out, move])
def test_a_changed_field(change: Callable[[Any], None]) -> None:
    document = loaded(CERTIFICATE)
    change(document["data"])
    found = verify(document)
    assert told(found) == ("INVALID", "target_hash_differs")
    assert told(found, Question.ISSUER) == ("INVALID", "signature_differs")
    assert found.overall is Verdict.INVALID


def test_a_hidden_field_keeps_it_intact_and_is_told() -> None:
    document = loaded(CERTIFICATE)
    hidden = field_hash("iD", document["data"].pop("iD"))
    document["privacy"] = {"obfuscatedData": [hidden]}
    found = verify(document)
    assert told(found) == ("VALID", "fields_intact")
    assert found[Question.INTEGRITY].evidence["hidden_fields"] == 1
    assert Weakness.HIDDEN_FIELDS in weaknesses(found)
    assert Weakness.HIDDEN_FIELDS not in weaknesses(verify(loaded(CERTIFICATE)))


def test_what_redaction_left_empty_is_told() -> None:
    """The issuer's tool leaves the object of a hidden field behind, and its own verifier then hashes it as a field."""
    document = loaded(CERTIFICATE)
    template = document["data"]["$template"]
    document["privacy"] = {"obfuscatedData": [field_hash(f"$template.{name}", template[name]) for name in template]}
    template.clear()
    found = verify(document)
    assert told(found) == ("VALID", "fields_intact")
    assert Weakness.EMPTY_PLACES in weaknesses(found)


def test_two_values_under_one_path_are_refused() -> None:
    """The reference reader drops the empty key, shows the forged value, and hashes the true one."""
    document = loaded(CERTIFICATE)
    true = document["data"]["iD"]
    document["data"] = {"iD": true + "-forged", **{k: v for k, v in document["data"].items() if k != "iD"}}
    document["data"][""] = {"iD": true}
    found = verify(document)
    assert told(found) == ("INVALID", "document_malformed")
    assert codes(found) == ["ambiguous_key"]
    dotted = loaded(CERTIFICATE)
    dotted["data"]["a.b"] = "x"
    assert codes(verify(dotted)) == ["ambiguous_key"]


def test_a_list_written_as_an_object_is_told() -> None:
    document = loaded(CERTIFICATE)
    document["data"]["attachments"] = {str(n): each for n, each in enumerate(document["data"]["attachments"])}
    found = verify(document)
    assert told(found) == ("VALID", "fields_intact")
    assert Weakness.LIST_OR_OBJECT in weaknesses(found)


def test_a_key_twice_is_another_file() -> None:
    """JSON that two readers read differently is no document: which of two values was shown?"""
    content = sample(CERTIFICATE).replace(b'"version"', b'"version": "x", "version"', 1)
    assert told(verify(content)) == ("UNDETERMINED", "not_known_here")


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        (("signature",), None, "type"),
        (("signature", "targetHash"), 7, "type"),
        (("signature", "proof"), ["zz"], "hex"),
        (("signature", "proof"), ["00" * 32] * 65, "length"),
        (("privacy",), [1], "type"),
        (("privacy",), {"obfuscatedData": ["x"]}, "hex"),
        (("data", "issuers"), [], "length"),
        (("data", "issuers"), ["me"], "type"),
        (("data", "expirationDate"), "soon", "not_a_time"),
        (("proof",), [7], "type"),
        (("proof",), [{"verificationMethod": "x"}], "type"),
    ],
)
def test_parts_of_another_kind(place: tuple[str, ...], value: Any, code: str) -> None:
    document = loaded(CERTIFICATE)
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    found = verify(document)
    assert told(found) == ("INVALID", "document_malformed")
    assert codes(found) == [code]


def test_path_of_a_batch() -> None:
    """The licence is one of a batch: its path has three steps, in any order of the pair."""
    document = loaded(LICENCE)
    assert told(verify(document)) == ("VALID", "fields_intact")
    document["proof"]["proofs"] = document["proof"]["proofs"][:2]
    assert told(verify(document)) == ("INVALID", "root_differs")


def salted(document: Any, salts: Any) -> Any:
    document["proof"]["salts"] = base64.b64encode(json.dumps(salts).encode()).decode()
    return document


def test_version_3_fields_and_salts_go_together() -> None:
    document = loaded(LICENCE)
    salts = json.loads(base64.b64decode(document["proof"]["salts"]))
    document["name"] += "!"
    assert told(verify(document)) == ("INVALID", "target_hash_differs")

    added = loaded(LICENCE)
    added["exempt"] = "yes"
    assert codes(verify(added)) == ["salts"]
    decoy = salted(added, [*salts, {"path": "nothing", "value": "00" * 32}])  # what the reference lets through
    found = verify(decoy)
    assert told(found) == ("INVALID", "document_malformed")
    assert codes(found) == ["salts"]
    assert codes(verify(salted(loaded(LICENCE), [*salts, salts[0]]))) == ["salts"]
    assert codes(verify(salted(loaded(LICENCE), salts[1:]))) == ["salts"]
    assert codes(verify(salted(loaded(LICENCE), [{"path": "version"}]))) == ["type"]
    broken = loaded(LICENCE)
    broken["proof"]["salts"] = "%%%"
    assert codes(verify(broken)) == ["base64"]


def test_version_3_hidden_field() -> None:
    document = loaded(LICENCE)
    salts = json.loads(base64.b64decode(document["proof"]["salts"]))
    salt = next(each for each in salts if each["path"] == "name")
    document["proof"]["privacy"]["obfuscated"] = [field_hash("name", f"{salt['value']}:{document.pop('name')}")]
    found = verify(salted(document, [each for each in salts if each is not salt]))
    assert told(found) == ("VALID", "fields_intact")
    assert {Weakness.HIDDEN_FIELDS, Weakness.UNTYPED_VALUES} <= weaknesses(found)


def test_an_issuer_that_is_vouched_for() -> None:
    known = ScriptedWorld(issuers={DID.upper().replace("DID:ETHR:0X", "did:ethr:0x"): "Chamber"})
    found = verify(loaded(CERTIFICATE), known)
    assert told(found, Question.ISSUER) == ("VALID", "signed_by_known")
    assert found.overall is Verdict.VALID
    (issuer,) = found[Question.ISSUER].evidence["issuers"]
    assert issuer["known_as"] == "Chamber"
    stranger = verify(loaded(CERTIFICATE), ScriptedWorld(issuers={"did:ethr:0x" + "00" * 20: "Other"}))
    assert told(stranger, Question.ISSUER) == ("UNDETERMINED", "signed_by_unknown")
    assert stranger.overall is Verdict.UNDETERMINED
    assert Weakness.SELF_DECLARED_SIGNER in weaknesses(stranger)


@pytest.mark.parametrize(
    "signature",
    ["0x", "0x" + "00" * 65, "0x" + "ff" * 65, "0x" + "11" * 64 + "1d", "11" * 65],
)
def test_a_signature_that_is_none(signature: str) -> None:
    document = loaded(CERTIFICATE)
    document["proof"][0]["signature"] = signature
    assert told(verify(document), Question.ISSUER) == ("INVALID", "signature_differs")


def test_without_a_signature() -> None:
    document = loaded(CERTIFICATE)
    del document["proof"]
    assert told(verify(document), Question.ISSUER) == ("UNDETERMINED", "issuer_unsigned")


def test_every_issuer_has_to_have_signed() -> None:
    """A second issuer is a change of the data, so it is judged as read: the first one's signature is not enough."""
    document = loaded(CERTIFICATE)
    document["data"]["issuers"].append({**document["data"]["issuers"][0], "id": "did:ethr:0x" + "11" * 20})
    found = verify(document, ScriptedWorld(issuers={DID: "Chamber"}))
    assert told(found, Question.ISSUER) == ("INVALID", "signature_differs")


@pytest.mark.parametrize(
    ("did", "key"),
    [
        ("did:web:example.com", "did:web:example.com#controller"),
        (DID, DID + "#delegate-1"),
        ("did:ethr:0x" + "00" * 33, "did:ethr:0x" + "00" * 33 + "#controller"),
    ],
)
def test_a_key_that_only_a_resolver_knows(did: str, key: str) -> None:
    document = loaded(CERTIFICATE)
    issuer = document["data"]["issuers"][0]
    issuer["id"], issuer["identityProof"]["key"] = did, key
    assert told(verify(document), Question.ISSUER) == ("UNDETERMINED", "signer_not_resolved")
