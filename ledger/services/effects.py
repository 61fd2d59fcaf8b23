"""Judged by effect: how to ask the chain whether an act happened, whatever became of our transaction.

A transaction with status 1 may hold a refused act; one with status 0, or a vanished one, may stand beside the same act
carried by somebody else. So a row that has an effect is judged by the contract's own record of it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ledger.domain.errors import ActRefused
from ledger.domain.ids import Address, Digest32, TxHash
from ledger.domain.limits import LOG_RANGE_BLOCKS
from ledger.ports.chain import ChainReader, Event, Head
from ledger.ports.contracts import ContractCodec


@dataclass(frozen=True)
class ActEffect:
    """A relayed act: ActExecuted or ActRefused of its id.

    Attributes:
        forwarder: The ActForwarder that was asked to carry it.
        act_id: EIP-712 digest.
        actor: In whose name.
        nonce: The act's own nonce.
        since: Height before which it cannot have happened.
    """

    forwarder: Address
    act_id: Digest32
    actor: Address
    nonce: int
    since: int = 0


@dataclass(frozen=True)
class AnchorEffect:
    """An anchor: the slot (issuer, sequence) of the DocumentRegistry holds exactly this.

    Attributes:
        registry: The DocumentRegistry that was asked to anchor.
        issuer: Participant.
        h: `key u160 << 96 | seq u40 << 56 | docType u24 << 32 | size u32`.
        root: Batch root.
        manifest: SHA-256 of the manifest.
        since: Height before which it cannot have happened.
    """

    registry: Address
    issuer: int
    h: int
    root: Digest32
    manifest: Digest32
    since: int = 0


NOBODY = Address("0x" + "00" * 20)
Effect = ActEffect | AnchorEffect
BYTES_FIELDS = ("act_id", "root", "manifest")
KINDS: dict[str, type[ActEffect] | type[AnchorEffect]] = {"act": ActEffect, "anchor": AnchorEffect}


@dataclass(frozen=True)
class Outcome:
    """What the chain says.

    Attributes:
        event: The contract's record of the act.
        refusal: The target's error, if the act was carried and refused: `{"error": name, "arguments": {…}}`.
    """

    event: Event
    refusal: dict[str, Any] | None

    @property
    def tx_hash(self) -> TxHash:
        """The transaction that carried it."""
        return self.event.tx_hash


def to_json(effect: Effect) -> str:
    """As it stands in an outbox row."""
    kind = next(name for name, of_kind in KINDS.items() if isinstance(effect, of_kind))
    stored = ((field.name, getattr(effect, field.name)) for field in fields(effect))
    values = {name: value.hex() if isinstance(value, bytes) else value for name, value in stored}
    return json.dumps({"kind": kind, **values}, sort_keys=True)


def from_json(stored: str) -> Effect:
    """What `to_json` wrote."""
    values = json.loads(stored)
    kind = KINDS[values.pop("kind")]
    given: dict[str, Any] = {k: bytes.fromhex(v) if k in BYTES_FIELDS else v for k, v in values.items()}
    return kind(**given)


def in_events(effect: Effect, events: Iterable[Event], codec: ContractCodec) -> Outcome | None:
    """The effect among decoded events, if it is there."""
    for event in events:
        if isinstance(effect, ActEffect):
            if event.contract_name == "ActForwarder" and event.args.get("actId") == effect.act_id:
                return Outcome(event, _refusal(event, codec))
        elif event.contract_name == "DocumentRegistry" and event.name == "Anchored":
            found = tuple(event.args[name] for name in ("issuer", "h", "root", "manifest"))
            if found == (effect.issuer, effect.h, effect.root, effect.manifest):
                return Outcome(event, None)
    return None


def on_chain(effect: Effect, reader: ChainReader, codec: ContractCodec, at: Head) -> Outcome | None:
    """The effect as of `at`; None if it is not there. Asks one slot first, and reads logs only when that is set."""
    return many_on_chain([effect], reader, codec, at)[0]


def many_on_chain(
    effects: Sequence[Effect], reader: ChainReader, codec: ContractCodec, at: Head
) -> list[Outcome | None]:
    """`on_chain` of each; their slots are asked for together."""
    slots = reader.call_many([_slot(effect) for effect in effects], at=at) if effects else []
    found: list[Outcome | None] = []
    for effect, slot in zip(effects, slots, strict=True):
        if isinstance(slot, ActRefused):
            raise slot
        is_set = slot if isinstance(effect, ActEffect) else any(slot)
        found.append(_search(effect, reader, codec, at) if is_set else None)
    return found


def _slot(effect: Effect) -> tuple[Address, str, Sequence[Any]]:
    """The view that tells whether something stands where the effect would."""
    if isinstance(effect, ActEffect):
        return effect.forwarder, "isSpent", (effect.actor, effect.nonce)
    return effect.registry, "anchorWord", (effect.issuer, effect.h >> 56 & 0xFF_FFFF_FFFF)


def find_act(
    act_id: Digest32, reader: ChainReader, codec: ContractCodec, at: Head, *, since: int = 0
) -> Outcome | None:
    """A relayed act anywhere in the chain's history up to `at`; None if it was never carried."""
    return _search(ActEffect(NOBODY, act_id, NOBODY, 0, since), reader, codec, at)


def _search(effect: Effect, reader: ChainReader, codec: ContractCodec, at: Head) -> Outcome | None:
    for first, last in _backwards(effect.since, at.number):
        events = [event for search in _logs(effect) for event in reader.find_events(*search, first, last)]
        outcome = in_events(effect, events, codec)
        if outcome is not None:
            return outcome
    return None


def _logs(effect: Effect) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Contract, event and topics of what records the effect."""
    if isinstance(effect, ActEffect):
        return [("ActForwarder", name, {"actId": effect.act_id}) for name in ("ActExecuted", "ActRefused")]
    return [("DocumentRegistry", "Anchored", {"issuer": effect.issuer})]


def _backwards(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Ranges of blocks, newest first: what is asked for is nearly always recent."""
    while last >= first:
        yield max(first, last - LOG_RANGE_BLOCKS + 1), last
        last -= LOG_RANGE_BLOCKS


def _refusal(event: Event, codec: ContractCodec) -> dict[str, Any] | None:
    if event.name != "ActRefused":
        return None
    name, arguments = codec.refusal(event.args["reason"])
    return {"error": name, "arguments": arguments}
