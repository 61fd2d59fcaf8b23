"""`POST /v1/verify/many`, figures, and bounds of every request.

given a facade over a ledger with many certificates
  when a thousand lines are posted          → a thousand answers, in order, each as `POST /v1/verify` would say
  whatever a line holds                     → its answer should fit the interface's description
  when some lines are wrong                 → a problem for each of those, answers for the others
  when several things are wrong with a line → all of them, at once, under its id if that can be read
  when something else is posted             → 415
  when lines are blank, however many        → they have no answer
  when a line has no end                    → it is refused at its bound
  when our records are away                 → lines that need them are told so, the others are judged
  when a file is over the bound             → it is refused: lower for who does not sign in
  when many costly documents come at once   → few are read, the others told to come again
  when figures are asked for                → requests are counted by route, whatever ids their paths held
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from api.bodies import MAX_ANONYMOUS_BODY_BYTES
from api.many import MAX_LINE_BYTES
from api.routes.verify_many import NDJSON
from api.schemas.lines import JudgedLineOut
from ledger.client import Client
from ledger.domain.errors import Unavailable
from ledger.domain.hashing import digest
from ledger.domain.limits import MAX_ANONYMOUS_BYTES, MAX_COSTLY, MAX_JSON_BODY_BYTES, MAX_UPLOAD_BYTES, MIB
from ledger.domain.proof import Proof, proof_json
from ledger.services import costly as costly_module
from tests.support.documents import World, anchor, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.ledgers import key

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
    answer = client.post("/v1/verify/many", content=body, headers={"Content-Type": NDJSON})
    assert answer.status_code == 200, answer.text
    for each in answer.text.splitlines():
        JudgedLineOut.model_validate_json(each, strict=True)
    return [json.loads(each) for each in answer.text.splitlines()]


def test_nothing_else_is_read_as_lines(client: httpx.Client, proofs: list[Proof]) -> None:
    lines = json.dumps(line(1, proofs[1])).encode()
    for media_type in ("application/json", "text/plain", "application/x-www-form-urlencoded", ""):
        answer = client.post("/v1/verify/many", content=lines, headers={"Content-Type": media_type})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
        assert NDJSON in answer.json()["detail"]
    assert client.post("/v1/verify/many", files={"file": b"certificate 1"}).status_code == 415
    taken = client.post("/v1/verify/many", content=lines, headers={"Content-Type": f"{NDJSON}; charset=utf-8"})
    assert (taken.status_code, taken.json()["overall"]) == (200, "VALID")
    assert client.post("/v1/verify/many").content == b""


def test_blank_lines_have_no_answer(client: httpx.Client, proofs: list[Proof]) -> None:
    one = json.dumps(line(1, proofs[1])).encode()
    assert [a["id"] for a in post(client, b"\n" * 100_000, one, b"\r\n \n" * 1_000, one)] == ["1", "1"]


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


def test_all_that_is_wrong_with_a_line_is_told_at_once(client: httpx.Client) -> None:
    wrong = {"sha256": "zz", "at": "yesterday", "record": "0x" + "00" * 32, "mrn": 5, "more": 1}
    answers = post(client, {"id": "7", **wrong}, {"id": 7, **wrong})
    assert [answer["id"] for answer in answers] == ["7", None]
    told = [[(f["path"], f["code"]) for f in answer["problem"]["faults"]] for answer in answers]
    own = {("/more", "unknown_field"), ("/sha256", "hex"), ("/at", "not_a_time"), ("/mrn", "type"), ("", "too_many")}
    assert [set(faults) for faults in told] == [own, own | {("/id", "type")}]


def test_an_outage_of_our_records_spoils_only_what_needs_them(
    made: World, proofs: list[Proof], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> NoReturn:
        raise Unavailable("the database is away: at db.internal")

    facade = facade_over(made, tmp_path)
    monkeypatch.setattr(facade.records, "by_content", away)
    bare = {"id": "bare", "sha256": digest(CONTENTS[1]).hex()}
    with serving(facade) as client:
        answers = post(client, line(0, proofs[0], CONTENTS[0]), bare, {"id": "empty"}, line(2, proofs[2], b"changed"))
        alone = client.post("/v1/verify", files={"file": CONTENTS[1]})
    assert [(a["id"], a.get("overall", a.get("problem", {}).get("code"))) for a in answers] == [
        ("0", "VALID"), ("bare", "unavailable"), ("empty", "malformed"), ("2", "INVALID"),
    ]  # fmt: skip
    assert answers[1]["problem"] == alone.json()
    assert answers[1]["problem"]["detail"] == "the database is away"


def test_a_line_without_end_is_refused(client: httpx.Client) -> None:
    (answer,) = post(client, b'{"id":"' + b"a" * (MAX_LINE_BYTES + 10))
    assert answer["problem"]["code"] == "limit_exceeded"


def test_a_large_json_body_is_not_read(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/session", content=b"[" * (MAX_JSON_BODY_BYTES + 1), headers={"Content-Type": "Application/JSON"}
    )
    assert (answer.status_code, answer.json()["limit"]) == (413, MAX_JSON_BODY_BYTES)


def test_a_file_is_judged_whole_or_not_at_all(client: httpx.Client) -> None:
    answer = client.post("/v1/verify", files={"file": b"a" * (MAX_ANONYMOUS_BODY_BYTES + 1)})
    assert (answer.status_code, answer.json()["limit"]) == (413, MAX_ANONYMOUS_BODY_BYTES)
    assert answer.json()["path"] == "/body"
    answer = client.post("/v1/verify", files={"file": b"a" * (MAX_ANONYMOUS_BYTES + 1)})
    assert (answer.status_code, answer.json()["limit"]) == (413, MAX_ANONYMOUS_BYTES), "no room of the proof's is used"
    assert "without a sign-in" in answer.json()["detail"]
    assert client.post("/v1/verify", files={"file": b"a" * MAX_ANONYMOUS_BYTES}).status_code == 200
    with httpx.Client(base_url=client.base_url, timeout=30) as officer:
        signed_in(officer, key("officer"))
        answer = officer.post("/v1/verify", files={"file": b"a" * (MAX_ANONYMOUS_BODY_BYTES + 1)})
        assert answer.status_code == 200, answer.text
        answer = officer.post("/v1/verify", files={"file": b"a" * (MAX_UPLOAD_BYTES + 1)})
    assert (answer.status_code, answer.json()["limit"]) == (413, MAX_UPLOAD_BYTES)


def test_few_costly_documents_are_read_at_a_time(client: httpx.Client) -> None:
    """Each may hold the interpreter for seconds; who brings one too many comes again, and all else is judged."""
    costly = b"[" + b"1.5e-300," * (MIB // 9 + 1) + b"1]"
    with ExitStack() as others:
        for _ in range(MAX_COSTLY):
            others.enter_context(costly_module.turns)
        refused = client.post("/v1/verify", files={"file": costly})
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert refused.headers["retry-after"]
        for cheap in (b"[1.5e-300]", b"%PDF-1.7\n" + bytes(2 * MIB)):
            assert client.post("/v1/verify", files={"file": cheap}).status_code == 200
    assert client.post("/v1/verify", files={"file": costly}).status_code == 200


def test_figures_count_requests_by_route(client: httpx.Client) -> None:
    for number in (1, 2, 3):
        client.get(f"/v1/declarations/{number}/history")  # not signed in
    text = client.get("/metrics").text
    route = "/v1/declarations/{case}/history"
    worker = f'worker="{os.getpid()}"'  # counts of two workers are never taken for one's that fell
    assert f'tamga_http_requests_total{{method="GET",route="{route}",status="401",{worker}}} 3' in text
    assert f'tamga_http_request_seconds_bucket{{route="{route}",le="+Inf",{worker}}} 3' in text
    assert f"tamga_troubles{{{worker}}} 0" in text
    assert "tamga_node_up 1" in text
