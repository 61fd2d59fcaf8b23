"""Whether a chain keeps what it confirmed when its node is killed under load.

Each trial starts the node on the state that the trials before left, loads it from four new keys, sends SIGKILL at a
random moment, starts it again and asks for everything that was confirmed in any trial: the receipt in the same block,
that block at its height, and the stored value. Then one more transaction has to be mined. Confirmed means that the
receipt was read before the kill.

    scripts/bench durability [--engine geth] [--trials 20]
"""

import argparse
import random
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ledger.adapters.evm.rpc import EvmRpc, RpcFailure
from ledger.adapters.evm.transactions import hash_of
from ledger.adapters.keystore import LocalSigner
from ledger.devnet.engines import Chain, Engine, start_chain
from ledger.devnet.trouble import Trouble
from ledger.domain.errors import Unavailable
from scripts.lib.show import say

STORE: Final = bytes.fromhex("6020356000355500")
"""PUSH1 32 CALLDATALOAD PUSH1 0 CALLDATALOAD SSTORE STOP: stores the second word at the first."""
CREATE: Final = b"\x67" + STORE + bytes.fromhex("60005260086018f3")
"""Returns STORE."""
KEYS: Final = 4
IN_FLIGHT: Final = 16
"""Transactions of one key in one batch."""
GAS: Final = 100_000
LOAD_S: Final = (0.5, 3.0)
"""The kill comes at a random moment between these."""
ASK: Final = 500
"""Requests in one batch."""


@dataclass(frozen=True)
class Confirmed:
    """A transaction whose receipt was read.

    Attributes:
        tx_hash, block_hash: As 0x-hex.
        block: Height.
        slot, value: What it stored, 0x-hex words; None for a deployment.
    """

    tx_hash: str
    block_hash: str
    block: str
    slot: str | None = None
    value: str | None = None


@dataclass
class Outcome:
    """What a run of trials showed.

    Attributes:
        trials: Kills.
        confirmed: Transactions confirmed before a kill.
        lost: Trials in which something confirmed was gone, with the first thing missed.
        restart_s: Longest time from the start of a killed node to its first answer [s].
    """

    trials: int = 0
    confirmed: int = 0
    lost: list[str] = field(default_factory=list)
    restart_s: float = 0.0


def run_trials(engine: Engine, state: Path, trials: int, *, seed: int | None = None) -> Iterator[Outcome]:
    """Kill and restart `trials` times; yields the outcome so far after each."""
    dice = random.Random(seed)  # noqa: S311 - chooses moments, not secrets
    outcome, everything = Outcome(), list[Confirmed]()
    chain = start_chain(engine, state)
    try:
        store, created = _deploy(chain)
        everything.append(created)
        for _ in range(trials):
            confirmed: list[Confirmed] = []
            loads = [threading.Thread(target=_load, args=(chain, store, confirmed)) for _ in range(KEYS)]
            for load in loads:
                load.start()
            time.sleep(dice.uniform(*LOAD_S))
            chain.process.kill()
            for load in loads:
                load.join()
            began = time.monotonic()
            everything += confirmed
            missed: str | None
            try:
                chain = start_chain(engine, state)
            except Trouble as trouble:
                missed = trouble.what
                shutil.rmtree(state)
                chain = start_chain(engine, state)
            else:
                outcome.restart_s = max(outcome.restart_s, time.monotonic() - began)
                missed = _missed(chain, store, everything)
            outcome.trials += 1
            outcome.confirmed += len(confirmed)
            if missed is not None:
                outcome.lost.append(missed)
                everything = []  # counted once
                store, created = _deploy(chain)
                everything.append(created)
            yield outcome
    finally:
        chain.process.kill()


def main(argv: Sequence[str]) -> int:
    """Run the trials on one engine; exit code 1 if a durable one lost anything."""
    parser = argparse.ArgumentParser(prog="scripts/bench durability", description=__doc__)
    parser.add_argument("--engine", choices=[engine.value for engine in Engine], default=Engine.GETH.value)
    parser.add_argument("--trials", type=int, default=20)
    options = parser.parse_args(argv)
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as state:
        for outcome in run_trials(Engine(options.engine), Path(state), options.trials):
            lost = f", lost in {len(outcome.lost)}: {outcome.lost[-1]}" if outcome.lost else ", nothing lost"
            say(f"{options.engine}: {outcome.trials} kills, {outcome.confirmed} confirmed{lost}")
    say(f"longest restart {outcome.restart_s:.1f} s")
    return 1 if outcome.lost and Engine(options.engine).durable else 0


def _transaction(chain: Chain, signer: LocalSigner, nonce: int, to: str | None, data: bytes) -> bytes:
    fields: dict[str, Any] = {"nonce": nonce, "gasPrice": 0, "gas": GAS, "value": 0, "data": data}
    return signer.sign_transaction({**fields, "to": to or "", "chainId": chain.chain_id})


def _deploy(chain: Chain) -> tuple[str, Confirmed]:
    """Put the store on the chain, which also shows that it still takes transactions."""
    raw = _transaction(chain, LocalSigner(secrets.token_bytes(32)), 0, None, CREATE)
    with EvmRpc(chain.rpc_url) as rpc:
        rpc.request("eth_sendRawTransaction", "0x" + raw.hex())
        while True:
            try:
                receipt = rpc.request("eth_getTransactionReceipt", "0x" + hash_of(raw).hex())
            except RpcFailure:  # geth says so until its index is built
                receipt = None
            if receipt is not None:
                done = Confirmed(receipt["transactionHash"], receipt["blockHash"], receipt["blockNumber"])
                return str(receipt["contractAddress"]), done
            time.sleep(0.05)


def _load(chain: Chain, store: str, confirmed: list[Confirmed]) -> None:
    """Store values from a new key, batch after batch, until the node is gone."""
    signer, nonce = LocalSigner(secrets.token_bytes(32)), 0
    with EvmRpc(chain.rpc_url) as rpc:
        try:
            while True:
                sent = {}
                for _ in range(IN_FLIGHT):
                    slot, value = secrets.token_bytes(32), b"\x01" + secrets.token_bytes(31)
                    raw = _transaction(chain, signer, nonce, store, slot + value)
                    sent["0x" + hash_of(raw).hex()] = (raw, "0x" + slot.hex(), "0x" + value.hex())
                    nonce += 1
                rpc.results([("eth_sendRawTransaction", ("0x" + raw.hex(),)) for raw, _, _ in sent.values()])
                while sent:
                    answers = rpc.results([("eth_getTransactionReceipt", (tx_hash,)) for tx_hash in sent])
                    for receipt in answers:
                        if receipt is not None:
                            tx_hash = receipt["transactionHash"]
                            _, slot_hex, value_hex = sent.pop(tx_hash)
                            block = receipt["blockHash"], receipt["blockNumber"]
                            confirmed.append(Confirmed(tx_hash, *block, slot_hex, value_hex))
        except Unavailable:
            return


def _missed(chain: Chain, store: str, everything: Sequence[Confirmed]) -> str | None:
    """The first confirmed thing that the chain no longer knows, in words."""
    with EvmRpc(chain.rpc_url) as rpc:
        for first in range(0, len(everything), ASK):
            part = everything[first : first + ASK]
            receipts = rpc.results([("eth_getTransactionReceipt", (one.tx_hash,)) for one in part])
            blocks = rpc.results([("eth_getBlockByNumber", (one.block, False)) for one in part])
            values = rpc.results([("eth_getStorageAt", (store, one.slot or "0x0", "latest")) for one in part])
            for one, receipt, block, value in zip(part, receipts, blocks, values, strict=True):
                if receipt is None or receipt["blockHash"] != one.block_hash:
                    return f"the receipt of {one.tx_hash} in block {int(one.block, 16)}"
                if block is None or block["hash"] != one.block_hash:
                    return f"block {int(one.block, 16)}"
                if one.value is not None and value != one.value:
                    return f"the value stored by {one.tx_hash}"
    _deploy(chain)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
