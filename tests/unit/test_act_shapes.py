"""Arguments of acts, in and out.

given any act of any contract, and arguments that its shape gives as an example
  when the act is prepared → what it tells should fit the act's own shape, and give the same call back
  it should tell amounts, participants and cases as decimal text, instants as RFC 3339, durations in seconds
"""

from typing import Any

import pytest

from api.act_shapes import shape_of
from ledger.adapters.evm.contracts import Contracts
from ledger.bootstrap.interfaces import DescribedAct, act_inputs, every_act
from ledger.domain.plain import plain
from ledger.ports.contracts import ActParam
from ledger.services.act_values import shown
from ledger.services.completing import FILLED, checked
from ledger.services.objections import VERSION

CONTRACTS = Contracts.packaged()
ACTS = {f"{act.contract}.{act.function}": act for act in every_act()}
HASH = "0x" + "1a" * 32


def in_words(act: DescribedAct, data: bytes) -> dict[str, Any]:
    """Arguments of a call as a prepared act tells them."""
    _, args = CONTRACTS.decode_call(act.contract, data)
    told: dict[str, Any] = plain({each.name: shown(each, args[each.name]) for each in act.parameters})
    return told


def arguments(act: DescribedAct, given: dict[str, Any]) -> dict[str, Any]:
    """Arguments as a request gives them, as contracts take them."""
    return checked(CONTRACTS, act.contract, act.function, {n: value for n, value in given.items() if value is not None})


@pytest.mark.parametrize("name", ACTS)
def test_what_is_told_of_an_act_can_be_given_back(name: str) -> None:
    act = ACTS[name]
    shape = shape_of(f"{act.contract}{act.function}", act.parameters)
    example: Any = shape.model_json_schema()["examples"][0]
    left_out = [each.name for each in act.parameters if each.name in FILLED]
    filled = {name: 1 if name == VERSION else HASH for name in left_out}
    given = arguments(act, {**shape.model_validate(example).model_dump(mode="json"), **filled})
    data = CONTRACTS.encode_call(act.contract, act.function, given)
    told = in_words(act, data)
    again = arguments(act, shape.model_validate(told).model_dump(mode="json"))
    assert CONTRACTS.encode_call(act.contract, act.function, again) == data


def test_times_amounts_and_durations_are_told_apart() -> None:
    assert shown(ActParam("appealPeriod", "uint40", "", (), False, "", ""), 2_592_000) == "2592000"
    assert {each.name: shown(each, 1_795_708_074) for each in act_inputs("DebtLedger", "defer")}["dueAt"] == (
        "2026-11-26T15:47:54Z"
    )
    amounts = {each.name: each for each in act_inputs("SettlementToken", "mint")}
    assert shown(amounts["amount"], 205_400) == "205400"
