"""`tamga list` shows what a list says beside its rows.

given a list of what stands in the rule book → the version of the book that was in force then
given any other list                         → nothing of it
"""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from typer.testing import CliRunner

from ledger.cli import context
from ledger.cli.app import make_app
from ledger.client import LISTS

THEN = "2026-11-23T09:00:00Z"


class Facade:
    """One row in each list, and a rule book that moved on."""

    def listed(self, what: str, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"name": what}

    def rule_version(self, *, as_of: str | None) -> int:
        return 7 if as_of is None else 4


@pytest.mark.parametrize("what", LISTS)
def test_the_rule_book_s_lists_tell_its_version(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "facade", lambda _url=None, key=None: nullcontext(Facade()))
    for asked, version in (((), 7), (("--as-of", THEN), 4)):
        shown = CliRunner().invoke(make_app(), ["list", what, *asked], catch_exceptions=False).output
        is_of_book = what in ("rules", "regimes", "code-lists")
        assert (f"version {version} of the rule book is in force" in shown) == is_of_book, shown
