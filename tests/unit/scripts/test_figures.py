"""Figures as `scripts/bench NAME` prints them: what counts as reaching a goal, and what a line holds."""

import json
from collections.abc import Iterator

import pytest

from scripts.measure.figures import Figure, less, medians, more, show
from scripts.measure.papers import BYTES, papers, serial


def test_a_rate_reaches_its_goal_when_it_is_so_many_times_the_peers() -> None:
    assert more("x", 50_000, "docs/s", "peer", 1_000, goal=50).met
    assert not more("x", 49_990, "docs/s", "peer", 1_000, goal=50).met


def test_of_a_time_less_is_better() -> None:
    assert less("x", 2, "ms", "peer", 6, goal=3) == Figure("x", 2, "ms", "peer", 6, 3, 3, met=True)
    assert not less("x", 6, "ms", "peer", 2).met


def test_medians_take_sides_in_turns(capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []
    values = {"ours": iter([5.0, 1.0, 3.0, 9.0, 2.0]), "theirs": iter([1.0] * 5)}

    def side(name: str) -> float:
        order.append(name)
        return next(values[name])

    assert medians(5, "docs/s", ours=lambda: side("ours"), theirs=lambda: side("theirs")) == {"ours": 3, "theirs": 1}
    assert order == ["ours", "theirs"] * 5
    assert not capsys.readouterr().out


def some(runs: int) -> Iterator[Figure]:
    yield more("x", 12_345.678, "docs/s", f"limit of {runs} runs", 10_000)


def test_json_is_one_object_a_line_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert show("x", "about", some, ["--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "name": "x",
        "ours": 12_350,
        "unit": "docs/s",
        "against": "limit of 5 runs",
        "theirs": 10_000,
        "ratio": 1.235,
        "goal": 1,
        "met": True,
    }


def test_a_missed_goal_is_told_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    def missed(runs: int) -> Iterator[Figure]:
        yield more("x", 1, "docs/s", "peer", 2)

    assert show("x", "about", missed, []) == 0
    assert "MISSED" in capsys.readouterr().out


def test_fewer_than_five_runs_are_refused() -> None:
    with pytest.raises(SystemExit):
        show("x", "about", some, ["--runs", "4"])


def test_papers_differ_in_their_serial_number_only() -> None:
    one, two = papers(2, first=41)
    assert len(one) == len(two) == BYTES
    assert one != two
    assert one.replace(serial(41).encode(), serial(42).encode()) == two
    assert json.loads(one)["header"]["entryReference"] == serial(41)
