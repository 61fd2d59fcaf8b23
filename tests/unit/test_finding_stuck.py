"""What is stuck in an outbox is told in the words in which acts are told before they are signed.

given a command's transaction that calls a contract of the ledger
  when it is listed   → contract, function, meaning, and arguments in their words and units
given an act that was signed elsewhere, in the forwarder's transaction
  when it is listed   → its id and actor, and the same of the act itself
given a step that no wallet signs: an anchor
  when it is listed   → the same
given calldata that no contract of ours knows, another address, or a node that is away
  when it is listed   → its address alone
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.cli.outbox import _told
from ledger.domain.ids import Address, Digest32
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services import effects
from ledger.services.effects import ActEffect
from ledger.services.stuck import Stuck, find_stuck
from tests.support.fake_chain import FakeChain, contract_address

CODEC = Contracts.packaged()
SIGNER, ACTOR = Address("0x" + "11" * 20), Address("0x" + "22" * 20)
REGISTRY, FORWARDER = contract_address("DocumentRegistry"), contract_address("ActForwarder")
RECORD = bytes.fromhex("ab" * 32)
REVOKE = CODEC.encode_call("DocumentRegistry", "revoke", {
    "issuer": 17, "recordId": RECORD, "expectedVersion": 3, "reason": 4, "evidence": bytes(32),
})  # fmt: skip


@pytest.fixture
def chain() -> FakeChain:
    made = FakeChain()
    for contract in ("DocumentRegistry", "ActForwarder"):
        made.answer(contract, "any", lambda *_: None)
    return made


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqlOutbox]:
    database = Database(f"sqlite:///{tmp_path / 'outbox.sqlite'}")
    yield SqlOutbox(database)
    database.close()


def listed(outbox: SqlOutbox, chain: FakeChain, to: Address, calldata: bytes, effect: str | None = None) -> Stuck:
    row = OutboxRow("turn:1", Digest32(bytes(32)), SIGNER, to, calldata, 10**6, OutboxState.ACCEPTED, effect)
    outbox.accept(row)
    with outbox.lease(SIGNER):
        outbox.advance(replace(row, state=OutboxState.CONFLICT, error="used elsewhere"), expected=OutboxState.ACCEPTED)
    (found,) = find_stuck(outbox, chain, CODEC)
    return found


def test_a_commands_act_is_told_in_its_words(outbox: SqlOutbox, chain: FakeChain) -> None:
    found = listed(outbox, chain, REGISTRY, REVOKE)
    assert found.what == f"DocumentRegistry.revoke: {CODEC.notice('DocumentRegistry', 'revoke')}"
    assert _told(found)["act"] == {
        "contract": "DocumentRegistry",
        "function": "revoke",
        "meaning": CODEC.notice("DocumentRegistry", "revoke"),
        "args": {
            "issuer": "17",
            "recordId": "0x" + RECORD.hex(),
            "expectedVersion": 3,
            "reason": "FRAUD",
            "evidence": "0x" + bytes(32).hex(),
        },
    }


def test_an_act_signed_elsewhere_is_told_by_what_it_does(outbox: SqlOutbox, chain: FakeChain) -> None:
    act = {"target": REGISTRY, "actor": ACTOR, "nonce": 7, "deadline": 9, "gas": 10, "data": REVOKE, "signature": b"s"}
    act_id = Digest32(bytes.fromhex("cd" * 32))
    effect = effects.to_json(ActEffect(FORWARDER, act_id, ACTOR, 7))
    found = listed(outbox, chain, FORWARDER, CODEC.encode_call("ActForwarder", "execute", [act]), effect)
    assert found.what.startswith(f"act 0x{act_id.hex()} of {ACTOR}, DocumentRegistry.revoke: ")
    assert found.call is not None
    assert found.call.args["reason"] == "FRAUD"


def test_a_step_that_no_wallet_signs_is_told_as_well(outbox: SqlOutbox, chain: FakeChain) -> None:
    found = listed(outbox, chain, REGISTRY, CODEC.encode_call("DocumentRegistry", "anchor", (5, RECORD, bytes(32))))
    assert found.what.startswith("DocumentRegistry.anchor: ")
    assert found.call is not None
    assert found.call.args["root"] == "0x" + RECORD.hex()


@pytest.mark.parametrize(
    ("to", "calldata"),
    [(SIGNER, REVOKE), (REGISTRY, b""), (REGISTRY, b"\0" * 36), (REGISTRY, REVOKE + b"\0"), (REGISTRY, REVOKE[:-1])],
)
def test_what_is_none_of_ours_is_told_by_its_address(
    outbox: SqlOutbox, chain: FakeChain, to: Address, calldata: bytes
) -> None:
    found = listed(outbox, chain, to, calldata)
    assert (found.what, found.call) == (f"transaction to {to}", None)


def test_without_a_node_it_is_listed_all_the_same(outbox: SqlOutbox, chain: FakeChain) -> None:
    chain.is_off = True
    assert listed(outbox, chain, REGISTRY, REVOKE).what == f"transaction to {REGISTRY}"
