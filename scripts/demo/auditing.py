"""Part 5: the auditor reads the declaration's whole history in order and compares it with what was played."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.domain.errors import TamgaError, Unavailable
from scripts.demo.cast import AUDITOR
from scripts.demo.clearing import Case
from scripts.demo.stage import Stage
from scripts.demo.telling import Step

PART: Final = 5
POLL_S: Final = 0.1
INDEX_TIMEOUT_S: Final = 60.0
MUST_TELL: Final = (
    "PermitIssued", "Lodged", "Accepted", "Routed", "Controlled", "ItemsDecided", "Assessed", "Paid", "Arrived",
    "PermitChanged", "PermitUsed", "ItemsSettled", "Settled", "Cleared",
)  # fmt: skip
"""Events without which the history is not whole."""


class NotWhole(TamgaError):
    """The history leaves something out, or is out of order: the product is at fault."""

    code = "history_not_whole"


def audit(stage: Stage, case: Case, titles: Mapping[int, str]) -> None:
    """Read every page, check order and completeness, tell each act.

    Args:
        stage: Where.
        case: The declaration.
        titles: Display names by participant, for a facade that does not know them.
    """
    acts = _history(stage, case)
    places = [(act["block_number"], act["log_index"]) for act in acts]
    if places != sorted(set(places)):
        raise NotWhole("acts are out of order, or told twice")
    told = {act["event"] for act in acts}
    missing = [name for name in MUST_TELL if name not in told]
    if missing:
        raise NotWhole(f"the history leaves out {', '.join(missing)}")
    played = {f"0x{step.tx.hex()}": step for step in stage.telling.steps if step.part == 3 and step.tx is not None}
    shown = {act["tx_hash"] for act in acts}
    for tx, step in played.items():
        if tx not in shown and not _stands_apart(step):
            raise NotWhole(f"the history does not tell what {step.who} did in {tx}: {step.what}")
    for act in acts:
        party = act["participant"] or {}
        who = party.get("name") or titles.get(party.get("id", 0), "nobody registered")
        evidence = "" if act["evidence"] is None else f" evidence {act['evidence'][:18]}…"
        line = f"{act['time']} {act['contract']}.{act['event']} by {who} tx {act['tx_hash'][:18]}…{evidence}"
        stage.telling.note(line)
    stage.telling.history.extend(acts)
    stage.telling.tell(
        Step(PART, "auditor", f"read {len(acts)} acts in order; what was played on this declaration is all there")
    )


def _stands_apart(step: Step) -> bool:
    """Acts of part 3 that no act on the declaration names: licence, power, money, and items that its header names."""
    apart = ("licenses the broker", "power of attorney", "mints", "goods items")
    return any(words in step.what for words in apart)


def _history(stage: Stage, case: Case) -> Sequence[Mapping[str, Any]]:
    """The whole history, once the index has caught up with the newest block."""
    head = stage.reader.head().number
    deadline = time.monotonic() + INDEX_TIMEOUT_S
    while (ready := stage.facade.ready())["indexed"] < head:
        if time.monotonic() > deadline:
            raise Unavailable(f"the facade's index is at block {ready['indexed']}, the chain at {head}")
        time.sleep(POLL_S)
    return list(stage.seated(AUDITOR.seats[0].name).history(f"declarations/{case.case_id}"))
