"""Every problem says where in the request it lies.

given an error of each class, and a request
└── its problem should name the parameter, the header or the body that it is about; of what is nobody's fault, nothing
"""

from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from api.errors import PROBLEMS, problem_of
from api.places import place_of
from ledger.domain.errors import (
    ActRefused,
    Conflict,
    Fault,
    InProgress,
    LimitExceeded,
    Malformed,
    NotEntitled,
    NotFound,
    NotOpened,
    NotSignedIn,
    Refused,
    TamgaError,
    Tampered,
    TooMany,
    Unavailable,
)
from tests.support.documents import world
from tests.support.facades import facade_over, serving

POST: dict[str, Any] = {"method": "POST", "path_params": {}}
KEYED: dict[str, Any] = {**POST, "headers": [(b"idempotency-key", b"one")]}
GET: dict[str, Any] = {"method": "GET", "path_params": {"case": 7, "item": 2}, "query_string": b"record=0xAB"}

CASES: list[tuple[TamgaError, dict[str, Any], str]] = [
    (Malformed(Fault("missing", "/body/a/b", "x"), Fault("missing", "/body/a/c", "x")), POST, "/body/a"),
    (Malformed(Fault("missing", "/body/amount", "x"), Fault("missing", "/body/amounts", "x")), POST, "/body"),
    (Malformed(Fault("missing", "/query/as_of", "x"), Fault("missing", "/path/case", "x")), GET, ""),
    (LimitExceeded("the request's body", 3), POST, "/body"),
    (ActRefused("NotAuthorised", {}), POST, "/body"),
    (NotFound("declaration", "7"), GET, "/path/case"),
    (NotFound("document", "0xab"), GET, "/query/record"),
    (NotFound("permit", "9"), GET, "/path"),
    (NotFound("permit", "9"), POST, "/body"),
    (NotSignedIn("sign in"), GET, "/header/Authorization"),
    (NotEntitled("not you"), GET, "/header/Authorization"),
    (Conflict("another request"), KEYED, "/header/Idempotency-Key"),
    (Conflict("the signer was used elsewhere"), POST, ""),
    (InProgress("being worked on"), KEYED, "/header/Idempotency-Key"),
    (Refused("no"), POST, ""),
    (Tampered("altered"), GET, ""),
    (NotOpened("sealed for others"), GET, ""),
    (TooMany("wait"), POST, ""),
    (Unavailable("no node"), GET, ""),
    (TamgaError("a fault"), GET, ""),
]


def test_every_class_has_its_case() -> None:
    assert {type(error) for error, _, _ in CASES} == set(PROBLEMS)


@pytest.mark.parametrize(("error", "asked", "path"), CASES)
def test_a_problem_names_its_place(error: TamgaError, asked: dict[str, Any], path: str) -> None:
    request = Request({"type": "http", "query_string": b"", "headers": [], **asked})
    assert place_of(error, request) == path
    assert problem_of(error, path=path)["path"] == path


def test_problems_of_http_itself_name_theirs(tmp_path: Path) -> None:
    with serving(facade_over(world(), tmp_path)) as client:
        answers = [
            client.get("/v1/nowhere"),
            client.put("/v1/verify"),
            client.post("/v1/session/nonce", content=b"x", headers={"Content-Type": "text/plain"}),
            client.get("/v1/declarations/7"),
        ]
    assert [(answer.status_code, answer.json()["path"]) for answer in answers] == [
        (404, "/path"),
        (405, "/path"),
        (415, "/header/Content-Type"),
        (401, "/header/Authorization"),
    ]
