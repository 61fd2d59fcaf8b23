"""Documents with real records, trees and proofs, anchored on a chain in memory that answers as the contracts do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.domain import merkle
from ledger.domain.anchor import anchor_word, pack_h, pack_head, unpack_h
from ledger.domain.ids import Digest32, DocumentType, LedgerId, ParticipantId, TxHash
from ledger.domain.judging import ANY_ANCHOR, DocumentState
from ledger.domain.proof import AnchorRef, Path, Proof
from ledger.domain.record import content_value, record_id
from ledger.domain.recording import build_record
from ledger.ports.chain import Head
from tests.support.fake_chain import FakeChain, contract_address

LEDGER = LedgerId(b"\x4c" * 32)
ISSUER = ParticipantId(17)
PHYTO = DocumentType(851001)
KEY = bytes.fromhex("aa" * 20)
CERTIFICATE = b"<SPSCertificate>apples, 1200 kg</SPSCertificate>"
REGISTRY = contract_address("DocumentRegistry")


@dataclass
class World:
    """A chain with a DocumentRegistry and a ParticipantRegistry whose state a test sets as it likes."""

    chain: FakeChain
    words: dict[tuple[int, int], tuple[bytes, int]]
    changes: dict[tuple[int, bytes], list[tuple[int, DocumentState]]]
    key: dict[str, int]
    authority: dict[str, int]
    accredited: bool
    predecessor: dict[str, Any]


def world() -> World:
    """A ledger in which key `KEY` of participant `ISSUER` may anchor and is accredited."""
    chain = FakeChain()
    chain.listed.add((REGISTRY, "DocumentRegistry"))
    key = {"participant": int(ISSUER), "blockedFrom": 0, "flags": 0}
    authority = {"participant": int(ISSUER), "roles": ANY_ANCHOR, "office": 0}
    made = World(chain, {}, {}, key, authority, True, {"chainId": 0, "genesis": bytes(32)})

    def word(args: tuple[Any, ...], at: Head) -> bytes:
        stored, number = made.words.get((args[0], args[1]), (bytes(32), 0))
        return stored if number <= at.number else bytes(32)

    def status(issuer: int, record: bytes, instant: int, at: Head) -> int:
        past = [c for c in made.changes.get((issuer, record), []) if c[0] <= min(instant, at.time)]
        return past[-1][0] << 8 | int(past[-1][1]) if past else 0

    def statuses(args: tuple[Any, ...], at: Head) -> list[int]:
        return [status(args[0], record, args[2], at) for record in args[1]]

    chain.answer("DocumentRegistry", "anchorWord", word)

    def status_at(args: tuple[Any, ...], at: Head) -> tuple[int, int]:
        issuer, record, instant = args
        change = status(issuer, record, instant, at)
        return change & 0xFF, change >> 8

    chain.answer("DocumentRegistry", "statusAt", status_at)
    chain.answer("DocumentRegistry", "statusesAt", statuses)
    chain.answer("ParticipantRegistry", "keyAt", lambda *_: made.key)
    chain.answer("ParticipantRegistry", "authorityAt", lambda *_: made.authority)
    chain.answer("ParticipantRegistry", "accreditedAt", lambda *_: made.accredited)
    chain.answer("Directory", "predecessor", lambda *_: made.predecessor)
    return made


def anchor(
    made: World,
    contents: Sequence[bytes] = (CERTIFICATE,),
    *,
    seq: int = 1,
    doc_type: DocumentType = PHYTO,
    anchored_type: int | None = None,
    valid_until: int | None = None,
    valid_from: int | None = None,
    media_type: str = "application/xml",
) -> list[Proof]:
    """Seal documents as one batch, anchor it in a new block, return their proofs."""
    now = made.chain.head().time
    records, openings = zip(
        *(
            build_record(
                ledger=LEDGER,
                issuer=ISSUER,
                document_type=doc_type,
                issued_at=now,
                valid_from=now if valid_from is None else valid_from,
                valid_until=valid_until,
                claims=[("content", content_value(content, media_type)), ("number", f"PC-{index}")],
            )
            for index, content in enumerate(contents)
        ),
        strict=True,
    )
    leaves = [record_id(record) for record in records]
    root, manifest = Digest32(merkle.root(leaves)), Digest32(b"\x6d" * 32)
    h = pack_h(KEY, pack_head(seq, doc_type if anchored_type is None else anchored_type, len(leaves)))
    args = {"issuer": int(ISSUER), "h": h, "root": root, "manifest": manifest}
    block = made.chain.mine(("DocumentRegistry", "Anchored", args), seconds=10)
    made.words[ISSUER, seq] = (anchor_word(ISSUER, h, root, manifest, block.time), block.number)
    reference = AnchorRef(
        chain_id=made.chain.chain_id(),
        genesis=made.chain.blocks_[0].hash,
        directory=contract_address("Directory"),
        contract=REGISTRY,
        code_hash=Digest32(bytes(32)),
        issuer=ISSUER,
        head=h,
        root=root,
        manifest=manifest,
        time=block.time,
        block_number=block.number,
        block_hash=block.hash,
        tx_hash=TxHash(made.chain.events_[block.number][0].tx_hash),
        log_index=0,
    )
    paths = merkle.inclusion_paths(leaves)
    return [
        Proof(record, opened, Path(index, len(leaves), tuple(path)), reference)
        for index, (record, opened, path) in enumerate(zip(records, openings, paths, strict=True))
    ]


def change(made: World, proof: Proof, state: DocumentState, *, seconds: int = 100) -> int:
    """Change a document's status in a new block; return that block's time."""
    block = made.chain.mine(seconds=seconds)
    made.changes.setdefault((ISSUER, record_id(proof.record)), []).append((block.time, state))
    return block.time


def with_anchor(proof: Proof, **changed: Any) -> Proof:
    """A proof whose anchor says otherwise."""
    return proof._replace(anchor=proof.anchor._replace(**changed))


def with_head(proof: Proof, **changed: Any) -> Proof:
    """A proof whose anchor head says otherwise."""
    head = unpack_h(proof.anchor.head)._replace(**changed)
    return with_anchor(proof, head=pack_h(head.key, pack_head(head.seq, head.doc_type, head.size)))
