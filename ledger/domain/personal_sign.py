"""Messages for people, signed as wallets sign them (EIP-191, version 0x45)."""

from eth_utils.crypto import keccak

from ledger.domain.ids import Digest32


def message_digest(text: str) -> Digest32:
    """What a wallet signs for `text`: keccak-256 of the prefix, the length and the text's UTF-8."""
    content = text.encode()
    return Digest32(keccak(b"\x19Ethereum Signed Message:\n" + str(len(content)).encode() + content))
