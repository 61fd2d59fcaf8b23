"""Who takes part: participants, their officers' keys, and what the keys may do."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.adapters.keyring import create_keyring, open_keyring
from ledger.adapters.keystore import Keystore, LocalSigner
from ledger.domain import canonical
from ledger.domain.errors import NotFound
from ledger.domain.ids import Digest32, DocumentType
from ledger.domain.roles import Role
from ledger.domain.trade.codes import (
    ASSESSMENT,
    CERTIFICATE_OF_ORIGIN,
    IMPORT_LICENCE,
    INSPECTION_REPORT,
    PHYTOSANITARY_CERTIFICATE,
)

OFFICE: Final = 1701
"""The customs office at which the goods arrive."""
OTHER_OFFICE: Final = 1702
"""Another office: its officers must not touch the case."""
SCRYPT_N: Final = 1 << 14
"""Work factor of the cast's files: a sixteenth of the product's, for they are opened some twenty at a time."""


@dataclass(frozen=True)
class Seat:
    """A key to be registered.

    Attributes:
        name: Name of its keystore file, and of the officer in what the play tells.
        roles: What it may do.
        office: Customs office; 0 for none.
    """

    name: str
    roles: Role
    office: int = 0


@dataclass(frozen=True)
class Member:
    """A participant to be admitted.

    Attributes:
        name: Short name, used in files and in what is told.
        title: Display name; stays off the chain.
        seats: Its keys.
        accredited: Document types that it may anchor.
    """

    name: str
    title: str
    seats: tuple[Seat, ...]
    accredited: tuple[DocumentType, ...] = ()

    @property
    def mask(self) -> Role:
        """Every role that one of its keys has."""
        mask = Role(0)
        for seat in self.seats:
            mask |= seat.roles
        return mask

    def profile(self) -> Digest32:
        """SHA-256 of its profile in canonical JSON: what the chain holds of its name."""
        return Digest32(hashlib.sha256(canonical.dumps({"name": self.title})).digest())


CUSTOMS: Final = Member(
    "customs",
    "State Customs Committee",
    (
        Seat("customs-officer", Role.CUSTOMS_OFFICER, OFFICE),
        Seat("customs-officer-elsewhere", Role.CUSTOMS_OFFICER, OTHER_OFFICE),
        Seat("customs-risk", Role.CUSTOMS_RISK),
        Seat("customs-inspector", Role.CUSTOMS_INSPECTOR | Role.ISSUER, OFFICE),
        Seat("customs-revenue", Role.CUSTOMS_REVENUE | Role.ISSUER, OFFICE),
        Seat("customs-audit", Role.CUSTOMS_AUDIT),
        Seat("customs-appeal", Role.CUSTOMS_APPEAL),
        Seat("customs-licensing", Role.CUSTOMS_LICENSING),
    ),
    (INSPECTION_REPORT, ASSESSMENT),
)
QUARANTINE: Final = Member(
    "quarantine",
    "Plant Quarantine Inspectorate",
    (Seat("quarantine-officer", Role.OGA | Role.ISSUER),),
    (PHYTOSANITARY_CERTIFICATE, IMPORT_LICENCE),
)
CHAMBER: Final = Member(
    "chamber",
    "Chamber of Commerce",
    (Seat("chamber-clerk", Role.CHAMBER | Role.ISSUER),),
    (CERTIFICATE_OF_ORIGIN,),
)
TREASURY: Final = Member("treasury", "State Treasury", (Seat("treasury-officer", Role.TREASURY),))
IMPORTER: Final = Member("importer", "Importer GB896458895015", (Seat("importer", Role.DECLARANT | Role.ISSUER),))
BROKER: Final = Member("broker", "Licensed customs broker", (Seat("broker", Role.BROKER | Role.ISSUER),))
CARRIER: Final = Member("carrier", "Ocean carrier", (Seat("carrier", Role.CARRIER),))
AUDITOR: Final = Member("auditor", "Chamber of Accounts", (Seat("auditor", Role.AUDITOR),))
MEMBERS: Final = (CUSTOMS, QUARANTINE, CHAMBER, TREASURY, IMPORTER, BROKER, CARRIER, AUDITOR)


def member_of(seat: str) -> Member:
    """The member to which a key of that name belongs."""
    return next(member for member in MEMBERS if any(own.name == seat for own in member.seats))


class Keys:
    """The cast's keys: encrypted files under one folder, made on first use.

    A real ledger has one folder and one passphrase per person; here one machine plays them all.
    """

    def __init__(self, folder: Path, passphrase: str, *, customs_ring: Path | None = None) -> None:
        """Keep what opens them.

        Args:
            folder: Where key files are.
            passphrase: Opens them all.
            customs_ring: Key ring of the facade that customs runs; one of our own if there is none.
        """
        self._folder, self._passphrase = folder, passphrase
        self._store = Keystore(folder / "keystore", scrypt_n=SCRYPT_N)
        self._rings = {} if customs_ring is None else {CUSTOMS.name: customs_ring}
        self._signers: dict[str, LocalSigner] = {}

    def signer(self, seat: str) -> LocalSigner:
        """The unlocked signing key of a seat; its file is made if there is none."""
        if seat not in self._signers:
            known = {key.name for key in self._store.list()}
            unlock = self._store.load if seat in known else self._store.create
            self._signers[seat] = unlock(seat, self._passphrase)
        return self._signers[seat]

    def sealing_key(self, member: Member) -> bytes:
        """X25519 public key of a member; its key ring is made if there is none."""
        folder = self._folder / "keyrings"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._rings.get(member.name, folder / f"{member.name}.json")
        try:
            ring = open_keyring(file, self._passphrase)
        except NotFound:
            ring = create_keyring(file, self._passphrase, scrypt_n=SCRYPT_N)
        return ring.public_keys()[0]


def display_names(numbers: Mapping[str, int]) -> str:
    """The facade's file of display names, as JSON text."""
    return json.dumps({str(numbers[member.name]): {"name": member.title} for member in MEMBERS}, indent=1) + "\n"


def all_seats() -> Iterator[tuple[Member, Seat]]:
    """Every key with its member."""
    return ((member, seat) for member in MEMBERS for seat in member.seats)
