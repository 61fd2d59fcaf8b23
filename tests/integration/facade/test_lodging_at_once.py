"""A trader's lodgements that were prepared at the same moment, on a real node: their anchors have the same numbers.

given two messages prepared before either is signed
  when the acts of both are sent in turn → one is lodged; of the other neither anchor nor declaration is accepted
  when that one is given again           → it is lodged
given a message whose declaration is sent before its anchors, or between them
  → refused at once, with how many batches it waits for; accepted once they are anchored, also as prepared anew
"""

from typing import Any

import pytest

from tests.support.customs import Customs
from tests.support.samples import sample

pytestmark = pytest.mark.integration

MESSAGE = sample("hmrc-cds/IM008b_declaration.xml")


def prepared(office: Customs, name: str) -> Any:
    answer = office.post(MESSAGE.replace(b"R280_E2E_TC03_1803_003", name.encode()), name)
    assert answer.status_code == 200, answer.text
    return answer.json()["acts"]


def lodged(office: Customs) -> int:
    return int(office.view("DeclarationRegistry", "caseCount"))


def test_two_prepared_at_once(office: Customs) -> None:
    first, second, before = prepared(office, "at-once-1"), prepared(office, "at-once-2"), lodged(office)
    heads = [[act["typed_data"]["message"].get("head") for act in acts] for acts in (first, second)]
    assert heads[0] == heads[1], "both have the same numbers"
    became = [(office.carry(one), office.carry(other)) for one, other in zip(first, second, strict=True)]
    assert became == [("FINAL", "SequenceTaken"), ("FINAL", "SequenceTaken"), ("FINAL", "AnchorsAwaited")]
    assert lodged(office) == before + 1
    assert [office.carry(act) for act in prepared(office, "at-once-2")] == ["FINAL"] * 3
    assert lodged(office) == before + 2


def test_a_declaration_waits_for_its_anchors(office: Customs) -> None:
    items, header, lodge = prepared(office, "waits")
    assert office.carry(lodge) == "AnchorsAwaited"
    assert office.carry(items) == "FINAL"
    same = {name: lodge[name] for name in ("contract", "function", "args")}
    anew = office.client.post("/v1/prepare", json=same).raise_for_status().json()
    assert [(each["name"], each["arguments"]) for each in anew["would_fail"]] == [("AnchorsAwaited", {"count": 1})]
    assert office.carry(anew) == "AnchorsAwaited"
    assert office.carry(header) == "FINAL"
    assert office.carry(anew) == "FINAL"
