"""`network.json`: what a client needs to know of a ledger."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ledger.domain.errors import Fault, Malformed, NotFound
from ledger.domain.ids import Address, BlockHash, LedgerId

GOVERNANCE = "Governance"
"""Directory name of governance's contract."""
MAX_NETWORK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Network:
    """Where a ledger is.

    Attributes:
        chain_id: EIP-155 id.
        genesis: Hash of block 0.
        rpc_url: A node.
        directory: Address of the Directory, the one address a client is configured with.
        ledger_id: 32 bytes.
        api_url: The facade, once it runs.
        finality_depth: Blocks after which a block is final; 0 for a single sealer and for QBFT.
    """

    chain_id: int
    genesis: BlockHash
    rpc_url: str
    directory: Address
    ledger_id: LedgerId
    api_url: str | None = None
    finality_depth: int = 0

    def write(self, path: Path) -> None:
        """Write atomically as JSON."""
        values = {k: "0x" + v.hex() if isinstance(v, bytes) else v for k, v in vars(self).items()}
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(values, indent=2) + "\n")
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Network":
        """Raises `Malformed`, or `NotFound` if there is no such file."""
        try:
            with path.open("rb") as file:
                values = json.loads(file.read(MAX_NETWORK_BYTES))
            for name in ("genesis", "ledger_id"):
                values[name] = bytes.fromhex(values[name].removeprefix("0x"))
            return cls(**values)
        except FileNotFoundError as error:
            raise NotFound("network file", str(path)) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Malformed(Fault("not_a_network_file", str(path), str(error))) from error
