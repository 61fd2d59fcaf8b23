"""What verification needs from other systems: their chains, and who vouches for whom."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from ledger.domain.foreign.stores import Call, ChainAnswers
from ledger.domain.timestamp import Certificates


class ForeignWorld(ABC):
    """Other systems, as far as this participant's configuration reaches. Nothing in a document adds to it."""

    @abstractmethod
    def issuers(self) -> Mapping[str, str]:
        """Identifiers (DIDs) of issuers that this participant vouches for, and their names."""

    @abstractmethod
    def authorities(self) -> Mapping[str, Certificates]:
        """Certificates of time-stamping authorities that this participant trusts, by their names."""

    @abstractmethod
    def ask(self, chain_id: int, calls: Sequence[Call]) -> ChainAnswers | None:
        """Make calls on a chain, all at one final block; None if no node of that chain is configured.

        Raises:
            Unavailable: The node does not answer, or is of another chain.
        """
