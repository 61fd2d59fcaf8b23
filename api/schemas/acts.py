"""Acts: to be prepared, signed, and what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import Field
from pydantic.config import JsonDict

from api.schemas.base import ADDRESS, HEX, Shape, Value, address
from api.schemas.problems import RefusalOut
from ledger.domain.errors import ActRefused
from ledger.domain.limits import MAX_CALLDATA_BYTES, MAX_SIGNATURE_BYTES
from ledger.domain.plain import plain, rfc3339
from ledger.ports.outbox import OutboxState
from ledger.services.signed_act import ActStatus, PreparedAct, SignedAct

PREPARE_EXAMPLE: Final[JsonDict] = {
    "contract": "AuthorisationRegistry",
    "function": "revokePower",
    "args": {"broker": "6", "expectedVersion": 1, "reason": 2},
}
SIGNED_EXAMPLE: Final[JsonDict] = {
    "target": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "actor": "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "nonce": "81985529216486895",
    "deadline": 1795424400,
    "gas": 1100000,
    "data": "0x" + "1a2b3c4d" + "00" * 32,
    "signature": "0x" + "1a" * 65,
}
MAX_VALID_FOR_S: Final = 86_400
"""A day to sign: an act that waits longer is prepared anew."""
MAX_CALLDATA_HEX: Final = 2 + 2 * MAX_CALLDATA_BYTES
MAX_SIGNATURE_HEX: Final = 2 + 2 * MAX_SIGNATURE_BYTES


class PrepareIn(Shape, json_schema_extra={"examples": [PREPARE_EXAMPLE]}):
    """An act to be prepared."""

    contract: str = Field(description="Directory name.", max_length=32)
    function: str = Field(description="Function name.", max_length=64)
    args: dict[str, Any] = Field(description="Arguments by name; large integers as decimal text, bytes as 0x hex.")
    valid_for_s: int = Field(900, ge=1, le=MAX_VALID_FOR_S, description="Time left to carry it [s].")


class SignedActIn(Shape, json_schema_extra={"examples": [SIGNED_EXAMPLE]}):
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
            target=address(self.target, "/body/target"),
            actor=address(self.actor, "/body/actor"),
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
    args: dict[str, Value] = Field(description="Arguments as they will be executed, in words: they can be given back.")
    typed_data: dict[str, Value] = Field(description="EIP-712 message, for any wallet.")
    act: UnsignedAct
    deadline: str = Field(description="Until when it can be carried, RFC 3339 UTC.")
    would_fail: list[RefusalOut] = Field(
        description="What stands against it at the newest block, all that is known; empty: nothing."
    )

    @classmethod
    def of(cls, prepared: PreparedAct, objections: Sequence[ActRefused] = ()) -> "PreparedOut":
        """The shape of a prepared act."""
        act = prepared.unsigned
        return cls(
            act_id=f"0x{prepared.act_id.hex()}",
            contract=prepared.contract,
            function=prepared.function,
            meaning=prepared.meaning,
            args=plain(prepared.in_words),
            typed_data=dict(prepared.typed_data),
            act=UnsignedAct(
                target=act.target,
                actor=act.actor,
                nonce=str(act.nonce),
                deadline=act.deadline,
                gas=act.gas,
                data=f"0x{act.data.hex()}",
            ),
            deadline=rfc3339(act.deadline),
            would_fail=[RefusalOut.of(objection) for objection in objections],
        )


class ActOut(Shape):
    """What became of an act."""

    act_id: str = Field(description="EIP-712 digest.")
    state: OutboxState = Field(
        description="ACCEPTED, SIGNED, SENT, MINED on its way; FINAL, REFUSED or CONFLICT at its end."
    )
    tx_hash: str | None
    block_number: int | None
    error: RefusalOut | None = Field(description="Why it was refused; null unless it was.")

    @classmethod
    def of(cls, act_id: bytes, status: ActStatus) -> "ActOut":
        """The shape of a status."""
        return cls(
            act_id=f"0x{act_id.hex()}",
            state=status.state,
            tx_hash=None if status.tx_hash is None else f"0x{status.tx_hash.hex()}",
            block_number=status.block_number,
            error=None if status.error is None else _refusal(status.error),
        )


def _refusal(told: Mapping[str, Any]) -> RefusalOut:
    """A stored refusal; a conflict has a text alone."""
    if "error" in told:
        return RefusalOut.of(ActRefused(str(told["error"]), dict(told.get("arguments") or {})))
    return RefusalOut(name="Conflict", text=str(told.get("text")), arguments={}, reasons=[])
