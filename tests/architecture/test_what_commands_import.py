"""A command starts with what it needs: a user waits for every import.

given a process that runs one command
  → libraries that it does not use are not imported
given the list that `tamga --help` shows without importing the commands
  → it is of commands that are there, and says of each what its own help begins with
"""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli.commands import LINES, load

WEB3 = {"web3", "eth_account", "eth_keyfile", "py_ecc", "aiohttp", "requests"}
"""What web3.py brings along, with itself. Of these, only eth-account is needed for a key file."""
ANY_ADAPTER = {*WEB3, "sqlalchemy", "eth_abi", "eth_utils", "urllib3", "httpx", "pypdf", "cryptography", "solcx"}
SERVER = {"fastapi", "starlette", "pydantic_settings", "uvicorn"}
PROGRAM = """
import json, sys
from ledger.cli import main
try:
    main()
except SystemExit as left:
    code = left.code or 0
print("|", json.dumps([code, sorted(name for name in sys.modules if "." not in name)]), file=sys.stderr)
"""
FACADE = """
import json, sys
import api.app, api.server
print("|", json.dumps([0, sorted(name for name in sys.modules if "." not in name)]), file=sys.stderr)
"""


def imported(program: str, home: Path, *args: str, exits: int = 0) -> set[str]:
    """Top packages that a process has imported when it ends."""
    environment = {"PATH": "", "TAMGA_HOME": str(home), "TAMGA_PASSPHRASE": "only for this test"}
    done = subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True, env=environment)
    code, names = json.loads(done.stderr.rpartition("|")[2])
    assert code == exits, done.stderr
    return set(names)


@pytest.mark.parametrize(
    ("args", "exits", "unused"),
    [
        (["--help"], 0, ANY_ADAPTER | SERVER),
        (["nothing-of-this-name"], 2, ANY_ADAPTER | SERVER),
        (["verify", "DOCUMENT"], 3, {*WEB3, *SERVER, "sqlalchemy", "solcx", "ipfshttpclient"}),
        (["declare", "lodge", "--help"], 0, {*WEB3, *SERVER, "sqlalchemy", "solcx", "ipfshttpclient"}),
        (["key", "list"], 0, {*WEB3, *SERVER, "sqlalchemy", "solcx", "ipfshttpclient"}),
        (["key", "new", "officer"], 0, {"web3", "aiohttp", *SERVER, "sqlalchemy", "solcx", "ipfshttpclient"}),
        (["outbox", "renew", "none"], 1, {*WEB3, *SERVER, "solcx", "ipfshttpclient"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_what_it_uses(args: list[str], exits: int, unused: set[str], tmp_path: Path) -> None:
    document = tmp_path / "document"
    document.write_text("nobody knows this")
    given = [str(document) if arg == "DOCUMENT" else arg for arg in args]
    assert imported(PROGRAM, tmp_path / "home", *given, exits=exits) & unused == set()


def test_a_facade_starts_without_web3(tmp_path: Path) -> None:
    assert imported(FACADE, tmp_path) & {*WEB3, "solcx", "typer"} == set()


@pytest.mark.parametrize("name", LINES)
def test_the_list_says_what_commands_say(name: str) -> None:
    told = inspect.cleandoc(load(name).help).partition("\n\n")[0]
    assert LINES[name] == " ".join(told.split())
