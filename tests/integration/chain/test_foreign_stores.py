"""Contracts of other systems on a real node of each engine.

given a store that says yes to all, one that says no, one that reverts, and an address without code
  when a document that names it is verified → what it says, at one final block of its chain
given a node of another chain, or none → UNDETERMINED
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from eth_utils.address import to_checksum_address

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.direct import Direct
from ledger.adapters.evm.foreign import EvmForeignWorld
from ledger.adapters.keystore import LocalSigner
from ledger.domain.foreign.settings import ChainSetting, ForeignSettings
from ledger.domain.verdict import Question, Verification
from ledger.services.verification import Submitted, Verifier
from tests.support.foreign import wrapped_anew
from tests.support.ledgers import TestLedger
from tests.support.samples import sample

pytestmark = pytest.mark.integration

RETURN_WORD = "60{:02x}60005260206000f3"
"""PUSH1 word, MSTORE at 0, RETURN 32 bytes."""
YES, NO, REVERT = RETURN_WORD.format(1), RETURN_WORD.format(0), "60006000fd"
CREATE = "6d{}60005260{:02x}60{:02x}f3"


def creation(runtime: str) -> bytes:
    """Code that deploys `runtime`, at most 14 bytes: PUSH14, MSTORE, RETURN its last bytes."""
    size = len(runtime) // 2
    return bytes.fromhex(CREATE.format(runtime.rjust(28, "0"), size, 32 - size))


@pytest.fixture(scope="module")
def stores(ledger: TestLedger) -> dict[str, str]:
    signer, direct, found = LocalSigner(secrets.token_bytes(32)), Direct(ledger.rpc, ledger.contracts), {}
    direct.spend_nonce_zero(signer)
    for nonce, (name, code) in enumerate((("yes", YES), ("no", NO), ("reverts", REVERT)), 1):
        receipt = direct.create(signer, creation(code), nonce=nonce, gas=200_000)
        found[name] = to_checksum_address(receipt["contractAddress"])
    return {**found, "nowhere": "0x" + "5e" * 20}


@contextmanager
def world(url: str, chain_id: int) -> Iterator[EvmForeignWorld]:
    with closing(EvmForeignWorld(ForeignSettings({}, {chain_id: ChainSetting(url, finality_depth=0)}))) as opened:
        yield opened


def verify(store: str, chain_id: int, url: str, *, asked: int | None = None) -> Verification:
    document = json.loads(sample("tradetrust/oa3-document-store-wrapped-not-issued.json"))
    document["openAttestationMetadata"]["proof"]["value"] = store
    document = wrapped_anew({**document, "network": {"chain": "x", "chainId": str(asked or chain_id)}})
    with world(url, chain_id) as opened:
        verifier = Verifier(None, None, SystemClock(), foreign=opened)
        return verifier.verify(Submitted(json.dumps(document).encode()))


@pytest.mark.parametrize(
    ("name", "anchor", "status"),
    [
        ("yes", "issued_on_store", "revoked"),
        ("no", "not_issued_on_store", "in_force"),
        ("reverts", "store_says_nothing", "status_not_asked"),
        ("nowhere", "not_issued_on_store", "status_not_asked"),
    ],
)
def test_what_a_store_says(ledger: TestLedger, stores: dict[str, str], name: str, anchor: str, status: str) -> None:
    found = verify(stores[name], ledger.network.chain_id, ledger.rpc.url)
    assert (found[Question.ANCHOR].reason, found[Question.STATUS].reason) == (anchor, status)
    evidence = found[Question.ANCHOR].evidence
    head = ledger.reader.block(evidence["block"]["number"])
    assert head is not None
    assert evidence["block"]["hash"] == head.hash


def test_a_chain_that_cannot_be_asked(ledger: TestLedger, stores: dict[str, str]) -> None:
    own = ledger.network.chain_id
    other = verify(stores["yes"], own + 1, ledger.rpc.url)  # configured under a number that is not the node's
    assert other[Question.ANCHOR].reason == "store_not_reached"
    unconfigured = verify(stores["yes"], own, ledger.rpc.url, asked=own + 7)
    assert unconfigured[Question.ANCHOR].reason == "store_not_reached"
    away = verify(stores["yes"], own, "http://127.0.0.1:9")
    assert away[Question.ANCHOR].reason == "store_not_reached"
