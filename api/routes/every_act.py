"""One route for each act of each contract, made from the contracts' own interfaces.

`POST /v1/acts/DeclarationRegistry/release` prepares a release; its request has the act's own fields, its answer what to
sign. Nothing is written: the signed act goes to `POST /v1/acts`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.access import SignedInDep
from api.act_shapes import shape_of
from api.deps import FacadeDep
from api.places import under
from api.schemas.acts import MAX_VALID_FOR_S, PreparedOut
from api.schemas.base import Shape
from api.strict import StrictRoute
from ledger.bootstrap.facade import Facade
from ledger.bootstrap.interfaces import DescribedAct, every_act
from ledger.domain.caller import Caller

router = APIRouter(tags=["acts"], route_class=StrictRoute)

ValidFor = Annotated[int, Query(ge=1, le=MAX_VALID_FOR_S, description="Time left to carry it [s].")]


def prepared(
    facade: Facade, caller: Caller, contract: str, function: str, given: Mapping[str, Any], valid_for_s: int
) -> PreparedOut:
    """The act to sign, in the name of the signed-in key, with what would make it fail now.

    Raises:
        NotFound: No such act; or what it is about is not there, or not for the caller to know of.
        Malformed: Arguments that are missing, unknown or do not fit; all of them.
        Unavailable: No node.
    """
    unseen = partial(facade.subjects.unseen, caller)
    args = facade.acts.complete(contract, function, given, caller.key, unseen=unseen)
    act = facade.acts.prepare(contract, function, args, caller.key, valid_for_s=valid_for_s, simulate=False)
    return PreparedOut.of(act, facade.acts.objections(act, unseen=unseen))


def _endpoint(act: DescribedAct, shape: type[Shape]) -> Callable[..., PreparedOut]:
    def endpoint(facade: FacadeDep, caller: SignedInDep, wanted: Any, valid_for_s: ValidFor = 900) -> PreparedOut:
        with under("/body"):
            return prepared(
                facade, caller, act.contract, act.function, wanted.model_dump(exclude_none=True), valid_for_s
            )

    endpoint.__annotations__["wanted"] = shape
    return endpoint


def _description(act: DescribedAct) -> str:
    """What it does, what the contract says of it, and that nothing is done yet."""
    law = [f"In the contract's words: {act.notice}"] if act.notice else []
    last = "Writes nothing: sign what is answered, and send it to `POST /v1/acts`."
    return "\n\n".join([act.meaning, *law, last])


def _add(act: DescribedAct) -> None:
    name = f"{act.contract}{act.function[0].upper()}{act.function[1:]}"
    shape = shape_of(f"{name}In", act.parameters)
    router.add_api_route(
        f"/v1/acts/{act.contract}/{act.function}",
        _endpoint(act, shape),
        methods=["POST"],
        summary=f"Prepare: {act.contract}.{act.function}",
        description=_description(act),
        operation_id=name,
        response_model=PreparedOut,
    )


for _act in every_act():
    _add(_act)
