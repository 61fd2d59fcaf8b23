"""What WCO messages ask for.

given HMRC's amendment of IM008b and the declaration that it amends
  → the licence's status is EE in the next version, and that is told as the one change
given HMRC's cancellation of EX010a → its declaration's MRN and its reason
given a message of which parts are not read → where they are; of an amendment, what no pointer names
given an amendment changed in one place → exactly that fault, with its path
"""

import pytest

from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.limits import MAX_IGNORED_PATHS
from ledger.domain.trade.wco_names import MAX_SHOWN_CHARS
from ledger.domain.trade.wco_request import Amend, Cancel, Lodge, declared_in, read_message
from ledger.domain.trade.wco_versions import Change, differences
from ledger.domain.trade.wco_xml import body_of
from ledger.domain.trade.xml import parse_xml
from tests.support.samples import sample
from tests.support.wco import read_request

DOCUMENT = "42A/67A/68A[1]/02A[1]"
AMENDMENT = sample("hmrc-cds/IM008b_amendment.xml")
LODGED = sample("hmrc-cds/IM008b_declaration.xml")


def faults(content: bytes, lodged: bytes | None = LODGED) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as refused:
        read_request(content, lodged)
    return [(fault.code, fault.path) for fault in refused.value.faults]


def changed(old: str, new: str, count: int = 1) -> bytes:
    assert old.encode() in AMENDMENT
    return AMENDMENT.replace(old.encode(), new.encode(), count)


def test_an_original() -> None:
    found = read_request(LODGED)
    assert isinstance(found, Lodge)
    assert found.declaration.items[0].documents[0].status == "ES"


def test_an_amendment() -> None:
    found = read_request(AMENDMENT, LODGED)
    assert isinstance(found, Amend)
    assert (found.reference, found.mrn.text) == ("R280_TC02AMND_002", "21GB31AJB9S50C90R6")
    assert found.statement == "Amending Status code on licence to EE"
    assert found.changes == (Change("42A/67A/68A[1]/02A[1]/360", "ES", "EE"),)
    assert found.declaration.items[0].documents[0].status == "EE"
    lodged = read_request(LODGED)
    assert isinstance(lodged, Lodge)
    assert found.declaration.header_json() == lodged.declaration.header_json()


def test_a_whole_element_is_replaced() -> None:
    whole = changed("<TagID>360</TagID>", "").replace(b">4</QuantityQuantity>", b">3</QuantityQuantity>")
    found = read_request(whole, LODGED)
    assert isinstance(found, Amend)
    assert found.changes == (
        Change(f"{DOCUMENT}/ID", "GBOIL1234567F", "GBOIL1234567G-0001"),
        Change(f"{DOCUMENT}/360", "ES", "EE"),
        Change(f"{DOCUMENT}/WriteOff/QuantityQuantity", "4", "3"),
    ), "HMRC's own amendment says another licence number beside what its pointer names"
    write_off = found.declaration.items[0].documents[0].write_off
    assert write_off is not None
    assert write_off.scaled == 3_000_000


def test_a_value_is_taken_out() -> None:
    found = read_request(changed("<LPCOExemptionCode>EE</LPCOExemptionCode>", ""), LODGED)
    assert isinstance(found, Amend)
    assert found.changes == (Change("42A/67A/68A[1]/02A[1]/360", "ES", None),)
    assert found.declaration.items[0].documents[0].status is None


def test_the_next_version_is_what_the_next_amendment_amends() -> None:
    first = read_request(AMENDMENT, LODGED)
    assert isinstance(first, Amend)
    assert declared_in(first.version) == first.declared != declared_in(LODGED)
    back = read_request(changed("<LPCOExemptionCode>EE", "<LPCOExemptionCode>ES"), first.version)
    assert isinstance(back, Amend)
    assert (back.changes, back.declared) == ((Change(f"{DOCUMENT}/360", "EE", "ES"),), declared_in(LODGED))
    assert faults(AMENDMENT, first.version) == [("no_change", "42A/06A")]


def test_an_amendment_of_more_than_can_be_told() -> None:
    text = b"<Name>%s</Name>" % (b"x" * 400)
    pointed = changed("<TagID>360</TagID>", "")
    many = pointed.replace(b"</AdditionalDocument>", text * 200 + b"</AdditionalDocument>", 1)
    assert faults(many) == [("too_many_changes", "42A/06A")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n", b"\r\n   "),
        (b"<FunctionCode>9</FunctionCode>", b"<FunctionCode> 9 <!-- original --></FunctionCode>"),
        (b'xmlns:p1="urn:wco:datamodel:WCO:Declaration_DS:DMS:2"', b""),
        (b"WCO_DEC_2_DMS.xsd", b"elsewhere.xsd"),
    ],
)
def test_a_version_is_known_however_it_is_laid_out(old: bytes, new: bytes) -> None:
    assert old in LODGED
    assert declared_in(LODGED.replace(old, new)) == declared_in(LODGED)


@pytest.mark.parametrize(
    ("old", "new", "path", "before", "after"),
    [
        (b"<ID>AD12345</ID>", b"<ID>AD12346</ID>", "42A/67A/28A/TransportEquipment/ID", "AD12345", "AD12346"),
        (b'currencyID="GBP"', b'currencyID="EUR"', None, "GBP", "EUR"),
        (b"<FunctionCode>9</FunctionCode>", b"<FunctionCode>9</FunctionCode><Seller/>", "42A/Seller", None, ""),
    ],
)
def test_another_version_has_another_name(
    old: bytes, new: bytes, path: str | None, before: str | None, after: str | None
) -> None:
    other = LODGED.replace(old, new, 1)
    assert other != LODGED
    assert declared_in(other) != declared_in(LODGED)
    [change] = differences(*(body_of(parse_xml(each), []) for each in (LODGED, other)))
    assert (change.before, change.after) == (before, after)
    assert path is None or change.path == path


def test_a_cancellation() -> None:
    found = read_request(sample("hmrc-cds/EX010a_cancellation.xml"))
    assert found == Cancel("U.7867523JNCOL", found.mrn, "This is a duplicate, please can")  # type: ignore[union-attr]
    assert found.mrn.text == "24GBDIRIGZ7QLCPAA8"  # type: ignore[union-attr]


def test_what_nobody_reads_is_told() -> None:
    found = read_message(LODGED)
    assert isinstance(found.request, Lodge)
    assert found.ignored_count == len(found.ignored) == 29
    assert {
        "42A/02A",  # the account for deferred payment
        "42A/Exporter/Address/CityName",
        "42A/67A/28A",  # place and containers
        "42A/67A/68A[1]/03A[1]",
        "42A/67A/68A[1]/23A/DutyTaxFee[3]",
        "42A/67A/TradeTerms/LocationID",
    } <= {*found.ignored}
    read = ("FunctionalReferenceID", "Description", "NetNetWeightMeasure", "ItemChargeAmount", "WriteOff", "17C")
    assert not [path for path in found.ignored if path.endswith(read)]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"<FunctionCode>", b'<FunctionCode listID="1225">', "42A/FunctionCode/@listID"),
        (b"<GoodsMeasure>", b"<GoodsMeasure>110 kg", "42A/67A/68A[1]/23A/65A/text()"),
        (b"</GoodsMeasure>", b"</GoodsMeasure>more", "42A/67A/68A[1]/23A/text()"),
        (b"</WriteOff>", b"</WriteOff><AmountAmount/>", f"{DOCUMENT}/AmountAmount"),
    ],
)
def test_one_more_thing_that_nobody_reads(old: bytes, new: bytes, path: str) -> None:
    before, after = read_message(LODGED), read_message(LODGED.replace(old, new, 1))
    assert [each for each in after.ignored if each not in before.ignored] == [path]


def test_of_a_great_many_the_first_are_told_and_all_are_counted() -> None:
    many = LODGED.replace(b"<FunctionCode>", b"<Seller/>" * 3_000 + b"<FunctionCode>", 1)
    found = read_message(many)
    assert (len(found.ignored), found.ignored_count) == (MAX_IGNORED_PATHS, 3_029)
    long = read_message(LODGED.replace(b"<FunctionCode>", b"<FunctionCode " + b"a" * 100_000 + b'="">', 1))
    assert max(map(len, long.ignored)) <= MAX_SHOWN_CHARS


def test_of_an_amendment_what_no_pointer_names_is_told() -> None:
    found = read_message(AMENDMENT, lambda _: LODGED)
    told = {path for path in found.ignored if path.startswith("42A/67A")}
    assert told == {f"{DOCUMENT}/{tag}" for tag in ("CategoryCode", "ID", "TypeCode", "WriteOff")}
    whole = read_message(changed("<TagID>360</TagID>", ""), lambda _: LODGED)
    assert not [path for path in whole.ignored if path.startswith("42A/67A")], (
        "a whole element is read with its version"
    )


OTHER_ITEM = b"<SequenceNumeric>2<".join(AMENDMENT.rsplit(b"<SequenceNumeric>1<", 1))
NO_AMENDMENT = AMENDMENT.replace(b"<Amendment>", b"<Invoice>").replace(b"</Amendment>", b"</Invoice>")


@pytest.mark.parametrize(
    ("content", "code", "path"),
    [
        (changed("<FunctionCode>13", "<FunctionCode>5"), "wrong_format", "42A/FunctionCode"),
        (changed("<TypeCode>COR", "<TypeCode>GPR"), "wrong_format", "42A/TypeCode"),
        (changed("21GB31AJB9S50C90R6", "21GB31AJB9S50C90R5"), "mrn_check_digit", "42A/ID"),
        (changed("21GB31AJB9S50C90R6", "X"), "mrn_shape", "42A/ID"),
        (changed("<TagID>360", "<TagID>361"), "unknown_tag", "42A/06A[1]/Pointer[4]/TagID"),
        (changed(">02A<", ">99Z<"), "unknown_class", "42A/06A[1]/Pointer[4]/DocumentSectionCode"),
        (NO_AMENDMENT, "missing", "42A/06A"),
        (OTHER_ITEM, "no_such_place", f"{DOCUMENT}/360"),
        (changed("<LPCOExemptionCode>EE", "<LPCOExemptionCode>eee"), "wrong_format", f"{DOCUMENT}/LPCOExemptionCode"),
    ],
)
def test_a_fault_and_its_place(content: bytes, code: str, path: str) -> None:
    assert faults(content) == [(code, path)]


def test_an_amendment_needs_what_it_amends() -> None:
    assert faults(AMENDMENT, None) == [("missing", "/lodged")]
    assert faults(AMENDMENT, b"<x/>") == [("not_a_declaration", "")]


def test_a_pointer_that_begins_nowhere() -> None:
    start = AMENDMENT.index(b"<Amendment>")
    body = AMENDMENT[start:].replace(b"<DocumentSectionCode>42A", b"<DocumentSectionCode>67A", 1)
    assert faults(AMENDMENT[:start] + body) == [("wrong_format", "42A/06A[1]/Pointer")]


def test_a_message_without_end() -> None:
    with pytest.raises(LimitExceeded):
        read_request(b"<a>" * 100)
