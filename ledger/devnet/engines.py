"""The four chain engines, each on loopback, at zero gas price and 30 M gas a block.

geth
    One Clique sealer with period 0: a block as soon as there is a transaction, none while idle. Archive mode and
    the hash scheme, because a killed node then keeps every block it confirmed. Berlin rules.
ganache
    A block per transaction, Berlin rules, state in LevelDB. Keeps what it confirmed as well.
anvil
    A block per transaction, London rules with base fee 0. Its state file is written now and then: a killed node
    may lose what it confirmed, so it is for development and tests only.
hardhat
    A block per transaction, London rules with base fee 0. Its chain is in memory and ends with the node: one start
    for each state folder, and for tests only.

Starting on the state of an earlier run goes on where that ended; `chain.json` in the state folder tells which
engine and chain id it belongs to.
"""

import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ledger.devnet.loopback import HOST, free_port, is_free, rpc, wait_for_rpc
from ledger.devnet.places import ROOT, write_whole
from ledger.devnet.process import PidFile, Process
from ledger.devnet.tools import GETH, node, node_module
from ledger.devnet.trouble import Trouble

CHAIN_ID: Final = 826_042
"""Chain id of an embedded ledger; not a registered public chain's."""
BLOCK_GAS: Final = 30_000_000
"""Gas a block: an unlimited block took ten seconds to execute on a QBFT network."""


class Engine(StrEnum):
    """Which program runs the chain."""

    GETH = "geth"
    GANACHE = "ganache"
    ANVIL = "anvil"
    HARDHAT = "hardhat"

    @property
    def durable(self) -> bool:
        """Whether nothing confirmed is lost when the node is killed."""
        return self in (Engine.GETH, Engine.GANACHE)

    @property
    def starts_again(self) -> bool:
        """Whether a node that was stopped goes on where it ended."""
        return self is not Engine.HARDHAT


@dataclass(frozen=True)
class Chain:
    """A chain that runs.

    Attributes:
        engine: The program.
        rpc_url: Its JSON-RPC address.
        chain_id: As asked for, checked against the node.
        process: The node's own process.
        state: Folder of its state.
    """

    engine: Engine
    rpc_url: str
    chain_id: int
    process: Process
    state: Path

    def genesis(self) -> str:
        """Hash of block 0, 0x-hex. Raises `OSError` when the node is away."""
        return str(rpc(self.rpc_url, "eth_getBlockByNumber", ["0x0", False])["hash"])


def start_chain(
    engine: Engine,
    state: Path,
    *,
    port: int = 0,
    chain_id: int = CHAIN_ID,
    pid_file: PidFile | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Chain:
    """Start a node on `state`, new or left by an earlier run, and return once it answers.

    Args:
        port: JSON-RPC port on 127.0.0.1; 0 chooses a free one.
        pid_file: Where to remember the process, from its first moment.
        say: Called with lines of progress; building geth for the first time takes a minute.

    Raises:
        Trouble: The port is taken, the state belongs to another engine or chain, or the node does not come up.
    """
    if port and not is_free(port):
        raise Trouble(f"port {port} on {HOST} is taken", "stop what listens there, or choose another port")
    state.mkdir(parents=True, exist_ok=True)
    _claim(state, engine, chain_id)
    port = port or free_port()
    argv = COMMANDS[engine](state, port, chain_id, say)
    log = state / "node.log"
    url = f"http://{HOST}:{port}"
    settings = {"TAMGA_NODE_STATE": state, "TAMGA_NODE_CHAIN_ID": chain_id, "TAMGA_NODE_BLOCK_GAS": BLOCK_GAS}
    process = Process.start(argv, log=log, env={name: str(value) for name, value in settings.items()})
    try:
        if pid_file is not None:
            pid_file.write(process, url=url)
        wait_for_rpc(url, process, log, chain_id=chain_id)
        _set_clock(engine, url)
    except BaseException:  # an interrupt too: nothing may be left running that nobody knows of
        process.kill()
        raise
    return Chain(engine, url, chain_id, process, state)


@contextmanager
def running_chain(engine: Engine, state: Path, *, port: int = 0, chain_id: int = CHAIN_ID) -> Iterator[Chain]:
    """Like `start_chain`, stopped at the end of the block. The block may kill the node itself."""
    chain = start_chain(engine, state, port=port, chain_id=chain_id)
    try:
        yield chain
    finally:
        chain.process.stop()


def _claim(state: Path, engine: Engine, chain_id: int) -> None:
    claim = state / "chain.json"
    wanted = {"engine": engine.value, "chain_id": chain_id}
    if not claim.exists():
        write_whole(claim, json.dumps(wanted) + "\n")
        return
    try:
        found = json.loads(claim.read_text())
    except ValueError as error:
        raise Trouble(f"{claim} is damaged", f"move {state} away") from error
    if found != wanted:
        raise Trouble(
            f"{state} holds the state of {found.get('engine')}, chain {found.get('chain_id')}, "
            f"not of {engine.value}, chain {chain_id}",
            "choose that engine, or another TAMGA_HOME",
        )


def _geth(state: Path, port: int, chain_id: int, say: Callable[[str], None]) -> Sequence[str | Path]:
    geth = GETH.ensure(say)
    data, password, config = state / "geth", state / "sealer.password", state / "geth.toml"
    if not data.exists():
        _init_geth(geth, state, data, password, chain_id)
    # No flag keeps geth from listening for peers on every interface; only its configuration file does.
    config.write_text('[Node.P2P]\nListenAddr = ""\nNoDiscovery = true\nMaxPeers = 0\n')
    sealer = (state / "sealer.address").read_text().strip()
    return [
        geth, "--config", config, "--datadir", data, "--networkid", str(chain_id), "--nat", "none", "--ipcdisable",
        "--http", "--http.addr", HOST, "--http.port", str(port), "--http.api", "eth,net,web3,txpool,clique,debug",
        "--authrpc.addr", HOST, "--authrpc.port", str(free_port()),
        "--syncmode", "full", "--gcmode", "archive", "--state.scheme", "hash", "--history.transactions", "0",
        "--cache", "256", "--miner.gaslimit", str(BLOCK_GAS), "--miner.gasprice", "0", "--txpool.pricelimit", "0",
        # The unlocked key seals blocks and has no authority in any contract.
        "--mine", "--miner.etherbase", sealer, "--unlock", sealer, "--password", password, "--allow-insecure-unlock",
    ]  # fmt: skip


def _init_geth(geth: Path, state: Path, data: Path, password: Path, chain_id: int) -> None:
    """Make the sealer's key and block 0, beside their place until they are whole."""
    half = data.with_name("geth.half")
    shutil.rmtree(half, ignore_errors=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_hex(16) + "\n")
    made = _run(geth, "account", "new", "--datadir", str(half), "--password", str(password))
    sealer = next(word for word in made.split() if word.startswith("0x") and len(word) == 42)
    (state / "sealer.address").write_text(sealer + "\n")
    forks = ("homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg", "istanbul")
    genesis = {
        "config": {
            "chainId": chain_id,
            **{f"{fork}Block": 0 for fork in (*forks, "berlin")},
            "clique": {"period": 0, "epoch": 30_000},
        },
        "difficulty": "0x1",
        "gasLimit": hex(BLOCK_GAS),
        # EIP-225: 32 bytes of vanity, the sealers, 65 bytes where later blocks carry their seal.
        "extraData": "0x" + "00" * 32 + sealer[2:].lower() + "00" * 65,
        "alloc": {},
    }
    path = state / "genesis.json"
    path.write_text(json.dumps(genesis, indent=2) + "\n")
    _run(geth, "init", "--datadir", str(half), "--state.scheme", "hash", str(path))
    half.rename(data)


def _ganache(state: Path, port: int, chain_id: int, _say: Callable[[str], None]) -> Sequence[str | Path]:
    return [
        node(), node_module("ganache/dist/node/cli.js"), "--server.host", HOST, "--server.port", str(port),
        "--database.dbPath", state / "ganache", "--chain.chainId", str(chain_id), "--chain.networkId", str(chain_id),
        "--chain.hardfork", "berlin", "--miner.blockGasLimit", str(BLOCK_GAS), "--miner.defaultGasPrice", "0",
        "--wallet.totalAccounts", "1", "--wallet.seed", "tamga",
    ]  # fmt: skip


def _anvil(state: Path, port: int, chain_id: int, _say: Callable[[str], None]) -> Sequence[str | Path]:
    kept = state / "anvil.json"
    if kept.exists():
        try:
            json.loads(kept.read_bytes())
        except ValueError as error:  # anvil overwrites it in place, every second
            raise Trouble(
                f"anvil was killed while it wrote {kept}, and its chain is lost",
                f"move {state.parent} away; geth and ganache keep what they confirmed",
            ) from error
    born = state / "genesis.time"
    if not born.exists():
        write_whole(born, f"{int(time.time())}\n")
    return [
        _anvil_program(), "--host", HOST, "--port", str(port), "--chain-id", str(chain_id), "--hardfork", "london",
        "--gas-limit", str(BLOCK_GAS), "--gas-price", "0", "--base-fee", "0", "--accounts", "1",
        "--state", kept, "--state-interval", "1", "--preserve-historical-states",
        "--timestamp", born.read_text().strip(),  # anvil makes block 0 anew at each start: now, if it is not told
    ]  # fmt: skip


def _hardhat(state: Path, port: int, _chain_id: int, _say: Callable[[str], None]) -> Sequence[str | Path]:
    try:
        (state / "artifacts").mkdir()
    except FileExistsError as error:
        raise Trouble(
            f"Hardhat's node keeps its chain in memory, and that of {state} is gone",
            f"move {state.parent} away; geth and ganache keep what they confirmed",
        ) from error
    return [
        node(), node_module("hardhat/dist/src/cli.js"), "--config", ROOT / "ledger/devnet/hardhat/hardhat.config.js",
        "node", "--hostname", HOST, "--port", str(port),
    ]  # fmt: skip


COMMANDS: Final = {
    Engine.GETH: _geth,
    Engine.GANACHE: _ganache,
    Engine.ANVIL: _anvil,
    Engine.HARDHAT: _hardhat,
}


def _set_clock(engine: Engine, url: str) -> None:
    """Give a node the present time whose own clock goes on from another one."""
    now = int(time.time())
    if engine is Engine.ANVIL:  # from block 0's, or from the last block that it saved
        rpc(url, "evm_setTime", [max(_block_time(url, "latest"), now)])
    elif engine is Engine.HARDHAT:  # from when its configuration was read, which can be seconds before it answers
        rpc(url, "evm_increaseTime", [max(0, now - _block_time(url, "pending"))])


def _block_time(url: str, block: str) -> int:
    return int(rpc(url, "eth_getBlockByNumber", [block, False])["timestamp"], 16)


def _anvil_program() -> Path:
    """The native program of this platform's npm package: the one named `anvil` is a wrapper with another pid."""
    installed = sorted(node_module("@foundry-rs").glob("anvil-*/bin/anvil"))
    if not installed:
        raise Trouble("npm has no anvil for this platform", "use --engine geth or ganache")
    return installed[0]


def _run(*argv: str | Path) -> str:
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Trouble(f"{' '.join(map(str, argv[:3]))} failed: {said[:300]}", "free some disk space and run again")
    return done.stdout
