"""Raw transactions: equal to eth-account's and to the RLP library's, for any content."""

import rlp as reference
from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adapters.evm.transactions import creation_address, hash_of, rlp
from ledger.adapters.keystore import LocalSigner
from ledger.domain.ids import Address

items = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5), max_leaves=20)
addresses = st.binary(min_size=20, max_size=20).map(to_checksum_address).map(Address)
secrets = st.integers(1, 2**255).map(lambda number: number.to_bytes(32, "big"))
common = {
    "chainId": st.integers(1, 2**53),
    "nonce": st.integers(0, 2**63),
    "to": st.none() | addresses,
    "data": st.binary(max_size=300),
    "gas": st.integers(0, 2**32),
    "value": st.integers(0, 2**90),
}
legacy = st.fixed_dictionaries({**common, "gasPrice": st.integers(0, 2**64)})
type_2 = st.fixed_dictionaries(
    {**common, "maxFeePerGas": st.integers(2**32, 2**64), "maxPriorityFeePerGas": st.integers(0, 2**32)}
)


@given(items)
def test_rlp(item: object) -> None:
    assert rlp(item) == reference.encode(item)  # type: ignore[arg-type]


@given(st.integers(0, 2**256))
def test_rlp_integers(number: int) -> None:
    assert rlp(number) == reference.encode(number)


@settings(deadline=None)
@given(secrets, legacy | type_2)
def test_signed_transactions(secret: bytes, transaction: dict[str, object]) -> None:
    known = {name: value for name, value in transaction.items() if value is not None}
    theirs = Account.sign_transaction(known, secret)
    raw = LocalSigner(secret).sign_transaction(transaction)
    assert raw == bytes(theirs.raw_transaction)
    assert hash_of(raw) == bytes(theirs.hash)


@given(addresses, st.integers(0, 2**40))
def test_creation_addresses(sender: Address, nonce: int) -> None:
    expected = keccak(reference.encode([bytes.fromhex(sender[2:]), nonce]))[12:]
    assert creation_address(sender, nonce) == to_checksum_address(expected)
