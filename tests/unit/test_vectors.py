"""The published test vectors are what their publishers published: each has a row, and each is the file of that hash."""

import hashlib
import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "samples" / "vectors"
ROW = re.compile(
    r"^\| `([^`]+)` \| .+ \| ([\w-]+/[\w-]+@[0-9a-f]{10}): .+ \| (.+) \| `([0-9a-f]{64})` \|$", re.MULTILINE
)


def test_every_vector_has_its_row_and_its_bytes() -> None:
    rows = {name: (licence, found) for name, _, licence, found in ROW.findall((FOLDER / "README.md").read_text())}
    assert set(rows) == {path.name for path in FOLDER.iterdir()} - {"README.md", ".gitattributes"}
    for name, (licence, found) in rows.items():
        assert licence in {"Apache-2.0", "Apache-2.0 OR MIT"}
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == found
