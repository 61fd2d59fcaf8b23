"""On a real geth: the chain's block gas falls below an act that was signed and is not mined.

given an act that asks for all of a block, lost with the node's pool, and another behind it
  when blocks hold less → the first is given up, with the reason; its nonce is spent on nothing, and the second is mined
"""

import json
from pathlib import Path
from unittest import mock

import pytest

from ledger.adapters.evm.direct import Direct
from ledger.devnet import engines
from ledger.devnet.engines import BLOCK_GAS, Engine, running_chain
from ledger.ports.outbox import OutboxState
from ledger.services.signing import FILLER_GAS
from ledger.services.submission import Submission
from tests.support.ledgers import install, key, sqlite_outbox

pytestmark = pytest.mark.integration


def test_a_lowered_limit_does_not_stop_the_signer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signer, other = key("lowered"), key("another")
    with sqlite_outbox(tmp_path) as outbox:
        with running_chain(Engine.GETH, tmp_path / "chain") as chain:
            made, port = install(chain), int(chain.rpc_url.rsplit(":", 1)[1])
            sender = made.sender(signer, outbox)
            acts = [
                Submission("large", signer.address, b"", BLOCK_GAS),
                Submission("small", other.address, b"", 50_000),
            ]
            sender.submit_many(acts)
            with sender.hold(), mock.patch.object(made.writer, "send_many", lambda raws: [None] * len(raws)):
                sender.step()
        monkeypatch.setattr(engines, "BLOCK_GAS", BLOCK_GAS // 2)
        with running_chain(Engine.GETH, tmp_path / "chain", port=port):
            while (limit := made.writer.gas_limit()) >= BLOCK_GAS:
                Direct(made.rpc, made.contracts).transact(other, other.address, b"", gas=FILLER_GAS)
            with sender.hold():
                large, small = sender.drive(["large", "small"], timeout_s=60)
            assert (large.state, small.state) == (OutboxState.REFUSED, OutboxState.FINAL)
            told = {"error": "OverBlockGas", "arguments": {"gas": BLOCK_GAS, "blockGas": limit}}
            assert json.loads(large.error or "") == told
            assert made.writer.nonce_at(signer.address, at=made.reader.head()) == 3, (
                "a filler, a release, the small one"
            )
        made.rpc.close()
