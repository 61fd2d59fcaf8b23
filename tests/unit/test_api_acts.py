"""Carrying acts over HTTP: what anybody can send.

given an act that nobody signed, under somebody's Idempotency-Key
  when it is not taken → the key stays free for its owner's own act
"""

from pathlib import Path

from ledger.adapters.evm.contracts import Contracts
from tests.support.documents import REGISTRY, world
from tests.support.facades import facade_over, serving
from tests.support.ledgers import key

ACTOR = key("trader").address
DATA = Contracts.packaged().encode_call("DocumentRegistry", "revoke", (17, b"\1" * 32, 0, 1, bytes(32)))


def unsigned(nonce: int) -> dict[str, object]:
    act = {"target": REGISTRY, "actor": ACTOR, "nonce": str(nonce), "deadline": 2**39, "gas": 1_000_000}
    return {**act, "data": "0x" + DATA.hex(), "signature": "0x" + "00" * 65}


def test_a_key_is_used_up_by_its_owner_alone(tmp_path: Path) -> None:
    headers = {"Idempotency-Key": "order-1"}
    with serving(facade_over(world(), tmp_path)) as client:
        codes = [client.post("/v1/acts", json=unsigned(nonce), headers=headers).json()["code"] for nonce in (1, 2)]
    assert codes == ["unavailable", "unavailable"], "this facade carries nothing; a key in use would be a conflict"
