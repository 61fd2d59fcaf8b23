"""Whether the contracts on the chain are those of the sources."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ledger.adapters.evm.build import Build
from ledger.adapters.evm.code_check import Checked as Checked
from ledger.adapters.evm.code_check import check_ledger
from ledger.adapters.evm.solidity import FOLDER, compiler_of
from ledger.bootstrap.chain import open_chain
from ledger.config import Config
from ledger.ports.chain import Head


def sources_at_hand() -> Path | None:
    """The clone that this package was installed from, if it is one: a wheel brings no Solidity."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / FOLDER).is_dir() else None


def check_code(
    config: Config, roots: Sequence[Path], compiler: Path | None, progress: Callable[[str, int, int], None]
) -> tuple[Head, list[Checked]]:
    """Compare the contracts on the chain with the sources of clones, compiled by their own compiler if none is named.

    Raises:
        Malformed: No sources, or they do not compile.
        NotFound: No `network.json`.
        Unavailable: No node of this ledger; asked before compiling, which takes half a minute a clone.
    """
    chain = open_chain(config)
    network = chain.network
    try:
        chain.reader.final_head()
        builds = [Build(root, compiler or compiler_of(root)) for root in roots]
        return check_ledger(chain.reader, network.directory, network.ledger_id, network.chain_id, builds, progress)
    finally:
        chain.close()
