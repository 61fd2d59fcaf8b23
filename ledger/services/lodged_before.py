"""A message that was lodged before: its sender, who may have lost the answer, is told which declaration it became."""

from typing import Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from ledger.domain.declaration import DeclarationStatus
from ledger.domain.errors import Fault
from ledger.domain.ids import CaseId, Digest32, ParticipantId
from ledger.ports.chain import ChainReader, Head

REGISTRY: Final = "DeclarationRegistry"
ALREADY_DONE: Final = "AlreadyDone"
"""The contract's own name for it."""


def request_key(participant: ParticipantId, request_id: bytes) -> bytes:
    """Under which a registry keeps what a participant asked for."""
    return keccak(encode(["uint64", "bytes32"], [participant, request_id]))


def lodged_before(reader: ChainReader, participant: ParticipantId, request_id: Digest32, *, at: Head) -> list[Fault]:
    """The fault of a message whose request was done, with the declaration and its status; none if it is new."""
    case = CaseId(reader.call(REGISTRY, "caseOfRequest", (request_key(participant, request_id),), at=at))
    if not case:
        return []
    status = DeclarationStatus(reader.call(REGISTRY, "state", (case,), at=at)["status"]).name
    text = f"this message was lodged before, as declaration {case}, {status} now; nothing was done"
    return [Fault(ALREADY_DONE, "42A/FunctionalReferenceID", text)]
