"""What the formats of others leave unprotected, by a stable code: told beside the answer that it weakens."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final


class Weakness(StrEnum):
    """One thing that a document's format, or this document, does not protect."""

    HIDDEN_FIELDS = "hidden_fields"
    SORTED_PAIRS = "sorted_pairs"
    TYPED_TEXT = "typed_text"
    UNTYPED_VALUES = "untyped_values"
    LIST_OR_OBJECT = "list_or_object"
    EMPTY_PLACES = "empty_places"
    UNSALTED_FIELDS = "unsalted_fields"
    UNSIGNED_ENVELOPE = "unsigned_envelope"
    SIGNATURE_WITHOUT_PURPOSE = "signature_without_purpose"
    SELF_DECLARED_SIGNER = "self_declared_signer"
    KEY_OF_TODAY = "key_of_today"
    ISSUER_NAME_UNPROVEN = "issuer_name_unproven"
    NO_REVOCATION = "no_revocation"
    DATES_NOT_OF_THE_FORMAT = "dates_not_of_the_format"
    UNSIGNED_WORDS = "unsigned_words"


TEXTS: Final[Mapping[Weakness, str]] = {
    Weakness.HIDDEN_FIELDS: (
        "Whoever holds it may hide any field, without its issuer: an end of validity or a condition may be among "
        "the fields that are not shown."
    ),
    Weakness.SORTED_PAIRS: (
        "Its Merkle tree sorts each pair and hashes leaves and inner nodes alike (no prefix as in RFC 6962): a path "
        "proves no position, and an inner node passes for the root of a smaller batch."
    ),
    Weakness.TYPED_TEXT: (
        "A field is hashed as the text `salt:type:value`; some here are no value of the type they name, and readers "
        "show them differently (`boolean:` with anything but `true` reads as false, `number:` with letters as NaN)."
    ),
    Weakness.UNTYPED_VALUES: (
        "Values are hashed as bare text, so that 1 and `1`, true and `true`, null and `null` cannot be told apart."
    ),
    Weakness.LIST_OR_OBJECT: "A list and an object with the keys 0, 1, … hash alike; an object here has such keys.",
    Weakness.EMPTY_PLACES: (
        "It has empty objects or lists that no hash covers: some may have been put in or taken out."
    ),
    Weakness.UNSALTED_FIELDS: "Some fields have no salt; hidden, they could be guessed from their hash.",
    Weakness.UNSIGNED_ENVELOPE: (
        "Only `data` is hashed and signed: version, type of the signature and when it was made are not."
    ),
    Weakness.SIGNATURE_WITHOUT_PURPOSE: (
        "The signature is over 32 bare bytes (EIP-191), bound to no purpose or chain: whatever else makes its key "
        "sign 32 bytes can make it sign a document."
    ),
    Weakness.SELF_DECLARED_SIGNER: (
        "The document itself names the key that has to have signed it. Anybody can make such a key."
    ),
    Weakness.KEY_OF_TODAY: (
        "The key was read from the identifier (did:ethr). Whether its owner has passed it on or withdrawn it stands "
        "in the ERC-1056 registry of its chain, which was not asked, and when it signed is not proven."
    ),
    Weakness.ISSUER_NAME_UNPROVEN: "The issuer's name is the document's own word; the signature proves a key, no name.",
    Weakness.NO_REVOCATION: "Its issuer keeps no revocations: it can never be withdrawn.",
    Weakness.DATES_NOT_OF_THE_FORMAT: (
        "The format has no validity of its own; the dates were found in fields that its issuer happened to use."
    ),
    Weakness.UNSIGNED_WORDS: "Nothing vouches for its words: everybody can write such a document, or change it.",
}


def shown(weaknesses: Iterable[Weakness]) -> list[dict[str, Any]]:
    """Weaknesses as JSON values, each once, in the order of the table."""
    found = set(weaknesses)
    return [{"code": str(weakness), "text": TEXTS[weakness]} for weakness in Weakness if weakness in found]
