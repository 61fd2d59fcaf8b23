"""Where the sample documents are."""

from pathlib import Path
from typing import Final

SAMPLES: Final = Path(__file__).resolve().parents[1] / "samples"


def sample(name: str) -> bytes:
    """Bytes of `folder/file`."""
    return (SAMPLES / name).read_bytes()
