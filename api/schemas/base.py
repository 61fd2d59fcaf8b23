"""What all shapes share. Unknown fields are refused; times are RFC 3339 UTC; amounts are decimal text."""

from typing import Final

from eth_utils.address import to_checksum_address
from pydantic import BaseModel, ConfigDict, Field, RootModel

from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import Address
from ledger.domain.plain import rfc3339
from ledger.domain.verdict import BlockRead
from ledger.ports.chain import Head

ADDRESS: Final = "^0x[0-9a-fA-F]{40}$"
HEX: Final = "^0x(?:[0-9a-fA-F]{2})*$"

MEANT: Final = (
    "Amounts, quantities, case ids and nonces are decimal text; instants RFC 3339 UTC, or null; durations seconds; "
    "enumerations their words; bytes 0x hex, or the text that they hold; participants and other numbers integers."
)
"""How the fields of `Value` read."""


class Shape(BaseModel):
    """Base of every shape: strict about fields, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(RootModel["str | bool | int | list[Value] | dict[str, Value] | None"]):
    """A field of a contract, told as what it means."""


class BlockOut(Shape):
    """The block at which an answer was read."""

    number: int = Field(description="Height.", examples=[42])
    hash: str = Field(description="Block hash, 0x hex.")
    time: str = Field(description="Block time, RFC 3339 UTC.", examples=["2026-11-23T09:00:00Z"])

    @classmethod
    def of(cls, block: BlockRead | Head) -> "BlockOut":
        """The shape of a block that was read."""
        return cls(number=block.number, hash=f"0x{block.hash.hex()}", time=rfc3339(block.time))


def address(text: str, path: str) -> Address:
    """A checksummed address (EIP-55), or one in lower case. Raises `Malformed` for a wrong checksum."""
    checked = to_checksum_address(text)
    if text not in (checked, text.lower()):
        raise Malformed(Fault("checksum", path, "the address has a wrong EIP-55 checksum"))
    return Address(checked)
