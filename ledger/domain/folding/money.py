"""Supply of the settlement token: what was minted against bank references, less what was redeemed (domain 4.9)."""

from typing import Final

from ledger.domain.folding.book import Book, Emitted, Rule, Rules, State, by_place

TOKEN: Final = "SettlementToken"  # noqa: S105 - a contract's name
SUPPLY: Final = "supply:settlement"
"""The one row of the supply."""


def _supply(event: Emitted) -> str:
    return SUPPLY


def _moved(column: str) -> Rule:
    def rule(state: State, event: Emitted, book: Book) -> None:
        state[column] = state.get(column, 0) + event.args["amount"]
        state["supply"] = state.get("minted", 0) - state.get("redeemed", 0)

    return rule


def _noted(kind: str) -> Rule:
    def rule(state: State, event: Emitted, book: Book) -> None:
        args = event.args
        state |= {
            "bank_reference": args["bankReference"],
            "status": kind,
            "amount": args["amount"],
            "holder": args["to"] if kind == "MINTED" else args["from"],
            "actor": args["actor"],
            "moved_at": event.block.time,
        }

    return rule


_MOVE: Final = by_place("bank_move")

RULES: Final[Rules] = {
    (TOKEN, "Minted"): ((_supply, _moved("minted")), (_MOVE, _noted("MINTED"))),
    (TOKEN, "Redeemed"): ((_supply, _moved("redeemed")), (_MOVE, _noted("REDEEMED"))),
}
