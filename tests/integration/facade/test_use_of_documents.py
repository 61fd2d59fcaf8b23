"""What a document was used for, and finding documents by what they are known under: for those with a right to know.

given a licence that an import relies on
  when an officer verifies its proof             → use names the permit with its balances, and the declaration
  when nobody has signed in, or a stranger has   → use is not told, and all else is the same
  when it is asked for by record id, by permit id, by its number, or by the MRN
    → for an officer judged as by its proof; without a sign-in 401; for a stranger as if it were not there
"""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ledger.adapters.keystore import Keystore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.records import SqlRecordStore
from ledger.client import Client
from ledger.domain.errors import NotFound, NotSignedIn
from ledger.domain.ids import RecordId
from ledger.domain.permit import PermitTerms
from tests.support.customs import NOTHING, PASSPHRASE, Customs, customs_office
from tests.support.facades import signed_in
from tests.support.ledgers import FOREVER, key, secret_of
from tests.support.samples import sample
from tests.support.terminal import Terminal

pytestmark = pytest.mark.integration

LINES = {"Content-Type": "application/x-ndjson"}
NUMBER = "GBOIL1234567G-0001"
GRAMS = 4_000_000


@dataclasses.dataclass(frozen=True)
class Used:
    office: Customs
    record: str
    permit: str
    mrn: str

    def as_(self, seat: str | None) -> Client:
        return Client(str(self.office.client.base_url), signer=None if seat is None else key(seat))


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    with customs_office(tmp_path_factory.mktemp("customs")) as office:
        record = office.seal({"licence": NUMBER}, number=NUMBER)
        terms = PermitTerms(b"\x01" * 32, office.numbers["trader"], "930621", "CN", "KGM")
        line, request = (terms.commitment(), GRAMS), b"licence".ljust(32, b"\0")
        issued = (request, 911_100, 0, FOREVER, [line], False, record, NOTHING)
        office.act("agency", "PermitRegistry", "issue", *issued)
        head = office.ledger.reader.head()
        events = office.ledger.reader.find_events("PermitRegistry", "PermitIssued", {}, 0, head.number)
        permit = events[-1].args["permit"]
        case = office.lodge(sample("hmrc-cds/IM008b_declaration.xml"), "R280_E2E_TC03_1803_003")
        mrn = office.accept(case, [(permit, 1, 0, GRAMS, terms.commitment())])
        office.caught_up()
        yield Used(office, f"0x{record.hex()}", f"0x{permit.hex()}", mrn)


def use(answer: Any) -> Any:
    return next(fragment for fragment in answer["fragments"] if fragment["name"] == "use")


def integrity(answer: Any) -> Any:
    return next(fragment for fragment in answer["fragments"] if fragment["name"] == "integrity")


def test_an_officer_is_told_the_use(used: Used) -> None:
    with used.as_("officer") as officer:
        answer = officer.verify(record=used.record)
    assert answer["overall"] == "VALID"
    assert integrity(answer)["evidence"]["record_id"] == used.record
    told = use(answer)
    assert (told["verdict"], told["reason"]) == ("VALID", "used")
    (permit,) = told["evidence"]["permits"]
    assert (permit["permit"], permit["standing"]) == (used.permit, "ACTIVE")
    (line,) = permit["lines"]
    assert [int(line[name]) for name in ("available", "reserved", "written_off")] == [0, GRAMS, 0]
    (declaration,) = told["evidence"]["declarations"]
    assert (declaration["mrn"], declaration["status"]) == (used.mrn, "ACCEPTED")
    assert told["evidence"]["more"] is False


def test_by_permit_by_number_and_by_mrn(used: Used) -> None:
    with used.as_("officer") as officer:
        assert integrity(officer.verify(permit=used.permit))["evidence"]["record_id"] == used.record
        assert integrity(officer.verify(permit=NUMBER))["evidence"]["record_id"] == used.record
        declared = officer.verify(mrn=used.mrn)
    assert declared["overall"] == "VALID"
    assert use(declared)["evidence"]["declarations"][0]["mrn"] == used.mrn


def test_without_a_sign_in_a_file_or_a_proof_is_needed(used: Used) -> None:
    with used.as_(None) as nobody:
        for known in ({"record": used.record}, {"permit": used.permit}, {"permit": NUMBER}, {"mrn": used.mrn}):
            with pytest.raises(NotSignedIn):
                nobody.verify(**known)
        answer = nobody.verify(file=b"anything")
    assert (use(answer)["verdict"], use(answer)["reason"]) == ("NOT_APPLICABLE", "no_right")


def test_a_stranger_finds_nothing(used: Used) -> None:
    with used.as_("treasury") as stranger:
        for known in ({"record": used.record}, {"permit": used.permit}, {"permit": NUMBER}, {"mrn": used.mrn}):
            with pytest.raises(NotFound):
                stranger.verify(**known)
        with pytest.raises(NotFound):
            stranger.verify(record="0x" + "5a" * 32)


def test_the_importer_may_look_at_the_permit_it_used(used: Used) -> None:
    with used.as_("trader") as trader:
        answer = trader.verify(permit=used.permit)
    assert use(answer)["reason"] == "no_right", "what else relies on it is its issuer's to know"


def test_many_lines_tell_an_officer_the_use_of_each(used: Used) -> None:
    store = SqlRecordStore(Database(f"sqlite:///{used.office.home / 'ledger.sqlite'}"))
    known = store.by_id(RecordId(bytes.fromhex(used.record[2:])))
    assert known is not None
    line = json.dumps({"id": "1", "proof": json.loads(known.proof)})
    url = str(used.office.client.base_url) + "/v1/verify/many"
    with httpx.Client(base_url=str(used.office.client.base_url)) as client:
        told = signed_in(client, key("officer")).post("/v1/verify/many", content=line, headers=LINES)
    assert use(told.json())["reason"] == "used"
    untold = httpx.post(url, content=line, headers=LINES)
    assert use(untold.json())["reason"] == "no_right"
    with httpx.Client(base_url=str(used.office.client.base_url)) as client:
        names = [{"record": used.record}, {"permit": NUMBER}, {"mrn": used.mrn}, {"record": "0x"}]
        lines = b"".join(json.dumps({"id": str(n), **name}).encode() + b"\n" for n, name in enumerate(names))
        named = signed_in(client, key("officer")).post("/v1/verify/many", content=lines, headers=LINES)
    answers = [json.loads(each) for each in named.text.splitlines()]
    assert [answer.get("overall") for answer in answers] == ["VALID", "VALID", "VALID", None]
    assert answers[3]["problem"]["faults"][0]["path"] == "/record"
    untrusted = httpx.post(url, content=lines, headers=LINES).text.splitlines()
    assert {json.loads(each)["problem"]["code"] for each in untrusted} == {"not_signed_in"}
    assert without_use(told) == without_use(untold)


def without_use(answer: httpx.Response) -> list[dict[str, Any]]:
    """What is told to all, but for the second at which the status was asked."""
    fragments = [each for each in answer.json()["fragments"] if each["name"] != "use"]
    for each in fragments:
        if each["name"] == "status":
            del each["evidence"]["at"]
    return fragments


def test_the_command_line_asks_the_facade(used: Used) -> None:
    home = used.office.home
    Keystore(home / "keystore", scrypt_n=2).add("officer", PASSPHRASE, secret_of("officer"))
    terminal = Terminal(TAMGA_HOME=str(home), TAMGA_PASSPHRASE=PASSPHRASE)
    url = str(used.office.client.base_url)
    answer = terminal.json("verify", "--mrn", used.mrn, "--key", "officer", "--api", url)
    assert answer["overall"] == "VALID"
    shown = terminal.run("verify", "--permit", NUMBER, "--key", "officer", "--api", url)
    assert "These permits and declarations rely on it." in shown
