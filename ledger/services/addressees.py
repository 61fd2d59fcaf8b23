"""With whom a declaration is lodged: customs that reads it, the office that decides, the carrier that brings the goods.

The contract takes any number for each of them. A slip would open a trader's declaration to another trader for ever, or
leave it where nobody accepts it, so that who prepares a lodgement is told before anything is sealed.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.errors import Fault
from ledger.domain.ids import ParticipantId
from ledger.domain.roles import Role
from ledger.ports.chain import ChainReader, Head

PARTICIPANTS: Final = "ParticipantRegistry"
ACTIVE: Final = 1
"""`ParticipantStatus.ACTIVE`."""
CUSTOMS, OFFICE, CARRIER, IMPORTER = "/customs", "/office", "/carrier", "/importer"
"""Where faults are: these stand beside the message, not in it."""


def customs_faults(reader: ChainReader, customs: ParticipantId, *, at: Head) -> list[Fault]:
    """Whether a participant is customs now: active, with officers among its roles. Raises `Unavailable`."""
    if _may_be(reader, customs, Role.CUSTOMS_OFFICER, at):
        return []
    return [Fault("not_customs", CUSTOMS, f"participant {customs} is no active customs administration")]


def addressee_faults(
    reader: ChainReader, customs: ParticipantId, office: int | None, carrier: ParticipantId, *, at: Head
) -> list[Fault]:
    """All that is wrong with where an original is lodged.

    Args:
        customs: Participant that has to be able to read it.
        office: Customs office; an officer of `customs` has to serve there now. None: it was not given.
        carrier: Participant that may confirm arrival; 0: none.

    Raises:
        Unavailable: No node.
    """
    faults = customs_faults(reader, customs, at=at)
    if office is None:
        faults.append(Fault("missing", OFFICE, "an original declaration needs the office where it is lodged"))
    elif not faults and not _serves(reader, customs, office, at):
        faults.append(Fault("unknown_office", OFFICE, f"no officer of participant {customs} serves at office {office}"))
    if carrier and not _may_be(reader, carrier, Role.CARRIER, at):
        faults.append(Fault("not_a_carrier", CARRIER, f"participant {carrier} is no active carrier"))
    return faults


def faults_beside_a_request(
    state: Mapping[str, Any], importer: ParticipantId, office: int | None, carrier: ParticipantId
) -> list[Fault]:
    """Where those named beside a request are not those of its declaration, which says who they are.

    Args:
        state: The declaration's, as the contract tells it.
        importer: Whose goods they are said to be.
        office: Where it is said to lie now; None: not given.
        carrier: Who is said to bring the goods; 0: not given.
    """
    faults = []
    if importer != state["importer"]:
        text = f"participant {importer} is not the importer of this declaration"
        faults.append(Fault("not_the_importer", IMPORTER, text))
    if office not in (None, state["office"]):
        text = f"the declaration lies at office {state['office']}: a request needs no office, leave it out"
        faults.append(Fault("not_the_declarations", OFFICE, text))
    if carrier not in (0, state["carrier"]):
        text = f"participant {carrier} is not this declaration's carrier, and a request changes none: leave it out"
        faults.append(Fault("not_the_declarations", CARRIER, text))
    return faults


def _may_be(reader: ChainReader, participant: ParticipantId, role: Role, at: Head) -> bool:
    found = reader.call(PARTICIPANTS, "participantAt", (participant, at.time), at=at)
    return bool(found["status"] == ACTIVE and found["roles"] & role)


def _serves(reader: ChainReader, customs: ParticipantId, office: int, at: Head) -> bool:
    """Whether a key of an officer is in force at that office: the ledger knows offices by their officers' keys."""
    changes = reader.find_events(PARTICIPANTS, "KeyChanged", {"participant": customs}, 0, at.number)
    keys = dict.fromkeys(change.args["key"] for change in changes)
    found = reader.call_many([(PARTICIPANTS, "authorityAt", (key, at.time)) for key in keys], at=at)
    return any(each["office"] == office and each["roles"] & Role.CUSTOMS_OFFICER for each in found)
