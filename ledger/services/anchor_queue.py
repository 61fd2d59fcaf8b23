"""Anchors on their way: stored batches into the outbox, in the issuer's gap-free sequence.

The outbox row is the promise: it holds all that anchoring takes. Sequence numbers are given out ahead of the chain, so
that batches need not wait for each other's blocks. A number that somebody else took, with another key of the same
issuer, or that stays empty because its batch was refused, makes the contract refuse it and all behind it; `settle`
gives those new numbers, in their order, once nothing is on its way any more. Until then new batches wait for theirs.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.domain.anchor import pack_h, pack_head, unpack_h
from ledger.domain.document_types import needs_accreditation
from ledger.domain.errors import ActRefused, NotFound, Unavailable
from ledger.domain.ids import Address, Digest32, ParticipantId
from ledger.domain.refusal import explain
from ledger.ports.chain import ChainReader
from ledger.ports.contracts import ContractCodec
from ledger.ports.outbox import ABANDONED, OPEN_STATES, Outbox, OutboxRow, OutboxState
from ledger.services import effects
from ledger.services.anchoring import REGISTRY, find_anchor, next_sequence
from ledger.services.effects import AnchorEffect
from ledger.services.sender import Sender
from ledger.services.storing import StoredBatch
from ledger.services.submission import Submission

ANCHOR: Final = "anchor:"
"""Beginning of the outbox keys of anchors."""
ANCHOR_GAS: Final = 200_000
"""An anchor takes 57,559 gas (FORMATS.md); refusals take less."""
SEQUENCE_ERRORS: Final = frozenset({"SequenceTaken", "SequenceGap", "unknown"})
"""Refusals that another number cures; `unknown`: would be taken today."""
MAX_OPEN: Final = 100_000
"""Open rows looked at when numbers are given out for the first time."""
HOLD_S: Final = 30.0
"""How long a new batch waits while others wait for new numbers; after that it takes its own chance with them."""


class AnchorQueue:
    """Anchors of one key, for its issuer. Safe to use from several threads."""

    def __init__(self, reader: ChainReader, codec: ContractCodec, sender: Sender, outbox: Outbox) -> None:
        """Nothing is read yet.

        Args:
            reader: The chain.
            codec: Encodes the call.
            sender: Carries it; its key anchors.
            outbox: The sender's.
        """
        self._reader, self._codec, self._sender, self._outbox = reader, codec, sender, outbox
        self._changed = threading.Condition()
        self._holds = False
        self._next: dict[ParticipantId, int] = {}
        self._tried: set[Digest32] = set()
        self._by_hand: set[str] = set()

    def accept(self, batch: StoredBatch) -> str:
        """Make the anchor of a stored batch durable; returns its outbox key. Repeating it changes nothing.

        Waits while `settle` waits for what is on its way: its number would only be refused as well.

        Raises:
            Unavailable: No node (for the first number) or no database: perhaps it was accepted, repeat it.
        """
        key = f"{ANCHOR}{batch.manifest.hex()}"
        with self._changed:
            if self._outbox.get(key) is None:
                self._changed.wait_for(lambda: not self._holds, HOLD_S)
                self._put(key, batch)
        return key

    def accept_now(self, batch: StoredBatch) -> str:
        """`accept` in a turn of one's own, anew if an attempt of it has ended: for a batch that has no anchor.

        Raises:
            ActRefused: The contract would refuse it now; nothing is kept.
            Unavailable: As `accept`; or another key of the issuer has it on its way, as one that collects may.
        """
        key = f"{ANCHOR}{batch.manifest.hex()}"
        while (row := self._outbox.get(key)) is not None:
            if row.state in OPEN_STATES and row.signer != self._sender.address:
                raise Unavailable(f"batch {batch.manifest.hex()} is on its way to the chain by {row.signer}")
            key = next_attempt(key)
        with self._changed:
            self._put(key, batch, simulate=True)
        return key

    def settle(self) -> list[str]:
        """Give new numbers to what was refused for its number; returns the keys of the new attempts.

        What was refused for another reason is tried once more in the life of this object: what stood against it may
        be over. To be called again and again while anchors are carried.

        Raises:
            Unavailable: No node or no database.
        """
        with self._changed:
            refused = [(row, effect) for row, effect in self._unanchored() if self._is_worth_trying(row, effect)]
            self._holds = bool(refused) and any(True for _ in self._open())
            if not refused or self._holds:
                self._changed.notify_all()
                return []
            self._next.clear()
            again = [next_attempt(row.key) for row, effect in refused if self._retry(row, effect)]
            self._changed.notify_all()
            return again

    def given_up(self) -> dict[Digest32, str]:
        """Batches that stay without an anchor until somebody sees to it: by manifest, what stands against each.

        Raises:
            Unavailable: No database.
        """
        with self._changed:
            refused = [(row, effect) for row, effect in self._unanchored() if not self._is_worth_trying(row, effect)]
        found = {effect.manifest: told_error(row) for row, effect in refused}
        for row in self._outbox.in_state(self._sender.address, OutboxState.CONFLICT):
            effect = _effect_of(row)
            if effect is not None:
                found[effect.manifest] = row.error or ""
        return found

    def on_their_way(self) -> int:
        """Anchors that are neither final nor refused for good: those that wait for another number count as well."""
        with self._changed:
            flying = sum(1 for _ in self._open())  # first: what is refused meanwhile is counted twice, and never missed
            return flying + sum(1 for row, effect in self._unanchored() if self._is_worth_trying(row, effect))

    def _is_worth_trying(self, row: OutboxRow, effect: AnchorEffect) -> bool:
        return _error_of(row).get("error") in SEQUENCE_ERRORS or effect.manifest not in self._tried

    def _retry(self, row: OutboxRow, effect: AnchorEffect) -> bool:
        issuer = ParticipantId(effect.issuer)
        if _error_of(row).get("error") not in SEQUENCE_ERRORS:
            self._tried.add(effect.manifest)
        try:
            find_anchor(self._reader, issuer, effect.manifest, until=self._reader.final_head(), since=effect.since)
        except NotFound:
            head = unpack_h(effect.h)
            self._put(
                next_attempt(row.key), StoredBatch(effect.manifest, effect.root, issuer, head.doc_type, head.size)
            )
            return True
        self._by_hand.add(row.key)
        return False

    def _put(self, key: str, batch: StoredBatch, *, simulate: bool = False) -> None:
        sequence = self._next.get(batch.issuer) or self._first_free(batch.issuer)
        document_type = batch.document_type if needs_accreditation(batch.document_type) else 0
        head = pack_head(sequence, document_type, batch.size)
        final = self._reader.final_head()
        registry = self._reader.address_of(REGISTRY)
        h = pack_h(bytes.fromhex(self._sender.address[2:]), head)
        effect = AnchorEffect(registry, batch.issuer, h, batch.root, batch.manifest, since=final.number)
        call = self._codec.encode_call(REGISTRY, "anchor", (head, batch.root, batch.manifest))
        self._sender.submit(Submission(key, registry, call, ANCHOR_GAS, effect), simulate=simulate)
        self._next[batch.issuer] = sequence + 1

    def _first_free(self, issuer: ParticipantId) -> int:
        """Above all that the chain has, and all that is on its way."""
        on_chain = next_sequence(self._reader, issuer, at=self._reader.final_head())
        flying = [unpack_h(effect.h).seq for effect in self._open() if effect.issuer == issuer]
        return max([on_chain, *(sequence + 1 for sequence in flying)])

    def _open(self) -> Iterator[AnchorEffect]:
        for row in self._outbox.open_rows(self._sender.address, limit=MAX_OPEN):
            effect = _effect_of(row)
            if effect is not None and row.state in OPEN_STATES:
                yield effect

    def _unanchored(self) -> Iterator[tuple[OutboxRow, AnchorEffect]]:
        """What was refused, was not given up or tried anew, and is not known to be anchored."""
        found = refused_anchors(self._outbox, self._sender.address)
        return ((row, effect) for row, effect in found if row.key not in self._by_hand)


def refused_anchors(outbox: Outbox, signer: Address) -> Iterator[tuple[OutboxRow, AnchorEffect]]:
    """Anchors of a key that were refused, in order of nonces, and neither tried anew nor given up by an operator."""
    refused = [row for row in outbox.in_state(signer, OutboxState.REFUSED) if row.key.startswith(ANCHOR)]
    tried = outbox.get_many([next_attempt(row.key) for row in refused])
    for row, another in zip(refused, tried, strict=True):
        effect = None if another else _effect_of(row)
        if effect is not None and _error_of(row).get("error") != ABANDONED:
            yield row, effect


def _effect_of(row: OutboxRow) -> AnchorEffect | None:
    effect = None if row.effect is None else effects.from_json(row.effect)
    return effect if isinstance(effect, AnchorEffect) else None


def _error_of(row: OutboxRow) -> Mapping[str, Any]:
    error: dict[str, Any] = json.loads(row.error or "{}")
    return error


def told_error(row: OutboxRow) -> str:
    """What stands against a row that was refused, in words and as the contract says it."""
    return f"{explained(row)} ({refusal_of(row)})"


def explained(row: OutboxRow) -> str:
    """What stands against a row, in words."""
    return explain(refusal_of(row))


def refusal_of(row: OutboxRow) -> ActRefused:
    """What stands against a row, as the error that it is."""
    error = _error_of(row)
    return ActRefused(str(error.get("error")), dict(error.get("arguments") or {}))


def next_attempt(key: str) -> str:
    """Key of the next attempt: `anchor:M`, then `anchor:M:2`, `anchor:M:3` and so on."""
    base, _, attempt = key.removeprefix(ANCHOR).partition(":")
    return f"{ANCHOR}{base}:{int(attempt or 1) + 1}"
