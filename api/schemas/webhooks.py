"""Webhooks: what they tell, and how it goes with them."""

from enum import StrEnum

from pydantic import Field

from api.cursors import write_cursor
from api.schemas.base import Shape
from ledger.domain.plain import rfc3339
from ledger.domain.webhook import shown_secret
from ledger.ports.webhook_store import Webhook
from ledger.services.webhooks import MAX_URL_CHARS

PLACE = "^[0-9]{1,15}([.][0-9]{1,9})?$"
PLACES = "The `id` of an event of that kind; `0.0` for the first act of all, `0` for the first contradiction."


class Tells(StrEnum):
    """What a webhook tells."""

    ACTS = "acts"
    CONTRADICTIONS = "contradictions"


class WebhookIn(Shape, json_schema_extra={"examples": [{"url": "https://agency.example/hook", "after": "0.0"}]}):
    """Where to tell what happens."""

    tells: Tells = Field(Tells.ACTS, description="Acts as they become final, or contradictions as they are found.")
    url: str = Field(
        max_length=MAX_URL_CHARS, pattern="^[!-~]*$", description="An address that the facade's operator allows."
    )
    after: str | None = Field(
        None,
        pattern=PLACE,
        description=f"{PLACES} If not given, acts are told from now on, contradictions from the first.",
    )


class ReplayIn(Shape, json_schema_extra={"examples": [{"after": "42.3"}]}):
    """From where to tell a webhook everything again."""

    after: str = Field(pattern=PLACE, description=PLACES)


class WebhookOut(Shape):
    """A webhook, and how it goes with it."""

    id: str
    url: str
    tells: Tells
    served: str | None = Field(description="`id` of an event: everything up to there was told.")
    failed_tries: int = Field(description="Failed tries in a row.")
    next_try: str | None = Field(description="When it is tried again after a failure, RFC 3339 UTC.")
    trouble: str | None = Field(description="What the last try met.")
    paused: bool = Field(description="It waits until its owner has it replayed.")

    @classmethod
    def of(cls, webhook: Webhook, tells: Tells) -> "WebhookOut":
        """The shape of a webhook."""
        return cls(
            id=webhook.id,
            url=webhook.url,
            tells=tells,
            served=write_cursor(webhook.served) if tells is Tells.ACTS else _place_of(webhook),
            failed_tries=webhook.tries,
            next_try=rfc3339(webhook.next_try) if webhook.tries else None,
            trouble=webhook.trouble or None,
            paused=webhook.paused,
        )


class NewWebhookOut(Shape):
    """A webhook just registered."""

    webhook: WebhookOut
    secret: str = Field(description="Signs deliveries as Standard Webhooks v1 lays down: `whsec_` and base64.")

    @classmethod
    def of(cls, webhook: Webhook, tells: Tells) -> "NewWebhookOut":
        """The shape of a new webhook."""
        return cls(webhook=WebhookOut.of(webhook, tells), secret=shown_secret(webhook.secret))


class WebhooksOut(Shape):
    """Webhooks of the signed-in key."""

    webhooks: list[WebhookOut]


def _place_of(webhook: Webhook) -> str | None:
    return None if webhook.served is None else str(webhook.served[0])
