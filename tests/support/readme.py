"""Follows the README's console block as a reader would: each command in one shell, each line shown compared."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "--- end of command ---"


def steps(text: str) -> list[tuple[str, list[str]]]:
    """Commands of the README's one ```console block, each with the lines shown below it."""
    (block,) = re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def follow(home: Path, environment: Mapping[str, str], folder: Path) -> None:
    """Run the block on the ledger in `home`, in `folder`; what it prints must be what the README shows, `…` aside."""
    shown = steps((ROOT / "README.md").read_text())
    here = [
        (command.replace(".tamga/", f"{home}/").replace(".venv/", f"{ROOT}/.venv/"), lines) for command, lines in shown
    ]
    script = "\n".join(f"{command}\necho '{MARK}'" for command, _ in here)
    done = subprocess.run(
        ["/bin/sh", "-s"], input=script, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
    )
    printed = [part.strip("\n").splitlines() for part in done.stdout.split(f"{MARK}\n")]
    for (command, lines), came in zip(here, printed, strict=False):
        wanted = [re.escape(line).replace("…", ".*") for line in lines]
        matches = len(wanted) == len(came) and all(map(re.fullmatch, wanted, came))
        assert matches, f"{command}\n printed {came}\n the README shows {lines}\n{done.stderr[-2000:]}"
    assert len(printed) == len(here) + 1, done.stderr[-2000:]
