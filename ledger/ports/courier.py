"""Carries a delivery to an address outside."""

from abc import ABC, abstractmethod
from collections.abc import Mapping


class Courier(ABC):
    """Posts to the addresses that configuration allows, and to no others."""

    @abstractmethod
    def allows(self, url: str) -> bool:
        """Whether this address may be posted to."""

    @abstractmethod
    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post and return the HTTP status. Redirects are not followed, the answer's body is not read.

        Raises:
            Refused: The address is not allowed (any more).
            Unavailable: It does not answer in time.
        """
