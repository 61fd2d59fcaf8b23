"""Every command of `tamga`: where it is made, and what `tamga --help` says of it.

It stands here so that a command, or the list of them, starts without importing what the others need. A test holds that
each line is the first of its command's own help.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import typer

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "verify": (
        "verifying.verify",
        "Judge documents: intact, anchored, by whom, in force. Works offline for what needs no chain.",
    ),
    "seal": (
        "sealing.seal",
        "Seal documents into a batch, for their issuer and those named, and store them. Nothing reaches the chain yet.",
    ),
    "anchor": (
        "sealing.anchor",
        "Anchor a batch in its issuer's name: one transaction, whatever its size. Repeating it changes nothing.",
    ),
    "batches": (
        "sealing.batches",
        "Batches sealed on this machine: how many stores that answer have each, and since when it is anchored.",
    ),
    "collect": (
        "collecting.collect",
        "Read names of documents from standard input, one a line; seal and anchor them in batches as they come.",
    ),
    "prove": (
        "documents.prove",
        "Write the proof file of every document of an anchored batch: FILE.tamga.json. Contents are not read.",
    ),
    "open": (
        "documents.open_document",
        "Open a document with our keys and write its content to a new file, once all of it was checked.",
    ),
    "embed": (
        "carrying.embed",
        (
            "Put a proof file into its PDF. "
            "The document's own bytes stay as they are; `tamga verify` finds the proof inside."
        ),
    ),
    "extract": (
        "carrying.extract",
        "Take a PDF that carries its proof apart: the document as it was sealed, byte for byte, and its proof file.",
    ),
    "redact": (
        "sharing.redact",
        (
            "Write a proof that opens fewer claims, of the same record and anchor. "
            "It needs no key, no network and no issuer."
        ),
    ),
    "grant": (
        "sharing.grant",
        "Let one more participant open a document of ours. The chain tells that somebody was let in, not whom to what.",
    ),
    "erase": (
        "erasing.erase",
        "Erase a document of ours from every content store, for ever, and leave a signed tombstone in `tombstones`.",
    ),
    "recover": (
        "recovering.recover",
        "Get back every document that our keys open, with its proof, from chain and content store alone.",
    ),
    "lodge": (
        "lodging.lodge",
        "Seal a message and what it declares, anchor it, and lodge it, or ask for its amendment or cancellation.",
    ),
    "responses": ("lodging.responses", "Customs' answers on a declaration, as WCO `RES` messages."),
    "history": ("looking.history", "Every act in order: who, when, what, in which transaction, on what evidence."),
    "show": (
        "looking.show",
        "The state of a declaration, permit, document, participant, account or act, now or at any past instant.",
    ),
    "contradictions": (
        "looking.contradictions",
        "Where documents of different issuers say different things of the same goods.",
    ),
    "follow": (
        "following.follow",
        "Acts that the key may see, as they become final, until Ctrl-C; each with the cursor to go on from.",
    ),
    "who": ("looking.who", "Sign in to the facade, and say in whose name the key acts there and what it may do now."),
    "status": (
        "looking.status",
        "Where the ledger is, and whether node and facade do their work. Exit code 3 if one does not.",
    ),
    "list": (
        "listing.list_rows",
        "Everything of one kind that the key may see, newest first, now or at any past instant.",
    ),
    "why": ("listing.why", "Why goods are held: everything that is missing, and who can do something about it."),
    "statement": (
        "listing.statement",
        "A trader's account over a period: opening balance, every movement, closing balance, in minor units.",
    ),
    "supply": (
        "banking.supply",
        (
            "What was minted and redeemed of the settlement token, in minor units; "
            "with a bank's statement, where both differ."
        ),
    ),
    "services": ("listing.services", "Every service of the ledger: owner, legal basis, inputs, deadline."),
    "duty": ("calculating.duty", "What duty would be owed on goods items, by given rates or by the table in force."),
    "act": ("acting.act", "Do any act of any contract."),
    "govern": (
        "governing.govern",
        "Propose, approve or execute a decision of governance: whatever comes next for this signer.",
    ),
    "key": ("keys.app", "Keys of this machine."),
    "webhook": ("following.app", "Have acts, or contradictions, posted to an address of yours."),
    "outbox": ("outbox.app", "Acts that were accepted and wait for their operator's decision."),
    "contents": ("keeping.app", "Stores of sealed documents."),
    "index": ("indexing.app", "The read model: rebuild it, check it."),
    "contracts": ("contracts.app", "The contracts on the chain."),
}
"""By name: module and function, or group, in `ledger.cli`; its line."""
GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "declare": ("DeclarationRegistry", "Declarations: lodge, accept, route, control, decide, release."),
    "permit": ("PermitRegistry", "Permits: apply, issue, suspend, revoke, replace."),
    "debt": ("DebtLedger", "Debts: assess, pay, defer, secure, refund."),
    "document": ("DocumentRegistry", "Status of documents: revoke, suspend, reinstate, supersede."),
    "participant": ("ParticipantRegistry", "A participant's own keys."),
    "authorisation": ("AuthorisationRegistry", "AEO, broker licences, powers of attorney."),
    "token": ("SettlementToken", "Settlement token: mint, redeem, approve."),
    "escrow": ("TradeEscrow", "The price of the goods, bound to a release or to documents."),
}
"""Groups of named acts: the contract that they belong to; the group's line."""
LINES: Final[Mapping[str, str]] = {name: line for name, (_, line) in {**COMMANDS, **GROUPS}.items()}
"""What is said of each, in the order of the list."""


def load(name: str) -> Any:
    """The command or group of commands of this name, as Typer runs it; its module is imported now."""
    if name in GROUPS:
        made = import_module("ledger.cli.acting").group(name)
    else:
        module, _, attribute = COMMANDS[name][0].partition(".")
        made = getattr(import_module(f"ledger.cli.{module}"), attribute)
    if isinstance(made, typer.Typer):
        return typer.main.get_group(made)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(made)
    return typer.main.get_command(alone)
