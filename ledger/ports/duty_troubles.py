"""What the duties of a facade complain of: one process does a duty for all, and each can tell of it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping


class DutyTroubles(ABC):
    """The present trouble of each duty, shared by all processes of a facade through its database."""

    @abstractmethod
    def tell(self, duty: str, trouble: str) -> None:
        """Keep what a duty complains of now; "" when it works. For the process that does it.

        Raises:
            Unavailable: The database is away.
        """

    @abstractmethod
    def told(self) -> Mapping[str, str]:
        """What is complained of, by duty; none of duties that work. Raises `Unavailable`."""
