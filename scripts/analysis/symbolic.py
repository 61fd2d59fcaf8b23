"""Halmos over `tests/contracts/proofs`: the conservation rules hold for all inputs.

Halmos reads what Foundry builds. Our compiler builds it instead, in Foundry's form, and a `forge` that does nothing
stands in its place on the path.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ledger.adapters.evm import solidity
from ledger.devnet.places import ROOT
from scripts.lib.tool import program

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


def prove() -> int:
    """Build and run; Halmos prints each property with its time. Exit code 0 if all are proved."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _build(folder / "out")
        forge = folder / "bin" / "forge"
        forge.parent.mkdir()
        forge.write_text("#!/bin/sh\n")
        forge.chmod(0o755)
        argv: list[str | Path] = [
            program("halmos", "halmos"), "--root", folder, "--solver-timeout-assertion", "0", "--no-status",
        ]  # fmt: skip
        path = f"{forge.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return subprocess.run(argv, cwd=folder, env={**os.environ, "PATH": path}, check=False).returncode


def _build(out: Path) -> None:
    sources = solidity.read_sources(FOLDER, ROOT, prefix=FOLDER.relative_to(ROOT).as_posix(), extra=())
    output = solidity.compile_sources(sources, OUTPUTS, solidity.compiler_of(ROOT))
    for source, name, artifact in _artifacts(output):
        folder = out / Path(source).name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(artifact))


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
