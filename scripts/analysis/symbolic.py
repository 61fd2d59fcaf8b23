"""Halmos over `tests/contracts/proofs`: the conservation rules hold for all inputs.

Halmos reads what Foundry builds. Our compiler builds it instead, in Foundry's form, and a `forge` that does nothing
stands in its place on the path.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.adapters.evm import solidity
from ledger.devnet.places import ROOT
from scripts.lib.tool import program

LOOP: Final = 8
"""Rounds of a loop that are followed: one more than a debt has charges. A longer loop proves nothing."""
FOLDER: Final = ROOT / "tests" / "contracts" / "proofs"
OUTPUTS: Final = (
    "abi",
    "metadata",
    "storageLayout",
    "evm.methodIdentifiers",
    "evm.bytecode.object",
    "evm.bytecode.linkReferences",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.linkReferences",
    "evm.deployedBytecode.sourceMap",
)


@dataclass(frozen=True)
class Proof:
    """What became of one property.

    Attributes:
        name: `Contract.function`.
        proved: On all paths; a loop that was not followed to its end proves nothing.
        paths: How many.
        seconds: What it took.
    """

    name: str
    proved: bool
    paths: int
    seconds: float


def prove() -> list[Proof]:
    """Build and run; Halmos prints what stands against a property.

    Raises:
        SystemExit: Halmos told nothing, or not about every property.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        asked = _build(folder / "out")
        forge = folder / "bin" / "forge"
        forge.parent.mkdir()
        forge.write_text("#!/bin/sh\n")
        forge.chmod(0o755)
        answer = folder / "proofs.json"
        argv: list[str | Path] = [
            program("halmos", "halmos"), "--root", folder, "--loop", str(LOOP), "--solver-timeout-assertion", "0",
            "--no-status", "--json-output", answer,
        ]  # fmt: skip
        path = f"{forge.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        subprocess.run(argv, cwd=folder, env={**os.environ, "PATH": path}, check=False)
        told: dict[str, Any] = json.loads(answer.read_text()) if answer.exists() else {}
    proofs = [
        _proof(contract.rpartition(":")[2], result)
        for contract, results in told.get("test_results", {}).items()
        for result in results
    ]
    if asked != {proof.name for proof in proofs}:
        raise SystemExit(f"Halmos told nothing of {', '.join(sorted(asked - {proof.name for proof in proofs}))}")
    return proofs


def _proof(contract: str, result: Mapping[str, Any]) -> Proof:
    return Proof(
        name=f"{contract}.{result['name'].partition('(')[0]}",
        proved=result["exitcode"] == 0 and not result["num_bounded_loops"],
        paths=result["num_paths"][0],
        seconds=result["time"][0],
    )


def _build(out: Path) -> set[str]:
    """Compile for Halmos; the properties that it will find."""
    sources = solidity.read_sources(FOLDER, ROOT, prefix=FOLDER.relative_to(ROOT).as_posix(), extra=())
    output = solidity.compile_sources(sources, OUTPUTS, solidity.compiler_of(ROOT))
    asked: set[str] = set()
    for source, name, artifact in _artifacts(output):
        asked |= {f"{name}.{function}" for function in _functions(artifact) if function.startswith("check_")}
        folder = out / Path(source).name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(artifact))
    return asked


def _functions(artifact: Mapping[str, Any]) -> list[str]:
    return [one["name"] for one in artifact["abi"] if one["type"] == "function"]


def _artifacts(output: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for source, by_name in output["contracts"].items():
        for name, made in by_name.items():
            code = {
                kind: {**made["evm"][kind], "object": "0x" + made["evm"][kind]["object"]}
                for kind in ("bytecode", "deployedBytecode")
            }
            yield (
                source,
                name,
                {
                    "abi": made["abi"],
                    **code,
                    "methodIdentifiers": made["evm"]["methodIdentifiers"],
                    "metadata": json.loads(made["metadata"]) if made["metadata"] else {},
                    "storageLayout": made["storageLayout"],
                    "ast": output["sources"][source]["ast"],
                    "id": output["sources"][source]["id"],
                },
            )
