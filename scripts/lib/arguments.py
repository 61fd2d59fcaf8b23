"""Arguments of each command; read before anything is installed, so that a typing error costs nothing."""

import argparse
import os
from collections.abc import Callable
from typing import Final

from ledger.devnet.engines import Engine

CHAIN_PORT: Final = 8545
API_PORT: Final = 8000


def read(argv: list[str]) -> argparse.Namespace:
    """Arguments of the command `argv[0]`; exits with code 2, or 0 after `--help`."""
    parser = argparse.ArgumentParser(prog=f"scripts/{argv[0]}")
    _ARGUMENTS[argv[0]](parser)
    return parser.parse_args(argv[1:])


def _up(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Install what is missing, start the embedded chain and the API on 127.0.0.1, deploy the ledger if the chain "
        "holds none, and print where everything is. Safe to run again."
    )
    parser.add_argument(
        "--engine", choices=[engine.value for engine in Engine], help="default: the one whose state is there, or geth"
    )
    parser.add_argument("--demo", action="store_true", help="then play the main job and show each step")
    parser.add_argument(
        "--port-chain", type=_port, default=os.environ.get("TAMGA_CHAIN_PORT", CHAIN_PORT), metavar="PORT",
        help=f"JSON-RPC; default TAMGA_CHAIN_PORT or {CHAIN_PORT}",
    )  # fmt: skip
    parser.add_argument(
        "--port-api", type=_port, default=os.environ.get("TAMGA_API_PORT", API_PORT), metavar="PORT",
        help=f"HTTP API; default TAMGA_API_PORT or {API_PORT}",
    )  # fmt: skip


def _down(parser: argparse.ArgumentParser) -> None:
    parser.description = "Stop what scripts/up started, and nothing else. The state stays; scripts/up goes on from it."


def _status(parser: argparse.ArgumentParser) -> None:
    parser.description = "Say what runs where. Exit code 0 if all of it runs and answers, 3 if not."
    parser.add_argument("--json", action="store_true", help="for programs")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.description = "Formatting, lint, types, layers and generated files; a warning is an error."
    parser.add_argument("--only", action="append", metavar="NAME", help="one check, repeatable; --list names them")
    parser.add_argument("--list", action="store_true", help="list the checks")


def _format(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write the formatting that scripts/check asks for: Python, Solidity and JavaScript."


def _test(parser: argparse.ArgumentParser) -> None:
    parser.description = "Run everything that proves the clone; ends with the runners' own closing lines."
    parser.add_argument("--quick", action="store_true", help="checks and the fast tests: some minutes")
    parser.add_argument("--long", action="store_true", help="the long campaigns as well")
    parser.add_argument("--only", action="append", metavar="STAGE", help="one stage, repeatable; --list names them")
    parser.add_argument("--list", action="store_true", help="list the stages")


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.description = "Run a measurement; without a name, list them."
    parser.add_argument("--json", action="store_true", help="figures as one JSON object a line")
    parser.add_argument("name", nargs="?")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the measurement")


def _kubo(parser: argparse.ArgumentParser) -> None:
    parser.description = "Run IPFS nodes of a private swarm on 127.0.0.1 until interrupted; built on first use."
    parser.add_argument("--nodes", type=int, default=2, choices=range(1, 9), metavar="1..8", help="default 2")


def _lock(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write requirements.lock anew from pyproject.toml, and the locks of scripts/analysis: every package by hash, "
        "for Python 3.11 and later, without an index address. Locked versions are kept where they still fit."
    )
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")


def _port(text: str) -> int:
    number = int(text)
    if not 1024 <= number <= 65_535:
        raise ValueError(text)
    return number


_ARGUMENTS: Final[dict[str, Callable[[argparse.ArgumentParser], None]]] = {
    "up": _up,
    "down": _down,
    "status": _status,
    "check": _check,
    "format": _format,
    "test": _test,
    "bench": _bench,
    "kubo": _kubo,
    "lock": _lock,
}
