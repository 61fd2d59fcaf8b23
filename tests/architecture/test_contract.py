"""The interface's contract: checked in, of OpenAPI 3.1, strict about fields, every problem of one shape."""

import json
from typing import Any

import pytest

from api.contract import FILE, contract
from api.errors import PROBLEMS, problem_of
from api.schemas.problems import ProblemOut
from ledger.domain import errors
from ledger.domain.errors import ActRefused, Fault, LimitExceeded, Malformed, NotFound, TamgaError

CONTRACT: Any = json.loads(FILE.read_text(encoding="utf-8"))
OPERATIONS = [(path, method) for path, found in CONTRACT["paths"].items() for method in found]


def test_it_is_the_one_checked_in() -> None:
    assert contract() == FILE.read_text(encoding="utf-8"), (
        "the interface changed: python -m api.contract, if you mean it"
    )


def test_it_is_openapi_3_1() -> None:
    assert CONTRACT["openapi"].startswith("3.1.")


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_operation_is_described(path: str, method: str) -> None:
    operation = CONTRACT["paths"][path][method]
    assert operation["summary"]
    assert operation["description"]
    assert "default" in operation["responses"]


def test_our_shapes_take_no_unknown_fields() -> None:
    shapes = CONTRACT["components"]["schemas"]
    ours = [s for s in shapes.values() if s.get("type") == "object" and "additionalProperties" in s]
    assert all(shape["additionalProperties"] is False for shape in ours)
    assert len(ours) > 10


def every_class(of: type[TamgaError] = TamgaError) -> list[type[TamgaError]]:
    return [of, *(c for sub in of.__subclasses__() for c in every_class(sub))]


def test_every_error_has_a_problem() -> None:
    ours = [c for c in every_class() if c.__module__ == errors.__name__]
    assert set(ours) == set(PROBLEMS)


@pytest.mark.parametrize(
    "error",
    [
        Malformed(Fault("hex", "/a", "text")),
        ActRefused("NotAuthorised", {"key": b"\x01", "at": 2**60}),
        LimitExceeded("body", 5),
        NotFound("act", "7"),
        *(c("text") for c in PROBLEMS if c not in (Malformed, ActRefused, LimitExceeded, NotFound)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_problem_has_the_one_shape(error: TamgaError) -> None:
    problem = ProblemOut.model_validate(problem_of(error))
    assert problem.code == error.code
    assert problem.retryable == error.retryable
    assert 400 <= problem.status < 600
    assert problem.type.endswith(problem.code)
