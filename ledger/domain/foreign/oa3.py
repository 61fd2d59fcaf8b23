"""OpenAttestation 3.0: a W3C-shaped credential, its salts and hashes in `proof`.

A field at `a.b[0]` hashes as keccak-256(`{"a.b[0]":"salt:value"}`). Each field needs its own salt and each salt its
field: the reference implementation only compares their numbers and passes over salts without a field, so that a field
can be added together with a salt for nothing.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

from ledger.domain import canonical
from ledger.domain.errors import Malformed
from ledger.domain.fields import array_of, hex_of, malformed, text_of
from ledger.domain.foreign.dates import first_second, last_second
from ledger.domain.foreign.weaknesses import Weakness
from ledger.domain.foreign.wrapped import (
    MAX_HIDDEN,
    MAX_PATH,
    MAX_TEXT,
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
from ledger.domain.limits import MIB

VERSION: Final = "https://schema.openattestation.com/3.0/schema.json"
FORM: Final = "OpenAttestation 3.0"
MAX_SALTS_BYTES: Final = 16 * MIB
"""The list of salts in base64, about 100 bytes a field."""
_ALWAYS: Final = (Weakness.SORTED_PAIRS, Weakness.UNTYPED_VALUES, Weakness.UNSIGNED_ENVELOPE)


def read(document: dict[str, Any]) -> Wrapped:
    """Read a document whose `version` is `VERSION`.

    Raises:
        Malformed: A part that every such document has is missing or of another kind, or a field has no salt of its own.
    """
    proof, metadata = object_at(document, "proof", ""), object_at(document, "openAttestationMetadata", "")
    fields = dict(fields_of({name: value for name, value in document.items() if name != "proof"}, "", ""))
    salts = _salts(proof)
    hidden = hashes_of(_privacy(proof).get("obfuscated") or [], "/proof/privacy/obfuscated", at_most=MAX_HIDDEN)
    strange = sorted(salts.keys() ^ fields.keys())
    if strange:
        raise malformed("salts", "/proof/salts", f"fields and salts do not go together: {', '.join(strange[:4])[:200]}")
    hashes = [field_hash(path, f"{salt}:{_text(fields[path])}") for path, salt in salts.items()]
    return Wrapped(
        form=FORM,
        computed=digest_of(hashes + hidden),
        target_hash=text_at(proof, "targetHash", "/proof"),
        merkle_root=text_at(proof, "merkleRoot", "/proof"),
        path=tuple(bytes.fromhex(s) for s in hashes_of(proof.get("proofs") or [], "/proof/proofs", at_most=MAX_PATH)),
        fields=len(fields),
        hidden=len(hidden),
        issuers=(_issuer(document, metadata, proof),),
        signatures=_signatures(proof),
        chain_id=_chain_id(document),
        valid_from=first_second(document.get("validFrom"), "/validFrom"),
        valid_until=_valid_until(document),
        weaknesses=frozenset({*_ALWAYS, *_found(document, hidden)}),
    )


def fields_of(value: Any, path: str, at: str) -> Iterator[tuple[str, Any]]:
    """Path and value of each field; empty objects and lists are none."""
    if type(value) is dict:
        for key, item in value.items():
            check_key(key, at)
            yield from fields_of(item, f"{path}.{key}" if path else key, f"{at}/{key}")
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from fields_of(item, f"{path}[{index}]", f"{at}/{index}")
    else:
        yield path, value


def _found(document: dict[str, Any], hidden: list[str]) -> Iterator[Weakness]:
    if hidden:
        yield Weakness.HIDDEN_FIELDS
    if _has_empty({name: value for name, value in document.items() if name != "proof"}):
        yield Weakness.EMPTY_PLACES


def _has_empty(value: Any) -> bool:
    inner = value.values() if type(value) is dict else value if type(value) is list else None
    return inner is not None and (not inner or any(_has_empty(item) for item in inner))


def _text(value: Any) -> str:
    """A value as JavaScript puts it into a text."""
    return value if type(value) is str else canonical.dumps(value).decode()


def _salts(proof: dict[str, Any]) -> dict[str, str]:
    """Salt of each path."""
    text = text_of(proof.get("salts"), "/proof/salts", at_most=MAX_SALTS_BYTES)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as bad:
        raise Malformed(*malformed("base64", "/proof/salts", "not base64").faults) from bad
    found: dict[str, str] = {}
    for each in array_of(canonical.loads(raw, max_bytes=MAX_SALTS_BYTES), "/proof/salts", at_most=MAX_HIDDEN):
        if type(each) is not dict or each.keys() != {"value", "path"} or type(each["path"]) is not str:
            raise malformed("type", "/proof/salts", "a salt is an object with `value` and `path`")
        if each["path"] in found:
            raise malformed("salts", "/proof/salts", f"two salts of one field: {each['path'][:64]}")
        found[each["path"]] = hex_of(each["value"], "/proof/salts").hex()
    return found


def _privacy(proof: dict[str, Any]) -> dict[str, Any]:
    privacy = proof.get("privacy")
    if type(privacy) is not dict:
        raise malformed("type", "/proof/privacy", "an object is needed here")
    return privacy


def _issuer(document: dict[str, Any], metadata: dict[str, Any], proof: dict[str, Any]) -> Issuer:
    method = object_at(metadata, "proof", "/openAttestationMetadata")
    kind, value = optional_text(method.get("method")), optional_text(method.get("value"))
    identity, revocation, issuer = (
        part if type(part) is dict else {}
        for part in (metadata.get("identityProof"), method.get("revocation"), document.get("issuer"))
    )
    return Issuer(
        name=optional_text(issuer.get("name")),
        did=value if kind == "DID" else None,
        key=optional_text(proof.get("key")),
        identity=optional_text(identity.get("type")),
        domain=optional_text(identity.get("identifier")) if identity.get("type") != "DID" else None,
        store=value if kind == "DOCUMENT_STORE" else None,
        registry=value if kind == "TOKEN_REGISTRY" else None,
        revocation=optional_text(revocation.get("type")),
        revoked_at=optional_text(revocation.get("location")),
    )


def _signatures(proof: dict[str, Any]) -> tuple[Signature, ...]:
    if proof.get("signature") is None:
        return ()
    key = text_of(proof.get("key"), "/proof/key", at_most=MAX_TEXT)
    return (Signature(key, text_at(proof, "signature", "/proof")),)


def _chain_id(document: dict[str, Any]) -> int | None:
    network = document.get("network")
    stated = network.get("chainId") if type(network) is dict else None
    text = str(stated) if type(stated) in (str, int) else ""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 20 else None


def _valid_until(document: dict[str, Any]) -> int | None:
    """The earliest of the ends that it names."""
    ends = [last_second(document.get(name), f"/{name}") for name in ("validUntil", "expirationDate")]
    return min((end for end in ends if end is not None), default=None)
