"""Display names of participants. None are on the chain: each facade keeps a file of those it knows.

{"17": {"name": "Plant Quarantine Inspectorate"}}
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.ids import ParticipantId
from ledger.domain.limits import MIB

MAX_PROFILES_BYTES: Final = 16 * MIB
"""A hundred thousand traders with names."""

Names = Mapping[ParticipantId, str]
"""Display names by participant."""


def read_names(content: bytes) -> Names:
    """Return the names in a participants file.

    Raises:
        LimitExceeded: Larger than `MAX_PROFILES_BYTES`.
        Malformed: Not an object of participant numbers and profiles with a name.
    """
    if len(content) > MAX_PROFILES_BYTES:
        raise LimitExceeded("the participants file", MAX_PROFILES_BYTES)
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Malformed(Fault("not_json", "", str(error))) from error
    if not isinstance(found, dict):
        raise Malformed(Fault("not_an_object", "", "participants by number are expected"))
    names: dict[ParticipantId, str] = {}
    for number, profile in found.items():
        if not number.isascii() or not number.isdigit():
            raise Malformed(Fault("not_a_participant", f"/{number}", "a participant number is expected"))
        if not isinstance(profile, dict) or not isinstance(profile.get("name"), str):
            raise Malformed(Fault("no_name", f"/{number}/name", "a name is expected"))
        names[ParticipantId(int(number))] = profile["name"]
    return names


def shown(participant: int, names: Names) -> dict[str, Any]:
    """A participant as answers show it: its number, and its name where this facade knows one."""
    name = names.get(ParticipantId(participant))
    return {"id": participant} if name is None else {"id": participant, "name": name}
