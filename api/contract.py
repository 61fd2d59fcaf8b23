"""The interface's contract: `python -m api.contract` writes `openapi.json` anew.

A change of any answer's shape shows as a change of that file, and fails a test until it is meant.
"""

import json
from pathlib import Path
from typing import Final

from api.app import create

FILE: Final = Path(__file__).with_name("openapi.json")


def contract() -> str:
    """OpenAPI 3.1, as text that differs only where the interface does."""
    return json.dumps(create().openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(contract(), encoding="utf-8")
