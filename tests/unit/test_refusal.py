"""A contract's refusal in words.

given every error of every artifact
  it should have a text, whose places are arguments of every form of that error
given a refused release
  each reason should be told in words
given a refusal that a facade told
  it should read as one that was decoded here
"""

from collections import defaultdict

import pytest

from ledger.adapters.evm.contracts import BUILT_IN, Contracts
from ledger.domain.codes import ENUMS
from ledger.domain.errors import ActRefused
from ledger.domain.plain import in_units
from ledger.domain.refusal import PLACE, explain, reasons
from ledger.domain.refusal_texts import HELD, OWN, TEXTS

CONTRACTS = Contracts.packaged()


def errors() -> dict[str, list[set[str]]]:
    found: dict[str, list[set[str]]] = defaultdict(list)
    for entry in [*CONTRACTS.errors(), *BUILT_IN.values()]:
        found[entry.name].append({param.name for param in entry.inputs})
    found["Panic"] = [{"code", "meaning"}]
    found["unknown"] = [{"data"}]
    return found


def test_every_error_has_a_text_and_every_text_an_error() -> None:
    assert errors().keys() == TEXTS.keys()


def test_the_outbox_has_errors_of_its_own() -> None:
    assert OWN.keys().isdisjoint(TEXTS)
    assert explain(ActRefused("Abandoned", {"text": "sent by hand"})) == "Its operator gave it up: sent by hand."
    assert explain(ActRefused("OverBlockGas", {"gas": 3, "blockGas": 2})) == "It asks for 3 gas, and a block holds 2."


@pytest.mark.parametrize(("name", "forms"), errors().items(), ids=errors().keys())
def test_a_text_speaks_of_arguments_that_are_there(name: str, forms: list[set[str]]) -> None:
    for form in forms:
        assert set(PLACE.findall(TEXTS[name])) <= form, name
        text = explain(ActRefused(name, dict.fromkeys(form, 1)))
        assert "{" not in text
        assert "?" not in text
        assert text.endswith(".")


def test_enumerations_are_shown_as_words() -> None:
    told = {
        (entry.name, param.name): param.enum for entry in CONTRACTS.errors() for param in entry.inputs if param.enum
    }
    shown = {(name, place) for name, text in TEXTS.items() for place in PLACE.findall(text)} & told.keys()
    assert len(shown) > 10
    for name, argument in shown:
        refusal = ActRefused(name, {**dict.fromkeys(errors()[name][0], 1), argument: 1})
        assert ENUMS[told[name, argument]][1] in explain(refusal)


@pytest.mark.parametrize(("name", "forms"), errors().items(), ids=errors().keys())
def test_a_refusal_told_by_a_facade_reads_as_the_chain_s_own(name: str, forms: list[set[str]]) -> None:
    for form in forms:
        for value in (0, 1, 7, 1_795_708_074, b"26ZZ"):
            arguments = dict.fromkeys(form, value)
            assert explain(ActRefused(name, in_units(name, arguments))) == explain(ActRefused(name, arguments))


def test_every_reason_to_hold_goods_has_words() -> None:
    assert HELD.keys() == set(ENUMS["HeldFor"])


def test_a_refused_release_tells_each_reason() -> None:
    pending = ENUMS["HeldFor"].index("AGENCY_PENDING")
    unpaid = ENUMS["HeldFor"].index("DEBT_UNPAID")
    refusal = ActRefused(
        "ReleaseRefused",
        {
            "count": 2,
            "first32": [
                {"item": 0, "code": unpaid, "agency": 0, "checkCode": 0, "use": 0},
                {"item": 2, "code": pending, "agency": 17, "checkCode": 851, "use": 0},
            ],
        },
    )
    assert explain(refusal) == "The goods cannot be released; reasons: 2."
    assert [(reason["code"], reason["text"]) for reason in reasons(refusal)] == [
        ("DEBT_UNPAID", "The declaration: duties and taxes are neither paid nor secured"),
        ("AGENCY_PENDING", "Item 2: the agency has not decided (participant 17, check 851)"),
    ]
    assert reasons(ActRefused("ReleaseRefused", in_units("ReleaseRefused", refusal.arguments))) == reasons(refusal)
