"""Who may read what (domain guide 5, read access is by need): pure, from facts that the ledger holds.

Default deny: each question answers with what may be seen, or with None or False. A caller is None when nobody signed
in.

    customs (officers, risk, inspectors, revenue, audit, appeal)   every declaration, permit, debt and use of documents
    auditor                                                       every act; contents of documents when granted
    treasury                                                      debts and payments, of a declaration nothing more
    importer, declarant (trader or broker)                        its declarations, whole
    broker with a power of attorney of the importer's             the same, as long as the power is in force
    carrier                                                       its declarations without the debt
    guarantor                                                     the debts that it secures
    agency (OGA)                                                  the items that it was asked to decide on, or that wait
                                                                  for one in whose place it stands; its permits, and
                                                                  those that governance reassigned to it
    permit's applicant, or importer that used it                  that permit
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain.caller import Caller
from ledger.domain.ids import ParticipantId
from ledger.domain.roles import Role

CUSTOMS: Final = (
    Role.CUSTOMS_OFFICER
    | Role.CUSTOMS_RISK
    | Role.CUSTOMS_INSPECTOR
    | Role.CUSTOMS_REVENUE
    | Role.CUSTOMS_AUDIT
    | Role.CUSTOMS_APPEAL
)
"""Roles that read every case: customs decides on all of them, at whatever office they were lodged."""
ALL_CASES: Final = CUSTOMS | Role.AUDITOR
AUTHORISATIONS: Final = CUSTOMS | Role.AUDITOR | Role.AEO_UNIT | Role.CUSTOMS_LICENSING
"""Roles that read AEO authorisations, licences and powers of attorney of others."""
MONEY: Final = ALL_CASES | Role.TREASURY

DECLARATIONS: Final = "DeclarationRegistry"
"""The contract whose acts tell of several agencies and permits at once."""
AGENCY_ONLY: Final[Mapping[str, Collection[str]]] = {
    "ItemsDecided": ("agency",),
    "ItemRefusedByAgency": ("agency",),
    "ChecksTakenOver": ("agency", "successor"),
    "RecordsCited": ("issuer",),
}
"""Events of a declaration that belong to the agencies they name, and under which arguments they name them."""
HEADER: Final = "dataRecord"
"""Under which name acts of a declaration tell the record of its sealed data."""
OF_DEBT: Final = ("DEBT_", "SECURITY_")
"""Beginnings of reasons why goods are held that tell of the debt."""
MONEY_FIELDS: Final = ("case", "mrn", "status", "version", "debt")
"""What a declaration's state tells who sees its debt alone; the number is also the guarantee's reference."""


@dataclass(frozen=True)
class DeclarationParties:
    """Who has to do with a declaration.

    Attributes:
        declarant, importer: Participants; the same unless a broker declared.
        carrier: Participant; None if none was named.
        representatives: Brokers that may act on it for the importer now.
        guarantors: Participants whose guarantee secures its debt.
        agencies: Participants asked on each item, by item number.
        waiting: Those of them that have not decided, where they still could.
    """

    declarant: ParticipantId
    importer: ParticipantId
    carrier: ParticipantId | None = None
    representatives: frozenset[ParticipantId] = frozenset()
    guarantors: frozenset[ParticipantId] = frozenset()
    agencies: Mapping[int, frozenset[ParticipantId]] = field(default_factory=dict)
    waiting: Mapping[int, frozenset[ParticipantId]] = field(default_factory=dict)


@dataclass(frozen=True)
class DeclarationView:
    """What one caller may see of one declaration.

    Attributes:
        reader: The caller's participant.
        items: Item numbers; None: all.
        debt: Whether it sees charges, payments and security.
        stands_for: Agencies in whose place the caller's participant stands: of these items it is told their checks too.
        contents: Whether it may be told what was sealed to customs and the declarant, where the case is shown whole.
    """

    reader: ParticipantId
    items: frozenset[int] | None
    debt: bool
    stands_for: frozenset[ParticipantId] = frozenset()
    contents: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether nothing of what the ledger holds is left out."""
        return self.items is None and self.debt

    def shows_item(self, number: int) -> bool:
        """Whether the item is in it; 0 is the declaration as a whole."""
        return number == 0 or self.items is None or number in self.items

    @property
    def opens_records(self) -> bool:
        """Whether it is told what sealed records of the case say. An auditor is given contents by a grant alone."""
        return self.is_whole and self.contents

    @property
    def shows_header(self) -> bool:
        """Whether the sealed declaration is in it, which speaks of all items and of the whole consignment."""
        return self.items is None

    @property
    def is_of_money(self) -> bool:
        """Whether only the debt is in it."""
        return self.items is not None and not self.items

    def of_state(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """A declaration's state as `ledger.services.states` tells it, without what this view leaves out."""
        missing = state["missing"]
        shown = {name: state[name] for name in MONEY_FIELDS if name in state} if self.is_of_money else state
        return {
            **shown,
            "items": [] if self.is_of_money else self._of_items(state["items"]),
            "missing": None if missing is None else [reason for reason in missing if self._shows_reason(reason)],
            "debt": state["debt"] if self.debt else None,
        }

    def shows_act(
        self, contract: str, event: str, arguments: Mapping[str, Any], participant: ParticipantId | None
    ) -> bool:
        """Whether an act of the declaration's history is in it; arguments as `of_act`."""
        return self.of_act(contract, event, arguments, participant) is not None

    def of_act(
        self, contract: str, event: str, arguments: Mapping[str, Any], participant: ParticipantId | None
    ) -> Mapping[str, Any] | None:
        """What an act of the declaration's history tells this reader: its arguments, without what is for others.

        Args:
            contract: Directory name of the contract that told of it.
            event: Event name.
            arguments: The event's arguments.
            participant: In whose name it was done.

        Returns:
            None for an act that is not for this reader.
        """
        if self.is_whole or participant == self.reader:
            return arguments
        if contract == "DebtLedger":
            return arguments if self.debt else None
        if self.items is None:
            return arguments
        if contract == DECLARATIONS and event in AGENCY_ONLY:
            return arguments if self.reader in [arguments.get(name) for name in AGENCY_ONLY[event]] else None
        return None if self.is_of_money or contract != DECLARATIONS else self._of_range(arguments)

    def _of_range(self, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Arguments of an act on a run of items, as an agency sees them; None if none of its items is in the run."""
        joint = arguments.get("act")
        first, last = ((joint if isinstance(joint, Mapping) else arguments).get(name, 0) for name in ("from", "to"))
        if first and not any(first <= number <= last for number in self.items or ()):
            return None
        shown = _without_header(arguments)
        if "agencies" in shown:
            shown["agencies"] = [check for check in shown["agencies"] if self._shows_check(check["item"], check)]
        if "uses" in shown:
            shown["uses"] = []
        if "changedItems" in shown:
            shown["changedItems"] = [number for number in shown["changedItems"] if self.shows_item(number)]
        return shown

    def _of_items(self, items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [self._of_item(item) for item in items if self.shows_item(item["number"])]

    def _of_item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        if self.items is None:
            return dict(item)
        own = [check for check in item["checks"] if self._shows_check(item["number"], check)]
        return {**item, "checks": own, "permit_uses": None}

    def _shows_check(self, number: int, check: Mapping[str, Any]) -> bool:
        return self.shows_item(number) and self._answers_for(check["agency"])

    def _answers_for(self, agency: ParticipantId) -> bool:
        return agency == self.reader or agency in self.stands_for

    def _shows_reason(self, reason: Mapping[str, Any]) -> bool:
        if str(reason["code"]).startswith(OF_DEBT):
            return self.debt
        of_another = bool(reason["agency"]) and not self._answers_for(reason["agency"]) and self.items is not None
        return self.shows_item(reason["item"]) and not of_another and not self.is_of_money


def _without_header(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of an act that do not name the sealed declaration."""
    return {
        name: _without_header(value) if isinstance(value, Mapping) else value
        for name, value in arguments.items()
        if name != HEADER
    }


def declaration_view(
    caller: Caller | None, parties: DeclarationParties, stands_for: frozenset[ParticipantId] = frozenset()
) -> DeclarationView | None:
    """What the caller may see of a declaration; None: nothing, not even that it exists.

    Args:
        stands_for: Agencies in whose place the caller's participant stands now.
    """
    if caller is None:
        return None
    own = caller.participant
    represents = own in parties.representatives and caller.has_any(Role.BROKER)
    if caller.has_any(CUSTOMS) or represents or own in (parties.declarant, parties.importer):
        return DeclarationView(own, None, debt=True)
    if caller.has_any(Role.AUDITOR):
        return DeclarationView(own, None, debt=True, contents=False)
    if own == parties.carrier:
        return DeclarationView(own, None, debt=False)
    asked = {number for number, agencies in parties.agencies.items() if own in agencies}
    waiting = {number for number, agencies in parties.waiting.items() if agencies & stands_for}
    items = frozenset(asked | waiting if caller.has_any(Role.OGA) else ())
    debt = own in parties.guarantors or caller.has_any(Role.TREASURY)
    return DeclarationView(own, items, debt, stands_for if waiting else frozenset()) if items or debt else None


@dataclass(frozen=True)
class PermitParties:
    """Who has to do with a permit.

    Attributes:
        issuer: Agency that issued it.
        successor: Agency to which governance reassigned its issuer's permits of its type; None: to none.
        applicant: Participant that applied for it; None if it was issued without an application.
        users: Importers of the declarations that it was used for: its terms hold for its holder alone.
    """

    issuer: ParticipantId
    successor: ParticipantId | None = None
    applicant: ParticipantId | None = None
    users: frozenset[ParticipantId] = frozenset()


def may_read_permit(caller: Caller | None, parties: PermitParties) -> bool:
    """Whether the caller may see a permit, its balances and its uses."""
    if caller is None:
        return False
    own = caller.participant
    named = (parties.issuer, parties.successor, parties.applicant)
    return caller.has_any(ALL_CASES) or own in named or own in parties.users


def of_permit_act(permit: bytes, contract: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an act tells those who may read one of the permits that it names: of a declaration, the use of that one."""
    if contract != DECLARATIONS:
        return arguments
    uses = [use for use in arguments.get("uses", ()) if use["permit"] == permit]
    return {**arguments, **{name: [] for name in ("agencies",) if name in arguments}, "uses": uses}


def may_read_use(caller: Caller | None, issuer: ParticipantId, supervisor: ParticipantId | None) -> bool:
    """Whether the caller may see which acts cite a document of `issuer`."""
    return caller is not None and (caller.has_any(ALL_CASES) or caller.participant in (issuer, supervisor))


def may_read_participant(caller: Caller | None, participant: ParticipantId) -> bool:
    """Whether the caller may see a participant's authorisations, licences and powers of attorney.

    That it takes part, its roles, keys and accreditations, every signed-in member may see.
    """
    return caller is not None and (caller.has_any(AUTHORISATIONS) or caller.participant == participant)


def may_read_account(caller: Caller | None, participant: ParticipantId) -> bool:
    """Whether the caller may see a participant's prepaid account, guarantees, refunds and statements."""
    return caller is not None and (caller.has_any(MONEY) or caller.participant == participant)


def sides_shown(caller: Caller) -> frozenset[ParticipantId] | None:
    """Whose contradictions the caller may see, as issuers of one side; None: all, for customs, which compares them.

    Of those, only where a side is an authority's (`StatementStore.noted`). Not the auditor: both values are contents of
    documents.
    """
    return None if caller.has_any(CUSTOMS) else frozenset({caller.participant})


def may_follow_act(caller: Caller | None, actor: ParticipantId | None) -> bool:
    """Whether the caller may see what became of an act that a key of `actor` signed."""
    return caller is not None and (caller.has_any(Role.AUDITOR) or caller.participant == actor)
