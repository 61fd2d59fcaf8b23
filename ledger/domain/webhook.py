"""Webhooks: how a delivery is signed, and when it is tried again. Pure.

Headers and signature are those of the Standard Webhooks specification (v1, symmetric): `webhook-id`,
`webhook-timestamp`, `webhook-signature: v1,<base64 of HMAC-SHA256(secret, id.timestamp.body)>`, secrets shown as
`whsec_<base64>`. A receiver that took a `webhook-id` has had what is in a delivery with the same one.
"""

import base64
import hashlib
import hmac
from typing import Final

from ledger.domain.hashing import digest

SECRET_BYTES: Final = 32
SHOWN_AS: Final = "whsec_"
FIRST_WAIT_S: Final = 5
LONGEST_WAIT_S: Final = 3_600
"""Between two tries at most: an hour, so that a receiver that comes back is served within one."""
MAX_TRIES: Final = 100
"""About four days at an hour each; then the webhook is paused until its owner resumes it. Nothing is lost meanwhile."""


def shown_secret(secret: bytes) -> str:
    """A secret as its owner is told it."""
    return SHOWN_AS + base64.b64encode(secret).decode()


def delivery_id(webhook: str, body: bytes) -> str:
    """Id of a delivery: the same in each try, and in a replay, as long as the same is told.

    What the webhook's owner may see can change meanwhile: with the id of a place, what it had not seen would be taken
    for something that it had before.
    """
    return digest(webhook.encode() + body).hex()[:32]


def signed_headers(secret: bytes, delivery: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Headers of one delivery.

    Args:
        secret: The webhook's secret.
        delivery: Id of the delivery, see `delivery_id`.
        timestamp: When it is sent [unix s]; a receiver refuses one that is far off.
        body: What is sent.
    """
    content = b".".join((delivery.encode(), str(timestamp).encode(), body))
    signature = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def wait_s(tries: int) -> int:
    """How long to wait after so many failed tries in a row, from 1 [s]: doubling, bounded."""
    return int(min(FIRST_WAIT_S * 2 ** min(tries - 1, 20), LONGEST_WAIT_S))
