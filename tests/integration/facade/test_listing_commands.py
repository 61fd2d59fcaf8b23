"""`tamga list`, `why`, `statement` and `supply` against a facade on a real node.

given a customs office where one declaration was accepted and money was minted and redeemed
  when anything is listed                        → the rows that the facade has
  when anything is shown that has a state        → it, as the facade has it
  when it is asked why goods are held            → reasons with who can do something about them
  when the bank's statement books the same money → both books say the same; a balance, an entry or an amount that
                                                   differs is shown, and the exit code is 1
  when the statement is none                     → every fault, and nothing compared
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.keystore import Keystore
from ledger.client import LISTS
from tests.support.customs import PASSPHRASE, Customs, customs_office
from tests.support.ledgers import key, secret_of
from tests.support.samples import sample
from tests.support.terminal import Terminal

pytestmark = pytest.mark.integration
IN, OUT = "2026-11-26/0001", "2026-11-26/0002"
MINTED, REDEEMED = 70_050, 5_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Customs, Terminal]]:
    with customs_office(tmp_path_factory.mktemp("customs")) as office:
        office.accept(office.lodge(sample("hmrc-cds/IM008b_declaration.xml"), "R280_E2E_TC03_1803_003"))
        trader = key("trader").address
        office.act("treasury", "SettlementToken", "mint", sha256(IN.encode()).digest(), key("treasury").address, MINTED)
        office.act(
            "treasury", "SettlementToken", "redeem", sha256(OUT.encode()).digest(), key("treasury").address, REDEEMED
        )
        office.act("treasury", "SettlementToken", "transfer", trader, 1)
        office.caught_up()
        for seat in ("officer", "treasury"):
            Keystore(office.home / "keystore", scrypt_n=2).add(seat, PASSPHRASE, secret_of(seat))
        settings = {"TAMGA_HOME": str(office.home), "TAMGA_PASSPHRASE": PASSPHRASE}
        yield office, Terminal(**settings, TAMGA_API_URL=str(office.client.base_url))


def statement(folder: Path, *, received: str = "700.50", closing: str = "650.50") -> str:
    def entry(reference: str, amount: str, direction: str) -> str:
        amounts = f'<Amt Ccy="UZS">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        return f"<Ntry>{amounts}<Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>{reference}</AcctSvcrRef></Ntry>"

    until = datetime.now(UTC).strftime("%Y-%m-%dT23:59:59Z")
    file = folder / "statement.xml"
    file.write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        f"<FrToDt><FrDtTm>2020-01-01T00:00:00Z</FrDtTm><ToDtTm>{until}</ToDtTm></FrToDt>"
        f'<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="UZS">{closing}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd></Bal>{entry(IN, received, 'CRDT')}{entry(OUT, '50', 'DBIT')}"
        "</Stmt></BkToCstmrStmt></Document>"
    )
    return str(file)


def test_everything_is_listed_as_the_facade_has_it(place: tuple[Customs, Terminal]) -> None:
    office, tamga = place
    rows = {what: tamga.json("list", what, "--key", "officer") for what in LISTS if not what.startswith("audit/")}
    assert [row["mrn"] for row in rows["declarations"]] == [office.mrn(int(rows["declarations"][0]["case"]))]
    assert {row["status"] for row in rows["settlement/moves"]} == {"MINTED", "REDEEMED"}
    assert len(rows["participants"]) == len(office.numbers)
    shown = tamga.run("list", "declarations", "--where", "state=ACCEPTED", "--key", "officer")
    assert rows["declarations"][0]["mrn"] in shown
    assert shown.endswith("1 row\n")
    assert tamga.json("list", "declaration", "--key", "officer", exits=2)["error"] == "malformed"


def test_what_has_a_state_is_shown(place: tuple[Customs, Terminal]) -> None:
    office, tamga = place
    case, trader = tamga.json("list", "declarations", "--key", "officer")[0]["case"], str(office.numbers["trader"])

    def show(*what: str) -> Any:
        return tamga.json("show", *what, "--key", "officer")

    assert show("declaration", case)["state"]["mrn"] == office.mrn(int(case))
    assert [version["version"] for version in show("versions", case)["versions"]] == [1]
    assert str(show("participant", trader)["participant"]["participant"]["id"]) == trader
    assert show("account", trader)["balance"] == {"owed": "0", "prepaid": "0"}
    assert f"participant {trader}" in tamga.run("show", "participant", trader, "--key", "officer")
    assert tamga.json("show", "act", "0x" + "ab" * 32, "--key", "officer", exits=1)["error"] == "not_found"
    assert tamga.json("show", "account", "x", "--key", "officer", exits=2)["error"] == "malformed"


def test_why_goods_are_held(place: tuple[Customs, Terminal]) -> None:
    office, tamga = place
    case = tamga.json("list", "declarations", "--key", "officer")[0]["case"]
    held = tamga.json("why", office.mrn(int(case)), "--key", "officer")
    assert {"NOT_ARRIVED", "CONTROL_OPEN"} & {reason["code"] for reason in held["reasons"]}
    trader = str(office.numbers["trader"])
    assert tamga.json("statement", trader, "--key", "officer")["entries"] == []


def test_the_bank_says_the_same(place: tuple[Customs, Terminal], tmp_path: Path) -> None:
    _, tamga = place
    assert tamga.json("supply", "--key", "treasury")["supply"] == str(MINTED - REDEEMED)
    told = tamga.json("supply", "--statement", statement(tmp_path), "--key", "treasury")
    assert (told["agreed"], told["supply"], told["bank_balance"], told["holds"]) == (2, "65050", "65050", True)
    assert told["differences"] == []


def test_the_bank_says_something_else(place: tuple[Customs, Terminal], tmp_path: Path) -> None:
    _, tamga = place
    other = statement(tmp_path, received="700.49")
    (wrong,) = tamga.json("supply", "--statement", other, "--key", "treasury", exits=1)["differences"]
    assert (wrong["difference"], wrong["bank_reference"], wrong["booked"], wrong["moved"]) == (
        "other_amount", IN, "70049", "70050",
    )  # fmt: skip
    assert "the books differ" in tamga.run("supply", "--statement", other, "--key", "treasury", exits=1)
    less = tamga.json("supply", "--statement", statement(tmp_path, closing="650.49"), "--key", "treasury", exits=1)
    assert (less["differences"], less["holds"]) == ([], False)


def test_what_is_no_statement_is_told(place: tuple[Customs, Terminal], tmp_path: Path) -> None:
    _, tamga = place
    wrong = statement(tmp_path, received="x", closing="y")
    told = tamga.json("supply", "--statement", wrong, "--key", "treasury", exits=2)
    assert told["error"] == "malformed"
    assert "Bal[1]/Amt" in json.dumps(told)
    assert "Ntry[1]/Amt" in json.dumps(told)
