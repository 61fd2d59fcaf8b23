"""The two compilations are one: what Hardhat tests is what the Python side deploys."""

import json
import subprocess

from ledger.adapters.evm.solidity import SETTINGS, compiler_of
from ledger.devnet.places import ROOT
from ledger.devnet.tools import node

SHOW = "import('./hardhat.config.js').then(({default: c}) => console.log(JSON.stringify(c.solidity)))"


def test_settings_are_hardhats() -> None:
    shown = subprocess.run([node(), "-e", SHOW], cwd=ROOT, capture_output=True, text=True, check=True)
    solidity = json.loads(shown.stdout)
    assert solidity["settings"] == SETTINGS
    version = subprocess.run([compiler_of(ROOT), "--version"], capture_output=True, text=True, check=True)
    assert f"Version: {solidity['version']}+commit." in version.stdout
