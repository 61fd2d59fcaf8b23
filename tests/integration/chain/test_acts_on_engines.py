"""Prepare, sign, relay, follow, on each engine.

given a participant with a key on a deployed ledger
├── when its act is prepared, signed and relayed
│   ├── it should end FINAL, with the act's event under its id
│   └── when it is relayed again it should change nothing
├── when the contract would refuse it
│   ├── prepare should raise ActRefused with the error's name and arguments
│   └── when it is carried all the same it should end REFUSED, with the same error
├── when the signature is not the actor's it should be refused before anything is kept
├── when it asks for more gas than a block has, likewise
└── when somebody else carried it first it should be found by its id
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.adapters.keystore import LocalSigner
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.errors import ActRefused, LimitExceeded
from ledger.ports.outbox import OutboxState
from tests.support.ledgers import ISSUER, TestLedger, key, sqlite_outbox

pytestmark = pytest.mark.integration

HEAD_1 = 1 << 56 | 0 << 32 | 1


@pytest.fixture(scope="module")
def issuer(ledger: TestLedger) -> tuple[LocalSigner, int]:
    signer = key("issuer")
    return signer, ledger.admit("issuer", (signer, ISSUER))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqlOutbox]:
    with sqlite_outbox(tmp_path) as opened:
        yield opened


def test_act_is_carried_once(ledger: TestLedger, issuer: tuple[LocalSigner, int], outbox: SqlOutbox) -> None:
    signer, number = issuer
    acts = ledger.acts(outbox, ledger.sender(key("relayer 1"), outbox))
    grant = secrets.token_bytes(32)
    prepared = acts.prepare("DocumentRegistry", "grantAccess", {"grant": grant}, signer.address)
    signed = prepared.signed(signer.sign_typed_data(prepared.typed_data))
    assert acts.relay(signed).state is OutboxState.ACCEPTED
    done = acts.wait(acts.relay(signed).key)
    assert done.state is OutboxState.FINAL
    head = ledger.reader.head()
    assert ledger.reader.call("DocumentRegistry", "isGranted", (number, grant), at=head)
    assert done.tx_hash is not None
    receipt = ledger.reader.receipt(done.tx_hash)
    assert receipt is not None
    assert [event.name for event in receipt.events] == ["AccessGranted", "ActExecuted"]
    assert receipt.events[1].args["actId"] == prepared.act_id
    assert acts.relay(signed) == done
    assert acts.find(prepared.act_id) == done


def test_refusal_is_told_before_and_after(
    ledger: TestLedger, issuer: tuple[LocalSigner, int], outbox: SqlOutbox
) -> None:
    signer, number = issuer
    sender = ledger.sender(key("relayer 2"), outbox)
    acts = ledger.acts(outbox, sender)
    args = {
        "issuer": number,
        "recordId": secrets.token_bytes(32),
        "expectedVersion": 7,
        "reason": 1,
        "evidence": b"\0" * 32,
    }
    with pytest.raises(ActRefused) as caught:
        acts.prepare("DocumentRegistry", "revoke", args, signer.address)
    assert (caught.value.error, caught.value.arguments) == ("WrongVersion", {"expected": 7, "actual": 0})
    prepared = acts.prepare("DocumentRegistry", "revoke", args, signer.address, simulate=False)
    signed = prepared.signed(signer.sign_typed_data(prepared.typed_data))
    with pytest.raises(ActRefused) as caught:
        acts.relay(signed)
    assert caught.value.error == "WrongVersion"
    submission = acts._submission(signed, prepared.act_id, "carried all the same")
    sender.submit(submission, simulate=False)
    with pytest.raises(ActRefused) as caught:
        acts.wait("carried all the same")
    assert (caught.value.error, caught.value.arguments) == ("WrongVersion", {"expected": 7, "actual": 0})


def test_foreign_signature_is_refused_at_once(
    ledger: TestLedger, issuer: tuple[LocalSigner, int], outbox: SqlOutbox
) -> None:
    acts = ledger.acts(outbox, ledger.sender(key("relayer 3"), outbox))
    prepared = acts.prepare("DocumentRegistry", "grantAccess", (b"\7" * 32,), issuer[0].address)
    forged = prepared.signed(key("somebody else").sign_typed_data(prepared.typed_data))
    with pytest.raises(ActRefused) as caught:
        acts.relay(forged)
    assert caught.value.error == "BadSignature"
    assert caught.value.arguments == {"actor": issuer[0].address, "actId": prepared.act_id}
    assert outbox.get(f"act:{prepared.act_id.hex()}") is None


def test_more_gas_than_a_block_has_is_refused_at_once(
    ledger: TestLedger, issuer: tuple[LocalSigner, int], outbox: SqlOutbox
) -> None:
    signer, _ = issuer
    acts = ledger.acts(outbox, ledger.sender(key("relayer 6"), outbox))
    gas = ledger.writer.gas_limit()
    prepared = acts.prepare("DocumentRegistry", "grantAccess", (b"\7" * 32,), signer.address, gas=gas, simulate=False)
    with pytest.raises(LimitExceeded, match=f"over the limit of {gas}"):
        acts.relay(prepared.signed(signer.sign_typed_data(prepared.typed_data)))
    assert outbox.get(f"act:{prepared.act_id.hex()}") is None


def test_act_carried_by_another_is_found(
    ledger: TestLedger, issuer: tuple[LocalSigner, int], outbox: SqlOutbox, tmp_path: Path
) -> None:
    signer, _ = issuer
    (tmp_path / "another").mkdir()
    here = ledger.acts(outbox, ledger.sender(key("relayer 4"), outbox))
    prepared = here.prepare("DocumentRegistry", "grantAccess", (secrets.token_bytes(32),), signer.address)
    signed = prepared.signed(signer.sign_typed_data(prepared.typed_data))
    done = here.wait(here.relay(signed).key)
    with sqlite_outbox(tmp_path / "another") as second:
        there = ledger.acts(second, ledger.sender(key("relayer 5"), second))
        assert there.relay(signed) == done
        assert there.find(prepared.act_id) == done
