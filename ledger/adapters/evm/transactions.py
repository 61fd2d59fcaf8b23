"""Raw transactions: RLP (yellow paper, appendix B), legacy with EIP-155, and type 2 (EIP-1559).

A transaction is a mapping as wallets know it: `chainId`, `nonce`, `to` (None creates a contract), `data` (bytes),
`gas`, `value`, and either `gasPrice` (legacy) or `maxFeePerGas` and `maxPriorityFeePerGas` (type 2). No access lists.
"""

from collections.abc import Callable, Mapping
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.domain.ids import Address, TxHash

Rlp = bytes | int | list["Rlp"]


def rlp(item: Rlp) -> bytes:
    """Encode bytes, a non-negative integer, or a list of such."""
    if isinstance(item, list):
        body = b"".join(map(rlp, item))
        return _prefix(0xC0, len(body)) + body
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8, "big")
    if len(item) == 1 and item[0] < 0x80:
        return item
    return _prefix(0x80, len(item)) + item


def _prefix(base: int, length: int) -> bytes:
    if length < 56:
        return bytes([base + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(size)]) + size


def sign_raw(transaction: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    """The raw signed transaction.

    Args:
        transaction: See the module.
        sign: Gives r ‖ s ‖ recovery id (65 bytes, low s) over a 32-byte hash.
    """
    chain_id: int = transaction["chainId"]
    to = transaction["to"]
    middle: list[Rlp] = [
        transaction["gas"],
        b"" if to is None else bytes.fromhex(to[2:]),
        transaction["value"],
        transaction["data"],
    ]
    if "maxFeePerGas" in transaction:
        fees = [transaction["maxPriorityFeePerGas"], transaction["maxFeePerGas"]]
        fields: list[Rlp] = [chain_id, transaction["nonce"], *fees, *middle, []]
        r, s, recovery = _parts(sign(keccak(b"\x02" + rlp(fields))))
        return b"\x02" + rlp([*fields, recovery, r, s])
    fields = [transaction["nonce"], transaction["gasPrice"], *middle]
    r, s, recovery = _parts(sign(keccak(rlp([*fields, chain_id, 0, 0]))))
    return rlp([*fields, 2 * chain_id + 35 + recovery, r, s])


def _parts(signature: bytes) -> tuple[int, int, int]:
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]


def hash_of(raw: bytes) -> TxHash:
    """Hash of a raw transaction of either type."""
    return TxHash(keccak(raw))


def creation_address(sender: Address, nonce: int) -> Address:
    """Address of the contract that `sender` creates with its transaction `nonce` (yellow paper, section 7)."""
    return Address(to_checksum_address(keccak(rlp([bytes.fromhex(sender[2:]), nonce]))[12:]))
