"""What each immutable in a contract's code has to be, as far as the Directory and the network say it.

Addresses of other contracts have to be ones that the Directory listed under the right name; the ledger's id, the
chain's id, a registry's own version and the EIP-712 domain follow from what is known. What follows from nothing (the
country, the currency's name and digits) is the contract's own word, and is shown to the reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.domain.ids import Address, LedgerId

CONTRACTS: Final = {
    "FORWARDER": "ActForwarder",
    "PARTICIPANTS": "ParticipantRegistry",
    "RULES": "RuleRegistry",
    "AUTHORISATIONS": "AuthorisationRegistry",
    "PERMITS": "PermitRegistry",
    "DEBTS": "DebtLedger",
    "TOKEN": "SettlementToken",
    "DOCUMENTS": "DocumentRegistry",
    "DIRECTORY": "Directory",
}
"""Immutables that name another contract."""
DOMAIN: Final = keccak(text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
LONGEST_SHORT_STRING: Final = 31


@dataclass(frozen=True)
class Known:
    """What the values are compared with.

    Attributes:
        listed: Every address that the Directory ever listed, by name; the Directory itself included.
        ledger_id: As configured.
        chain_id: As configured.
    """

    listed: Mapping[str, Sequence[Address]]
    ledger_id: LedgerId
    chain_id: int


@dataclass(frozen=True)
class Value:
    """One immutable as the chain has it.

    Attributes:
        name: Of the variable.
        value: For a person.
        proven_by: What says that it must be so; "" if it is the contract's own word.
        fault: What is wrong with it; "" if nothing is.
    """

    name: str
    value: str
    proven_by: str
    fault: str = ""


def judge(name: str, word: bytes, words: Mapping[str, bytes], address: Address, version: int, known: Known) -> Value:
    """Compare one immutable.

    Args:
        name: Of the variable.
        word: Its 32 bytes on the chain.
        words: All of the same contract.
        address: Where the contract is.
        version: Its place in the Directory under its name, from 1.
        known: What it is compared with.
    """
    if name in CONTRACTS:
        return _address(name, word, CONTRACTS[name], known)
    due: dict[str, tuple[bytes, str]] = {
        "LEDGER_ID": (known.ledger_id, "the configured ledger"),
        "VERSION": (version.to_bytes(32, "big"), "its place in the Directory"),
        "_cachedThis": (_padded(address), "its own address"),
        "_cachedChainId": (known.chain_id.to_bytes(32, "big"), "the configured chain"),
    }
    if "_cachedDomainSeparator" in words and "_hashedName" in words and "_hashedVersion" in words:
        fields = (DOMAIN, words["_hashedName"], words["_hashedVersion"], known.chain_id, address)
        encoded = encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], fields)
        due["_cachedDomainSeparator"] = keccak(encoded), "EIP-712 of its name, chain and address"
    for hashed, text in (("_hashedName", "_name"), ("_hashedVersion", "_version")):
        short = _short_string(words.get(text, b""))
        if short is not None:
            due[hashed] = keccak(short), f"the hash of {text}"
    if name not in due:
        return Value(name, _readable(name, word), "")
    expected, why = due[name]
    fault = "" if word == expected else f"is 0x{word.hex()}, but {why} asks for 0x{expected.hex()}"
    return Value(name, "0x" + word.hex(), why, fault)


def _address(name: str, word: bytes, contract: str, known: Known) -> Value:
    value = Address(to_checksum_address(word[12:]))
    if word[:12] == bytes(12) and value in known.listed.get(contract, ()):
        return Value(name, value, f"the Directory's {contract}")
    return Value(name, value, f"the Directory's {contract}", f"is {value}, never listed as {contract}")


def _padded(address: Address) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


def _short_string(word: bytes) -> bytes | None:
    """OpenZeppelin's ShortString: up to 31 bytes, their number in the last; None for a longer text, kept elsewhere."""
    return word[: word[31]] if len(word) == 32 and word[31] <= LONGEST_SHORT_STRING else None


def _readable(name: str, word: bytes) -> str:
    text = _short_string(word) if name.startswith("_") else word.rstrip(b"\0")
    if text and len(text) < len(word) and text.isascii() and text.decode().isprintable():
        return text.decode()
    number = int.from_bytes(word, "big")
    return str(number) if number < 2**64 else "0x" + word.hex()
