"""What an IPFS node answers to an import is compared with what it was given: a node that lies, or fails half way.

given a batch of one tile or of several, and a node that takes it
  when it says of every root, and of no other, that it pinned it → stored
  when it names another root, one too many, one too few or none  → tampered
  when it says of a root that it could not pin it                → unavailable, with its words
  when it ends with an error, or answers something else          → unavailable: stored by nobody's word
given a node that dies in the middle of an answer
  when a batch was stored, or a block is read                    → unavailable: the node did not answer
given a batch that has to wait on disk for its roots, and no disk that takes it → unavailable, with the cause
"""

import json
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.kubo import KuboStore
from ledger.domain.cid import block_cid
from ledger.domain.errors import Tampered, Unavailable
from ledger.domain.ids import Cid
from ledger.ports.content_store import Pin

BLOCKS = [(block_cid(content), content) for content in (b"one", b"two")]
ROOTS = [cid for cid, _ in BLOCKS]
OTHER = block_cid(b"another")

Answer = Mapping[str, Any]


class Node(ThreadingHTTPServer):
    """A node that answers whatever it is told to."""

    answers: Sequence[Answer | str] = ()
    asked: int = 0
    held_back: int = 0
    """Bytes of an answer that never come."""


class Handler(BaseHTTPRequestHandler):
    server: Node

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0))) or self._chunks()
        self.server.asked += self.path.startswith("/api/v0/dag/import")
        lines = [each if isinstance(each, str) else json.dumps(each) for each in self.server.answers]
        body = "".join(f"{line}\n" for line in lines).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + self.server.held_back))
        self.end_headers()
        self.wfile.write(body)

    def _chunks(self) -> None:
        while size := int(self.rfile.readline() or b"0", 16):
            self.rfile.read(size + 2)
        self.rfile.readline()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def node() -> Iterator[Node]:
    with Node(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def put(node: Node, roots: Sequence[Cid]) -> None:
    with closing(KuboStore(f"http://127.0.0.1:{node.server_port}", timeout_s=5)) as store:
        store.put_batch(BLOCKS, [Pin(root, recursive=True) for root in roots])
    assert node.asked == 1


def root(cid: Cid, problem: str = "") -> Answer:
    return {"Root": {"Cid": {"/": cid}, "PinErrorMsg": problem}}


@pytest.mark.parametrize("roots", [ROOTS[:1], ROOTS])
def test_every_root_pinned_is_stored(node: Node, roots: list[Cid]) -> None:
    node.answers = [*map(root, roots), {"Stats": {"BlockCount": 2}}]
    put(node, roots)


@pytest.mark.parametrize(
    "pinned",
    [[OTHER], [OTHER, ROOTS[1]], [*ROOTS, OTHER], ROOTS[:1], []],
    ids=["another alone", "another in its place", "one too many", "one too few", "none"],
)
def test_other_roots_are_not_believed(node: Node, pinned: list[Cid]) -> None:
    node.answers = [root(cid) for cid in pinned]
    with pytest.raises(Tampered, match="pinned other roots than it was given"):
        put(node, ROOTS)


def test_a_root_that_was_not_pinned_is_told(node: Node) -> None:
    node.answers = [root(ROOTS[0]), root(ROOTS[1], "block was not found locally")]
    with pytest.raises(Unavailable, match=f"did not pin.*{ROOTS[1]}.*block was not found locally"):
        put(node, ROOTS)


@pytest.mark.parametrize(
    "answers",
    [
        [root(ROOTS[0]), {"Message": "disk full", "Code": 0, "Type": "error"}],
        ['{"Root":'],
        ["<html>"],
        ["7"],
        [{"Root": None}],
        [{"Root": {"Cid": {"/": ROOTS[0]}}}, root(ROOTS[1])],
        [{"Root": {"Cid": {"/": [7]}, "PinErrorMsg": ""}}],
    ],
    ids=["an error behind", "cut", "a page", "a number", "no root", "no word on the pin", "no cid"],
)
def test_what_is_no_answer_stores_nothing(node: Node, answers: list[Answer | str]) -> None:
    node.answers = answers
    with pytest.raises(Unavailable):
        put(node, ROOTS)


def test_an_answer_that_is_cut_off_is_none(node: Node) -> None:
    node.answers, node.held_back = [*map(root, ROOTS)], 9
    silent = f"an IPFS node does not answer: http://127.0.0.1:{node.server_port}"
    with pytest.raises(Unavailable, match=silent):
        put(node, ROOTS)
    with (
        closing(KuboStore(f"http://127.0.0.1:{node.server_port}", timeout_s=5)) as store,
        pytest.raises(Unavailable, match=silent),
    ):
        store.get(ROOTS[0], max_bytes=99)


@pytest.mark.parametrize("is_full", [False, True], ids=["no folder", "a full disk"])
def test_a_batch_that_no_disk_takes_is_refused_for_now(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_full: bool
) -> None:
    monkeypatch.setattr("ledger.adapters.kubo._SPOOL_BYTES", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    if is_full:
        full = partial(Path.open, Path("/dev/full"), "w+b")
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda *_, **__: full())
    with pytest.raises(Unavailable, match="No space left" if is_full else "No such file"):
        put(node, ROOTS)
    assert node.asked == 0
