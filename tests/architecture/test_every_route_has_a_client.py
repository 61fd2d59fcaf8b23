"""What HTTP offers, the Python client and the commands offer too.

given every route of the application
  it should be named here with the client's method and the command that cover it, or with why it has none
  each method and command that is named should be there
"""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from api.access import declared_routes
from api.app import create
from ledger.bootstrap.interfaces import every_act
from ledger.cli.commands import load
from ledger.cli.looking import PATHS
from ledger.client import LISTS, Client


class Covered(NamedTuple):
    """By which method of the client, and which command."""

    method: str
    command: str


LISTED = Covered("listed", "list")
BY_PLAIN_HTTP = {("GET", "/health/live"), ("GET", "/metrics")}
"""Asked by what watches a process, in its own protocol."""
ROUTES: Mapping[tuple[str, str], Covered] = {
    ("POST", "/v1/session/nonce"): Covered("sign_in", "who"),
    ("POST", "/v1/session"): Covered("sign_in", "who"),
    ("GET", "/v1/session"): Covered("who", "who"),
    ("DELETE", "/v1/session"): Covered("sign_out", "who"),
    ("POST", "/v1/verify"): Covered("verify", "verify"),
    ("POST", "/v1/verify/many"): Covered("verify_many", "verify"),
    ("GET", "/v1/declarations/{case}"): Covered("state", "show declaration"),
    ("GET", "/v1/declarations/{case}/history"): Covered("history", "history"),
    ("GET", "/v1/declarations/{case}/responses"): Covered("responses", "responses"),
    ("GET", "/v1/declarations/{case}/versions"): Covered("versions", "show versions"),
    ("GET", "/v1/declarations/{case}/held"): Covered("held", "why"),
    ("GET", "/v1/permits/{permit}"): Covered("state", "show permit"),
    ("GET", "/v1/permits/{permit}/history"): Covered("history", "history"),
    ("GET", "/v1/documents/{record}/history"): Covered("history", "history"),
    ("GET", "/v1/documents/{issuer}/{record}"): Covered("state", "show document"),
    **{("GET", f"/v1/{what}"): LISTED for what in LISTS},
    ("GET", "/v1/participants/{participant}/keys"): LISTED,
    ("GET", "/v1/participants/{participant}"): Covered("participant", "show participant"),
    ("GET", "/v1/accounts/{participant}"): Covered("account", "show account"),
    ("GET", "/v1/accounts/{participant}/statement"): Covered("statement", "statement"),
    ("GET", "/v1/settlement/supply"): Covered("supply", "supply"),
    ("GET", "/v1/audit/compromised-keys/{key}/acts"): Covered("acts_of_compromised", "history"),
    ("GET", "/v1/services"): Covered("services", "services"),
    ("POST", "/v1/duty/calculate"): Covered("duty", "duty"),
    ("POST", "/v1/lodgements"): Covered("lodge", "lodge"),
    ("GET", "/v1/contradictions"): Covered("contradictions", "contradictions"),
    ("GET", "/v1/contradictions/events"): Covered("contradictions_found", "contradictions"),
    ("POST", "/v1/prepare"): Covered("prepare", "act"),
    ("POST", "/v1/acts"): Covered("relay", "act"),
    ("GET", "/v1/acts/{act_id}"): Covered("act", "show act"),
    ("GET", "/v1/acts/{act_id}/events"): Covered("follow", "act"),
    ("GET", "/v1/events"): Covered("events", "follow"),
    ("POST", "/v1/webhooks"): Covered("add_webhook", "webhook add"),
    ("GET", "/v1/webhooks"): Covered("webhooks", "webhook list"),
    ("POST", "/v1/webhooks/{webhook}/replay"): Covered("replay_webhook", "webhook replay"),
    ("DELETE", "/v1/webhooks/{webhook}"): Covered("remove_webhook", "webhook remove"),
    ("GET", "/health/ready"): Covered("ready", "status"),
}
OFFERED = {(method, str(route.path)) for route in declared_routes(create()) for method in route.methods or ()}
OWN_OF_ACTS = {("POST", f"/v1/acts/{each.contract}/{each.function}") for each in every_act()}
"""The same as `POST /v1/prepare`, with the act's own fields."""


def test_every_route_is_named() -> None:
    assert set(ROUTES) | OWN_OF_ACTS | BY_PLAIN_HTTP == OFFERED


@pytest.mark.parametrize("covered", sorted(set(ROUTES.values())))
def test_what_is_named_is_there(covered: Covered) -> None:
    assert callable(getattr(Client, covered.method))
    name, _, rest = covered.command.partition(" ")
    found = load(name)
    if name == "show":
        assert rest in {str(kind) for kind in PATHS}
    elif rest:
        assert rest in found.commands
