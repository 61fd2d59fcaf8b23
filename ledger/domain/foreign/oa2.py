"""OpenAttestation 2.0: `data` with salted fields, hashed one by one.

A field `{"a": {"b": ["salt:type:value"]}}` has the path `a.b.0` and the hash keccak-256(`{"a.b.0":"salt:type:value"}`);
the sorted hashes of all fields and of the hidden ones, as a JSON array, hash to `signature.targetHash`. Paths that two
fields could share are refused, which the reference implementation does not do for empty keys.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ledger.domain.fields import array_of, malformed
from ledger.domain.foreign.dates import first_second, last_second
from ledger.domain.foreign.weaknesses import Weakness
from ledger.domain.foreign.wrapped import (
    MAX_HIDDEN,
    MAX_ISSUERS,
    MAX_PATH,
    MAX_SIGNATURES,
    Issuer,
    Signature,
    Wrapped,
    check_key,
    digest_of,
    field_hash,
    hashes_of,
    object_at,
    optional_text,
    text_at,
)

VERSION: Final = "https://schema.openattestation.com/2.0/schema.json"
FORM: Final = "OpenAttestation 2.0"
_SALTED: Final = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}:(string|number|boolean|null|undefined):(.*)", re.DOTALL
)
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_ALWAYS: Final = (Weakness.SORTED_PAIRS, Weakness.UNSIGNED_ENVELOPE)


def read(document: dict[str, Any]) -> Wrapped:
    """Read a document whose `version` is `VERSION`.

    Raises:
        Malformed: A part that every such document has is missing or of another kind.
    """
    data, signature = object_at(document, "data", ""), object_at(document, "signature", "")
    privacy = document.get("privacy") or {}
    if type(privacy) is not dict:
        raise malformed("type", "/privacy", "an object is needed here")
    hidden = hashes_of(privacy.get("obfuscatedData") or [], "/privacy/obfuscatedData", at_most=MAX_HIDDEN)
    fields = list(_fields(data, "", "/data"))
    shown = _unsalted(data)
    target = text_at(signature, "targetHash", "/signature")
    computed, emptied = _digest(fields, hidden, target)
    return Wrapped(
        form=FORM,
        computed=computed,
        target_hash=target,
        merkle_root=text_at(signature, "merkleRoot", "/signature"),
        path=_path(signature.get("proof") or []),
        fields=len(fields),
        hidden=len(hidden),
        issuers=_issuers(shown),
        signatures=_signatures(document.get("proof")),
        chain_id=_chain_id(shown),
        valid_from=first_second(shown.get("validFrom"), "/data/validFrom"),
        valid_until=_valid_until(shown),
        weaknesses=frozenset({*_ALWAYS, *emptied, *_found(data, fields, shown, hidden)}),
    )


def _digest(fields: list[tuple[str, Any]], hidden: list[str], target: str) -> tuple[bytes, tuple[Weakness, ...]]:
    """The digest of all fields; of a redacted copy without what redaction left empty, if only so it is the target."""
    hashes = [field_hash(path, value) for path, value in fields] + hidden
    computed = digest_of(hashes)
    left = [(path, value) for path, value in fields if value not in ({}, [])]
    if computed.hex() != target and hidden and len(left) < len(fields):
        without = digest_of([field_hash(path, value) for path, value in left] + hidden)
        if without.hex() == target:
            return without, (Weakness.EMPTY_PLACES,)
    return computed, ()


def _fields(value: Any, path: str, at: str) -> Iterator[tuple[str, Any]]:
    """Path and value of each field; an empty object or list is one too."""
    items: Iterator[tuple[str, Any]]
    if type(value) is dict and value:
        for key in value:
            check_key(key, at)
        items = iter(value.items())
    elif type(value) is list and value:
        items = ((str(index), item) for index, item in enumerate(value))
    else:
        yield path, value
        return
    for key, item in items:
        yield from _fields(item, f"{path}.{key}" if path else key, f"{at}/{key}")


def _unsalted(value: Any) -> Any:
    """Values as readers show them."""
    match value:
        case dict():
            return {key: _unsalted(item) for key, item in value.items()}
        case list():
            return [_unsalted(item) for item in value]
        case str() if salted := _SALTED.fullmatch(value):
            return salted[2].strip() if salted[1] in ("string", "number") else None
        case _:
            return value


def _found(data: Any, fields: list[tuple[str, Any]], shown: Any, hidden: list[str]) -> Iterator[Weakness]:
    salted = [_SALTED.fullmatch(value) if type(value) is str else None for _, value in fields]
    if any(match is None and value not in ({}, []) for match, (_, value) in zip(salted, fields, strict=True)):
        yield Weakness.UNSALTED_FIELDS
    if any(match is not None and not _is_of_type(match[1], match[2]) for match in salted):
        yield Weakness.TYPED_TEXT
    if _has_numbered_object(data):
        yield Weakness.LIST_OR_OBJECT
    if hidden:
        yield Weakness.HIDDEN_FIELDS
    if any(name in shown for name in ("validFrom", "validUntil", "expirationDate")):
        yield Weakness.DATES_NOT_OF_THE_FORMAT


def _is_of_type(kind: str, text: str) -> bool:
    match kind:
        case "number":
            return _NUMBER.fullmatch(text) is not None
        case "boolean":
            return text in ("true", "false")
        case "null" | "undefined":
            return text == kind
        case _:
            return True


def _has_numbered_object(value: Any) -> bool:
    match value:
        case dict():
            return any(key.isdigit() or _has_numbered_object(item) for key, item in value.items())
        case list():
            return any(_has_numbered_object(item) for item in value)
        case _:
            return False


def _path(value: Any) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(step) for step in hashes_of(value, "/signature/proof", at_most=MAX_PATH))


def _issuers(shown: dict[str, Any]) -> tuple[Issuer, ...]:
    found = array_of(shown.get("issuers"), "/data/issuers", at_least=1, at_most=MAX_ISSUERS)
    return tuple(_issuer(each, f"/data/issuers/{number}") for number, each in enumerate(found))


def _issuer(value: Any, path: str) -> Issuer:
    if type(value) is not dict:
        raise malformed("type", path, "an object is needed here")
    proof, revocation = (
        part if type(part) is dict else {} for part in (value.get("identityProof"), value.get("revocation"))
    )
    return Issuer(
        name=optional_text(value.get("name")),
        did=optional_text(value.get("id")),
        key=optional_text(proof.get("key")),
        identity=optional_text(proof.get("type")),
        domain=optional_text(proof.get("location")),
        store=optional_text(value.get("documentStore")) or optional_text(value.get("certificateStore")),
        registry=optional_text(value.get("tokenRegistry")),
        revocation=optional_text(revocation.get("type")),
        revoked_at=optional_text(revocation.get("location")),
    )


def _signatures(value: Any) -> tuple[Signature, ...]:
    if value is None:
        return ()
    found = array_of(value, "/proof", at_most=MAX_SIGNATURES)
    if any(type(each) is not dict for each in found):
        raise malformed("type", "/proof", "objects are needed here")
    return tuple(
        Signature(text_at(each, "verificationMethod", f"/proof/{n}"), text_at(each, "signature", f"/proof/{n}"))
        for n, each in enumerate(found)
    )


def _chain_id(shown: dict[str, Any]) -> int | None:
    network = shown.get("network")
    text = network.get("chainId") if type(network) is dict else None
    return int(text) if type(text) is str and text.isdecimal() and text.isascii() and len(text) < 20 else None


def _valid_until(shown: dict[str, Any]) -> int | None:
    """The earliest of the ends that it names."""
    ends = [last_second(shown.get(name), f"/data/{name}") for name in ("validUntil", "expirationDate")]
    return min((end for end in ends if end is not None), default=None)
