"""Whether the code on the chain is what given sources compile to: every contract that the Directory ever listed.

For each listed version, the Directory itself, and each library that the code is linked with: the code is compared byte
for byte, with the links and immutables that the chain has put where the compiler left room; each of those values is
judged by itself (`immutables.py`); and the compiler's metadata at the end of the code is compared apart, because it
says which compiler it was and changes nothing that the contract does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from eth_utils.address import to_checksum_address

from ledger.adapters.evm import immutables
from ledger.adapters.evm.build import Build, Code, Place, instructions
from ledger.adapters.evm.immutables import Known, Value
from ledger.adapters.evm.reader import MAX_VERSIONS, EvmReader
from ledger.domain.ids import Address, LedgerId
from ledger.ports.chain import Head

PUSH2: Final = 0x61
"""Pushes a place to jump to: it moves with every byte before it, so it says nothing of what was changed."""
PUSH20: Final = b"\x73"
MOST_PLACES: Final = 8
"""Source functions named for one contract that differs."""


@dataclass(frozen=True)
class Difference:
    """Where the code differs.

    Attributes:
        offset: First instruction on the chain that differs, other than a jump that only moved [byte].
        on_chain, compiled: Lengths without metadata [bytes].
        places: Functions of the sources whose instructions differ, in order of the code; at most `MOST_PLACES`.
    """

    offset: int
    on_chain: int
    compiled: int
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Checked:
    """What was found of one contract.

    Attributes:
        contract: Its name.
        version: Its place in the Directory under that name, from 1; 0 for a linked library.
        address: Where it is.
        difference: Where the code differs; None if it is the same, or there is nothing to compare.
        fault: Why there is nothing to compare; "" if there is.
        values: Its immutables.
        metadata: "same", "differs" or "absent".
        libraries: Those that its code is linked with.
    """

    contract: str
    version: int
    address: Address
    difference: Difference | None = None
    fault: str = ""
    values: tuple[Value, ...] = ()
    metadata: str = "same"
    libraries: Mapping[str, Address] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        """Whether it does what the sources say; metadata does not count."""
        return self.difference is None and not self.fault and not any(value.fault for value in self.values)


def check_ledger(
    reader: EvmReader,
    directory: Address,
    ledger_id: LedgerId,
    chain_id: int,
    builds: Sequence[Build],
    progress: Callable[[str, int, int], None] = lambda _what, _done, _of: None,
) -> tuple[Head, list[Checked]]:
    """Compare every contract at the newest final block.

    Args:
        reader: The chain.
        directory: The one address that is configured.
        ledger_id: As configured.
        chain_id: As configured.
        builds: Compiled sources; an older version may be that of other sources, so each is held against all.
        progress: Told of each contract: name, how many are done, of how many are known so far.

    Returns:
        The block, and what was found: the Directory, its names in their order with every version, then libraries.

    Raises:
        Unavailable: No node, or not of this chain. Never a difference.
    """
    at = reader.final_head()
    listing = _listing(reader, at)
    known = Known({"Directory": [directory], **listing}, ledger_id, chain_id)
    waiting = [(name, version, a) for name, found in known.listed.items() for version, a in enumerate(found, 1)]
    checked: list[Checked] = []
    while len(checked) < len(waiting):
        name, version, address = waiting[len(checked)]
        progress(name, len(checked), len(waiting))
        code = reader.code(address, at=at)
        found = _best([_check(name, version, address, code, build, known) for build in builds])
        checked.append(found)
        libraries = [(library, 0, where) for library, where in found.libraries.items()]
        waiting += [library for library in libraries if library not in waiting]
    return at, checked


def _listing(reader: EvmReader, at: Head) -> dict[str, list[Address]]:
    """Every version by name, oldest first."""
    names = reader.call("Directory", "names", at=at)
    pages = reader.call_many([("Directory", "versions", (name, 0, MAX_VERSIONS)) for name in names], at=at)
    return {
        name.rstrip(b"\0").decode("ascii", "replace"): [entry["contract_"] for entry in page]
        for name, page in zip(names, pages, strict=True)
    }


def _best(answers: Sequence[Checked]) -> Checked:
    """The build that it is of; of none, the one that is like it the longest."""
    return max(answers, key=lambda c: (c.is_same, not c.fault, c.difference.offset if c.difference else 0))


def _check(name: str, version: int, address: Address, code: bytes, build: Build, known: Known) -> Checked:
    checked = Checked(name, version, address)
    own = build.code(name)
    if not code:
        return replace(checked, fault="there is no code at this address", metadata="absent")
    if own is None:
        return replace(checked, fault=f"the sources in {build.root} have no such contract", metadata="absent")
    filled, words, libraries = _filled(own, code, address)
    (ours, our_metadata), (theirs, their_metadata) = _split(filled), _split(code)
    metadata = "absent" if not their_metadata else "same" if our_metadata == their_metadata else "differs"
    checked = replace(checked, metadata=metadata, libraries=libraries)
    if ours != theirs:
        return replace(checked, difference=_difference(build, own, ours, theirs))
    found: dict[str, Any] = {name: word for name, word in words.items() if word is not None}
    values = tuple(
        immutables.judge(immutable.name, found[immutable.name], found, address, version, known)
        for immutable in own.immutables
    )
    return replace(checked, values=values)


def _filled(own: Code, code: bytes, address: Address) -> tuple[bytes, dict[str, bytes], dict[str, Address]]:
    """Our code with the chain's own values where the compiler left room; the first place of each counts for all."""
    filled = bytearray(own.code)
    words: dict[str, bytes] = {}
    libraries: dict[str, Address] = {}
    if own.is_library:
        filled[1:21] = bytes.fromhex(address[2:])
    for immutable in own.immutables:
        word = code[immutable.places[0] : immutable.places[0] + 32].ljust(32, b"\0")
        words[immutable.name] = word
        for place in immutable.places:
            filled[place : place + 32] = word
    for library, places in own.links.items():
        linked = code[places[0] : places[0] + 20].ljust(20, b"\0")
        if code[places[0] - 1 : places[0]] == PUSH20:  # else the code is another, and these bytes are no address
            libraries[library] = Address(to_checksum_address(linked))
        for place in places:
            filled[place : place + 20] = linked
    return bytes(filled), words, libraries


def _split(code: bytes) -> tuple[bytes, bytes]:
    """Code, and the compiler's CBOR metadata, whose length stands in the last two bytes."""
    size = int.from_bytes(code[-2:], "big") + 2
    if size > len(code) or b"solc" not in code[-size:]:
        return code, b""
    return code[:-size], code[-size:]


def _difference(build: Build, own: Code, ours: bytes, theirs: bytes) -> Difference:
    mine, chains = list(instructions(ours)), list(instructions(theirs))
    start, end = _unlike([_masked(i) for _, i in mine], [_masked(i) for _, i in chains])
    if len(mine) == start == end == len(chains):  # a constant of two bytes, which looks like a jump
        start = next(n for n in range(len(mine)) if mine[n] != chains[n])
    end = max(end, start + 1)  # instructions were added: the one after them tells
    places = [place for place in build.places(own)[start:end] if place is not None and "." in place.function]
    offset = chains[start][0] if start < len(chains) else len(theirs)
    return Difference(offset, len(theirs), len(ours), _functions(places))


def _functions(places: Sequence[Place]) -> tuple[Place, ...]:
    """The first place in each function."""
    first: dict[str, Place] = {}
    for place in places:
        first.setdefault(place.function, place)
    return tuple(first.values())[:MOST_PLACES]


def _masked(instruction: bytes) -> bytes:
    return instruction[:1] if instruction[0] == PUSH2 else instruction


def _unlike(ours: Sequence[bytes], theirs: Sequence[bytes]) -> tuple[int, int]:
    """First and last (exclusive) of our instructions that are not the same, from the front and from the back."""
    shorter = min(len(ours), len(theirs))
    start = next((n for n in range(shorter) if ours[n] != theirs[n]), shorter)
    same = next((n for n in range(shorter - start) if ours[-1 - n] != theirs[-1 - n]), shorter - start)
    return start, len(ours) - same
