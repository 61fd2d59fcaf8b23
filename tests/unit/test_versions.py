"""What an act cites as the revision in force when its actor leaves it out.

given every act that cites a revision
  it should be read, from a view that its contract has
given acts whose revision is not the declaration's
  it should be that of what they change
"""

from typing import Any

import pytest

from ledger.adapters.evm.contracts import Contracts
from ledger.bootstrap.interfaces import DescribedAct, every_act
from ledger.domain.ids import Address
from ledger.ports.chain import Head
from ledger.services.versions import expected_version
from tests.support.fake_chain import FakeChain

ACTOR = Address("0x" + "aa" * 20)
CONTRACTS = Contracts.packaged()
CITING = [act for act in every_act() if any(param.name == "expectedVersion" for param in act.parameters)]
FOUND = 7


class Told(int):
    """A view's answer, of whatever shape: every field and place of it is the same number."""

    def __getitem__(self, _: object) -> "Told":
        return self


class Views(FakeChain):
    """Answers every view that the contracts have."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def call(self, contract: str | Address, function: str, args: Any = (), *, at: Head) -> Any:
        assert len(CONTRACTS.function(str(contract), function).inputs) == len(args)
        self.asked.append((function, tuple(args)))
        return Told(FOUND)


def read(contract: str, function: str, **args: Any) -> tuple[int, list[tuple[str, tuple[Any, ...]]]]:
    views = Views()
    found = expected_version(views, contract, function, args, ACTOR, at=views.head())
    return found, views.asked


@pytest.mark.parametrize("act", CITING, ids=lambda act: f"{act.contract}.{act.function}")
def test_every_act_finds_its_revision(act: DescribedAct) -> None:
    args: dict[str, Any] = {param.name: 1 for param in act.parameters if param.name != "expectedVersion"}
    if act.function == "countersign":
        args["act"] = {"caseId": 1, "kind": 1}
    found, asked = read(act.contract, act.function, **args)
    assert (found, bool(asked)) == ((1, False) if act.function == "confirmFallback" else (FOUND, True))


@pytest.mark.parametrize(
    ("contract", "function", "args", "asked"),
    [
        ("DeclarationRegistry", "takeOverChecks", {"caseId": 5, "agency": 9}, ("agencyRevision", (5, 9))),
        ("DeclarationRegistry", "decideItems", {"caseId": 5}, ("agencyRevision", (5, FOUND))),
        ("AuthorisationRegistry", "withdrawAeo", {}, ("aeoOf", (FOUND,))),
        ("AuthorisationRegistry", "revokePower", {"broker": 3}, ("powerOf", (FOUND, 3))),
        ("TradeEscrow", "claimRelease", {"escrow": b"e"}, ("escrowOf", (b"e",))),
        ("RuleRegistry", "confirmRule", {"regime": 4000, "group": b"g"}, ("version", ())),
    ],
)
def test_it_is_that_of_what_the_act_changes(
    contract: str, function: str, args: dict[str, Any], asked: tuple[str, tuple[Any, ...]]
) -> None:
    assert read(contract, function, **args)[1][-1] == asked
