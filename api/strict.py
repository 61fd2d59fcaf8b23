"""Nothing unknown is taken: query parameters and form fields that a route does not have are refused.

So is one that stands twice. JSON bodies are held to it by their shapes.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from starlette.datastructures import FormData, ImmutableMultiDict

from ledger.domain.errors import Fault, Malformed

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


async def nothing_unknown(request: Request) -> None:
    """Refuse what the route does not know. For every route: a dependency of the application itself."""
    dependant: Dependant | None = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None:
        return
    faults = _faults(request.query_params, _names(dependant, "query_params"), "query")
    fields = _names(dependant, "body_params")
    if fields and _is_form(request, dependant):
        form: FormData = await request.form()  # parsed before, and kept by the request
        faults += _faults(form, fields, "body")
    if faults:
        raise Malformed(*faults)


def _faults(given: ImmutableMultiDict[str, Any], known: Sequence[str], where: str) -> list[Fault]:
    names = [name for name, _ in given.multi_items()]
    unknown = [Fault("unknown_field", f"/{where}/{n}", "there is no such field") for n in sorted({*names} - {*known})]
    twice = [n for n in known if names.count(n) > 1]
    return unknown + [Fault("given_twice", f"/{where}/{n}", "this stands more than once") for n in twice]


def _names(dependant: Dependant, kind: str) -> list[str]:
    own = [field.alias for field in getattr(dependant, kind)]
    return own + [name for each in dependant.dependencies for name in _names(each, kind)]


def _is_form(request: Request, dependant: Dependant) -> bool:
    is_form = any(isinstance(field.field_info, Form) for field in dependant.body_params)
    return is_form and request.headers.get("content-type", "").startswith(FORMS)
