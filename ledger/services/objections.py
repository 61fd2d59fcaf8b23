"""What stands against an act before anybody carries it.

The contract has the first word and the last; beside it stand the act's other preconditions, and what no contract sees:
whether its actor has any authority, and whether what was sealed here for the act is anchored.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ledger.domain.errors import ActRefused, NotFound
from ledger.domain.ids import RecordId
from ledger.domain.plain import plain
from ledger.ports.chain import ChainReader, ChainWriter, Head
from ledger.ports.clock import Clock
from ledger.ports.contracts import ContractCodec
from ledger.services.drafts import Drafts
from ledger.services.preconditions.asked import AskedAct, judged
from ledger.services.preconditions.book import PRECONDITIONS
from ledger.services.signed_act import PreparedAct, SignedAct

FORWARDER = "ActForwarder"
VERSION = "expectedVersion"
PARTICIPANTS = "ParticipantRegistry"
DECLARATIONS = "DeclarationRegistry"
RECORD_BYTES = 32
MONEY = ("SettlementToken", "transfer")
"""The act that asks for no authority and has to be paid for with what its actor holds: see `Objections.standing`."""
MAX_OBJECTIONS = 8
"""Objections of a contract that are asked for one after the other: more than an act has things to cite."""


Unseen = Callable[[str, str, Mapping[str, Any]], NotFound | None]
"""What of an act (contract, function, arguments by name) is hidden from who asks; None: nothing."""


def all_is_seen(_: str, __: str, ___: Mapping[str, Any]) -> None:
    """For who has a node of the ledger, and so reads all of it."""


class Objections:
    """Asks the chain, and what was sealed here; writes nothing.

    Args:
        reader, writer, codec: The ledger's chain.
        clock: Wall clock.
        drafts: Knows what was sealed here and has to be anchored before it is cited; None: nothing was.
    """

    def __init__(
        self, reader: ChainReader, writer: ChainWriter, codec: ContractCodec, clock: Clock, drafts: Drafts | None
    ) -> None:
        self._reader, self._writer, self._codec, self._clock, self._drafts = reader, writer, codec, clock, drafts

    def against(self, prepared: PreparedAct, *, unseen: Unseen = all_is_seen) -> list[ActRefused]:
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
        late, found = [*self.late(act, head), *self.unanchored(prepared)], self._refusals(prepared)
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

    def try_target(self, act: SignedAct) -> None:
        """The act as its target would see it: from the forwarder, the actor appended."""
        forwarder = self._reader.address_of(FORWARDER)
        self._writer.simulate(forwarder, act.target, act.data + bytes.fromhex(act.actor[2:]), gas=act.gas)

    def late(self, act: SignedAct, head: Head) -> list[ActRefused]:
        """The forwarder's word on a deadline before the later of clock and head; none for one that is not over."""
        now = max(self._clock.now(), head.time)
        return [ActRefused("Expired", {"deadline": act.deadline, "now_": now})] if now > act.deadline else []

    def unanchored(self, prepared: PreparedAct) -> list[ActRefused]:
        """What stands against an act on a declaration that cites what was sealed here and is not anchored."""
        if self._drafts is None or prepared.contract != DECLARATIONS:
            return []
        count = len(self._drafts.unanchored(list(_records_in(prepared.args))))
        return [ActRefused("AnchorsAwaited", {"count": count})] if count else []

    def standing(self, prepared: PreparedAct) -> list[ActRefused]:
        """What stands against carrying acts of this actor at all: none are carried of a key without authority.

        Money that such a key holds it pays out all the same: whether it has that much is for the token to say.
        """
        if (prepared.contract, prepared.function) == MONEY and prepared.args["value"]:
            return []
        head, actor = self._reader.head(), prepared.unsigned.actor
        found = self._reader.call(PARTICIPANTS, "authorityAt", (actor, max(self._clock.now(), head.time)), at=head)
        return [] if found["participant"] and found["roles"] else [ActRefused("NoAuthority", {"key": actor})]

    def _refusals(self, prepared: PreparedAct) -> list[ActRefused]:
        """The contract's first objection; behind an old version that the act cites, the next one as well."""
        found: list[ActRefused] = []
        act, args = prepared.unsigned, dict(prepared.args)
        while True:
            data = self._codec.encode_call(prepared.contract, prepared.function, args)
            try:
                self.try_target(replace(act, data=data))
            except ActRefused as refusal:
                found.append(self._whole(refusal, args))
                renewed = _with_version_in_force(refusal, args)
            else:
                return found
            if renewed in (None, args) or len(found) == MAX_OBJECTIONS:
                return found
            args = renewed

    def _whole(self, refusal: ActRefused, args: Mapping[str, Any]) -> ActRefused:
        """A refused release with all its reasons, where there are more than an error carries."""
        told = refusal.arguments.get("first32", ())
        if refusal.error != "ReleaseRefused" or refusal.arguments["count"] == len(told) or "caseId" not in args:
            return refusal
        head = self._reader.head()
        asked = (args["caseId"], args["from"], args["to"])
        missing = self._reader.call("DeclarationRegistry", "missing", asked, at=head)
        return ActRefused(refusal.error, {**refusal.arguments, "first32": missing, "count": len(missing)})


def _records_in(value: Any) -> Iterator[RecordId]:
    """Whatever may be a record's id among an act's arguments, and in the structures and lists among them."""
    if isinstance(value, Mapping):
        yield from _records_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _records_in(each)
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
