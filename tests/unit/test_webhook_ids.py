"""What a delivery's `webhook-id` says: a receiver that took it has had what is in it.

given a webhook that was told an act
  when it is replayed and nothing has changed          → the delivery should have the id that it had
  when it is replayed after its owner may see more     → it should have another: there is something new in it
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.roles import Role
from tests.support.documents import World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.fake_chain import contract_address
from tests.support.ledgers import key
from tests.support.receiver import Receiver, eventually, receiving

BROKER = 6


@pytest.fixture
def made() -> World:
    """An act of a broker, and one of somebody else."""
    made = world()
    for name, participant in (("broker", BROKER), ("carrier", 7)):
        args = {"key": contract_address(name), "participant": participant, "actor": contract_address("officer")}
        made.chain.mine(("ParticipantRegistry", "KeyChanged", args))
    made.key["participant"] = made.authority["participant"] = BROKER
    made.authority["roles"] = int(Role.BROKER)
    return made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_the_same_has_the_same_id(made: World, receiver: Receiver, tmp_path: Path) -> None:
    def told(count: int) -> list[tuple[str, int]]:
        """Id of each delivery, and how many acts are in it."""
        eventually(lambda: len(receiver.deliveries) == count)
        return [(headers["webhook-id"], len(json.loads(body)["events"])) for headers, body in receiver.deliveries]

    with serving(facade_over(made, tmp_path, webhook_hosts=(receiver.origin,))) as client:
        signed_in(client, key("broker"))
        wanted = {"url": f"{receiver.origin}/acts", "after": "0.0"}
        webhook = client.post("/v1/webhooks", json=wanted).raise_for_status().json()["webhook"]["id"]
        ((first, acts),) = told(1)
        client.post(f"/v1/webhooks/{webhook}/replay", json={"after": "0.0"}).raise_for_status()
        assert told(2)[1] == (first, acts)
        made.authority["roles"] = int(Role.AUDITOR)
        client.post(f"/v1/webhooks/{webhook}/replay", json={"after": "0.0"}).raise_for_status()
        third, more = told(3)[2]
        assert more > acts
        assert third != first
