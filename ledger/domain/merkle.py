"""The Merkle tree of RFC 6962 §2.1 over leaf hashes: roots, inclusion and consistency proofs.

Nodes are SHA-256(0x01 ‖ left ‖ right), not sorted pairs, so a path also proves the position. Leaf hashes (record ids)
come ready made. Hashing level by level and lifting an odd last node unchanged gives RFC 6962's tree exactly: its left
subtrees are always the largest full powers of two.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from ledger.domain.hashing import NODE

_SUBTREE_LEVELS: Final = 8
"""Levels below a subtree of which all paths are made at once: 256 leaves."""


def root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes in order; at least one."""
    return levels(leaves)[-1][0]


def levels(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """All levels of the tree, leaves first, root last: everything that proofs need, in n - 1 hashes."""
    if not leaves:
        raise ValueError("a batch has at least one leaf")
    tree = [leaves]
    level = leaves
    while len(level) > 1:
        above = [sha256(NODE + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        tree.append(above)
        level = above
    return tree


def path_in(tree: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Inclusion path of leaf `index` in `levels(…)`, from the leaf up (RFC 6962 §2.1.1)."""
    if not 0 <= index < len(tree[0]):
        raise IndexError(index)
    path = []
    for level in tree[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index >>= 1
    return path


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Inclusion path of one leaf, from the leaf up."""
    return path_in(levels(leaves), index)


def inclusion_paths(leaves: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Inclusion paths of all leaves in order, hashing each node once.

    Leaves side by side share all of their paths above their parent, so paths are made from a subtree's root down; a
    subtree at a time, so that they are never all in memory.
    """
    tree = levels(leaves)
    height = min(_SUBTREE_LEVELS, len(tree) - 1)
    for place in range(len(tree[height])):
        paths = [path_in(tree[height:], place)]
        for below in range(height - 1, -1, -1):
            first = place << (height - below)
            paths = _paths_below(tree[below][first : first + 2 * len(paths)], paths)
        yield from paths


def _paths_below(nodes: Sequence[bytes], above: list[list[bytes]]) -> list[list[bytes]]:
    """Paths of neighbouring nodes, from those of their parents."""
    pairs = zip(nodes[::2], nodes[1::2], above, strict=False)
    paths = [path for left, right, up in pairs for path in ([right, *up], [left, *up])]
    if len(nodes) % 2:  # the last node has no sibling: it was lifted
        paths.append(above[-1])
    return paths


def verify_inclusion(leaf_hash: bytes, index: int, size: int, hashes: Sequence[bytes], root: bytes) -> bool:
    """Whether `hashes` prove that `leaf_hash` is leaf `index` of the tree of `size` leaves with that root.

    RFC 9162 §2.1.3.2. Wrong lengths and positions out of range are simply false.
    """
    return root_from_path(leaf_hash, index, size, hashes) == root


def root_from_path(leaf_hash: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion path leads to; None if it has not the one length that fits."""
    if not 0 <= index < size or len(leaf_hash) != 32:
        return None
    node, last = leaf_hash, size - 1
    for sibling in hashes:
        if last == 0 or len(sibling) != 32:
            return None
        if index & 1 or index == last:
            node = sha256(NODE + sibling + node).digest()
            while not index & 1 and index:  # lifted unchanged to the level where it has a left sibling
                index >>= 1
                last >>= 1
        else:
            node = sha256(NODE + node + sibling).digest()
        index >>= 1
        last >>= 1
    return node if last == 0 else None


def consistency_path(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """Proof that the tree over the first `first` leaves is a prefix of the tree over all (RFC 6962 §2.1.2)."""
    if not 0 < first <= len(leaves):
        raise IndexError(first)
    return _subproof(leaves, first, whole=True)


def _subproof(leaves: Sequence[bytes], first: int, *, whole: bool) -> list[bytes]:
    size = len(leaves)
    if first == size:
        return [] if whole else [root(leaves)]
    split = 1 << (size - 1).bit_length() - 1  # the largest power of two below size
    if first <= split:
        return [*_subproof(leaves[:split], first, whole=whole), root(leaves[split:])]
    return [*_subproof(leaves[split:], first - split, whole=False), root(leaves[:split])]


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, hashes: Sequence[bytes]) -> bool:
    """Whether `hashes` prove that the tree of `first` leaves is a prefix of that of `second` (RFC 9162 §2.1.4.2)."""
    if not 0 < first <= second or any(len(node) != 32 for node in hashes):
        return False
    if first == second:
        return not hashes and first_root == second_root
    path = list(hashes)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    index, last = first - 1, second - 1
    while index & 1:
        index >>= 1
        last >>= 1
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old = sha256(NODE + node + old).digest()
            new = sha256(NODE + node + new).digest()
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            new = sha256(NODE + new + node).digest()
        index >>= 1
        last >>= 1
    return last == 0 and old == first_root and new == second_root
