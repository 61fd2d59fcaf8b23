"""Other systems as a test wants them: issuers that are vouched for, and contracts that answer as told."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from eth_hash.auto import keccak

from ledger.domain.errors import Unavailable
from ledger.domain.foreign.oa3 import fields_of
from ledger.domain.foreign.stores import BURNT, Call, ChainAnswers, Output
from ledger.domain.foreign.wrapped import digest_of, field_hash
from ledger.domain.timestamp import Certificates
from ledger.domain.verdict import BlockRead
from ledger.ports.foreign import ForeignWorld

BLOCK: Final = BlockRead(1000, b"\x0b" * 32, 1_764_000_000)
TRUE, FALSE = ((n).to_bytes(32) for n in (1, 0))
REVERTED: Final = Output(b"", reverted=True)
NO_TOKEN: Final = Output(keccak(b"ERC721NonexistentToken(uint256)")[:4] + bytes(32), reverted=True)
BURNT_TITLE: Final = Output(bytes(12) + BURNT)
HELD_TITLE: Final = Output(bytes(12) + bytes.fromhex("ab" * 20))


def selector(signature: str) -> bytes:
    return bytes(keccak(signature.encode())[:4])


class ScriptedWorld(ForeignWorld):
    """Answers each call by its selector; a chain that is not among `chains` is not configured."""

    def __init__(
        self,
        answers: Mapping[str, Output | bytes] | Callable[[Call], Output] | None = None,
        *,
        issuers: Mapping[str, str] | None = None,
        authorities: Mapping[str, Certificates] | None = None,
        chains: Sequence[int] = (101010,),
        is_off: bool = False,
    ) -> None:
        self._answers, self._issuers, self._chains, self._is_off = answers or {}, issuers or {}, chains, is_off
        self._authorities = authorities or {}
        self.asked: list[Call] = []

    def issuers(self) -> Mapping[str, str]:
        return self._issuers

    def authorities(self) -> Mapping[str, Certificates]:
        return self._authorities

    def ask(self, chain_id: int, calls: Sequence[Call]) -> ChainAnswers | None:
        if chain_id not in self._chains:
            return None
        if self._is_off:
            raise Unavailable("no node answers")
        self.asked += calls
        return ChainAnswers(chain_id, BLOCK, {call: self._output(call) for call in calls})

    def _output(self, call: Call) -> Output:
        if callable(self._answers):
            return self._answers(call)
        told = {selector(signature): output for signature, output in self._answers.items()}
        output = told.get(call.data[:4], REVERTED)
        return Output(output) if isinstance(output, bytes) else output


def wrapped_anew(document: Any) -> Any:
    """A document of version 3 as its issuer would wrap it now, alone in its batch."""
    fields = dict(fields_of({name: value for name, value in document.items() if name != "proof"}, "", ""))
    salt = "5a" * 32
    salts = [{"value": salt, "path": path} for path in fields]
    target = digest_of([field_hash(path, f"{salt}:{value}") for path, value in fields.items()]).hex()
    proof = {**document["proof"], "salts": base64.b64encode(json.dumps(salts).encode()).decode()}
    return {**document, "proof": {**proof, "proofs": [], "targetHash": target, "merkleRoot": target}}
