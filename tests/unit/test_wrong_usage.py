"""A command line that is wrong: a box for a person, an object for a program.

given a command, an option or a value that there is not
  when JSON is asked for → one object on standard output, as for any other error; exit code 2
  when it is not         → nothing on standard output; exit code 2
"""

import json
import sys

import pytest

from ledger.cli.app import main

WRONG = {
    "a command": ["no-such-command"],
    "an option": ["verify", "--no-such-option"],
    "a missing option": ["anchor", "day.zip"],
    "a value": ["prove", "00", "--leaf", "first"],
    "a command of a group": ["outbox", "no-such-command"],
    "an option of a group": ["outbox", "abandon", "key"],
    "too many": ["batches", "one"],
}


def told(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str, str]:
    monkeypatch.setattr(sys, "argv", ["tamga", *argv])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


@pytest.mark.parametrize("argv", WRONG.values(), ids=WRONG.keys())
def test_it_is_told_as_it_was_asked_for(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told(argv, monkeypatch, capsys)
    assert (code, out) == (2, "")
    assert "Usage: tamga" in err
    code, out, err = told([*argv, "--json"], monkeypatch, capsys)
    assert (code, err) == (2, "")
    answer = json.loads(out)
    assert (answer["error"], answer["retryable"]) == ("malformed", False)
    assert [fault["code"] for fault in answer["faults"]] == ["usage"]
    assert answer["faults"][0]["text"]
