"""Combining verdicts: INVALID if any is, VALID only if all that apply are, else UNDETERMINED; `use` never counts."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.verdict import TEXTS, Fragment, Question, Reason, Verdict, overall

COUNTED = [q for q in Question if q is not Question.USE]
verdicts = st.sampled_from(Verdict)
fragments = st.lists(st.builds(Fragment, st.sampled_from(COUNTED), verdicts, st.just(Reason.INTACT)), max_size=7)


@given(fragments)
def test_the_worst_answer_decides(found: list[Fragment]) -> None:
    seen = {f.verdict for f in found}
    whole = overall(found)
    assert (whole is Verdict.INVALID) == (Verdict.INVALID in seen)
    if whole is Verdict.VALID:
        assert seen <= {Verdict.VALID, Verdict.NOT_APPLICABLE}
        assert Verdict.VALID in seen
    assert whole is not Verdict.NOT_APPLICABLE


@given(fragments, verdicts)
def test_use_never_counts(found: list[Fragment], use: Verdict) -> None:
    assert overall([*found, Fragment(Question.USE, use, Reason.NO_RIGHT)]) is overall(found)


@given(fragments)
def test_order_does_not_matter(found: list[Fragment]) -> None:
    assert overall(reversed(found)) is overall(found)


@given(fragments)
def test_could_not_tell_never_turns_into_valid(found: list[Fragment]) -> None:
    unknown = Fragment(Question.ANCHOR, Verdict.UNDETERMINED, Reason.CHAIN_UNAVAILABLE)
    assert overall([*found, unknown]) in (Verdict.INVALID, Verdict.UNDETERMINED)


def test_a_file_that_nothing_vouches_for_keeps_the_whole_from_valid() -> None:
    intact = Fragment(Question.INTEGRITY, Verdict.VALID, Reason.INTACT)
    closed = Fragment(Question.CONTENT, Verdict.NOT_APPLICABLE, Reason.CONTENT_CLAIM_CLOSED)
    not_given = Fragment(Question.CONTENT, Verdict.NOT_APPLICABLE, Reason.CONTENT_NOT_GIVEN)
    assert overall([intact, closed]) is Verdict.UNDETERMINED
    assert overall([intact, not_given]) is Verdict.VALID


def test_nothing_asked_is_undetermined() -> None:
    assert overall([]) is Verdict.UNDETERMINED


def test_every_reason_has_words() -> None:
    assert set(TEXTS) == set(Reason)
