"""The Python law beside the contracts' own, act by act, on a real node.

given a ledger on Anvil, and the twins of a permit with two lines, of a document's status, of a fiscal case
└── when a seeded random sequence of acts is put to both
    ├── it should be refused by the chain exactly where the twin refuses, under the same error and state
    ├── it should leave the same states, versions and balances after every act, taken or refused
    └── the rows that the index folds from it all should be what the contracts answer
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.sql.database import Database
from ledger.domain import document_status
from ledger.domain.debt import DebtCase, FiscalState, Guarantee, GuaranteeState
from ledger.domain.document_status import DocumentAction
from ledger.domain.judging import DocumentState
from ledger.domain.permit import PermitAction, PermitState, QuantityLine, UseAction, UseState
from tests.support.folded import compare_with_chain
from tests.support.twin_stage import NOTHING, PHYTO, TERMS, Stage, entity, staged, walk
from tests.support.twins import DebtModel, Permit, PermitModel, Use

pytestmark = pytest.mark.integration

SEEDS = (1, 2, 3)
ACTS = 80
ITEMS = range(1, 11)
LIMIT = 200
"""Of the guarantee [minor units]: a little more than a case usually owes."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("twins")) as made:
        yield made


# ----- permits


def permit_walk(stage: Stage, seed: int) -> Counter[str]:
    rng = random.Random(f"permit {seed}")
    case_id = rng.getrandbits(48)
    stage.tick()
    accepted_at = stage.now - 1  # before any permit of this walk is replaced
    ids: list[bytes] = []

    def terms(quantities: list[int]) -> list[dict[str, Any]]:
        return [{"terms": TERMS, "authorised": quantity} for quantity in quantities]

    until, authorised, request = stage.now + 3600, [rng.randint(40, 60) for _ in range(2)], rng.randbytes(32)
    issue = (request, PHYTO, 0, until, terms(authorised), False, TERMS, NOTHING)
    stage.act("agency", "PermitRegistry", "issue", *issue)
    ids.append(entity(stage.numbers["agency"], request))
    model = PermitModel([Permit(until)], [QuantityLine(quantity) for quantity in authorised])

    def cited() -> int:
        return rng.choice((len(ids) - 1, len(ids) - 1, len(ids) - 1, rng.randrange(len(ids))))

    def change(late: bool) -> None:
        weights = [30, 65, 5 if late else 0]
        action = rng.choices((PermitAction.SUSPEND, PermitAction.REINSTATE, PermitAction.REVOKE), weights)[0]
        number = cited()
        permit = model.permits[number]
        args = (ids[number], permit.version, 101, NOTHING)
        stage.both(
            f"{action.name} {number}",
            partial(stage.act, "agency", "PermitRegistry", action.name.lower(), *args),
            partial(model.change, permit, action),
        )

    def substitute(_: bool) -> None:
        number, asked, renewed = cited(), rng.randbytes(32), stage.now + 3600
        quantities = [rng.randint(20, 90) for _ in range(2)]
        permit, known = model.permits[number], len(model.permits)
        args = (asked, ids[number], permit.version, 0, renewed, terms(quantities), 101, NOTHING)
        stage.both(
            f"REPLACE {number} by {quantities}",
            partial(stage.act, "agency", "PermitRegistry", "replace", *args),
            partial(model.replace, permit, quantities, stage.now, renewed),
        )
        if len(model.permits) > known:
            ids.append(entity(stage.numbers["agency"], asked))

    def use(_: bool) -> None:
        action, line, item = rng.choices(list(UseAction), [45, 25, 20, 10])[0], rng.randrange(2), rng.choice(ITEMS)
        quantity = rng.choice((5, 5, 10, rng.randint(1, 30)))
        number = cited()
        asked = {"permit": ids[number], "item": item, "line": line, "quantity": quantity, "terms": TERMS}
        function = {UseAction.WRITE_OFF: "writeOff"}.get(action, action.name.lower())
        as_of = rng.choice((stage.now, stage.now, accepted_at))
        dated = (as_of,) if action is UseAction.RESERVE else ()
        stage.both(
            f"{action.name} {quantity} of line {line} of {number} for item {item} as of {as_of}",
            partial(stage.act, "registry", "PermitRegistry", function, case_id, 1, [asked], *dated),
            partial(model.use, model.permits[number], action, line, item, quantity, as_of),
        )

    def wait(_: bool) -> None:
        stage.let_pass(7200)

    def compare() -> None:
        head = stage.ledger.reader.head()
        for permit, permit_id in zip(model.permits, ids, strict=True):
            stored, worth = stage.read(
                ("PermitRegistry", "permitHead", (permit_id,)), ("PermitRegistry", "stateAt", (permit_id, head.time))
            )
            assert (PermitState(stored["state"]), stored["version"]) == (permit.state, permit.version)
            assert PermitState(worth) is model.worth(permit, head.time)
        for number, line in enumerate(model.lines):
            told = stage.read(("PermitRegistry", "lineOf", (ids[0], number)))[0]
            assert tuple(told)[1:] == (line.available, line.reserved, line.written_off), f"line {number}"
        keys = [(line, item) for line in range(2) for item in ITEMS]
        answers = stage.read(
            *(("PermitRegistry", "useOf", (ids[0], *k, 1)) for k in ((a, case_id, b) for a, b in keys))
        )
        for place, told in zip(keys, answers, strict=True):
            assert Use(UseState(told[0]), *told[1:]) == model.uses.get(place, Use()), f"use {place}"

    def step(late: bool) -> None:
        kinds = (use, change, substitute, wait)
        rng.choices(kinds, [75, 17, 6, 2 if late else 0])[0](late)

    return walk(stage, seed, 2 * ACTS, step, compare)


# ----- documents


def document_walk(stage: Stage, seed: int) -> Counter[str]:
    rng = random.Random(f"document {seed}")
    issuer = stage.numbers["issuer"]
    changes: dict[bytes, list[DocumentState]] = {rng.randbytes(32): [DocumentState.ACTIVE] for _ in range(12)}

    def step(_: bool) -> None:
        record = rng.choice(list(changes))
        by_authority = rng.random() < 0.5
        action = rng.choices(list(DocumentAction), [40, 40, 8, 8])[0]
        args = (issuer, record, len(changes[record]) - 1, 1, TERMS)
        actor = "agency" if by_authority else "issuer"

        def twin() -> None:
            states = changes[record]
            states.append(document_status.apply(states[-1], action, by_authority=by_authority))

        what = f"{action.name} of {record[:2].hex()} by {actor}"
        stage.both(what, partial(stage.act, actor, "DocumentRegistry", action.name.lower(), *args), twin)

    def compare() -> None:
        told = stage.read(*(("DocumentRegistry", "status", (issuer, record)) for record in changes))
        for states, (state, _, version) in zip(changes.values(), told, strict=True):
            assert (DocumentState(state), version) == (states[-1], len(states) - 1)

    return walk(stage, seed, ACTS, step, compare)


# ----- debts


def debt_walk(stage: Stage, seed: int) -> Counter[str]:
    rng = random.Random(f"debt {seed}")
    trader, case_id, request = stage.numbers["trader"], rng.getrandbits(48), rng.randbytes(32)
    stage.tick()
    expiry = stage.now + 40_000
    stage.act("registry", "DebtLedger", "openCase", case_id, 1, trader, 0)
    stage.act("trader", "DebtLedger", "offerGuarantee", request, trader, 1, case_id, LIMIT, expiry, 0, NOTHING)
    guarantee = entity(trader, request)
    stage.act("customs", "DebtLedger", "acceptGuarantee", guarantee, 1, 0, NOTHING)
    before = stage.read(("DebtLedger", "prepaidOf", (trader,)))[0]
    model = DebtModel(DebtCase(1), Guarantee(GuaranteeState.ACTIVE, expiry, free=LIMIT), prepaid=before)

    def officer(function: str, *args: Any) -> Callable[[], None]:
        return partial(stage.act, "customs", "DebtLedger", function, case_id, *args)

    def payer(function: str, *args: Any) -> Callable[[], None]:
        return partial(stage.act, "trader", "DebtLedger", function, rng.randbytes(32), case_id, *args)

    def step(late: bool) -> None:
        amount, duty, vat = (
            rng.choice((model.case.owed or 1, rng.randint(1, 150), rng.randint(1, 40))),
            rng.randint(0, 150),
            40,
        )
        now, version, declared = stage.now, model.version, model.case.declaration_version
        opened, due = max(0, declared + rng.choice((-1, 0, 1, 1))), now + 3000
        registry = partial(stage.act, "registry", "DebtLedger")
        charges = [{"code": b"CUD", "amount": duty}, {"code": b"VAT", "amount": vat}]
        cover = (version, guarantee, amount)
        acts: dict[str, tuple[int, Callable[[], None], Callable[[], None]]] = {
            "open": (2, partial(registry, "openCase", case_id, opened, trader, 0), partial(model.open, opened)),
            "bind": (4, partial(registry, "bindSecurity", case_id, not late), partial(model.bind, not late)),
            "close": (10 * late, partial(registry, "closeCase", case_id), model.close),
            "assess": (
                18,
                officer("assess", declared, version, charges, 207, NOTHING),
                partial(model.assess, duty, vat, now),
            ),
            "exempt": (2, officer("markExempt", declared, version, 212, NOTHING), model.exempt),
            "defer": (12, officer("defer", version, 0, due, NOTHING), partial(model.defer, due, now)),
            "recover": (8, officer("recover", version, 9, 213, NOTHING), partial(model.recover, 9, now)),
            "settle": (8, officer("settle", version), partial(model.settle, now)),
            "pay": (7, payer("pay", amount), partial(model.pay, amount, now)),
            "pay from prepaid": (
                8,
                payer("payFromPrepaid", trader, amount),
                partial(model.pay_from_prepaid, amount, now),
            ),
            "secure": (18, officer("secure", *cover, NOTHING), partial(model.secure, amount, now)),
            "free": (7, officer("freeSecurity", *cover, NOTHING), partial(model.free, amount, now)),
            "free by the debtor": (
                7,
                partial(stage.act, "trader", "DebtLedger", "freeSecurity", case_id, *cover, NOTHING),
                partial(model.free_all_spare, amount),
            ),
            "take back a call": (7, officer("takeBackCall", *cover, NOTHING), partial(model.take_back, amount)),
            "call": (7, officer("callGuarantee", *cover, 213, NOTHING), partial(model.call, amount, now)),
        }
        if rng.random() < 0.08:
            stage.let_pass(4000)
            return
        name = rng.choices(list(acts), [weight for weight, _, _ in acts.values()])[0]
        stage.both(f"{name} (amount {amount}, duty {duty})", *acts[name][1:])

    def compare() -> None:
        time = stage.ledger.reader.head().time
        instants = [time, model.case.due_at, model.case.due_at + 1]
        case, cover, prepaid, owed, credit, worth, calls, *states = stage.read(
            ("DebtLedger", "caseOf", (case_id,)),
            ("DebtLedger", "guaranteeOf", (guarantee,)),
            ("DebtLedger", "prepaidOf", (trader,)),
            ("DebtLedger", "owedOn", (case_id,)),
            ("DebtLedger", "creditOn", (case_id,)),
            ("DebtLedger", "guaranteeStateAt", (guarantee, time)),
            ("DebtLedger", "callsOf", (guarantee, case_id)),
            *(("DebtLedger", "stateOf", (case_id, instant)) for instant in instants),
        )
        stored = DebtCase(
            case["declarationVersion"], case["assessedVersion"], FiscalState(case["basis"]), case["closed"],
            case["dueAt"], *(case[name] for name in ("assessed", "paid", "refunded", "settled", "secured", "approved")),
        )  # fmt: skip
        assert (stored, case["version"], prepaid) == (model.case, model.version, model.prepaid)
        assert case["bound"] is model.bound
        assert (owed, credit) == (model.case.owed, model.case.credit)
        assert [FiscalState(state) for state in states] == [model.case.state(instant) for instant in instants]
        kept = [cover[name] for name in ("free", "reserved", "called", "pending")]
        assert kept == [model.cover.free, model.cover.reserved, model.cover.called, model.cover.pending]
        assert tuple(calls)[1:] == (model.called, model.called)
        assert GuaranteeState(worth) is model.cover.worth(time)

    return walk(stage, seed, 2 * ACTS, step, compare)


@pytest.mark.parametrize(
    ("walk_of", "refusals"),
    [
        (
            permit_walk,
            {
                "BelowUse", "NotEnoughAvailable", "NotEnoughReserved", "PermitNotUsable", "PermitStateForbids",
                "UseForbids",
            },
        ),
        (document_walk, {"NoTransition"}),
        (
            debt_walk,
            {
                "CaseIsClosed", "DefermentNotAllowed", "FiscalStateForbids", "NotEnoughCalled", "NotEnoughFree",
                "NotEnoughPrepaid", "NotEnoughSecured", "NothingOwed", "StillNeeded", "WrongVersion",
            },
        ),
    ],
)  # fmt: skip
def test_chain_and_twin_agree_act_by_act(
    stage: Stage, walk_of: Callable[[Stage, int], Counter[str]], refusals: set[str]
) -> None:
    told: Counter[str] = sum((walk_of(stage, seed) for seed in SEEDS), Counter())
    print(told)
    assert told["taken"] > len(SEEDS) * ACTS // 4, f"these walks hardly do anything: {told}"
    assert refusals <= set(told), f"never refused: {refusals - set(told)}"


def test_the_index_folds_what_was_done(stage: Stage, tmp_path: Path) -> None:
    """After the walks above: permits, documents, debts and guarantees as the contracts answer them."""
    with closing(Database(f"sqlite:///{tmp_path / 'folded.sqlite'}")) as database:
        agreed = compare_with_chain(stage.ledger.reader, database)
    assert all(agreed[kind] >= len(SEEDS) for kind in ("permit", "debt", "guarantee", "record"))
