"""Unknown and doubled fields.

given a request with a query parameter or form field that the route does not have, or has once
  → 422, each of them with its path; a fault of ours → a problem, with nothing of the fault in it
given a method that a path does not take → 405, with those that it takes
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.documents import world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.ledgers import key


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(facade_over(world(), tmp_path)) as client:
        yield client


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["code"], fault["path"]) for fault in answer.json()["faults"]]


def test_query_parameters(client: httpx.Client) -> None:
    assert faults(client.get("/health/live?verbose=1&x=2")) == [
        ("unknown_field", "/query/verbose"),
        ("unknown_field", "/query/x"),
    ]
    signed_in(client, key("officer"))
    path = f"/v1/documents/7/0x{'ab' * 32}"
    assert faults(client.get(f"{path}?as_of=1700000001&as_of=1700000002")) == [("given_twice", "/query/as_of")]
    read = client.get(f"{path}?as_of=1700000001").status_code
    assert read in (200, 404)  # it was read; whether the block is indexed yet


def test_form_fields(client: httpx.Client) -> None:
    proof = ("proof", ("x.tamga.json", b"{}"))
    assert client.post("/v1/verify", files=[proof]).status_code == 200
    assert faults(client.post("/v1/verify", files=[proof, proof])) == [("given_twice", "/body/proof")]
    told = client.post("/v1/verify?use=1", files=[proof], data={"right": "auditor"})
    assert faults(told) == [("unknown_field", "/query/use"), ("unknown_field", "/body/right")]


def test_a_fault_of_ours_tells_nothing_of_itself(client: httpx.Client) -> None:
    signed_in(client, key("officer"))
    answer = client.get("/v1/declarations/1")  # the scripted chain has no declarations, not even an answer
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "KeyError" not in answer.text


def test_a_method_that_is_not_taken(client: httpx.Client) -> None:
    answer = client.put("/v1/session")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "DELETE, GET, POST"
