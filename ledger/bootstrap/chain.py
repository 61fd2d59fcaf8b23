"""A ledger on its chain, and the time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.loop_reader import EvmLoopReader
from ledger.adapters.evm.network import GOVERNANCE, Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.bootstrap.interfaces import packaged_contracts
from ledger.config import Config
from ledger.ports.chain import LoopReader

if TYPE_CHECKING:
    from ledger.adapters.evm.direct import Transact
    from ledger.adapters.evm.governing import Governing

CLOCK: Final = SystemClock()
WORKING_S: Final = 10.0
"""Patience with the node of what works beside the requests, and of commands [s]."""
WAITED_FOR_S: Final = 2.0
"""The same of a request that somebody waits for: it is answered without the node then, or told to come again."""


@dataclass(frozen=True)
class Chain:
    """One ledger on one chain.

    Attributes:
        network: Where it is.
        contracts: Its ABI.
        reader: Pinned reads.
        writer: Raw access for senders.
        governing: Its governance; asks the node where that is. Given what sends a step, else as a deployment does.
        on_loop: Pinned reads for an event loop.
        close: Gives its connections back.
    """

    network: Network
    contracts: Contracts
    reader: EvmReader
    writer: EvmWriter
    governing: "Callable[..., Governing]"
    on_loop: Callable[[], LoopReader]
    close: Callable[[], None]


def read_network(config: Config) -> Network:
    """Where the ledger is. Raises `NotFound` without `network.json`."""
    return Network.read(config.network_file)


def open_chain(config: Config, *, is_waited_for: bool = False) -> Chain:
    """Name the ledger that `network.json` tells of, or raise `NotFound` without that file; no node is asked yet.

    Args:
        config: Settings.
        is_waited_for: Many wait for its answers at once: it is asked with less patience.
    """
    network = read_network(config)
    rpc = EvmRpc(
        config.rpc_url or network.rpc_url,
        chain_id=network.chain_id,
        genesis=network.genesis,
        timeout_s=WAITED_FOR_S if is_waited_for else WORKING_S,
    )
    contracts = packaged_contracts()
    reader = EvmReader(rpc, contracts, network.directory, finality_depth=network.finality_depth)

    def governing(transact: "Transact | None" = None) -> "Governing":
        from ledger.adapters.evm.governing import Governing  # web3.py

        return Governing(rpc, contracts, reader.address_of(GOVERNANCE), transact)

    return Chain(
        network=network,
        contracts=contracts,
        reader=reader,
        writer=EvmWriter(rpc, contracts),
        governing=governing,
        on_loop=lambda: EvmLoopReader(reader, rpc),
        close=rpc.close,
    )
