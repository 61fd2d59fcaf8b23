"""Guarantees: `limit = free + reserved + called` (domain guide 4.3)."""

from typing import Final

from ledger.domain.folding.book import Book, Emitted, Rule, Rules, State, by_bytes, party, record, text, word

LEDGER: Final = "DebtLedger"


def _offered(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {
        "guarantee": args["guarantee"],
        "stored": "OFFERED",
        "version": args["version"],
        "guarantor": args["guarantor"],
        "principal": args["principal"],
        "security_type": word("SecurityType", args["securityType"]),
        "case": args["caseId"] or None,
        "valid_until": args["validUntil"],
        "cancelled_from": 0,
        "notice": args["notice"],
        "grn": None,
        "operator_type": 0,
        "pending": args["amount"],
        "free": 0,
        "reserved": 0,
        "called": 0,
        "evidence": record(args.get("evidence")),
        "offered_at": event.block.time,
    }
    party(state, args["guarantor"], "guarantor")
    party(state, args["principal"], "principal")
    _worth(state)


def _topped_up(state: State, event: Emitted, book: Book) -> None:
    state |= {"pending": state["pending"] + event.args["amount"], "version": event.args["version"]}


def _accepted(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {"stored": "ACTIVE", "version": args["version"], "grn": text(args["grn"])}
    state |= {"operator_type": args.get("operatorType", 0), "free": args["free"], "pending": 0}
    _worth(state)


def _refused(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {"stored": word("GuaranteeState", args["state"]), "version": args["version"], "pending": 0}
    state["reason"] = args["reason"]
    _worth(state)


def _cancelled(state: State, event: Emitted, book: Book) -> None:
    state |= {"cancelled_from": event.args["cancelledFrom"], "version": event.args["version"]}
    _worth(state)


def _moved(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {"free": args["free"], "reserved": args["reserved"]}
    _worth(state)


def _called(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {"reserved": state["reserved"] - args["amount"], "called": args["called"]}
    _worth(state)


def _taken_back(state: State, event: Emitted, book: Book) -> None:
    state |= {"free": event.args["free"], "called": event.args["called"]}
    _worth(state)


def _returned(state: State, event: Emitted, book: Book) -> None:
    state |= {"free": 0, "pending": 0, "version": event.args["version"]}
    _worth(state)


def _reservation(sign: int) -> Rule:
    """What the guarantee covers of one case."""

    def rule(state: State, event: Emitted, book: Book) -> None:
        args = event.args
        amount = state.get("amount", 0) + sign * args["amount"]
        state |= {"guarantee": args["guarantee"], "case": args["caseId"], "amount": amount}
        state["status"] = "HELD" if amount else "FREED"
        for participant, roles in book.read(f"guarantee:0x{args['guarantee'].hex()}").get("parties", {}).items():
            for role in roles:
                party(state, int(participant), role)

    return rule


def _worth(state: State) -> None:
    """What the guarantee is worth (`Guarantee.worth`), but for the passing of time."""
    stored = state["stored"]
    spent = state["called"] and not (state["free"] or state["reserved"] or state["pending"])
    state["status"] = "CALLED" if spent and stored in ("OFFERED", "ACTIVE") else stored
    state.pop("ends", None)
    state.pop("after", None)
    if stored not in ("OFFERED", "ACTIVE"):
        return
    cancelled = state["cancelled_from"]
    if cancelled and cancelled - 1 <= state["valid_until"]:
        state |= {"ends": cancelled - 1, "after": "CANCELLED"}
    else:
        state |= {"ends": state["valid_until"], "after": "EXPIRED"}


def _reservation_of(event: Emitted) -> str:
    return f"reservation:0x{event.args['guarantee'].hex()}/{event.args['caseId']}"


_GUARANTEE: Final = by_bytes("guarantee", "guarantee")

RULES: Final[Rules] = {
    (LEDGER, "GuaranteeOffered"): ((_GUARANTEE, _offered),),
    (LEDGER, "GuaranteeToppedUp"): ((_GUARANTEE, _topped_up),),
    (LEDGER, "GuaranteeAccepted"): ((_GUARANTEE, _accepted),),
    (LEDGER, "GuaranteeRefused"): ((_GUARANTEE, _refused),),
    (LEDGER, "GuaranteeCancelled"): ((_GUARANTEE, _cancelled),),
    (LEDGER, "SecurityMoved"): ((_GUARANTEE, _moved), (_reservation_of, _reservation(1))),
    (LEDGER, "GuaranteeCalled"): ((_GUARANTEE, _called), (_reservation_of, _reservation(-1))),
    (LEDGER, "CallTakenBack"): ((_GUARANTEE, _taken_back),),
    (LEDGER, "DepositReturned"): ((_GUARANTEE, _returned),),
}
