"""What an act is about, and whether who prepares it may know of that.

An act names things by their ids, and what stands against it tells of them: a version, a balance, whose it is. So each
thing is asked about by the right to read it. What may not be read looks the same as what is not there (`rights`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from ledger.domain import rights as rules
from ledger.domain.caller import Caller
from ledger.domain.errors import NotFound
from ledger.domain.ids import ParticipantId
from ledger.domain.roles import Role
from ledger.ports.chain import ChainReader
from ledger.services.rights import DEBTS, PERMITS, Rights

AUTHORISATIONS: Final = "AuthorisationRegistry"
ESCROWS: Final = "TradeEscrow"
OF_BOTH: Final = frozenset({"grantPower", "revokePower"})
"""Acts on the actor's own powers of attorney, though they name a broker."""


class Subjects:
    """Says what of an act's subject is hidden from who prepares it. Raises `Unavailable`, as `Rights` does."""

    def __init__(self, reader: ChainReader, rights: Rights) -> None:
        self._reader, self._rights = reader, rights

    def unseen(self, caller: Caller | None, contract: str, function: str, args: Mapping[str, Any]) -> NotFound | None:
        """The first thing that an act names and the caller may not know of; None: there is none.

        Args:
            caller: None for a key without authority, which may know of nothing.
            contract: Directory name of the act's target.
            function: ABI name.
            args: Its arguments by name, as decoded. Zero names nothing.
        """
        joint = args.get("act")
        named = {**args, **joint} if isinstance(joint, Mapping) else args
        for name, ask in self._questions(contract, function).items():
            value = named.get(name)
            if value is None or not (any(value) if isinstance(value, bytes) else value):
                continue
            try:
                ask(caller, value)
            except NotFound as hidden:
                return hidden
        return None

    def _questions(self, contract: str, function: str) -> Mapping[str, Callable[[Caller | None, Any], object]]:
        """How each argument that names something is asked about."""
        asked: dict[str, Callable[[Caller | None, Any], object]] = {
            "caseId": self._rights.debt if contract == DEBTS else self._declaration,
            "offsetCase": self._rights.debt,
            "permit": self._permit,
            "uses": self._uses,
            "entry": lambda caller, key: _insist(
                caller is not None and caller.has_any(rules.ALL_CASES), "fallback entry", key
            ),
            "application": self._application,
            "guarantee": self._of("guarantee", (DEBTS, "guaranteeOf"), ("guarantor", "principal"), rules.MONEY),
            "payment": self._of("payment", (DEBTS, "paymentOf"), ("participant",), rules.MONEY),
            "refund": self._refund,
            "escrow": self._of("escrow", (ESCROWS, "escrowOf"), ("buyer", "seller", "arbiter"), rules.ALL_CASES),
        }
        if contract == AUTHORISATIONS and function not in OF_BOTH:
            asked |= {"operator": _authorisations, "broker": _authorisations}
        return asked

    def _declaration(self, caller: Caller | None, case: Any) -> None:
        if self._rights.declaration(caller, case).is_of_money:
            raise NotFound("declaration", str(case))

    def _permit(self, caller: Caller | None, permit: Any) -> None:
        if isinstance(permit, bytes):  # a payment's permit is a signature
            self._rights.permit(caller, permit)

    def _uses(self, caller: Caller | None, uses: Iterable[Mapping[str, Any]]) -> None:
        if caller is None or not caller.has_any(rules.ALL_CASES):
            for permit in dict.fromkeys(use["permit"] for use in uses):
                self._rights.permit(caller, permit)

    def _application(self, caller: Caller | None, key: bytes) -> None:
        """Its trader's, its agency's, or that of who answers in the agency's place."""
        asked = self._reader.call(PERMITS, "applicationOf", (key,), at=self._reader.head())
        agency = ParticipantId(asked["agency"])
        may = caller is not None and (
            caller.has_any(rules.ALL_CASES)
            or caller.participant in (asked["trader"], agency)
            or self._rights.may_answer_for(caller, agency, asked["docType"])
        )
        _insist(may, "application", key)

    def _of(
        self, what: str, view: tuple[str, str], names: Sequence[str], readers: Role
    ) -> Callable[[Caller | None, bytes], None]:
        """Asks whether the caller's participant is one of those that an entity names, or its key reads all of them."""

        def ask(caller: Caller | None, key: bytes) -> None:
            _insist(caller is not None and self._names(caller, (*view, key), names, readers), what, key)

        return ask

    def _refund(self, caller: Caller | None, key: bytes) -> None:
        payment = self._reader.call(DEBTS, "refundOf", (key,), at=self._reader.head())["payment"]
        view = (DEBTS, "paymentOf", payment)
        _insist(caller is not None and self._names(caller, view, ("participant",), rules.MONEY), "refund", key)

    def _names(self, caller: Caller, view: tuple[str, str, bytes], names: Sequence[str], readers: Role) -> bool:
        contract, function, key = view
        if caller.has_any(readers):
            return True
        found = self._reader.call(contract, function, (key,), at=self._reader.head())
        return caller.participant in {ParticipantId(found[name]) for name in names}


def _authorisations(caller: Caller | None, participant: Any) -> None:
    if not rules.may_read_participant(caller, participant):
        raise NotFound("authorisations of participant", str(participant))


def _insist(may: bool, what: str, key: bytes) -> None:
    if not may:
        raise NotFound(what, f"0x{key.hex()}")
