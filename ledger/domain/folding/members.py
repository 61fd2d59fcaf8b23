"""Participants with their accreditations and authorisations, and their keys (domain guide 4.6, 5).

Keys are rows of their own: customs has thousands. What a packed word says is in `KeyWord.sol` and `PeriodWord.sol`.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.folding.book import Book, Emitted, EntityOf, Rules, State, by_number, party, record, word

PARTICIPANTS: Final = "ParticipantRegistry"
AUTHORISATIONS: Final = "AuthorisationRegistry"
COMPROMISED, SUSPENDED, RETIRED = 1, 2, 4
"""Flags of a key's word."""
MASK40: Final = (1 << 40) - 1
"""A time in a packed word."""


def _admitted(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {"participant": args["participant"], "status": "ACTIVE", "admitted_at": event.block.time}
    state |= {"version": 1, "accreditations": {}, "encryption_key": None, "aeo": None, "licence": None}
    _profile(state, args)
    party(state, args["participant"], "self")


def _amended(state: State, event: Emitted, book: Book) -> None:
    state["version"] = event.args["version"]
    _profile(state, event.args)


def _profile(state: State, args: Mapping[str, Any]) -> None:
    state |= {"roles": args["roles"], "supervisor": args["supervisor"] or None, "profile": record(args["profile"])}


def _standing(state: State, event: Emitted, book: Book) -> None:
    state |= {"status": word("ParticipantStatus", event.args["status"]), "version": event.args["version"]}
    state["reason"] = event.args.get("reason", 0)


def _encryption(state: State, event: Emitted, book: Book) -> None:
    state["encryption_key"] = record(event.args["encryptionKey"])


def _accredited(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    period: int = args["word"]
    state.setdefault("accreditations", {})[str(args["docType"])] = {
        "valid_from": period & MASK40,
        "valid_until": period >> 40 & MASK40,
        "blocked_from": period >> 80 & MASK40,
        "version": args["version"],
    }


def _key(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    packed: int = args.get("word", 0)
    flags = packed >> 240 & 0xFFFF
    if flags & COMPROMISED and not state.get("compromised"):
        state["noticed_at"] = event.block.time
    state |= {
        "key": args["key"],
        "participant": args["participant"],
        "valid_from": packed >> 64 & MASK40,
        "valid_until": packed >> 104 & MASK40,
        "blocked_from": packed >> 144 & MASK40,
        "roles": packed >> 184 & 0xFFFFFFFF,
        "office": packed >> 216 & 0xFFFFFF,
        "compromised": bool(flags & COMPROMISED),
        "version": args.get("version", 0),
        "reason": args.get("reason", 0),
        "evidence": record(args.get("evidence")),
    }
    if flags & COMPROMISED:
        state["status"] = "COMPROMISED"
    elif flags & RETIRED:
        state["status"] = "RETIRED"
    else:
        state["status"] = "SUSPENDED" if flags & SUSPENDED else "REGISTERED"
    party(state, args["participant"], "owner")


def _aeo(state: State, event: Emitted, book: Book) -> None:
    aeo = event.args["aeo"]
    state["aeo"] = {
        "state": word("AeoState", event.args["state"]),
        "categories": aeo["categories"],
        "operator_types": aeo["operatorTypes"],
        "valid_from": aeo["from"],
        "valid_until": aeo["until"],
        "barred_until": aeo["barredUntil"],
        "version": event.args["version"],
    }


def _licence(state: State, event: Emitted, book: Book) -> None:
    licence = event.args["licence"]
    state["licence"] = {
        "state": word("LicenceState", licence["state"]),
        "valid_from": licence["from"],
        "valid_until": licence["until"],
        "version": event.args["version"],
    }


def _power(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    power = args["power"]
    state |= {
        "client": args["client"],
        "broker": args["broker"],
        "status": "GIVEN" if power["scope"] else "REVOKED",
        "scope": power["scope"],
        "valid_from": power["from"],
        "valid_until": power["until"],
        "version": args["version"],
    }
    party(state, args["client"], "client")
    party(state, args["broker"], "broker")


def _key_of(event: Emitted) -> str | None:
    key = event.args.get("key")
    return f"key:{key}" if isinstance(key, str) else None


def _power_of(event: Emitted) -> str | None:
    return f"power:{event.args['client']}/{event.args['broker']}"


_PARTICIPANT: Final[EntityOf] = by_number("participant", "participant")

RULES: Final[Rules] = {
    (PARTICIPANTS, "ParticipantAdmitted"): ((_PARTICIPANT, _admitted),),
    (PARTICIPANTS, "ParticipantAmended"): ((_PARTICIPANT, _amended),),
    (PARTICIPANTS, "ParticipantStatusChanged"): ((_PARTICIPANT, _standing),),
    (PARTICIPANTS, "EncryptionKeyChanged"): ((_PARTICIPANT, _encryption),),
    (PARTICIPANTS, "AccreditationChanged"): ((_PARTICIPANT, _accredited),),
    (PARTICIPANTS, "KeyChanged"): ((_key_of, _key),),
    (AUTHORISATIONS, "AeoChanged"): ((by_number("participant", "operator"), _aeo),),
    (AUTHORISATIONS, "LicenceChanged"): ((by_number("participant", "broker"), _licence),),
    (AUTHORISATIONS, "PowerChanged"): ((_power_of, _power),),
}
