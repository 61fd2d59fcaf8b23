"""A node that takes questions and answers none, under load: a facade goes on with what needs no node.

given a facade whose node is frozen (SIGSTOP)
├── when a hundred documents, and lists, are asked for at once
│   ├── each document should be answered, integrity known, the rest UNDETERMINED; the lists be told to come again
│   └── what needs no node should be answered meanwhile
├── when one more document is asked for it should be answered at once
└── when the node goes on, so should the facade, without a restart
"""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ledger.adapters.keystore import Keystore
from ledger.bootstrap.chain import WORKING_S
from ledger.bootstrap.facade import open_facade
from ledger.config import read_config
from ledger.devnet.engines import Engine
from ledger.devnet.process import Process
from ledger.domain.proof import dump_proof
from tests.support.documents import CERTIFICATE, anchor, world
from tests.support.facades import free_url, own_chain, serving, signed_in
from tests.support.ledgers import DECLARANT, install, key

pytestmark = pytest.mark.integration

PASSPHRASE = "only for this test"
DOCUMENTS, LISTS, OTHERS = 100, 40, 5


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Process, httpx.Client]]:
    with own_chain(Engine.ANVIL, tmp_path / "chain") as chain:
        ledger = install(chain)
        ledger.admit("trader", (key("trader"), DECLARANT))
        ledger.network.write(tmp_path / "network.json")
        Keystore(tmp_path / "keystore", scrypt_n=2).create("relayer", PASSPHRASE)
        settings = {"TAMGA_HOME": str(tmp_path), "TAMGA_PASSPHRASE": PASSPHRASE, "TAMGA_PUBLIC_URL": free_url()}
        with serving(open_facade(read_config({**settings, "TAMGA_RATE_LIMIT": "0"}))) as client:
            yield chain.process, signed_in(client, key("trader"))
        ledger.rpc.close()


def test_what_needs_no_node_is_not_held_up(office: tuple[Process, httpx.Client]) -> None:
    node, client = office
    proof = dump_proof(anchor(world())[0])
    many = httpx.Limits(max_connections=DOCUMENTS + LISTS + OTHERS)

    with httpx.Client(base_url=client.base_url, headers=client.headers, limits=many, timeout=60) as crowd:

        def document(_: int) -> tuple[int, str, str]:
            told = crowd.post("/v1/verify", files={"file": ("a.xml", CERTIFICATE), "proof": ("p", proof)})
            assert told.status_code == 200, told.text
            states = {fragment["name"]: fragment["verdict"] for fragment in told.json()["fragments"]}
            return told.status_code, states["integrity"], told.json()["overall"]

        def listed(_: int) -> int:
            return crowd.get("/v1/declarations").status_code

        def other(_: int) -> float:
            time.sleep(0.5)  # until the node's silence has filled what it can fill
            began = time.monotonic()
            crowd.get("/v1/services").raise_for_status()
            return time.monotonic() - began

        node.pause()
        try:
            with ThreadPoolExecutor(DOCUMENTS + LISTS + OTHERS) as threads:
                documents = threads.map(document, range(DOCUMENTS))
                lists = threads.map(listed, range(LISTS))
                others = threads.map(other, range(OTHERS))
                assert Counter(documents) == {(200, "VALID", "UNDETERMINED"): DOCUMENTS}
                assert Counter(lists) == {503: LISTS}
                assert max(others) < WORKING_S
            began = time.monotonic()
            document(0)
            assert time.monotonic() - began < WORKING_S
        finally:
            node.resume()
        until = time.monotonic() + 30
        while crowd.get("/v1/declarations").status_code != 200:
            assert time.monotonic() < until
            time.sleep(0.1)
