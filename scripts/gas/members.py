"""Keys of a participant, by its registrar; a rule loosened by a second officer."""

from typing import Final

from scripts.gas.meter import Slots, key, request
from scripts.gas.papers import BEFORE, BEFORE_FIRST
from scripts.gas.stage import CUSTOMS, ERROR, EVIDENCE, FOREVER, IMPORT, KEY, OFFICE, OFFICER, Stage

KEY_CHANGED, LAW = 7, 11
"""`Reasons`: the officer left, the law changed."""
STANDING: Final = "standing of the participant"
GROUP: Final = b"0602".ljust(32, b"\0")
"""A commodity group."""


def keys(stage: Stage) -> None:
    """Given, exchanged, ended, declared lost."""
    first, second = key("new officer").address, key("newer officer").address
    given = Slots(read=(KEY, STANDING), new=("key",))
    stage.act("registrar", "participants.setKey.first", (CUSTOMS, first, 0, OFFICER, OFFICE, 0, FOREVER), given)
    changed = Slots((KEY, STANDING), ("key",), BEFORE_FIRST)
    stage.act("registrar", "participants.setKey", (CUSTOMS, first, 1, OFFICER, OFFICE + 1, 0, FOREVER), changed)
    again = Slots((KEY, STANDING), ("key", "length of the history"), BEFORE)
    stage.act("registrar", "participants.retireKey", (first, 2, KEY_CHANGED), again)
    stage.play("registrar", "participants.setKey", (CUSTOMS, second, 0, OFFICER, OFFICE, 0, FOREVER))
    lost = (second, 1, stage.meter.now(), EVIDENCE)
    stage.act("registrar", "participants.declareCompromised", lost, changed)
    sealing = Slots((KEY, STANDING), new=("encryption key", "length of the history", "end of the key before"))
    stage.act("registrar", "participants.setEncryptionKey", (CUSTOMS, 0, request("encryption key")), sealing)


def rules(stage: Stage) -> None:
    """Governance removes a rule; it stays until an officer agrees."""
    rule = {"needsPayment": True, "needsSecurity": False, "checks": [], "permitTypes": []}
    entry = {"regime": IMPORT, "group": GROUP, "rule": rule}
    stage.meter.govern("rule", [("RuleRegistry", "setRules", (1, [entry], ERROR, EVIDENCE))])
    stage.meter.govern("loosen", [("RuleRegistry", "removeRule", (IMPORT, GROUP, 2, LAW, EVIDENCE))])
    confirmed = Slots(
        read=(KEY,),
        changed=("version", "length of the versions", "rule", "length of the rule's history"),
        new=("version before", "end of the version before", "rule before", "end of the rule before"),
        emptied=("proposal",),
    )
    stage.act("appeals", "rules.confirmRule", (IMPORT, GROUP, 2, bytes(32)), confirmed)
