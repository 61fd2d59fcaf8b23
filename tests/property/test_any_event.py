"""The read model takes every event that a contract can emit, whatever its arguments: nobody's act stops the index.

A contract refuses what breaks its own law; a number or a text that means nothing to it, it passes on.

given a trade
  when any event of any contract follows, each argument the largest, the smallest or the oddest that its type holds
    → it should be applied, and told as it was, over HTTP too
    → the entities that its arguments name should be found under it, each by an id of its kind
    → no participant should see anything by a number that no participant can have
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from api.schemas.ledger import ActEntry
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.states import SqlStateStore, sights
from ledger.domain.events import entities_of
from ledger.services.history import History
from tests.support import trade_events
from tests.support.fake_chain import FakeChain
from tests.support.postgres import postgres_url
from tests.support.trade_events import Told

OF_THE_TRADE: dict[str, Any] = {
    "caseId": trade_events.CASES[0],
    "permit": trade_events.PERMITS[0],
    "root": trade_events.PERMITS[0],
    "application": trade_events.APPLICATION,
    "guarantee": trade_events.GUARANTEE,
    "refund": trade_events.REFUND,
    "payment": trade_events.PAYMENT,
}
"""What a contract accepts no event of another of."""
NUMBER, HASH, ADDRESS = "[1-9][0-9]*", "0x[0-9a-f]{64}", "0x[0-9a-fA-F]{40}"
SHAPES = {
    **{kind: re.compile(f"{kind}:{NUMBER}") for kind in ("declaration", "debt", "participant")},
    **{
        kind: re.compile(f"{kind}:{HASH}")
        for kind in ("permit", "application", "document", "guarantee", "refund", "escrow", "act")
    },
    "key": re.compile(f"key:{ADDRESS}"),
    "anchors": re.compile(f"anchors:[0-9]+@{ADDRESS}"),
}
"""What an id of each kind looks like."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("index")
    opened = Database(f"sqlite:///{folder / 'index.sqlite'}" if request.param == "sqlite" else postgres_url(folder))
    yield opened
    opened.close()


def filled(param: Mapping[str, Any], extreme: str) -> Any:
    """The value at one end of what a parameter of an ABI holds."""
    base, _, rest = str(param["type"]).partition("[")
    if rest:
        return [filled({**param, "type": base}, extreme)]
    if base == "tuple":
        return {member["name"]: filled(member, extreme) for member in param["components"]}
    if param.get("internalType", "").startswith("enum "):
        return 0 if extreme == "smallest" else 1  # the compiler lets no other number than a member's through
    return _atom(base, extreme)


def _atom(base: str, extreme: str) -> Any:
    low = extreme == "smallest"
    if base == "bool":
        return not low
    if base == "address":
        return "0x" + ("00" if low else "FF") * 20
    if base == "string":
        return {"smallest": "", "largest": "\U0010ffff" * 500, "oddest": "a\0b'\""}[extreme]
    if base.startswith("bytes"):
        size = int(base[5:] or 500)
        return {"smallest": bytes(size), "largest": b"\xff" * size, "oddest": (b"a\0b" * size)[:size]}[extreme]
    bits, signed = int(base.removeprefix("u")[3:]), not base.startswith("u")
    return (-(1 << bits - 1) if low else (1 << bits - 1) - 1) if signed else 0 if low else (1 << bits) - 1


def every_event(extreme: str) -> Iterator[Told]:
    contracts = Contracts.packaged()
    for name in contracts.names():
        for event in contracts.artifact(name).abi:
            if event["type"] == "event":
                values = {each["name"]: filled(each, extreme) for each in event["inputs"]}
                yield name, event["name"], {each: OF_THE_TRADE.get(each, values[each]) for each in values}


@pytest.mark.parametrize("extreme", ["largest", "smallest", "oddest"])
def test_every_event_is_taken(database: Database, extreme: str) -> None:
    store, chain = SqlIndexStore(database), FakeChain()
    history = History(store, SqlStateStore(database))
    chain.mine(*trade_events.births())
    store.apply(chain.blocks_, chain.events(0, 1))
    for event in every_event(extreme):
        block = chain.mine(event)
        told = chain.events(block.number, block.number)
        store.apply([block], told)
        assert store.events(first_block=block.number) == told
        assert [ActEntry.of(act, {}).event for act in history.acts(told)] == [event[1]]
        for entity in entities_of(told[0]):
            assert SHAPES[entity.partition(":")[0]].fullmatch(entity), (event[1], entity)
            assert store.events(entities=[entity], first_block=block.number) == told
    with database.reading() as connection:
        seen = set(connection.execute(sights.select()).scalars())
    assert seen
    assert all(0 < participant < 1 << 63 for participant in seen)
