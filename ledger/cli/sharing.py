"""Showing a document to others: `redact` (a proof that opens less) and `grant` (keys for one more participant)."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.bootstrap.documents import open_contents
from ledger.cli import context, durable
from ledger.cli.documents import Key, Leaf, Manifest, Ring, digest_of, naming
from ledger.cli.output import Json, console, show_json
from ledger.domain.errors import ActRefused, Fault, Malformed
from ledger.domain.limits import ACT_GAS_BASE, ACT_GAS_PER_BYTE, MAX_PROOF_FILE_BYTES
from ledger.domain.proof import dump_proof
from ledger.domain.proof_reading import parse_proof
from ledger.domain.record import redact as keep_only
from ledger.domain.wrap import RECORD_AND_CONTENT, RECORD_ONLY
from ledger.services.anchoring import REGISTRY
from ledger.services.granting import granted_for, store_grant
from ledger.services.opening import BatchReader


def redact(
    proof: Annotated[Path, typer.Argument(help="A proof file: FILE.tamga.json.")],
    keep: Annotated[list[str], typer.Option(help="Claim that stays open, by its name; repeatable.")],
    out: Annotated[Path, typer.Option(help="New proof file.")],
    as_json: Json = False,
) -> None:
    """Write a proof that opens fewer claims, of the same record and anchor. It needs no key, no network and no issuer.

    Without `content` the proof no longer shows which file it belongs to.
    """
    if out.exists():
        raise Malformed(Fault("exists", "/out", f"{out} is already there"))
    whole = parse_proof(context.read_file(proof, MAX_PROOF_FILE_BYTES + 1))
    shown = keep_only(whole.openings, keep)
    durable.whole(out, dump_proof(whole._replace(openings=shown)))
    kept = [opening.name for opening in shown]
    closed = len(whole.record.claims) - len(kept)
    if as_json:
        show_json({"file": str(out), "open": kept, "closed": closed})
        return
    console.print(f"{len(kept)} claim(s) open, {closed} closed")
    console.print(str(out), markup=False, soft_wrap=True)


def grant(
    manifest: Manifest,
    to: Annotated[int, typer.Option(help="Participant that is let in.")],
    key: Key,
    leaf: Leaf = 0,
    record_only: Annotated[bool, typer.Option("--record-only", help="The record, not the content.")] = False,
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Let one more participant open a document of ours. The chain tells that somebody was let in, not whom to what.

    What was given cannot be taken back from who kept it.
    """
    hand, signer = context.hand(), context.signer(key)
    contents = open_contents(context.config())
    batch = BatchReader(contents, digest_of(manifest))
    issuer, own = batch.manifest.issuer, context.participant_of(signer)
    if issuer != own:
        raise ActRefused("NotIssuer", {"participant": own, "issuer": issuer})
    rights = RECORD_ONLY if record_only else RECORD_AND_CONTENT
    with naming(leaf):
        given = granted_for(batch, leaf, context.key_ring(ring)).narrowed(rights)
    found = store_grant(contents, batch.manifest.ledger, issuer, [(context.encryption_key(to), given)])
    contents.close()
    call = hand.chain.contracts.encode_call(REGISTRY, "grantAccess", (found,))
    gas = ACT_GAS_BASE + ACT_GAS_PER_BYTE * len(call)
    with context.turn_of(signer) as turn:
        tx_hash = turn.transact(hand.chain.reader.address_of(REGISTRY), call, gas=gas)
    if as_json:
        show_json({"grant": found.hex(), "record_id": given.record_id, "to": to, "tx_hash": tx_hash})
        return
    console.print(f"grant {found.hex()}, transaction 0x{tx_hash.hex()}")
    console.print(f"they open it by: tamga open {manifest} --leaf {leaf} --grant {found.hex()} --out FILE")
