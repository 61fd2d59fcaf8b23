"""The interface's contract: checked in, of OpenAPI 3.1, strict about fields, every problem of one shape."""

import json
from typing import Any

import jsonschema_rs
import pytest

from api.app import create
from api.contract import FILE, contract
from api.errors import PROBLEMS, STATUS_CODES, problem_of
from api.schemas.problems import ProblemOut
from ledger.domain import errors
from ledger.domain.errors import ActRefused, Fault, LimitExceeded, Malformed, NotFound, TamgaError
from ledger.domain.siwe import read_message

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
    assert {"422", "429", "503"} <= operation["responses"].keys()
    assert ("401" in operation["responses"]) == ("security" in operation)
    assert ("404" in operation["responses"]) >= ("{" in path)
    assert {"413", "415"} <= operation["responses"].keys() or "requestBody" not in operation


def test_what_is_tagged_can_be_unchanged() -> None:
    tagged = {path for path, method in OPERATIONS if "304" in CONTRACT["paths"][path][method]["responses"]}
    assert {"/v1/declarations", "/v1/permits", "/v1/services"} <= tagged
    for path in tagged:
        operation = CONTRACT["paths"][path]["get"]
        assert "ETag" in operation["responses"]["200"]["headers"]
        assert "If-None-Match" in {parameter["name"] for parameter in operation["parameters"]}


FREE = {"DutyIn.tariff", "LineIn.proof", "PrepareIn.args", "LodgementOut.declaration"}
"""Documents, and arguments of whatever act: their own readers refuse what is wrong with them."""


def test_no_field_holds_just_anything() -> None:
    free = set()
    for name, shape in CONTRACT["components"]["schemas"].items():
        for field, schema in shape.get("properties", {}).items():
            told = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
            if {} in told[:-1] or any(each.get("additionalProperties") is True for each in told):
                free.add(f"{name}.{field}")
    assert free == FREE


def test_the_description_stays_the_same_when_asked_again() -> None:
    app = create()
    assert json.dumps(app.openapi()) == json.dumps(app.openapi())


def test_a_problem_has_one_of_the_codes_there_are() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TamgaError)]
    codes = CONTRACT["components"]["schemas"]["ProblemOut"]["properties"]["code"]["enum"]
    assert {kind.code for kind in kinds} | {code for code, _ in STATUS_CODES.values()} <= set(codes)


def test_our_shapes_take_no_unknown_fields() -> None:
    shapes = CONTRACT["components"]["schemas"]
    ours = [s for s in shapes.values() if s.get("type") == "object" and "additionalProperties" in s]
    assert all(shape["additionalProperties"] is False for shape in ours)
    assert len(ours) > 10


def examples() -> list[tuple[str, Any, Any]]:
    """Where, schema and value of every example in the shapes, of a whole shape or of a field."""
    found = []
    for name, shape in CONTRACT["components"]["schemas"].items():
        found += [(name, {"$ref": f"#/components/schemas/{name}"}, value) for value in shape.get("examples", ())]
        for field, schema in shape.get("properties", {}).items():
            found += [(f"{name}.{field}", schema, value) for value in schema.get("examples", ())]
    return found


@pytest.mark.parametrize(("where", "schema", "value"), examples(), ids=[where for where, _, _ in examples()])
def test_every_example_fits_what_it_is_an_example_of(where: str, schema: Any, value: Any) -> None:
    jsonschema_rs.validate({**schema, "components": CONTRACT["components"]}, value)


NO_WRITE = {"/v1/verify", "/v1/verify/many", "/v1/prepare", "/v1/duty/calculate"}
"""Operations that keep nothing, though they are sent with POST; so are those that prepare one act."""
SIGN_IN = {"/v1/session", "/v1/session/nonce"}
"""Its idempotency key is the nonce."""


def prepares(path: str) -> bool:
    return path.startswith("/v1/acts/") and path.count("/") == len(("v1", "acts", "contract", "function"))


def test_every_write_takes_an_idempotency_key() -> None:
    writes = {
        path: found
        for path, operations in CONTRACT["paths"].items()
        for method, found in operations.items()
        if method != "get" and path not in NO_WRITE | SIGN_IN and not prepares(path)
    }
    assert {"/v1/acts", "/v1/lodgements", "/v1/webhooks"} <= writes.keys()
    lacking = [
        path for path, found in writes.items() if "Idempotency-Key" not in {p["name"] for p in found["parameters"]}
    ]
    assert lacking == []


def test_the_example_of_a_sign_in_is_a_message_of_the_standard() -> None:
    (example,) = CONTRACT["components"]["schemas"]["SignInIn"]["examples"]
    assert read_message(example["message"]).text() == example["message"]


def test_every_act_and_every_json_request_of_ours_has_an_example() -> None:
    bodies = [
        found["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for operations in CONTRACT["paths"].values()
        for found in operations.values()
        if "application/json" in found.get("requestBody", {}).get("content", {})
    ]
    shapes = CONTRACT["components"]["schemas"]
    assert [body for body in bodies if not shapes[body].get("examples")] == []


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
