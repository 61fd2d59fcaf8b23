"""Acts: prepared for a wallet, carried once signed, followed to their end.

`prepare` says what an act means and what to sign; `relay` carries the signed act in this facade's own transaction,
whose sender gains nothing by it; `follow` says what became of it. The act's id, an EIP-712 digest, names it everywhere.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ledger.domain.act_meanings import meaning
from ledger.domain.errors import ActRefused, LimitExceeded, NotFound, TooMany, Unavailable
from ledger.domain.events import act_entity
from ledger.domain.ids import Address, Digest32
from ledger.domain.limits import (
    ACT_GAS_BASE,
    ACT_GAS_PER_BYTE,
    MAX_OPEN_ACTS,
    RELAY_GAS_BASE,
    RELAY_GAS_PER_BYTE,
)
from ledger.ports.chain import ChainReader, ChainWriter
from ledger.ports.clock import Clock
from ledger.ports.contracts import ActHeader, Args, ContractCodec
from ledger.ports.index_store import IndexStore
from ledger.ports.outbox import OPEN_STATES, Outbox, OutboxRow, OutboxState
from ledger.services import effects
from ledger.services.act_values import shown
from ledger.services.completing import checked, complete, version_reader
from ledger.services.drafts import Drafts
from ledger.services.effects import ActEffect, Outcome
from ledger.services.objections import FORWARDER, VERSION, Objections, Unseen, all_is_seen
from ledger.services.sender import Sender
from ledger.services.signed_act import ActStatus, PreparedAct, SignedAct, is_signed
from ledger.services.submission import Submission


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
        self._objections = Objections(reader, writer, codec, clock, drafts)

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
            self._objections.try_target(act)
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
        """What would make the act fail if it were carried now, see `Objections.against`."""
        return self._objections.against(prepared, unseen=unseen)

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
            if known.calldata != submission.calldata and not is_signed(act, act_id):
                self._writer.simulate(self._sender.address, submission.to, submission.calldata, gas=submission.gas)
            before_kept()
            return self._status(known)
        done = self._try_carrying(act, act_id, submission, self._sender.address, unseen)
        if done is None and self._outbox.count_open(self._sender.address, act.actor) >= MAX_OPEN_ACTS:
            raise TooMany(f"this key has {MAX_OPEN_ACTS} acts on their way: wait for one to end")
        if done is None or is_signed(act, act_id):
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
            against = self._objections.unanchored(described)
        against += self._objections.standing(described)
        if against:
            first, *others = against
            raise ActRefused(first.error, first.arguments, others)
        return None

    def _others(self, refusal: ActRefused, act: SignedAct, act_id: Digest32, unseen: Unseen) -> list[ActRefused]:
        """What stands against an act beside the forwarder's first word; of its subject, only if its actor signed it."""
        if not is_signed(act, act_id):
            found = self._objections.late(act, self._reader.head())
        else:
            try:
                found = self.objections(self.describe(act), unseen=unseen)
            except NotFound:  # that what it is about is hidden from the actor is no objection of the forwarder's
                found = []
        return [each for each in found if each.error != refusal.error]

    def _status(self, row: OutboxRow) -> ActStatus:
        error: Mapping[str, Any] | None = None
        if row.error is not None and row.state not in OPEN_STATES:
            error = {"text": row.error} if row.state is OutboxState.CONFLICT else json.loads(row.error)
        effect = None if row.effect is None else effects.from_json(row.effect)
        actor = effect.actor if isinstance(effect, ActEffect) else row.signer
        return ActStatus(row.key, actor, row.state, row.tx_hash, row.block_number, error)


def _key(act_id: Digest32) -> str:
    return f"act:{act_id.hex()}"


def _of_outcome(key: str, outcome: Outcome) -> ActStatus:
    state = OutboxState.FINAL if outcome.refusal is None else OutboxState.REFUSED
    event = outcome.event
    return ActStatus(key, event.args["actor"], state, outcome.tx_hash, event.block.number, outcome.refusal)
