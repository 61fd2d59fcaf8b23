"""The signed form of every act of every contract: equal to what wallets compute, and reversible."""

import json
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adapters.evm import typed_data
from ledger.adapters.evm.abi import Param, params
from ledger.adapters.evm.contracts import Contracts
from ledger.domain.errors import Malformed, NotFound
from ledger.domain.ids import Address
from ledger.ports.contracts import ActHeader
from tests.support.abi_values import args_of, values_of

CONTRACTS = Contracts.packaged()
ACTS = [(name, act.function) for name in CONTRACTS.names() for act in CONTRACTS.acts(name)]
addresses = values_of(params([{"name": "a", "type": "address"}])[0]).map(Address)
headers = st.builds(
    ActHeader,
    chain_id=st.integers(1, 2**63),
    target=addresses,
    actor=addresses,
    nonce=st.integers(0, 2**256 - 1),
    deadline=st.integers(0, 2**40 - 1),
    gas=st.integers(0, 2**32 - 1),
)


def wallet_digest(message: dict[str, Any]) -> bytes:
    """What eth-account signs."""
    signable = encode_typed_data(full_message=message)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def test_there_are_acts_to_check() -> None:
    assert len(ACTS) > 20


@pytest.mark.parametrize(("contract", "function"), ACTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_digest_is_the_wallets(contract: str, function: str, data: st.DataObject) -> None:
    args = data.draw(args_of(CONTRACTS.function(contract, function).inputs))
    message = CONTRACTS.typed_data(contract, function, args, data.draw(headers))
    over_the_wire = json.loads(json.dumps(message))
    assert CONTRACTS.act_id(over_the_wire) == CONTRACTS.act_id(message) == wallet_digest(over_the_wire)


@pytest.mark.parametrize(("contract", "function"), ACTS)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_call_round_trips(contract: str, function: str, data: st.DataObject) -> None:
    args = data.draw(args_of(CONTRACTS.function(contract, function).inputs))
    calldata = CONTRACTS.encode_call(contract, function, args)
    assert CONTRACTS.decode_call(contract, calldata) == (function, args)
    with pytest.raises((Malformed, NotFound)):
        CONTRACTS.decode_call(contract, calldata + b"\0")


@pytest.mark.parametrize(("contract", "function"), ACTS)
def test_layout_has_one_entry_for_each_parameter(contract: str, function: str) -> None:
    act, inputs = CONTRACTS.act_type(contract, function), CONTRACTS.function(contract, function).inputs
    rest, kinds = act.layout, []
    while rest:
        kinds.append(rest[0])
        rest = rest[34:] if rest[0] in (3, 4) else rest[1:]
    assert len(kinds) == len(inputs)
    assert act.type_string.startswith(function[0].upper() + function[1:] + "(address actor,")
    assert "uint256 nonce,uint40 deadline,uint32 gas)" in act.type_string


def test_a_parameter_named_like_the_header_gets_an_underscore() -> None:
    inputs = params([{"name": "_deadline", "type": "uint256"}, {"name": "value", "type": "uint256"}])
    types = typed_data.types_of("permit", inputs)
    assert [field["name"] for field in types["Permit"]] == ["actor", "deadline_", "value", "nonce", "deadline", "gas"]


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "", "type": "uint8"},
        {"name": "a", "type": "uint8[3]"},
        {"name": "a", "type": "uint8[][]"},
        {"name": "a", "type": "bytes[]"},
        {"name": "a", "type": "tuple", "internalType": "struct S", "components": [{"name": "b", "type": "bytes"}]},
        {"name": "a", "type": "tuple", "internalType": "struct Act", "components": [{"name": "b", "type": "bool"}]},
    ],
    ids=lambda entry: entry["type"] + ":" + entry["name"],
)
def test_what_the_forwarder_cannot_read_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        typed_data.types_of("act", (Param(entry),))
