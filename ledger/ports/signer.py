"""Who signs. A signer may be a keystore file here or a remote service elsewhere; its key never leaves it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from ledger.domain.ids import Address


class Signer(ABC):
    """Signs with one secp256k1 key."""

    @property
    @abstractmethod
    def address(self) -> Address:
        """The key's address."""

    @abstractmethod
    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """Return the raw signed transaction. Raises `Unavailable` if a remote signer does not answer."""

    @abstractmethod
    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """Return r ‖ s ‖ v (65 bytes, low s) over the EIP-712 digest of a full message (types, domain, message)."""

    @abstractmethod
    def sign_message(self, text: str) -> bytes:
        """Return r ‖ s ‖ v (65 bytes, low s) over a message for people (EIP-191), as a wallet's `personal_sign`."""
