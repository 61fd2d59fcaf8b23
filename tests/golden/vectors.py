"""The golden vectors, made from fixed seeds: what must never change meaning.

`python -m tests.golden.vectors` writes them.
"""

import base64
import json
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from ledger.domain import canonical, merkle
from ledger.domain.anchor import anchor_word, pack_h, pack_head
from ledger.domain.cid import cid_bytes, cid_text
from ledger.domain.dagpb import decode_node
from ledger.domain.grant import Granted, encode_grant
from ledger.domain.limits import MIB
from ledger.domain.pdf import embed
from ledger.domain.proof import Path as InclusionPath
from ledger.domain.proof import Proof, proof_json
from ledger.domain.record import make_claim, opening_json, opening_text, record_json, record_text
from ledger.domain.tombstone import ErasureReason, Tombstone, dump_tombstone, signing_digest, typed_data
from ledger.domain.unixfs import FileBuilder
from ledger.domain.wrap import RECORD_AND_CONTENT, RECORD_ONLY
from ledger.services.opening import BatchReader
from ledger.services.sealing import DocumentInput, SealedBatch
from tests.support.content import MemoryStore
from tests.support.evidence import (
    CUSTOMS,
    ISSUER,
    ISSUER_RING,
    LEDGER,
    NOW,
    STATISTICS,
    STRANGER,
    anchor_of,
    public_key,
    repeatable,
    seal,
)
from tests.support.pdfs import BILL_OF_LADING, INVOICE, pdf, pdf_with_xref_stream

FOLDER = Path(__file__).parent
JSON_TEXTS = [
    '{"b":1,"a":[true,false,null],"":"x"}',
    '{ "\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew", "1": "One", "\\ud83d\\ude00": "Smiley" }',
    "[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001, -0, 1.0, -0.0, 9007199254740991]",
    '"\\u0000\\u001f\\"\\\\\\/\\b\\f\\n\\r\\t\\u007f\\u2028é"',
    '{"a":{"c":{},"b":[]},"A":0}',
]
REFUSED_TEXTS = [
    '{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}', "[9007199254740992]", "[1e17]", "[1e400]", "[NaN]", '["\\ud800"]',
    "[1]x", "[01]", "[1,]", "{'a':1}", "", "[" * 65 + "]" * 65,
]  # fmt: skip


def batch() -> SealedBatch:
    long = b"".join(b"line %06d\n" % number for number in range(6000))  # two chunks
    return seal(
        [
            DocumentInput(
                b'{"items": [{"netMass": 12.50}], "ucr": "4UZ1234-A"}',
                "application/json",
                [("ref.ucr", "4UZ1234-A"), ("field:/items/0/netMass", 12.5), ("field:/ucr", "4UZ1234-A")],
                valid_until=NOW + 15_552_000,
            ),
            DocumentInput(long, "text/plain", [("number", "UZ-2026-0001")]),
            DocumentInput(b"", "application/octet-stream", [("supersedes", "ab" * 32)]),
        ],
        seed="golden",
    )


def _canonical() -> dict[str, Any]:
    return {
        "canonical": [
            {"text": text, "canonical": canonical.canonicalise(text.encode(), max_bytes=1000).decode()}
            for text in JSON_TEXTS
        ],
        "refused": REFUSED_TEXTS,
    }


def _records(sealed: SealedBatch) -> list[dict[str, Any]]:
    return [
        {
            "record": record_json(one.record),
            "text": record_text(one.record).decode(),
            "record_id": one.record_id.hex(),
            "openings": [
                {"opening": opening_json(o), "text": opening_text(o).decode(), "claim": make_claim(o).hex()}
                for o in one.openings
            ],
        }
        for one in sealed.documents
    ]


def _trees() -> list[dict[str, Any]]:
    """Leaf i is SHA-256 of its number as a u32."""
    trees = []
    for size in (1, 2, 3, 7, 8, 256, 257, 600):
        leaves = [sha256(number.to_bytes(4)).digest() for number in range(size)]
        indexes = sorted({0, size // 2, size - 1})
        trees.append(
            {
                "size": size,
                "root": merkle.root(leaves).hex(),
                "paths": [
                    {"index": index, "hashes": [node.hex() for node in merkle.inclusion_path(leaves, index)]}
                    for index in indexes
                ],
                "consistency": {
                    "first": size // 2 + 1 if size > 1 else 1,
                    "hashes": [h.hex() for h in merkle.consistency_path(leaves, size // 2 + 1 if size > 1 else 1)],
                },
            }
        )
    return trees


def _batch(sealed: SealedBatch) -> dict[str, Any]:
    store = MemoryStore()
    store.put_batch(sealed.blocks(), sealed.pins())
    reader = BatchReader(store, sealed.manifest_digest)
    readers = {"issuer": ISSUER_RING, "customs": CUSTOMS, "statistics": STATISTICS, "stranger": STRANGER}
    documents = []
    for index, one in enumerate(sealed.documents):
        content = reader.open(index, CUSTOMS).content
        path = reader.path(index)
        documents.append(
            {
                "record_id": one.record_id.hex(),
                "envelope": one.envelope,
                "content": base64.b64encode(content or b"").decode(),
                "path": [node.hex() for node in path.hashes],
            }
        )
    return {
        "ledger": LEDGER.hex(),
        "issuer": ISSUER,
        "private_keys": {name: repeatable(_seed(name))(32).hex() for name in readers},
        "rights": {"issuer": 3, "customs": 3, "statistics": 1, "stranger": 0},
        "manifest_digest": sealed.manifest_digest.hex(),
        "root": sealed.root.hex(),
        "size": sealed.manifest.size,
        "blocks": {cid: base64.b64encode(block).decode() for cid, block in sealed.blocks()},
        "documents": documents,
    }


def _seed(name: str) -> str:
    return {
        "issuer": "issuer",
        "customs": "customs, sees record and content",
        "statistics": "statistics, sees the record alone",
        "stranger": "stranger",
    }[name]


def _anchor(sealed: SealedBatch) -> dict[str, Any]:
    key = bytes.fromhex("aa" * 20)
    head = pack_head(1, 851001, 3)
    h = pack_h(key, head)
    return {
        "key": key.hex(),
        "seq": 1,
        "doc_type": 851001,
        "size": 3,
        "head": f"{head:064x}",
        "h": f"{h:064x}",
        "issuer": ISSUER,
        "root": sealed.root.hex(),
        "manifest": sealed.manifest_digest.hex(),
        "time": NOW + 5,
        "word": anchor_word(ISSUER, h, sealed.root, sealed.manifest_digest, NOW + 5).hex(),
    }


def _proof(sealed: SealedBatch) -> dict[str, Any]:
    ids = [one.record_id for one in sealed.documents]
    path = InclusionPath(0, 3, tuple(merkle.inclusion_path(ids, 0)))
    one = sealed.documents[0]
    return proof_json(Proof(one.record, one.openings, path, anchor_of(sealed)))


def _grant(sealed: SealedBatch) -> dict[str, Any]:
    store = MemoryStore()
    store.put_batch(sealed.blocks(), sealed.pins())
    reader = BatchReader(store, sealed.manifest_digest)
    given = []
    for index, rights in ((0, RECORD_AND_CONTENT), (1, RECORD_ONLY), (2, RECORD_AND_CONTENT)):
        keys, _ = reader.keys(index, ISSUER_RING)
        shown = keys if rights == RECORD_AND_CONTENT else keys._replace(content=None)
        one = sealed.documents[index]
        given.append((public_key(STRANGER), Granted(one.record_id, rights, shown, cid_bytes(one.envelope))))
    block = encode_grant(LEDGER, ISSUER, given, random=repeatable("grant"))
    return {
        "private_key": repeatable("stranger")(32).hex(),
        "block": base64.b64encode(block).decode(),
        "digest": sha256(block).hexdigest(),
        "granted": [
            {"record_id": g.record_id.hex(), "rights": int(g.rights), "envelope": cid_text(g.envelope)}
            for _, g in given
        ],
    }


def _tombstone(sealed: SealedBatch) -> dict[str, Any]:
    account = Account.from_key(b"\x2a" * 32)
    identity = sealed.documents[2].record_id
    sign = partial(typed_data, LEDGER, ISSUER, identity, ErasureReason.RETENTION_ENDED, NOW + 9)
    signature = bytes(account.sign_message(encode_typed_data(full_message=sign())).signature)
    tombstone = Tombstone(LEDGER, ISSUER, identity, ErasureReason.RETENTION_ENDED, NOW + 9, signature)
    return {
        "text": dump_tombstone(tombstone).decode(),
        "digest": signing_digest(tombstone).hex(),
        "signer": account.address,
    }


def _unixfs() -> list[dict[str, Any]]:
    """Files whose every byte is 0x5a."""
    files = []
    for size in (0, 1, MIB, MIB + 1, 3 * MIB, 1025 * MIB):
        builder = FileBuilder()
        whole, rest = divmod(size, MIB)
        leaf = b"\x5a" * MIB
        for _ in range(whole):
            builder.add(leaf)
        if rest or not whole:
            builder.add(leaf[:rest])
        link, nodes = builder.finish()
        files.append(
            {
                "bytes": size,
                "cid": cid_text(link.cid),
                "total_bytes": link.total_bytes,
                "nodes": len(nodes),
                "links": len(decode_node(nodes[-1][1])[0]) if nodes else 0,
            }
        )
    return files


CARRIER_LINK = "https://facade.example/verify#proof=q1YqScxNT1SyUiooys9P0zdUqgUA"


def _carrier() -> dict[str, Any]:
    """PDFs that carry their proof. How tightly a link is packed is the writer's own business, so one is fixed here."""
    proof = b'{"tamga":"proof/1"}'
    originals = {"invoice": INVOICE.read_bytes(), "bill of lading": BILL_OF_LADING.read_bytes()}
    originals |= {"table": pdf(), "stream": pdf_with_xref_stream()}
    return {
        "proof": proof.decode(),
        "link": CARRIER_LINK,
        "carriers": [
            {"name": name, "link": link, "sha256": sha256(embed(original, proof, link=link)).hexdigest()}
            for name, original in originals.items()
            for link in (None, CARRIER_LINK)
        ],
        "whole": base64.b64encode(embed(pdf(), proof)).decode(),
    }


def all_vectors() -> dict[str, Any]:
    """Every vector file by name."""
    sealed = batch()
    return {
        "canonical": _canonical(),
        "records": _records(sealed),
        "trees": _trees(),
        "batch": _batch(sealed),
        "anchor": _anchor(sealed),
        "proof": _proof(sealed),
        "grant": _grant(sealed),
        "tombstone": _tombstone(sealed),
        "unixfs": _unixfs(),
        "carrier": _carrier(),
    }


def file_text(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    for name, value in all_vectors().items():
        (FOLDER / f"{name}.json").write_text(file_text(value))
