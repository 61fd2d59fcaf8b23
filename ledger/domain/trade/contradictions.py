"""Where two documents of different issuers say different things of the same goods (domain guide, invariant 9).

Neither overwrites the other: a contradiction names both documents and both values, and is shown to both sides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.domain.trade.statements import COMPARED, Stated, Statement


@dataclass(frozen=True)
class Contradiction:
    """Two values of one fact.

    Attributes:
        about: `ucr:…` or `mrn:…`.
        item: Goods item number; None: the whole consignment.
        fact: One of `statements.COMPARED`.
        one: Who says the first, the one whose record id is lower.
        one_says: Its values.
        other: Who says the second.
        other_says: Its values.
    """

    about: str
    item: int | None
    fact: str
    one: Stated
    one_says: tuple[str, ...]
    other: Stated
    other_says: tuple[str, ...]


class Words:
    """Statements by what they are about and by item: a document of 999 items is compared item by item.

    Each has a number of its caller's.
    """

    def __init__(self, said: Mapping[int, Stated]) -> None:
        self._by_item: dict[str, dict[int | None, dict[int, Stated]]] = {}
        for number, stated in said.items():
            of_about = self._by_item.setdefault(stated.statement.about, {})
            of_about.setdefault(stated.statement.item, {})[number] = stated

    def beside(self, stated: Stated) -> Iterator[tuple[int, Stated]]:
        """What it can be compared with: its item and the whole consignment, or, for the whole, every item."""
        by_item, item = self._by_item.get(stated.statement.about, {}), stated.statement.item
        for each in list(by_item) if item is None else (item, None):
            yield from by_item.get(each, {}).items()


def contradictions(new: Stated, known: Sequence[Stated]) -> Iterator[Contradiction]:
    """What `new` says that one of `known` denies; those of its own issuer are that issuer's own affair."""
    for old in known:
        if old.issuer == new.issuer or not _comparable(new.statement, old.statement):
            continue
        one, other = sorted((new, old), key=lambda each: each.record_id)
        item = new.statement.item if new.statement.item is not None else old.statement.item
        for fact in COMPARED:
            left, right = one.statement.facts.get(fact, ()), other.statement.facts.get(fact, ())
            if left and right and not _agree(fact, left, right):
                yield Contradiction(new.statement.about, item, fact, one, left, other, right)


def _comparable(a: Statement, b: Statement) -> bool:
    """Of the same item; or a certificate of the whole consignment, and an item that cites that certificate."""
    if a.about != b.about:
        return False
    if a.item == b.item:
        return True
    return (a.item is None and a.number in b.cites) or (b.item is None and b.number in a.cites)


def _agree(fact: str, left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether any value of one side fits one of the other's."""
    return any(_fits(fact, a, b) for a in left for b in right)


def _fits(fact: str, a: str, b: str) -> bool:
    if fact == "commodity":  # a heading or subheading covers the codes below it
        return a.startswith(b) or b.startswith(a)
    if fact in ("net_mass", "gross_mass", "value"):
        (amount, unit), (other_amount, other_unit) = a.split(" "), b.split(" ")
        return unit != other_unit or amount == other_amount  # other units are not comparable without a declared factor
    return a == b
