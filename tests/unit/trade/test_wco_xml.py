"""Reading declarations.

Given the derived declaration
    it should read header, parties, four items and their documents, exactly
Given HMRC's own declarations
    it should read them as they are: what each document cited is, who holds authorisations, a UCR if there is one
Given a document code outside the table, or an element that no schema has
    it should refuse each, all at once, with its path
Given the derived declaration with one thing changed
    it should refuse it with exactly that fault
Given hostile XML
    it should refuse it before it grows
"""

from pathlib import Path

import pytest

from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.ids import DocumentType
from ledger.domain.limits import MAX_UNKNOWN_ELEMENTS, MAX_XML_BYTES, MAX_XML_DEPTH, MAX_XML_ELEMENTS
from ledger.domain.trade.codes import UK_DOCUMENT_CODES, Citation
from ledger.domain.trade.declaration import Amount, CitedDocument, Party, Quantity, decimal_text, item_json
from ledger.domain.trade.wco_xml import read_declaration

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
DERIVED = (SAMPLES / "derived" / "import-declaration.xml").read_bytes()
HMRC = (SAMPLES / "hmrc-cds" / "IM008b_declaration.xml").read_bytes()


def faults(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as refusal:
        read_declaration(content)
    return [(fault.code, fault.path) for fault in refusal.value.faults]


def changed(old: str, new: str, count: int = 1) -> bytes:
    assert old.encode() in DERIVED
    return DERIVED.replace(old.encode(), new.encode(), count)


def test_header_and_parties_are_those_of_im008b() -> None:
    declaration = read_declaration(DERIVED)
    assert declaration.lrn == "R280_E2E_TC03_1803_003"
    assert (declaration.kind, declaration.is_import, declaration.delivery_term) == ("IMA", True, "CIF")
    assert declaration.ucr == "1GB150454489082-12345"
    assert declaration.declarant == declaration.importer == Party("GB896458895015", None, None)
    assert declaration.exporter == Party(None, "Shotguns incorporated", "CN")
    assert (declaration.dispatch, declaration.destination, declaration.agent) == ("CN", "GB", None)


def test_items_are_those_of_the_clearance_request() -> None:
    items = read_declaration(DERIVED).items
    assert [(item.number, item.commodity_code, item.origin, item.net_mass.scaled) for item in items] == [
        (1, "0808108010", "GB", 31_000_000),
        (2, "0808108010", "GB", 11_000_000),
        (3, "0709601000", "GB", 43_000_000),
        (4, "0709601000", "GB", 22_000_000),
    ]
    assert {(item.requested, item.previous, item.additional) for item in items} == {("40", "00", ("061",))}
    assert [item.value for item in items] == [Amount(minor, "GBP") for minor in (289719, 102803, 401869, 205609)]
    assert items[2].documents == (
        CitedDocument(DocumentType(851_001), D, "N851", "GBCHD2024.7360439", None, None),
        CitedDocument(DocumentType(2_001), D, "N002", "GBCHD2024.7360439", None, None),
        CitedDocument(DocumentType(911_100), P, "9100", "GBOIL1234567F", "ES", Quantity(43_000_000, "KGM")),
        CitedDocument(DocumentType(935_001), D, "N935", "12345/01.02.2021", "AC", None),
    )


def test_items_become_json_with_decimal_strings() -> None:
    item = item_json(read_declaration(DERIVED).items[0])
    assert item["value"] == ["2897.19", "GBP"]
    assert item["net_mass"] == ["31", "KGM"]
    assert item["documents"][1] == {
        "type": 911_100,
        "kind": "permit",
        "code": "9100",
        "reference": "GBOIL1234567F",
        "status": "ES",
        "write_off": ["31", "KGM"],
    }
    assert [decimal_text(*pair) for pair in ((5, 100), (50, 100), (100, 100), (0, 100), (7, 1))] == [
        "0.05",
        "0.5",
        "1",
        "0",
        "7",
    ]


P, D, A, N = Citation.PERMIT, Citation.DOCUMENT, Citation.AUTHORISATION, Citation.NOT_REQUIRED


@pytest.mark.parametrize(
    ("name", "cited"),
    [
        (
            "IM008b_declaration.xml",
            [
                ("9100", P, "GBOIL1234567F", "ES"),
                ("C505", A, "GBCGU3827", None),
                ("C506", A, "GBDPO1229026", None),
                ("N935", D, "12345/01.02.2021", "AC"),
            ],
        ),
        (
            "IM001b_declaration_bad_authorisation.xml",
            [
                ("C506", A, "GBDPO1108654", None),
                ("N935", D, "12345/19.01.2021", "AC"),
                ("C505", A, "GBCGUGuaranteenotrequired", "CC"),
            ],
        ),
        (
            "EX010a_declaration.xml",
            [
                ("C676", A, "GBCSE150454489082E20191113093111", None),
                ("Y935", N, "1332/2013", None),
                ("E012", P, "116/2009", "ES"),
                ("9104", P, "GBSIEE2E350001-0001", "ES"),
                ("9107", P, "GBCEX-GBSIEXYK3ZZZ", "XX"),
            ],
        ),
        (
            "FI001b_declaration_guarantee.xml",
            [
                ("N935", D, "0054037-0054047", "AC"),
                ("C644", D, "0054037-0054047", "GE"),
                ("9AID", D, "GBAID356297392118", "UP"),
            ],
        ),
    ],
)
def test_hmrcs_declarations_are_read_as_they_are(name: str, cited: list[tuple[str, Citation, str, str | None]]) -> None:
    (item,) = read_declaration((SAMPLES / "hmrc-cds" / name).read_bytes()).items
    assert [(each.national_code, each.kind, each.reference, each.status) for each in item.documents] == cited
    told = item_json(item)["documents"]
    assert [(each["code"], each["kind"], each["reference"], each["status"]) for each in told] == [
        (code, kind.value, reference, status) for code, kind, reference, status in cited
    ]


def test_no_two_codes_have_one_type() -> None:
    types = [coded.document_type for coded in UK_DOCUMENT_CODES.values()]
    assert len({*types}) == len(types)


def test_holders_of_authorisations_are_read() -> None:
    header = read_declaration((SAMPLES / "hmrc-cds" / "IM001b_declaration_bad_authorisation.xml").read_bytes())
    assert header.header_json()["authorisations"] == [["GB953202734852", "CGU"], ["GB553202734852", "DPO"]]


def test_a_declaration_may_have_no_ucr() -> None:
    found = read_declaration((SAMPLES / "hmrc-cds" / "FI001b_declaration_guarantee.xml").read_bytes())
    assert (found.ucr, found.header_json()["ucr"]) == (None, None)
    assert read_declaration(changed(">DCR<", ">DCS<")).ucr is None


def test_unknown_document_codes_are_refused_with_their_path_all_at_once() -> None:
    wrong = HMRC.replace(b"<TypeCode>505<", b"<TypeCode>599<").replace(b"<TypeCode>935<", b"<TypeCode>936<")
    with pytest.raises(Malformed) as refusal:
        read_declaration(wrong)
    assert list(refusal.value.faults) == [
        Fault("unknown_document_code", f"42A/67A/68A[1]/02A[{place}]/TypeCode", f"{code} maps to no document type")
        for place, code in ((2, "C599"), (4, "N936"))
    ]


def test_the_origin_is_the_one_that_is_not_preferential() -> None:
    other = b"<Origin><CountryCode>HK</CountryCode><TypeCode>%d</TypeCode></Origin>"
    assert read_declaration(HMRC.replace(b"<Origin>", other % 2 + b"<Origin>")).items[0].origin == "CN"
    for kind in (1, 3):
        content = HMRC.replace(b"<TypeCode>1</TypeCode>", b"<TypeCode>%d</TypeCode>" % kind)
        assert faults(content.replace(b"<Origin>", other % kind + b"<Origin>")) == [
            ("repeated", "42A/67A/68A[1]/Origin")
        ]


def test_a_documents_number_stands_as_its_issuer_wrote_it() -> None:
    found = read_declaration(changed("GBCHD2024.7360439", "GB AEOC 14274/19"))
    assert found.items[0].documents[0].reference == "GB AEOC 14274/19"


def test_a_response_is_no_declaration() -> None:
    assert faults((SAMPLES / "hmrc-cds" / "generic_13_tax_assessment.xml").read_bytes()) == [("not_a_declaration", "")]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (b"<MetaData/>", "the root is MetaData in no namespace, not MetaData in urn:wco:"),
        (b"<MetaData xmlns='urn:other'/>", "the root is MetaData in the namespace urn:other, not MetaData in urn:wco:"),
        (b"<!DOCTYPE a><a/>", "leave them out"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "leave them out"),
    ],
)
def test_what_is_no_declaration_is_told_in_the_senders_terms(message: bytes, told: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_declaration(message)
    (fault,) = refusal.value.faults
    assert told in fault.text
    assert "Forbidden" not in fault.text


ITEM = "42A/67A/68A[1]"
WRITE_OFF = f"{ITEM}/02A[2]/WriteOff/QuantityQuantity"
NET_MASS = f"{ITEM}/23A/65A/NetNetWeightMeasure"
PRICE = f"{ITEM}/23A/InvoiceLine/ItemChargeAmount"
UCR = "42A/67A/PreviousDocument"
TWICE = "<FunctionCode>9</FunctionCode>" * 2


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("<FunctionCode>9<", "<FunctionCode>13<", "wrong_format", "42A/FunctionCode"),
        ("<FunctionCode>9</FunctionCode>", TWICE, "repeated", "42A/FunctionCode"),
        ("<TypeCode>IMA<", "<TypeCode>ZZA<", "wrong_format", "42A/TypeCode"),
        ("<GoodsItemQuantity>4<", "<GoodsItemQuantity>5<", "contradiction", "42A/GoodsItemQuantity"),
        (">1GB150454489082-12345<", ">1GB150454489082<", "wrong_format", f"{UCR}[1]/ID"),
        ("<GoodsMeasure>", "<GoodMeasure/><GoodsMeasure>", "unknown_element", f"{ITEM}/23A/GoodMeasure"),
        ("<WriteOff>", '<WriteOff xmlns="urn:another">', "unknown_element", f"{ITEM}/02A[2]/WriteOff"),
        ("<md:WCOTypeName>", "<md:Sender/><md:WCOTypeName>", "unknown_element", "MetaData/Sender"),
        ("<SequenceNumeric>2<", "<SequenceNumeric>3<", "contradiction", "42A/67A/68A[2]/SequenceNumeric"),
        (">08081080<", ">0808<", "wrong_format", f"{ITEM}/23A/Classification[1]/ID"),
        ('"KGM">31</Quantity', '"KGM">0</Quantity', "wrong_format", WRITE_OFF),
        (' unitCode="KGM">31</Quantity', ">31</Quantity", "wrong_format", WRITE_OFF),
        ('"KGM">31</NetNet', '"TNE">31</NetNet', "wrong_format", NET_MASS),
        (">31</NetNet", ">31.0000001</NetNet", "wrong_format", NET_MASS),
        (">31</NetNet", ">-31</NetNet", "wrong_format", NET_MASS),
        (">31</NetNet", "></NetNet", "missing", NET_MASS),
        (">2897.19<", ">2897.195<", "too_precise", PRICE),
        ('"GBP">2897.19<', '"GB">2897.19<', "wrong_format", PRICE),
        (
            "GB</CountryCode>\n        </Origin>",
            "gb</CountryCode></Origin>",
            "wrong_format",
            f"{ITEM}/Origin/CountryCode",
        ),
        ("<CurrentCode>40<", "<CurrentCode>4<", "wrong_format", f"{ITEM}/70A[1]/CurrentCode"),
    ],
)
def test_one_change_gives_one_fault(old: str, new: str, code: str, path: str) -> None:
    assert faults(changed(old, new)) == [(code, path)]


TOTAL = b"<TotalPackageQuantity>200<"


@pytest.mark.parametrize(
    ("told", "code"),
    [(b"199", "contradiction"), (b"201", "contradiction"), (b"many", "wrong_format"), (b"1.5", "too_precise")],
)
def test_the_packages_in_all_are_those_of_the_items(told: bytes, code: str) -> None:
    at_fault = ("42A/TotalPackageQuantity", code)
    wrong = HMRC.replace(TOTAL, b"<TotalPackageQuantity>" + told + b"<")
    assert [(path, fault) for fault, path in faults(wrong)] == [at_fault]
    both = wrong.replace(b"<GoodsItemQuantity>1<", b"<GoodsItemQuantity>2<")
    assert len(faults(both)) == 2


def test_packages_are_not_counted_where_an_item_does_not_tell_its_own() -> None:
    assert read_declaration(changed(TOTAL.decode(), "<TotalPackageQuantity>7<")).items


def test_faults_around_the_declaration_and_across_its_items_are_told_with_the_others() -> None:
    wrong = changed("VersionCode>3.6<", "VersionCode>3.5<")
    wrong = wrong.replace(b"<TypeCode>IMA<", b"<TypeCode>ZZA<", 1)
    second = wrong.index(b"<GovernmentAgencyGoodsItem>", wrong.index(b"<GovernmentAgencyGoodsItem>") + 1)
    wrong = wrong[:second] + wrong[second:].replace(b"<CurrentCode>40<", b"<CurrentCode>42<", 1)
    assert faults(wrong) == [
        ("wrong_format", "MetaData/WCODataModelVersionCode"),
        ("wrong_format", "42A/TypeCode"),
        ("contradiction", "42A/67A/68A[2]/70A[1]"),
    ]


def test_of_many_unknown_elements_the_first_are_told() -> None:
    many = HMRC.replace(b"<GoodsItemQuantity>", b"<Nothing><Below/></Nothing>" * 5_000 + b"<GoodsItemQuantity>", 1)
    found = faults(many)
    assert found[:2] == [("unknown_element", "42A/Nothing[1]"), ("unknown_element", "42A/Nothing[2]")]
    assert found[MAX_UNKNOWN_ELEMENTS:] == [("unknown_element", "")]


def test_faults_are_told_all_at_once() -> None:
    assert len(faults(DERIVED.replace(b">9<", b">x<").replace(b"<CountryCode>GB", b"<CountryCode>UK1"))) >= 6


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        DERIVED[:-20],
        DERIVED + DERIVED,
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_not_xml_is_malformed(content: bytes) -> None:
    assert faults(content)[0][0] in {"not_xml", "forbidden_xml"}


def test_bounds_are_kept_while_reading() -> None:
    for content in (
        b"<a>" * (MAX_XML_DEPTH + 1),
        b"<a>" + b"<b/>" * MAX_XML_ELEMENTS,
        b" " * (MAX_XML_BYTES + 1),
    ):
        with pytest.raises(LimitExceeded):
            read_declaration(content)
