"""Shapes of states have every field of the contracts' own structs, and nothing else but what is said here.

given a struct that a contract answers
  its shape in the interface should name each field as the contract does
  a field that a contract adds or drops should fail here, not at a reader's
"""

from typing import Any

import pytest

from api.schemas.states import Debt as DebtShape
from api.schemas.states import (
    DeclarationState,
    Item,
    ItemCheck,
    ItemPermitUse,
    Missing,
    PermitState,
)
from ledger import artifacts


def structs() -> dict[str, set[str]]:
    """Field names of every struct in an ABI."""
    found: dict[str, set[str]] = {}

    def walk(entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if "components" in entry:
                name = entry["internalType"].removeprefix("struct ").split("[")[0].split(".")[-1]
                found[name] = {member["name"] for member in entry["components"]}
                walk(entry["components"])

    for artifact in artifacts.load().values():
        for entry in artifact["abi"]:
            walk([*entry.get("inputs", ()), *entry.get("outputs", ())])
    return found


STRUCTS = structs()


@pytest.mark.parametrize(
    ("shape", "struct", "added"),
    [
        (DeclarationState, "DeclarationState", {"case", "items", "missing", "debt"}),
        (Item, "ItemState", {"number", "permit_uses"}),
        (ItemCheck, "Check", set()),
        (ItemPermitUse, "PermitUse", set()),
        (Missing, "Reason", set()),
        (DebtShape, "DebtCase", {"state", "owed", "charges"}),
        (PermitState, "PermitHead", {"permit", "standing", "root", "live"}),
    ],
)
def test_a_shape_names_each_field_as_the_contract_does(shape: Any, struct: str, added: set[str]) -> None:
    names = {field.alias for field in shape.model_fields.values()}
    assert names == STRUCTS[struct] | added
