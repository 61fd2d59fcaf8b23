"""What a mutation run found, on disk: an interrupted run goes on where it was, and the next tries first what killed.

One JSON line a finding. What was found with the same sources is taken as it is. What was found with others is a hint
only: the test that killed a mutant before is the first that tries it again.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.devnet.places import ROOT

FILE: Final = ROOT / ".tamga" / "mutation.jsonl"


class Journal:
    """Findings of one build.

    Attributes:
        found: Length and mutant → the test that killed it, empty if none did.
        killers: Mutant → what killed it last, in whatever sources.
    """

    def __init__(self, texts: Mapping[str, str], path: Path = FILE) -> None:
        self._path = path
        self._sources = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
        self.found: dict[tuple[str, str], str] = {}
        self.killers: dict[str, str] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                sources, length, mutant, killer = json.loads(line)
            except ValueError:  # the run ended while it wrote this line
                continue
            if sources == self._sources:
                self.found[length, mutant] = killer
            if killer:
                self.killers[mutant] = killer

    def add(self, length: str, mutant: str, killer: str) -> None:
        """Keep a finding."""
        self.found[length, mutant] = killer
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([self._sources, length, mutant, killer]) + "\n")
