"""What does not fit a request's shape is told in codes and words of ours.

given each kind of fault that our shapes can have
  it should have a code of ours, its path, and a text without the library's words
given every bound that a text names
  it should be told by the library for that fault
"""

from typing import Annotated, Literal

import pytest
from pydantic import Field, StrictBool, ValidationError

from api.faults import FAULTS, fault_of
from api.schemas.base import Shape


class Inner(Shape):
    """A part."""

    number: Annotated[int, Field(strict=True, ge=1, lt=10)] = 1


class Asked(Shape):
    """Each kind of field that our shapes have."""

    word: Literal["A", "B"] = "A"
    text: Annotated[str, Field(min_length=2, max_length=3, pattern="^[a-z]*$")] = "ab"
    flag: StrictBool = True
    many: Annotated[list[int], Field(min_length=1, max_length=2, default_factory=lambda: [1])]
    inner: Annotated[Inner, Field(default_factory=Inner)]


@pytest.mark.parametrize(
    ("field", "value", "code", "text"),
    [
        ("word", "C", "unknown_word", "one of these is needed: 'A' or 'B'"),
        ("text", "a", "too_short", "at least 2 characters are needed"),
        ("text", "abcd", "too_long", "at most 3 characters are taken"),
        ("text", "AB", "wrong_format", "this is not of the form ^[a-z]*$"),
        ("text", 5, "not_a_text", "a text is needed here, in quotes"),
        ("flag", "true", "not_a_bool", "true or false is needed here"),
        ("many", [], "too_short", "at least 1 entries are needed"),
        ("many", [1, 2, 3], "too_long", "at most 2 entries are taken"),
        ("many", 5, "not_a_list", "a list is needed here"),
        ("inner", 5, "not_an_object", "a JSON object is needed here"),
        ("unknown", 5, "unknown_field", "there is no such field"),
    ],
)
def test_a_fault_has_our_code_and_words(field: str, value: object, code: str, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({field: value})
    (fault,) = map(fault_of, refused.value.errors())
    assert (fault.code, fault.path, fault.text) == (code, f"/{field}", text)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("1", "not_an_integer", "an integer is needed here, without quotes"),
        (0, "out_of_range", "at least 1"),
        (10, "out_of_range", "less than 10"),
    ],
)
def test_a_fault_deep_inside_has_its_path(value: object, code: str, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({"inner": {"number": value}})
    (fault,) = map(fault_of, refused.value.errors())
    assert (fault.code, fault.path, fault.text) == (code, "/inner/number", text)


def test_codes_are_words_of_ours() -> None:
    assert all(code.replace("_", "").isalpha() and text for code, text in FAULTS.values())
