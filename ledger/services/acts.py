"""Acts: prepared for a wallet, carried once signed, followed to their end.

`prepare` says what an act means and what to sign; `relay` carries the signed act in this facade's own transaction,
whose sender gains nothing by it; `follow` says what became of it. The act's id, an EIP-712 digest, names it everywhere.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ledger.domain.act_meanings import meaning
from ledger.domain.errors import ActRefused, LimitExceeded, NotFound, TooMany, Unavailable
from ledger.domain.events import act_entity
from ledger.domain.ids import Address, Digest32, RecordId, TxHash
from ledger.domain.limits import (
    ACT_GAS_BASE,
    ACT_GAS_PER_BYTE,
    MAX_OPEN_ACTS,
    RELAY_GAS_BASE,
    RELAY_GAS_PER_BYTE,
)
from ledger.domain.plain import plain
from ledger.domain.signatures import signer_of
from ledger.ports.chain import ChainReader, ChainWriter, Head
from ledger.ports.clock import Clock
from ledger.ports.contracts import ActHeader, Args, ContractCodec
from ledger.ports.index_store import IndexStore
from ledger.ports.outbox import OPEN_STATES, Outbox, OutboxRow, OutboxState
from ledger.services import effects
from ledger.services.act_values import shown
from ledger.services.completing import checked, complete, version_reader
from ledger.services.drafts import Drafts
from ledger.services.effects import ActEffect, Outcome
from ledger.services.preconditions.asked import AskedAct, judged
from ledger.services.preconditions.book import PRECONDITIONS
from ledger.services.sender import Sender
from ledger.services.submission import Submission

FORWARDER = "ActForwarder"
VERSION = "expectedVersion"
PARTICIPANTS = "ParticipantRegistry"
DECLARATIONS = "DeclarationRegistry"
RECORD_BYTES = 32
MONEY = ("SettlementToken", "transfer")
"""The act that asks for no authority and has to be paid for with what its actor holds: see `_standing`."""
MAX_OBJECTIONS = 8
"""Objections of a contract that are asked for one after the other: more than an act has things to cite."""


Unseen = Callable[[str, str, Mapping[str, Any]], NotFound | None]
"""What of an act (contract, function, arguments by name) is hidden from who asks; None: nothing."""


def all_is_seen(_: str, __: str, ___: Mapping[str, Any]) -> None:
    """For who has a node of the ledger, and so reads all of it."""


@dataclass(frozen=True)
class SignedAct:
    """The Solidity struct of the same name (`IActForwarder`)."""

    target: Address
    actor: Address
    nonce: int
    deadline: int
    gas: int
    data: bytes
    signature: bytes


@dataclass(frozen=True)
class PreparedAct:
    """An act, ready to be signed.

    Attributes:
        act_id: EIP-712 digest.
        contract: Directory name of the target.
        function: ABI name.
        meaning: What it does, in words, with its arguments.
        typed_data: Full EIP-712 message for any wallet; JSON-ready.
        args: Arguments by name, as they will be executed.
        in_words: The same as people read them, see `ledger.services.act_values`.
        unsigned: The SignedAct without its signature.
    """

    act_id: Digest32
    contract: str
    function: str
    meaning: str
    typed_data: Mapping[str, Any]
    args: Mapping[str, Any]
    in_words: Mapping[str, Any]
    unsigned: SignedAct

    def signed(self, signature: bytes) -> SignedAct:
        """The act with its signature (65 bytes r ‖ s ‖ v, or an ERC-1271 signature)."""
        values = {field.name: getattr(self.unsigned, field.name) for field in fields(SignedAct)}
        return SignedAct(**{**values, "signature": signature})


@dataclass(frozen=True)
class ActStatus:
    """What became of an act.

    Attributes:
        key: Outbox key; `act:<id>` for an act that only the chain knows.
        actor: In whose name it was signed.
        state: As in the outbox; FINAL or REFUSED for an act that only the chain knows.
        tx_hash: The transaction that carried it, once known.
        block_number: Height of the block that holds it, once mined.
        error: `{"error": name, "arguments": {…}}` of a refusal, `{"text": …}` of a CONFLICT.
    """

    key: str
    actor: Address
    state: OutboxState
    tx_hash: TxHash | None = None
    block_number: int | None = None
    error: Mapping[str, Any] | None = None


class Acts:
    """Prepare, relay, follow; needs no authority, only a relayer's key inside `sender`."""

    def __init__(
        self,
        reader: ChainReader,
        writer: ChainWriter,
        codec: ContractCodec,
        outbox: Outbox,
        clock: Clock,
        sender: Sender | None = None,
        index: IndexStore | None = None,
        drafts: Drafts | None = None,
    ) -> None:
        """Prepares and follows, and carries what signers elsewhere signed.

        Args:
            reader, writer, codec: The ledger's chain.
            outbox: Keeps what is carried.
            clock: Wall clock.
            sender: Carries; None: nothing is carried.
            index: Where acts are looked for; None: in all blocks.
            drafts: Knows what was sealed here and has to be anchored before it is cited; None: nothing was.
        """
        self._reader, self._writer, self._codec = reader, writer, codec
        self._outbox, self._clock, self._sender, self._index = outbox, clock, sender, index
        self._drafts = drafts

    def prepare(
        self,
        contract: str,
        function: str,
        args: Args,
        actor: Address,
        *,
        target: Address | None = None,
        nonce: int | None = None,
        valid_for_s: int = 900,
        gas: int | None = None,
        simulate: bool = True,
    ) -> PreparedAct:
        """Return the act to sign.

        Args:
            contract: Directory name.
            function: ABI name.
            args: Its arguments, see `ledger.ports.contracts`.
            actor: In whose name.
            target: An earlier version of the contract, which runs its open cases to their end; the newest if not given.
            nonce: Random if not given.
            valid_for_s: Time left to carry it, from now or the newest block, whichever is later [s].
            gas: Gas for the act; by a fixed rule on the size of its arguments if not given.
            simulate: Try it on the newest state first.

        Raises:
            ActRefused: The contract would refuse it now.
            Malformed, NotFound: It is no such act.
            Unavailable: No node.
        """
        self._codec.act_type(contract, function)
        data = self._codec.encode_call(contract, function, args)
        head = self._reader.head()
        act = SignedAct(
            target=target or self._reader.address_of(contract),
            actor=actor,
            nonce=secrets.randbits(256) if nonce is None else nonce,
            deadline=max(self._clock.now(), head.time) + valid_for_s,
            gas=ACT_GAS_BASE + ACT_GAS_PER_BYTE * len(data) if gas is None else gas,
            data=data,
            signature=b"",
        )
        if self._reader.contracts_at(head).get(act.target) != contract:
            raise NotFound(f"{contract} in the Directory", act.target)
        if simulate:
            self._try_target(act)
        return self._described(contract, act)

    def complete(
        self, contract: str, function: str, given: Mapping[str, Any], actor: Address, *, unseen: Unseen = all_is_seen
    ) -> dict[str, Any]:
        """Arguments by name, with what can be read or drawn for those that are not given.

        Args:
            contract: Directory name.
            function: ABI name.
            given: Values as `ledger.ports.contracts` takes them.
            actor: In whose name.
            unseen: What of the act's subject is hidden from who asks: of that no version is read.

        Raises:
            Malformed: Arguments are missing, unknown or do not fit: all that is wrong with them.
            NotFound: It is no such act; or `unseen`.
            ActRefused: The contract knows no such entity.
            Unavailable: No node.
        """
        names = [param.name for param in self._codec.parameters(contract, function)]
        read = version_reader(self._reader, contract, function, actor)

        def seen_version(args: Mapping[str, Any]) -> int:
            call = self._codec.encode_call(contract, function, {**args, VERSION: 0})
            hidden = unseen(contract, function, self._codec.decode_call(contract, call)[1])
            if hidden is not None:
                raise hidden
            return read(args)

        return complete(checked(self._codec, contract, function, given), names, seen_version)

    def objections(self, prepared: PreparedAct, *, unseen: Unseen = all_is_seen) -> list[ActRefused]:
        """What would make the act fail if it were carried now; none: nothing that is known.

        The contract has the first word and the last: what it would take has no objections. Where it refuses, it stops
        at its first objection; the act's other preconditions are then judged at the newest block, and told behind it.
        A deadline that has passed comes first: by the clock, too, as a chain without acts stands still. Then what the
        contract cannot see: that what was sealed here for the act is not anchored.

        Args:
            prepared: The act.
            unseen: What of the act's subject is hidden from who asks: then only what concerns the actor and the
                arguments is told, the same whether the subject is there or not.

        Raises:
            NotFound: `unseen`, where it is the one thing that stands against the act.
            Unavailable: No node.
        """
        head, act = self._reader.head(), prepared.unsigned
        late, found = [*self._late(act, head), *self._unanchored(prepared)], self._refusals(prepared)
        if not found:
            return late
        hidden = unseen(prepared.contract, prepared.function, prepared.args)
        asked = AskedAct(self._reader, act.target, prepared.args, act.actor, head, hidden is None)
        others = judged(asked, PRECONDITIONS.get(prepared.contract, {}).get(prepared.function, ()))
        if hidden is None:
            told = {_told(refusal) for refusal in found}
            return [*late, *found, *(each for each in others if _told(each) not in told)]
        if not late and not others:
            raise hidden
        return [*late, *others]

    def _refusals(self, prepared: PreparedAct) -> list[ActRefused]:
        """The contract's first objection; behind an old version that the act cites, the next one as well."""
        found: list[ActRefused] = []
        act, args = prepared.unsigned, dict(prepared.args)
        while True:
            data = self._codec.encode_call(prepared.contract, prepared.function, args)
            try:
                self._try_target(replace(act, data=data))
            except ActRefused as refusal:
                found.append(self._whole(refusal, args))
                renewed = _with_version_in_force(refusal, args)
            else:
                return found
            if renewed in (None, args) or len(found) == MAX_OBJECTIONS:
                return found
            args = renewed

    def describe(self, act: SignedAct) -> PreparedAct:
        """What a signed act says, for whoever is asked to carry or check it. Raises `NotFound` or `Malformed`."""
        name = self._reader.contracts_at(self._reader.head()).get(act.target)
        if name is None:
            raise NotFound("contract in the Directory", act.target)
        return self._described(name, act)

    def relay(
        self, act: SignedAct, *, before_kept: Callable[[], None] = lambda: None, unseen: Unseen = all_is_seen
    ) -> ActStatus:
        """Accept a signed act: durable when this returns, then carried by the sender. Its id is its key: once.

        The same act under another signature of its actor's is the same act, and goes on under the first.

        Args:
            act: What `prepare` gave, signed.
            before_kept: Called once it is shown that its actor signed the act, before anything is kept; for an act
                that is known already, too.
            unseen: What of the act's subject is hidden from its actor, see `objections`.

        Raises:
            ActRefused: It would be refused now (signature, deadline, nonce, or by its target, with all that stands
                against it), or its actor has no authority on the ledger; nothing is kept.
            NotFound: No such contract; or `unseen`, as `objections`.
            LimitExceeded: With what carries it, it asks for more gas than a block has; nothing is kept.
            TooMany: The actor has as many acts on their way as one key may have; nothing is kept.
            Unavailable: No node, or no database. Perhaps it was accepted: relay it again.
        """
        if self._sender is None:
            raise Unavailable("this facade has no relayer's key")
        act_id = self.describe(act).act_id
        submission = self._submission(act, act_id, _key(act_id))
        known = self._outbox.get(submission.key)
        if known is not None:
            if known.calldata != submission.calldata and not _is_signed(act, act_id):
                self._writer.simulate(self._sender.address, submission.to, submission.calldata, gas=submission.gas)
            before_kept()
            return self._status(known)
        done = self._try_carrying(act, act_id, submission, self._sender.address, unseen)
        if done is None and self._outbox.count_open(self._sender.address, act.actor) >= MAX_OPEN_ACTS:
            raise TooMany(f"this key has {MAX_OPEN_ACTS} acts on their way: wait for one to end")
        if done is None or _is_signed(act, act_id):
            before_kept()
        return done or self._status(self._sender.submit(submission, simulate=False))

    def follow(self, key: str) -> ActStatus:
        """What became of an act, by its outbox key. Raises `NotFound`."""
        row = self._outbox.get(key)
        if row is None:
            raise NotFound("act", key)
        return self._status(row)

    def find(self, act_id: Digest32) -> ActStatus:
        """What became of an act, from the outbox, the index, or what the index has not read yet. Raises `NotFound`."""
        row = self._outbox.get(_key(act_id))
        if row is not None:
            return self._status(row)
        outcome = self._carried(act_id)
        if outcome is None:
            raise NotFound("act", "0x" + act_id.hex())
        return _of_outcome(_key(act_id), outcome)

    def wait(self, key: str, *, timeout_s: float = 60.0) -> ActStatus:
        """Drive this process's sender until the act is FINAL. Not for a facade, whose own thread runs the sender.

        Raises:
            ActRefused: It was refused on chain.
            Conflict: The relayer's key was used elsewhere.
            Unavailable: Not final in time; it stays in the outbox.
        """
        if self._sender is None:
            raise Unavailable("this facade has no relayer's key")
        with self._sender.hold():
            status = self._status(self._sender.drive([key], timeout_s=timeout_s)[0])
        if status.state is OutboxState.REFUSED and status.error is not None:
            raise ActRefused(status.error["error"], status.error["arguments"])
        return status

    def _described(self, contract: str, act: SignedAct) -> PreparedAct:
        function, args = self._codec.decode_call(contract, act.data)
        header = ActHeader(self._reader.chain_id(), act.target, act.actor, act.nonce, act.deadline, act.gas)
        typed = self._codec.typed_data(contract, function, args, header)
        parameters = self._codec.parameters(contract, function)
        in_words = {param.name: shown(param, args[param.name]) for param in parameters}
        said = meaning(contract, function, in_words)
        return PreparedAct(self._codec.act_id(typed), contract, function, said, typed, args, in_words, act)

    def _carried(self, act_id: Digest32) -> Outcome | None:
        """A relayed act in final blocks: whoever asks for one that is not there must not make us read them all."""
        final, since = self._reader.final_head(), 0
        cursor = None if self._index is None else self._index.cursor()
        if self._index is not None and cursor is not None:
            found = self._index.events(entities=[act_entity(act_id)], last_block=final.number)
            outcome = effects.in_events(ActEffect(effects.NOBODY, act_id, effects.NOBODY, 0), found, self._codec)
            if outcome is not None:
                return outcome
            since = cursor.number + 1
        return effects.find_act(act_id, self._reader, self._codec, final, since=since)

    def _submission(self, act: SignedAct, act_id: Digest32, key: str) -> Submission:
        values = {field.name: getattr(act, field.name) for field in fields(SignedAct)}
        calldata = self._codec.encode_call(FORWARDER, "execute", [values])
        gas = act.gas + act.gas // 63 + RELAY_GAS_BASE + RELAY_GAS_PER_BYTE * len(calldata)
        forwarder, final = self._reader.address_of(FORWARDER), self._reader.final_head()
        # Accepted only if trying it shows that its nonce is not spent: so it is in none of the blocks final before.
        effect = ActEffect(forwarder, act_id, act.actor, act.nonce, since=final.number)
        return Submission(key, forwarder, calldata, gas, effect)

    def _whole(self, refusal: ActRefused, args: Mapping[str, Any]) -> ActRefused:
        """A refused release with all its reasons, where there are more than an error carries."""
        told = refusal.arguments.get("first32", ())
        if refusal.error != "ReleaseRefused" or refusal.arguments["count"] == len(told) or "caseId" not in args:
            return refusal
        head = self._reader.head()
        asked = (args["caseId"], args["from"], args["to"])
        missing = self._reader.call("DeclarationRegistry", "missing", asked, at=head)
        return ActRefused(refusal.error, {**refusal.arguments, "first32": missing, "count": len(missing)})

    def _try_target(self, act: SignedAct) -> None:
        """The act as its target would see it: from the forwarder, the actor appended."""
        forwarder = self._reader.address_of(FORWARDER)
        self._writer.simulate(forwarder, act.target, act.data + bytes.fromhex(act.actor[2:]), gas=act.gas)

    def _try_carrying(
        self, act: SignedAct, act_id: Digest32, submission: Submission, relayer: Address, unseen: Unseen
    ) -> ActStatus | None:
        """Simulate; an act that was carried before is answered with what became of it."""
        block_gas = self._writer.gas_limit()
        if submission.gas > block_gas:  # a node may simulate with more than a block has
            raise LimitExceeded("the gas of the act and of carrying it", block_gas)
        try:
            output = self._writer.simulate(relayer, submission.to, submission.calldata, gas=submission.gas)
        except ActRefused as refusal:
            outcome = None
            if refusal.error == "NonceSpent":
                outcome = self._carried(act_id)
            if outcome is None:
                others = self._others(refusal, act, act_id, unseen)
                raise ActRefused(refusal.error, refusal.arguments, others) from refusal
            return _of_outcome(submission.key, outcome)
        described = self.describe(act)
        if not any(output) or self._clock.now() > act.deadline:  # its own block may come later than the head
            against = self.objections(described, unseen=unseen) or [
                ActRefused("unknown", {"text": "the target refuses this act"})
            ]
        else:
            against = self._unanchored(described)
        against += self._standing(described)
        if against:
            first, *others = against
            raise ActRefused(first.error, first.arguments, others)
        return None

    def _others(self, refusal: ActRefused, act: SignedAct, act_id: Digest32, unseen: Unseen) -> list[ActRefused]:
        """What stands against an act beside the forwarder's first word; of its subject, only if its actor signed it."""
        if not _is_signed(act, act_id):
            found = self._late(act, self._reader.head())
        else:
            try:
                found = self.objections(self.describe(act), unseen=unseen)
            except NotFound:  # that what it is about is hidden from the actor is no objection of the forwarder's
                found = []
        return [each for each in found if each.error != refusal.error]

    def _late(self, act: SignedAct, head: Head) -> list[ActRefused]:
        """The forwarder's word on a deadline before the later of clock and head; none for one that is not over."""
        now = max(self._clock.now(), head.time)
        return [ActRefused("Expired", {"deadline": act.deadline, "now_": now})] if now > act.deadline else []

    def _unanchored(self, prepared: PreparedAct) -> list[ActRefused]:
        """What stands against an act on a declaration that cites what was sealed here and is not anchored."""
        if self._drafts is None or prepared.contract != DECLARATIONS:
            return []
        count = len(self._drafts.unanchored(list(_records_in(prepared.args))))
        return [ActRefused("AnchorsAwaited", {"count": count})] if count else []

    def _standing(self, prepared: PreparedAct) -> list[ActRefused]:
        """What stands against carrying acts of this actor at all: none are carried of a key without authority.

        Money that such a key holds it pays out all the same: whether it has that much is for the token to say.
        """
        if (prepared.contract, prepared.function) == MONEY and prepared.args["value"]:
            return []
        head, actor = self._reader.head(), prepared.unsigned.actor
        found = self._reader.call(PARTICIPANTS, "authorityAt", (actor, max(self._clock.now(), head.time)), at=head)
        return [] if found["participant"] and found["roles"] else [ActRefused("NoAuthority", {"key": actor})]

    def _status(self, row: OutboxRow) -> ActStatus:
        error: Mapping[str, Any] | None = None
        if row.error is not None and row.state not in OPEN_STATES:
            error = {"text": row.error} if row.state is OutboxState.CONFLICT else json.loads(row.error)
        effect = None if row.effect is None else effects.from_json(row.effect)
        actor = effect.actor if isinstance(effect, ActEffect) else row.signer
        return ActStatus(row.key, actor, row.state, row.tx_hash, row.block_number, error)


def _is_signed(act: SignedAct, act_id: Digest32) -> bool:
    """Whether the act's own key signed it; False also for a wallet contract's signature, which the chain has to ask."""
    return signer_of(act_id, act.signature) == act.actor


def _records_in(args: Mapping[str, Any]) -> Iterator[RecordId]:
    """Whatever may be a record's id among an act's arguments, and in the structures among them."""
    for value in args.values():
        if isinstance(value, Mapping):
            yield from _records_in(value)
        elif isinstance(value, bytes) and len(value) == RECORD_BYTES:
            yield RecordId(value)


def _told(refusal: ActRefused) -> str:
    """What makes two objections the same: not when they were found, nor what a contract calls its values."""
    values = [value for name, value in refusal.arguments.items() if name not in ("instant", "now_")]
    return f"{refusal.error} {json.dumps(plain(values))}"


def _with_version_in_force(refusal: ActRefused, args: Mapping[str, Any]) -> dict[str, Any] | None:
    """Arguments that cite what is in force instead of what has moved on; None if that was not the objection."""
    if refusal.error == "WrongVersion" and VERSION in args:
        return {**args, VERSION: refusal.arguments["actual"]}
    if refusal.error == "WrongLegalVersion" and "version" in args:
        return {**args, "version": refusal.arguments["actual"]}
    return None


def _key(act_id: Digest32) -> str:
    return f"act:{act_id.hex()}"


def _of_outcome(key: str, outcome: Outcome) -> ActStatus:
    state = OutboxState.FINAL if outcome.refusal is None else OutboxState.REFUSED
    event = outcome.event
    return ActStatus(key, event.args["actor"], state, outcome.tx_hash, event.block.number, outcome.refusal)
