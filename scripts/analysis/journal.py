"""What a mutation run found, on disk: an interrupted run goes on where it was, and a later one tries less.

One JSON line a finding: [what it rests on, length, mutant, killer]. It is taken as it is while what it rests on is the
same, to the byte, and what that is depends on the finding:

- killed by a plain test: the killer's source and all that it imports, as they are without mutants. That test then runs
  the same code on the same inputs, so it fails again; what other tests and contracts became cannot save the mutant.
- killed by a fuzz test, by a campaign, or by running out of memory: the whole build, mutants included, because the
  inputs that are drawn depend on the code that they are drawn for.
- survived: the whole build. Any test, a new one too, may kill it.

All three rest on the tools as well. What was found on another ground is a hint only: the test that killed a mutant
before is the first that tries it again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ledger.devnet.places import ROOT
from scripts.analysis import syntax

FILE: Final = ROOT / ".tamga" / "mutation.jsonl"
TOOLS: Final = ("package-lock.json", "scripts/analysis/mutants.py", "scripts/analysis/runner.js")
"""Compiler and EVM, what a mutant's name means, and how a test is run."""
PLAIN: Final = "test_"


class Journal:
    """Findings that hold for one build.

    Attributes:
        found: Length and mutant → the test that killed it, empty if none did.
        killers: Mutant → what killed it last, on whatever ground.
    """

    def __init__(self, sources: Mapping[str, str], mutated: Mapping[str, str], path: Path = FILE) -> None:
        """Read what was found.

        Args:
            sources: Text by source name, contracts and tests, as they are.
            mutated: The same with all mutants.
            path: Where findings are kept.
        """
        self._path, self._sources, self._grounds = path, sources, dict[str, str]()
        self._tools = [(ROOT / name).read_text(encoding="utf-8") for name in TOOLS]
        self._build = self._digest(sorted(mutated.items()))
        self.found: dict[tuple[str, str], str] = {}
        self.killers: dict[str, str] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                ground, length, mutant, killer = json.loads(line)
            except ValueError:  # the run ended while it wrote this line
                continue
            if ground == self._ground(killer):
                self.found[length, mutant] = killer
            if killer:
                self.killers[mutant] = killer

    def add(self, length: str, mutant: str, killer: str) -> None:
        """Keep a finding."""
        self.found[length, mutant] = killer
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([self._ground(killer), length, mutant, killer]) + "\n")

    def _ground(self, killer: str) -> str:
        """Digest of what a finding with this killer rests on."""
        source, _, test = killer.partition(":")
        if not test.startswith(PLAIN) or source not in self._sources:
            return self._build
        if source not in self._grounds:
            names = sorted(syntax.closure(source, self._sources))
            self._grounds[source] = self._digest([(name, self._sources[name]) for name in names])
        return self._grounds[source]

    def _digest(self, texts: Iterable[tuple[str, str]]) -> str:
        return hashlib.sha256(json.dumps([self._tools, list(texts)]).encode()).hexdigest()
