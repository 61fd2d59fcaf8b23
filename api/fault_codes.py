"""Every code that a fault in a problem can have: a client may tell them apart by these, and a new one is an entry here.

A fault that a contract finds in what was lodged has the name of the contract's own error instead, which begins with a
capital: those are of the contracts' version, which the ledger can renew without this facade.
"""

from typing import Final

CONTRACTS_OWN: Final = "^[A-Z][A-Za-z0-9]*$"
"""Form of the name of a contract's own error."""
CODES: Final = frozenset(
    {
        "address", "address_not_allowed", "ambiguous_key", "another_record", "bad_amount", "bad_commodity",
        "bad_country", "bad_participant", "bad_rate", "bad_row", "bad_salt", "bad_unit", "base64",
        "base64url", "car", "changed", "checksum", "cid", "claim_name", "contradiction", "cursor",
        "cursor_ahead", "cursor_elsewhere", "dag_pb", "depth", "der", "duplicate", "duplicate_key",
        "duplicate_name", "earlier_version", "expired", "float", "forbidden_xml", "given_twice",
        "grn_check_digit", "grn_shape", "hex", "invalid_value", "kind", "ledger", "length",
        "limit_exceeded", "link", "links", "lone_surrogate", "low_order", "malformed", "media_type",
        "missing", "missing_field", "mrn_check_digit", "mrn_shape", "no_change", "no_name", "no_rate",
        "no_such_claim", "no_such_place", "no_time_zone", "not_a_bool", "not_a_carrier", "not_a_chain_id",
        "not_a_declaration", "not_a_file", "not_a_form", "not_a_list", "not_a_participant",
        "not_a_statement", "not_a_text", "not_a_time", "not_abi", "not_an_amendment", "not_an_ephyto",
        "not_an_integer", "not_an_object", "not_canonical", "not_customs", "not_eip4361", "not_fresh",
        "not_in_force", "not_json", "not_pem", "not_storable", "not_the_declarations", "not_the_importer",
        "not_xml", "nothing_given", "number_range",
        "office_outside", "order", "other_chain", "other_domain", "other_list", "other_uri", "out_of_range",
        "padding", "pattern", "pdf", "pdf_altered", "pdf_carries_proof", "pdf_certified", "pdf_encrypted",
        "pdf_object", "period", "reason", "repeated", "rights", "root", "salts", "several_currencies",
        "signature", "syntax", "time", "time_out_of_range", "time_stamp", "too_early", "too_long", "too_many",
        "too_many_changes", "too_precise", "too_short", "trailing_bytes", "truncated", "type", "unixfs",
        "unknown", "unknown_class", "unknown_decision", "unknown_document_code", "unknown_element",
        "unknown_field", "unknown_office", "unknown_tag", "unknown_version", "unknown_word",
        "unsupported_act", "utf8", "varint", "version_not_readable", "wrong_count", "wrong_format",
        "wrong_order", "wrong_type", "wrong_value",
    }
)  # fmt: skip
"""Ours. What a fault means is told in its text; the same thing has the same code wherever it is met."""
