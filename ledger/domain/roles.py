"""What a registered key may do: the contracts' `Roles` bit by bit (domain guide, section 5).

A test compares them with the Solidity library.
"""

from enum import IntFlag


class Role(IntFlag):
    """Bits of a key's roles; frozen, as they stand in the packed key word."""

    DECLARANT = 1 << 0
    BROKER = 1 << 1
    CARRIER = 1 << 2
    GUARANTOR = 1 << 3
    CUSTOMS_OFFICER = 1 << 4
    CUSTOMS_RISK = 1 << 5
    CUSTOMS_INSPECTOR = 1 << 6
    CUSTOMS_REVENUE = 1 << 7
    TREASURY = 1 << 8
    CUSTOMS_AUDIT = 1 << 9
    AEO_UNIT = 1 << 10
    OGA = 1 << 11
    CHAMBER = 1 << 12
    CARRIER_ISSUER = 1 << 13
    AUDITOR = 1 << 14
    REGISTRAR = 1 << 15
    ISSUER = 1 << 16
    CUSTOMS_APPEAL = 1 << 17
    CUSTOMS_LICENSING = 1 << 18
    SERVICE_ANCHOR = 1 << 24
    SERVICE_AUTO_RELEASE = 1 << 25
    SERVICE_REJECT = 1 << 26

    @property
    def names(self) -> tuple[str, ...]:
        """Its bits by name, the lowest first."""
        return tuple(str(role.name) for role in Role if role in self)
