"""The file of issuers and chains of other systems.

given a file → its issuers and chains, or every fault with its place
"""

import json
from typing import Any

import pytest

from ledger.domain.errors import Malformed
from ledger.domain.foreign.settings import ChainSetting, read_settings

DID = "did:ethr:0x433097a1C1b8a3e9188d8C54eCC057B1D69f1638"


def test_issuers_and_chains() -> None:
    chains = {"101010": {"rpc_url": "https://node", "finality_depth": 0}, "1": {"rpc_url": "https://other"}}
    found = read_settings(json.dumps({"issuers": {DID: "Chamber"}, "chains": chains}).encode())
    assert found.issuers == {DID: "Chamber"}
    assert found.chains == {101010: ChainSetting("https://node", 0), 1: ChainSetting("https://other", 12)}
    assert read_settings(b"{}").chains == {}


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ([], [("type", "")]),
        ({"isuers": {}}, [("unknown_field", "/isuers")]),
        ({"issuers": [], "chains": 1}, [("type", "/issuers"), ("type", "/chains")]),
        ({"issuers": {DID: 1}}, [("type", f"/issuers/{DID}")]),
        ({"chains": {"one": {"rpc_url": "x"}}}, [("not_a_chain_id", "/chains/one")]),
        ({"chains": {"1": {"url": "x"}}}, [("type", "/chains/1")]),
        (
            {"chains": {"1": {"finality_depth": -1}}},
            [("type", "/chains/1/rpc_url"), ("number_range", "/chains/1/finality_depth")],
        ),
    ],
)
def test_every_fault(value: Any, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(Malformed) as refused:
        read_settings(json.dumps(value).encode())
    assert [(fault.code, fault.path) for fault in refused.value.faults] == faults
