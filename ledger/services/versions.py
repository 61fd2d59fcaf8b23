"""What an act must cite as `expectedVersion` today: the revision of the one thing that it changes.

An act that was written for another revision is refused by its contract. Whoever acts by hand lets this be read; a
system that decides on what it saw cites the revision that it saw.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.domain.errors import NotFound
from ledger.domain.ids import Address
from ledger.ports.chain import ChainReader, Head

CONTROL: Final = frozenset({"route", "startControl", "recordControl", "dismissDiscrepancy", "notifyIrregularity"})
"""Acts on the control track of a declaration (IDeclarationRegistry)."""
GOODS: Final = frozenset({"confirmArrival", "confirmExit"})
"""Acts on the goods track of a declaration."""
KEYS: Final = frozenset({"setKey", "retireKey", "declareCompromised"})
"""Acts on a key (IParticipantRegistry)."""

OWNER: Final = "(the actor's participant)"
OWN: Final[Mapping[tuple[str, str], tuple[str, tuple[str, ...], str | None]]] = {
    ("DeclarationRegistry", "decideItems"): ("agencyRevision", ("caseId", OWNER), None),
    ("AuthorisationRegistry", "revokePower"): ("powerOf", (OWNER, "broker"), "version"),
    ("AuthorisationRegistry", "withdrawAeo"): ("aeoOf", (OWNER,), "version"),
}
"""Acts on something of the actor's own participant: the view, its arguments, and the field with the revision."""
UNCONFIRMED: Final = 1
"""Version of what is written down and not confirmed (IDeclarationRegistry, fallback entries)."""
NEWEST: Final = (1 << 40) - 1
"""An instant after every change [unix s]: what holds then is what was set last."""

View = Callable[..., Any]


def expected_version(
    reader: ChainReader, contract: str, function: str, args: Mapping[str, Any], actor: Address, *, at: Head
) -> int:
    """Return the revision in force at `at`.

    Raises:
        NotFound: It is not known how this act's revision is read; cite it.
        ActRefused: The contract knows no such entity.
    """

    def view(name: str, *values: Any) -> Any:
        return reader.call(contract, name, values, at=at)

    rule = _RULES.get(contract)
    found = None if rule is None else rule(view, function, args)
    if found is None and (contract, function) in OWN:
        named = {**args, OWNER: reader.call("ParticipantRegistry", "keyAt", (actor, at.time), at=at)["participant"]}
        name, values, field = OWN[contract, function]
        told = view(name, *(named[value] for value in values))
        found = told if field is None else told[field]
    if found is None:
        raise NotFound("revision of", f"{contract}.{function}; give expectedVersion")
    return int(found)


def _declaration(view: View, function: str, args: Mapping[str, Any]) -> int | None:
    if function == "decideItems":
        return None
    if function == "takeOverChecks":
        return int(view("agencyRevision", args["caseId"], args["agency"]))
    if function == "confirmFallback":
        return UNCONFIRMED
    if function == "decideAppeal":
        return int(view("refusalOf", args["caseId"], args["refusal"])["revision"])
    case = args["act"]["caseId"] if function == "countersign" else args.get("caseId")
    if case is None:
        return None
    lowers = function == "countersign" and int(args["act"]["kind"]) == 0
    field = "controlRevision" if function in CONTROL or lowers else "goodsRevision" if function in GOODS else "revision"
    return int(view("state", case)[field])


def _permit(view: View, function: str, args: Mapping[str, Any]) -> int | None:
    if function == "refuse":
        return int(view("applicationOf", args["application"])["version"])
    return int(view("permitHead", args["permit"])["version"])


def _debt(view: View, _: str, args: Mapping[str, Any]) -> int | None:
    if "refund" in args:
        return int(view("refundOf", args["refund"])["version"])
    if "caseId" in args:
        return int(view("caseOf", args["caseId"])["version"])
    return int(view("guaranteeOf", args["guarantee"])["version"]) if "guarantee" in args else None


def _document(view: View, _: str, args: Mapping[str, Any]) -> int | None:
    return int(view("status", args["issuer"], args["recordId"])[2])


def _participant(view: View, function: str, args: Mapping[str, Any]) -> int | None:
    if function in KEYS:
        return int(view("keyWord", args["key"])[1])
    return int(view("encryptionKey", args["participant"])[1]) if function == "setEncryptionKey" else None


def _authorisation(view: View, function: str, args: Mapping[str, Any]) -> int | None:
    if "operator" in args:
        return int(view("aeoOf", args["operator"])["version"])
    if function == "endForeignAeo":
        key = view("foreignAeoKey", args["country"], args["foreignId"])
        return int(view("foreignAeoAt", key, NEWEST)["version"])
    return int(view("licenceOf", args["broker"])["version"]) if "icen" in function else None


def _rule(view: View, _: str, __: Mapping[str, Any]) -> int | None:
    return int(view("version"))


def _escrow(view: View, _: str, args: Mapping[str, Any]) -> int | None:
    return int(view("escrowOf", args["escrow"])["version"])


_RULES: Final[Mapping[str, Callable[[View, str, Mapping[str, Any]], int | None]]] = {
    "DeclarationRegistry": _declaration,
    "PermitRegistry": _permit,
    "DebtLedger": _debt,
    "DocumentRegistry": _document,
    "ParticipantRegistry": _participant,
    "AuthorisationRegistry": _authorisation,
    "RuleRegistry": _rule,
    "TradeEscrow": _escrow,
}
