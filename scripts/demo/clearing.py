"""Part 3: a permit, a declaration, its control, its debt and its release, each act by the party whose act it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.declaration import AgencyDecision, ControlKind, DeclarationReason, Representation
from ledger.domain.ids import CaseId, ParticipantId
from ledger.domain.permit import QUANTITY_SCALE, PermitTerms
from ledger.domain.reason_codes import DebtReason, PermitReason
from ledger.domain.reference_numbers import parse_mrn
from ledger.domain.refusal import reasons
from ledger.domain.trade.codes import IMPORT_LICENCE
from ledger.domain.trade.declaration import GoodsDeclaration
from ledger.domain.trade.references import blind_lrn
from scripts.demo.cast import BROKER, CARRIER, IMPORTER, OFFICE, QUARANTINE
from scripts.demo.duties import charges_of
from scripts.demo.governing import ALWAYS, CHECKS, DAY_S, IMPORT_REGIME, rule_version
from scripts.demo.papers import Papers, assessment, goods_items, header, inspection, licence
from scripts.demo.paying import token_permit
from scripts.demo.permits import AUTHORISED, UNIT, line_for, terms_of
from scripts.demo.stage import Stage, entity_key, request_id

PART: Final = 3
NO_EVIDENCE: Final = bytes(32)
REGULAR: Final = DeclarationReason.REGULAR
ALL_ACTS: Final = 7
"""Scope of the power of attorney: lodge and correct, pay, claim and appeal."""


@dataclass(frozen=True)
class Case:
    """What part 3 leaves behind.

    Attributes:
        case_id: Declaration id.
        mrn: Movement Reference Number.
        permit: Permit key.
        refusals: Why the early releases were refused: codes in order.
    """

    case_id: CaseId
    mrn: str
    permit: bytes
    refusals: tuple[tuple[str, ...], ...]


class Clearing:
    """Plays part 3."""

    def __init__(
        self, stage: Stage, numbers: Mapping[str, ParticipantId], declaration: GoodsDeclaration, papers: Papers
    ) -> None:
        self._stage, self._numbers, self._declaration, self._papers = stage, numbers, declaration, papers
        self._items = len(declaration.items)

    def play(self) -> Case:
        """From the power of attorney to the settled debt."""
        self._empower()
        permit, terms = self._permit()
        case = self._lodge()
        self._accept(case, permit, terms)
        self._control(case)
        self._assess(case)
        unpaid = self._release_refused(case, "unpaid", "tries to release before the debt is paid and the goods arrived")
        self._pay(case)
        self._arrive(case)
        held = self._release_while_suspended(case, permit)
        self._release(case)
        self._tell_balances(permit, terms)
        self._finish(case)
        return Case(case, self._mrn(case), permit, (unpaid, held))

    def _act(self, name: str, seat: str, contract: str, function: str, args: Mapping[str, Any], what: str) -> Any:
        return self._stage.act(PART, name, seat, contract, function, args, what)

    def _empower(self) -> None:
        broker = self._numbers[BROKER.name]
        licence = {"broker": broker, "expectedVersion": 0, "from": 0, "until": ALWAYS, "evidence": NO_EVIDENCE}
        self._act(
            "license-broker", "customs-licensing", "AuthorisationRegistry", "licenseBroker", licence,
            "licenses the broker at every office",
        )  # fmt: skip
        power = {
            "requestId": request_id("power"),
            "broker": broker,
            "scope": ALL_ACTS,
            "from": 0,
            "until": ALWAYS,
            "evidence": NO_EVIDENCE,
        }
        self._act(
            "power", "importer", "AuthorisationRegistry", "grantPower", power,
            "gives the broker a power of attorney to lodge, pay and appeal",
        )  # fmt: skip

    def _permit(self) -> tuple[bytes, list[PermitTerms]]:
        """Apply for and issue the import licence, with one quantity line per commodity and origin."""
        salts = self._papers.licence_salts(self._declaration)
        holder = self._numbers[IMPORTER.name]
        self._papers.anchor(licence(self._declaration, salts, holder))
        terms = terms_of(self._declaration, holder, salts)
        application = {
            "requestId": request_id("application"),
            "docType": IMPORT_LICENCE,
            "agency": self._numbers[QUARANTINE.name],
            "evidence": NO_EVIDENCE,
        }
        self._act(
            "application", "importer", "PermitRegistry", "applyFor", application,
            "applies to plant quarantine for an import licence",
        )  # fmt: skip
        issued = {
            "requestId": request_id("permit"),
            "docType": IMPORT_LICENCE,
            "validFrom": 0,
            "validUntil": ALWAYS,
            "lines": [{"terms": term.commitment(), "authorised": AUTHORISED} for term in terms],
            "singleUse": False,
            "evidence": self._papers.record_id("licence"),
            "application": entity_key(self._numbers[IMPORTER.name], request_id("application")),
        }
        shown = "; ".join(f"{term.commodity_prefix} {AUTHORISED // QUANTITY_SCALE} {UNIT}" for term in terms)
        self._act(
            "permit", "quarantine-officer", "PermitRegistry", "issue", issued, f"issues the import licence: {shown}"
        )
        return entity_key(self._numbers[QUARANTINE.name], request_id("permit")), terms

    def _lodge(self) -> CaseId:
        self._papers.anchor(goods_items(self._declaration))
        parts = [self._papers.record_id(f"items/{index}") for index in range(self._items)]
        self._papers.anchor(header(self._declaration, parts))
        lodgement = {
            "lrnMac": blind_lrn(self._papers.lrn_key, self._declaration.lrn),
            "dataRecord": self._papers.record_id("declaration"),
            "importer": self._numbers[IMPORTER.name],
            "carrier": self._numbers[CARRIER.name],
            "office": OFFICE,
            "regime": IMPORT_REGIME,
            "itemCount": self._items,
            "representation": Representation.DIRECT,
        }
        done = self._act(
            "lodge", "broker", "DeclarationRegistry", "lodge",
            {"requestId": request_id("lodge"), "lodgement": lodgement},
            f"lodges the importer's declaration of {self._items} items (UCR {self._declaration.ucr})",
        )  # fmt: skip
        return CaseId(done.event("Lodged")["caseId"])

    def _accept(self, case: CaseId, permit: bytes, terms: list[PermitTerms]) -> None:
        holder = self._numbers[IMPORTER.name]
        acceptance = {
            "caseId": case,
            "expectedVersion": 1,
            "ruleVersion": rule_version(self._stage),
            "agencies": [
                {"item": item.number, "agency": self._numbers[QUARANTINE.name], "checkCode": check}
                for item in self._declaration.items
                for check in _checks(item.commodity_code)
            ],
            "uses": [
                {
                    "permit": permit,
                    "item": item.number,
                    "line": line,
                    "quantity": document.write_off.scaled,
                    "terms": terms[line].commitment_for_goods(
                        holder, item.commodity_code, item.origin or "", document.write_off.unit
                    ),
                }
                for item in self._declaration.items
                for document in item.documents
                if document.write_off is not None
                for line in (line_for(terms, item),)
            ],
            "reason": REGULAR,
            "evidence": NO_EVIDENCE,
        }
        self._stage.refusal(
            PART, "accept-elsewhere", "customs-officer-elsewhere", "DeclarationRegistry", "accept", acceptance,
            "of another office tries to accept it",
        )  # fmt: skip
        done = self._act(
            "accept", "customs-officer", "DeclarationRegistry", "accept", acceptance,
            "accepts it: items entered, permit opened and reserved",
        )  # fmt: skip
        mrn = _text(done.event("Accepted")["mrn"])
        self._stage.telling.note(f"MRN {parse_mrn(mrn).text}, check digit right")
        self._tell_balances(permit, terms)

    def _control(self, case: CaseId) -> None:
        def acted(function: str, seat: str, expected: int, what: str, **more: Any) -> None:
            args = {"caseId": case, "expectedVersion": expected, "reason": REGULAR, "evidence": NO_EVIDENCE, **more}
            self._act(f"control/{function}", seat, "DeclarationRegistry", function, args, what)

        acted("route", "customs-risk", 0, "routes it to a physical control", control=ControlKind.PHYSICAL)
        acted("startControl", "customs-inspector", 1, "starts the inspection")
        self._papers.anchor(inspection(self._mrn(case), self._items))
        acted(
            "recordControl", "customs-inspector", 2, "records a satisfactory result",
            satisfactory=True, evidence=self._papers.record_id("inspection"),
        )  # fmt: skip
        until = self._stage.notes.once("decisions/until", lambda: self._stage.reader.head().time + 30 * DAY_S)
        decisions = [
            {"item": item.number, "checkCode": check, "decision": AgencyDecision.RELEASE, "validUntil": until}
            for item in self._declaration.items
            for check in _checks(item.commodity_code)
        ]
        acted(
            "decideItems", "quarantine-officer", 0, f"decides its {len(decisions)} checks: RELEASE",
            version=1, decisions=decisions, evidence=self._papers.record_id("certificate"),
        )  # fmt: skip

    def _assess(self, case: CaseId) -> None:
        self._papers.anchor(assessment(self._mrn(case), self._declaration))
        charges = charges_of(self._declaration)
        self._act(
            "assess", "customs-revenue", "DebtLedger", "assess",
            {
                "caseId": case,
                "declarationVersion": 1,
                "expectedVersion": 1,
                "charges": [{"code": code.encode(), "amount": amount} for code, amount in charges.items()],
                "reason": DebtReason.FIRST_ASSESSMENT,
                "evidence": self._papers.record_id("assessment"),
            },
            "assesses " + ", ".join(f"{code} {_money(amount)}" for code, amount in charges.items()),
        )  # fmt: skip

    def _pay(self, case: CaseId) -> None:
        owed = sum(charges_of(self._declaration).values())
        importer = self._stage.keys.signer("importer")
        self._act(
            "mint", "treasury-officer", "SettlementToken", "mint",
            {"bankReference": request_id("bank transfer 1"), "to": importer.address, "amount": owed},
            f"mints {_money(owed)} of settlement token against a bank transfer",
        )  # fmt: skip
        permit = self._stage.notes.once("pay/permit", lambda: token_permit(self._stage, importer, owed))
        self._act(
            "pay", "importer", "DebtLedger", "payWithPermit",
            {"requestId": request_id("pay"), "caseId": case, "amount": owed, "permit": permit},
            f"pays {_money(owed)} by a signed ERC-2612 permit",
        )  # fmt: skip

    def _arrive(self, case: CaseId) -> None:
        args = {"caseId": case, "expectedVersion": 0, "reason": REGULAR, "evidence": NO_EVIDENCE}
        self._act("arrive", "carrier", "DeclarationRegistry", "confirmArrival", args, "confirms that the goods arrived")

    def _release_while_suspended(self, case: CaseId, permit: bytes) -> tuple[str, ...]:
        def changed(function: str, expected: int, reason: int, what: str) -> None:
            args = {"permit": permit, "expectedVersion": expected, "reason": reason, "evidence": NO_EVIDENCE}
            self._act(f"permit/{function}", "quarantine-officer", "PermitRegistry", function, args, what)

        changed("suspend", 1, PermitReason.HAZARD, "suspends the import licence")
        held = self._release_refused(case, "suspended", "tries to release while the licence is suspended")
        changed("reinstate", 2, PermitReason.CAUSE_REMOVED, "reinstates the import licence")
        return held

    def _release_refused(self, case: CaseId, name: str, what: str) -> tuple[str, ...]:
        refused = self._stage.refusal(
            PART, f"release/{name}", "customs-officer", "DeclarationRegistry", "release", self._release_args(case), what
        )
        codes = [f"{reason['code']}{_of_item(reason['item'])}" for reason in reasons(refused)]
        self._stage.telling.note("missing: " + ", ".join(codes))
        return tuple(codes)

    def _release(self, case: CaseId) -> None:
        self._act(
            "release", "customs-officer", "DeclarationRegistry", "release", self._release_args(case),
            f"releases items 1 to {self._items} and writes off the licence",
        )  # fmt: skip

    def _finish(self, case: CaseId) -> None:
        self._act(
            "settle", "treasury-officer", "DebtLedger", "settle", {"caseId": case, "expectedVersion": 2},
            "passes the revenue of each charge to its account",
        )  # fmt: skip
        args = {"caseId": case, "expectedVersion": 3, "reason": REGULAR, "evidence": NO_EVIDENCE}
        self._act("clear", "customs-officer", "DeclarationRegistry", "clear", args, "clears it: all formalities done")

    def _release_args(self, case: CaseId) -> Mapping[str, Any]:
        return {
            "caseId": case,
            "expectedVersion": 2,
            "from": 1,
            "to": self._items,
            "reason": REGULAR,
            "evidence": NO_EVIDENCE,
        }

    def _tell_balances(self, permit: bytes, terms: list[PermitTerms]) -> None:
        for line, term in enumerate(terms):
            _, available, reserved, written = self._stage.view("PermitRegistry", "lineOf", permit, line)
            free, kept, gone = (amount // QUANTITY_SCALE for amount in (available, reserved, written))
            self._stage.telling.note(
                f"licence {term.commodity_prefix} [{term.unit}]: {free} available, {kept} reserved, {gone} written off"
            )

    def _mrn(self, case: CaseId) -> str:
        return _text(self._stage.view("DeclarationRegistry", "state", case)["mrn"])


def _checks(commodity_code: str) -> Sequence[int]:
    """Both checks for Capsicum, plant health alone for apples, as Defra's request asks."""
    return CHECKS if commodity_code.startswith("070960") else CHECKS[1:]


def _of_item(item: int) -> str:
    return f" (item {item})" if item else ""


def _money(minor: int) -> str:
    return f"{minor // 100:,}.{minor % 100:02}"


def _text(ascii_bytes: bytes) -> str:
    return ascii_bytes.rstrip(b"\0").decode("ascii")
