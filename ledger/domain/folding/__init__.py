"""The read model's rows, folded from events: pure, one rule per event and entity, each module one part of the law.

`fold` is the only door. What a rule writes is what the contracts store, in the domain's words; what depends on the
time of asking (expired, overdue) is left to the reader, who finds the instant in `ends` and the word in `after`.
"""

from collections.abc import Sequence

from ledger.domain.folding.book import Book, Emitted, Rules
from ledger.domain.folding.debts import RULES as DEBTS
from ledger.domain.folding.declarations import RULES as DECLARATIONS
from ledger.domain.folding.documents import RULES as DOCUMENTS
from ledger.domain.folding.guarantees import RULES as GUARANTEES
from ledger.domain.folding.members import RULES as MEMBERS
from ledger.domain.folding.money import RULES as MONEY
from ledger.domain.folding.permits import RULES as PERMITS
from ledger.domain.folding.rulebook import RULES as RULEBOOK

__all__ = ["RULES", "Book", "fold", "subjects"]

CHAPTERS: Sequence[Rules] = (MEMBERS, RULEBOOK, DOCUMENTS, PERMITS, DECLARATIONS, DEBTS, GUARANTEES, MONEY)
RULES: Rules = {
    event: tuple(rule for chapter in CHAPTERS for rule in chapter.get(event, ()))
    for chapter in CHAPTERS
    for event in chapter
}
"""Every rule: contract and event → what it changes, in order. An event may have rules in several chapters."""


def subjects(event: Emitted) -> list[str]:
    """Entities whose rows this event changes, as its own arguments tell them."""
    rules = RULES.get((event.contract_name, event.name), ())
    return [entity for of, _ in rules if (entity := of(event)) is not None]


def fold(event: Emitted, book: Book) -> None:
    """Carry one event into the book; an event without a rule changes nothing."""
    for of, rule in RULES.get((event.contract_name, event.name), ()):
        entity = of(event)
        if entity is not None:
            rule(book.open(entity), event, book)
