"""RFC 6962 trees: published vectors, a plain recursive twin, and every proof that must not hold."""

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.domain import merkle

VECTORS = Path(__file__).parents[1] / "samples" / "vectors"


def vector(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_bytes())
    return found


def raw(text: str) -> bytes:
    return base64.b64decode(text)


def leaves(count: int) -> list[bytes]:
    return [sha256(number.to_bytes(4)).digest() for number in range(count)]


def root_by_definition(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word by word."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + root_by_definition(hashes[:split]) + root_by_definition(hashes[split:])).digest()


@pytest.mark.parametrize("name", ["rfc6962-inclusion-ok", "rfc6962-inclusion-wrong-leaf"])
def test_published_inclusion(name: str) -> None:
    case = vector(name)
    held = merkle.verify_inclusion(
        raw(case["leafHash"]), case["leafIdx"], case["treeSize"], [raw(h) for h in case["proof"]], raw(case["root"])
    )
    assert held is not case["wantErr"]


@pytest.mark.parametrize("name", ["rfc6962-consistency-ok", "rfc6962-consistency-truncated"])
def test_published_consistency(name: str) -> None:
    case = vector(name)
    held = merkle.verify_consistency(
        case["size1"], case["size2"], raw(case["root1"]), raw(case["root2"]), [raw(h) for h in case["proof"]]
    )
    assert held is not case["wantErr"]


@pytest.mark.parametrize("size", [*range(1, 18), 255, 256, 257, 600])
def test_every_leaf_is_proven_and_nothing_else(size: int) -> None:
    hashes = leaves(size)
    root = merkle.root(hashes)
    assert root == root_by_definition(hashes)
    for index, path in enumerate(merkle.inclusion_paths(hashes)):
        assert path == merkle.path_in(merkle.levels(hashes), index)
        assert merkle.verify_inclusion(hashes[index], index, size, path, root)
        assert not merkle.verify_inclusion(hashes[index], index, size, [*path, root], root)
        assert not merkle.verify_inclusion(hashes[index], index, size, path[:-1], root) or size == 1
        assert not merkle.verify_inclusion(sha256(hashes[index]).digest(), index, size, path, root)
        for other in {0, size // 2, size - 1} - {index}:
            assert not merkle.verify_inclusion(hashes[index], other, size, path, root)


def test_positions_and_lengths_out_of_range_do_not_hold() -> None:
    hashes = leaves(5)
    path, root = merkle.inclusion_path(hashes, 4), merkle.root(hashes)
    assert not merkle.verify_inclusion(hashes[4], 5, 5, path, root)
    assert not merkle.verify_inclusion(hashes[4], -1, 5, path, root)
    assert not merkle.verify_inclusion(hashes[4], 4, 0, path, root)
    assert not merkle.verify_inclusion(hashes[4][:31], 4, 5, path, root)
    assert not merkle.verify_inclusion(hashes[4], 4, 5, [path[0] + b"\0"], root)
    with pytest.raises(IndexError):
        merkle.inclusion_path(hashes, 5)
    with pytest.raises(ValueError, match="at least one leaf"):
        merkle.root([])


def test_order_matters() -> None:
    first, second = leaves(2)
    assert merkle.root([first, second]) != merkle.root([second, first])


@pytest.mark.parametrize("size", [*range(1, 18), 33])
def test_consistency_of_every_prefix(size: int) -> None:
    hashes = leaves(size)
    root = merkle.root(hashes)
    for first in range(1, size + 1):
        path = merkle.consistency_path(hashes, first)
        before = merkle.root(hashes[:first])
        assert merkle.verify_consistency(first, size, before, root, path)
        assert not merkle.verify_consistency(first, size, before, root, [*path, root])
        assert not merkle.verify_consistency(first, size, bytes(32), root, path)
        assert not merkle.verify_consistency(first, size, before, bytes(32), path)
        if first < size:
            assert not merkle.verify_consistency(first, size, before, root, path[:-1])


def test_consistency_out_of_range() -> None:
    assert not merkle.verify_consistency(0, 2, bytes(32), bytes(32), [])
    assert not merkle.verify_consistency(3, 2, bytes(32), bytes(32), [])
    with pytest.raises(IndexError):
        merkle.consistency_path(leaves(2), 0)
