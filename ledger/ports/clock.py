"""Time, as a port, so that tests can choose it."""

from abc import ABC, abstractmethod


class Clock(ABC):
    """Wall clock."""

    @abstractmethod
    def now(self) -> int:
        """Current time [unix s], UTC."""
