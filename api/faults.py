"""What does not fit a request's shape, in codes and words of ours: the library that checks it speaks to programmers.

A fault that is not in the table is an `invalid_value` in the library's words.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.errors import Fault

OBJECT: Final = ("not_an_object", "a JSON object is needed here")
INTEGER: Final = ("not_an_integer", "an integer is needed here, without quotes")

FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("missing", "this is needed"),
    "extra_forbidden": ("unknown_field", "there is no such field"),
    "model_attributes_type": OBJECT,
    "model_type": OBJECT,
    "dict_type": OBJECT,
    "list_type": ("not_a_list", "a list is needed here"),
    "string_type": ("not_a_text", "a text is needed here, in quotes"),
    "bool_type": ("not_a_bool", "true or false is needed here"),
    "int_type": INTEGER,
    "int_parsing": ("not_an_integer", "an integer is needed here"),
    "int_from_float": INTEGER,
    "literal_error": ("unknown_word", "one of these is needed: {expected}"),
    "enum": ("unknown_word", "one of these is needed: {expected}"),
    "string_pattern_mismatch": ("wrong_format", "this is not of the form {pattern}"),
    "string_too_short": ("too_short", "at least {min_length} characters are needed"),
    "string_too_long": ("too_long", "at most {max_length} characters are taken"),
    "too_short": ("too_short", "at least {min_length} entries are needed"),
    "too_long": ("too_long", "at most {max_length} entries are taken"),
    "greater_than_equal": ("out_of_range", "at least {ge}"),
    "greater_than": ("out_of_range", "more than {gt}"),
    "less_than_equal": ("out_of_range", "at most {le}"),
    "less_than": ("out_of_range", "less than {lt}"),
}
"""Our code and text by the library's code; `{name}` stands for what the library tells of the bound."""


class Misfit(ValueError):
    """What a check of ours has against a value: in a validator of a request's shape, told with all else.

    Attributes:
        code, text: As of a `Fault`.
    """

    def __init__(self, code: str, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(text)


def fault_of(error: Mapping[str, Any]) -> Fault:
    """A validation error of pydantic's as a fault, at its path: `/body/lodgement/office`."""
    path = "/".join(("", *map(str, error["loc"])))
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Misfit):
        return Fault(cause.code, path, cause.text)
    if error["type"] == "value_error":  # of the library's own: a text where a form needs a file
        return Fault("not_a_file", path, "a file is needed here: a part of the form that has a file name")
    if error["type"] not in FAULTS:
        return Fault("invalid_value", path, error["msg"])
    code, text = FAULTS[error["type"]]
    return Fault(code, path, text.format_map(error.get("ctx", {})))
