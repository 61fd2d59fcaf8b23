"""Reference numbers, permits' terms and declared units: one golden file for the twins and for the contracts.

given a golden file, whose digest tests/contracts/GoldenVectors.t.sol reaches with the libraries' own answers
  when the twin is asked for each vector                                       → the file's answer
  when inputs and answers are folded as that test folds them                   → the digest that both hold
given an MRN of ours
  when it is read                                                              → registry, counter, procedure, case id
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from ledger.domain.errors import ActRefused
from ledger.domain.ids import ParticipantId
from ledger.domain.permit import PermitTerms, in_line_unit
from ledger.domain.reference_numbers import grn, mrn, parse_grn, parse_mrn

ROOT = Path(__file__).parents[2]
SOLIDITY_TEST = (ROOT / "tests/contracts/GoldenVectors.t.sol").read_text()
INEXACT, TOO_LARGE = 2**256 - 1, 2**256 - 2
Vector = Mapping[str, Any]
Folded = list[tuple[str, Any]]
"""ABI type and value, in the order of the Solidity test."""


def golden(name: str) -> Any:
    return json.loads((ROOT / f"tests/golden/{name}.json").read_text())


NUMBERS, TERMS, UNITS = golden("reference_numbers"), golden("permit_terms"), golden("permit_units")


def instant(vector: Vector) -> int:
    return int(datetime.fromisoformat(vector["accepted_at"]).timestamp())


def made_mrn(vector: Vector) -> str:
    return mrn(instant(vector), vector["country"], vector["registry_version"], vector["counter"], vector["procedure"])


def of_mrn(vector: Vector) -> Folded:
    return [
        ("uint40", instant(vector)),
        ("bytes2", vector["country"].encode()),
        ("uint8", vector["registry_version"]),
        ("uint64", vector["counter"]),
        ("bytes1", vector["procedure"].encode()),
        ("bytes18", made_mrn(vector).encode()),
    ]


def of_grn(vector: Vector) -> Folded:
    seed = int(vector["seed"])
    number = grn(instant(vector), vector["country"], seed)
    return [
        ("uint40", instant(vector)),
        ("bytes2", vector["country"].encode()),
        ("uint256", seed),
        ("bytes17", number.encode()),
    ]


def terms(vector: Vector) -> PermitTerms:
    return PermitTerms(
        bytes.fromhex(vector["salt"]),
        ParticipantId(int(vector["holder"])),
        vector["commodity_prefix"],
        vector["origin"],
        vector["unit"],
    )


def of_terms(vector: Vector) -> Folded:
    made = terms(vector)
    return [
        ("bytes32", made.salt),
        ("uint64", made.holder),
        ("string", made.commodity_prefix),
        ("bytes2", made.origin.encode()),
        ("bytes3", made.unit.encode()),
        ("bytes32", made.commitment()),
    ]


def converted(vector: Vector) -> int | str:
    """The quantity in the line's unit, or the error that refuses it."""
    try:
        return in_line_unit(*(int(vector[name]) for name in ("quantity", "numerator", "denominator")))
    except ActRefused as refused:
        return refused.error


def of_unit(vector: Vector) -> Folded:
    answer = converted(vector)
    answers = {"InexactConversion": INEXACT, "OutOfRange": TOO_LARGE}
    return [
        ("uint96", int(vector["quantity"])),
        ("uint64", int(vector["numerator"])),
        ("uint64", int(vector["denominator"])),
        ("uint256", answer if isinstance(answer, int) else answers[answer]),
    ]


@pytest.mark.parametrize(
    ("constant", "file", "fold"),
    [
        ("MRN", NUMBERS["mrn"], of_mrn),
        ("GRN", NUMBERS["grn"], of_grn),
        ("PERMIT_TERMS", TERMS, of_terms),
        ("PERMIT_UNITS", UNITS, of_unit),
    ],
)
def test_twins_and_contracts_give_one_digest(constant: str, file: Any, fold: Callable[[Vector], Folded]) -> None:
    seen = bytes(32)
    for vector in file["vectors"]:
        types, values = zip(*fold(vector), strict=True)
        seen = keccak(encode(["bytes32", *types], [seen, *values]))
    assert seen.hex() == file["digest"]
    assert f'bytes32 internal constant {constant} = hex"{file["digest"]}";' in SOLIDITY_TEST


@pytest.mark.parametrize("vector", NUMBERS["mrn"]["vectors"], ids=lambda v: v["mrn"])
def test_mrn(vector: Vector) -> None:
    assert made_mrn(vector) == vector["mrn"]
    read = parse_mrn(vector["mrn"])
    assert (read.country, read.registry_version, read.counter, read.procedure) == (
        vector["country"],
        vector["registry_version"],
        vector["counter"],
        vector["procedure"],
    )
    assert read.case_id == vector["registry_version"] << 56 | vector["counter"]


@pytest.mark.parametrize("vector", NUMBERS["grn"]["vectors"], ids=lambda v: v["grn"])
def test_grn(vector: Vector) -> None:
    assert grn(instant(vector), vector["country"], int(vector["seed"])) == vector["grn"]
    read = parse_grn(vector["grn"])
    assert (read.year, read.country) == (instant_year(vector) % 100, vector["country"])


def instant_year(vector: Vector) -> int:
    return datetime.fromtimestamp(instant(vector), UTC).year


@pytest.mark.parametrize("vector", TERMS["vectors"], ids=lambda v: v["name"])
def test_commitment(vector: Vector) -> None:
    assert terms(vector).commitment().hex() == vector["commitment"]


@pytest.mark.parametrize("vector", UNITS["vectors"])
def test_a_declared_unit_converts_exactly_or_is_refused(vector: Vector) -> None:
    if vector["converted"] is not None:
        assert converted(vector) == int(vector["converted"])
        return
    inexact = int(vector["quantity"]) * int(vector["numerator"]) % int(vector["denominator"]) != 0
    assert converted(vector) == ("InexactConversion" if inexact else "OutOfRange")
