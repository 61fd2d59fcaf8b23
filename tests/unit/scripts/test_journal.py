"""What a mutation run keeps, and how long it counts.

given findings of a build of three suites, one of which imports nothing that the others do
  when nothing changed                                        → all are taken
  when a suite changed that is not the killer's               → the kill by a plain test is taken, what else is not
  when something changed that the killer's suite imports      → nothing is taken, but the killer is tried first
  when only the mutants are others                            → kills by plain tests are taken
  when the last line was cut off                              → the lines before it are taken
"""

from collections.abc import Mapping
from pathlib import Path

from scripts.analysis.journal import Journal

SOURCES: Mapping[str, str] = {
    "contracts/A.sol": "library A {}",
    "contracts/B.sol": "library B {}",
    "tests/contracts/A.t.sol": 'import {A} from "../../contracts/A.sol";',
    "tests/contracts/B.t.sol": 'import {B} from "../../contracts/B.sol";',
}
MUTATED = {**SOURCES, "Mutant__.sol": "1"}
PLAIN = "tests/contracts/A.t.sol:test_itself()"
FUZZ = "tests/contracts/A.t.sol:testFuzz_itself(uint256)"
KEPT = {
    ("short", "plain"): PLAIN,
    ("short", "fuzz"): FUZZ,
    ("full", "survived"): "",
    ("short", "memory"): "A: out of memory",
}


def written(path: Path) -> Path:
    journal = Journal(SOURCES, MUTATED, path)
    for (length, mutant), killer in KEPT.items():
        journal.add(length, mutant, killer)
    return path


def read(path: Path, **changed: str) -> Journal:
    texts = {name: changed.get(name.rpartition("/")[2].replace(".", "_"), text) for name, text in SOURCES.items()}
    return Journal(texts, {**texts, "Mutant__.sol": changed.get("mutants", "1")}, path)


def test_the_same_build_takes_all(tmp_path: Path) -> None:
    assert read(written(tmp_path / "kept.jsonl")).found == KEPT


def test_another_suite_leaves_kills_by_plain_tests(tmp_path: Path) -> None:
    kept = read(written(tmp_path / "kept.jsonl"), B_t_sol="contract Other {}")
    assert kept.found == {("short", "plain"): PLAIN}


def test_what_the_killer_imports_leaves_nothing_but_hints(tmp_path: Path) -> None:
    kept = read(written(tmp_path / "kept.jsonl"), A_sol="library A { uint256 constant ONE = 1; }")
    assert kept.found == {}
    assert kept.killers == {mutant: killer for (_, mutant), killer in KEPT.items() if killer}


def test_other_mutants_leave_kills_by_plain_tests(tmp_path: Path) -> None:
    assert read(written(tmp_path / "kept.jsonl"), mutants="2").found == {("short", "plain"): PLAIN}


def test_a_line_cut_off_is_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path / "kept.jsonl")
    path.write_text(path.read_text() + '["abc", "short", "cut')
    assert read(path).found == KEPT
