"""Acts through the exactly-once sender, beside plain loops that keep nothing, on the same node.

An act is an anchor, encoded, signed with a real key, sent and final within the timed part. Ours is durable before it
is sent (SQLite, `synchronous=FULL`), at most 64 in flight; afterwards the chain is asked whether each was done once.
Beside it: web3.py's own path, one transaction after the other; batches of 64 signed by libsecp256k1, with as many in
flight as ours; and the most that we get out of the node, the same batches sent without waiting.

    scripts/bench submit [--json] [--runs 5]
"""

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any, Final

from web3 import Web3

from ledger.adapters.keystore import LocalSigner
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.ids import Address, Digest32, ParticipantId
from ledger.ports.outbox import OutboxState
from ledger.services.effects import AnchorEffect
from ledger.services.sender import Sender
from ledger.services.submission import Submission
from scripts.measure.figures import Figure, medians, more, rate, show
from scripts.measure.ledger import Measured, measured_ledger

NAME: Final = "submit"
UNIT: Final = "acts/s"
ACTS: Final = 1_000
"""In one run of one side."""
GROUP: Final = 256
"""Acts accepted in one database transaction."""
BATCH: Final = 64
"""Transactions in one request of the batched loop."""
GAS: Final = 200_000
GOAL: Final = 0.9
LONGEST_S: Final = 300.0
REGISTRY: Final = "DocumentRegistry"
MANIFEST: Final = Digest32(b"\7" * 32)


@dataclass(frozen=True)
class Task:
    """Acts of one new issuer.

    Attributes:
        secret, signer: Its key.
        issuer: Its participant.
        acts: (head, root) of each anchor, in order.
    """

    secret: bytes
    signer: LocalSigner
    issuer: ParticipantId
    acts: list[tuple[int, Digest32]]


def measure(runs: int) -> Iterator[Figure]:
    """The three figures."""
    with measured_ledger() as ledger:
        registry = ledger.reader.address_of(REGISTRY)

        def side(work: Callable[[Measured, Address, Task], None]) -> Callable[[], float]:
            def once() -> float:
                task = _task(ledger)
                found = rate(ACTS, lambda: work(ledger, registry, task))
                _check(ledger, task)
                return found

            return once

        found = medians(
            runs,
            UNIT,
            ours=side(_ours),
            web3=side(_one_by_one),
            waiting=side(partial(_in_batches, waiting=True)),
            batched=side(partial(_in_batches, waiting=False)),
        )
        loop = f"web3.py {version('web3')} loop that keeps nothing"
        yield more(NAME, found["ours"], UNIT, loop, found["web3"], goal=GOAL)
        windows = f"batched loop with {BATCH} in flight that keeps nothing"
        yield more(NAME, found["ours"], UNIT, windows, found["waiting"], goal=GOAL)
        yield more(NAME, found["ours"], UNIT, "batched loop that keeps nothing", found["batched"], goal=GOAL)


def _task(ledger: Measured) -> Task:
    secret = secrets.token_bytes(32)
    signer = LocalSigner(secret)
    acts = [(number << 56 | 1, Digest32(secrets.token_bytes(32))) for number in range(1, ACTS + 1)]
    return Task(secret, signer, ledger.admit_issuer(signer), acts)


def _check(ledger: Measured, task: Task) -> None:
    """Require that each act was done once, in order. Raises `ValueError`."""
    head = ledger.reader.head().number
    found = ledger.reader.find_events(REGISTRY, "Anchored", {"issuer": task.issuer}, 0, head)
    if [event.args["root"] for event in found] != [root for _, root in task.acts]:
        raise ValueError(f"{len(found)} anchors on the chain, not the {len(task.acts)} that were asked for, once each")


def _ours(ledger: Measured, registry: Address, task: Task) -> None:
    key = int(task.signer.address, 16) << 96
    with closing(Database(f"sqlite:///{ledger.folder}/{task.signer.address}.db")) as database:
        sender = Sender(ledger.reader, ledger.writer, task.signer, SqlOutbox(database), ledger.contracts)
        submissions = [
            Submission(
                f"anchor {head}",
                registry,
                _calldata(ledger, head, root),
                GAS,
                AnchorEffect(registry, task.issuer, key | head, root, MANIFEST),
            )
            for head, root in task.acts
        ]
        with sender.hold():
            for first in range(0, ACTS, GROUP):
                sender.submit_many(submissions[first : first + GROUP])
            rows = sender.drive([each.key for each in submissions], timeout_s=LONGEST_S)
    if any(row.state is not OutboxState.FINAL for row in rows):
        raise ValueError("not every act is final")


def _one_by_one(ledger: Measured, registry: Address, task: Task) -> None:
    web3 = Web3(Web3.HTTPProvider(ledger.chain.rpc_url))
    account = web3.eth.account.from_key(task.secret)
    sent = None
    for nonce, (head, root) in enumerate(task.acts):
        signed = account.sign_transaction(_transaction(ledger, registry, nonce, head, root))
        sent = web3.eth.send_raw_transaction(signed.raw_transaction)
    if sent is not None:
        web3.eth.wait_for_transaction_receipt(sent, timeout=LONGEST_S, poll_latency=0.01)


def _in_batches(ledger: Measured, registry: Address, task: Task, *, waiting: bool) -> None:
    """Send all; `waiting` for each batch to be mined before the next, or only at the end."""
    sign = task.signer.sign_transaction
    for first in range(0, ACTS, BATCH):
        part = list(enumerate(task.acts[first : first + BATCH], first))
        raws = [sign(_transaction(ledger, registry, nonce, head, root)) for nonce, (head, root) in part]
        for failure in ledger.writer.send_many(raws):
            if failure is not None:
                raise failure
        if waiting or first + BATCH >= ACTS:
            _wait_until_mined(ledger, task, first + len(part))


def _wait_until_mined(ledger: Measured, task: Task, count: int) -> None:
    while ledger.writer.nonce_at(task.signer.address, at=ledger.reader.head()) < count:
        time.sleep(0.005)


def _transaction(ledger: Measured, registry: Address, nonce: int, head: int, root: Digest32) -> dict[str, Any]:
    fixed = {"chainId": ledger.chain.chain_id, "to": registry, "gas": GAS, "gasPrice": 0, "value": 0}
    return {**fixed, "nonce": nonce, "data": _calldata(ledger, head, root)}


def _calldata(ledger: Measured, head: int, root: Digest32) -> bytes:
    return ledger.contracts.encode_call(REGISTRY, "anchor", (head, root, MANIFEST))


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:]))
