"""ABI and bytecode of the contracts, one JSON file each, written by `scripts/export_artifacts`.

A test compiles the contracts afresh and compares. See that script's module for the fields.
"""

import json
from pathlib import Path
from typing import Any

from ledger.domain.errors import NotFound

FOLDER = Path(__file__).parent


def load(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """Every artifact in `folder` by contract name.

    Raises:
        NotFound: There is none: `scripts/export_artifacts` was never run.
    """
    artifacts = {file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))}
    if not artifacts:
        raise NotFound("contract artifacts", f"in {folder}: run scripts/export_artifacts")
    return artifacts
