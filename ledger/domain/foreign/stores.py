"""What contracts of other systems know of a document: which calls to make, and what their answers mean.

A *document store* holds roots that were issued and hashes that were revoked, a *token registry* the title of a
transferable record: an ERC-721 whose token is the root. Stores before and after their version 4 answer to different
functions; both are asked, and the newer answer counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eth_hash.auto import keccak
from eth_utils.address import is_address, to_checksum_address

from ledger.domain.foreign.wrapped import Issuer, Wrapped
from ledger.domain.ids import Address
from ledger.domain.verdict import BlockRead

BURNT: Final = bytes.fromhex("000000000000000000000000000000000000dead")
"""Where a TradeTrust registry sends the title of a record that was accepted back and taken out of circulation."""
_NO_SUCH_TOKEN: Final = (keccak(b"ERC721NonexistentToken(uint256)")[:4], b"nonexistent token", b"invalid token ID")


class Standing(StrEnum):
    """What a contract says of a document."""

    ISSUED = "issued"
    NOT_ISSUED = "not_issued"
    REVOKED = "revoked"
    NOT_REVOKED = "not_revoked"
    TITLE_ACTIVE = "title_active"
    TITLE_SURRENDERED = "title_surrendered"
    TITLE_INOPERATIVE = "title_inoperative"


@dataclass(frozen=True)
class Call:
    """One call of a contract.

    Attributes:
        contract: Its address.
        data: Selector and arguments.
    """

    contract: Address
    data: bytes


@dataclass(frozen=True)
class Output:
    """What became of a call: what it returned, or, if it was reverted, the revert's data."""

    data: bytes
    reverted: bool = False


@dataclass(frozen=True)
class ChainAnswers:
    """Outputs of calls, all at one final block of one chain."""

    chain_id: int
    block: BlockRead
    outputs: Mapping[Call, Output]


def address_of(text: str | None) -> Address | None:
    """A contract's address as a document names it; None if it is none."""
    return Address(to_checksum_address(text)) if text is not None and is_address(text) else None


def calls_of(document: Wrapped) -> list[Call]:
    """Every call that the document's contracts have to answer."""
    hashes, calls = document.folded(), []
    for issuer in document.issuers:
        store, registry = address_of(issuer.store), address_of(issuer.registry)
        if store is not None:
            calls += _issued_calls(store, hashes, document.path)
        revoked_at = revocation_store(issuer)
        if revoked_at is not None:
            calls += _revoked_calls(revoked_at, hashes, document.path)
        if registry is not None:
            calls.append(_owner_call(registry, hashes[-1]))
    return list(dict.fromkeys(calls))


def revocation_store(issuer: Issuer) -> Address | None:
    """The contract that knows whether a document was revoked: the issuer's own store, or the one it names for that."""
    if issuer.store is not None:
        return address_of(issuer.store)
    return address_of(issuer.revoked_at) if issuer.revocation == "REVOCATION_STORE" else None


def issued(document: Wrapped, store: Address, answers: ChainAnswers) -> Standing | None:
    """Whether a document store holds the document; None if it cannot be told."""
    told = _told(_issued_calls(store, document.folded(), document.path), answers)
    if not _has_code(store, answers):
        return Standing.NOT_ISSUED  # a chain without that contract holds nothing in it
    found = next((each for each in told if each is not None), None)
    return None if found is None else Standing.ISSUED if found else Standing.NOT_ISSUED


def revoked(document: Wrapped, store: Address, answers: ChainAnswers) -> Standing | None:
    """Whether a store holds the document, or what it hangs from, as revoked; None if it cannot be told."""
    whole, *each = _told(_revoked_calls(store, document.folded(), document.path), answers)
    if whole is not None:
        return Standing.REVOKED if whole else Standing.NOT_REVOKED
    if any(each):
        return Standing.REVOKED
    return None if None in each else Standing.NOT_REVOKED


def title(document: Wrapped, registry: Address, answers: ChainAnswers) -> Standing | None:
    """What a token registry knows of the record's title; None if it cannot be told."""
    output = answers.outputs[_owner_call(registry, document.folded()[-1])]
    if output.reverted:
        return Standing.NOT_ISSUED if any(mark in output.data for mark in _NO_SUCH_TOKEN) else None
    if not output.data:
        return Standing.NOT_ISSUED  # no contract there
    if len(output.data) != 32 or any(output.data[:12]):
        return None
    owner = output.data[12:]
    if not any(owner):
        return Standing.NOT_ISSUED
    if owner == BURNT:
        return Standing.TITLE_INOPERATIVE
    return Standing.TITLE_SURRENDERED if owner == bytes.fromhex(registry[2:]) else Standing.TITLE_ACTIVE


def _selector(signature: str) -> bytes:
    return bytes(keccak(signature.encode())[:4])


def _with_path(function: str, hashes: Sequence[bytes], path: Sequence[bytes]) -> bytes:
    """`function(bytes32 root, bytes32 target, bytes32[] proof)`."""
    head = _selector(f"{function}(bytes32,bytes32,bytes32[])") + hashes[-1] + hashes[0]
    return head + (96).to_bytes(32) + len(path).to_bytes(32) + b"".join(path)


def _issued_calls(store: Address, hashes: Sequence[bytes], path: Sequence[bytes]) -> list[Call]:
    single = _selector("isIssued(bytes32)") + hashes[-1]
    return [Call(store, _with_path("isIssued", hashes, path)), Call(store, single)]


def _revoked_calls(store: Address, hashes: Sequence[bytes], path: Sequence[bytes]) -> list[Call]:
    single = [Call(store, _selector("isRevoked(bytes32)") + each) for each in hashes]
    return [Call(store, _with_path("isRevoked", hashes, path)), *single]


def _owner_call(registry: Address, token: bytes) -> Call:
    return Call(registry, _selector("ownerOf(uint256)") + token)


def _told(calls: Sequence[Call], answers: ChainAnswers) -> list[bool | None]:
    return [_boolean(answers.outputs[call]) for call in calls]


def _boolean(output: Output) -> bool | None:
    if output.reverted or len(output.data) != 32 or any(output.data[:31]) or output.data[31] > 1:
        return None
    return output.data[31] == 1


def _has_code(store: Address, answers: ChainAnswers) -> bool:
    mine = [output for call, output in answers.outputs.items() if call.contract == store]
    return any(output.reverted or output.data for output in mine)
