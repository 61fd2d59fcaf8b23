"""What the command line makes of an act's end as a facade tells it.

given a refusal              → the contract's error and arguments, with or without a transaction
given a conflict             → that, in the facade's words
given an act that took place → its transaction
"""

import pytest

from api.schemas.acts import ActOut
from ledger.cli.acting import ended_well
from ledger.domain.errors import ActRefused, Conflict
from ledger.domain.ids import TxHash
from ledger.ports.outbox import OutboxState
from ledger.services.acts import ActStatus
from tests.support.ledgers import key

ACTOR = key("actor").address
HASH = TxHash(b"\2" * 32)


def told(state: OutboxState, **known: object) -> dict[str, object]:
    return ActOut.of(bytes(32), ActStatus("act", ACTOR, state, **known)).model_dump(mode="json")  # type: ignore[arg-type]


@pytest.mark.parametrize("tx_hash", [HASH, None])
def test_a_refusal_is_the_contracts_own(tx_hash: TxHash | None) -> None:
    error = {"error": "WrongVersion", "arguments": {"expected": 7, "actual": 0}}
    with pytest.raises(ActRefused) as caught:
        ended_well(told(OutboxState.REFUSED, tx_hash=tx_hash, error=error))
    assert (caught.value.error, dict(caught.value.arguments)) == ("WrongVersion", {"expected": 7, "actual": 0})


def test_a_conflict_is_told() -> None:
    with pytest.raises(Conflict, match="used elsewhere"):
        ended_well(told(OutboxState.CONFLICT, error={"text": "the signer was used elsewhere"}))


def test_an_act_that_took_place_has_its_transaction() -> None:
    assert ended_well(told(OutboxState.FINAL, tx_hash=HASH)) == HASH
