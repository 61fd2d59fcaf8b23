"""What the command line prints when something is refused.

given an act that a contract refused
  it should say in the trade's words why, each reason of a release, what the contract said, and what else stands
  against the act
given a reader who is not signed in
  it should name the option that signs in
given a table of what others wrote, with brackets in it
  it should show it as it was written
given a participant in a list
  it should show its number beside its name
"""

import json

import pytest

from ledger.cli.listing import _short
from ledger.cli.output import REFUSED, show_error, show_table
from ledger.domain.errors import ActRefused, NotSignedIn

UNPAID = {"item": 0, "code": 9, "agency": 0, "checkCode": b""}
RELEASE = ActRefused("ReleaseRefused", {"caseId": 7, "count": 1, "first32": [UNPAID]})


@pytest.mark.parametrize("as_json", [False, True])
def test_refusals_are_explained(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    refusal = ActRefused("NotAccredited", {"participant": 5, "docType": 851001, "instant": 1795665122})
    assert show_error(refusal, as_json=as_json) == REFUSED
    shown = capsys.readouterr()
    said = json.loads(shown.out)["text"] if as_json else shown.err
    assert "Participant 5 is not accredited for document type 851001" in said


def test_all_reasons_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(RELEASE, as_json=True)
    told = json.loads(capsys.readouterr().out)
    show_error(RELEASE, as_json=False)
    said = capsys.readouterr().err
    assert [reason["text"] for reason in told["reasons"]]
    assert all(reason["text"] in said for reason in told["reasons"])
    assert "ReleaseRefused" in said


def test_what_else_stands_against_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    other = ActRefused("EvidenceNeeded", {})
    both = ActRefused("ZeroAmount", {}, [other])
    show_error(both, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [each["refusal"]["name"] for each in (told, *told["others"])] == ["ZeroAmount", "EvidenceNeeded"]
    show_error(both, as_json=False)
    said = capsys.readouterr().err
    assert "The amount is zero." in said
    assert "Evidence is needed" in said


def test_the_option_that_signs_in_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(NotSignedIn("this needs a sign-in"), as_json=False)
    assert "--key" in capsys.readouterr().err


def test_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show_table("of [/b]", ("says",), [("GB[HT-7]",), ("[/red]",)])
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("of [/b]", "GB[HT-7]", "[/red]"))


def test_a_participants_number_is_shown() -> None:
    assert _short({"id": 7, "name": "Ocean carrier"}) == "Ocean carrier (7)"
    assert _short({"id": 7, "name": None}) == 7
