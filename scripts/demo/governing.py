"""Part 1: governance, two signers of three, admits the participants, registers their keys and sets the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ledger.adapters.evm.governing import Governing, decision_id
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Digest32, ParticipantId
from ledger.domain.trade.codes import IMPORT_LICENCE
from ledger.ports.contracts import Args
from ledger.ports.signer import Signer
from scripts.demo.cast import MEMBERS, QUARANTINE, Keys, Member, all_seats
from scripts.demo.stage import Stage, request_id
from scripts.demo.telling import Step

ALWAYS: Final = 4_102_444_800
"""End of validities in this play: 2100-01-01 [unix s]."""
IMPORT_REGIME: Final = 4000
"""Requested procedure 40 (free circulation), previous 00."""
COMMODITY_GROUPS: Final = ("080810", "070960")
"""HS subheadings of the declared goods: apples, and fruits of Capsicum."""
CHECKS: Final = (218, 219)
"""Defra's check codes of those goods as the rule book numbers them: H218 marketing standards, H219 plant health."""
TOLD: Final = (
    ("DecisionProposed", "proposes"),
    ("DecisionApproved", "approves"),
    ("DecisionExecuted", "executes"),
)
DAY_S: Final = 86_400


class Government:
    """Three signers, of whom two decide."""

    def __init__(self, stage: Stage, governing: Governing, signers: Sequence[Signer]) -> None:
        self._stage, self._governing, self._signers = stage, governing, signers

    def decide(self, name: str, calls: Sequence[tuple[str, str, Args]], what: str) -> None:
        """Propose, approve and execute a decision, from wherever an earlier run left it, and tell the three acts."""
        reader = self._stage.reader
        governed = [
            self._governing.call(contract, reader.address_of(contract), function, args)
            for contract, function, args in calls
        ]
        request = Digest32(request_id(name))
        before = self._governing.decide(self._signers, request, governed) is None
        head, where = reader.head(), {"decision": decision_id(request, governed)}
        for event_name, verb in TOLD:
            event = reader.find_events("Governance", event_name, where, 0, head.number)[-1]
            signer = next(at for at, own in enumerate(self._signers, 1) if own.address == event.args["signer"])
            step = Step(1, f"governor-{signer}", f"{verb}: {what}", event.tx_hash, event.block.number, event.block.time)
            self._stage.telling.tell(replace(step, before=before))


def admit(government: Government, stage: Stage) -> Mapping[str, ParticipantId]:
    """Admit every member; returns their numbers by name."""
    calls = [
        (
            "ParticipantRegistry",
            "admit",
            {"requestId": _admission(member), "roles": int(member.mask), "supervisor": 0, "profile": member.profile()},
        )
        for member in MEMBERS
    ]
    titles = ", ".join(member.name for member in MEMBERS)
    government.decide("admit", calls, f"admit {titles}")
    return {
        member.name: ParticipantId(stage.view("ParticipantRegistry", "admittedAs", _admission(member)))
        for member in MEMBERS
    }


def equip(
    government: Government, keys: Keys, numbers: Mapping[str, ParticipantId], sealing: Mapping[str, bytes]
) -> None:
    """Register every key, encryption key and accreditation.

    Args:
        sealing: X25519 public key of each member, 32 bytes.
    """
    calls: list[tuple[str, str, Args]] = [
        (
            "ParticipantRegistry",
            "setKey",
            {
                "participant": numbers[member.name],
                "key": keys.signer(seat.name).address,
                "expectedVersion": 0,
                "roles": int(seat.roles),
                "office": seat.office,
                "validFrom": 0,
                "validUntil": ALWAYS,
            },
        )
        for member, seat in all_seats()
    ]
    for member in MEMBERS:
        number = numbers[member.name]
        calls.append(("ParticipantRegistry", "setEncryptionKey", (number, 0, sealing[member.name])))
        for kind in member.accredited:
            granted = {"participant": number, "docType": kind, "expectedVersion": 0, "from": 0, "until": ALWAYS}
            calls.append(("ParticipantRegistry", "accredit", granted))
    government.decide("equip", calls, f"register {len(calls)} keys and accreditations")


def rule(government: Government, numbers: Mapping[str, ParticipantId], base: int, tariff: bytes, treasury: str) -> None:
    """Set the rules of the import regime.

    Args:
        base: Version of the rule book before.
        tariff: SHA-256 of the rates in force.
        treasury: Account that receives the revenue.
    """
    regime = {
        "open": True,
        "procedure": b"A",
        "needsArrival": True,
        "needsExit": False,
        "paysDuty": True,
        "needsSecurity": False,
        "appealPeriod": 30 * DAY_S,
        "retention": 5 * 365 * DAY_S,
        "timeLimit": 0,
    }
    asked = {
        "needsPayment": True,
        "needsSecurity": False,
        "checks": [{"agency": numbers[QUARANTINE.name], "checkCode": code} for code in CHECKS],
        "permitTypes": [IMPORT_LICENCE],
    }
    entries = [
        {"regime": IMPORT_REGIME, "group": group.encode().ljust(32, b"\0"), "rule": asked} for group in COMMODITY_GROUPS
    ]
    government.decide(
        "rules",
        [
            (
                "RuleRegistry",
                "setRegimes",
                {"expectedVersion": base, "entries": [{"regime": IMPORT_REGIME, "terms": regime}]},
            ),
            (
                "RuleRegistry",
                "setRules",
                {"expectedVersion": base + 1, "entries": entries, "reason": 0, "evidence": bytes(32)},
            ),
            (
                "RuleRegistry",
                "setCodeList",
                {"name": b"tariff".ljust(32, b"\0"), "expectedVersion": base + 2, "digest": tariff},
            ),
            ("DebtLedger", "setRevenueAccount", {"code": b"CUD", "account": treasury}),
            ("DebtLedger", "setRevenueAccount", {"code": b"VAT", "account": treasury}),
        ],
        "set the import regime 40 00, its agencies, permits and rates, and where revenue goes",
    )


def _admission(member: Member) -> bytes:
    return request_id(f"admit/{member.name}")


def rule_version(stage: Stage) -> int:
    """Version of the rule book in force."""
    version = int(stage.view("RuleRegistry", "version"))
    if not version:
        raise Unavailable("the rule book is empty")
    return version
