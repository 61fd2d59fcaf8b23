"""Proves the conservation rules of permit lines, guarantees and debts with Halmos, for all inputs.

scripts/bench halmos
"""

import sys

from scripts.analysis import symbolic
from scripts.lib.show import say


def main() -> int:
    """Print each property with its paths and time; exit code 1 unless all are proved."""
    proofs = symbolic.prove()
    say("")
    for proof in sorted(proofs, key=lambda one: one.name):
        mark = "proved    " if proof.proved else "NOT PROVED"
        say(f"{mark} {proof.name:<40} {proof.paths:>4} paths {proof.seconds:>8.1f} s")
    proved = sum(proof.proved for proof in proofs)
    say(f"{proved} of {len(proofs)} properties proved, for all inputs")
    return 0 if proved == len(proofs) else 1


if __name__ == "__main__":
    sys.exit(main())
