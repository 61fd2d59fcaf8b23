"""`POST /v1/verify/many`, figures, and bounds of every request.

given a facade over a ledger with many certificates
  when a thousand lines are posted          → a thousand answers, in order, each as `POST /v1/verify` would say
  whatever a line holds                     → its answer should fit the interface's description
  when some lines are wrong                 → a problem for each of those, answers for the others
  when a line has no end                    → it is refused at its bound
  when figures are asked for                → requests are counted by route, whatever ids their paths held
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.many import MAX_LINE_BYTES
from api.schemas.lines import JudgedLineOut
from ledger.client import Client
from ledger.domain.hashing import digest
from ledger.domain.limits import MAX_JSON_BODY_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.proof import Proof, proof_json
from tests.support.documents import World, anchor, world
from tests.support.facades import facade_over, serving

CONTENTS = [b"certificate %d" % number for number in range(1000)]


@pytest.fixture(scope="module")
def made() -> World:
    return world()


@pytest.fixture(scope="module")
def proofs(made: World) -> list[Proof]:
    return anchor(made, CONTENTS)


@pytest.fixture(scope="module")
def client(made: World, proofs: list[Proof], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("facade")
    with serving(facade_over(made, folder)) as client:
        yield client


def line(number: int, proof: Proof, content: bytes | None = None, **more: Any) -> dict[str, Any]:
    found = {"id": str(number), "proof": proof_json(proof), **more}
    return found if content is None else {**found, "sha256": digest(content).hex()}


def post(client: httpx.Client, *lines: Any) -> list[Any]:
    body = b"".join(each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in lines)
    answer = client.post("/v1/verify/many", content=body)
    assert answer.status_code == 200, answer.text
    for each in answer.text.splitlines():
        JudgedLineOut.model_validate_json(each, strict=True)
    return [json.loads(each) for each in answer.text.splitlines()]


def test_a_thousand_answers_in_order(client: httpx.Client, proofs: list[Proof]) -> None:
    wrong = {3, 500, 999}
    lines = [line(n, p, b"changed" if n in wrong else CONTENTS[n]) for n, p in enumerate(proofs)]
    answers = post(client, *lines)
    assert [answer["id"] for answer in answers] == [str(n) for n in range(1000)]
    assert {int(answer["id"]) for answer in answers if answer["overall"] == "INVALID"} == wrong
    assert {answer["overall"] for answer in answers} == {"VALID", "INVALID"}


def test_the_client_asks_for_as_many_as_there_are(client: httpx.Client, proofs: list[Proof]) -> None:
    facade = Client(str(client.base_url))
    lines = (line(n, p, CONTENTS[n]) if n != 700 else {"id": "700"} for n, p in enumerate(proofs))
    answers = list(facade.verify_many(lines))
    facade.close()
    assert [answer["id"] for answer in answers] == [str(n) for n in range(1000)]
    assert [answer["id"] for answer in answers if answer.get("overall") != "VALID"] == ["700"]


def test_a_line_says_what_a_request_of_its_own_would(client: httpx.Client, proofs: list[Proof]) -> None:
    files = {"file": CONTENTS[7], "proof": json.dumps(proof_json(proofs[7])).encode()}
    alone = client.post("/v1/verify", files=files, data={"at": str(proofs[7].anchor.time)}).json()
    (answer,) = post(client, line(7, proofs[7], CONTENTS[7], at=str(proofs[7].anchor.time)))
    assert {**alone, "id": "7"} == answer


def test_wrong_lines_do_not_spoil_the_others(client: httpx.Client, proofs: list[Proof]) -> None:
    answers = post(
        client,
        b"not json\n",
        line(1, proofs[1], CONTENTS[1]),
        {"id": "2"},
        {"id": "3", "proof": {}, "more": 1},
        {"id": "4", "sha256": "00"},
        b"\n",
        {"id": "5", "proof": {}},
        b"[" * 1000 + b"\n",
        line(6, proofs[6], None, at="yesterday"),
    )
    told = [(a["id"], a.get("overall"), a.get("problem", {}).get("faults", [{}])[0].get("code")) for a in answers]
    assert told == [
        (None, None, "syntax"),
        ("1", "VALID", None),
        ("2", None, "nothing_given"),
        ("3", None, "unknown_field"),
        ("4", None, "hex"),
        ("5", "INVALID", None),
        (None, None, "depth"),
        ("6", None, "not_a_time"),
    ]


def test_a_line_without_end_is_refused(client: httpx.Client) -> None:
    (answer,) = post(client, b'{"id":"' + b"a" * (MAX_LINE_BYTES + 10))
    assert answer["problem"]["code"] == "limit_exceeded"


def test_a_large_json_body_is_not_read(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/session", content=b"[" * (MAX_JSON_BODY_BYTES + 1), headers={"Content-Type": "Application/JSON"}
    )
    assert (answer.status_code, answer.json()["limit"]) == (413, MAX_JSON_BODY_BYTES)


def test_a_file_is_judged_whole_or_not_at_all(client: httpx.Client) -> None:
    answer = client.post("/v1/verify", files={"file": b"a" * (MAX_UPLOAD_BYTES + 1)})
    assert (answer.status_code, answer.json()["limit"]) == (413, MAX_UPLOAD_BYTES)


def test_figures_count_requests_by_route(client: httpx.Client) -> None:
    for number in (1, 2, 3):
        client.get(f"/v1/declarations/{number}/history")  # not signed in
    text = client.get("/metrics").text
    route = "/v1/declarations/{case}/history"
    assert f'tamga_http_requests_total{{method="GET",route="{route}",status="401"}} 3' in text
    assert f'tamga_http_request_seconds_bucket{{route="{route}",le="+Inf"}} 3' in text
    assert "tamga_node_up 1" in text
