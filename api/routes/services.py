"""What anybody may ask: which services there are, and what duty would be owed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from fastapi import APIRouter

from api.access import Anyone
from api.deps import FacadeDep
from api.places import under
from api.schemas.base import BlockOut
from api.schemas.duty import DutyIn, DutyItemOut, DutyOut, GoodsIn, charges_out, minor, money
from api.schemas.rows import CodeListOut
from api.schemas.services import PassportOut, PassportsOut
from api.tagged import Tagged
from ledger.bootstrap.facade import Facade
from ledger.domain.duty import Tariff, charges_of_item, totals
from ledger.domain.errors import Fault, Malformed, NotFound
from ledger.domain.plain import instant
from ledger.domain.tariff import TariffTable, read_tariff
from ledger.ports.state_store import Row
from ledger.services.queries import Moment

router = APIRouter(tags=["services"], route_class=Tagged)


@router.get("/v1/services", summary="Service passports", dependencies=[Anyone])
def services(facade: FacadeDep) -> PassportsOut:
    """Every service of this ledger: owner, legal basis, inputs, result, fee, deadline, sign-in means, version."""
    return PassportsOut(services=[PassportOut.of(passport) for passport in facade.passports])


@router.post("/v1/duty/calculate", summary="What duty would be owed", dependencies=[Anyone])
def calculate(facade: FacadeDep, asked: DutyIn) -> DutyOut:
    """Duty, excise and VAT of goods items, by given rates or by the table in force at the date of acceptance.

    The table's document is sent along; it is used only if the rule book names its hash.
    """
    if asked.tariff is None and asked.as_of is not None:
        text = "given rates are the same at any time: a date of acceptance needs the table that was in force then"
        raise Malformed(Fault("missing", "/body/tariff", text))
    found = None if asked.tariff is None else _in_force(facade, asked.tariff, asked)
    table = None if found is None else found.table
    items = [
        charges_of_item(item.goods(), replace(_rates(item, table, index), most_favoured=item.most_favoured))
        for index, item in enumerate(asked.items)
    ]
    summed = totals(items, fee=minor(asked.fee))
    all_in_force = table is not None and all(item.rates is None for item in asked.items)
    return DutyOut(
        rates="IN_FORCE" if all_in_force else "GIVEN",
        as_of=None if found is None else BlockOut.of(found.moment.block),
        tariff=None if found is None else CodeListOut.of(found.row, found.moment, facade.names),
        items=[
            DutyItemOut(number=number, charges=charges_out(charges), total=money(sum(charges.values())))
            for number, charges in enumerate(items, 1)
        ],
        charges=charges_out(summed),
        total=money(sum(summed.values())),
    )


def _rates(item: GoodsIn, table: TariffTable | None, index: int) -> Tariff:
    if item.rates is not None:
        return item.rates.tariff()
    if table is None:
        raise Malformed(Fault("missing", f"/body/items/{index}/rates", "give rates, or a tariff"))
    try:
        return table.of(item.commodity)
    except NotFound as error:
        raise Malformed(Fault("no_rate", f"/body/items/{index}/commodity", str(error))) from error


class _InForce(NamedTuple):
    """A table of rates, and where the rule book names it."""

    table: TariffTable
    row: Row
    moment: Moment


def _in_force(facade: Facade, tariff: Mapping[str, Any], asked: DutyIn) -> _InForce:
    with under("/body"):
        table = read_tariff(tariff)
    moment = facade.queries.moment(None if asked.as_of is None else instant(asked.as_of, path="/body/as_of"))
    row = facade.queries.row(f"code_list:{asked.code_list}", moment)
    named = row.state["digest"]
    if named != table.digest:
        told = f"its hash is 0x{table.digest.hex()}, the rule book names 0x{named.hex()}"
        raise Malformed(Fault("not_in_force", "/body/tariff", told))
    return _InForce(table, row, moment)
