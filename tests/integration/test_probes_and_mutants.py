"""What is written into the contracts to measure their tests: every branch has its probe, every mutant keeps its type.

Given a small contract
    when probes are written into it
        → each statement's line and both outcomes of each operand should have one, and it should still compile
    when mutants are written into it
        → each change should be there once, and all of them together should compile
"""

import pytest

from scripts.analysis import coverage, mutants, syntax

pytestmark = pytest.mark.integration
NAME = "contracts/Small.sol"
SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
enum Light { RED, GREEN }
contract Small {
    error Low(uint256 a);
    uint256 private _sum;
    function add(uint256 a, uint256 b, Light light) external returns (uint256) {
        if (a < b && light == Light.GREEN) revert Low(a);
        for (uint256 i = 0; i < 2; ++i) _sum += a;
        return light == Light.RED ? a + 1 : b;
    }
}
"""


@pytest.fixture(scope="module")
def root() -> syntax.Node:
    return syntax.trees({NAME: SOURCE})[NAME]


def test_every_line_and_branch_has_a_probe(root: syntax.Node) -> None:
    probes = coverage.Probes()
    written = probes.write(NAME, root, SOURCE)
    syntax.solc({NAME: written, coverage.PROBE_FILE: coverage.PROBE}, ["ast"], [])
    measured = probes.files[NAME]
    assert sorted(measured.lines) == [8, 9, 10]
    assert sorted(measured.branches.values()) == sorted(
        f"{line} {outcome}: {text}"
        for line, text in (
            (8, "a < b"),
            (8, "light == Light.GREEN"),
            (9, "i < 2"),
            (10, "light == Light.RED"),
        )
        for outcome in ("true", "false")
    )


def test_every_change_is_a_mutant_and_all_compile_at_once(root: syntax.Node) -> None:
    mutator = mutants.Mutator({NAME: root})
    written = mutator.write(NAME, root, SOURCE)
    syntax.solc({NAME: written, mutants.FILE: mutants.SELECTOR}, ["ast"], [])
    changes = {(mutant.before, mutant.after) for mutant in mutator.mutants}
    assert len(mutator.mutants) == len({mutant.number for mutant in mutator.mutants})
    assert {
        ("a < b", "a <= b"),
        ("a < b", "a >= b"),
        ("light == Light.GREEN", "light != Light.GREEN"),
        ("Light.GREEN", "Light.RED"),
        ("a < b && light == Light.GREEN", "a < b"),
        ("a < b && light == Light.GREEN", "light == Light.GREEN"),
        ("if (a < b && light == Light.GREEN) revert", ""),
        ("_sum += a", "(_sum -= a)"),
        ("_sum += a;", ""),
        ("a + 1", "a - 1"),
        ("1", "2"),
    } <= changes
