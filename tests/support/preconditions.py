"""The preconditions of acts beside the contracts' own answer, act by act."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from ledger.domain.errors import ActRefused
from ledger.domain.ids import Address
from ledger.domain.plain import plain
from ledger.ports.chain import ChainReader
from ledger.ports.contracts import ContractCodec
from ledger.services.preconditions.asked import AskedAct, judged
from ledger.services.preconditions.book import PRECONDITIONS

INSTANTS: Final = frozenset({"instant", "now_", "earliest", "latest"})
"""Arguments that are this block's time, or follow from it: the act is mined in the next one."""
BY_THE_CONTRACT_ALONE: Final = frozenset(
    {
        "AlreadyDone",  # answered by the request's own entity
        "UnknownPermit",
        "UnknownApplication",
        "UnknownCase",
        "UnknownGuarantee",
        "UnknownRefund",
        "UnknownPayment",
        "UnknownEscrow",
        "NotIssuer",
        "UseForbids",
        "SingleUseTaken",
        "ClaimedBefore",
        "LrnInUse",  # no view tells of references
        "PermitsExpired",  # nor of the ends of permits that were entered
        "StillNeeded",
        "NoRevenueAccount",
        "UnknownCharge",
        "DuplicateCharge",
        "BadUnit",
        "TooManyUnits",
        "NotAnchored",
        "NotInForce",
        "ReleaseRefused",  # a release and a clearance tell all of their reasons themselves
        "ClearanceRefused",
        "BadOrder",
        "TooManyOnItem",
        "NotExpected",
        "NoSuchProposal",  # nor of proposals and entries
        "FallbackWaits",
        "NoFallback",
        "TooManyCitations",
        "Panic",
    }
)
"""Errors that no precondition judges: what is not there, what is there already, and what only the act itself finds."""

OF_ENTRIES: Final = frozenset(
    {
        (act, error)
        for act in ("propose", "countersign", "confirmFallback")
        for error in ("WrongVersion", "SamePerson", "AlreadyDone", "OwnDeclaration", "WrongOffice")
    }
)
"""Guards of proposals and entries, which no view tells of."""


def beside(
    reader: ChainReader, codec: ContractCodec, to: Address, calldata: bytes, actor: Address, do: Callable[[], Any]
) -> None:
    """Do an act; what the chain says of it has to be among what its preconditions say, and nothing if it is taken.

    Raises:
        ActRefused: As the chain refused it.
    """
    head = reader.head()
    contract = reader.contracts_at(head)[to]
    function, args = codec.decode_call(contract, calldata)
    known = PRECONDITIONS.get(contract, {}).get(function)
    if known is None:
        do()
        return
    objections = judged(AskedAct(reader, to, args, actor, head, may_read=True), known)
    act = f"{contract}.{function}"
    try:
        do()
    except ActRefused as refusal:
        _compare(act, refusal, objections)
        raise
    assert not objections, f"{act} was taken in spite of {objections}"


def _compare(act: str, refusal: ActRefused, objections: Sequence[ActRefused]) -> None:
    alone = (act.rpartition(".")[2], refusal.error) in OF_ENTRIES
    if refusal.error not in BY_THE_CONTRACT_ALONE and not alone:
        assert _shape(refusal) in map(_shape, objections), f"{act}: the chain says {refusal}, not among {objections}"


def _shape(refusal: ActRefused) -> Any:
    values = [value for name, value in refusal.arguments.items() if name not in INSTANTS]
    return refusal.error, plain(values)
