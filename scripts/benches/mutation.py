"""Mutation score of the transition libraries and money paths; fails below 95 per cent, or for a survivor unexplained.

scripts/bench mutation [--only FILE]... [--jobs N]

What was found is kept in `.tamga/mutation.jsonl` and taken while what it rests on is unchanged, which
`analysis/journal.py` tells: a run that was interrupted goes on where it was, one after a change tries what the change
can touch.
"""

import argparse
import sys
import time
from collections import Counter

from scripts.analysis import mutation
from scripts.analysis.mutation import Verdict
from scripts.lib.show import say


def main() -> int:
    """Try all mutants, print survivors as they come, and the score by file."""
    parser = argparse.ArgumentParser(prog="scripts/bench mutation", description=__doc__)
    parser.add_argument("--only", action="append", metavar="FILE", help="contracts/…, repeatable; default: all")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tried beside each other, 2 GiB at most for each")
    options = parser.parse_args()
    files = options.only or mutation.targets()
    began, tried = time.monotonic(), 0

    def tell(verdict: Verdict) -> None:
        nonlocal tried
        tried += 1
        if tried % 100 == 0:
            say(f"{tried} tried in {time.monotonic() - began:.0f} s")
        if not verdict.killer:
            mark = "accepted" if verdict.accepted else "SURVIVED"
            say(f"{mark} line {verdict.mutant.line:>3} {verdict.mutant.name}")

    verdicts = mutation.run(files, tell, options.jobs)
    for name in files:
        of_file = [one for one in verdicts if one.mutant.file == name]
        say(_row(name.removeprefix("contracts/"), of_file))
    say(_row("total", verdicts))
    say(f"in {time.monotonic() - began:.0f} s")
    unexplained = [one for one in mutation.survivors(verdicts) if not one.accepted]
    idle = _idle(verdicts) if options.only is None else []
    for name in idle:
        say(f"accepted, but it did not survive: {name}")
    return 1 if unexplained or idle or mutation.killed(verdicts) < mutation.GOAL * len(verdicts) else 0


def _row(name: str, verdicts: list[Verdict]) -> str:
    marks = Counter("killed" if one.killer else "accepted" if one.accepted else "survived" for one in verdicts)
    share = f"{100 * marks['killed'] / len(verdicts):6.2f} %" if verdicts else ""
    return (
        f"{name:<45} {len(verdicts):>5} mutants, {marks['killed']:>5} killed, {marks['survived']:>3} survived, "
        f"{marks['accepted']:>3} accepted {share}"
    )


def _idle(verdicts: list[Verdict]) -> list[str]:
    alive = {one.mutant.name for one in mutation.survivors(verdicts)}
    return [name for name in mutation.accepted() if name not in alive]


if __name__ == "__main__":
    sys.exit(main())
