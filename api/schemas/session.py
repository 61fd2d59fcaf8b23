"""Sign-in."""

from typing import Final

from pydantic import Field
from pydantic.config import JsonDict

from api.schemas.base import ADDRESS, HEX, Shape, address
from ledger.domain.caller import Caller
from ledger.domain.ids import Address
from ledger.domain.limits import MAX_SIGN_IN_MESSAGE_BYTES, MAX_SIGNATURE_BYTES
from ledger.domain.plain import rfc3339
from ledger.domain.siwe import SignInMessage
from ledger.services.signing_in import Session

KEY_EXAMPLE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


SIGN_IN_EXAMPLE: Final[JsonDict] = {
    "message": (
        "facade.example wants you to sign in with your Ethereum account:\n"
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n"
        "\n"
        "Sign in to read what the ledger lets you read. This signs no act.\n"
        "\n"
        "URI: https://facade.example\n"
        "Version: 1\n"
        "Chain ID: 7421\n"
        "Nonce: 7e2a52a6d1f04a3c\n"
        "Issued At: 2026-11-23T09:00:00Z\n"
        "Expiration Time: 2026-11-23T09:10:00Z"
    ),
    "signature": "0x" + "1a" * 64 + "1b",
}


class ChallengeIn(Shape, json_schema_extra={"examples": [{"address": KEY_EXAMPLE}]}):
    """Who wants to sign in."""

    address: str = Field(pattern=ADDRESS, description="Key that will sign.")

    def key(self) -> Address:
        """The key. Raises `Malformed` for a wrong checksum."""
        return address(self.address, "/body/address")


class ChallengeOut(Shape):
    """What to sign."""

    message: str = Field(description="EIP-4361 message, to be signed as it is (`personal_sign`, EIP-191).")
    nonce: str = Field(description="Counts once.")
    domain: str = Field(description="Authority of this facade.")
    uri: str = Field(description="Address of this facade.")
    chain_id: int
    expires_at: str = Field(description="Until when the message counts, RFC 3339 UTC.")

    @classmethod
    def of(cls, message: SignInMessage) -> "ChallengeOut":
        """The shape of a challenge."""
        return cls(
            message=message.text(),
            nonce=message.nonce,
            domain=message.domain,
            uri=message.uri,
            chain_id=message.chain_id,
            expires_at=rfc3339(message.expires_at or message.issued_at),
        )


class SignInIn(Shape, json_schema_extra={"examples": [SIGN_IN_EXAMPLE]}):
    """A signed message."""

    message: str = Field(min_length=1, max_length=MAX_SIGN_IN_MESSAGE_BYTES, description="As it was signed.")
    signature: str = Field(
        pattern=HEX,
        min_length=4,
        max_length=2 + 2 * MAX_SIGNATURE_BYTES,
        description="r, s, v; or what an organisation's wallet takes (ERC-1271). 0x hex.",
    )

    def signature_bytes(self) -> bytes:
        """The signature itself."""
        return bytes.fromhex(self.signature[2:])


class CallerOut(Shape):
    """A signed-in key and its authority now."""

    key: str
    participant: int = Field(description="In whose name it acts.")
    roles: list[str] = Field(description="What it may do.", examples=[["CUSTOMS_OFFICER"]])
    office: int | None = Field(description="Customs office; null for none.")

    @classmethod
    def of(cls, caller: Caller) -> "CallerOut":
        """The shape of a caller."""
        return cls(
            key=caller.key,
            participant=caller.participant,
            roles=list(caller.roles.names),
            office=caller.office or None,
        )


class SessionOut(Shape):
    """A session."""

    token: str = Field(description="To be sent as `Authorization: Bearer …`. It is told this once.")
    expires_at: str = Field(description="When it ends, RFC 3339 UTC.")
    caller: CallerOut

    @classmethod
    def of(cls, session: Session) -> "SessionOut":
        """The shape of a session."""
        return cls(token=session.token, expires_at=rfc3339(session.expires_at), caller=CallerOut.of(session.caller))
