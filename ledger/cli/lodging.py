"""`tamga lodge` and `tamga responses`: a declarant's own messages in, customs' answers out."""

import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from ledger.bootstrap.chain import CLOCK
from ledger.bootstrap.documents import open_contents
from ledger.bootstrap.verifying import local_records
from ledger.cli import context, durable
from ledger.cli.documents import Ring
from ledger.cli.looking import Url
from ledger.cli.output import Json, console, progress, show_json, waiting_for_peers
from ledger.domain.errors import Fault, Malformed, NotFound, Unavailable
from ledger.domain.ids import CaseId, ParticipantId, TxHash
from ledger.domain.limits import ACT_GAS_BASE, ACT_GAS_PER_BYTE, MAX_PROOF_FILE_BYTES, MAX_XML_BYTES
from ledger.domain.trade.references import blind_lrn
from ledger.domain.trade.wco_request import Amend, amends_nothing, reference_in
from ledger.ports.chain import ChainReader
from ledger.ports.content_store import ContentStore
from ledger.services.headers import Headers, StoredHeaders, either, indexed_headers, no_headers
from ledger.services.lodging import Lodging, Party

KEY_BYTES: Final = 32

Key = Annotated[str, typer.Option("--key", help="Name or address of the declarant's key.")]
Reader = Annotated[str | None, typer.Option("--key", help="Key that signs in to read; default: TAMGA_KEY.")]


def lodge(
    message: Annotated[Path, typer.Argument(help="WCO `DEC` message: an original, an amendment or a cancellation.")],
    key: Key,
    customs: Annotated[int, typer.Option(min=1, help="Customs, which has to be able to read it.")],
    office: Annotated[
        int | None, typer.Option(min=1, help="Office of customs where an original is lodged; a request needs none.")
    ] = None,
    importer: Annotated[
        int | None, typer.Option(min=1, help="Whose goods they are; the key's own, if not given.")
    ] = None,
    carrier: Annotated[
        int, typer.Option(min=0, help="May confirm arrival and exit; 0: customs alone. A request changes none.")
    ] = 0,
    lodged: Annotated[
        Path | None, typer.Option(help="For an amendment alone: the version that it amends, as an original message.")
    ] = None,
    proof: Annotated[
        Path | None, typer.Option(help="Proof file of the header of the version in force, if it cannot be read here.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File for the next version of an amended declaration, to be amended later.")
    ] = None,
    lrn_key: Annotated[
        Path | None, typer.Option(help="File of the key that blinds local references; made if absent.")
    ] = None,
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Seal a message and what it declares, anchor it, and lodge it, or ask for its amendment or cancellation."""
    content = context.read_file(message, MAX_XML_BYTES + 1)
    before = None if lodged is None else context.read_file(lodged, MAX_XML_BYTES + 1)
    header = None if proof is None else context.read_file(proof, MAX_PROOF_FILE_BYTES + 1)
    hand, signer = context.hand(), context.signer(key)
    if out is not None and amends_nothing(content):
        raise Malformed(Fault("not_an_amendment", "/out", "the message amends no version, so there is no next one"))
    lrn = reference_in(content)
    own = context.participant_of(signer)
    party = Party(
        actor=signer.address,
        importer=own if importer is None else ParticipantId(importer),
        customs=ParticipantId(customs),
        office=office,
        carrier=ParticipantId(carrier),
        lrn_mac=blind_lrn(_lrn_key(lrn_key or context.config().lrn_key_file), lrn),
    )
    transactions = []
    with context.turn_of(signer) as turn:  # the anchors prepared have the numbers that come next
        contents = open_contents(context.config())
        try:
            reader, ledger = hand.chain.reader, hand.chain.network.ledger_id
            lodging = Lodging(reader, hand.acts, contents, ledger, CLOCK, headers=_headers(reader, contents, ring))
            prepared = lodging.prepare(content, party, lodged=before, proof=header)
        finally:
            contents.close()
        with progress(quiet=as_json) as bar:
            task = bar.add_task("carrying", total=len(prepared.acts))
            for act in prepared.acts:
                gas = ACT_GAS_BASE + ACT_GAS_PER_BYTE * len(act.unsigned.data)
                transactions.append(turn.transact(act.unsigned.target, act.unsigned.data, gas=gas))
                bar.advance(task)
    case = _case_of(hand.chain.reader, transactions[-1])
    request = prepared.message.request
    changes = request.changes if isinstance(request, Amend) else ()
    if out is not None and isinstance(request, Amend):
        with durable.named(out):
            out.write_bytes(request.version)
    if as_json:
        parts = [
            {
                "name": part.name,
                "record_id": part.record,
                "manifest": part.manifest,
                "leaf": part.leaf,
                "readers": list(part.readers),
            }
            for part in prepared.parts
        ]
        acts = zip(prepared.acts, transactions, strict=True)
        carried = [{"function": act.function, "tx_hash": tx} for act, tx in acts]
        changed = [{"path": each.path, "before": each.before, "after": each.after} for each in changes]
        unread = {"ignored": list(prepared.message.ignored), "ignored_count": prepared.message.ignored_count}
        show_json({"case": case, "parts": parts, "acts": carried, "changes": changed, **unread})
        return
    for each in changes:
        said = (f"{each.path}: {each.before or 'nothing'}", each.after or "nothing")
        console.print(f"changes {' → '.join(said)}", soft_wrap=True, markup=False)
    for part in prepared.parts:
        readers = ", ".join(map(str, part.readers)) or "nobody else"
        place = f"leaf {part.leaf} of batch {part.manifest.hex()}"
        console.print(f"sealed {part.name}: record 0x{part.record.hex()}, {place}, for {readers}", soft_wrap=True)
    for act, tx_hash in zip(prepared.acts, transactions, strict=True):
        console.print(f"{act.contract}.{act.function}: transaction 0x{tx_hash.hex()}", soft_wrap=True)
    if case is not None:
        console.print(f"declaration {case}; next: tamga why {case} --key {key}", soft_wrap=True)
    if prepared.message.ignored:
        count = prepared.message.ignored_count
        console.print(f"not read in {count} places, which the sealed message alone holds:", soft_wrap=True)
        for path in prepared.message.ignored:
            console.print(f"  {path}", soft_wrap=True, markup=False)


def responses(
    case: Annotated[str, typer.Argument(help="Declaration id, or MRN.")],
    currency: Annotated[str, typer.Option(help="ISO 4217, of the amounts.")] = "UZS",
    out: Annotated[Path | None, typer.Option(help="Folder for one XML file an answer.")] = None,
    key: Reader = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """Customs' answers on a declaration, as WCO `RES` messages."""
    with context.facade(api, key=key) as facade:
        answers = facade.responses(case, currency=currency)["responses"]
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for number, answer in enumerate(answers, 1):
            file = out / f"{number:02}_{answer['function_code']}.xml"
            with durable.named(file):
                file.write_text(answer["xml"], encoding="utf-8")
    if as_json:
        show_json(answers)
        return
    for answer in answers:
        console.print(f"{answer['time']}  {answer['function_code']}  {answer['meaning']}", soft_wrap=True)


def _case_of(reader: ChainReader, transaction: TxHash) -> CaseId | None:
    """The declaration that an act was about, by the contract's own record of it; None: the node is away again."""
    with suppress(Unavailable):
        (receipt,) = reader.receipts([transaction])
        events = [] if receipt is None else receipt.events
        return next((CaseId(event.args["caseId"]) for event in events if "caseId" in event.args), None)
    return None


def _headers(reader: ChainReader, contents: ContentStore, ring: Path | None) -> Headers:
    """What this machine reads: by the index of its facade, and by its own key ring, as far as it has them."""
    records = local_records(context.config())
    indexed = no_headers if records is None else indexed_headers(records)
    try:
        return either(indexed, StoredHeaders(reader, contents, context.key_ring(ring), waiting_for_peers))
    except NotFound:
        return indexed


def _lrn_key(path: Path) -> bytes:
    """The declarant's own key for local references: the same for all its declarations. Made if there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with durable.alone(path):
            if not path.exists():
                durable.write(path, secrets.token_hex(KEY_BYTES).encode() + b"\n", mode=0o600)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise Malformed(Fault("hex", "/lrn_key", f"{path} does not hold {KEY_BYTES} bytes in hex"))
    return found
