"""FORMATS.md keeps up with the code: bounds, sizes and every code of refusal."""

import re
from pathlib import Path

import pytest

from ledger.domain import grant, limits, wrap

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "FORMATS.md").read_text()
READERS = [
    "anchor", "canonical", "car", "cid", "dagpb", "envelope", "fields", "frame", "grant", "hpke", "json_fault",
    "manifest", "part", "pdf", "pdf_objects", "pdf_source", "proof", "proof_reading", "qr",
    "record", "stream", "tile", "tombstone", "unixfs", "varint", "wrap",
]  # fmt: skip


def codes() -> set[str]:
    texts = "\n".join((ROOT / "ledger" / "domain" / f"{name}.py").read_text() for name in READERS)
    return set(re.findall(r'(?:malformed|Fault|pdf_fault|_NotCanonical|stop)\(\s*"([a-z_0-9]+)"', texts)) - {
        "not_json",
        "changed",
    }


def test_every_code_of_refusal_is_listed() -> None:
    section = PAGE.partition("## Refusals")[2]
    assert codes() - set(re.findall(r"`([a-z_0-9]+)`", section)) == set()
    assert set(re.findall(r"`([a-z_0-9]+)`", section)) - codes() == set()


@pytest.mark.parametrize(
    ("what", "limit", "shown"),
    [
        ("record and openings", limits.MAX_RECORD_PART_BYTES, "3 MiB"),
        ("one opening", limits.MAX_OPENING_BYTES, "64 KiB"),
        ("claims of a record", limits.MAX_CLAIMS, "512"),
        ("a content", limits.MAX_DOCUMENT_BYTES, "2 GiB"),
        ("recipients of a batch", limits.MAX_RECIPIENTS, "64"),
        ("leaves of a batch", limits.MAX_BATCH, "1,048,576"),
        ("a proof file", limits.MAX_PROOF_FILE_BYTES, "4 MiB"),
        ("an IPFS block", limits.MAX_IPFS_BLOCK_BYTES, "2 MiB"),
    ],
)
def test_bounds_are_those_of_the_code(what: str, limit: int, shown: str) -> None:
    unit = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
    number, _, suffix = shown.replace(",", "").partition(" ")
    assert int(number) * unit.get(suffix, 1) == limit
    assert re.search(rf"^\| {what}.*\| {shown} \|$", PAGE, re.MULTILINE)


def test_sizes_are_those_of_the_code() -> None:
    assert f"Stanza, {wrap.STANZA_BYTES} bytes" in PAGE
    assert f"stanzas` of {grant.STANZA_BYTES} bytes" in PAGE
    assert f"to {grant.MAX_STANZAS:,}" in PAGE
    assert f"{limits.CHUNK_BYTES:,} plaintext bytes" in PAGE


def test_every_link_leads_to_a_heading() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    headings = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) == headings
