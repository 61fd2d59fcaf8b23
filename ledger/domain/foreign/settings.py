"""How far this participant's configuration reaches into other systems.

    {"issuers": {"did:ethr:0x4330…": "Chamber of Commerce"},
     "chains": {"101010": {"rpc_url": "https://…", "finality_depth": 12}},
     "timestamp_authorities": {"Trusted Time Ltd": "-----BEGIN CERTIFICATE-----…"}}

Each part may be left out. Who stands here is vouched for by whoever keeps the file. An authority is one or more
certificates in PEM; a time stamp has to lead to one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography import x509

from ledger.domain import canonical
from ledger.domain.errors import Fault, Malformed
from ledger.domain.fields import text_of, uint_of
from ledger.domain.foreign.wrapped import MAX_TEXT
from ledger.domain.limits import MIB
from ledger.domain.timestamp import Certificates

MAX_SETTINGS_BYTES: Final = MIB
USUAL_DEPTH: Final = 12
"""Blocks below the head that count as final on a chain whose rule is not configured."""


@dataclass(frozen=True)
class ChainSetting:
    """A node of another chain.

    Attributes:
        rpc_url: Its address.
        finality_depth: Blocks below its head that are called final.
    """

    rpc_url: str
    finality_depth: int = USUAL_DEPTH


@dataclass(frozen=True)
class ForeignSettings:
    """Issuers by identifier, chains by chain id, and certificates of time-stamping authorities by name."""

    issuers: Mapping[str, str] = field(default_factory=dict)
    chains: Mapping[int, ChainSetting] = field(default_factory=dict)
    authorities: Mapping[str, Certificates] = field(default_factory=dict)


def read_settings(content: bytes) -> ForeignSettings:
    """Read the file. Raises `Malformed` with all faults, or `LimitExceeded`."""
    value = canonical.loads(content, max_bytes=MAX_SETTINGS_BYTES, floats=False)
    faults: list[Fault] = []
    found = _objects(value, ("issuers", "chains", "timestamp_authorities"), "", faults)
    issuers = {did: _try(faults, text_of, name, f"/issuers/{did}", at_most=MAX_TEXT) for did, name in found[0].items()}
    chains = {name: _chain(name, setting, faults) for name, setting in found[1].items()}
    authorities = {name: _certificates(name, pem, faults) for name, pem in found[2].items()}
    if faults:
        raise Malformed(*faults)
    reached = {int(name): chain for name, chain in chains.items() if chain is not None}
    return ForeignSettings(issuers, reached, authorities)


def _certificates(name: str, pem: Any, faults: list[Fault]) -> Certificates:
    try:
        return x509.load_pem_x509_certificates(pem.encode("ascii"))
    except (AttributeError, ValueError):
        faults.append(Fault("not_pem", f"/timestamp_authorities/{name[:64]}", "certificates in PEM are expected"))
        return ()


def _chain(name: str, value: Any, faults: list[Fault]) -> ChainSetting | None:
    path = f"/chains/{name}"
    if not (name.isascii() and name.isdecimal() and len(name) < 20):
        faults.append(Fault("not_a_chain_id", path, "a chain id in decimal digits is expected"))
    if type(value) is not dict or not value.keys() <= {"rpc_url", "finality_depth"}:
        faults.append(Fault("type", path, "an object with `rpc_url`, and `finality_depth` if need be, is expected"))
        return None
    url = _try(faults, text_of, value.get("rpc_url"), f"{path}/rpc_url", at_most=MAX_TEXT)
    depth = _try(faults, uint_of, value.get("finality_depth", USUAL_DEPTH), f"{path}/finality_depth", at_most=10**6)
    return None if url is None or depth is None else ChainSetting(url, depth)


def _objects(value: Any, names: tuple[str, ...], path: str, faults: list[Fault]) -> list[dict[str, Any]]:
    if type(value) is not dict:
        raise Malformed(Fault("type", path, "an object is needed here"))
    faults += [Fault("unknown_field", f"{path}/{name[:64]}", "no such field") for name in value if name not in names]
    parts = [value.get(name, {}) for name in names]
    faults += [
        Fault("type", f"{path}/{name}", "an object is needed here")
        for name, part in zip(names, parts, strict=True)
        if type(part) is not dict
    ]
    return [part if type(part) is dict else {} for part in parts]


def _try(faults: list[Fault], read: Any, *args: Any, **options: Any) -> Any:
    try:
        return read(*args, **options)
    except Malformed as error:
        faults.extend(error.faults)
        return None
