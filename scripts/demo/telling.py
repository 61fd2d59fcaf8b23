"""What the play tells while it runs, and keeps for its end: one line per step, in order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ledger.domain.plain import plain, rfc3339


@dataclass(frozen=True)
class Step:
    """One thing that happened.

    Attributes:
        part: Part of the main job, 1 to 5.
        who: Seat that acted.
        what: What changed, in words.
        tx: Hash of the transaction, if one carried it.
        block: Height that holds it.
        time: Block time [unix s].
        before: Whether an earlier run had done it.
        refused: The contract's refusal, name and arguments, where one was wanted.
    """

    part: int
    who: str
    what: str
    tx: bytes | None = None
    block: int | None = None
    time: int | None = None
    before: bool = False
    refused: Mapping[str, Any] | None = None


@dataclass
class Telling:
    """Prints each step as it happens; quiet when the outcome is wanted as JSON.

    Attributes:
        console: Where to print.
        steps: All so far.
        verdicts: Answers of the verifier, by what was asked.
        history: The declaration's history as the auditor read it.
        outcome: Rows of the closing table: what was asked, what was found.
    """

    console: Console
    steps: list[Step] = field(default_factory=list)
    verdicts: dict[str, Any] = field(default_factory=dict)
    history: list[Any] = field(default_factory=list)
    outcome: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def part(self, number: int, title: str) -> Iterator[None]:
        """A part of the main job, with a heading and a spinner while it works."""
        self.console.rule(f"{number}. {title}", align="left")
        with self.console.status(title):
            yield

    def tell(self, step: Step) -> Step:
        """Keep and print a step."""
        self.steps.append(step)
        mark = "[yellow]refused[/]" if step.refused else "[dim]before [/]" if step.before else "[green]done   [/]"
        place = "" if step.tx is None else f" [dim]tx 0x{step.tx.hex()[:16]}… block {step.block}[/]"
        self.console.print(
            f"{mark} [bold]{escape(step.who)}[/]: {escape(step.what)}{place}", highlight=False, soft_wrap=True
        )
        return step

    def note(self, text: str) -> None:
        """Print a remark that is no act."""
        self._print(f"        [dim]{escape(text)}[/]")

    def _print(self, text: str) -> None:
        self.console.print(text, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Print the outcome as a short table."""
        table = Table("outcome", "", title="The main job", title_justify="left")
        for name, value in self.outcome.items():
            table.add_row(name, escape(str(value)))
        self.console.print(table)

    def as_json(self) -> dict[str, Any]:
        """Everything told, as JSON values."""
        steps = [
            {
                "part": step.part,
                "who": step.who,
                "what": step.what,
                "tx": None if step.tx is None else f"0x{step.tx.hex()}",
                "block": step.block,
                "time": None if step.time is None else rfc3339(step.time),
                "before": step.before,
                "refused": None if step.refused is None else plain(step.refused),
            }
            for step in self.steps
        ]
        return {
            "outcome": plain(self.outcome),
            "steps": steps,
            "verdicts": self.verdicts,
            "history": self.history,
        }
