"""How one answer leads to the next request (OpenAPI 3.1, Link Object).

From a nonce to a session, from a prepared act to its carrying and to what becomes of it, from a list to what is in it.
"""

from collections.abc import Mapping
from typing import Any, Final

from api.schemas.acts import PreparedOut

REFS: Final = "#/components/links/{name}"

Link = tuple[str, Mapping[str, str], str | Mapping[str, str] | None]
"""Operation that it leads to, as method and path; its parameters and its body, as runtime expressions."""

ACT: Final = "GET /v1/acts/{act_id}"
CARRY: Final = "POST /v1/acts"
DECLARATION: Final = "GET /v1/declarations/{case}"
PERMIT: Final = "GET /v1/permits/{permit}"
ACCOUNT: Final = "GET /v1/accounts/{participant}"
REPLAY: Final = "POST /v1/webhooks/{webhook}/replay"
END: Final = "DELETE /v1/webhooks/{webhook}"


def _value(place: str) -> str:
    """What stands at a place (RFC 6901) of the answer."""
    return f"$response.body#{place}"


LINKS: Final[Mapping[str, Link]] = {
    "SignIn": ("POST /v1/session", {}, {"message": _value("/message")}),
    "Carry": (CARRY, {}, _value("/act")),
    "Follow": (ACT, {"act_id": _value("/act_id")}, None),
    "CarryFirst": (CARRY, {}, _value("/acts/0/act")),
    "FollowFirst": (ACT, {"act_id": _value("/acts/0/act_id")}, None),
    "Replay": (REPLAY, {"webhook": _value("/webhook/id")}, None),
    "End": (END, {"webhook": _value("/webhook/id")}, None),
    "ReplayFirst": (REPLAY, {"webhook": _value("/webhooks/0/id")}, None),
    "EndFirst": (END, {"webhook": _value("/webhooks/0/id")}, None),
    "Own": ("GET /v1/participants/{participant}", {"participant": _value("/participant")}, None),
    "OwnAccount": (ACCOUNT, {"participant": _value("/participant")}, None),
    "Newest": (DECLARATION, {"case": _value("/items/0/case")}, None),
    "NewestHistory": (f"{DECLARATION}/history", {"case": _value("/items/0/case")}, None),
    "NewestVersions": (f"{DECLARATION}/versions", {"case": _value("/items/0/case")}, None),
    "NewestHeld": (f"{DECLARATION}/held", {"case": _value("/items/0/case")}, None),
    "NewestResponses": (f"{DECLARATION}/responses", {"case": _value("/items/0/case")}, None),
    "NewestPermit": (PERMIT, {"permit": _value("/items/0/permit")}, None),
    "NewestPermitHistory": (f"{PERMIT}/history", {"permit": _value("/items/0/permit")}, None),
    "NewestStatus": (
        "GET /v1/documents/{issuer}/{record}",
        {"issuer": _value("/items/0/issuer/id"), "record": _value("/items/0/record_id")},
        None,
    ),
}
"""By name. What a link's body leaves out, a signature first of all, is for the client to add."""

NEWEST: Final = ("Newest", "NewestHistory", "NewestVersions", "NewestHeld", "NewestResponses")
FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "POST /v1/session/nonce": ("SignIn",),
    "GET /v1/session": ("Own", "OwnAccount"),
    "POST /v1/acts": ("Follow",),
    "POST /v1/lodgements": ("CarryFirst", "FollowFirst"),
    "POST /v1/webhooks": ("Replay", "End"),
    "GET /v1/webhooks": ("ReplayFirst", "EndFirst"),
    "GET /v1/declarations": NEWEST,
    "GET /v1/debts": NEWEST[:1],
    "GET /v1/permits": ("NewestPermit", "NewestPermitHistory"),
    "GET /v1/document-statuses": ("NewestStatus",),
}
"""Where a link begins. Whatever prepares an act leads to `Carry` and `Follow` beside."""


def link(spec: dict[str, Any]) -> None:
    """Add the links to an interface's description."""
    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    }
    spec["components"]["links"] = {name: _described(operations, *found) for name, found in LINKS.items()}
    for name, operation in operations.items():
        status = next(each for each in operation["responses"] if each.startswith("2"))
        begin = FROM.get(name, ("Carry", "Follow") if _prepares(operation) else ())
        if begin:
            operation["responses"][status]["links"] = {each: {"$ref": REFS.format(name=each)} for each in begin}


def _described(
    operations: Mapping[str, Any], target: str, parameters: Mapping[str, str], body: str | Mapping[str, str] | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": operations[target]["operationId"]}
    if parameters:
        found["parameters"] = dict(parameters)
    if body is not None:
        found["requestBody"] = body if isinstance(body, str) else dict(body)
    return found


def _prepares(operation: Mapping[str, Any]) -> bool:
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return bool(content.get("schema", {}).get("$ref", "").endswith(f"/{PreparedOut.__name__}"))
