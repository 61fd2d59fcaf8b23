"""Every field of every contract is told as what it means: no field is missing from the table, none is there in vain.

Given every event, error, struct and function in the ABI of every contract
    when a field is an integer
        → the table should have it, as something that fits its type
        → an enumeration's should be told in the words of that enumeration
    when a field is bytes
        → it should be known as text, or as a hash or an id
Given every line of the table
    → a field should be told by it
Given a value that was told
    when it is told again
        → it should stay as it is
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import artifacts
from ledger.domain.codes import ENUMS
from ledger.domain.plain import MAX_TIME, in_units
from ledger.domain.units import IN, TEXTS, UNITS, Meaning, Unit, meaning_of

Field = tuple[str, str, str, str]
"""Owner, name, ABI type of one value, enumeration or nothing."""

_HASHES = """
    act actId actual application bankReference basis blockHash byRecord dataRecord decision digest encryptionKey entity
    entry escrow evidence expected foreignAeo foreignId genesis grant guarantee id key ledgerId lrnMac manifest
    operationId path payment permit profile proposal r record recordId recordIds records refund request requestId root s
    selector selectors stateRoot terms value x25519Key
    """
HASHES = frozenset(_HASHES.split())
"""Fields of bytes that are told as 0x hex."""
OF_CALLS = {("Panic", "code", "uint256", "")}
"""Solidity's own errors have no ABI entry."""


def fits(base: str) -> set[Unit]:
    """What an integer of this type may be."""
    bits = int(base.lstrip("uint"))
    if base == "int256" or bits in (96, 112, 128):
        return {Unit.AMOUNT}
    if bits in (40, 48):
        return {Unit.INSTANT, Unit.DURATION, Unit.NUMBER}
    if bits <= 32:
        return {Unit.NUMBER, Unit.DURATION, Unit.ID}
    if bits == 64:
        return {Unit.PARTICIPANT, Unit.CASE, Unit.ID, Unit.NUMBER, Unit.AMOUNT}
    return {Unit.AMOUNT, Unit.ID, Unit.NUMBER, Unit.INSTANT, Unit.PARTICIPANT}


def fields(owner: str, entries: list[dict[str, Any]], *, by_struct: bool) -> Iterator[Field]:
    """Values of `entries` at any depth; those of a struct under its name, or under the owner's."""
    for entry in entries:
        told = entry.get("internalType", "").split("[")[0]
        if "components" in entry:
            struct = told.removeprefix("struct ").split(".")[-1]
            yield from fields(struct if by_struct else owner, entry["components"], by_struct=by_struct)
        elif entry["name"]:
            enum = told.removeprefix("enum ").split(".")[-1] if told.startswith("enum ") else ""
            yield owner, entry["name"].lstrip("_"), entry["type"].split("[")[0], enum


def all_fields() -> set[Field]:
    found: set[Field] = set(OF_CALLS)
    for artifact in artifacts.load().values():
        for entry in artifact["abi"]:
            name = entry.get("name", entry["type"])
            by_struct = entry["type"] == "function"
            found |= set(fields(name, entry.get("inputs", []), by_struct=by_struct))
            structs = [output for output in entry.get("outputs", ()) if "components" in output]
            found |= set(fields(name, structs, by_struct=True))
    return found


FIELDS = sorted(all_fields())
FUNCTIONS = {
    entry["name"] for artifact in artifacts.load().values() for entry in artifact["abi"] if entry["type"] == "function"
}


def test_no_integer_is_missing_and_each_is_what_its_type_can_be() -> None:
    wrong = []
    for owner, name, base, enum in FIELDS:
        meaning = meaning_of(owner, name)
        if not base.startswith(("uint", "int")) or (enum and owner in FUNCTIONS):
            continue  # an act's arguments are told by the ABI's own enumerations
        if (meaning != enum) if enum else (meaning not in fits(base)):
            wrong.append(f"{owner}.{name}: {enum or base} is told as {meaning}")
    assert wrong == []


def test_every_field_of_bytes_is_text_or_a_hash() -> None:
    names = {name.rstrip("_") for _, name, base, _ in FIELDS if base.startswith("bytes") and base != "bytes"}
    assert names == {*names & TEXTS, *HASHES}
    assert HASHES.isdisjoint(TEXTS)


def test_no_line_of_the_table_is_there_in_vain() -> None:
    integers = {(owner, name.rstrip("_")) for owner, name, base, _ in FIELDS if base.startswith(("uint", "int"))}
    assert UNITS.keys() - {name for _, name in integers} == set()
    assert IN.keys() - integers == set()
    assert [place for place, meaning in IN.items() if UNITS.get(place[1]) is meaning] == []
    assert {name for _, name, base, _ in FIELDS if base.startswith("bytes")} >= TEXTS


def decoded(owner: str, name: str, base: str) -> st.SearchStrategy[Any]:
    """Any value of a field, as it comes from the chain."""
    meaning = meaning_of(owner, name)
    if base.startswith("bytes"):
        size = int(base[5:] or 32)
        return st.binary(min_size=size, max_size=size)
    if base.startswith(("uint", "int")):
        most = MAX_TIME if meaning is Unit.INSTANT else (1 << int(base.lstrip("uint")) - 1) - 1
        return st.integers(0, most) if base.startswith("uint") else st.integers(-most, most)
    return {"bool": st.booleans(), "address": st.just("0x" + "aB" * 20)}.get(base, st.text(max_size=8))


@st.composite
def told_fields(draw: st.DrawFn) -> tuple[str, str, Any]:
    owner, name, base, _ = draw(st.sampled_from(FIELDS))
    return owner, name, draw(decoded(owner, name, base))


@given(told_fields())
def test_what_was_told_is_told_no_other_way(field: tuple[str, str, Any]) -> None:
    owner, name, value = field
    once = in_units(owner, {name: value})
    if not isinstance(value, bytes) or name not in TEXTS:
        assert in_units(owner, once) == once
    assert_meant(meaning_of(owner, name), value, once[name])


def assert_meant(meaning: Meaning | None, value: Any, shown: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        assert shown is None or isinstance(shown, bool | str)
    elif isinstance(meaning, str):
        assert shown == (ENUMS[meaning][value] if value < len(ENUMS[meaning]) else str(value))
    elif meaning is Unit.AMOUNT or meaning is Unit.ID:
        assert shown == str(value)
    elif meaning is Unit.CASE:
        assert shown == (str(value) if value else None)
    elif meaning is Unit.INSTANT:
        assert shown is None if not value else str(shown).endswith("Z") or shown == str(value)
    elif meaning is Unit.PARTICIPANT and not value:
        assert shown is None
    elif value < 2**53:
        assert shown == value
        assert type(shown) is int


@pytest.mark.parametrize(
    ("owner", "values", "told"),
    [
        (
            "ChargePosted",
            {"caseId": 72057594037927937, "code": b"CUD", "total": 205400, "entry": 3, "actor": "0xaB"},
            {"caseId": "72057594037927937", "code": "CUD", "total": "205400", "entry": 3, "actor": "0xaB"},
        ),
        (
            "PermitIssued",
            {"permit": b"\x1f" * 32, "validFrom": 0, "validUntil": 4102444800, "lines": [{"authorised": 100_000_000}]},
            {
                "permit": "0x" + "1f" * 32,
                "validFrom": None,
                "validUntil": "2100-01-01T00:00:00Z",
                "lines": [{"authorised": "100000000"}],
            },
        ),
        (
            "Accepted",
            {"mrn": b"26ZZ12345678901AB9", "version": 1},
            {"mrn": "26ZZ12345678901AB9", "version": 1},
        ),
        ("Lodged", {"lodgement": {"carrier": 0, "declarant": 5}}, {"lodgement": {"carrier": None, "declarant": 5}}),
        ("NotInStatus", {"status": 7, "act": 1}, {"status": "RELEASED", "act": "LODGE"}),
        ("StatusChanged", {"status": 2}, {"status": "REVOKED"}),
        ("ItemsEntered", {"from": 1, "to": 2}, {"from": 1, "to": 2}),
        ("PowerChanged", {"from": 1795708074, "until": 0}, {"from": "2026-11-26T15:47:54Z", "until": None}),
        (
            "CallFailed",
            {"reason": {"error": "NotEnoughFree", "arguments": {"free": 5, "asked": 10}}},
            {"reason": {"error": "NotEnoughFree", "arguments": {"free": "5", "asked": "10"}}},
        ),
        ("NotReleased", {"mrn": "0x" + b"26ZZ12345678901AB9".hex()}, {"mrn": "26ZZ12345678901AB9"}),
        ("GuaranteeAccepted", {"grn": b"\xff" * 17}, {"grn": "0x" + "ff" * 17}),
        (
            "OfAnotherVersion",
            {"size": 2**60, "few": 3, "digest": b"\1"},
            {"size": str(2**60), "few": 3, "digest": "0x01"},
        ),
    ],
)
def test_fields_say_what_they_mean(owner: str, values: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    assert in_units(owner, values) == told
