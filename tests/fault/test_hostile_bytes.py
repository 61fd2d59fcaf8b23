"""Input made to hurt, to every parser of outside bytes: it answers or refuses, in bounded time and memory.

given entities, bombs, nesting, endless numbers and lists, in a process with little memory
  → each parser reads it or refuses it with an error of ours, within seconds
given multipart requests that no client sends
  → the facade answers each with a problem or a verdict, never 500, and serves the next
"""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.documents import CERTIFICATE, anchor, world
from tests.support.facades import facade_over, serving
from tests.support.parsers import HOSTILE, PARSERS, PROOF

LINES = {"Content-Type": "application/x-ndjson"}
MEMORY_BYTES = 1 << 30
"""Address space of the process that is hurt, its imports (about 300 MB) included."""
SECONDS = 20
"""Of processor time, for one parser."""
REFUSED_XML = ("billion laughs", "external entity", "external DTD", "deep XML", "many elements")

HURT = """
import json, resource, sys, time
from ledger.domain.errors import TamgaError
from tests.support.parsers import HOSTILE, PARSERS
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
found = {}
content = HOSTILE[sys.argv[2]]()
for name, parser in PARSERS.items():
    since = time.process_time()
    try:
        parser.read(content)
        told = "read"
    except TamgaError as refused:
        told = refused.code
    found[name] = [told, time.process_time() - since]
print(json.dumps(found))
"""


@pytest.mark.parametrize("kind", HOSTILE)
def test_input_made_to_hurt(kind: str) -> None:
    argv = [sys.executable, "-c", HURT, str(MEMORY_BYTES), kind]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2_000:]
    told = json.loads(done.stdout)
    assert told.keys() == PARSERS.keys()
    slow = {name: seconds for name, (_, seconds) in told.items() if seconds > SECONDS}
    assert not slow
    if kind in REFUSED_XML:
        assert told["XML"][0] in ("malformed", "limit_exceeded")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("facade")
    made = world()
    anchor(made)
    with serving(facade_over(made, folder)) as found:
        yield found


PART = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="f"\r\n\r\n%s\r\n'
MULTIPART = {
    "no boundary in the body": b"anything",
    "never closed": PART % (b"file", CERTIFICATE),
    "many parts": PART % (b"file", b"x") * 5_000 + b"--x--\r\n",
    "many fields": b'--x\r\nContent-Disposition: form-data; name="at"\r\n\r\n1\r\n' * 5_000 + b"--x--\r\n",
    "endless header": b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 1_000_000,
    "many headers": b"--x\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\nx\r\n--x--\r\n",
    "no name": b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n",
    "bytes for a name": b'--x\r\nContent-Disposition: form-data; name="\xff\xfe"\r\n\r\nx\r\n--x--\r\n',
    "an unknown field": PART % (b"other", b"x") + b"--x--\r\n",
    "a proof without sense": PART % (b"proof", b"\x00" * 100) + b"--x--\r\n",
    "an endless field": b'--x\r\nContent-Disposition: form-data; name="at"\r\n\r\n'
    + b"9" * 3_000_000
    + b"\r\n--x--\r\n",
}
TYPES = ("multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary=", "text/plain", "")


# Starlette leaves the file of an upload that is never closed to the garbage collector, which closes it with a warning.
left_to_the_collector = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def answered(client: httpx.Client, path: str, body: bytes, media_type: str) -> None:
    answer = client.post(path, content=body, headers={"content-type": media_type})
    assert answer.status_code < 500, (path, media_type, answer.text[:300])
    assert client.get("/health/live").status_code == 200


@left_to_the_collector
@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("kind", MULTIPART)
def test_multipart_that_no_client_sends(client: httpx.Client, kind: str, media_type: str) -> None:
    answered(client, "/v1/verify", MULTIPART[kind], media_type)
    answered(client, "/v1/lodgements", MULTIPART[kind], media_type)


@left_to_the_collector
def test_damaged_multipart(client: httpx.Client) -> None:
    chance = random.Random(7)
    whole = PART % (b"file", CERTIFICATE) + PART % (b"proof", PROOF) + b"--x--\r\n"
    for _ in range(200):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body))
            body[at : at + chance.randint(0, 40)] = chance.randbytes(chance.randint(0, 12))
        answered(client, "/v1/verify", bytes(body), TYPES[0])


def test_lines_without_sense(client: httpx.Client) -> None:
    chance = random.Random(8)
    lines = b"\n".join([*(make() for make in list(HOSTILE.values())[:8]), chance.randbytes(5_000)])
    answer = client.post("/v1/verify/many", content=lines, headers=LINES)
    assert answer.status_code == 200
    assert all("problem" in json.loads(line) for line in answer.text.splitlines())
