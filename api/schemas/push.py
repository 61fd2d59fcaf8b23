"""Acts as they are told to those who asked to be told."""

from pydantic import Field

from api.cursors import write_cursor
from api.schemas.base import Shape
from api.schemas.ledger import ActEntry
from ledger.domain.plain import rfc3339
from ledger.domain.profiles import Names
from ledger.domain.webhook import shown_secret
from ledger.ports.webhook_store import Webhook
from ledger.services.feed import position_of
from ledger.services.history import Act
from ledger.services.webhooks import MAX_URL_CHARS

CURSOR = "^[0-9]{1,15}[.][0-9]{1,9}$"
WHERE = "Cursor: the `id` of an event, or `0.0` for the first act of all."


class EventOut(Shape):
    """One act, with the cursor behind it."""

    id: str = Field(description="Cursor of this act; each act has its own, for ever.", examples=["42.3"])
    act: ActEntry

    @classmethod
    def of(cls, act: Act, names: Names) -> "EventOut":
        """The shape of an act that is told."""
        return cls(id=str(write_cursor(position_of(act.event))), act=ActEntry.of(act, names))


class SeenOut(Shape):
    """How far the facade looked through the chain for this reader."""

    through: str = Field(description="Cursor: nothing for this reader lies before it that was not told.")


class WebhookIn(Shape, json_schema_extra={"examples": [{"url": "https://agency.example/hook", "after": "0.0"}]}):
    """Where to tell what happens."""

    url: str = Field(
        max_length=MAX_URL_CHARS, pattern="^[!-~]*$", description="An address that the facade's operator allows."
    )
    after: str | None = Field(None, pattern=CURSOR, description=f"{WHERE} From now on, if not given.")


class ReplayIn(Shape, json_schema_extra={"examples": [{"after": "42.3"}]}):
    """From where to tell a webhook everything again."""

    after: str = Field(pattern=CURSOR, description=WHERE)


class WebhookOut(Shape):
    """A webhook, and how it goes with it."""

    id: str
    url: str
    served: str | None = Field(description="Cursor: everything up to here was told.")
    failed_tries: int = Field(description="Failed tries in a row.")
    next_try: str | None = Field(description="When it is tried again after a failure, RFC 3339 UTC.")
    trouble: str | None = Field(description="What the last try met.")
    paused: bool = Field(description="It waits until its owner has it replayed.")

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookOut":
        """The shape of a webhook."""
        return cls(
            id=webhook.id,
            url=webhook.url,
            served=write_cursor(webhook.served),
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
    def of(cls, webhook: Webhook) -> "NewWebhookOut":
        """The shape of a new webhook."""
        return cls(webhook=WebhookOut.of(webhook), secret=shown_secret(webhook.secret))


class WebhooksOut(Shape):
    """Webhooks of the signed-in key."""

    webhooks: list[WebhookOut]
