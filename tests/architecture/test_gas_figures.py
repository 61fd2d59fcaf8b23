"""Gas figures in the README are those of the table, and the peers' those of their publishers.

Given the README's table of what an act costs
    when a row is ours
        → its figure should be the one in `gas.json`
    when a row is somebody else's
        → it should be what they publish
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = json.loads((ROOT / "tests" / "contracts" / "gas.json").read_text())
BATCH = TABLE["documents.anchor.batch_1000"]["gas"]
EXPECTED = {
    "Tamga, a batch of 1,000 documents": BATCH,
    "Tamga, one document by itself": TABLE["documents.anchor.single"]["gas"],
    "OpenAttestation document store, one batch root": 48_277,
    "Tamga, each document of that batch": -(-BATCH // 1_000),
    "OpenAttestation document store, each document in bulk": 24_366,
    "Ethereum Attestation Service, each attestation": 146_103,
}


def test_figures_are_the_tables() -> None:
    section = (ROOT / "README.md").read_text().partition("## What an act costs")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \| ([\d,]+) \|", section, re.MULTILINE)
    assert {name: int(figure.replace(",", "")) for name, figure in rows} == EXPECTED
