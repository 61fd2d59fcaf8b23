"""The rule book: regimes, rules per commodity group, digests of code lists (RuleRegistry)."""

from typing import Final

from ledger.domain.folding.book import Book, Emitted, Rules, State, by_number, text

REGISTRY: Final = "RuleRegistry"


def _regime(state: State, event: Emitted, book: Book) -> None:
    terms = event.args["terms"]
    state |= {
        "regime": event.args["regime"],
        "status": "OPEN" if terms["open"] else "CLOSED",
        "rule_version": event.args["version"],
        "procedure": text(terms["procedure"]),
        "needs_arrival": terms["needsArrival"],
        "needs_exit": terms["needsExit"],
        "pays_duty": terms["paysDuty"],
        "needs_security": terms["needsSecurity"],
        "appeal_period_s": terms["appealPeriod"],
        "retention_s": terms["retention"],
        "time_limit_s": terms["timeLimit"],
    }


def _set(state: State, event: Emitted, book: Book) -> None:
    rule = event.args["rule"]
    state |= {
        "regime": event.args["regime"],
        "group": text(event.args["group"]),
        "status": "IN_FORCE",
        "rule_version": event.args["version"],
        "needs_payment": rule["needsPayment"],
        "needs_security": rule["needsSecurity"],
        "checks": [{"agency": c["agency"], "check_code": c["checkCode"]} for c in rule["checks"]],
        "permit_types": list(rule["permitTypes"]),
    }


def _removed(state: State, event: Emitted, book: Book) -> None:
    state |= {"status": "REMOVED", "rule_version": event.args["version"]}


def _code_list(state: State, event: Emitted, book: Book) -> None:
    state |= {
        "name": text(event.args["name"]),
        "status": "IN_FORCE",
        "rule_version": event.args["version"],
        "digest": event.args["digest"],
    }


def _rule_of(event: Emitted) -> str:
    return f"rule:{event.args['regime']}/{text(event.args['group'])}"


def _list_of(event: Emitted) -> str:
    return f"code_list:{text(event.args['name'])}"


RULES: Final[Rules] = {
    (REGISTRY, "RegimeSet"): ((by_number("regime", "regime"), _regime),),
    (REGISTRY, "RuleSet"): ((_rule_of, _set),),
    (REGISTRY, "RuleRemoved"): ((_rule_of, _removed),),
    (REGISTRY, "CodeListSet"): ((_list_of, _code_list),),
}
