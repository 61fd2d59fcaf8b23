"""A customs office on a real node, and its facade: who acts there, the rules, and a declarant who lodges over HTTP."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.direct import Direct
from ledger.adapters.file_store import FileStore
from ledger.adapters.keyring import create_keyring
from ledger.adapters.keystore import Keystore
from ledger.bootstrap.facade import open_facade
from ledger.config import read_config
from ledger.devnet.engines import Engine
from ledger.domain import canonical
from ledger.domain.anchor import pack_head
from ledger.domain.ids import CaseId, DocumentType, ParticipantId
from ledger.domain.roles import Role
from ledger.domain.trade.references import blind_lrn
from ledger.ports.index_store import RecordStore
from ledger.ports.statement_store import StatementStore
from ledger.services.sealing import DocumentInput, Recipient, seal_batch
from tests.support.facades import free_url, own_chain, serving, signed_in
from tests.support.ledgers import FOREVER, TestLedger, install, key

OFFICE: Final = 726
PASSPHRASE: Final = "only for this test"
REGULAR, DATA_FAULT, ON_REQUEST = 301, 302, 304
FIRST_ASSESSMENT: Final = 207
BANK_GUARANTEE: Final = 1
IMPORT, EXPORT = 4000, 1040
NOTHING: Final = bytes(32)
GAS: Final = 6_000_000
LRN_KEY: Final = b"\x5a" * 32
CUSTOMS_SEATS: Final = {
    "officer": Role.CUSTOMS_OFFICER,
    "risk": Role.CUSTOMS_RISK,
    "inspector": Role.CUSTOMS_INSPECTOR,
    "revenue": Role.CUSTOMS_REVENUE,
}


@dataclass
class Customs:
    """The office, its ledger, and a client of its facade.

    Attributes:
        ledger: Deployed on a chain of its own.
        client: Signed in as the trader.
        numbers: Participants: `customs`, `trader`, `agency`, `treasury`, and a `rival` of the trader's.
        home: Folder of the facade.
        records: What customs can read.
        statements: What that says.
    """

    ledger: TestLedger
    client: httpx.Client
    numbers: Mapping[str, ParticipantId]
    home: Path
    records: RecordStore
    statements: StatementStore

    def act(self, seat: str, contract: str, function: str, *args: Any) -> None:
        """An act in the seat's own transaction."""
        to = self.ledger.reader.address_of(contract)
        call = self.ledger.contracts.encode_call(contract, function, args)
        Direct(self.ledger.rpc, self.ledger.contracts).transact(key(seat), to, call, gas=GAS)

    def view(self, contract: str, function: str, *args: Any) -> Any:
        return self.ledger.reader.call(contract, function, args, at=self.ledger.reader.head())

    # ----- the declarant, over HTTP

    def post(
        self,
        message: bytes,
        lrn: str = "-",
        *,
        lodged: bytes | None = None,
        proof: bytes | None = None,
        again: str | None = None,
        **form: Any,
    ) -> httpx.Response:
        """Post a message; `again` is its Idempotency-Key. A field of the form that is None is left out."""
        given = {"message": message, "lodged": lodged, "proof": proof}
        files = {name: content for name, content in given.items() if content is not None}
        data = {
            "importer": self.numbers["trader"],
            "customs": self.numbers["customs"],
            "office": OFFICE,
            "lrn_mac": blind_lrn(LRN_KEY, lrn).hex(),
            **form,
        }
        headers = {} if again is None else {"Idempotency-Key": again}
        data = {name: value for name, value in data.items() if value is not None}
        return self.client.post("/v1/lodgements", files=files, data=data, headers=headers)

    def send(self, message: bytes, lrn: str = "-", *, lodged: bytes | None = None) -> Any:
        """Post a message, sign its acts, carry them one after the other; returns what the facade prepared."""
        answer = self.post(message, lrn, lodged=lodged)
        assert answer.status_code == 200, answer.text
        prepared = answer.json()
        for act in prepared["acts"]:
            assert self.carry(act) == "FINAL"
        return prepared

    def carry(self, prepared: Any) -> str:
        """Sign a prepared act and have it carried; its last state, or the name of what refuses it at once."""
        signature = "0x" + key("trader").sign_typed_data(prepared["typed_data"]).hex()
        sent = self.client.post("/v1/acts", json={**prepared["act"], "signature": signature})
        if sent.status_code == 409:
            return str(sent.json()["error"]["name"])
        assert sent.status_code == 202, sent.text
        until = time.monotonic() + 30
        while (told := self.client.get(f"/v1/acts/{prepared['act_id']}").json())["state"] not in ("FINAL", "REFUSED"):
            assert time.monotonic() < until, told
            time.sleep(0.05)
        return str(told["state"])

    def lodge(self, message: bytes, lrn: str) -> CaseId:
        """Lodge an original; returns the declaration id."""
        self.send(message, lrn)
        return self.last_case()

    def last_case(self) -> CaseId:
        """Id of the declaration that was lodged last."""
        head = self.ledger.reader.head()
        events = self.ledger.reader.find_events("DeclarationRegistry", "Lodged", {}, 0, head.number)
        return CaseId(events[-1].args["caseId"])

    # ----- customs

    def caught_up(self) -> None:
        """Wait until the facade knows all that has happened, and has looked for what it can read."""
        head = self.ledger.reader.head().number
        until = time.monotonic() + 30
        while self.client.get("/health/ready").json()["indexed"] < head:
            assert time.monotonic() < until, self.client.get("/health/ready").text
            time.sleep(0.05)
        time.sleep(1.0)  # its readable records follow the index

    def responses(self, case: CaseId) -> list[Any]:
        """Customs' answers."""
        self.caught_up()
        answer = self.client.get(f"/v1/declarations/{case}/responses", params={"currency": "GBP"})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["responses"])

    def accept(self, case: CaseId, uses: Any = ()) -> str:
        """Accept a lodged case; returns its MRN."""
        rules = self.view("RuleRegistry", "version")
        self.act("officer", "DeclarationRegistry", "accept", case, 1, rules, [], list(uses), REGULAR, NOTHING)
        return self.mrn(case)

    def grant(self, case: CaseId) -> None:
        """Grant the amendment that was asked for; the next version is in force, and the facade knows it."""
        self.act("officer", "DeclarationRegistry", "grantAmendment", case, self.revision(case), [], ON_REQUEST, NOTHING)
        self.caught_up()

    def mrn(self, case: CaseId) -> str:
        found: bytes = self.view("DeclarationRegistry", "state", case)["mrn"]
        return found.decode()

    def revision(self, case: CaseId) -> int:
        return int(self.view("DeclarationRegistry", "state", case)["revision"])

    def seal(self, value: Mapping[str, Any], *, number: str | None = None, document_type: int = 961_001) -> bytes:
        """Seal and anchor a document of customs' own; returns its record id."""
        claims = [(f"field:/{name}", each) for name, each in value.items()]
        claims += [] if number is None else [("number", number)]
        document = DocumentInput(canonical.dumps(dict(value)), "application/json", claims)
        return self.anchor("customs", document, document_type)

    def anchor(self, issuer: str, document: DocumentInput, document_type: int) -> bytes:
        """Seal and anchor a document of customs' or the agency's, for customs to read; returns its record id."""
        own, customs = (
            self.view("ParticipantRegistry", "encryptionKey", self.numbers[name])[0] for name in (issuer, "customs")
        )
        batch = seal_batch(
            [document],
            ledger=self.ledger.network.ledger_id,
            issuer=self.numbers[issuer],
            issuer_key=own,
            document_type=DocumentType(document_type),
            recipients=[] if issuer == "customs" else [Recipient(customs)],
            clock=SystemClock(),
        )
        store = FileStore(self.home / "content")
        store.put_batch(batch.blocks(), batch.pins())
        store.close()
        sequence = 1
        while any(self.view("DocumentRegistry", "anchorWord", self.numbers[issuer], sequence)):
            sequence += 1
        head = pack_head(sequence, document_type, 1)
        self.act(f"{issuer}-anchor", "DocumentRegistry", "anchor", head, batch.root, batch.manifest_digest)
        return batch.documents[0].record_id


@contextmanager
def customs_office(home: Path) -> Iterator[Customs]:
    """A chain, a ledger with customs, a trader and an agency, rules for import and export, and customs' facade."""
    with own_chain(Engine.ANVIL, home / "chain") as chain:
        ledger = install(chain)
        numbers = {
            "customs": _admit(ledger, "customs", {**CUSTOMS_SEATS, "customs-anchor": Role.ISSUER}),
            "trader": _admit(ledger, "trader", {"trader": Role.DECLARANT | Role.GUARANTOR | Role.ISSUER}),
            "treasury": _admit(ledger, "treasury", {"treasury": Role.TREASURY}),
            "agency": _admit(ledger, "agency", {"agency": Role.OGA, "agency-anchor": Role.ISSUER}),
            "rival": _admit(ledger, "rival", {"rival": Role.DECLARANT | Role.GUARANTOR}),
        }
        _equip(ledger, numbers, home)
        settings = {"TAMGA_HOME": str(home), "TAMGA_PASSPHRASE": PASSPHRASE, "TAMGA_PUBLIC_URL": free_url()}
        facade = open_facade(read_config(settings))
        with serving(facade) as client:
            yield Customs(ledger, signed_in(client, key("trader")), numbers, home, facade.records, facade.statements)
        ledger.rpc.close()


def _admit(ledger: TestLedger, name: str, seats: Mapping[str, Role]) -> ParticipantId:
    request, mask = hashlib.sha256(name.encode()).digest(), 0
    for roles in seats.values():
        mask |= roles
    ledger.govern(f"admit {name}", ("ParticipantRegistry", "admit", (request, mask, 0, b"\1" * 32)))
    number = ParticipantId(ledger.reader.call("ParticipantRegistry", "admittedAs", (request,), at=ledger.reader.head()))
    keys = [
        ("ParticipantRegistry", "setKey", (number, key(seat).address, 0, int(roles), _office(roles), 0, FOREVER))
        for seat, roles in seats.items()
    ]
    ledger.govern(f"keys of {name}", *keys)
    return number


def _office(roles: Role) -> int:
    return OFFICE if roles & (Role.CUSTOMS_OFFICER | Role.CUSTOMS_INSPECTOR | Role.CUSTOMS_REVENUE) else 0


def _equip(ledger: TestLedger, numbers: Mapping[str, ParticipantId], home: Path) -> None:
    """Encryption keys, accreditations, rules and revenue accounts; the facade's files."""
    (home / "keyring").mkdir()
    calls: list[tuple[str, str, tuple[Any, ...]]] = []
    for name, number in numbers.items():
        ring = home / "keyring" / ("facade.json" if name == "customs" else f"{name}.json")
        public = create_keyring(ring, PASSPHRASE, scrypt_n=2).public_keys()[0]
        calls.append(("ParticipantRegistry", "setEncryptionKey", (number, 0, public)))
    calls.append(("ParticipantRegistry", "accredit", (numbers["customs"], 961_001, 0, 0, FOREVER)))
    for licence in (911_100, 811_104):
        calls.append(("ParticipantRegistry", "accredit", (numbers["agency"], licence, 0, 0, FOREVER)))
    ledger.govern("equip", *calls)
    regimes = [
        {"regime": regime, "terms": (True, letter, is_import, not is_import, is_import, False, 86_400, 86_400, 0)}
        for regime, letter, is_import in ((IMPORT, b"A", True), (EXPORT, b"B", False))
    ]
    version = ledger.reader.call("RuleRegistry", "version", (), at=ledger.reader.head())
    ledger.govern(
        "rules",
        ("RuleRegistry", "setRegimes", (version, regimes)),
        ("DebtLedger", "setRevenueAccount", (b"CUD", key("treasury").address)),
        ("DebtLedger", "setRevenueAccount", (b"VAT", key("treasury").address)),
    )
    ledger.network.write(home / "network.json")
    Keystore(home / "keystore", scrypt_n=2).create("relayer", PASSPHRASE)
