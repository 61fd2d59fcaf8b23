"""The ledger's chain for an event loop."""

from collections.abc import Sequence
from typing import Any

from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.domain.ids import Address
from ledger.ports.chain import Head, LoopReader


class EvmLoopReader(LoopReader):
    """What one node answers at once, over one connection of the loop's own."""

    def __init__(self, reader: EvmReader, rpc: EvmRpc) -> None:
        self._reader, self._connection = reader, rpc.on_loop()

    async def call_many_if_final(
        self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head
    ) -> list[Any] | None:
        """See the port."""
        return await self._reader.call_many_if_final_on(self._connection, calls, at=at)

    async def hangs(self) -> bool:
        """See the port."""
        return await self._connection.hangs()

    async def close(self) -> None:
        """See the port."""
        await self._connection.close()
