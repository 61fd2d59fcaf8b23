"""Whatever bytes are handed in, verification answers: it never crashes, never hangs, and never says VALID of a forgery.

given a true proof and file, and any change of either
  → an answer with one fragment per question; VALID only for what says the same as the true one
"""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.pdf import embed
from ledger.domain.proof import dump_proof
from ledger.domain.verdict import Question, Verdict, Verification
from ledger.ports.clock import Clock
from ledger.services.verification import Submitted, Verifier
from tests.support.documents import CERTIFICATE, LEDGER, anchor, world
from tests.support.pdfs import INVOICE


class Noon(Clock):
    def now(self) -> int:
        return 1_700_043_200


MADE = world()
TRUE = dump_proof(anchor(MADE, [CERTIFICATE, b"another", b"a third"])[0])
VERIFIER = Verifier(LEDGER, MADE.chain, Noon())
INVOICE_PROOF = dump_proof(anchor(MADE, [INVOICE.read_bytes()], seq=2, media_type="application/pdf")[0])
CARRIER = embed(INVOICE.read_bytes(), INVOICE_PROOF)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def judged(content: bytes | None, proof: bytes) -> Verification:
    found = VERIFIER.verify(Submitted(content, proof))
    assert [f.name for f in found.fragments] == list(Question)
    assert json.dumps([f.text for f in found.fragments])
    return found


def test_the_true_one_is_valid() -> None:
    assert judged(CERTIFICATE, TRUE).overall is Verdict.VALID


@given(st.binary(max_size=200))
def test_any_bytes_as_a_proof(proof: bytes) -> None:
    assert judged(CERTIFICATE, proof).overall is not Verdict.VALID


@given(st.binary(max_size=100))
def test_any_bytes_as_the_file(content: bytes) -> None:
    assert judged(content, TRUE).overall is (Verdict.VALID if content == CERTIFICATE else Verdict.INVALID)


@settings(max_examples=200)
@given(st.integers(0, len(TRUE) - 1), st.integers(1, 255))
def test_one_changed_byte_of_a_proof(position: int, change: int) -> None:
    changed = bytearray(TRUE)
    changed[position] ^= change
    found = judged(CERTIFICATE, bytes(changed))
    if found.overall is Verdict.VALID:  # a field of the anchor that proves nothing: where its event stands
        before, after = json.loads(TRUE), json.loads(bytes(changed))
        told = {name for name in before["anchor"] if before["anchor"][name] != after["anchor"][name]}
        assert told <= {"block_hash", "block_number", "tx_hash", "log_index", "code_hash", "directory"}
        assert {k: v for k, v in before.items() if k != "anchor"} == {k: v for k, v in after.items() if k != "anchor"}


@given(st.integers(0, len(TRUE)))
def test_a_proof_cut_short(length: int) -> None:
    found = judged(CERTIFICATE, TRUE[:length])
    assert found.overall is (Verdict.VALID if length == len(TRUE) else Verdict.INVALID)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, item in items for p in paths_of(item, (*path, key)))]


@settings(max_examples=200)
@given(st.integers(0, len(CARRIER) - 1), st.integers(1, 255), st.binary(max_size=20))
def test_a_changed_pdf_that_carries_its_proof(position: int, change: int, more: bytes) -> None:
    changed = bytearray(CARRIER)
    changed[position] ^= change
    changed[position:position] = more
    found = VERIFIER.verify(Submitted(bytes(changed)))
    assert found.overall is not Verdict.VALID or INVOICE_PROOF not in changed


@settings(max_examples=100)
@given(st.integers(0, len(CARRIER)), st.binary(max_size=64))
def test_a_pdf_cut_and_continued(length: int, more: bytes) -> None:
    found = VERIFIER.verify(Submitted(CARRIER[:length] + more))
    assert found.overall is not Verdict.VALID or CARRIER[:length] + more == CARRIER


PATHS = paths_of(json.loads(TRUE))[1:]


@settings(max_examples=300)
@given(st.sampled_from(PATHS), json_values)
def test_any_value_in_any_place_of_a_proof(path: tuple[Any, ...], value: Any) -> None:
    changed = json.loads(TRUE)
    place = changed
    for step in path[:-1]:
        place = place[step]
    same = place[path[-1]] == value and type(place[path[-1]]) is type(value)
    place[path[-1]] = value
    found = judged(CERTIFICATE, json.dumps(changed).encode())
    harmless = path[0] == "evidence" or (path[0] == "anchor" and path[-1] in ("block_number", "log_index"))
    assert found.overall is not Verdict.VALID or same or harmless
