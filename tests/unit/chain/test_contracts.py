"""The codec: values in, values out, and every misfit named."""

from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.evm.abi import arrange, params
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.inherited import NOTICES, PARAMETERS
from ledger.domain.errors import LimitExceeded, Malformed, NotFound
from ledger.domain.ids import Address
from ledger.domain.limits import MAX_CALLDATA_BYTES

CODEC = Contracts.packaged()
ADDRESS = "0x5B38Da6a701c568545dCfcB03FcB875f56beddC4"
INPUTS = params(
    [
        {"name": "_id", "type": "uint64"},
        {"name": "to", "type": "address"},
        {
            "name": "uses",
            "type": "tuple[]",
            "internalType": "struct Use[]",
            "components": [{"name": "key", "type": "bytes32"}, {"name": "quantity", "type": "uint96"}],
        },
    ]
)
USE = {"key": "0x" + "ab" * 32, "quantity": "5"}


def test_json_spellings_are_taken() -> None:
    plain = [7, ADDRESS, [{"key": b"\xab" * 32, "quantity": 5}]]
    assert arrange(INPUTS, {"id": "7", "to": ADDRESS.lower(), "uses": [USE]}) == plain
    assert arrange(INPUTS, {"_id": 7, "to": ADDRESS, "uses": [(b"\xab" * 32, 5)]}) == plain
    assert arrange(INPUTS, [7, ADDRESS, [USE]]) == plain


@pytest.mark.parametrize(
    ("args", "faults"),
    [
        ({"id": 1, "to": ADDRESS}, [("missing_field", "/uses")]),
        ({"id": 1, "to": ADDRESS, "uses": [], "x": 1}, [("unknown_field", "/x")]),
        ([1, ADDRESS], [("wrong_count", "")]),
        ("12", [("wrong_type", "")]),
        ([1 << 64, ADDRESS, []], [("wrong_value", "/id")]),
        ([-1, ADDRESS, []], [("wrong_value", "/id")]),
        ([True, ADDRESS, []], [("wrong_value", "/id")]),
        ([1.0, ADDRESS, []], [("wrong_value", "/id")]),
        (["0x1", ADDRESS, []], [("wrong_value", "/id")]),
        (["9" * 100, ADDRESS, []], [("wrong_value", "/id")]),
        (["١", ADDRESS, []], [("wrong_value", "/id")]),
        ([1, ADDRESS[:-1] + "5", []], [("wrong_value", "/to")]),
        ([1, ADDRESS.replace("b", "B"), []], [("wrong_value", "/to")]),
        ([1, ADDRESS, "[]"], [("wrong_type", "/uses")]),
        ([1, ADDRESS, [{"key": "ab" * 32, "quantity": 1}]], [("wrong_value", "/uses/0/key")]),
        ([1, ADDRESS, [{"key": "0x" + "ab" * 31, "quantity": 1}]], [("wrong_value", "/uses/0/key")]),
        (
            ["x", "y", [USE, {"key": 5, "quantity": None}]],
            [
                ("wrong_value", "/id"),
                ("wrong_value", "/to"),
                ("wrong_value", "/uses/1/key"),
                ("wrong_value", "/uses/1/quantity"),
            ],
        ),
    ],
)
def test_every_misfit_is_named(args: Any, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(Malformed) as caught:
        arrange(INPUTS, args)
    assert [(fault.code, fault.path) for fault in caught.value.faults] == faults


def test_unknown_names_are_not_found() -> None:
    for call in (
        lambda: CODEC.encode_call("Nothing", "at"),
        lambda: CODEC.encode_call("Directory", "nothing"),
        lambda: CODEC.decode_call("Directory", b"\1\2\3\4"),
        lambda: CODEC.act_type("Directory", "announce"),
        lambda: CODEC.event("Directory", "Nothing"),
    ):
        with pytest.raises(NotFound):
            call()


def test_calldata_of_another_encoding_is_refused() -> None:
    data = CODEC.encode_call("DocumentRegistry", "grantAccess", (b"\1" * 32,))
    assert CODEC.decode_call("DocumentRegistry", data) == ("grantAccess", {"grant": b"\1" * 32})
    for other in (data[:-1], data + b"\0", data + b"\0" * 32):
        with pytest.raises(Malformed):
            CODEC.decode_call("DocumentRegistry", other)
    with pytest.raises(LimitExceeded):
        CODEC.decode_call("DocumentRegistry", data + b"\0" * MAX_CALLDATA_BYTES)


def test_governance_and_contract_calls_are_no_acts() -> None:
    assert {act.function for act in CODEC.acts("ParticipantRegistry")} == {
        "setKey",
        "retireKey",
        "declareCompromised",
        "setEncryptionKey",
    }
    permits = {act.function for act in CODEC.acts("PermitRegistry")}
    assert permits & {"reserve", "writeOff", "unreserve", "restore", "setAuthority"} == set()
    assert "issue" in permits
    assert CODEC.acts("Governance") == ()


def test_every_act_says_what_it_does() -> None:
    silent = [
        f"{name}.{act.function}"
        for name in CODEC.names()
        for act in CODEC.acts(name)
        if not CODEC.notice(name, act.function)
    ]
    assert set(silent) <= {f"SettlementToken.{f}" for f in ("approve", "permit", "transfer", "transferFrom")}


def test_logs_round_trip_through_topics() -> None:
    where = {"issuer": 7}
    topic, issuer = CODEC.topics("DocumentRegistry", "Anchored", where)
    assert topic is not None
    assert issuer is not None
    data = (9).to_bytes(32, "big") + b"\1" * 32 + b"\2" * 32
    expected = {"issuer": 7, "h": 9, "root": b"\1" * 32, "manifest": b"\2" * 32}
    assert CODEC.decode_log("DocumentRegistry", [topic, issuer], data) == ("Anchored", expected)
    assert CODEC.decode_log("DocumentRegistry", [topic], data) is None
    assert CODEC.decode_log("DocumentRegistry", [b"\7" * 32], data) is None
    assert CODEC.decode_log("DocumentRegistry", [], data) is None
    with pytest.raises(Malformed):
        CODEC.topics("DocumentRegistry", "Anchored", {"root": b"\1" * 32})


def test_creation_code_is_linked() -> None:
    ledger = CODEC.artifact("DebtLedger")
    args = [ADDRESS] * 5
    with pytest.raises(NotFound, match="linked library"):
        CODEC.creation_code("DebtLedger", args, {})
    libraries = {name: Address("0x" + f"{place + 1:040x}") for place, name in enumerate(sorted(ledger.links))}
    code = CODEC.creation_code("DebtLedger", args, libraries)
    for name, places in ledger.links.items():
        for place in places:
            assert code[place : place + 20].hex() == libraries[name][2:]
    assert code.endswith(bytes(12) + bytes.fromhex(ADDRESS[2:]))


def test_code_is_recognised_whatever_its_immutables() -> None:
    artifact = CODEC.artifact("DocumentRegistry")
    code = bytearray.fromhex(artifact.deployed[2:])
    assert artifact.immutables
    for start, length in artifact.immutables:
        code[start : start + length] = b"\x5a" * length
    assert CODEC.is_code_of("DocumentRegistry", bytes(code))
    code[-60] ^= 1
    assert not CODEC.is_code_of("DocumentRegistry", bytes(code))
    assert not CODEC.is_code_of("DocumentRegistry", b"")
    assert not CODEC.is_code_of("DocumentRegistry", bytes(code) + b"\0")


def test_no_artifacts_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="scripts/export_artifacts"):
        Contracts(tmp_path)


def test_every_act_says_what_it_means() -> None:
    acts = [(name, act) for name in CODEC.names() for act in CODEC.artifact(name).acts]
    assert len(acts) > 100
    assert [(name, act) for name, act in acts if not CODEC.notice(name, act)] == []


def test_words_for_inherited_acts_are_of_acts_that_are_there() -> None:
    for name, notices in NOTICES.items():
        assert notices.keys() == PARAMETERS[name].keys() <= {*CODEC.artifact(name).acts}
        for act, notes in PARAMETERS[name].items():
            assert [(param.name, param.note) for param in CODEC.parameters(name, act)] == list(notes.items())
