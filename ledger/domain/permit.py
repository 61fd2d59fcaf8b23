"""A permit's law: its states, the uses that declarations make of it, its quantity lines and the terms behind them.

Source: domain guide 4.2, invariants 2 and 8. The tables are the twins of `contracts/libraries/PermitTransitions.sol`,
the arithmetic that of `QuantityLine.sol`, the commitment that of `PermitTerms.sol`; numbers are those of
`contracts/interfaces/IPermitRegistry.sol` and stand in events for ever. A pair that is absent from a table is refused.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from eth_abi.abi import encode
from eth_hash.auto import keccak

from ledger.domain.errors import ActRefused, Fault, Malformed
from ledger.domain.ids import Digest32, ParticipantId

QUANTITY_SCALE: Final = 10**6
"""Quantities on the chain are in millionths of the line's unit."""
MAX_QUANTITY: Final = 2**85 - 1
"""Largest quantity of a line, scaled: three of them share a word."""
MAX_LINES: Final = 100
"""Lines of one permit: bounds every walk over them."""


class PermitState(IntEnum):
    """State of an application (APPLIED, REFUSED, ISSUED) or a permit; EXHAUSTED and EXPIRED are computed."""

    NONE = 0
    APPLIED = 1
    REFUSED = 2
    ISSUED = 3
    ACTIVE = 4
    SUSPENDED = 5
    REVOKED = 6
    REPLACED = 7
    EXHAUSTED = 8
    EXPIRED = 9


class PermitAction(IntEnum):
    """What agencies do to applications and permits."""

    ISSUE = 0
    REFUSE = 1
    SUSPEND = 2
    REINSTATE = 3
    REVOKE = 4
    REPLACE = 5
    TRANSFER = 6
    DECLARE_UNIT = 7


class UseState(IntEnum):
    """State of one use of a line by one goods item of one declaration version."""

    NONE = 0
    RESERVED = 1
    WRITTEN_OFF = 2
    FREED = 3
    RESTORED = 4


class UseAction(IntEnum):
    """What declaration registries do to uses."""

    RESERVE = 0
    WRITE_OFF = 1
    UNRESERVE = 2
    RESTORE = 3


NEXT: Final = {
    (PermitState.APPLIED, PermitAction.ISSUE): PermitState.ISSUED,
    (PermitState.APPLIED, PermitAction.REFUSE): PermitState.REFUSED,
    (PermitState.ACTIVE, PermitAction.SUSPEND): PermitState.SUSPENDED,
    (PermitState.ACTIVE, PermitAction.REVOKE): PermitState.REVOKED,
    (PermitState.ACTIVE, PermitAction.REPLACE): PermitState.REPLACED,
    (PermitState.ACTIVE, PermitAction.TRANSFER): PermitState.ACTIVE,
    (PermitState.ACTIVE, PermitAction.DECLARE_UNIT): PermitState.ACTIVE,
    (PermitState.SUSPENDED, PermitAction.REINSTATE): PermitState.ACTIVE,
    (PermitState.SUSPENDED, PermitAction.REVOKE): PermitState.REVOKED,
}

NEXT_USE: Final = {
    (UseState.NONE, UseAction.RESERVE): UseState.RESERVED,
    (UseState.FREED, UseAction.RESERVE): UseState.RESERVED,
    (UseState.RESERVED, UseAction.RESERVE): UseState.RESERVED,
    (UseState.RESERVED, UseAction.WRITE_OFF): UseState.WRITTEN_OFF,
    (UseState.WRITTEN_OFF, UseAction.WRITE_OFF): UseState.WRITTEN_OFF,
    (UseState.RESERVED, UseAction.UNRESERVE): UseState.FREED,
    (UseState.FREED, UseAction.UNRESERVE): UseState.FREED,
    (UseState.WRITTEN_OFF, UseAction.UNRESERVE): UseState.WRITTEN_OFF,
    (UseState.WRITTEN_OFF, UseAction.RESTORE): UseState.RESTORED,
    (UseState.RESTORED, UseAction.RESTORE): UseState.RESTORED,
}
"""A pair that leads to its own state is a repetition: it changes nothing."""


def apply(state: PermitState, action: PermitAction) -> PermitState:
    """Return the stored state after `action`.

    Raises:
        ActRefused: The table has no such pair.
    """
    if (state, action) not in NEXT:
        raise ActRefused("PermitStateForbids", {"state": state.name, "action": action.name})
    return NEXT[state, action]


def apply_use(state: UseState, action: UseAction) -> UseState:
    """Return the state of a use after `action`; the same state for a repetition.

    Raises:
        ActRefused: The table has no such pair.
    """
    if (state, action) not in NEXT_USE:
        raise ActRefused("UseForbids", {"state": state.name, "action": action.name})
    return NEXT_USE[state, action]


def worth(stored: PermitState, valid_until: int, *, exhausted: bool, at: int) -> PermitState:
    """Return what a permit is worth at `at` [unix s]; the last valid second is inclusive."""
    if stored in (PermitState.ACTIVE, PermitState.SUSPENDED) and at > valid_until:
        return PermitState.EXPIRED
    if stored is PermitState.ACTIVE and exhausted:
        return PermitState.EXHAUSTED
    return stored


@dataclass(frozen=True)
class QuantityLine:
    """Balance of a permit line, scaled by `QUANTITY_SCALE`. Every move keeps the sum of the three.

    Attributes:
        available: Free to reserve.
        reserved: Held by accepted declarations.
        written_off: Charged at release.
    """

    available: int
    reserved: int = 0
    written_off: int = 0

    def __post_init__(self) -> None:
        for part in (self.available, self.reserved, self.written_off):
            if part < 0:
                raise ActRefused("Short", {"by": -part})
            if part > MAX_QUANTITY:
                raise ActRefused("OutOfRange", {"quantity": part})

    @property
    def authorised(self) -> int:
        """What the agency authorised."""
        return self.available + self.reserved + self.written_off

    def reserve(self, quantity: int) -> "QuantityLine":
        """Move available → reserved."""
        return QuantityLine(self.available - quantity, self.reserved + quantity, self.written_off)

    def unreserve(self, quantity: int) -> "QuantityLine":
        """Move reserved → available."""
        return QuantityLine(self.available + quantity, self.reserved - quantity, self.written_off)

    def write_off(self, held: int, quantity: int) -> "QuantityLine":
        """Move `quantity` of `held` reserved → written off, and the rest of it → available."""
        if quantity > held:
            raise ActRefused("Short", {"by": quantity - held})
        return QuantityLine(self.available + held - quantity, self.reserved - held, self.written_off + quantity)

    def restore(self, quantity: int) -> "QuantityLine":
        """Move written off → available."""
        return QuantityLine(self.available + quantity, self.reserved, self.written_off - quantity)

    def restate(self, quantity: int) -> "QuantityLine":
        """Return the line authorised at `quantity` by a replacement; what was used stays used."""
        return QuantityLine(quantity - self.reserved - self.written_off, self.reserved, self.written_off)


def in_line_unit(quantity: int, numerator: int, denominator: int) -> int:
    """Return a quantity stated in a declared unit in the line's own, both scaled; exact, never rounded.

    Twin of `DeclaredUnits.convert`.

    Args:
        quantity: In the declared unit.
        numerator: With `denominator`, how much of the line's unit one of the declared unit is.
        denominator: Not 0.

    Raises:
        ActRefused: `InexactConversion`, or `OutOfRange` above `MAX_QUANTITY`.
    """
    converted, rest = divmod(quantity * numerator, denominator)
    if rest:
        values = {"quantity": quantity, "numerator": numerator, "denominator": denominator}
        raise ActRefused("InexactConversion", values)
    if converted > MAX_QUANTITY:
        raise ActRefused("OutOfRange", {"quantity": converted})
    return converted


@dataclass(frozen=True)
class PermitTerms:
    """What a permit line covers; sealed in the permit, a commitment on the chain.

    Attributes:
        salt: 32 random bytes of the line.
        holder: Participant for whose goods the line is.
        commodity_prefix: Leading 2 to 10 digits of the commodity code.
        origin: ISO 3166-1 alpha-2, or empty for any.
        unit: UN/ECE Rec. 20 code, or ISO 4217 for a value ceiling; 2 or 3 characters.

    Raises:
        Malformed: A field is not of its form; all faults at once.
    """

    salt: bytes
    holder: ParticipantId
    commodity_prefix: str
    origin: str
    unit: str

    def __post_init__(self) -> None:
        faults = []
        if len(self.salt) != 32:
            faults.append(Fault("bad_salt", "/salt", "32 bytes are needed"))
        if not 0 < self.holder < 2**64:
            faults.append(Fault("bad_participant", "/holder", "a participant's number is needed"))
        if not re.fullmatch(r"[0-9]{2,10}", self.commodity_prefix):
            faults.append(Fault("bad_commodity", "/commodity_prefix", "2 to 10 digits are needed"))
        if not re.fullmatch(r"([A-Z]{2})?", self.origin):
            faults.append(Fault("bad_country", "/origin", "two capital letters, or nothing for any origin"))
        if not re.fullmatch(r"[A-Z0-9]{2,3}", self.unit):
            faults.append(Fault("bad_unit", "/unit", "a code of 2 or 3 characters is needed"))
        if faults:
            raise Malformed(*faults)

    def commitment(self) -> Digest32:
        """Return keccak256(abi.encode(salt, holder, commodityPrefix, origin, unit))."""
        packed = encode(
            ["bytes32", "uint64", "string", "bytes2", "bytes3"],
            [self.salt, self.holder, self.commodity_prefix, self.origin.encode(), self.unit.encode()],
        )
        return Digest32(keccak(packed))

    def commitment_for_goods(self, holder: ParticipantId, commodity: str, origin: str, unit: str) -> Digest32:
        """Return the commitment as customs recomputes it from a goods item of a declaration.

        Only the salt, the length of the prefix and whether any origin will do are taken from the sealed permit: a wrong
        holder, commodity, origin or unit gives another commitment, which the registry refuses (`TermsMismatch`).

        Raises:
            Malformed: The goods item's own codes are not of their form.
        """
        prefix = commodity[: len(self.commodity_prefix)]
        return PermitTerms(self.salt, holder, prefix, origin if self.origin else "", unit).commitment()
