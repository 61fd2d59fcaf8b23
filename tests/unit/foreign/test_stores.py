"""What the contracts of other systems say, and what it means.

given a document whose status a contract keeps
  when its chain is not configured, or does not answer       → UNDETERMINED
  when the contract says issued, not issued, revoked         → so, with the block it was read at
  when it was revoked and a past instant is asked for        → UNDETERMINED: stores keep no times
  when the contract is not there                             → not issued
  when it answers with anything else                         → UNDETERMINED
given a transferable record
  when its title is held, handed back, burnt, unknown        → operative, UNDETERMINED, inoperative, not issued
"""

import json
from typing import Any

import pytest

from ledger.adapters.clock import SystemClock
from ledger.domain.foreign.stores import Output
from ledger.domain.verdict import Question, Verification
from ledger.ports.foreign import ForeignWorld
from ledger.services.verification import Submitted, Verifier
from tests.support.foreign import (
    BLOCK,
    BURNT_TITLE,
    FALSE,
    HELD_TITLE,
    NO_TOKEN,
    REVERTED,
    TRUE,
    ScriptedWorld,
    wrapped_anew,
)
from tests.support.samples import sample

REVOKED = "tradetrust/oa2-certificate-of-origin-revoked.json"
LADING = "tradetrust/oa2-bill-of-lading-operative.json"
WRAPPED = "tradetrust/oa3-document-store-wrapped-not-issued.json"
REGISTRY = "7202363bBDb126036F7C3243Ebac310d9d145040"
NEW_REVOKED, OLD_REVOKED = "isRevoked(bytes32,bytes32,bytes32[])", "isRevoked(bytes32)"
NEW_ISSUED, OLD_ISSUED = "isIssued(bytes32,bytes32,bytes32[])", "isIssued(bytes32)"


def verify(
    name: str, world: ForeignWorld | None, *, at: int | None = None, chain_id: int | None = None
) -> Verification:
    document = json.loads(sample(name))
    if chain_id is not None:
        document = wrapped_anew({**document, "network": {"chain": "x", "chainId": str(chain_id)}})
    return Verifier(None, None, SystemClock(), foreign=world).verify(Submitted(json.dumps(document).encode(), at=at))


def told(found: Verification, question: Question) -> tuple[str, str]:
    return str(found[question].verdict), str(found[question].reason)


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        (None, ("UNDETERMINED", "status_not_asked")),
        (ScriptedWorld(chains=()), ("UNDETERMINED", "status_not_asked")),
        (ScriptedWorld(is_off=True), ("UNDETERMINED", "status_not_asked")),
        (ScriptedWorld({NEW_REVOKED: TRUE}), ("INVALID", "revoked")),
        (ScriptedWorld({OLD_REVOKED: TRUE}), ("INVALID", "revoked")),
        (ScriptedWorld({NEW_REVOKED: TRUE, OLD_REVOKED: FALSE}), ("INVALID", "revoked")),
        (ScriptedWorld({NEW_REVOKED: FALSE}), ("VALID", "in_force")),
        (ScriptedWorld({OLD_REVOKED: FALSE}), ("VALID", "in_force")),
        (ScriptedWorld({}), ("UNDETERMINED", "status_not_asked")),
        (ScriptedWorld({OLD_REVOKED: (2).to_bytes(32)}), ("UNDETERMINED", "status_not_asked")),
        (ScriptedWorld({OLD_REVOKED: b"\x01"}), ("UNDETERMINED", "status_not_asked")),
    ],
)
def test_a_revocation_store(world: ForeignWorld | None, expected: tuple[str, str]) -> None:
    assert told(verify(REVOKED, world), Question.STATUS) == expected


def test_the_block_it_was_read_at() -> None:
    evidence = verify(REVOKED, ScriptedWorld({NEW_REVOKED: TRUE}))[Question.STATUS].evidence
    assert evidence["chain_id"] == 101010
    assert evidence["block"] == {"number": BLOCK.number, "hash": BLOCK.hash, "time": "2025-11-24T16:00:00Z"}


def test_a_past_instant() -> None:
    past = 1_755_000_000
    assert told(verify(REVOKED, ScriptedWorld({NEW_REVOKED: TRUE}), at=past), Question.STATUS)[1] == "only_known_now"
    assert told(verify(REVOKED, ScriptedWorld({NEW_REVOKED: FALSE}), at=past), Question.STATUS)[1] == "in_force"
    assert told(verify(LADING, ScriptedWorld({"ownerOf(uint256)": HELD_TITLE}), at=past), Question.STATUS) == (
        "UNDETERMINED",
        "only_known_now",
    )
    future = 4_000_000_000
    assert told(verify(REVOKED, ScriptedWorld({NEW_REVOKED: FALSE}), at=future), Question.STATUS)[1] == "at_in_future"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({NEW_ISSUED: TRUE, NEW_REVOKED: FALSE}, ("VALID", "issued_on_store")),
        ({OLD_ISSUED: TRUE, OLD_REVOKED: FALSE}, ("VALID", "issued_on_store")),
        ({OLD_ISSUED: FALSE, OLD_REVOKED: FALSE}, ("INVALID", "not_issued_on_store")),
        ({NEW_ISSUED: FALSE, OLD_ISSUED: TRUE}, ("INVALID", "not_issued_on_store")),
        ({}, ("UNDETERMINED", "store_says_nothing")),
        (lambda _: Output(b""), ("INVALID", "not_issued_on_store")),
    ],
)
def test_a_document_store(answers: Any, expected: tuple[str, str]) -> None:
    world = ScriptedWorld(answers, chains=(1,))
    assert told(verify(WRAPPED, world, chain_id=1), Question.ANCHOR) == expected
    assert told(verify(WRAPPED, world), Question.ANCHOR) == ("UNDETERMINED", "store_not_reached")  # names no chain


@pytest.mark.parametrize(
    ("owner", "anchor", "status"),
    [
        (HELD_TITLE, "issued_on_store", ("VALID", "title_active")),
        (BURNT_TITLE, "issued_on_store", ("INVALID", "title_inoperative")),
        (Output(bytes(12) + bytes.fromhex(REGISTRY)), "issued_on_store", ("UNDETERMINED", "title_surrendered")),
        (NO_TOKEN, "not_issued_on_store", ("INVALID", "not_issued_on_store")),
        (Output(bytes(32)), "not_issued_on_store", ("INVALID", "not_issued_on_store")),
        (Output(b""), "not_issued_on_store", ("INVALID", "not_issued_on_store")),
        (REVERTED, "store_says_nothing", ("UNDETERMINED", "status_not_asked")),
        (Output(b"\xff" * 32), "store_says_nothing", ("UNDETERMINED", "status_not_asked")),
    ],
)
def test_a_title(owner: Output, anchor: str, status: tuple[str, str]) -> None:
    found = verify(LADING, ScriptedWorld({"ownerOf(uint256)": owner}))
    assert found[Question.ANCHOR].reason == anchor
    assert told(found, Question.STATUS) == status
