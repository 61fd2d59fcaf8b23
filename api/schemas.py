"""Shapes of requests and answers. Unknown fields are refused; times are RFC 3339 UTC; amounts are decimal text."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.domain.plain import plain, rfc3339
from ledger.domain.verdict import BlockRead, Fragment, Question, Reason, Verdict, Verification


class Shape(BaseModel):
    """Base of every shape: strict about fields, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BlockOut(Shape):
    """The block at which an answer was read."""

    number: int = Field(description="Height.", examples=[42])
    hash: str = Field(description="Block hash, 0x hex.")
    time: str = Field(description="Block time, RFC 3339 UTC.", examples=["2026-11-23T09:00:00Z"])

    @classmethod
    def of(cls, block: BlockRead) -> "BlockOut":
        """The shape of a block that was read."""
        return cls(number=block.number, hash=f"0x{block.hash.hex()}", time=rfc3339(block.time))


class FragmentOut(Shape):
    """The answer to one question."""

    name: Question = Field(description="The question.")
    verdict: Verdict = Field(description="The answer.")
    reason: Reason = Field(description="Why, as a stable code.")
    text: str = Field(description="Why, in words.")
    evidence: dict[str, Any] = Field(description="What the answer rests on.")

    @classmethod
    def of(cls, fragment: Fragment) -> "FragmentOut":
        """The shape of a fragment."""
        return cls(
            name=fragment.name,
            verdict=fragment.verdict,
            reason=fragment.reason,
            text=fragment.text,
            evidence=plain(fragment.evidence),
        )


class VerificationOut(Shape):
    """All answers about one document."""

    overall: Verdict = Field(description="INVALID if any is; VALID only if all that apply are; else UNDETERMINED.")
    at: str = Field(description="The instant that status was asked for, RFC 3339 UTC.")
    block: BlockOut | None = Field(description="The one final block of all reads; null if the chain was not asked.")
    fragments: list[FragmentOut] = Field(description="One per question, in a fixed order.")

    @classmethod
    def of(cls, verification: Verification) -> "VerificationOut":
        """The shape of a verification."""
        return cls(
            overall=verification.overall,
            at=rfc3339(verification.at),
            block=None if verification.block is None else BlockOut.of(verification.block),
            fragments=[FragmentOut.of(f) for f in verification.fragments],
        )


class FaultOut(Shape):
    """One thing that is wrong with an input."""

    code: str
    path: str
    text: str


class ContractErrorOut(Shape):
    """A contract's own error."""

    name: str
    arguments: dict[str, Any]


class ProblemOut(Shape):
    """RFC 9457 problem."""

    type: str = Field(examples=["urn:tamga:problem:malformed"])
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable code.")
    retryable: bool = Field(description="Whether asking again, unchanged, can help.")
    faults: list[FaultOut] | None = None
    error: ContractErrorOut | None = None
    limit: int | None = None


class ParticipantRef(Shape):
    """A participant: its number and, where this facade knows one, its name."""

    id: int
    name: str | None = None


class ActEntry(Shape):
    """One act of a history."""

    block_number: int
    log_index: int
    time: str = Field(description="Block time, RFC 3339 UTC.")
    tx_hash: str
    contract: str = Field(description="Directory name of the contract.")
    event: str
    entities: list[str] = Field(description="What it belongs to.")
    actor: str | None = Field(description="Key that acted.")
    participant: ParticipantRef | None = Field(description="In whose name the key acted at that time.")
    reason: int | None = Field(description="Reason code; null if the event has none.")
    evidence: str | None = Field(description="Record id of the evidence; null if none.")
    arguments: dict[str, Any]


class HistoryOut(Shape):
    """A declaration's history, oldest act first."""

    case: str
    as_of: BlockOut = Field(description="The index knows the chain up to this block.")
    acts: list[ActEntry]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class PrepareIn(Shape):
    """An act to be prepared."""

    contract: str = Field(description="Directory name.", examples=["DeclarationRegistry"], max_length=32)
    function: str = Field(description="Function name.", examples=["lodge"], max_length=64)
    args: dict[str, Any] = Field(description="Arguments by name; integers as decimal text, bytes as 0x hex.")
    actor: str = Field(description="Key in whose name.", pattern="^0x[0-9a-fA-F]{40}$")
    valid_for_s: int = Field(900, ge=1, le=86_400, description="Time left to carry it [s].")


class PreparedOut(Shape):
    """An act, ready to be signed."""

    act_id: str
    contract: str
    function: str
    meaning: str
    typed_data: dict[str, Any] = Field(description="EIP-712 message for any wallet.")
    act: dict[str, Any] = Field(description="To be sent back to POST /v1/acts, with `signature`.")


class SignedActIn(Shape):
    """An act that its actor signed."""

    target: str = Field(pattern="^0x[0-9a-fA-F]{40}$")
    actor: str = Field(pattern="^0x[0-9a-fA-F]{40}$")
    nonce: str = Field(pattern="^[0-9]{1,78}$", description="u256, decimal text.")
    deadline: int = Field(ge=0, lt=2**40, description="[unix s]")
    gas: int = Field(ge=1, lt=2**32)
    data: str = Field(pattern="^0x([0-9a-fA-F]{2}){4,65536}$")
    signature: str = Field(pattern="^0x([0-9a-fA-F]{2}){1,4096}$")


class ActOut(Shape):
    """What became of an act."""

    key: str
    state: Literal["ACCEPTED", "SIGNED", "SENT", "MINED", "FINAL", "REFUSED", "CONFLICT"] | None
    executed: bool | None = Field(description="Whether it took effect; null before it was mined.")
    tx_hash: str | None
    block_number: int | None
    error: dict[str, Any] | None = Field(description="Why it was refused.")
