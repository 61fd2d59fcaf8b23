"""Document status and AEO authorisation: each table, forbidden pairs included, is the one the contract tests walk."""

import re
from collections.abc import Callable
from enum import IntEnum
from functools import partial
from pathlib import Path

import pytest

from ledger.domain import aeo, document_status
from ledger.domain.aeo import AeoAction, AeoState
from ledger.domain.document_status import DocumentAction
from ledger.domain.errors import ActRefused
from ledger.domain.judging import FINAL_STATES, DocumentState

ROOT = Path(__file__).parents[2]


def rows(test: str, function: str) -> str:
    """The table that a contract test writes out: one character a cell, x where refused, else the state's number."""
    body = (ROOT / "tests/contracts" / test).read_text().split(f"function {function}(")[1].split("}")[0]
    return "".join(re.findall(r'"([x0-9]{4,8})"', body))


def cell(refused: str, act: Callable[[], IntEnum]) -> str:
    """A cell of the table; a refusal counts only under the contract's own error `refused`."""
    try:
        return str(act().value)
    except ActRefused as refusal:
        return "x" if refusal.error == refused else refusal.error


def names(file: str, enum: str) -> list[str]:
    body = re.search(rf"enum {enum} {{(.*?)}}", (ROOT / "contracts" / file).read_text(), re.DOTALL)
    assert body is not None
    return [name.strip() for name in body[1].split(",")]


def test_document_table_is_the_one_the_contract_test_walks() -> None:
    walked = "".join(
        cell("NoTransition", partial(document_status.apply, state, action, by_authority=by_authority))
        for state in DocumentState
        for by_authority in (False, True)
        for action in DocumentAction
    )
    assert walked == rows("DocumentRegistry.t.sol", "test_status_table")


def test_nothing_leads_out_of_an_end() -> None:
    assert not {state for state, _, _ in document_status.NEXT} & FINAL_STATES


def test_aeo_table_is_the_one_the_contract_test_walks() -> None:
    walked = "".join(
        cell("WrongAeoState", partial(aeo.apply, state, action, expired=False))
        for state in AeoState
        for action in AeoAction
    )
    assert walked == rows("AuthorisationRegistry.t.sol", "tableOf")


def test_expiry_lets_a_granted_operator_apply_again_and_nothing_else() -> None:
    added = {pair: to for pair, to in aeo.NEXT_ONCE_EXPIRED.items() if aeo.NEXT.get(pair) is not to}
    assert added == {
        (AeoState.ACTIVE, AeoAction.APPLY): AeoState.APPLIED,
        (AeoState.SUSPENDED, AeoAction.APPLY): AeoState.APPLIED,
    }
    assert aeo.apply(AeoState.ACTIVE, AeoAction.APPLY, expired=True) is AeoState.APPLIED
    with pytest.raises(ActRefused, match=r"WrongAeoState\(state=ACTIVE, action=APPLY\)"):
        aeo.apply(AeoState.ACTIVE, AeoAction.APPLY, expired=False)


@pytest.mark.parametrize(
    ("file", "solidity", "twin"),
    [
        ("types/Document.sol", "DocumentStatus", DocumentState),
        ("types/Document.sol", "DocumentAction", DocumentAction),
        ("types/Authorisation.sol", "AeoState", AeoState),
        ("libraries/AeoLifecycle.sol", "AeoAction", AeoAction),
    ],
)
def test_enumeration_has_the_names_and_order_of_the_contract(file: str, solidity: str, twin: type[IntEnum]) -> None:
    assert names(file, solidity) == [member.name for member in twin]
    assert [member.value for member in twin] == list(range(len(twin)))
