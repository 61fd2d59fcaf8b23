"""Proves the conservation rules of permit lines, guarantees and debts with Halmos, for all inputs.

scripts/bench halmos
"""

import sys

from scripts.analysis import symbolic

if __name__ == "__main__":
    sys.exit(symbolic.prove())
