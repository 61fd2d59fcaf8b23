"""The parties, the rules they act under, and what the acts have in common."""

from collections.abc import Sequence
from typing import Any, Final

from ledger.domain.declaration import AgencyDecision, ControlKind, DeclarationReason, JointKind, Representation
from ledger.ports.contracts import Args
from scripts.gas.meter import EPOCH, Meter, Slots, entity, key, request

FOREVER: Final = 2**40 - 1
VALID_UNTIL: Final = EPOCH + 400 * 86_400
"""Of agencies' decisions [unix s]."""
OFFICE = 1701
LICENCE: Final = 911_000
"""A permit's document type."""
IMPORT, EXPORT = 4000, 1000
"""Regimes: with duty and arrival, with exit."""
CHECK: Final = 219
ERROR: Final = 1
REGULAR: Final = DeclarationReason.REGULAR
TERMS: Final = request("terms")
EVIDENCE: Final = request("evidence")
QUANTITY: Final = 1_000_000

DECLARANT, BROKER, CARRIER = 1 << 0, 1 << 1, 1 << 2
OFFICER, RISK, INSPECTOR, REVENUE, TREASURY, AUDIT = (1 << bit for bit in range(4, 10))
AEO_UNIT, OGA, REGISTRAR, ISSUER, APPEAL, LICENSING = (1 << bit for bit in (10, 11, 15, 16, 17, 18))
SERVICE_ANCHOR, SERVICE_RELEASE, SERVICE_REJECT = (1 << bit for bit in (24, 25, 26))
"""Bits of the contracts' `Roles`."""
CUSTOMS, QUARANTINE, IMPORTER, BROKERAGE, CARRIAGE, SELLER, HEIR = range(1, 8)
"""Participants, in the order of their admission; the heir takes over from the quarantine service."""
KEYS: Final = (
    (CUSTOMS, "officer", OFFICER, OFFICE),
    (CUSTOMS, "second officer", OFFICER, OFFICE),
    (CUSTOMS, "risk", RISK, 0),
    (CUSTOMS, "inspector", INSPECTOR, OFFICE),
    (CUSTOMS, "revenue", REVENUE, OFFICE),
    (CUSTOMS, "second revenue", REVENUE, OFFICE),
    (CUSTOMS, "treasurer", TREASURY, 0),
    (CUSTOMS, "auditor", AUDIT, 0),
    (CUSTOMS, "appeals", APPEAL, 0),
    (CUSTOMS, "licensing", LICENSING, 0),
    (CUSTOMS, "AEO unit", AEO_UNIT, 0),
    (CUSTOMS, "second AEO unit", AEO_UNIT, 0),
    (QUARANTINE, "agency", OGA | ISSUER, 0),
    (QUARANTINE, "service", SERVICE_ANCHOR, 0),
    (IMPORTER, "trader", DECLARANT, 0),
    (BROKERAGE, "broker", BROKER, 0),
    (CARRIAGE, "carrier", CARRIER, 0),
    (CUSTOMS, "registrar", REGISTRAR, 0),
    (CUSTOMS, "rule engine", SERVICE_REJECT, 0),
    (CUSTOMS, "release engine", SERVICE_RELEASE, 0),
    (SELLER, "seller", DECLARANT, 0),
    (HEIR, "heir", OGA, 0),
)
"""Participant, name, roles and office of every key."""

KEY: Final = "key of the actor"
"""Participant, roles, office and validity in one word."""
PARTIES: Final = "parties of the case"
ROLE_CALL: Final = ("role of the called function", "role of the calling registry")
"""Who may call whom is a role that governance grants."""


class Stage:
    """A ledger with its parties admitted and its rules set, on which acts are played and measured."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self._cases = 0
        masks: dict[int, int] = {}
        for participant, _, roles, _ in KEYS:
            masks[participant] = masks.get(participant, 0) | roles
        registry = "ParticipantRegistry"
        meter.govern("admit", [(registry, "admit", (request(f"{n}"), mask, 0, EVIDENCE)) for n, mask in masks.items()])
        calls: list[tuple[str, str, Args]] = [
            (registry, "setKey", (participant, key(name).address, 0, roles, office, 0, FOREVER))
            for participant, name, roles, office in KEYS
        ]
        calls.append((registry, "accredit", (QUARANTINE, LICENCE, 0, 0, FOREVER)))
        calls.append(("RuleRegistry", "setRegimes", (0, [_regime(IMPORT, b"A", 1), _regime(EXPORT, b"B", 0)])))
        calls += [
            ("DebtLedger", "setRevenueAccount", (code, key(f"account {code!r}").address)) for code in (b"CUD", b"VAT")
        ]
        meter.govern("equip", calls)

    def act(self, actor: str, name: str, args: Args, slots: Slots, **more: Any) -> None:
        """Play and measure an act, `contract.function[.case]`."""
        self.meter.measure(name, key(actor), args, slots, **more)

    def play(self, actor: str, name: str, args: Args) -> None:
        """Play an act that is only needed for others."""
        self.meter.play(key(actor), name, args)

    # ---------------------------------------------------------------- cases

    def lodgement(self, name: str, items: int, *, broker: bool = False, regime: int = IMPORT) -> dict[str, Any]:
        """Arguments of `lodge`."""
        return {
            "requestId": request(f"lodge {name}"),
            "lodgement": {
                "lrnMac": request(f"lrn {name}"),
                "dataRecord": request(f"declaration {name}"),
                "importer": IMPORTER,
                "carrier": CARRIAGE,
                "office": OFFICE,
                "regime": regime,
                "itemCount": items,
                "representation": Representation.DIRECT if broker else Representation.SELF,
            },
        }

    def next_case(self) -> int:
        """Id of the declaration that was lodged last, each asked for once."""
        self._cases += 1
        return 1 << 56 | self._cases

    def lodged(self, name: str, items: int = 1, *, regime: int = IMPORT) -> int:
        """A lodged declaration."""
        self.play("trader", "declarations.lodge", self.lodgement(name, items, regime=regime))
        return self.next_case()

    def accepted(self, name: str, items: int = 1, *, regime: int = IMPORT) -> int:
        """An accepted declaration, each item with a check and a permit use."""
        case = self.lodged(name, items, regime=regime)
        self.play("officer", "declarations.accept", on(case, 1, ruleVersion=1, **entries(items)))
        return case

    def ready(self, name: str, items: int = 1, *, regime: int = IMPORT) -> int:
        """An accepted declaration that nothing stands against."""
        case = self.accepted(name, items, regime=regime)
        self.play("risk", "declarations.route", on(case, 0, control=ControlKind.NONE))
        self.play("agency", "declarations.decideItems", decisions(case, items))
        if regime == IMPORT:
            self.play("carrier", "declarations.confirmArrival", on(case, 0))
        self.assessed(case, 100)
        self.play("trader", "debts.pay", (request(f"pay {case}"), case, 100))
        return case

    def released(self, name: str, *, regime: int = IMPORT) -> int:
        """A released declaration of one item."""
        case = self.ready(name, regime=regime)
        self.play("officer", "declarations.release", on(case, 2, **items(1)))
        return case

    def assessed(self, case: int, duty: int) -> None:
        """Its debt, assessed."""
        self.play("revenue", "debts.assess", assessment(case, 1, [(b"CUD", duty)]))

    def secured(self, case: int, amount: int) -> None:
        """Its debt, covered by the importer's bank guarantee."""
        guarantee = entity(IMPORTER, "guarantee")
        self.play("revenue", "debts.secure", (case, 2, guarantee, amount, EVIDENCE))


def on(case: int, expected: int, **more: Any) -> dict[str, Any]:
    """Arguments of an act on a case: its revision, what is its own, reason and evidence."""
    return {"caseId": case, "expectedVersion": expected, **more, "reason": REGULAR, "evidence": EVIDENCE}


def items(last: int, first: int = 1) -> dict[str, int]:
    """A range of items."""
    return {"from": first, "to": last}


def entries(count: int) -> dict[str, Any]:
    """A check and a permit use for each item."""
    permit = entity(QUARANTINE, "permit")
    numbers = range(1, count + 1)
    return {
        "agencies": [{"item": n, "agency": QUARANTINE, "checkCode": CHECK} for n in numbers],
        "uses": [{"permit": permit, "item": n, "line": 0, "quantity": QUANTITY, "terms": TERMS} for n in numbers],
    }


def decisions(case: int, count: int) -> dict[str, Any]:
    """RELEASE for the check of each item."""
    decided = [
        {"item": n, "checkCode": CHECK, "decision": AgencyDecision.RELEASE, "validUntil": VALID_UNTIL}
        for n in range(1, count + 1)
    ]
    return on(case, 0, version=1, decisions=decided)


def assessment(case: int, expected: int, charges: Sequence[tuple[bytes, int]]) -> dict[str, Any]:
    """Arguments of `assess` for version 1."""
    listed = [{"code": code, "amount": amount} for code, amount in charges]
    return on(case, expected, declarationVersion=1, charges=listed) | {"reason": 207}


def joint(case: int, kind: JointKind, last: int = 0) -> dict[str, Any]:
    """An act of two persons."""
    first = min(last, 1) if kind is not JointKind.INVALIDATE else 0
    return {
        "caseId": case,
        "kind": kind,
        "control": ControlKind.NONE,
        "from": first,
        "to": last,
        "reason": DeclarationReason.LEGAL_GROUND,
        "evidence": EVIDENCE,
    }


def _regime(regime: int, procedure: bytes, duty: int) -> dict[str, Any]:
    terms = {
        "open": True,
        "procedure": procedure,
        "needsArrival": bool(duty),
        "needsExit": not duty,
        "paysDuty": True,
        "needsSecurity": False,
        "appealPeriod": 30 * 86_400,
        "retention": 0,
        "timeLimit": 0,
    }
    return {"regime": regime, "terms": terms}
