"""Compiles Solidity sources of a clone through py-solc-x, without downloading anything.

The compiler is named by path: `scripts/solc` of the clone, which runs the npm package `solc`, or any native `solc` of
the same version. Both are asked in standard JSON, so that the same sources give the same code whatever their path.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ledger.domain.errors import Fault, Malformed

SETTINGS: Final[Mapping[str, Any]] = {
    "evmVersion": "london",
    "optimizer": {"enabled": True, "runs": 200},
    "metadata": {"bytecodeHash": "none"},
}
"""The same as in `hardhat.config.js`; a test compares the two."""
FOLDER: Final = "contracts"
"""Where a clone keeps the sources; also the start of their names."""
NOT_OURS: Final = ("@openzeppelin/contracts/access/manager/AccessManager.sol",)
"""Deployed as they come."""
SHOWN: Final = 2_000
"""Characters of the compiler's own words that are passed on."""


def compiler_of(root: Path) -> Path:
    """The compiler that comes with a clone."""
    return root / "scripts" / "solc"


def read_sources(folder: Path, root: Path, *, prefix: str = FOLDER, extra: Sequence[str] = NOT_OURS) -> dict[str, str]:
    """Every Solidity file below `folder` but its tests, what they import, and `extra`: text by source name.

    Args:
        folder: Where the sources are.
        root: The clone: `node_modules` is looked for there.
        prefix: Start of the sources' names.
        extra: Sources from `node_modules` to take as well.

    Raises:
        Malformed: A file is missing or cannot be read; all of them at once.
    """
    files = {f"{prefix}/{file.relative_to(folder).as_posix()}": file for file in sorted(folder.rglob("*.sol"))}
    files = {name: file for name, file in files.items() if not name.endswith(".t.sol")}
    if not files:
        raise Malformed(Fault("no_sources", str(folder), "no Solidity file is there"))
    return with_imports(files | {name: root / "node_modules" / name for name in extra}, root)


def with_imports(files: Mapping[str, Path], root: Path) -> dict[str, str]:
    """These files and what they import: text by source name.

    Args:
        files: By source name.
        root: The clone: `node_modules` is looked for there.

    Raises:
        Malformed: A file is missing or cannot be read; all of them at once.
    """
    files = dict(files)
    open_names = list(files)
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    while open_names:
        name = open_names.pop()
        try:
            texts[name] = files[name].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(Fault("source_missing", str(files[name]), f"{name} is imported, but: {error}"))
            continue
        for path in imports_of(name, texts[name]):
            if path not in files:
                files[path] = root / "node_modules" / path if path.startswith("@") else root / path
                open_names.append(path)
    if faults:
        raise Malformed(*faults)
    return dict(sorted(texts.items()))


def imports_of(name: str, text: str) -> Iterator[str]:
    """Names of the sources that the source `name` imports itself."""
    bare = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    for path in re.findall(r'^\s*import\s[^;"]*"([^"]+)"', bare, flags=re.MULTILINE):
        yield path if not path.startswith(".") else os.path.normpath(f"{os.path.dirname(name)}/{path}")


def compile_sources(sources: Mapping[str, str], outputs: Sequence[str], compiler: Path) -> dict[str, Any]:
    """The compiler's standard JSON output: `outputs` of every contract, and each file's `ast`.

    Raises:
        Malformed: The compiler does not run, or not on these sources: its own words. Warnings in our own sources count.
    """
    selection = {"*": {"*": list(outputs), "": ["ast"]}}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**SETTINGS, "outputSelection": selection},
    }
    import solcx  # takes a quarter of a second, which commands that compile nothing need not wait for

    try:
        output: dict[str, Any] = solcx.compile_standard(request, solc_binary=compiler)
    except solcx.exceptions.SolcError as error:
        text = f"{error.message}\n{error.stderr_data or ''}".strip()
        raise Malformed(Fault("not_compiled", str(compiler), text[:SHOWN])) from error
    except OSError as error:
        raise Malformed(Fault("no_compiler", str(compiler), f"the compiler does not run: {error}")) from error
    warnings = [e for e in output.get("errors", ()) if not e["sourceLocation"]["file"].startswith("@")]
    if warnings:
        raise Malformed(*(Fault("warning", e["sourceLocation"]["file"], e["formattedMessage"]) for e in warnings))
    return output
