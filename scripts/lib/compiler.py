"""Compiles Solidity with the npm package `solc` through py-solc-x, and keeps what the Python side needs.

An artifact is a JSON object: `contract`, `source`, `abi`, `acts` (functions that an actor can sign, see below),
`notices` (NatSpec of each function), `parameters` (NatSpec of each act's parameters), `bytecode`, `deployedBytecode`,
`linkReferences` and `deployedLinkReferences` (library name → byte offsets), `immutables` ([offset, length] pairs in the
deployed code), `storageLayout`.

Acts of a contract that takes relayed acts (it has `FORWARDER()`): its functions that change state, but for those that
are `restricted` to governance or to another contract, and the AccessManager's own.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ledger.adapters.evm import solidity
from ledger.devnet.places import ROOT
from ledger.domain.errors import Malformed

OUTPUTS: Final = (
    "abi",
    "userdoc",
    "devdoc",
    "storageLayout",
    "evm.bytecode.object",
    "evm.bytecode.linkReferences",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.linkReferences",
    "evm.deployedBytecode.immutableReferences",
)


def compile_folder(
    folder: Path, *, prefix: str, extra: tuple[str, ...] = solidity.NOT_OURS
) -> dict[str, dict[str, Any]]:
    """Compile every Solidity file below `folder` and return the artifacts by contract name.

    Args:
        folder: Where the sources are.
        prefix: Their source name's start (`contracts`), so that nothing depends on where the clone lies.
        extra: Sources from `node_modules` to compile as well.

    Raises:
        SystemExit: The compiler's own messages; warnings are errors.
    """
    try:
        texts = solidity.read_sources(folder, ROOT, prefix=prefix, extra=extra)
        output = solidity.compile_sources(texts, OUTPUTS, solidity.compiler_of(ROOT))
    except Malformed as error:
        raise SystemExit("\n".join(fault.text for fault in error.faults)) from error
    wanted = {name for name in texts if name.startswith(f"{prefix}/") or name in extra}
    return dict(sorted(_artifacts(output, wanted)))


def _artifacts(output: Mapping[str, Any], wanted: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    contracts = {
        name: (source, made) for source, by_name in output["contracts"].items() for name, made in by_name.items()
    }
    linked = {
        library
        for _, made in contracts.values()
        for by_name in made["evm"]["bytecode"]["linkReferences"].values()
        for library in by_name
    }
    nodes = {
        node["id"]: node
        for source in output["sources"].values()
        for node in source["ast"]["nodes"]
        if node["nodeType"] == "ContractDefinition"
    }
    for node in nodes.values():
        name = node["name"]
        source, made = contracts[name]
        if node["abstract"] or node["contractKind"] == "interface":
            continue
        if name in linked or (source in wanted and node["contractKind"] == "contract"):
            yield name, _artifact(name, source, made, _acts(made["abi"], node, nodes))


def _artifact(name: str, source: str, made: Mapping[str, Any], acts: list[str]) -> dict[str, Any]:
    code, deployed = made["evm"]["bytecode"], made["evm"]["deployedBytecode"]
    immutables = [
        [place["start"], place["length"]] for places in deployed["immutableReferences"].values() for place in places
    ]
    layout = made.get("storageLayout", {}).get("storage", [])
    return {
        "contract": name,
        "source": source,
        "acts": acts,
        "notices": {
            signature.split("(")[0]: " ".join(doc["notice"].split())
            for signature, doc in made["userdoc"].get("methods", {}).items()
            if "notice" in doc
        },
        "parameters": {
            function: {param: " ".join(text.split()) for param, text in doc["params"].items()}
            for function, doc in ((s.split("(")[0], doc) for s, doc in made["devdoc"].get("methods", {}).items())
            if function in acts and "params" in doc
        },
        "abi": made["abi"],
        "bytecode": "0x" + code["object"],
        "deployedBytecode": "0x" + deployed["object"],
        "linkReferences": _links(code),
        "deployedLinkReferences": _links(deployed),
        "immutables": sorted(immutables),
        "storageLayout": [{key: slot[key] for key in ("label", "slot", "offset")} for slot in layout],
    }


def _links(code: Mapping[str, Any]) -> dict[str, list[int]]:
    return {
        library: sorted(place["start"] for place in places)
        for by_name in code["linkReferences"].values()
        for library, places in by_name.items()
    }


def _acts(abi: list[dict[str, Any]], contract: Mapping[str, Any], nodes: Mapping[int, Any]) -> list[str]:
    if not any(entry.get("name") == "FORWARDER" for entry in abi):
        return []
    bodies: dict[str, tuple[str, set[str]]] = {}
    for base in contract["linearizedBaseContracts"]:
        for node in nodes[base]["nodes"]:
            if node["nodeType"] == "FunctionDefinition" and node.get("implemented") and "functionSelector" in node:
                modifiers = {modifier["modifierName"]["name"] for modifier in node["modifiers"]}
                bodies.setdefault(node["name"], (nodes[base]["name"], modifiers))
    return sorted(
        entry["name"]
        for entry in abi
        if entry["type"] == "function" and entry["stateMutability"] == "nonpayable" and _is_act(*bodies[entry["name"]])
    )


def _is_act(defined_in: str, modifiers: set[str]) -> bool:
    return "restricted" not in modifiers and defined_in != "AccessManaged"


def to_json(artifact: Mapping[str, Any]) -> str:
    """One artifact as it is checked in: stable, readable, one trailing newline."""
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"
