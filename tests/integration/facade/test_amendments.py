"""Amendments in a row, on a real node, over HTTP and by the command line.

given a declaration that was amended once (HMRC's IM008b and its amendment)
  when it is amended again from the text as it was lodged   → refused: version 1, and version 2 is in force
  when it is amended again from the text as it was amended  → accepted, and only what is new changes
  when it is amended from another text, or from none        → refused, each with its own code
  when it is amended to what it says already                → refused: nothing changes
given the declarant's own machine
  without its key ring → the header cannot be read: refused, until its proof file is given, and no other's
  with its key ring    → it reads what it sealed itself
given a message that amends nothing, with what only an amendment takes → a fault at each, beside all others
given a request → the office need not be said; one that is not the declaration's is a fault, as is such a carrier
given an export → its requests are sealed as export declarations, an import's as import declarations
"""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.keystore import Keystore
from ledger.domain.declaration import OpenRequest
from ledger.domain.ids import CaseId, RecordId
from ledger.domain.proof_reading import parse_proof
from ledger.domain.trade.codes import EXPORT_DECLARATION, IMPORT_DECLARATION
from tests.support.customs import OFFICE, PASSPHRASE, Customs
from tests.support.ledgers import secret_of
from tests.support.samples import sample
from tests.support.terminal import Terminal
from tests.support.wco import texts

pytestmark = pytest.mark.integration

DOCUMENT = "42A/67A/68A[1]/02A[1]"
LODGED = sample("hmrc-cds/IM008b_declaration.xml")
AMENDMENT = sample("hmrc-cds/IM008b_amendment.xml")


@pytest.fixture
def terminal(office: Customs) -> Terminal:
    if not any("trader" in path.name for path in (office.home / "keystore").iterdir()):
        Keystore(office.home / "keystore", scrypt_n=2).add("trader", PASSPHRASE, secret_of("trader"))
    return Terminal(TAMGA_HOME=str(office.home), TAMGA_PASSPHRASE=PASSPHRASE)


def original(name: str) -> bytes:
    return LODGED.replace(b"R280_E2E_TC03_1803_003", name.encode())


def amendment(mrn: str, *, quantity: int | None = None, status: str = "EE") -> bytes:
    """HMRC's amendment of the licence's status; with a quantity, of the whole document."""
    text = AMENDMENT.replace(b"21GB31AJB9S50C90R6", mrn.encode()).replace(b">EE<", f">{status}<".encode())
    if quantity is None:
        return text
    whole = text.replace(b"<TagID>360</TagID>", b"").replace(b"GBOIL1234567G-0001", b"GBOIL1234567F")
    return whole.replace(b">4</QuantityQuantity>", b">%d</QuantityQuantity>" % quantity)


def amended_once(office: Customs, name: str) -> tuple[CaseId, str, bytes, bytes]:
    """The case, its MRN, and the texts of versions 1 and 2."""
    first = original(name)
    case = office.lodge(first, name)
    mrn = office.accept(case)
    office.caught_up()
    prepared = office.send(amendment(mrn), lodged=first)
    assert prepared["changes"] == [{"path": f"{DOCUMENT}/360", "before": "ES", "after": "EE"}]
    office.grant(case)
    return case, mrn, first, prepared["version"].encode()


def told(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["code"], fault["path"]) for fault in answer.json()["faults"]]


def sealed(office: Customs) -> int:
    return len(list((office.home / "content").rglob("*")))


def test_two_amendments_in_a_row(office: Customs) -> None:
    case, mrn, first, second = amended_once(office, "in-a-row")
    kept = sealed(office)
    undoing = office.post(amendment(mrn, quantity=3, status="ES"), lodged=first)
    assert told(undoing) == [("earlier_version", "/body/lodged")]
    record = office.view("DeclarationRegistry", "versionOf", case, 2)["dataRecord"].hex()
    assert f"this is version 1; version 2 (record 0x{record}) is in force" in undoing.json()["faults"][0]["text"]
    assert sealed(office) == kept, "nothing was sealed"

    prepared = office.send(amendment(mrn, quantity=3), lodged=second)
    quantity = {"path": f"{DOCUMENT}/WriteOff/QuantityQuantity", "before": "4", "after": "3"}
    assert prepared["changes"] == [quantity]
    [document] = [each for each in prepared["declaration"]["items"][0]["documents"] if each["code"] == "9100"]
    assert (document["status"], document["write_off"]) == ("EE", ["3", document["write_off"][1]])
    office.grant(case)
    assert office.view("DeclarationRegistry", "state", case)["version"] == 3
    answer = office.responses(case)[-1]
    assert answer["function_code"] == "07"
    assert texts(answer["xml"], "WriteOff/QuantityQuantity") == ["3"]
    assert texts(answer["xml"], "Amendment/Pointer/DocumentSectionCode") == ["42A", "67A", "68A", "02A"]


def test_what_is_no_version_in_force(office: Customs) -> None:
    _, mrn, _, second = amended_once(office, "no-version")
    other = second.replace(b"AD12345", b"AD99999")
    assert other != second
    assert told(office.post(amendment(mrn, quantity=3), lodged=other)) == [("not_in_force", "/body/lodged")]
    assert told(office.post(amendment(mrn, quantity=3))) == [("missing", "/body/lodged")]
    assert told(office.post(amendment(mrn, quantity=3), lodged=b"<x/>")) == [("not_a_declaration", "/body/lodged")]
    assert told(office.post(amendment(mrn), lodged=second)) == [("no_change", "42A/06A")]


def test_all_that_stands_against_an_amendment_is_told_at_once(office: Customs) -> None:
    _, mrn, first, second = amended_once(office, "all-at-once")
    office.send(amendment(mrn, quantity=3), lodged=second)
    answer = office.post(amendment(mrn, quantity=2), lodged=first, customs=office.numbers["agency"])
    assert told(answer) == [
        ("not_customs", "/body/customs"),
        ("earlier_version", "/body/lodged"),
        ("RequestIsOpen", "42A/06A"),
    ]


def test_two_amendments_by_the_command_line(office: Customs, terminal: Terminal, tmp_path: Path) -> None:
    _, mrn, first, second = amended_once(office, "by-hand")
    files = {"first": first, "second": second, "again": amendment(mrn, quantity=3, status="ES")}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    seat = ("--key", "trader", "--customs", str(office.numbers["customs"]), "--office", str(OFFICE))
    command = ("lodge", str(tmp_path / "again"), *seat)
    refused = terminal.json(*command, "--lodged", str(tmp_path / "first"), exits=2)
    assert [(fault["code"], fault["path"]) for fault in refused["faults"]] == [("earlier_version", "/lodged")]
    done = terminal.json(*command, "--lodged", str(tmp_path / "second"), "--out", str(tmp_path / "third"))
    assert [(each["before"], each["after"]) for each in done["changes"]] == [("EE", "ES"), ("4", "3")]
    assert b">ES<" in (tmp_path / "third").read_bytes()


def test_a_header_on_the_traders_own_machine(office: Customs, terminal: Terminal, tmp_path: Path) -> None:
    """The same chain and a copy of the store, and neither a facade nor customs' keys."""
    case, mrn, first, second = amended_once(office, "own-machine")
    home = tmp_path / "home"
    home.mkdir()
    for name in ("keystore", "content"):
        shutil.copytree(office.home / name, home / name)
    shutil.copy(office.home / "network.json", home)
    own = Terminal(TAMGA_HOME=str(home), TAMGA_PASSPHRASE=PASSPHRASE)
    files = {"first": first, "second": second, "again": amendment(mrn, quantity=3), "no proof": b"{}"}
    for version in (1, 2):
        record = office.view("DeclarationRegistry", "versionOf", case, version)["dataRecord"]
        files[f"proof {version}"] = proof_of(office, record)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    seat = ("--key", "trader", "--customs", str(office.numbers["customs"]), "--office", str(OFFICE))

    def lodge(version: str, *more: str, exits: int = 2) -> list[tuple[str, str]]:
        answer = own.json(
            "lodge", str(tmp_path / "again"), *seat, "--lodged", str(tmp_path / version), *more, exits=exits
        )
        return [(fault["code"], fault["path"]) for fault in answer.get("faults", [])]

    assert lodge("second") == [("version_not_readable", "/proof")]
    assert lodge("second", "--proof", str(tmp_path / "proof 1")) == [("another_record", "/proof")]
    assert {path.split("/")[1] for _, path in lodge("second", "--proof", str(tmp_path / "no proof"))} == {"proof"}
    assert lodge("first", "--proof", str(tmp_path / "proof 2")) == [("not_in_force", "/lodged")]
    ring = ("--ring", str(office.home / "keyring" / "trader.json"))
    assert lodge("first", *ring) == [("earlier_version", "/lodged")], "it reads what it sealed itself"
    assert lodge("second", "--proof", str(tmp_path / "proof 2"), exits=0) == []
    assert office.view("DeclarationRegistry", "state", case)["request"] == OpenRequest.AMENDMENT
    assert lodge("second", *ring) == [("RequestIsOpen", "42A/06A")], "and nothing else is wrong"


def test_what_only_an_amendment_takes_is_refused_beside_other_messages(office: Customs) -> None:
    first = original("needless")
    both = [("not_an_amendment", "/body/lodged"), ("not_an_amendment", "/body/proof")]
    kept = sealed(office)
    assert told(office.post(first, "needless", lodged=first, proof=b"{}")) == both
    trader = office.numbers["trader"]
    answer = office.post(first, "needless", lodged=b"", office=None, carrier=trader, lrn_mac=None)
    assert told(answer) == [
        ("missing", "/body/office"),
        ("not_a_carrier", "/body/carrier"),
        ("missing", "/body/lrn_mac"),
        both[0],
    ]
    broken = first.replace(b"<TypeCode>IMA</TypeCode>", b"<TypeCode>I Z</TypeCode>")
    assert broken != first
    assert told(office.post(broken, "needless", proof=b"{}")) == [("wrong_format", "42A/TypeCode"), both[1]]
    assert sealed(office) == kept, "nothing was sealed"
    case = office.lodge(first, "needless")
    cancellation = sample("hmrc-cds/EX010a_cancellation.xml").replace(
        b"24GBDIRIGZ7QLCPAA8", office.accept(case).encode()
    )
    assert told(office.post(cancellation, lodged=first, customs=trader)) == [("not_customs", "/body/customs"), both[0]]


def test_a_request_needs_neither_office_nor_reference(office: Customs, terminal: Terminal, tmp_path: Path) -> None:
    first = original("no-office")
    case = office.lodge(first, "no-office")
    mrn = office.accept(case)
    office.caught_up()
    answer = office.post(amendment(mrn), lodged=first, office=OFFICE + 1, carrier=office.numbers["trader"])
    assert told(answer) == [("not_the_declarations", "/body/office"), ("not_the_declarations", "/body/carrier")]
    assert office.post(amendment(mrn), lodged=first, office=OFFICE).status_code == 200
    assert office.post(amendment(mrn), lodged=first, office=None, lrn_mac=None).status_code == 200
    for name, content in {"first": first, "request": amendment(mrn)}.items():
        (tmp_path / name).write_bytes(content)
    seat = ("--key", "trader", "--customs", str(office.numbers["customs"]))
    missing = terminal.json("lodge", str(tmp_path / "first"), *seat, "--out", str(tmp_path / "next"), exits=2)
    assert [(fault["code"], fault["path"]) for fault in missing["faults"]] == [("not_an_amendment", "/out")]
    missing = terminal.json("lodge", str(tmp_path / "first"), *seat, exits=2)
    assert ("missing", "/office") in [(fault["code"], fault["path"]) for fault in missing["faults"]]
    terminal.json("lodge", str(tmp_path / "request"), *seat, "--lodged", str(tmp_path / "first"))
    assert office.view("DeclarationRegistry", "state", case)["request"] == OpenRequest.AMENDMENT


def proof_of(office: Customs, record: bytes) -> bytes:
    found = office.records.by_id(RecordId(record))
    assert found is not None
    return bytes(found.proof)


@pytest.mark.parametrize(
    ("message", "reference", "kind"),
    [
        ("EX010a_declaration.xml", "U.7867523JNCOL", EXPORT_DECLARATION),
        ("IM008b_declaration.xml", "R280_E2E_TC03_1803_003", IMPORT_DECLARATION),
    ],
)
def test_what_is_asked_is_sealed_as_what_it_is_about(office: Customs, message: str, reference: str, kind: int) -> None:
    lodged = sample(f"hmrc-cds/{message}").replace(reference.encode(), f"kind-{kind}".encode())
    case = office.lodge(lodged, f"kind {kind}")
    mrn = office.accept(case)
    office.caught_up()
    prepared = office.send(amendment(mrn, quantity=3), lodged=lodged)
    office.grant(case)
    cancellation = sample("hmrc-cds/EX010a_cancellation.xml").replace(b"24GBDIRIGZ7QLCPAA8", mrn.encode())
    cancelled = office.send(cancellation)
    office.caught_up()
    for part in (*prepared["parts"], *cancelled["parts"]):
        record = bytes.fromhex(part["record_id"].removeprefix("0x"))
        assert parse_proof(proof_of(office, record)).record.type == kind, part["name"]
