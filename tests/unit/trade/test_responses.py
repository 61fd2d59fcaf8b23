"""Answers that follow from acts on a case.

Given an audit that was closed
    when it names the record of a reassessed version
        → the declarant should be told of the new version, and the assessment after it should be of that one
    when it names none
        → nothing should be told, and the version should stay
"""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.domain.trade.response import responses
from tests.support.fake_chain import FakeChain

CASE = 7
RECORD = b"\x21" * 32


@pytest.mark.parametrize(("record", "told"), [(RECORD, [("07", 2), ("13", 2)]), (bytes(32), [("13", 1)])])
def test_an_audit_that_reassesses_makes_a_version(record: bytes, told: list[tuple[str, int]]) -> None:
    act = {"caseId": CASE, "actor": "0x" + "11" * 20, "reason": 0, "evidence": bytes(32)}
    chain = FakeChain()
    chain.mine(
        ("DeclarationRegistry", "PcaClosed", {**act, "version": 2 if any(record) else 1, "dataRecord": record}),
        ("DebtLedger", "Assessed", {**act, "version": 5, "declarationVersion": 2, "assessed": 0}),
    )

    def fields(_: bytes) -> Mapping[str, Any]:
        return {}

    found = responses(CASE, chain.events(0, chain.head().number), fields, lambda *_: None)
    assert [(answer.function, answer.version) for _, answer in found] == told
