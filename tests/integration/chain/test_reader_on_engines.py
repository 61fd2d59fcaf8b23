"""Pinned reads, on each engine.

given a ledger with some history
├── when a view is asked at an older block it should answer as of then
├── when an event loop asks at the newest block it should be told what threads are, by an engine that reads by hash
├── when the block asked for is not on the node's chain it should be Unavailable, never an answer
├── when one of many calls is refused its place should hold the refusal
├── when events are asked for they should come in order, decoded, with their contract's name
├── when a new version of a contract is announced it should be seen from then on, the old one still known
└── when a transaction, a height or a contract is unknown it should say so
"""

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from ledger.adapters.evm.direct import Direct
from ledger.adapters.evm.loop_reader import EvmLoopReader
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import unhex
from ledger.adapters.evm.transactions import creation_address
from ledger.adapters.keystore import LocalSigner
from ledger.devnet.engines import Chain, Engine, running_chain
from ledger.domain.errors import ActRefused, NotFound, Unavailable
from ledger.domain.ids import Address, BlockHash, TxHash
from ledger.ports.chain import Head
from tests.support.ledgers import ISSUER, TestLedger, install, key

pytestmark = pytest.mark.integration
NOBODY = Address("0x" + "11" * 20)


@pytest.fixture(scope="module")
def history(ledger: TestLedger) -> tuple[int, list[tuple[Head, bytes]]]:
    """Three grants, each with the head after it."""
    signer: LocalSigner = key("historian")
    number = ledger.admit("historian", (signer, ISSUER))
    direct, registry, heads = Direct(ledger.rpc, ledger.contracts), ledger.reader.address_of("DocumentRegistry"), []
    for _ in range(3):
        grant = secrets.token_bytes(32)
        data = ledger.contracts.encode_call("DocumentRegistry", "grantAccess", (grant,))
        direct.transact(signer, registry, data, gas=200_000)
        heads.append((ledger.reader.head(), grant))
    return number, heads


def test_views_answer_as_of_their_block(ledger: TestLedger, history: tuple[int, list[tuple[Head, bytes]]]) -> None:
    number, heads = history
    for at, (head, _) in enumerate(heads):
        calls = [("DocumentRegistry", "isGranted", (number, grant)) for _, grant in heads]
        assert ledger.reader.call_many(calls, at=head) == [place <= at for place in range(3)]


def test_an_event_loop_is_told_what_threads_are(
    ledger: TestLedger, history: tuple[int, list[tuple[Head, bytes]]], chain: Chain
) -> None:
    number, heads = history
    head, (older, _) = ledger.reader.head(), heads[0]
    calls = [
        *(("DocumentRegistry", "isGranted", (number, grant)) for _, grant in heads),
        ("ParticipantRegistry", "authorise", (NOBODY, 1)),
    ]

    async def ask(*blocks: Head) -> list[list[Any] | None]:
        loop = EvmLoopReader(ledger.reader, ledger.rpc)
        try:
            assert not await loop.hangs()
            return [await loop.call_many_if_final(calls, at=block) for block in blocks]
        finally:
            await loop.close()

    by_threads = ledger.reader.call_many_if_final(calls, at=head)  # the contracts are known then
    newest, again, before = asyncio.run(ask(head, head, older))
    assert before is None, "it is not the newest block"
    if chain.engine is Engine.GANACHE:  # it reads by number alone
        assert newest is None
        return
    assert by_threads is not None
    for told in (newest, again):
        assert told is not None
        assert told[:3] == by_threads[:3] == [True] * 3
        assert (told[3].error, by_threads[3].error) == ("NotAuthorised", "NotAuthorised")


def test_block_of_another_chain_gives_no_answer(
    ledger: TestLedger, history: tuple[int, list[tuple[Head, bytes]]]
) -> None:
    number, heads = history
    head, grant = heads[-1]
    elsewhere = replace(head, hash=BlockHash(secrets.token_bytes(32)))
    future = replace(elsewhere, number=head.number + 1_000)
    for wrong in (elsewhere, future):
        with pytest.raises(Unavailable):
            ledger.reader.call("DocumentRegistry", "isGranted", (number, grant), at=wrong)
        with pytest.raises(Unavailable):
            ledger.reader.code_hash(ledger.network.directory, at=wrong)
        with pytest.raises(Unavailable):
            ledger.writer.nonce_at(key("historian").address, at=wrong)


def test_a_refusal_takes_its_own_place_only(ledger: TestLedger) -> None:
    head = ledger.reader.head()
    asked = ("ParticipantRegistry", "authorise", (NOBODY, 1))
    first, refused, last = ledger.reader.call_many(
        [("Directory", "ledgerId", ()), asked, ("Directory", "versionCount", (b"Directory".ljust(32, b"\0"),))], at=head
    )
    assert (first, last) == (ledger.network.ledger_id, 1)
    assert isinstance(refused, ActRefused)
    assert (refused.error, refused.arguments["key"]) == ("NotAuthorised", NOBODY)
    with pytest.raises(ActRefused, match="NotAuthorised"):
        ledger.reader.call(*asked, at=head)


def test_events_come_decoded_and_in_order(ledger: TestLedger, history: tuple[int, list[tuple[Head, bytes]]]) -> None:
    number, heads = history
    newest = ledger.reader.head().number
    found = ledger.reader.find_events("DocumentRegistry", "AccessGranted", {"issuer": number}, 0, newest)
    registry = ledger.reader.address_of("DocumentRegistry")
    heights = [event.block.number for event in found] * 2 + [0]
    assert ledger.reader.events_in(heights, "DocumentRegistry", "AccessGranted", [registry]) == found
    assert ledger.reader.events_in(heights, "DocumentRegistry", "Anchored", [registry]) == []
    assert [event.args for event in found] == [{"issuer": number, "grant": grant} for _, grant in heads]
    assert [event.block for event in found] == [head for head, _ in heads]
    assert {event.contract_name for event in found} == {"DocumentRegistry"}
    every = ledger.reader.events(0, newest)
    assert [(e.block.number, e.log_index) for e in every] == sorted((e.block.number, e.log_index) for e in every)
    assert [e for e in every if e.name == "AccessGranted" and e.args["issuer"] == number] == found
    registry = ledger.reader.address_of("DocumentRegistry")
    assert {e.contract for e in ledger.reader.events(0, newest, contracts=[registry])} == {registry}
    receipt = ledger.reader.receipt(found[0].tx_hash)
    assert receipt is not None
    assert (receipt.events, receipt.sender, receipt.succeeded) == ((found[0],), key("historian").address, True)


def test_code_hash_is_of_the_deployed_code(ledger: TestLedger) -> None:
    code = unhex(ledger.rpc.request("eth_getCode", ledger.network.directory, "latest"))
    assert ledger.reader.code_hash(ledger.network.directory, at=ledger.reader.head()) == keccak(code)


def test_unknown_things(ledger: TestLedger) -> None:
    head = ledger.reader.head()
    assert ledger.reader.receipts([TxHash(b"\1" * 32)]) == [None]
    assert ledger.reader.block(head.number + 1_000) is None
    assert not ledger.reader.is_listed(NOBODY, "DocumentRegistry", at=head)
    with pytest.raises(NotFound):
        ledger.reader.address_of("Nothing")
    with pytest.raises(NotFound):
        ledger.reader.call(NOBODY, "ledgerId", at=head)


def test_new_version_is_seen_and_the_old_stays(tmp_path: Path) -> None:
    with running_chain(Engine.ANVIL, tmp_path) as chain:
        ledger = install(chain)
        reader = ledger.reader
        before, old = reader.head(), reader.address_of("DocumentRegistry")
        assert reader.contracts_at(before)[old] == "DocumentRegistry"
        maker, direct = key("maker"), Direct(ledger.rpc, ledger.contracts)
        direct.spend_nonce_zero(maker)
        needs: list[Any] = [reader.address_of(name) for name in ("ActForwarder", "ParticipantRegistry", "Directory")]
        direct.create(maker, ledger.contracts.creation_code("DocumentRegistry", needs, {}), nonce=1, gas=5_000_000)
        new = creation_address(maker.address, 1)
        ledger.rpc.request("evm_increaseTime", 5)
        ledger.govern("second", ("Directory", "announce", (b"DocumentRegistry".ljust(32, b"\0"), new)))
        now = reader.head()
        assert reader.address_of("DocumentRegistry") == new
        known = reader.contracts_at(now)
        assert (known[old], known[new]) == ("DocumentRegistry", "DocumentRegistry")
        assert new not in reader.contracts_at(before)
        fresh = EvmReader(ledger.rpc, ledger.contracts, ledger.network.directory)
        assert fresh.contracts_at(now) == known
        assert fresh.is_listed(old, "DocumentRegistry", at=now)
        ledger.rpc.close()
    if chain.process.child is not None:
        chain.process.child.wait()
