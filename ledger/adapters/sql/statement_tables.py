"""Tables of statements and contradictions.

`statements` has a row for each statement, `statements_made` one for each record that makes it, `statements_parts` one
for each part that a declaration's header names. A record is *due* while its force is null.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    ScalarSelect,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    select,
)

from ledger.adapters.sql.database import metadata
from ledger.domain.document_types import OWN_WORD, SUBTYPES

WHOLE = -1
"""Item number of a statement about the whole consignment: a unique column takes any number of nulls."""
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

statements = Table(
    "statements",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    Column("about", String(120), nullable=False),
    Column("item", Integer, nullable=False),
    Column("issuer", BigInteger, nullable=False),
    Column("document_type", Integer, nullable=False),
    Column("says", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("speaks", Boolean, nullable=False),
    UniqueConstraint("about", "item", "issuer", "document_type", "digest"),
    Index("statements_speaking", "about", "speaks"),
)
"""`digest` is that of `says`; `speaks` tells a last word."""

made = Table(
    "statements_made",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    Column("record_id", LargeBinary(32), nullable=False),
    Column("about", String(120), nullable=False),
    Column("item", Integer, nullable=False),
    Column("issuer", BigInteger, nullable=False),
    Column("document_type", Integer, nullable=False),
    Column("statement", BigInteger, nullable=False, index=True),
    Column("declares", LargeBinary(32), index=True),
    Column("block_number", BigInteger, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("leaf", Integer, nullable=False),
    Column("force", SmallInteger),
    UniqueConstraint("record_id", "about", "item"),
    Index("statements_made_about", "about", "force"),
    Index("statements_made_due", "force"),
)
parts = Table(
    "statements_parts",
    metadata,
    Column("header", LargeBinary(32), primary_key=True),
    Column("part", LargeBinary(32), primary_key=True),
    Column("issuer", BigInteger, nullable=False),
    Column("block_number", BigInteger, nullable=False),
    Column("log_index", Integer, nullable=False),
    Index("statements_parts_part", "part"),
)
"""`part` is a record id, or the digest of a declaration as a whole; where the header's batch was anchored."""

followed = Table(
    "statements_followed",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("block_number", BigInteger, nullable=False),
)
contradictions = Table(
    "contradictions",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    Column("place", BigInteger, nullable=False, unique=True),
    Column("about", String(120), index=True),
    Column("item", Integer),
    Column("fact", String(20)),
    Column("one", BigInteger, index=True),
    Column("one_issuer", BigInteger, index=True),
    Column("other", BigInteger, index=True),
    Column("other_issuer", BigInteger, index=True),
    UniqueConstraint("fact", "item", "one", "other"),
)
"""`one` and `other` are numbers of statements, in order; all but number and place is null once it is forgotten."""

PLACE: Sequence[Column[Any]] = (made.c.block_number, made.c.log_index, made.c.leaf)
"""Where a record stands on the chain."""


def shown_record(said: FromClause) -> ScalarSelect[Any]:
    """Of the records that make a statement of `said` with the most force, the first.

    A part of a declaration comes before the whole, which fewer can open.
    """
    order = (func.coalesce(made.c.force, 0).desc(), made.c.declares.is_not(None), *PLACE, made.c.number)
    found = select(made.c.record_id).where(made.c.statement == said.c.number).order_by(*order)
    return found.limit(1).correlate(said).scalar_subquery()


def is_of_authority(said: FromClause) -> ColumnElement[bool]:
    """Whether a statement is in a document that only an accredited participant may issue (`needs_accreditation`)."""
    kind = said.c.document_type
    return and_(kind != 0, (kind // SUBTYPES).not_in(OWN_WORD))
