"""`tamga follow` while its facade comes and goes.

given a facade that breaks off after an act, and answers again
  when acts are followed → each should be told once, on a line of its own, and the outage once on standard error
given a facade that does not answer at first → that should be told at once: there is no place to go on from
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from ledger.cli import context, patience
from ledger.cli.app import make_app
from ledger.client import Client
from ledger.domain.errors import Unavailable
from tests.support.streams import Streams, told


def follow(monkeypatch: pytest.MonkeyPatch, streams: Streams, *args: str) -> tuple[list[str], str]:
    """Lines on standard output, and standard error. Raises as the command."""

    @contextmanager
    def facade(*_: object, **__: object) -> Iterator[Client]:
        yield streams.client()

    monkeypatch.setattr(context, "facade", facade)
    done = CliRunner().invoke(make_app(), ["follow", "--json", *args], catch_exceptions=False)
    return done.stdout.splitlines(), done.stderr


def test_an_outage_loses_no_act(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ({"id": f"{number}.0", "act": {"event": "Lodged"}} for number in (1, 2))
    streams = Streams(told("act", json.dumps(first), "1.0"))
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            streams.left.append(told("act", json.dumps(second), "2.0"))

    monkeypatch.setattr(patience.time, "sleep", pause)
    lines, words = follow(monkeypatch, streams, "--count", "2")
    assert [json.loads(line) for line in lines] == [first, second]
    assert [url.params.get("after") for url in streams.asked] == [None, "1.0"]
    assert (len(pauses), words) == (3, "it is ending; asking again\n")


def test_a_facade_that_never_answered_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable):
        follow(monkeypatch, Streams())
