"""An act as its preconditions see it: who asks for what, and the ledger at one block.

What a precondition cannot judge is left to the contract: a reading that has no answer, of an entity that is not there
or is not the asker's to read, raises `NotTold`, and the precondition is passed over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.domain.errors import ActRefused
from ledger.domain.ids import Address
from ledger.ports.chain import ChainReader, Head

PARTICIPANTS = "ParticipantRegistry"
AUTHORISATIONS = "AuthorisationRegistry"


class NotTold(Exception):
    """This cannot be judged here. Caught by `objections`, never told."""


@dataclass
class AskedAct:
    """An act that is asked about.

    Attributes:
        target: The contract that is to take it, by address: it may be an earlier version.
        args: Arguments by name, as they will be executed.
        actor: In whose name.
        head: The block that all is read at; its time is the instant of the act.
        may_read: Whether what the act is about is the asker's to read.
    """

    reader: ChainReader
    target: Address
    args: Mapping[str, Any]
    actor: Address
    head: Head
    may_read: bool
    _kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def ask(self, contract: str | Address, function: str, *args: Any) -> Any:
        """A view's answer; its revert is returned as `ActRefused`. Raises `Unavailable`."""
        key = (contract, function, *map(repr, args))
        if key not in self._kept:
            (self._kept[key],) = self.reader.call_many([(contract, function, args)], at=self.head)
        return self._kept[key]

    def tell(self, contract: str | Address, function: str, *args: Any) -> Any:
        """A view's answer. Raises `NotTold` where it reverts."""
        answer = self.ask(contract, function, *args)
        if isinstance(answer, ActRefused):
            raise NotTold
        return answer

    def entity(self, function: str, *args: Any) -> Any:
        """What the target keeps under a name in the act. Raises `NotTold` where there is nothing that may be read."""
        if not self.may_read:
            raise NotTold
        return self.tell(self.target, function, *args)

    def kept(self, function: str, *args: Any) -> Any:
        """As `entity`, of things that have a version once they are there."""
        found = self.entity(function, *args)
        if not found["version"]:
            raise NotTold
        return found

    @property
    def participant(self) -> int:
        """In whose name the actor's key acts. Raises `NotTold` for a key that is not registered."""
        found = self.tell(PARTICIPANTS, "keyAt", self.actor, self.head.time)["participant"]
        if not found:
            raise NotTold
        return int(found)

    @property
    def roles(self) -> int:
        """Roles of the actor's key now; none for one out of force."""
        return int(self.tell(PARTICIPANTS, "authorityAt", self.actor, self.head.time)["roles"])

    @property
    def office(self) -> int:
        """Office of the actor's key; 0 for one without."""
        return int(self.tell(PARTICIPANTS, "keyAt", self.actor, self.head.time)["office"])

    def represents(self, client: int, scope: int) -> bool:
        """Whether the actor's participant may act for `client` now."""
        asked = (self.participant, client, scope, self.head.time)
        return bool(self.tell(AUTHORISATIONS, "mayRepresent", *asked))

    def is_active(self, participant: int) -> bool:
        """Whether a participant is admitted and not suspended now."""
        return bool(self.tell(PARTICIPANTS, "activeAt", participant, self.head.time))


Precondition = Callable[[AskedAct], Iterable[ActRefused]]
"""What the law asks of an act before it is done: each objection in the contract's own words, or none."""


def judged(asked: AskedAct, preconditions: Sequence[Precondition]) -> list[ActRefused]:
    """All objections, in the order of the preconditions. Raises `Unavailable`."""
    found: list[ActRefused] = []
    for precondition in preconditions:
        try:
            found.extend(precondition(asked))
        except NotTold:
            continue
    return found
