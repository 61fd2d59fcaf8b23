"""Plays the acts on an Anvil of its own and writes, or compares, `tests/contracts/gas.json`."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.rpc import EvmRpc
from ledger.devnet.engines import Engine, running_chain
from ledger.devnet.places import ROOT
from scripts.gas import arrears, cases, claims, members, money, papers, trade
from scripts.gas.meter import Meter
from scripts.gas.stage import Stage

FILE: Final = ROOT / "tests" / "contracts" / "gas.json"
DIFFERENCES: Final = ("declarations.release.each_further_item",)
"""Entries that are no act but what one act costs above another."""


def measure() -> dict[str, dict[str, Any]]:
    """The whole table, by act; the same figures on every run of the same contracts."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_chain(Engine.ANVIL, Path(folder)) as chain,
        EvmRpc(chain.rpc_url, chain_id=chain.chain_id) as rpc,
    ):
        meter = Meter(chain, rpc, Contracts.packaged())
        play(Stage(meter))
    if chain.process.child is not None:
        chain.process.child.wait()
    return {name: asdict(meter.costs[name]) for name in sorted(meter.costs)}


def play(stage: Stage) -> None:
    """Every act of the table, in an order in which each is allowed."""
    papers.authorisations(stage)
    papers.documents(stage)
    papers.permits(stage)
    money.token(stage)
    cases.lodging(stage)
    case = cases.clearing(stage)
    money.debts(stage, case)
    cases.release(stage, case)
    money.settlement(stage, case)
    cases.requests(stage)
    cases.refusals(stage)
    cases.exports(stage)
    money.guarantees(stage)
    money.prepaid(stage)
    money.refunds(stage)
    cases.conditions(stage)
    money.further_guarantees(stage)
    money.token_permit(stage)
    arrears.deposit(stage)
    arrears.appealed(stage)
    trade.escrows(stage)
    arrears.late(stage)
    claims.benefits(stage)
    claims.records(stage)
    claims.services(stage)
    claims.succession(stage)
    papers.changes_of_permits(stage)
    papers.replacement(stage)
    members.keys(stage)
    members.rules(stage)
    papers.lives_of_authorisations(stage)


def kept() -> dict[str, dict[str, Any]]:
    """The table as checked in."""
    table: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return table


def write(table: Mapping[str, Mapping[str, Any]]) -> None:
    """Check the table in."""
    FILE.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def differences(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What differs, one line an act."""
    return [
        f"{name}: {_short(old.get(name))} is now {_short(new.get(name))}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def _short(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "not in the table"
    return ", ".join(f"{field} {entry[field]:,}" for field in ("gas", "relayed", "floor", "goal"))
