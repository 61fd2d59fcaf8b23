"""Who asks: a key that proved itself, with what the ledger says of it now. Anonymous callers are None."""

from dataclasses import dataclass

from ledger.domain.errors import Unavailable
from ledger.domain.ids import Address, ParticipantId
from ledger.domain.roles import Role


@dataclass(frozen=True)
class Caller:
    """A signed-in key and its authority at one block; never what a request says of itself.

    Attributes:
        key: The key that signed in.
        participant: In whose name it acts.
        roles: What it may do.
        office: Customs office; 0 for none.
    """

    key: Address
    participant: ParticipantId
    roles: Role
    office: int

    def has_any(self, roles: Role) -> bool:
        """Whether it has one of `roles`."""
        return bool(self.roles & roles)


Asked = Caller | Unavailable | None
"""Who asks where anyone may: a caller, nobody signed in, or a signed-in key of which the ledger can say nothing now."""
