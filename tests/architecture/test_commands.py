"""What runs before anything is installed needs nothing installed, and what is locked is locked."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ledger.devnet.places import ROOT
from scripts.lib import arguments

BARE = ("scripts.lib.arguments", "scripts.lib.install", "scripts.lib.down", "scripts.lib.status")
COMMANDS = sorted(
    file.name for file in (ROOT / "scripts").iterdir() if file.is_file() and "lib/run" in file.read_text()
)


@pytest.mark.parametrize("module", BARE)
def test_the_bootstrap_imports_the_standard_library_only(module: str) -> None:
    """-S leaves site-packages out, as on a machine where nothing is installed."""
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module}"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_every_command_has_arguments_and_a_module() -> None:
    assert COMMANDS == ["bench", "check", "down", "format", "kubo", "lock", "status", "test", "up"]
    for command in COMMANDS:
        assert os.access(ROOT / "scripts" / command, os.X_OK)
        assert (ROOT / "scripts" / "lib" / f"{command}.py").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        arguments.read([command, "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert f"usage: scripts/{command}" in shown
    assert len(shown.splitlines()) > 4


@pytest.mark.parametrize("found", [None, "#!/bin/sh\nexit 1\n"], ids=["no Python", "an old one"])
def test_without_a_new_python_one_line_says_so(found: str | None, tmp_path: Path) -> None:
    clone, path = tmp_path / "scripts", tmp_path / "bin"
    (clone / "lib").mkdir(parents=True)
    for file in ("status", "lib/run"):
        shutil.copy(ROOT / "scripts" / file, clone / file)
    path.mkdir()
    (path / "dirname").symlink_to(str(shutil.which("dirname")))
    if found is not None:
        (path / "python3").write_text(found)
        (path / "python3").chmod(0o755)
    done = subprocess.run(
        [clone / "status"], env={"PATH": str(path), "HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == (
        "tamga: no Python 3.11 or later was found; install one, or name it in TAMGA_PYTHON, and run again\n"
    )


def test_the_lock_has_a_hash_for_everything_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"https?://|^-|^\s*--(?!hash=sha256:[0-9a-f]{64}( \\)?$)", lock, re.MULTILINE)
    entries = re.split(r"^(?=[a-zA-Z0-9])", lock, flags=re.MULTILINE)[1:]
    assert len(entries) > 80
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==", entry), entry
        assert "--hash=sha256:" in entry


def test_the_lock_covers_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    locked = set(re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert names - locked == set()


def test_the_npm_lock_has_no_address() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_only_the_settings_read_the_environment() -> None:
    """`config` for the product; `devnet` and `scripts` are about this machine, and no part of it."""
    readers = []
    for file in [*ROOT.glob("ledger/**/*.py"), *ROOT.glob("api/**/*.py")]:
        place = file.relative_to(ROOT).as_posix()
        if place == "ledger/config.py" or place.startswith("ledger/devnet/"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
                readers.append(f"{place}:{node.lineno}")
    assert readers == []


@pytest.mark.parametrize(("folders", "extras"), [(("ledger", "api"), ()), (("scripts", "tests"), ("dev",))])
def test_what_is_imported_is_declared(folders: tuple[str, ...], extras: tuple[str, ...]) -> None:
    """Not only brought along by something else, which may stop doing so."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    declared = {re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    homes = importlib.metadata.packages_distributions()
    missing = set()
    for file in (file for folder in folders for file in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                named = [node.module]
            for module in (name.partition(".")[0] for name in named):
                offered = {home.lower().replace("_", "-") for home in homes.get(module, ())}
                if offered and not offered & {*declared, "tamga"}:
                    missing.add(f"{module} in {file.relative_to(ROOT).as_posix()}")
    assert sorted(missing) == []
