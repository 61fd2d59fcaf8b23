"""Accounts, statements and the token's supply, as the API shows them. Amounts in minor units, as decimal text."""

from pydantic import Field

from api.schemas.base import BlockOut, Shape
from api.schemas.ledger import ParticipantRef
from api.schemas.rows import EntryOut
from ledger.domain.ids import ParticipantId
from ledger.domain.plain import rfc3339
from ledger.domain.profiles import Names
from ledger.ports.chain import Head
from ledger.services.accounts import Balance, Statement
from ledger.services.queries import Supply


class BalanceOut(Shape):
    """An account at an instant."""

    owed: str = Field(description="Over all cases; negative when overpaid.", examples=["232400"])
    prepaid: str = Field(description="On the prepaid account.", examples=["0"])

    @classmethod
    def of(cls, balance: Balance) -> "BalanceOut":
        """The shape of a balance."""
        return cls(owed=str(balance.owed), prepaid=str(balance.prepaid))


class AccountOut(Shape):
    """A trader's account."""

    as_of: BlockOut
    participant: ParticipantRef
    balance: BalanceOut

    @classmethod
    def of(cls, owner: ParticipantId, block: Head, balance: Balance, names: Names) -> "AccountOut":
        """The shape of an account."""
        return cls(
            as_of=BlockOut.of(block), participant=ParticipantRef.of(owner, names), balance=BalanceOut.of(balance)
        )


class StatementOut(Shape):
    """A trader's account over a period: opening + Σ entries = closing."""

    as_of: BlockOut
    participant: ParticipantRef
    until: str = Field(description="Last second of the period.")
    opening: BalanceOut
    entries: list[EntryOut] = Field(description="Oldest first.")
    closing: BalanceOut

    @classmethod
    def of(cls, statement: Statement, names: Names) -> "StatementOut":
        """The shape of a statement."""
        return cls(
            as_of=BlockOut.of(statement.moment.block),
            participant=ParticipantRef.of(statement.participant, names),
            until=rfc3339(statement.moment.at),
            opening=BalanceOut.of(statement.opening),
            entries=[EntryOut.of(row, statement.moment, names) for row in statement.entries],
            closing=BalanceOut.of(statement.closing),
        )


class SupplyOut(Shape):
    """Supply of the settlement token."""

    as_of: BlockOut
    minted: str
    redeemed: str
    supply: str = Field(description="Σ minted − Σ redeemed.")

    @classmethod
    def of(cls, block: Head, supply: Supply) -> "SupplyOut":
        """The shape of the supply."""
        total = supply.minted - supply.redeemed
        return cls(
            as_of=BlockOut.of(block), minted=str(supply.minted), redeemed=str(supply.redeemed), supply=str(total)
        )
