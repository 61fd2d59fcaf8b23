"""Reason codes of acts in words: `contracts/types/*Reasons.sol`.

The chain keeps a number, people read and write its word. A test compares every list with its Solidity library.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from ledger.domain.declaration import DeclarationReason


class RegistryReason(IntEnum):
    """Why participants, authorisations, rules or documents were changed: `Reasons`."""

    NONE = 0
    ERROR = 1
    OWN_REQUEST = 2
    COMPLIANCE = 3
    FRAUD = 4
    ORDER = 5
    KEY_LOST = 6
    OFFICE_CHANGED = 7
    ROTATION = 8
    REPLACED = 9
    CLEARED = 10
    LAW = 11
    DATA_SUBJECT = 12


class PermitReason(IntEnum):
    """Why an agency acted on a permit: `PermitReasons`."""

    NONE = 0
    INCOMPLETE = 101
    CONDITION_NOT_MET = 102
    FALSE_STATEMENT = 103
    QUOTA = 104
    HAZARD = 105
    HOLDER_REQUEST = 106
    CLERICAL_ERROR = 107
    BREACH = 108
    CAUSE_REMOVED = 109
    ORDER = 110


class DebtReason(IntEnum):
    """Why a debt, a guarantee or a refund moved: `DebtReasons`. The first six are the grounds of a refund."""

    NONE = 0
    OVERPAID = 201
    WRONGLY_COLLECTED = 202
    DECLARATION_INVALIDATED = 203
    GOODS_REEXPORTED = 204
    PREFERENCE_RESTORED = 205
    TARIFF_CORRECTION = 206
    FIRST_ASSESSMENT = 207
    AMENDMENT = 208
    CONTROL_FINDING = 209
    AUDIT_FINDING = 210
    CLERICAL_ERROR = 211
    RELIEF_BY_LAW = 212
    PAST_DUE = 213
    APPEAL = 214
    ARREARS = 215
    DEFECT = 216
    FALSITY = 217
    NO_GROUND = 218
    GUARANTOR_NOTICE = 219


class EscrowReason(IntEnum):
    """Why the price of an escrow moved or was disputed: `EscrowReasons`."""

    NONE = 0
    PART_AGREED = 301
    DOCUMENTS_DISCREPANT = 302
    GOODS_NOT_AS_AGREED = 303
    NO_ANSWER = 304
    AWARD = 305


OF_CONTRACT: Final[Mapping[str, type[IntEnum]]] = MappingProxyType(
    {
        "DeclarationRegistry": DeclarationReason,
        "PermitRegistry": PermitReason,
        "DebtLedger": DebtReason,
        "TradeEscrow": EscrowReason,
    }
)
"""List of a contract; every other one uses `RegistryReason`."""
NAMES: Final = ("reason", "ground")
"""Arguments that hold a reason code."""
EMITTED_ONLY: Final = frozenset({DeclarationReason.GREEN_LANE})
"""Codes that a contract writes itself and no act may give."""


def reasons_of(contract: str) -> type[IntEnum]:
    """The list that a contract's acts take their reasons from."""
    return OF_CONTRACT.get(contract, RegistryReason)


def word_of(contract: str, code: int) -> str:
    """A reason code in its word; the number itself for one of a national list."""
    return next((each.name for each in reasons_of(contract) if each == code), str(code))


def _given(listed: type[IntEnum]) -> Mapping[str, int]:
    return MappingProxyType({each.name: each.value for each in listed if each not in EMITTED_ONLY})


_LISTS: Final[tuple[type[IntEnum], ...]] = (RegistryReason, *OF_CONTRACT.values())
GIVEN: Final[Mapping[str, Mapping[str, int]]] = MappingProxyType({listed.__name__: _given(listed) for listed in _LISTS})
"""The reasons that an act may give, word by word with their numbers, by the name of their list."""
