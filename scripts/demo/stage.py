"""Where the acts are played: reads from the node, signs here, lets the facade carry, and tells what came of it."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_utils.crypto import keccak

from ledger.client import Client
from ledger.domain.errors import ActRefused, NotFound, TamgaError, Unavailable
from ledger.domain.ids import Address, TxHash
from ledger.domain.plain import plain
from ledger.ports.chain import ChainReader, Event, Head
from ledger.ports.contracts import Args
from ledger.services.acts import Acts
from scripts.demo.cast import Keys
from scripts.demo.notes import Notes
from scripts.demo.telling import Step, Telling

CARRY_TIMEOUT_S: Final = 90.0
"""Longest wait for one act: a killed chain has that long to come back."""
RETRY_S: Final = 1.0
IN_THE_WAY: Final = "NonceSpent"
"""The contract's word for an act that an earlier run had already carried."""


@dataclass(frozen=True)
class Done:
    """An act that took effect.

    Attributes:
        tx_hash: The transaction that carried it.
        block: The block that holds it.
        events: What its contracts told, in order.
        before: Whether an earlier run had done it.
    """

    tx_hash: TxHash
    block: Head
    events: tuple[Event, ...]
    before: bool

    def event(self, name: str) -> Mapping[str, Any]:
        """Arguments of the first event of that name. Raises `NotFound`."""
        for event in self.events:
            if event.name == name:
                return event.args
        raise NotFound("event", name)


class LawBroken(TamgaError):
    """The ledger took what its law forbids: the product is at fault."""

    code = "law_broken"


class Stage:
    """Plays acts exactly once: each has a name, and the name decides its nonce."""

    def __init__(
        self, reader: ChainReader, acts: Acts, facade: Client, keys: Keys, notes: Notes, telling: Telling
    ) -> None:
        self.reader, self.facade, self.keys, self.notes, self.telling = reader, facade, keys, notes, telling
        self._acts = acts
        self._seated: dict[str, Client] = {}
        self._executed: dict[tuple[Address, int], TxHash] = {}
        self._read_until = -1

    def view(self, contract: str, function: str, *args: Any) -> Any:
        """A view function's answer at the newest block."""
        return self.reader.call(contract, function, args, at=self.reader.head())

    def seated(self, seat: str) -> Client:
        """The facade as that seat reads it: signed in with its key."""
        if seat not in self._seated:
            self._seated[seat] = self.facade.signed_in_as(self.keys.signer(seat))
        return self._seated[seat]

    def was_played(self, name: str, seat: str) -> bool:
        """Whether an act of that name by that seat is on the chain."""
        return bool(self.view("ActForwarder", "isSpent", self.keys.signer(seat).address, nonce_of(name)))

    def act(self, part: int, name: str, seat: str, contract: str, function: str, args: Args, what: str) -> Done:
        """Sign an act, have it carried, wait for it and tell it; or tell that it was played before.

        Raises:
            ActRefused: The contract refused it.
            Unavailable: It could not be carried in time; playing again goes on from here.
        """
        done = self._before(name, seat) or self._play(name, seat, contract, function, args)
        self.telling.tell(Step(part, seat, what, done.tx_hash, done.block.number, done.block.time, done.before))
        return done

    def refusal(
        self, part: int, name: str, seat: str, contract: str, function: str, args: Args, what: str
    ) -> ActRefused:
        """Sign an act that must be refused, offer it to the facade, and tell the refusal.

        A refusal leaves no trace on the chain, so it is noted; an act that is offered again later is refused for other
        reasons.

        Raises:
            LawBroken: It was not refused.
        """
        before = self.notes.get(f"refusal {name}") is not None
        told = self.notes.once(f"refusal {name}", lambda: plain(self._refused(name, seat, contract, function, args)))
        self.telling.tell(Step(part, seat, what, before=before, refused=told))
        return ActRefused(told["error"], told["arguments"])

    def _refused(self, name: str, seat: str, contract: str, function: str, args: Args) -> Mapping[str, Any]:
        signer = self.keys.signer(seat)
        prepared = self._acts.prepare(contract, function, args, signer.address, nonce=nonce_of(name), simulate=False)
        try:
            self.facade.relay(prepared.signed(signer.sign_typed_data(prepared.typed_data)))
        except ActRefused as refused:
            return {"error": refused.error, "arguments": refused.arguments}
        raise LawBroken(f"{contract}.{function} by {seat} should have been refused, and was taken")

    def _play(self, name: str, seat: str, contract: str, function: str, args: Args) -> Done:
        try:
            return self._carried(name, seat, contract, function, args)
        except ActRefused as refused:
            before = self._before(name, seat) if refused.error == IN_THE_WAY else None
            if before is None:
                raise
            return before

    def _carried(self, name: str, seat: str, contract: str, function: str, args: Args) -> Done:
        signer = self.keys.signer(seat)
        prepared = self._acts.prepare(contract, function, args, signer.address, nonce=nonce_of(name))
        signed = prepared.signed(signer.sign_typed_data(prepared.typed_data))
        deadline = time.monotonic() + CARRY_TIMEOUT_S
        while True:
            try:
                facade = self.seated(seat)
                facade.relay(signed)
                told = facade.wait(prepared.act_id)
                break
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(RETRY_S)
        if told["state"] != "FINAL":
            error = told["error"] or {}
            raise ActRefused(error.get("name", told["state"]), error.get("arguments", {}))
        return self._done(TxHash(bytes.fromhex(told["tx_hash"][2:])), before=False)

    def _before(self, name: str, seat: str) -> Done | None:
        """The act of that name, if the chain holds it and it took effect."""
        if not self.was_played(name, seat):
            return None
        act = (self.keys.signer(seat).address, nonce_of(name))
        if act not in self._executed:
            self._read_executed()
        if act not in self._executed:
            raise ActRefused("ActRefused", {"act": name, "actor": seat})
        return self._done(self._executed[act], before=True)

    def _read_executed(self) -> None:
        """Take in what was carried since this was last asked."""
        head = self.reader.head().number
        for event in self.reader.find_events("ActForwarder", "ActExecuted", {}, self._read_until + 1, head):
            self._executed[event.args["actor"], event.args["nonce"]] = event.tx_hash
        self._read_until = head

    def _done(self, tx_hash: TxHash, *, before: bool) -> Done:
        receipt = self.reader.receipt(tx_hash)
        if receipt is None:
            raise Unavailable(f"the node has no receipt of 0x{tx_hash.hex()}, which is final")
        return Done(tx_hash, receipt.block, receipt.events, before)


def nonce_of(name: str) -> int:
    """The nonce of the act of that name: any number does that its actor has not spent (unordered nonces)."""
    return int.from_bytes(hashlib.sha256(b"tamga/demo/nonce/" + name.encode()).digest())


def request_id(name: str) -> bytes:
    """The request id of an act that creates something: 32 bytes, the same in every run."""
    return hashlib.sha256(b"tamga/demo/request/" + name.encode()).digest()


def entity_key(participant: int, request: bytes) -> bytes:
    """`keccak256(abi.encode(participant, requestId))`: what contracts call an entity (see `Errors.sol`)."""
    return keccak(participant.to_bytes(32) + request)
