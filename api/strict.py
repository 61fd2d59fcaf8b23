"""Nothing unknown is taken: query parameters and form fields that a route does not have are refused.

So is one that stands twice, and a body of another media type than the route's. JSON bodies are held to it by their
shapes, and read as strictly as documents are: `json` of the standard library takes a key twice, and NaN.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, ImmutableMultiDict
from starlette.exceptions import HTTPException

from api.faults import fault_of
from ledger.domain import canonical
from ledger.domain.errors import Fault, Malformed, TamgaError
from ledger.domain.limits import MAX_JSON_BODY_BYTES

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
JSON: Final = "application/json"
PLAIN: Final = "identity"
"""The only coding of bodies that is taken: what is packed small may be large."""
SYNTAX: Final = frozenset({"syntax", "trailing_bytes", "utf8"})
"""Faults of a text that is no JSON, as against JSON that is not taken."""


class UnreadableError(HTTPException):
    """A body that cannot be read: whatever else is raised while one is read, FastAPI answers 400 itself.

    Attributes:
        error: What is wrong with it.
    """

    def __init__(self, error: TamgaError) -> None:
        self.error = error
        super().__init__(422, str(error))


class StrictRequest(Request):
    """A request whose JSON is read strictly, and whose forms are at fault in words of ours."""

    async def form(self, **limits: Any) -> FormData:  # type: ignore[override]  # it is awaited here, never entered
        """The body. Raises `UnreadableError`."""
        try:
            return await super().form(**limits)
        except HTTPException as error:
            raise UnreadableError(Malformed(Fault("not_a_form", "/body", error.detail))) from error

    async def json(self) -> Any:
        """The body. Raises `UnreadableError`."""
        try:
            return canonical.loads(await self.body(), max_bytes=MAX_JSON_BODY_BYTES)
        except Malformed as error:
            raise UnreadableError(Malformed(*map(_of_body, error.faults))) from error
        except TamgaError as error:
            raise UnreadableError(error) from error


class StrictRoute(APIRoute):
    """A route that takes bodies of its own media type alone. All of ours are; a test holds it.

    Attributes:
        media_types: Those that it takes, if it reads its body itself; else its parameters say which.
    """

    media_types: tuple[str, ...] = ()

    def get_route_handler(self) -> Handler:
        """The route's handler, behind the checks."""
        handle = self.checked(super().get_route_handler())
        taken = self.media_types
        if self.body_field is not None:
            taken = FORMS if isinstance(self.body_field.field_info, Form) else (JSON,)

        async def strictly(request: Request) -> Response:
            if taken and _has_body(request) and not _is_one_of(taken, request):
                raise HTTPException(415, f"the body has to be {' or '.join(taken)}, and its Content-Type has to say so")
            if request.headers.get("content-encoding", PLAIN) != PLAIN:
                raise HTTPException(415, "the body has to be sent as it is, without a Content-Encoding")
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly

    def checked(self, handle: Handler) -> Handler:
        """What answers a request that passed the checks: `handle`, FastAPI's own, which reads all parameters."""
        return handle


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _is_one_of(taken: Sequence[str], request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = media_type.startswith("application/") and media_type.endswith("+json")
    return media_type in taken or (is_json and JSON in taken)


def _of_body(fault: Fault) -> Fault:
    return Fault("not_json" if fault.code in SYNTAX else fault.code, f"/body{fault.path}", fault.text)


async def nothing_unknown(request: Request) -> None:
    """Refuse what the route does not know. For every route: a dependency of the application itself."""
    dependant: Dependant | None = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None:
        return
    queries, fields = _fields(dependant, "query_params"), _fields(dependant, "body_params")
    form = await request.form() if fields and _is_form(request, dependant) else None  # parsed before, and kept
    faults = _faults(request.query_params, queries, "query") + ([] if form is None else _faults(form, fields, "body"))
    if faults:  # what is wrong with the fields that it knows is told with them, not after they were mended
        _, others = request_params_to_args(queries, request.query_params)
        if form is not None:
            others += (await request_body_to_args(fields, form, embed_body_fields=True))[1]
        raise Malformed(*map(fault_of, others), *faults)


def _faults(given: ImmutableMultiDict[str, Any], fields: Sequence[Any], where: str) -> list[Fault]:
    names, known = [name for name, _ in given.multi_items()], [field.alias for field in fields]
    text = f"there is no such field; there are {', '.join(known)}" if known else "there is no such field"
    unknown = [Fault("unknown_field", f"/{where}/{n}", text) for n in sorted({*names} - {*known})]
    twice = [n for n in known if names.count(n) > 1]
    return unknown + [Fault("given_twice", f"/{where}/{n}", "this stands more than once") for n in twice]


def _fields(dependant: Dependant, kind: str) -> list[Any]:
    own: list[Any] = list(getattr(dependant, kind))
    return own + [field for each in dependant.dependencies for field in _fields(each, kind)]


def _is_form(request: Request, dependant: Dependant) -> bool:
    is_form = any(isinstance(field.field_info, Form) for field in dependant.body_params)
    return is_form and request.headers.get("content-type", "").startswith(FORMS)
