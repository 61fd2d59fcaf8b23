"""What is asked and done beside a declaration's main course: benefits, records, service keys, an agency's heir."""

from typing import Any, Final

from eth_utils.crypto import keccak

from ledger.domain.declaration import ControlKind
from ledger.domain.reason_codes import RegistryReason
from scripts.gas.cases import CITED, OWN, REFUSAL, RELEASE
from scripts.gas.meter import Slots, request
from scripts.gas.stage import EVIDENCE, FOREVER, HEIR, KEY, PARTIES, QUARANTINE, SELLER, Stage, entries, items, on

SIMPLIFIED: Final = 1 << 3
"""AEO category."""
CLEARED: Final = 10
"""`Reasons`: the doubt is gone."""
IMPORTERS: Final = 1
"""Operator types, one bit each."""


def benefits(stage: Stage) -> None:
    """The simplified procedure and a foreign partner's benefits, claimed; the full data."""
    stage.play("seller", "authorisations.applyForAeo", (request("seller's AEO"), EVIDENCE))
    stage.play("AEO unit", "authorisations.reviewAeo", (SELLER, 1, EVIDENCE))
    stage.play("AEO unit", "authorisations.grantAeo", (SELLER, 2, SIMPLIFIED, IMPORTERS, 0, FOREVER, EVIDENCE))
    partner = request("partner")
    known = (request("partner's AEO"), b"KZ", partner, 2, IMPORTERS, 0, FOREVER, EVIDENCE)
    stage.play("AEO unit", "authorisations.recognizeForeignAeo", known)
    lodgement = stage.lodgement("simplified", 1)
    lodgement["lodgement"]["importer"] = SELLER
    stage.play("seller", "declarations.lodge", lodgement)
    case = stage.next_case()
    simplified = Slots(read=(KEY, PARTIES, "AEO of the importer"), changed=("case",))
    stage.act("seller", "declarations.declareSimplified", on(case, 1), simplified)
    foreign = Slots(read=(KEY, PARTIES, "foreign AEO"), changed=("case",), new=("AEO claimed",))
    claim = on(case, 2, foreignAeo=keccak(b"KZ".ljust(32, b"\0") + partner))
    stage.act("seller", "declarations.claimForeignAeo", claim, foreign)
    stage.play("officer", "declarations.accept", on(case, 3, ruleVersion=1, **entries(1)))
    full = Slots(read=(KEY, PARTIES), changed=("case",), new=(CITED,))
    stage.act("seller", "declarations.supplement", on(case, 4, dataRecord=request("full data")), full)


def records(stage: Stage) -> None:
    """A record that a declaration rests on; the erasure of one that none rests on."""
    case = stage.accepted("records")
    cited = {"caseId": case, "issuer": QUARANTINE, "records": [request("record cited")]}
    stage.act(
        "officer", "declarations.citeRecords.one_record", cited,
        Slots(read=(KEY, PARTIES, "case"), new=(CITED,)),
    )  # fmt: skip
    erased = (request("record erased"), RegistryReason.ORDER, EVIDENCE)
    stage.act(
        "agency", "documents.orderErasure", erased,
        Slots(read=(KEY, "number of registries", "registry", "declarations that rest on the record"), new=("order",)),
    )  # fmt: skip


def services(stage: Stage) -> None:
    """What service keys do: reject what the rules refuse, release what nothing stands against."""
    case = stage.lodged("refused by rules")
    stage.act("rule engine", "declarations.reject.service", on(case, 1), Slots(OWN, ("case",), REFUSAL))
    ready = stage.ready("automatic")
    stage.act("release engine", "declarations.release.service", on(ready, 2, **items(1)), RELEASE)


def succession(stage: Stage) -> None:
    """Checks that wait for the quarantine service go to its heir."""
    case = stage.accepted("inherited")
    stage.play("risk", "declarations.route", on(case, 0, control=ControlKind.NONE))
    suspended = ("ParticipantRegistry", "suspend", (QUARANTINE, 1, RegistryReason.ORDER, EVIDENCE))
    stage.meter.govern("heir", [suspended, ("ParticipantRegistry", "setSuccessor", (QUARANTINE, 0, HEIR))])
    taken: dict[str, Any] = on(case, 0, agency=QUARANTINE, **items(1))
    slots = Slots(
        read=(KEY, PARTIES, "case", "item", "standing of the agency", "its successor"),
        changed=("check",),
        new=("revision of the agency", "revision of the heir"),
    )
    stage.act("heir", "declarations.takeOverChecks.one_item", taken, slots)
    stage.meter.govern("own again", [("ParticipantRegistry", "reinstate", (QUARANTINE, 2, CLEARED, EVIDENCE))])
