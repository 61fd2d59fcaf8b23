"""The sample documents are what their publishers published, and the derived one is what its sources give.

Given the repository alone
    it should find a row with origin, licence and SHA-256 for each sample, and each file's bytes to be those
    it should find the derived declaration to be a fresh derivation
Given the collection that the samples were taken from
    it should find every copy to be byte-identical to the original
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "samples"
ROW = re.compile(r"^\| `([^`]+)` \| .+ \| (.+) \| (.+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
ORIGINALS = ROOT.parent / "shared" / "samples"
OURS = {"README.md", ".gitattributes"}
LICENCES = {
    "Apache-2.0",
    "Apache-2.0 OR MIT",
    "OGL-3.0",
    "MIT",
    "W3C Software and Document License",
    "OASIS IPR",
    "CC0",
}
OWN = "captured for this project on loopback"


def copies() -> list[str]:
    files = [path.relative_to(SAMPLES) for path in SAMPLES.rglob("*") if path.is_file() and path.name not in OURS]
    return sorted(file.as_posix() for file in files if file.parts[0] not in ("licences", "derived"))


def rows() -> dict[str, tuple[str, str, str]]:
    """Origin, licence and SHA-256 of each sample; a folder's own README names its files without the folder."""
    found = {}
    for readme in SAMPLES.rglob("README.md"):
        for name, *facts in ROW.findall(readme.read_text()):
            found[(readme.parent / name).relative_to(SAMPLES).as_posix()] = tuple(facts)
    return found


def test_every_sample_has_its_row() -> None:
    assert sorted(rows()) == copies()
    for name, (origin, licence, digest) in rows().items():
        assert origin == OWN or re.match(r"[\w-]+/[\w-]+@[0-9a-f]{10}: ", origin), name
        assert licence in LICENCES
        assert hashlib.sha256((SAMPLES / name).read_bytes()).hexdigest() == digest, name


def test_licence_texts_are_here() -> None:
    texts = {path.name for path in (SAMPLES / "licences").iterdir()}
    assert texts == {"Apache-2.0.txt", "MIT-Mattilsynet.txt", "OGL-3.0-Defra.txt", "W3C-Software-and-Document.md"}


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the collection that the samples come from is not beside this clone")
@pytest.mark.parametrize("name", copies())
def test_copies_equal_the_originals(name: str) -> None:
    assert (SAMPLES / name).read_bytes() == (ORIGINALS / name).read_bytes()


def test_the_derived_declaration_is_a_fresh_derivation() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "derive_declaration"), "--check"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
