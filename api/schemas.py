"""Shapes of requests and answers. Unknown fields are refused; times are RFC 3339 UTC; amounts are decimal text."""

from typing import Any

from eth_utils.address import to_checksum_address
from pydantic import BaseModel, ConfigDict, Field

from api.cursors import write_cursor
from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import Address, ParticipantId
from ledger.domain.plain import plain, rfc3339
from ledger.domain.profiles import Names
from ledger.domain.verdict import BlockRead, Fragment, Question, Reason, Verdict, Verification
from ledger.ports.chain import Head
from ledger.ports.outbox import OutboxState
from ledger.services.acts import ActStatus, PreparedAct, SignedAct
from ledger.services.history import Act, Page
from ledger.services.states import State


class Shape(BaseModel):
    """Base of every shape: strict about fields, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BlockOut(Shape):
    """The block at which an answer was read."""

    number: int = Field(description="Height.", examples=[42])
    hash: str = Field(description="Block hash, 0x hex.")
    time: str = Field(description="Block time, RFC 3339 UTC.", examples=["2026-11-23T09:00:00Z"])

    @classmethod
    def of(cls, block: BlockRead | Head) -> "BlockOut":
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

    @classmethod
    def of(cls, participant: ParticipantId, names: Names) -> "ParticipantRef":
        """The shape of a participant."""
        return cls(id=participant, name=names.get(participant))


class ActEntry(Shape):
    """One act of a history."""

    block_number: int
    log_index: int
    time: str = Field(description="Block time, RFC 3339 UTC.")
    tx_hash: str
    contract: str = Field(description="Directory name of the contract.")
    event: str
    entities: list[str] = Field(description="What it belongs to.")
    actor: str | None = Field(description="Key that acted; null if the event names none.")
    participant: ParticipantRef | None = Field(description="In whose name the key acts.")
    reason: int | None = Field(description="Reason code; null if the event has none.")
    evidence: str | None = Field(description="Record id of the evidence; null if none.")
    arguments: dict[str, Any]

    @classmethod
    def of(cls, act: Act, names: Names) -> "ActEntry":
        """The shape of an act."""
        event = act.event
        return cls(
            block_number=event.block.number,
            log_index=event.log_index,
            time=rfc3339(event.block.time),
            tx_hash=f"0x{event.tx_hash.hex()}",
            contract=event.contract_name,
            event=event.name,
            entities=sorted(act.entities),
            actor=act.actor,
            participant=None if act.participant is None else ParticipantRef.of(act.participant, names),
            reason=act.reason,
            evidence=None if act.evidence is None else f"0x{act.evidence.hex()}",
            arguments=plain(event.args),
        )


class HistoryOut(Shape):
    """A history, oldest act first."""

    entity: str
    as_of: BlockOut = Field(description="The index knows the chain up to this block.")
    acts: list[ActEntry]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")

    @classmethod
    def of(cls, entity: str, page: Page, names: Names) -> "HistoryOut":
        """The shape of a page."""
        return cls(
            entity=entity,
            as_of=BlockOut.of(page.as_of),
            acts=[ActEntry.of(act, names) for act in page.acts],
            next=write_cursor(page.next),
        )


class StateOut(Shape):
    """What the contracts answered, at one block."""

    block: BlockOut
    state: dict[str, Any] = Field(description="As the contract has it; enumerations as words, amounts as text.")

    @classmethod
    def of(cls, state: State) -> "StateOut":
        """The shape of a state."""
        return cls(block=BlockOut.of(state.block), state=plain(state.values))


ADDRESS = "^0x[0-9a-fA-F]{40}$"
HEX = "^0x(?:[0-9a-fA-F]{2})*$"
MAX_CALLDATA_HEX = 2 * 128 * 1024
MAX_SIGNATURE_HEX = 2 * 4096


class PrepareIn(Shape):
    """An act to be prepared."""

    contract: str = Field(description="Directory name.", examples=["PermitRegistry"], max_length=32)
    function: str = Field(description="Function name.", examples=["suspend"], max_length=64)
    args: dict[str, Any] = Field(description="Arguments by name; large integers as decimal text, bytes as 0x hex.")
    actor: str = Field(description="Key in whose name.", pattern=ADDRESS)
    valid_for_s: int = Field(900, ge=1, le=86_400, description="Time left to carry it [s].")


class SignedActIn(Shape):
    """An act that its actor signed."""

    target: str = Field(pattern=ADDRESS, description="Contract.")
    actor: str = Field(pattern=ADDRESS, description="Key in whose name.")
    nonce: str = Field(pattern="^[0-9]{1,78}$", description="u256, decimal text; any that this actor has not spent.")
    deadline: int = Field(ge=0, lt=2**40, description="Last second at which it may be carried [unix s].")
    gas: int = Field(ge=1, lt=2**32, description="Gas given to the act.")
    data: str = Field(pattern=HEX, min_length=10, max_length=MAX_CALLDATA_HEX, description="Call, 0x hex.")
    signature: str = Field(pattern=HEX, min_length=4, max_length=MAX_SIGNATURE_HEX, description="r, s, v; 0x hex.")

    def act(self) -> SignedAct:
        """The act itself. Raises `Malformed` for an address without its checksum."""
        return SignedAct(
            target=address(self.target, "/target"),
            actor=address(self.actor, "/actor"),
            nonce=int(self.nonce),
            deadline=self.deadline,
            gas=self.gas,
            data=bytes.fromhex(self.data[2:]),
            signature=bytes.fromhex(self.signature[2:]),
        )


class UnsignedAct(Shape):
    """All of a signed act but its signature: add it, and send it to `POST /v1/acts`."""

    target: str
    actor: str
    nonce: str
    deadline: int
    gas: int
    data: str


class PreparedOut(Shape):
    """An act, ready to be signed."""

    act_id: str = Field(description="EIP-712 digest: the act's id everywhere.")
    contract: str
    function: str
    meaning: str = Field(description="What it does, in words.")
    args: dict[str, Any] = Field(description="Arguments as they will be executed.")
    typed_data: dict[str, Any] = Field(description="EIP-712 message, for any wallet.")
    act: UnsignedAct

    @classmethod
    def of(cls, prepared: PreparedAct) -> "PreparedOut":
        """The shape of a prepared act."""
        act = prepared.unsigned
        return cls(
            act_id=f"0x{prepared.act_id.hex()}",
            contract=prepared.contract,
            function=prepared.function,
            meaning=prepared.meaning,
            args=plain(prepared.args),
            typed_data=dict(prepared.typed_data),
            act=UnsignedAct(
                target=act.target,
                actor=act.actor,
                nonce=str(act.nonce),
                deadline=act.deadline,
                gas=act.gas,
                data=f"0x{act.data.hex()}",
            ),
        )


class ActOut(Shape):
    """What became of an act."""

    act_id: str = Field(description="EIP-712 digest.")
    state: OutboxState = Field(
        description="ACCEPTED, SIGNED, SENT, MINED on its way; FINAL, REFUSED or CONFLICT at its end."
    )
    tx_hash: str | None
    block_number: int | None
    error: dict[str, Any] | None = Field(description="Why it was refused.")

    @classmethod
    def of(cls, act_id: bytes, status: ActStatus) -> "ActOut":
        """The shape of a status."""
        return cls(
            act_id=f"0x{act_id.hex()}",
            state=status.state,
            tx_hash=None if status.tx_hash is None else f"0x{status.tx_hash.hex()}",
            block_number=status.block_number,
            error=None if status.error is None else plain(status.error),
        )


class ReadyOut(Shape):
    """Whether this facade can do its work, and what it waits for."""

    ready: bool
    indexed: int = Field(description="Height of the last indexed block; -1 for none.")
    head: int | None = Field(description="Height of the node's newest block; null if no node answers.")
    behind: int | None = Field(description="Blocks not yet indexed.")
    carries_acts: bool = Field(description="Whether this facade has a relayer's key.")
    troubles: dict[str, str] = Field(description="What each part complains of.")


def address(text: str, path: str) -> Address:
    """A checksummed address (EIP-55), or one in lower case. Raises `Malformed` for a wrong checksum."""
    checked = to_checksum_address(text)
    if text not in (checked, text.lower()):
        raise Malformed(Fault("checksum", path, "the address has a wrong EIP-55 checksum"))
    return Address(checked)
