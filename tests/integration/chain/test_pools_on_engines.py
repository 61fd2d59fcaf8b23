"""What each engine's pool answers, read as the sender needs it."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.devnet.engines import Engine
from ledger.domain.errors import ActRefused, Refused
from tests.support.ledgers import TestLedger, key

pytestmark = pytest.mark.integration


def transaction(ledger: TestLedger, nonce: int, **changes: Any) -> Mapping[str, Any]:
    free = {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0} if ledger.writer.has_base_fee() else {"gasPrice": 0}
    to = key("sink").address
    plain = {"chainId": ledger.chain.chain_id, "nonce": nonce, "to": to, "data": b"", "gas": 21_000, "value": 0}
    return {**plain, **free, **changes}


def send(ledger: TestLedger, name: str, nonce: int, **changes: Any) -> bytes:
    raw = key(name).sign_transaction(transaction(ledger, nonce, **changes))
    ledger.writer.send_raw(raw)
    return raw


def test_sender_without_balance_is_mined(ledger: TestLedger) -> None:
    address = key("poor").address
    assert ledger.rpc.request("eth_getBalance", address, "latest") == "0x0"
    raw = send(ledger, "poor", 0)
    for _ in range(200):
        receipt = ledger.reader.receipt(ledger.writer.transaction_hash(raw))
        if receipt is not None:
            break
    assert receipt is not None
    assert receipt.succeeded
    assert receipt.sender == address


def test_mined_transaction_sent_again_means_look_for_the_receipt(ledger: TestLedger) -> None:
    send(ledger, "repeater", 0)
    raw = send(ledger, "repeater", 1)
    while ledger.reader.receipt(ledger.writer.transaction_hash(raw)) is None:
        pass
    height = ledger.reader.head()
    assert ledger.writer.send_many([raw]) == [None]
    assert ledger.reader.head() == height


@pytest.mark.parametrize("changes", [{"gas": 20_000}, {"gas": 31_000_000}], ids=["too little gas", "more than a block"])
def test_what_no_block_can_hold_is_refused(ledger: TestLedger, changes: dict[str, int]) -> None:
    with pytest.raises(Refused):
        send(ledger, "unfit", 0, **changes)


def test_type_2_where_there_is_no_base_fee_is_refused(ledger: TestLedger) -> None:
    if ledger.writer.has_base_fee():
        assert ledger.chain.engine in (Engine.ANVIL, Engine.HARDHAT)
        return
    typed = {**transaction(ledger, 0), "maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
    del typed["gasPrice"]
    failure = ledger.writer.send_many([key("too new").sign_transaction(typed)])[0]
    assert failure is not None


def test_simulation_gives_output_or_the_contracts_error(ledger: TestLedger) -> None:
    data = ledger.contracts.encode_call("Directory", "ledgerId")
    assert ledger.writer.simulate(key("poor").address, ledger.network.directory, data) == ledger.network.ledger_id
    announce = (b"x" * 32, ledger.network.directory)
    denied = ledger.contracts.encode_call("Directory", "announce", announce)
    with pytest.raises(ActRefused) as caught:
        ledger.writer.simulate(key("poor").address, ledger.network.directory, denied)
    assert caught.value.error == "AccessManagedUnauthorized"
    assert caught.value.arguments == {"caller": key("poor").address}
