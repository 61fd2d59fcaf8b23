"""What every act costs, directly and relayed, beside its floor and its goal: makes `tests/contracts/gas.json`.

scripts/bench gas [--check]
"""

import argparse
import sys

from ledger.domain.errors import TamgaError
from scripts.gas import table
from scripts.lib.show import say


def main() -> int:
    """Measure and write, or with `--check` compare; exit code 1 if the figures differ."""
    parser = argparse.ArgumentParser(prog="scripts/bench gas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say what differs from the file")
    options = parser.parse_args()
    try:
        measured = table.measure()
    except TamgaError as error:
        say(f"tamga: {error}")
        return 1
    for name, cost in measured.items():
        mark = "above its goal" if cost["gas"] > cost["goal"] else ""
        say(f"{name:<45} {cost['gas']:>8,} {cost['relayed']:>8,} {cost['floor']:>8,} {cost['goal']:>8,} {mark}")
    if not options.check:
        table.write(measured)
        return 0
    differ = table.differences(table.kept(), measured)
    for line in differ:
        say(line)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
