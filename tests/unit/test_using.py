"""What relies on a document, beyond what one answer names.

given a document that more declarations, or permits, rely on than one answer names
  when the caller may see none of the first ones → the later one that it may see should be told
  when it may see exactly as many as are named → all, and that there are no more
  when it may see more → the first ones, and that there are more
  when it may see none → not used, as if there were none
given thousands of documents of one request while the ledger cannot say what its caller may do
  → each is told so, and the one outage that all of them are told keeps nothing of any
"""

import traceback
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.known import proof_of
from ledger.domain.caller import Caller
from ledger.domain.errors import NotFound, Unavailable
from ledger.domain.ids import Address, ParticipantId, RecordId
from ledger.domain.roles import Role
from ledger.domain.verdict import Fragment, Question, Reason, Verdict, Verification
from ledger.services.using import MAX_SHOWN, Uses

RECORD = RecordId(b"\1" * 32)
CALLER = Caller(Address("0x" + "11" * 20), ParticipantId(31), Role.OGA, 0)
THERE = MAX_SHOWN + 50


def used(kind: str, visible: Collection[int]) -> Fragment:
    """The answer where `THERE` of a kind rely on the document, of which the caller may see these."""

    def linked(entity: str, kinds: tuple[str, ...]) -> set[str]:
        name = (lambda n: f"permit:0x{n:064x}") if kind == "permit" else (lambda n: f"declaration:{n}")
        return {name(n) for n in range(THERE)} if entity.startswith("document:") and kind in kinds else set()

    def right(_: Caller, asked: Any) -> None:
        number = int.from_bytes(asked) if isinstance(asked, bytes) else int(asked)
        if number not in visible:
            raise NotFound(kind, str(number))

    def state(asked: Any) -> Any:
        names = ("permit", "standing", "lines", "case", "mrn", "status", "version")
        return SimpleNamespace(values=dict.fromkeys(names, asked), block=SimpleNamespace(number=9))

    index = SimpleNamespace(linked=linked)
    rights = SimpleNamespace(use_of_document=lambda *_: None, permit=right, declaration=right)
    states = SimpleNamespace(permit=state, declaration=state)
    return cast(Any, Uses)(index, None, states, rights).of(RECORD, CALLER)


def told(fragment: Fragment, kind: str) -> list[int]:
    named = fragment.evidence[f"{kind}s"]
    return [int.from_bytes(each["permit"]) if kind == "permit" else int(each["case"]) for each in named]


KINDS = pytest.mark.parametrize("kind", ["permit", "declaration"])


@KINDS
def test_the_last_one_is_told_to_who_may_see_it_alone(kind: str) -> None:
    fragment = used(kind, {THERE - 1})
    assert (fragment.verdict, fragment.reason) == (Verdict.VALID, Reason.USED)
    assert (told(fragment, kind), fragment.evidence["more"]) == ([THERE - 1], False)


@KINDS
def test_as_many_as_are_named_are_all(kind: str) -> None:
    fragment = used(kind, range(25, 25 + MAX_SHOWN))
    assert (told(fragment, kind), fragment.evidence["more"]) == (list(range(25, 25 + MAX_SHOWN)), False)


@KINDS
def test_one_more_is_said_to_be_there(kind: str) -> None:
    fragment = used(kind, range(25, 26 + MAX_SHOWN))
    assert (told(fragment, kind), fragment.evidence["more"]) == (list(range(25, 25 + MAX_SHOWN)), True)


@KINDS
def test_none_to_see_is_not_used(kind: str) -> None:
    fragment = used(kind, ())
    assert (fragment.verdict, fragment.reason, fragment.evidence) == (
        Verdict.NOT_APPLICABLE,
        Reason.NOT_USED,
        {},
    )


def test_an_outage_keeps_nothing_of_the_documents_that_are_told_it() -> None:
    outage = Unavailable("no answer from the node")
    intact = Fragment(Question.INTEGRITY, Verdict.VALID, Reason.INTACT, {"record_id": RECORD})
    found = Verification((intact, Fragment(Question.USE, Verdict.NOT_APPLICABLE, Reason.NO_RIGHT)), 0, None)
    uses = cast(Any, Uses)(None, None, None, None)
    for _ in range(100):
        assert uses.told(found, outage)[Question.USE].reason is Reason.CHAIN_UNAVAILABLE
        with pytest.raises(Unavailable):
            proof_of(cast(Any, None), outage, "mrn", "26UZ0000000000000")
    assert len(traceback.extract_tb(outage.__traceback__)) < 10
