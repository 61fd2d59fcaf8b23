"""Line and branch coverage of the contracts by their Solidity tests; fails below 100 per cent.

scripts/bench coverage
"""

import sys

from scripts.analysis import coverage
from scripts.lib.show import say


def main() -> int:
    """Print the table; exit code 1 if a line or a branch was never reached and is not explained."""
    measured = coverage.measure()
    explained = coverage.unreachable()
    totals, missed, met = [0, 0, 0, 0], [], set()
    say(f"{'file':<50} {'lines':>11} {'branches':>11}")
    for name, file in sorted(measured.files.items()):
        lines, branches = measured.missed_lines(name), []
        for where in measured.missed_branches(name):
            known = (name, where.partition(" ")[2])
            if known in explained:
                met.add(known)
            else:
                branches.append(where)
        counts = [len(file.lines) - len(lines), len(file.lines), len(file.branches) - len(branches), len(file.branches)]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        say(_row(name.removeprefix("contracts/"), counts))
        missed += [f"{name}:{line} is never reached" for line in lines]
        missed += [f"{name}:{where}" for where in branches]
    say(_row("total", totals))
    say(f"of the branches {len(met)} cannot be reached and are explained in {coverage.UNREACHABLE.name}")
    missed += [f"{name} {what}: explained, but it was reached, or is gone" for name, what in sorted(explained - met)]
    missed += [f"failed under measurement: {test}" for test in measured.failed]
    for line in missed:
        say(line)
    return 1 if missed else 0


def _row(name: str, counts: list[int]) -> str:
    lines, all_lines, branches, all_branches = counts
    return f"{name:<50} {lines:>5}/{all_lines:<5} {branches:>5}/{all_branches:<5} {_share(lines, all_lines)}"


def _share(part: int, whole: int) -> str:
    return "" if whole == 0 else f"{100 * part / whole:6.2f} %"


if __name__ == "__main__":
    sys.exit(main())
