"""A participant's X25519 decryption keys: every one it ever had, so that old documents stay readable."""

from abc import ABC, abstractmethod


class KeyRing(ABC):
    """Decryption keys of one participant."""

    @abstractmethod
    def public_keys(self) -> list[bytes]:
        """Raw 32-byte public keys, newest first."""

    @abstractmethod
    def exchange(self, own_public: bytes, peer_public: bytes) -> bytes:
        """X25519 of the private key of `own_public` with `peer_public`, 32 bytes.

        Raises:
            NotFound: No such key here.
            NotOpened: The peer sent a point of low order.
        """
