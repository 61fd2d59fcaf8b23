"""The links of the interface's description: each leads from a value that is answered to an operation that takes it."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create

CONTRACT: Any = create().openapi()
OPERATIONS = {
    operation["operationId"]: (path, method, operation)
    for path, operations in CONTRACT["paths"].items()
    for method, operation in operations.items()
}


def links() -> Iterator[tuple[str, str, str]]:
    """Operation that answers, status, and the link's name."""
    for name, (_, _, operation) in OPERATIONS.items():
        for status, answer in operation["responses"].items():
            for reference in answer.get("links", {}).values():
                yield name, status, reference["$ref"].rpartition("/")[2]


def resolved(schema: Any) -> Any:
    """The shape itself, of what is named, or is null as well."""
    while True:
        if "$ref" in schema:
            schema = CONTRACT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
        else:
            return schema


def at(schema: Any, expression: str) -> Any:
    """The shape of what a runtime expression names in an answer of this shape."""
    place = expression.removeprefix("$response.body#/")
    assert place != expression, expression
    for step in place.split("/"):
        schema = resolved(schema)
        schema = schema["items"] if step == "0" else schema["properties"][step]
    return resolved(schema)


def test_what_the_trade_follows_is_linked() -> None:
    found = {(OPERATIONS[name][0], link) for name, _, link in links()}
    assert found >= {
        ("/v1/session/nonce", "SignIn"),
        ("/v1/prepare", "Carry"),
        ("/v1/prepare", "Follow"),
        ("/v1/acts/DeclarationRegistry/lodge", "Carry"),
        ("/v1/acts", "Follow"),
        ("/v1/lodgements", "CarryFirst"),
        ("/v1/webhooks", "Replay"),
        ("/v1/webhooks", "EndFirst"),
        ("/v1/declarations", "NewestHeld"),
    }
    assert {link for _, _, link in links()} == CONTRACT["components"]["links"].keys()


@pytest.mark.parametrize("link", CONTRACT["components"]["links"])
def test_a_link_leads_from_what_is_answered_to_what_takes_it(link: str) -> None:
    described = CONTRACT["components"]["links"][link]
    _, _, target = OPERATIONS[described["operationId"]]
    taken = {parameter["name"] for parameter in target.get("parameters", ()) if parameter["in"] == "path"}
    assert described.get("parameters", {}).keys() == taken
    for name, status, found in links():
        if found != link:
            continue
        answer = OPERATIONS[name][2]["responses"][status]["content"]["application/json"]["schema"]
        for expression in described.get("parameters", {}).values():
            assert at(answer, expression)["type"] in ("string", "integer")
        body = described.get("requestBody")
        if body is None:
            continue
        given = at(answer, body)["properties"] if isinstance(body, str) else body
        wanted = resolved(target["requestBody"]["content"]["application/json"]["schema"])["properties"]
        assert given.keys() <= wanted.keys()
        if isinstance(body, dict):
            assert all(at(answer, expression)["type"] == "string" for expression in body.values())
