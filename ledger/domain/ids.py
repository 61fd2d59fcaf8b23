"""Ids are types, never bare bytes or integers."""

from typing import NewType

Digest32 = NewType("Digest32", bytes)
"""A 32-byte hash: SHA-256 for evidence, keccak-256 for chain objects."""
RecordId = NewType("RecordId", bytes)
"""SHA-256(0x00 ‖ JCS(record)), 32 bytes: a document's id and its leaf in the batch's tree."""
LedgerId = NewType("LedgerId", bytes)
"""32 bytes that survive a move to another chain."""
ParticipantId = NewType("ParticipantId", int)
"""u64, given by governance, from 1."""
DocumentType = NewType("DocumentType", int)
"""u24: UNCL 1001 code × 1000 + national subtype; 0 needs no accreditation."""
CaseId = NewType("CaseId", int)
"""u64 declaration id: registry version in the top byte, counter below."""
Address = NewType("Address", str)
"""EIP-55 checksummed 0x… address of a key or contract."""
TxHash = NewType("TxHash", bytes)
"""32 bytes."""
BlockHash = NewType("BlockHash", bytes)
"""32 bytes."""
Cid = NewType("Cid", str)
"""CIDv1, base32 lower case (`bafk…` raw, `bafy…` dag-pb)."""
