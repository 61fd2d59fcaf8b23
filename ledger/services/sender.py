"""The exactly-once sender: one signer's transactions from ACCEPTED to FINAL (design §7).

The order of writes is the argument for safety: a request is durable before it is answered; a raw transaction and its
nonce are durable before the first send; and whatever dies in between, `step` asks the chain first (receipt, then the
act's own effect) and only then signs or sends. It never signs an act twice for one nonce, and what it sends again is
what it stored. A node that is behind or lies is an error here, never a reason to undo.

An act that no block can hold any more, because the chain's limit was lowered, is given up, and so is one that the node
refuses, once its operator gives it up or wants it to be signed anew: see `releasing`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile

from ledger.domain.errors import ActRefused, Conflict, Refused, Unavailable
from ledger.domain.ids import Address
from ledger.domain.limits import MAX_IN_FLIGHT
from ledger.ports.chain import ChainReader, ChainWriter, Head
from ledger.ports.contracts import ContractCodec
from ledger.ports.outbox import NODE_REFUSES, OPEN_STATES, Outbox, OutboxRow, OutboxState
from ledger.ports.signer import Signer
from ledger.services.endings import Endings, decision, mined, over_block_gas
from ledger.services.idling import Idling
from ledger.services.numbering import Numbering
from ledger.services.offering import Offering
from ledger.services.releasing import Releasing
from ledger.services.signing import Signing
from ledger.services.submission import Submission

SUSPECT_FOR_S = 2.0
"""A spent nonce without our receipt must be seen twice, so far apart, before it counts as a conflict."""
MAX_VOUCHED = 10_000
"""Rows known to be without effect, which saves asking the chain again: a process that only accepts forgets none."""
POLL_S = (0.002, 0.25)
"""Shortest and longest pause between two steps of `drive` [s]."""


@dataclass(frozen=True)
class Backlog:
    """What an outbox has not brought to its end.

    Attributes:
        open: How many are on their way.
        stuck: How many wait for the operator; what comes behind those waits as well.
    """

    open: int
    stuck: int


class Sender:
    """Carries submissions of one signer. `submit` needs nothing; `step` and `drive` need `hold()` around them."""

    def __init__(
        self,
        reader: ChainReader,
        writer: ChainWriter,
        signer: Signer,
        outbox: Outbox,
        codec: ContractCodec,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is asked or written yet.

        Args:
            reader: The chain.
            writer: The same node's pool.
            signer: The key; used by no other outbox.
            outbox: Where its acts are kept.
            codec: Decodes refusals.
            monotonic: Seconds that only grow; for tests.
            pause: Waits so many seconds; for tests.
        """
        self._reader, self._writer, self._signer = reader, writer, signer
        self._outbox = outbox
        self._signing = Signing(reader, writer, signer, monotonic)
        self._endings = Endings(reader, writer, codec)
        self._offering = Offering(writer, outbox, monotonic)
        self._releasing = Releasing(outbox, self._signing, signer.address)
        self._numbering = Numbering(reader, writer, outbox, signer.address)
        self._monotonic, self._pause = monotonic, pause
        self._vouched: set[str] = set()
        self._suspects: dict[str, float] = {}
        self._progress = 0

    @property
    def address(self) -> Address:
        """The signer's address."""
        return self._signer.address

    def submit(self, submission: Submission, *, simulate: bool = True) -> OutboxRow:
        """Accept one: durable when this returns.

        Args:
            submission: What to send.
            simulate: Run it on the newest state first, unless it is known already or has taken effect.

        Raises:
            ActRefused: The simulation was refused; nothing is kept.
            Conflict: Same key, other content.
            Unavailable: No node or no database. Perhaps it was accepted: submit again under the same key.
        """
        return self.submit_many([submission], simulate=simulate)[0]

    def submit_many(self, submissions: Sequence[Submission], *, simulate: bool = False) -> list[OutboxRow]:
        """`submit` of each, in one database transaction: all or none."""
        done = self._simulate(submissions) if simulate else set()
        rows = [submission.row(self.address) for submission in submissions]
        accepted = self._outbox.accept_many(rows)
        if len(self._vouched) > MAX_VOUCHED:
            self._vouched.clear()
        self._vouched |= {row.key for row, mine in zip(accepted, rows, strict=True) if row is mine} - done
        return accepted

    def backlog(self) -> Backlog:
        """What is not at its end, by the database alone, whoever carries it. Raises `Unavailable`."""
        stuck = len(self._outbox.in_state(self.address, OutboxState.CONFLICT))
        first = self._outbox.open_rows(self.address, limit=MAX_IN_FLIGHT)
        stuck += sum(row.trouble == NODE_REFUSES for row in first)
        return Backlog(self._outbox.count_open(self.address), stuck)

    def give_up_refused(self, key: str, reason: str) -> None:
        """Give an act up if the node does not take it, see `Outbox.abandon`; to be driven to its end."""
        row = self._outbox.get(key)
        if row is not None and row.trouble == NODE_REFUSES:
            self._outbox.abandon(key, reason)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the one process that sends for this signer. Raises `Unavailable` naming the one that does."""
        with self._outbox.lease(self.address):
            self._offering.forget_all()
            self._suspects.clear()
            self._releasing.forget()
            self._signing.forget_terms()
            self._numbering.ask_again()
            yield

    @contextmanager
    def alone(self, *, timeout_s: float, report: Callable[[str], None]) -> Iterator[list[OutboxRow]]:
        """Hold the signer with nothing of it on its way: for acts that rest on all that went before.

        Args:
            timeout_s: How long to wait for its holder, and for what was on its way.
            report: Told in one line what is waited for, each time that it changes.

        Yields:
            What a process that is gone had left on its way, as it ended.

        Raises:
            Conflict, Refused: See `step`.
            Unavailable: Still not alone after `timeout_s`; says why.
        """
        until, told = self._monotonic() + timeout_s, ""
        left_keys: dict[str, None] = {}
        with ExitStack() as held:
            holding = False
            while True:
                try:
                    if not holding:
                        held.enter_context(self.hold())
                        holding = True
                    open_rows = self._outbox.open_rows(self.address, limit=2 * MAX_IN_FLIGHT)
                    left_keys |= dict.fromkeys(row.key for row in open_rows)
                    left = self.step()
                    if left == 0:
                        break
                    trouble = f"{left} transaction(s) of {self.address} are on their way"
                except Unavailable as away:
                    trouble = str(away)
                if self._monotonic() >= until:
                    raise Unavailable(trouble)
                if trouble != told:
                    told = trouble
                    report(told)
                self._pause(POLL_S[1])
            yield [row for row in self._outbox.get_many(list(left_keys)) if row is not None]

    def step(self) -> int:
        """One round: look for receipts and effects, sign what was accepted, send what is not mined.

        Returns:
            Number of rows still open, at most one window of them.

        Raises:
            Conflict: The signer was used elsewhere; nothing is signed until an operator decides (`Outbox.renew`).
            Refused: The node will never take a signed transaction; its text says why. The row says so as well, and
                nothing is signed behind it until the node takes it or an operator decides.
            Unavailable: Node or database away, or the node is behind; call again.
        """
        final = self._reader.final_head()
        # The nonce is read before the receipts: what it counts must then have one.
        spent = self._writer.nonce_at(self.address, at=final)
        rows = self._outbox.open_rows(self.address, limit=2 * MAX_IN_FLIGHT)
        flying = self._reconcile([row for row in rows if row.nonce is not None], final, spent)
        conflicts = self._outbox.in_state(self.address, OutboxState.CONFLICT)
        if conflicts:
            self._numbering.ask_again()  # a renewed row leaves a nonce that is spent but no longer stored
            self._send(self._offering.due(flying))  # what is signed already may still arrive
            raise Conflict(f"{conflicts[0].key}: {conflicts[0].error}; see `tamga outbox list`")
        again = self._offering.due(flying)
        self._releasing.release(again)
        if any(row.trouble == NODE_REFUSES and self._releasing.of(row) is None for row in flying):
            self._send(again)
            again = []
        waiting = self._without_effect([row for row in rows if row.nonce is None], final)
        room = max(0, MAX_IN_FLIGHT - len(flying))
        signed = self._sign(self._fitting(waiting[:room]), flying, spent)
        self._send([*again, *signed])
        return len(flying) + len(signed) + len(waiting[room:])

    def drive(self, keys: Sequence[str], *, timeout_s: float) -> list[OutboxRow]:
        """Step until each of `keys` is in an end state, and return the rows in order.

        An outage is waited out. Raises `Unavailable` when `timeout_s` is over: the acts stay in the outbox.
        """
        until = self._monotonic() + timeout_s
        ended: list[OutboxRow] = []
        pause, looked_at = POLL_S[0], -1
        while True:
            away: Unavailable | None = None
            before = self._progress
            try:
                self.step()
                if self._progress != looked_at:
                    ended += self._ended_of(keys[len(ended) :])
                    looked_at = self._progress
                if len(ended) == len(keys):
                    return ended
            except Unavailable as error:
                away = error
            if self._monotonic() >= until:
                raise Unavailable(f"not final after {timeout_s} s{f': {away}' if away else ''}") from away
            pause = POLL_S[0] if self._progress > before else min(POLL_S[1], pause * 1.5)
            self._pause(pause)

    def run(
        self, stopped: Callable[[], bool], report: Callable[[str], None], held: Callable[[], None] = lambda: None
    ) -> None:
        """Hold the signer and step until `stopped()`; for a thread of the facade.

        Args:
            stopped: Asked between two steps.
            report: Told of each new trouble in one line, and of its end with "".
            held: Called each time that the signer is held anew.
        """
        trouble, idling = "", Idling(POLL_S[1], POLL_S[1], now=self._monotonic, pause=self._pause)
        while not stopped():
            try:
                with self.hold():
                    held()
                    while not stopped():
                        busy = self.step()
                        if trouble:
                            trouble = ""
                            report(trouble)
                        if busy:
                            self._pause(POLL_S[0])
                        else:
                            idling.wait(stopped, lambda: bool(self._outbox.open_rows(self.address, limit=1)))
            except (Unavailable, Refused) as error:
                if str(error) != trouble:
                    trouble = str(error)
                    report(trouble)
                self._pause(POLL_S[1])

    def _ended_of(self, keys: Sequence[str]) -> list[OutboxRow]:
        """Rows of the first keys, up to one that is still on its way."""
        ended: list[OutboxRow] = []
        for first in range(0, len(keys), MAX_IN_FLIGHT):
            window = self._outbox.get_many(keys[first : first + MAX_IN_FLIGHT])
            done = list(takewhile(_has_ended, window))
            ended += [row for row in done if row is not None]
            if len(done) < len(window):
                break
        return ended

    # ----- before accepting

    def _simulate(self, submissions: Sequence[Submission]) -> set[str]:
        """Try what is not known yet. Returns the keys of what took effect before: refused today, yet no failure."""
        known = self._outbox.get_many([s.key for s in submissions])
        done = set()
        for submission, row in zip(submissions, known, strict=True):
            if row is not None:
                continue
            try:
                self._writer.simulate(self.address, submission.to, submission.calldata, gas=submission.gas)
            except ActRefused:
                if submission.effect is None or not self._endings.on_chain(
                    submission.effect, self._reader.final_head()
                ):
                    raise
                done.add(submission.key)
        return done

    # ----- asking the chain

    def _reconcile(self, rows: Sequence[OutboxRow], final: Head, spent: int) -> list[OutboxRow]:
        """Move every row as far as the chain says; return those still in flight, by nonce."""
        if not rows:
            return []
        self._releasing.read(rows)
        receipts = self._reader.receipts([row.tx_hash for row in rows if row.tx_hash is not None])
        releases = [release for row in rows if (release := self._releasing.of(row)) is not None]
        released = self._reader.receipts([release.tx_hash for release in releases]) if releases else []
        canonical = self._endings.canonical([*receipts, *released], final)
        given_up = {
            release.nonce: release
            for release, receipt in zip(releases, released, strict=True)
            if receipt is not None and receipt.block in canonical and receipt.block.number <= final.number
        }
        moves: list[tuple[OutboxRow, OutboxState]] = []
        flying: list[OutboxRow] = []
        for row, receipt in zip(rows, receipts, strict=True):
            if receipt is None or receipt.block not in canonical:
                if row.state is OutboxState.MINED:
                    self._outbox.reopen(self.address, row.nonce or 0)
                    self._offering.forget_all()
                    raise Unavailable(f"the chain was reorganised: sending again from nonce {row.nonce}")
                if row.nonce in given_up:
                    moved = self._endings.by_release(row, given_up[row.nonce], final)
                else:
                    moved = self._spent_without_receipt(row, final) if (row.nonce or 0) < spent else self._waiting(row)
            elif receipt.block.number > final.number:
                moved = mined(row, receipt)
            else:
                moved = self._endings.by_receipt(mined(row, receipt), receipt, final)
            if moved is not row and moved != row:
                moves.append((moved, row.state))
            if moved.state in OPEN_STATES:
                flying.append(moved)
            else:
                self._forget(row.key)
            if moved.nonce is None:
                self._forget(row.key)
                self._numbering.ask_again()  # its nonce is spent, but no longer stored
        self._outbox.advance_many(moves)
        self._progress += len(moves)
        return flying

    def _waiting(self, row: OutboxRow) -> OutboxRow:
        """SENT if it was offered: written down with the next moves, as a row that is still SIGNED is offered again."""
        offered = row.state is OutboxState.SIGNED and self._offering.was_taken(row)
        return replace(row, state=OutboxState.SENT, error=decision(row)) if offered else row

    def _spent_without_receipt(self, row: OutboxRow, final: Head) -> OutboxRow:
        """Our nonce is spent at a final block and the node has no receipt of ours."""
        ended = self._endings.by_effect(row, final)
        if ended is not None:
            return ended
        first_seen = self._suspects.setdefault(row.key, self._monotonic())
        if self._monotonic() - first_seen < SUSPECT_FOR_S:
            return self._waiting(row)
        text = f"nonce {row.nonce} of {self.address} is spent by another transaction: the signer was used elsewhere"
        return replace(row, state=OutboxState.CONFLICT, error=text)

    # ----- signing

    def _without_effect(self, rows: Sequence[OutboxRow], final: Head) -> list[OutboxRow]:
        """Rows to sign: those of another process's life are asked for their effect first, once, and all together."""
        asked = [row for row in rows if row.key not in self._vouched]
        found = zip(asked, self._endings.many_by_effect(asked, final), strict=True)
        moves = [(ended, row.state) for row, ended in found if ended is not None]
        self._outbox.advance_many(moves)
        self._progress += len(moves)
        ended_keys = {ended.key for ended, _ in moves}
        self._vouched |= {row.key for row in asked} - ended_keys
        return [row for row in rows if row.key not in ended_keys]

    def _fitting(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """Rows that a block can hold; the others end REFUSED, so that none of them stops what is behind it."""
        if not rows:
            return []
        block_gas = self._signing.terms().block_gas
        moves = []
        for row in rows:
            if row.gas > block_gas:
                refused = replace(row, state=OutboxState.REFUSED, error=over_block_gas(row, block_gas))
                moves.append((refused, row.state))
        self._outbox.advance_many(moves)
        self._progress += len(moves)
        for row, _ in moves:
            self._forget(row.key)
        return [row for row in rows if row.gas <= block_gas]

    def _sign(self, rows: Sequence[OutboxRow], flying: Sequence[OutboxRow], spent: int) -> list[OutboxRow]:
        """Give each row a nonce and a raw transaction, durably. Fills what would be a gap.

        Args:
            rows: Accepted, in order.
            flying: Signed before.
            spent: Nonces spent at the final block.
        """
        sends_again = any(self._offering.is_due_again(row) for row in flying)
        nonce, gaps = self._numbering.next(flying, spent, wanted=bool(rows), sends_again=sends_again)
        if not rows and not gaps:
            return []
        terms = self._signing.terms()
        fillers = [self._signing.filler(gap, terms) for gap in gaps]
        signed = [self._signing.sign(row, number, terms) for number, row in enumerate(rows, nonce)]
        self._outbox.accept_many(fillers)
        self._outbox.advance_many([(row, OutboxState.ACCEPTED) for row in signed])
        if rows:
            self._numbering.given()
        return fillers + signed

    # ----- sending

    def _send(self, rows: Sequence[OutboxRow]) -> None:
        self._offering.send(rows, self._releasing.known)

    def _forget(self, key: str) -> None:
        self._vouched.discard(key)
        self._offering.forget(key)
        self._suspects.pop(key, None)


def _has_ended(row: OutboxRow | None) -> bool:
    return row is not None and row.state not in OPEN_STATES
