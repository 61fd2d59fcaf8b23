"""The two compilations are one: what Hardhat tests is what the Python side deploys."""

import json
import subprocess

from ledger.devnet.tools import node
from scripts.lib.compiler import ROOT, SETTINGS, SOLC

SHOW = "import('./hardhat.config.js').then(({default: c}) => console.log(JSON.stringify(c.solidity)))"


def test_settings_are_hardhats() -> None:
    shown = subprocess.run([node(), "-e", SHOW], cwd=ROOT, capture_output=True, text=True, check=True)
    solidity = json.loads(shown.stdout)
    assert solidity["settings"] == {name: SETTINGS[name] for name in ("evmVersion", "optimizer", "metadata")}
    version = subprocess.run([node(), SOLC, "--version"], capture_output=True, text=True, check=True)
    assert f"Version: {solidity['version']}+commit." in version.stdout
