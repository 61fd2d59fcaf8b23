"""Every error as an RFC 9457 problem, from one table: class → status and title.

A problem carries the error's stable `code`, where in the request it lies, whether asking again can help, and what the
error holds: all faults of a malformed input (code, path, text), or the name and arguments of a contract's own error.
"""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from api import places
from api.faults import fault_of
from api.strict import UnreadableError
from ledger.domain.errors import (
    ActRefused,
    Conflict,
    InProgress,
    LimitExceeded,
    Malformed,
    NotEntitled,
    NotFound,
    NotOpened,
    NotSignedIn,
    Refused,
    TamgaError,
    Tampered,
    TooMany,
    Unavailable,
)
from ledger.domain.plain import in_units
from ledger.domain.refusal import explain, reasons

PROBLEM_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 2
"""Told with every problem that passes by itself."""

PROBLEMS: Final[Mapping[type[TamgaError], tuple[int, str]]] = {
    Malformed: (422, "The request cannot be read"),
    LimitExceeded: (413, "The request is too large"),
    ActRefused: (409, "The contract refuses this act"),
    NotFound: (404, "Nothing is known under that id, or it is not for you to see"),
    NotSignedIn: (401, "Sign in first"),
    NotEntitled: (403, "Not allowed to you"),
    Conflict: (409, "This does not agree with what was done before"),
    InProgress: (409, "The same request is being worked on"),
    Refused: (403, "Not allowed"),
    Tampered: (502, "A source returned altered data"),
    NotOpened: (403, "Sealed for others"),
    TooMany: (429, "Too much of yours is at work"),
    Unavailable: (503, "A source does not answer"),
    TamgaError: (500, "Internal error"),
}
"""Status and title of each class; a class that is not listed takes its nearest parent's."""

STATUS_CODES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("not_http", "The request is not HTTP"),
    404: ("no_such_path", "There is nothing at this path"),
    405: ("method_not_allowed", "This path does not take this method"),
    408: ("timeout", "The request did not come in time"),
    413: ("limit_exceeded", "The request is too large"),
    429: ("rate_limited", "Too many requests"),
    415: ("unsupported_media_type", "The request's media type is not taken here"),
    504: ("timeout", "The request took too long"),
}
"""Code and title of problems that come from HTTP itself."""
OTHER: Final = ("http_error", "The request failed")
"""Those of a status that is not listed."""


def codes() -> set[str]:
    """Every code that a problem can have."""
    return {error.code for error in PROBLEMS} | {code for code, _ in (*STATUS_CODES.values(), OTHER)}


def problem_of(error: TamgaError, *, path: str = places.WHOLE) -> dict[str, Any]:
    """The problem document of an error; `path` is where in the request it lies, see `places.place_of`."""
    status, title = next(PROBLEMS[c] for c in type(error).__mro__ if c in PROBLEMS)
    problem = _document(status, error.code, title, str(error), path=path, retryable=error.retryable)
    match error:
        case Malformed():
            problem["faults"] = [{"code": f.code, "path": f.path, "text": f.text} for f in error.faults]
        case ActRefused():
            problem["detail"] = explain(error)
            problem["error"] = _refusal(error)
            if error.others:
                problem["others"] = [_refusal(other) for other in error.others]
        case LimitExceeded():
            problem["limit"] = error.limit
        case Unavailable():
            problem["detail"] = error.told
        case _:
            pass
    return problem


def http_problem(status: int, detail: str) -> dict[str, Any]:
    """The problem document of an HTTP status without an error of ours."""
    code, title = STATUS_CODES.get(status, OTHER)
    path = places.OF_STATUS.get(status, places.WHOLE)
    return _document(status, code, title, detail, path=path, retryable=status in (408, 429, 504))


def respond(problem: Mapping[str, Any], *, retry_after_s: int = RETRY_AFTER_S) -> JSONResponse:
    """A problem as a response."""
    headers = {"Retry-After": str(retry_after_s)} if problem["retryable"] else {}
    if problem["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(dict(problem), problem["status"], headers, PROBLEM_TYPE)


def install(app: FastAPI) -> None:
    """Answer every failure of `app` with a problem."""

    @app.exception_handler(TamgaError)
    async def of_ours(request: Request, error: TamgaError) -> JSONResponse:
        return respond(problem_of(error, path=places.place_of(error, request)))

    @app.exception_handler(RequestValidationError)
    async def of_validation(request: Request, error: RequestValidationError) -> JSONResponse:
        return await of_ours(request, Malformed(*map(fault_of, error.errors())))

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error, UnreadableError):
            return await of_ours(request, error.error)
        if error.status_code == 404:
            return respond(http_problem(404, "nothing is served at this path; GET /openapi.json lists all that is"))
        if error.status_code == 405:
            taken = ", ".join(sorted(_methods_at(app, request.url.path)))
            answer = respond(http_problem(405, f"{request.method} is not taken at this path, only {taken}"))
            answer.headers["Allow"] = taken
            return answer
        return respond(http_problem(error.status_code, str(error.detail)))

    @app.exception_handler(Exception)
    async def of_a_fault(_: Request, __: Exception) -> JSONResponse:
        return respond(problem_of(TamgaError("a fault of this facade's own; its log tells more")))  # and is logged


def _methods_at(app: FastAPI, path: str) -> set[str]:
    """Every method that a path takes: the router itself names those of one of its routes only."""
    routes = [route for route in iter_route_contexts(app.routes) if route.path_regex.match(path)]
    methods = {method for route in routes for method in route.methods or ()}
    return methods | ({"HEAD"} if "GET" in methods else set())  # see `api.heads`


def _refusal(error: ActRefused) -> dict[str, Any]:
    return {
        "name": error.error,
        "text": explain(error),
        "arguments": in_units(error.error, error.arguments),
        "reasons": reasons(error),
    }


def _document(status: int, code: str, title: str, detail: str, *, path: str, retryable: bool) -> dict[str, Any]:
    return {
        "type": f"urn:tamga:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "path": path,
        "retryable": retryable,
    }
