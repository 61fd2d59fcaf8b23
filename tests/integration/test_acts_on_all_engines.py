"""Every act of every contract, played through JSON-RPC on each engine, directly and relayed: one law on all of them.

The Solidity tests run in Hardhat's own EVM. Here the play of the gas table (every act that is measured, in an order in
which each is allowed) runs on real nodes.

given an engine and a ledger on it
├── when each act is tried by a stranger it should be refused, under the same error on every engine
├── when it is done by its actor, directly or relayed
│   ├── it should emit the same events with the same arguments, but for times
│   ├── it should cost the same gas but for its calldata: to the unit on engines of one hard fork, and on Berlin never
│   │   more than on London, which gives less back for a slot that is emptied (EIP-3529)
│   └── the money should be where it is on every engine
└── when it is done once more it should be refused under the same error with the same arguments, or taken on all
"""

import functools
import tempfile
from pathlib import Path

import pytest

from ledger.devnet.engines import Engine
from scripts.gas import table
from tests.support.facades import own_chain
from tests.support.replay import LONDON, Told, replay

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
AGAIN = {"token.approve", "token.transfer", "declarations.citeRecords.one_record"}
"""Acts that may be done again: ERC-20 says so, and a record that is noted already stays noted."""
OF_ANYONE = {"token.approve", "token.permit"}
"""Acts that need no registered key: an allowance of one's own, and one that its owner signed."""
MODES = {"directly": False, "relayed": True}


@functools.cache
def told_by(engine: Engine, relayed: bool) -> tuple[dict[str, Told], bytes]:
    with tempfile.TemporaryDirectory() as folder, own_chain(engine, Path(folder)) as chain:
        return replay(chain, relayed=relayed)


@pytest.mark.parametrize("relayed", MODES.values(), ids=MODES.keys())
@pytest.mark.parametrize("engine", Engine, ids=str)
def test_every_act_is_the_same_on_every_engine(engine: Engine, relayed: bool) -> None:
    (told, balances), (reference, reference_balances) = told_by(engine, relayed), told_by(Engine.ANVIL, relayed)
    assert told.keys() == set(table.kept()) - set(table.DIFFERENCES)
    assert balances == reference_balances
    for name, found in told.items():
        expected = reference[name]
        assert found.to_a_stranger == expected.to_a_stranger, name
        assert (found.events, found.refusal) == (expected.events, expected.refusal), name
        if engine in LONDON or found.gas is None or expected.gas is None:
            assert found.gas == expected.gas, name
        else:
            assert found.gas <= expected.gas, name
    done = [found for found in told.values() if found.gas is not None]
    assert all(found.events for found in done)
    assert {name for name, found in told.items() if found.to_a_stranger == "taken"} == OF_ANYONE
    again = {name for name, found in told.items() if found.gas is not None and found.refusal is None}
    assert again == AGAIN
    print(f"{engine}: {len(told)} acts, {len(done)} of them done, {len(done) - len(again)} refused the second time")


@pytest.mark.parametrize("relayed", MODES.values(), ids=MODES.keys())
def test_gas_is_equal_on_engines_of_one_hard_fork(relayed: bool) -> None:
    geth, ganache = told_by(Engine.GETH, relayed)[0], told_by(Engine.GANACHE, relayed)[0]
    assert {name: found.gas for name, found in geth.items()} == {name: found.gas for name, found in ganache.items()}
