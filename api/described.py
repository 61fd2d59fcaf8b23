"""What FastAPI leaves out of the interface's contract.

Every problem under its own media type, and the statuses with which an operation really answers; 304 where answers are
tagged; sign-in that is optional as optional; and the lines of `POST /v1/verify/many`, which OpenAPI 3.1 describes one
by one; and how one answer leads to the next request.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from api import access
from api.errors import PROBLEM_TYPE, PROBLEMS, STATUS_CODES
from api.links import link
from api.routes.verify_many import NDJSON
from api.schemas.lines import JudgedLineOut, LineIn
from api.schemas.problems import ProblemOut
from api.tagged import Tagged
from ledger.domain.errors import Conflict, Malformed, NotEntitled, NotFound, NotSignedIn, Unavailable

REFS: Final = "#/components/schemas/{model}"
LINES: Final = ("/v1/verify/many", "post")
EVENT_STREAM: Final = "text/event-stream"
IF_NONE_MATCH: Final[Mapping[str, Any]] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "`ETag` of an answer that the caller has: 304 if it still stands.",
    "schema": {"type": "string"},
}
ETAG: Final[Mapping[str, Any]] = {
    "description": "Tag of this answer, whatever block it was read at.",
    "schema": {"type": "string"},
}


def complete(spec: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    """`spec` as FastAPI made it of `app`, with what it left out."""
    for route in access.declared_routes(app):
        for method in route.methods or ():
            operation = spec["paths"][route.path][method.lower()]
            if access.rights_of(route) == [access.caller.__name__]:
                # FastAPI lists the scheme alone; the empty requirement says that none is enough.
                operation["security"] = [{}, {access.BEARER.scheme_name: []}]
            for parameter in operation.get("parameters", ()):
                if parameter["schema"].get("type") == "array":
                    parameter |= {"style": "form", "explode": False}  # one text, with commas between
            is_stream = EVENT_STREAM in operation["responses"].get("200", {}).get("content", {})
            if method == "GET" and isinstance(route.original_route, Tagged) and not is_stream:
                _tagged(operation)
            if (route.path, method.lower()) == LINES:
                _of_lines(operation, spec)
            for status, titles in _problems(operation, access.rights_of(route)):
                spec["components"].setdefault("responses", {})[f"Problem{status}"] = _problem(titles)
                operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
            operation["responses"]["default"] |= _problem("A problem")
    link(spec)
    return spec


def _problems(operation: Mapping[str, Any], rights: list[str]) -> Iterator[tuple[str, str]]:
    """Status and description of the problems that an operation answers with."""
    parameters = [(each["in"], each["name"]) for each in operation.get("parameters", ())]
    if "security" in operation:
        yield _of(NotSignedIn)
    if rights == [access.signed_in.__name__]:
        yield _of(NotEntitled)
    if any(place == "path" for place, _ in parameters):
        yield _of(NotFound)
    if ("header", "Idempotency-Key") in parameters:
        yield _of(Conflict)
    if "requestBody" in operation:
        yield "413", STATUS_CODES[413][1]
        yield "415", STATUS_CODES[415][1]
    yield _of(Malformed)  # every operation refuses parameters that it does not have
    yield "429", STATUS_CODES[429][1]
    yield _of(Unavailable)


def _of(error: type[Exception]) -> tuple[str, str]:
    """Status and title of an error; of all that have the same status."""
    status = next(found for kind, (found, _) in PROBLEMS.items() if kind is error)
    titles = dict.fromkeys(title for found, title in PROBLEMS.values() if found == status)
    return str(status), "; ".join(titles)


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": REFS.format(model=ProblemOut.__name__)}
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": schema}}}


def _tagged(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(dict(IF_NONE_MATCH))
    operation["responses"]["200"]["headers"] = {"ETag": dict(ETAG)}
    operation["responses"]["304"] = {"description": "Not modified since", "headers": {"ETag": dict(ETAG)}}


def _of_lines(operation: dict[str, Any], spec: dict[str, Any]) -> None:
    _, made = models_json_schema([(LineIn, "validation"), (JudgedLineOut, "serialization")], ref_template=REFS)
    spec["components"]["schemas"] |= made["$defs"]
    taken, given = (
        {NDJSON: {"schema": {"$ref": REFS.format(model=kind.__name__)}}} for kind in (LineIn, JudgedLineOut)
    )
    operation["requestBody"] = {"required": True, "description": "One such object a line.", "content": taken}
    operation["responses"]["200"] = {"description": "One such object a line, in order.", "content": given}
