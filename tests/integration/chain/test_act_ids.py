"""The forwarder computes the same id as we do, for every act of every contract."""

import hypothesis
import pytest

from ledger.ports.contracts import ActHeader
from tests.support.abi_values import args_of
from tests.support.ledgers import TestLedger, key

pytestmark = pytest.mark.integration


def test_forwarder_agrees_on_every_act(ledger: TestLedger) -> None:
    actor, head, calls, ours = key("actor").address, ledger.reader.head(), [], []
    for name in ledger.contracts.names():
        for act in ledger.contracts.acts(name):
            args = some_args(ledger, name, act.function)
            target = ledger.reader.address_of(name)
            header = ActHeader(ledger.chain.chain_id, target, actor, 2**200 + len(calls), 2**39, 5_000_000)
            message = ledger.contracts.typed_data(name, act.function, args, header)
            ours.append((name, act.function, ledger.contracts.act_id(message)))
            data = ledger.contracts.encode_call(name, act.function, args)
            signed = (target, actor, header.nonce, header.deadline, header.gas, data, b"")
            calls.append(("ActForwarder", "actId", (signed,)))
    theirs = ledger.reader.call_many(calls, at=head)
    assert len(ours) > 20
    assert [(*act, answer) for act, answer in zip(ours, theirs, strict=True)] == [(*act, act[2]) for act in ours]


def some_args(ledger: TestLedger, contract: str, function: str) -> dict[str, object]:
    """A drawn example that is neither the smallest nor random from run to run."""
    strategy = args_of(ledger.contracts.function(contract, function).inputs)
    found: list[dict[str, object]] = []

    @hypothesis.settings(max_examples=8, database=None, derandomize=True, deadline=None)
    @hypothesis.given(strategy)
    def draw(args: dict[str, object]) -> None:
        found.append(args)

    draw()
    return max(found, key=lambda args: len(repr(args)))
