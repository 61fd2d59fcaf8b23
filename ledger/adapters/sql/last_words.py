"""Which statements are last words, found anew where the force of a record may have changed, and what they contradict.

All inside one transaction of the caller's, in which nobody else keeps or drops statements.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, func, insert, or_, select, update

from ledger.adapters.sql.statement_tables import PLACE, WHOLE, contradictions, made, shown_record, statements
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.trade.contradictions import Contradiction, Words
from ledger.domain.trade.contradictions import contradictions as found_between
from ledger.domain.trade.force import Force
from ledger.domain.trade.statements import Stated, Statement
from ledger.ports.statement_store import MAX_PLACE

CHUNK: Final = 500
"""Values named at once."""
THING: Final = ("about", "item", "issuer", "document_type")
"""Columns that tell what an issuer's documents of one type speak of."""
Thing = tuple[str, int, int, int]
Held = tuple[Force, tuple[int, ...], int]
"""Force and place of a record, and the number of what it says."""
T = TypeVar("T")


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Values, as many at a time as are named at once."""
    found = list(values)
    return (found[start : start + CHUNK] for start in range(0, len(found), CHUNK))


def find_last_words(connection: Connection, things: Collection[Thing]) -> list[int]:
    """Find anew who speaks of these things; returns the statements that do and did not before."""
    wanted, before = _wanted(connection, things), _speaking(connection, things)
    for numbers, speaks in ((before - wanted, False), (wanted - before, True)):
        for chunk in chunks(sorted(numbers)):
            connection.execute(update(statements).where(statements.c.number.in_(chunk)).values(speaks=speaks))
    return sorted(wanted - before)


def note_contradictions(connection: Connection, numbers: Collection[int]) -> list[Contradiction]:
    """Compare these last words with all others; keep and return what was not noted before."""
    abouts: set[str] = set()
    for chunk in chunks(numbers):
        abouts |= set(connection.scalars(select(statements.c.about).where(statements.c.number.in_(chunk))))
    said: dict[int, Stated] = {}
    for some in chunks(sorted(abouts)):
        said |= last_words(connection, some)
    words, noted = Words(said), []
    for number in numbers:
        for other, beside in words.beside(said[number]):
            for found in found_between(said[number], [beside]):
                if _note(connection, number, other, found):
                    noted.append(found)
    return noted


def last_words(connection: Connection, abouts: Collection[str]) -> dict[int, Stated]:
    """By number, in the order in which they were first said."""
    query = select(statements, shown_record(statements).label("record_id"))
    speaking = query.where(statements.c.about.in_(abouts), statements.c.speaks).order_by(statements.c.number)
    return {row.number: stated(row._asdict()) for row in connection.execute(speaking)}


def stated(values: Mapping[str, Any]) -> Stated:
    """A row of `statements` with the record that it is shown in."""
    kept = json.loads(values["says"])
    facts = {name: tuple(said) for name, said in kept["facts"].items()}
    item = None if values["item"] == WHOLE else values["item"]
    statement = Statement(values["about"], item, facts, kept["number"], tuple(kept["cites"]))
    record, kind = RecordId(bytes(values["record_id"])), DocumentType(values["document_type"])
    return Stated(statement, record, ParticipantId(values["issuer"]), kind)


def _wanted(connection: Connection, things: Collection[Thing]) -> set[int]:
    """What declarations say of each thing, all of it, and the newest of what else stands, if none in force is newer."""
    held: dict[Thing, list[Held]] = {}
    of_thing = [made.c[name] for name in THING]
    rank = func.row_number().over(
        partition_by=[*of_thing, made.c.force],
        order_by=[*(column.desc() for column in PLACE), made.c.number.desc()],
    )
    columns = (*of_thing, *PLACE, made.c.force, made.c.statement, rank.label("rank"))
    for abouts in chunks(sorted({thing[0] for thing in things})):
        ranked = select(*columns).where(made.c.about.in_(abouts), made.c.force > Force.SILENT).subquery()
        found = select(ranked).where(or_(ranked.c.rank == 1, ranked.c.force != Force.STANDS))
        for row in connection.execute(found):
            place = (row.block_number, row.log_index, row.leaf)
            held.setdefault(_thing(row), []).append((Force(row.force), place, row.statement))
    return {number for thing in things for number in _said(held.get(thing, ()))}


def _said(held: Collection[Held]) -> Iterator[int]:
    newest = max((place for force, place, _ in held if force is Force.IN_FORCE), default=())
    for force, place, statement in held:
        if force is not Force.STANDS or place > newest:
            yield statement


def _speaking(connection: Connection, things: Collection[Thing]) -> set[int]:
    found: set[int] = set()
    wanted = frozenset(things)
    for abouts in chunks(sorted({thing[0] for thing in things})):
        rows = connection.execute(select(statements).where(statements.c.about.in_(abouts), statements.c.speaks))
        found |= {row.number for row in rows if _thing(row) in wanted}
    return found


def _thing(row: Any) -> Thing:
    return (row.about, row.item, row.issuer, row.document_type)


def _note(connection: Connection, number: int, other: int, found: Contradiction) -> bool:
    """Keep a contradiction between two statements; False if it was noted already."""
    c = contradictions.c
    one, two = sorted((number, other))
    key = {"item": WHOLE if found.item is None else found.item, "fact": found.fact, "one": one, "other": two}
    if connection.scalar(select(c.number).where(*(c[name] == value for name, value in key.items()))) is not None:
        return False
    rows = select(statements.c.number, statements.c.issuer).where(statements.c.number.in_((one, two)))
    issuers = {row.number: row.issuer for row in connection.execute(rows)}
    place = secrets.randbelow(MAX_PLACE) + 1
    sides = {"one_issuer": issuers[one], "other_issuer": issuers[two]}
    connection.execute(insert(contradictions).values(place=place, about=found.about, **key, **sides))
    return True
