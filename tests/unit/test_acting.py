"""What the command line makes of an act's arguments, and of its end as a facade tells it.

given arguments of which a word, an instant, numbers beside them and a file are wrong, one is missing and one unknown
  → all of it is told at once
given an MRN where a declaration is named → its id; one that no declaration has → not found; a wrong one → a fault

given a refusal              → the contract's error and arguments, with or without a transaction
given a conflict             → that, in the facade's words
given an act that took place → its transaction
given the named commands     → no option of theirs is two things, and their help shows the brackets of JSON
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from api.schemas.acts import ActOut
from ledger.adapters.evm.contracts import Contracts
from ledger.cli import context
from ledger.cli.acting import Via, ended_well, perform
from ledger.cli.app import make_app
from ledger.cli.commands import GROUPS, load
from ledger.domain.errors import ActRefused, Conflict, Malformed, NotFound
from ledger.domain.ids import TxHash
from ledger.ports.outbox import OutboxState
from ledger.services.signed_act import ActStatus
from tests.support.ledgers import key

ACTOR = key("actor").address
CONTRACTS = Contracts.packaged()
MRN, OTHER_MRN = "21GB31AJB9S50C90R6", "24GBDIRIGZ7QLCPAA8"
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


def test_all_that_is_wrong_with_arguments_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "hand", lambda: SimpleNamespace(chain=SimpleNamespace(contracts=CONTRACTS)))
    monkeypatch.setattr(context, "signer", lambda _: key("actor"))
    decisions: list[dict[str, Any]] = [
        {"item": 1 << 16, "checkCode": 7, "decision": "MAYBE", "validUntil": "soon"},
        {"item": 1, "checkCode": "x", "decision": "HOLD", "validUntil": 1 << 40, "more": 1},
        {"item": 2, "decision": "HOLD", "validUntil": 60},
    ]
    given = {
        "caseId": "-1",
        "decisions": json.dumps(decisions),
        "reason": "BECAUSE",
        "evidence": f"@{tmp_path / 'nowhere'}",
        "extra": "1",
    }
    with pytest.raises(Malformed) as caught:
        perform("DeclarationRegistry", "decideItems", given, "key", via=Via.DIRECT, dry_run=True, as_json=True)
    assert sorted((fault.code, fault.path) for fault in caught.value.faults) == [
        ("file", "/evidence"),
        ("missing", "/version"),
        ("missing_field", "/decisions/2/checkCode"),
        ("not_a_time", "/decisions/0/validUntil"),
        ("unknown_field", "/decisions/1/more"),
        ("unknown_field", "/extra"),
        ("unknown_word", "/decisions/0/decision"),
        ("unknown_word", "/reason"),
        ("wrong_value", "/caseId"),
        ("wrong_value", "/decisions/0/item"),
        ("wrong_value", "/decisions/1/checkCode"),
        ("wrong_value", "/decisions/1/validUntil"),
    ]


class Prepared(Exception):
    """What an act was prepared with."""


def test_a_declaration_is_named_by_its_mrn_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(_: str, __: str, args: dict[str, Any], *___: object, **____: object) -> None:
        raise Prepared(args["caseId"])

    def call(_: str, view: str, args: tuple[bytes], *, at: None) -> int:
        return 1 << 56 if (view, args) == ("caseOf", (MRN.encode(),)) else 0

    reader = SimpleNamespace(call=call, final_head=lambda: None)
    chain = SimpleNamespace(contracts=CONTRACTS, reader=reader)
    monkeypatch.setattr(context, "hand", lambda: SimpleNamespace(chain=chain, acts=SimpleNamespace(prepare=prepare)))
    monkeypatch.setattr(context, "signer", lambda _: key("actor"))

    def clear(case: str) -> None:
        given = {"caseId": case, "expectedVersion": "3", "reason": "REGULAR"}
        perform("DeclarationRegistry", "clear", given, "key", via=Via.DIRECT, dry_run=True, as_json=True)

    with pytest.raises(Prepared, match=str(1 << 56)):
        clear(MRN)
    with pytest.raises(Prepared, match="7"):
        clear("7")
    with pytest.raises(NotFound, match=OTHER_MRN):
        clear(OTHER_MRN)
    with pytest.raises(Malformed) as caught:
        clear(MRN[:-1] + "0")
    assert [(fault.code, fault.path) for fault in caught.value.faults] == [("mrn_check_digit", "/caseId")]


@pytest.mark.parametrize("group", GROUPS)
def test_no_option_is_two_things(group: str) -> None:
    for name, command in load(group).commands.items():
        options = [option for param in command.params for option in param.opts]
        assert len(options) == len(set(options)), name


def test_the_shape_of_a_list_is_shown() -> None:
    shown = CliRunner().invoke(make_app(), ["declare", "grant-amendment", "--help"]).stdout
    assert "[uint16, …]" in shown
