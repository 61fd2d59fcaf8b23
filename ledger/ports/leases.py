"""Who of several processes does a duty that is for one: following the chain, carrying acts, telling subscribers."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager


class Leases(ABC):
    """Leases on duties, shared by all processes of a facade through its database."""

    @abstractmethod
    def take(self, duty: str) -> AbstractContextManager[bool]:
        """Take a duty while the block runs; gives whether it is ours, or another process has it.

        A process that dies gives its leases back at once. A lease says who works; it does not fence: whoever works must
        write so that a second one, after a lost connection, changes nothing.

        Raises:
            Unavailable: The database is away.
        """

    @abstractmethod
    def holds(self, duty: str) -> bool:
        """Whether a duty that this process took is still its own; asked now and then by who works for long.

        A lost connection gives it back, and another process may have it.
        """
