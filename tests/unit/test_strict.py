"""Unknown and doubled fields, and bodies of the wrong kind.

given a request with a query parameter or form field that the route does not have, or has once
  → 422, each of them with its path; a fault of ours → a problem, with nothing of the fault in it
given a method that a path does not take → 405, with those that it takes
given a body of another media type than the route's, or of none → 415, with those that it takes
given a form that is none → 422, and why; a packed body → 415
given a JSON body that is none, is too deep, or has a key twice → 422, with its place
"""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.access import declared_routes
from api.app import create
from api.strict import StrictRoute
from ledger.domain.limits import MAX_JSON_DEPTH
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
    (fault,) = client.get(f"{path}?at=1700000001").json()["faults"]
    assert fault["text"] == "there is no such field; there are as_of", "a filter that was misspelt is found by that"
    assert faults(client.get(f"{path}?as_of=1700000001&as_of=1700000002")) == [("given_twice", "/query/as_of")]
    read = client.get(f"{path}?as_of=1700000001").status_code
    assert read in (200, 404)  # it was read; whether the block is indexed yet


def test_form_fields(client: httpx.Client) -> None:
    proof = ("proof", ("x.tamga.json", b"{}"))
    assert client.post("/v1/verify", files=[proof]).status_code == 200
    assert faults(client.post("/v1/verify", files=[proof, proof])) == [("given_twice", "/body/proof")]
    told = client.post("/v1/verify?use=1", files=[proof], data={"right": "auditor"})
    assert faults(told) == [("unknown_field", "/query/use"), ("unknown_field", "/body/right")]
    told = client.post("/v1/verify?at=today", files=[proof], data={"at": "2026-11-23", "right": "auditor", "mrn": "~"})
    assert sorted(faults(told)) == [
        ("no_time_zone", "/body/at"),
        ("not_a_time", "/query/at"),
        ("unknown_field", "/body/right"),
        ("wrong_format", "/body/mrn"),
    ]


def test_what_is_unknown_is_told_with_all_that_is_wrong(client: httpx.Client) -> None:
    signed_in(client, key("officer"))
    told = client.get("/v1/declarations?limit=0&office=x&verbose=1&state=a")
    assert sorted(faults(told)) == [
        ("not_an_integer", "/query/office"),
        ("out_of_range", "/query/limit"),
        ("unknown_field", "/query/verbose"),
        ("unknown_word", "/query/state"),
    ]
    told = client.post("/v1/lodgements?x=1", files={"message": b"<a/>"}, data={"importer": "x", "right": "all"})
    assert sorted(faults(told)) == [
        ("missing", "/body/customs"),
        ("not_an_integer", "/body/importer"),
        ("unknown_field", "/body/right"),
        ("unknown_field", "/query/x"),
    ]


def test_a_text_in_the_place_of_a_file_is_told_in_our_words(client: httpx.Client) -> None:
    told = client.post("/v1/verify", data={"file": "a text"})
    assert faults(told) == [("not_a_file", "/body/file")]
    assert "UploadFile" not in told.text


def test_what_is_not_served_is_told_in_words(client: httpx.Client) -> None:
    nowhere, unread = client.get("/v1/nowhere").json(), client.put("/v1/session").json()
    assert (nowhere["code"], nowhere["detail"]) == (
        "no_such_path",
        "nothing is served at this path; GET /openapi.json lists all that is",
    )
    assert unread["detail"] == "PUT is not taken at this path, only DELETE, GET, HEAD, POST"
    assert "POST /v1/session" in client.get("/v1/permits").json()["detail"]


def test_a_fault_of_ours_tells_nothing_of_itself(client: httpx.Client) -> None:
    signed_in(client, key("officer"))
    answer = client.get("/v1/declarations/1")  # the scripted chain has no declarations, not even an answer
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "KeyError" not in answer.text


def test_a_method_that_is_not_taken(client: httpx.Client) -> None:
    answer = client.put("/v1/session")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, POST"


NONCE = "/v1/session/nonce"
ADDRESS = '{"address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}'
FIELD = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n1\r\n'
JSON_TYPES = ("application/json", "Application/JSON", "application/json; charset=utf-8", "application/ld+json")


def test_every_route_of_ours_is_strict() -> None:
    assert {route.path for route in declared_routes(create()) if not isinstance(route.route, StrictRoute)} == set()


@pytest.mark.parametrize("media_type", JSON_TYPES)
def test_json_is_taken_as_json(client: httpx.Client, media_type: str) -> None:
    assert client.post(NONCE, content=ADDRESS, headers={"Content-Type": media_type}).status_code == 201


@pytest.mark.parametrize(
    ("path", "media_type", "needed"),
    [
        (NONCE, "text/plain", "application/json"),
        (NONCE, None, "application/json"),
        (NONCE, "", "application/json"),
        (NONCE, "multipart/form-data", "application/json"),
        (NONCE, "application/jsonx", "application/json"),
        ("/v1/verify", "application/json", "multipart/form-data"),
        ("/v1/verify", "application/pdf", "multipart/form-data"),
        ("/v1/lodgements", "application/xml", "multipart/form-data"),
    ],
)
def test_another_media_type_is_415(client: httpx.Client, path: str, media_type: str | None, needed: str) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    for content in (ADDRESS, iter([ADDRESS.encode()])):  # of a length that is told, and streamed
        answer = client.post(path, content=content, headers=headers)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["retryable"]) == (415, "unsupported_media_type", False)
        assert answer.headers["content-type"] == "application/problem+json"
        assert needed in problem["detail"]


def test_a_packed_body_is_415(client: httpx.Client) -> None:
    for path, media_type in ((NONCE, "application/json"), ("/v1/verify/many", "application/x-ndjson")):
        headers = {"Content-Type": media_type, "Content-Encoding": "gzip"}
        answer = client.post(path, content=gzip.compress(ADDRESS.encode()), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
        assert "Content-Encoding" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"garbage", b"--x\r\n\r\n\r\n--x--", FIELD * 3_000 + b"--x--\r\n", b"a" * 1_000_000])
def test_a_form_that_is_none(client: httpx.Client, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert faults(client.post("/v1/verify", content=body, headers=headers)) == [("not_a_form", "/body")]
    headers = {"Content-Type": "multipart/form-data"}
    assert faults(client.post("/v1/verify", content=body, headers=headers)) == [("not_a_form", "/body")]


def test_no_body_at_all_is_no_matter_of_media_type(client: httpx.Client) -> None:
    assert faults(client.post(NONCE)) == [("missing", "/body")]
    assert faults(client.post("/v1/verify")) == [("nothing_given", "/body")]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b"{", "not_json", "/body"),
        (b"\xff{}", "not_json", "/body"),
        (b"{} {}", "not_json", "/body"),
        (b'{"address": NaN}', "not_json", "/body/address"),
        (b'{"address": "a", "address": "b"}', "duplicate_key", "/body/address"),
        (b'{"address": {"a": 1, "a": 2}}', "duplicate_key", "/body/address/a"),
        (b'{"address": 1e400}', "number_range", "/body/address"),
        (b"[" * (MAX_JSON_DEPTH + 1) + b"]" * (MAX_JSON_DEPTH + 1), "depth", "/body" + "/0" * MAX_JSON_DEPTH),
        (b"[" * 500_000, "depth", "/body" + "/0" * MAX_JSON_DEPTH),
    ],
)
def test_json_is_read_strictly(client: httpx.Client, body: bytes, code: str, path: str) -> None:
    answer = client.post(NONCE, content=body, headers={"Content-Type": "application/json"})
    assert faults(answer) == [(code, path)]
